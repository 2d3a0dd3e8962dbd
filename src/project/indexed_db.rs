//! Projects in the browser's IndexedDB.

use idb::TransactionMode;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::{Change, PictureId, ProjectStore, project_suffix};
use crate::features::StoreError;
use crate::features::indexed_db::{HEADS, IndexedDb, PICTURES, PROJECTS, failure, finish};

/// A picture's key: IndexedDB orders arrays element by element.
fn key_of(project: u32, picture: PictureId) -> JsValue {
    Array::of2(&project.into(), &picture.into()).into()
}

fn bytes_of(value: JsValue) -> Option<Vec<u8>> {
    value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec())
}

impl ProjectStore for IndexedDb {
    async fn projects(&self) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
        let transaction = self.begin(&[PROJECTS], TransactionMode::ReadOnly)?;
        let store = transaction.object_store(PROJECTS).map_err(failure)?;
        let keys = store.get_all_keys(None, None).map_err(failure)?;
        let values = store.get_all(None, None).map_err(failure)?;
        let keys = keys.await.map_err(failure)?;
        let values = values.await.map_err(failure)?;
        let projects = keys.into_iter().zip(values);
        Ok(projects.filter_map(|(key, value)| Some((key.as_f64()? as u32, bytes_of(value)?))).collect())
    }

    async fn pictures(&self, project: u32, ids: &[PictureId]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let transaction = self.begin(&[PICTURES], TransactionMode::ReadOnly)?;
        let store = transaction.object_store(PICTURES).map_err(failure)?;
        let mut requests = Vec::with_capacity(ids.len());
        for &id in ids {
            requests.push(store.get(key_of(project, id)).map_err(failure)?);
        }
        let mut pictures = Vec::with_capacity(ids.len());
        for request in requests {
            pictures.push(request.await.map_err(failure)?.and_then(bytes_of));
        }
        Ok(pictures)
    }

    async fn change(&self, project: u32, change: &Change<'_>) -> Result<(), StoreError> {
        let transaction = self.begin(&[PROJECTS, PICTURES, HEADS], TransactionMode::ReadWrite)?;
        let projects = transaction.object_store(PROJECTS).map_err(failure)?;
        let pictures = transaction.object_store(PICTURES).map_err(failure)?;
        let heads = transaction.object_store(HEADS).map_err(failure)?;
        let number = JsValue::from(project);
        let stored = projects.get(number.clone()).map_err(failure)?.await.map_err(failure)?;
        if stored.and_then(bytes_of).as_deref() != change.before {
            return Err(StoreError::Changed);
        }
        let work = async {
            match change.after {
                Some(after) => projects.put(&Uint8Array::from(after), Some(&number))?.await.map(drop)?,
                None => {
                    projects.delete(number)?.await?;
                    for key in pictures.get_all_keys(None, None)?.await? {
                        let of = Array::from(&key).get(0).as_f64();
                        if of == Some(f64::from(project)) {
                            pictures.delete(key)?.await?;
                        }
                    }
                    let suffix = project_suffix(project);
                    for key in heads.get_all_keys(None, None)?.await? {
                        if key.as_string().is_some_and(|name| name.ends_with(&suffix)) {
                            heads.delete(key)?.await?;
                        }
                    }
                }
            }
            for (id, png) in &change.add {
                pictures.put(&Uint8Array::from(png.as_slice()), Some(&key_of(project, *id)))?.await?;
            }
            for &id in &change.delete {
                pictures.delete(key_of(project, id))?.await?;
            }
            Ok(())
        };
        let done: Result<(), idb::Error> = work.await;
        // A request that failed has aborted the transaction: nothing of the change is stored.
        finish(transaction, &projects, done).await
    }
}
