//! Projects in the browser's IndexedDB.

use idb::TransactionMode;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::{Change, PictureId, ProjectStore, project_suffix};
use crate::features::StoreError;
use crate::features::indexed_db::{HEADS, IndexedDb, PICTURES, PROJECTS, Transaction, failure};

/// A picture's key: IndexedDB orders arrays element by element.
fn key_of(project: u32, picture: PictureId) -> JsValue {
    Array::of2(&project.into(), &picture.into()).into()
}

fn bytes_of(value: JsValue) -> Option<Vec<u8>> {
    value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec())
}

impl ProjectStore for IndexedDb {
    async fn projects(&self) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
        let work = async |at: &Transaction| {
            let [projects] = at.stores()?;
            let keys = projects.get_all_keys(None, None).map_err(failure)?;
            let values = projects.get_all(None, None).map_err(failure)?;
            Ok((keys.await.map_err(failure)?, values.await.map_err(failure)?))
        };
        let (keys, values) = self.database.run(&[PROJECTS], TransactionMode::ReadOnly, work).await?;
        let projects = keys.into_iter().zip(values);
        Ok(projects.filter_map(|(key, value)| Some((key.as_f64()? as u32, bytes_of(value)?))).collect())
    }

    async fn pictures(&self, project: u32, ids: &[PictureId]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let keys: Vec<JsValue> = ids.iter().map(|&id| key_of(project, id)).collect();
        let work = async move |at: &Transaction| {
            let [pictures] = at.stores()?;
            let mut requests = Vec::with_capacity(keys.len());
            for key in &keys {
                requests.push(pictures.get(key.clone()).map_err(failure)?);
            }
            let mut found = Vec::with_capacity(requests.len());
            for request in requests {
                found.push(request.await.map_err(failure)?.and_then(bytes_of));
            }
            Ok(found)
        };
        self.database.run(&[PICTURES], TransactionMode::ReadOnly, work).await
    }

    async fn change(&self, project: u32, change: &Change<'_>) -> Result<(), StoreError> {
        let number = JsValue::from(project);
        let before = change.before.map(<[u8]>::to_vec);
        let after = change.after.map(<[u8]>::to_vec);
        let add: Vec<(JsValue, Uint8Array)> = change
            .add
            .iter()
            .map(|(id, png)| (key_of(project, *id), Uint8Array::from(png.as_slice())))
            .collect();
        let delete: Vec<JsValue> = change.delete.iter().map(|&id| key_of(project, id)).collect();
        let work = async move |at: &Transaction| {
            let [projects, pictures, heads] = at.stores()?;
            let stored = projects.get(number.clone()).map_err(failure)?.await.map_err(failure)?;
            let stored = stored.and_then(bytes_of);
            if stored != before {
                // It was done, and only its answer was lost.
                return if at.again && stored == after { Ok(()) } else { Err(StoreError::Changed) };
            }
            let done = async {
                match &after {
                    Some(after) => {
                        projects.put(&Uint8Array::from(after.as_slice()), Some(&number))?.await.map(drop)?;
                    }
                    None => {
                        projects.delete(number.clone())?.await?;
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
                for (key, png) in &add {
                    pictures.put(png, Some(key))?.await?;
                }
                for key in &delete {
                    pictures.delete(key.clone())?.await?;
                }
                Ok(())
            };
            // A request that failed has aborted the transaction: nothing of the change is stored.
            done.await.map_err(failure)
        };
        self.database.run(&[PROJECTS, PICTURES, HEADS], TransactionMode::ReadWrite, work).await
    }
}
