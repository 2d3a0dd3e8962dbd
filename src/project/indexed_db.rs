//! Projects in the browser's IndexedDB.

use std::collections::HashMap;

use idb::{KeyRange, ObjectStore, Query, TransactionMode};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::{Change, NewPicture, PictureId, ProjectStore};
use crate::features::indexed_db::{HASHES, HEADS, IndexedDb, PICTURES, PROJECTS, Transaction, failure};
use crate::features::{ImageHash, StoreError, project_suffix};

/// A picture's key: IndexedDB orders arrays element by element.
fn key_of(project: u32, picture: PictureId) -> JsValue {
    Array::of2(&project.into(), &picture.into()).into()
}

fn bytes_of(value: JsValue) -> Option<Vec<u8>> {
    value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec())
}

/// The keys of all pictures of a project: an array comes behind every number.
fn keys_of(project: u32) -> Result<Query, idb::Error> {
    let first = Array::of1(&project.into());
    let last = Array::of2(&project.into(), &Array::new());
    Ok(KeyRange::bound(&first, &last, None, None)?.into())
}

/// Project and picture of a key.
fn numbers_of(key: &JsValue) -> Option<(u32, PictureId)> {
    let key = key.dyn_ref::<Array>()?;
    Some((key.get(0).as_f64()? as u32, key.get(1).as_f64()? as u32))
}

/// What is put under a picture's key: its PNG file, and its identity.
fn records_of(project: u32, new: &[NewPicture]) -> Vec<(JsValue, Uint8Array, Uint8Array)> {
    let record = |picture: &NewPicture| {
        let [png, hash] = [picture.png.as_slice(), picture.hash.0.as_slice()].map(Uint8Array::from);
        (key_of(project, picture.id), png, hash)
    };
    new.iter().map(record).collect()
}

async fn put(
    pictures: &ObjectStore,
    hashes: &ObjectStore,
    records: &[(JsValue, Uint8Array, Uint8Array)],
) -> Result<(), idb::Error> {
    for (key, png, hash) in records {
        pictures.put(png, Some(key))?.await?;
        hashes.put(hash, Some(key))?.await?;
    }
    Ok(())
}

async fn delete_all(pictures: &ObjectStore, hashes: &ObjectStore, project: u32) -> Result<(), idb::Error> {
    pictures.delete(keys_of(project)?)?.await?;
    hashes.delete(keys_of(project)?)?.await?;
    Ok(())
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

    async fn hashes(&self, project: u32) -> Result<Vec<(PictureId, Option<ImageHash>)>, StoreError> {
        let work = async move |at: &Transaction| {
            let [pictures, hashes] = at.stores()?;
            let all = async {
                let stored = pictures.get_all_keys(Some(keys_of(project)?), None)?;
                let known = hashes.get_all_keys(Some(keys_of(project)?), None)?;
                let values = hashes.get_all(Some(keys_of(project)?), None)?;
                Ok((stored.await?, known.await?, values.await?))
            };
            let all: Result<_, idb::Error> = all.await;
            all.map_err(failure)
        };
        let names = &[PICTURES, HASHES];
        let (stored, known, values) = self.database.run(names, TransactionMode::ReadOnly, work).await?;
        let known = known.iter().zip(values).filter_map(|(key, value)| {
            let (_, id) = numbers_of(key)?;
            Some((id, ImageHash(bytes_of(value)?.try_into().ok()?)))
        });
        let known: HashMap<PictureId, ImageHash> = known.collect();
        let stored = stored.iter().filter_map(numbers_of);
        Ok(stored.map(|(_, id)| (id, known.get(&id).copied())).collect())
    }

    async fn remember(&self, project: u32, new: &[(PictureId, ImageHash)]) -> Result<(), StoreError> {
        let new = new.iter().map(|(id, hash)| (key_of(project, *id), Uint8Array::from(hash.0.as_slice())));
        let new: Vec<(JsValue, Uint8Array)> = new.collect();
        let work = async move |at: &Transaction| {
            let [hashes] = at.stores()?;
            for (key, hash) in &new {
                hashes.put(hash, Some(key)).map_err(failure)?.await.map_err(failure)?;
            }
            Ok(())
        };
        self.database.run(&[HASHES], TransactionMode::ReadWrite, work).await
    }

    async fn stage(&self, project: u32, new: &[NewPicture]) -> Result<(), StoreError> {
        let (new, number) = (records_of(project, new), JsValue::from(project));
        let work = async move |at: &Transaction| {
            let [projects, pictures, hashes] = at.stores()?;
            // Another tab may have made a project of this number meanwhile.
            if projects.get(number.clone()).map_err(failure)?.await.map_err(failure)?.is_some() {
                return Err(StoreError::Changed);
            }
            put(pictures, hashes, &new).await.map_err(failure)
        };
        self.database.run(&[PROJECTS, PICTURES, HASHES], TransactionMode::ReadWrite, work).await
    }

    async fn drop_staged(&self) -> Result<(), StoreError> {
        let work = async move |at: &Transaction| {
            let [projects, pictures, hashes] = at.stores()?;
            let done = async {
                let known = projects.get_all_keys(None, None)?.await?;
                let known: Vec<u32> = known.iter().filter_map(|key| Some(key.as_f64()? as u32)).collect();
                let mut left: Vec<u32> = Vec::new();
                for (project, _) in pictures.get_all_keys(None, None)?.await?.iter().filter_map(numbers_of) {
                    if left.last() != Some(&project) && !known.contains(&project) {
                        left.push(project);
                    }
                }
                for project in left {
                    delete_all(pictures, hashes, project).await?;
                }
                Ok(())
            };
            let done: Result<(), idb::Error> = done.await;
            done.map_err(failure)
        };
        self.database.run(&[PROJECTS, PICTURES, HASHES], TransactionMode::ReadWrite, work).await
    }

    async fn change(&self, project: u32, change: &Change<'_>) -> Result<(), StoreError> {
        let number = JsValue::from(project);
        let before = change.before.map(<[u8]>::to_vec);
        let after = change.after.map(<[u8]>::to_vec);
        let add = records_of(project, &change.add);
        let kept = change.heads.iter();
        let kept: Vec<(JsValue, Uint8Array)> =
            kept.map(|(name, head)| (JsValue::from(name), Uint8Array::from(head.as_slice()))).collect();
        let delete: Vec<JsValue> = change.delete.iter().map(|&id| key_of(project, id)).collect();
        let work = async move |at: &Transaction| {
            let [projects, pictures, hashes, heads] = at.stores()?;
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
                        delete_all(pictures, hashes, project).await?;
                        let suffix = project_suffix(project);
                        for key in heads.get_all_keys(None, None)?.await? {
                            if key.as_string().is_some_and(|name| name.ends_with(&suffix)) {
                                heads.delete(key)?.await?;
                            }
                        }
                    }
                }
                put(pictures, hashes, &add).await?;
                for (name, head) in &kept {
                    heads.put(head, Some(name))?.await?;
                }
                // To wait for each would take long for thousands.
                let mut requests = Vec::with_capacity(2 * delete.len());
                for key in &delete {
                    requests.push(pictures.delete(key.clone())?);
                    requests.push(hashes.delete(key.clone())?);
                }
                for request in requests {
                    request.await?;
                }
                Ok(())
            };
            // A request that failed has aborted the transaction: nothing of the change is stored.
            done.await.map_err(failure)
        };
        self.database.run(&[PROJECTS, PICTURES, HASHES, HEADS], TransactionMode::ReadWrite, work).await
    }
}
