//! Features in the browser's IndexedDB.
//!
//! Six object stores: `records` holds the features of several images as one `Blob` of
//! little-endian float16 (a blob is written and read about twice as fast as an array
//! buffer; where the browser takes none, as in WebKit's private windows, it is a `Uint8Array`), `index`
//! holds what is in each record under the same number, so that looking
//! up what is there reads no features, and `heads` holds trained heads by name. `projects` holds
//! projects by number, `pictures` their PNG files by project and picture, and `hashes` the pictures' identities
//! likewise; `project::indexed_db` reads and writes those.

use half::f16;
use idb::{ObjectStore, TransactionMode};
use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

use super::{FeatureSpace, FeatureStore, ImageHash, Record, StoreError, project_of};
use crate::protocol::{decode, encode, f16_to_bytes};

mod database;
mod value;

pub(crate) use database::{Database, Schema, Transaction, failure};
pub(crate) use value::bytes;

const RECORDS: &str = "records";
const INDEX: &str = "index";
pub(crate) const HEADS: &str = "heads";
pub(crate) const PROJECTS: &str = "projects";
pub(crate) const PICTURES: &str = "pictures";
pub(crate) const HASHES: &str = "hashes";

const SCHEMA: Schema = Schema {
    name: "bottleneck",
    version: 3,
    stores: &[
        (RECORDS, true),
        (INDEX, false),
        (HEADS, false),
        (PROJECTS, false),
        (PICTURES, false),
        (HASHES, false),
    ],
    strict: &[HEADS, PROJECTS],
};

/// What a record holds: the value in the object store `index`, encoded with postcard.
#[derive(Serialize, Deserialize)]
struct IndexEntry {
    space: FeatureSpace,
    images: Vec<ImageHash>,
    /// Length of the record in bytes.
    bytes: u64,
    /// CRC-32 of the record.
    checksum: u32,
}

/// The browser's store.
pub struct IndexedDb {
    pub(crate) database: Database,
}

impl IndexedDb {
    /// Opens the store, and makes it where it is not there yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the browser refuses, as some do in private windows, or does not answer.
    pub async fn open() -> Result<Self, StoreError> {
        Ok(Self { database: Database::open(&SCHEMA).await? })
    }
}

impl FeatureStore for IndexedDb {
    async fn records(&self) -> Result<Vec<Record>, StoreError> {
        let work = async |at: &Transaction| {
            let [index] = at.stores()?;
            let keys = index.get_all_keys(None, None).map_err(failure)?;
            let values = index.get_all(None, None).map_err(failure)?;
            Ok((keys.await.map_err(failure)?, values.await.map_err(failure)?))
        };
        let (keys, values) = self.database.run(&[INDEX], TransactionMode::ReadOnly, work).await?;
        let records = keys.iter().zip(values.iter()).filter_map(|(key, value)| {
            let bytes = value.dyn_ref::<Uint8Array>()?.to_vec();
            let IndexEntry { space, images, bytes, .. } = decode(&bytes).ok()?;
            Some(Record { number: key.as_f64()? as u64, space, images, bytes })
        });
        Ok(records.collect())
    }

    async fn write(
        &self,
        space: &FeatureSpace,
        images: &[ImageHash],
        values: &[f16],
        replacing: &[u64],
    ) -> Result<u64, StoreError> {
        let bytes = f16_to_bytes(values);
        let entry = IndexEntry {
            space: space.clone(),
            images: images.to_vec(),
            bytes: bytes.len() as u64,
            checksum: crc32fast::hash(bytes),
        };
        let entry = encode(&entry).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let (bytes, entry) = (Uint8Array::from(bytes), Uint8Array::from(entry.as_slice()));
        let replacing: Vec<JsValue> = replacing.iter().map(|&record| key(record)).collect();
        let work = async move |at: &Transaction| {
            let [records, index] = at.stores()?;
            let value = at.value(&bytes)?;
            let written = async {
                let number = records.put(&value, None)?.await?;
                index.put(&entry, Some(&number))?.await?;
                for replaced in &replacing {
                    index.delete(replaced.clone())?.await?;
                    records.delete(replaced.clone())?.await?;
                }
                Ok(number)
            };
            let number = written.await.map_err(failure)?.as_f64().map(|number| number as u64);
            number.ok_or_else(|| StoreError::Unavailable("a record without a number".to_owned()))
        };
        self.database.run(&[RECORDS, INDEX], TransactionMode::ReadWrite, work).await
    }

    async fn read(&self, record: u64) -> Result<Vec<f16>, StoreError> {
        let damaged = move |why: &str| StoreError::Damaged(format!("record {record}: {why}"));
        let work = async move |at: &Transaction| {
            let [records, index] = at.stores()?;
            let entry = index.get(key(record)).map_err(failure)?;
            let value = records.get(key(record)).map_err(failure)?;
            let entry = entry.await.map_err(failure)?.ok_or(StoreError::Changed)?;
            let value = value.await.map_err(failure)?.ok_or_else(|| damaged("no features"))?;
            let entry = entry.dyn_into::<Uint8Array>().map_err(|_| damaged("no entry"))?;
            let entry: IndexEntry = decode(&entry.to_vec()).map_err(|error| damaged(&error.to_string()))?;
            Ok((bytes(value, entry.bytes).await.map_err(damaged)?, entry))
        };
        let (bytes, entry) = self.database.run(&[RECORDS, INDEX], TransactionMode::ReadOnly, work).await?;
        if u64::from(bytes.length()) != entry.bytes || !entry.bytes.is_multiple_of(2) {
            return Err(damaged("its length is wrong"));
        }
        // Straight into place: it is the largest thing that is ever read.
        let mut values = vec![f16::ZERO; bytes.length() as usize / size_of::<f16>()];
        bytes.copy_to(bytemuck::cast_slice_mut(&mut values));
        match crc32fast::hash(f16_to_bytes(&values)) == entry.checksum {
            true => Ok(values),
            false => Err(damaged("its checksum is wrong")),
        }
    }

    async fn forget(&self, record: u64) -> Result<(), StoreError> {
        let work = async move |at: &Transaction| {
            let [records, index] = at.stores()?;
            index.delete(key(record)).map_err(failure)?.await.map_err(failure)?;
            records.delete(key(record)).map_err(failure)?.await.map_err(failure)
        };
        self.database.run(&[RECORDS, INDEX], TransactionMode::ReadWrite, work).await
    }

    async fn clear(&self) -> Result<(), StoreError> {
        let work = async |at: &Transaction| {
            let [records, index] = at.stores()?;
            index.clear().map_err(failure)?.await.map_err(failure)?;
            records.clear().map_err(failure)?.await.map_err(failure)
        };
        self.database.run(&[RECORDS, INDEX], TransactionMode::ReadWrite, work).await
    }

    async fn write_head(&self, name: &str, head: &[u8]) -> Result<(), StoreError> {
        let (project, name, head) = (project_of(name), JsValue::from(name), Uint8Array::from(head));
        let work = async move |at: &Transaction| {
            let [heads, projects] = at.stores()?;
            check_project(projects, project).await?;
            heads.put(&head, Some(&name)).map_err(failure)?.await.map(drop).map_err(failure)
        };
        self.database.run(&[HEADS, PROJECTS], TransactionMode::ReadWrite, work).await
    }

    async fn exchange_head(&self, name: &str, before: Option<&[u8]>, after: &[u8]) -> Result<(), StoreError> {
        let project = project_of(name);
        let (name, before, after) = (JsValue::from(name), before.map(<[u8]>::to_vec), after.to_vec());
        let work = async move |at: &Transaction| {
            let [heads, projects] = at.stores()?;
            check_project(projects, project).await?;
            let stored = heads.get(name.clone()).map_err(failure)?.await.map_err(failure)?;
            let stored = stored.and_then(|value| value.dyn_into::<Uint8Array>().ok());
            let stored = stored.map(|bytes| bytes.to_vec());
            if stored != before {
                // It was done, and only its answer was lost.
                let done = at.again && stored.as_ref() == Some(&after);
                return if done { Ok(()) } else { Err(StoreError::Changed) };
            }
            let bytes = Uint8Array::from(after.as_slice());
            heads.put(&bytes, Some(&name)).map_err(failure)?.await.map(drop).map_err(failure)
        };
        self.database.run(&[HEADS, PROJECTS], TransactionMode::ReadWrite, work).await
    }

    async fn drop_head(&self, name: &str) -> Result<(), StoreError> {
        let name = JsValue::from(name);
        let work = async move |at: &Transaction| {
            let [heads] = at.stores()?;
            heads.delete(name.clone()).map_err(failure)?.await.map_err(failure)
        };
        self.database.run(&[HEADS], TransactionMode::ReadWrite, work).await
    }

    async fn read_head(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let name = JsValue::from(name);
        let work = async move |at: &Transaction| {
            let [heads] = at.stores()?;
            heads.get(name.clone()).map_err(failure)?.await.map_err(failure)
        };
        let value = self.database.run(&[HEADS], TransactionMode::ReadOnly, work).await?;
        Ok(value.and_then(|value| value.dyn_into::<Uint8Array>().ok()).map(|bytes| bytes.to_vec()))
    }
}

/// Refuses what belongs to a project that is gone.
async fn check_project(projects: &ObjectStore, project: Option<u32>) -> Result<(), StoreError> {
    let Some(project) = project else { return Ok(()) };
    let found = projects.get(JsValue::from(project)).map_err(failure)?.await.map_err(failure)?;
    found.map(drop).ok_or(StoreError::Changed)
}

/// A record's key.
fn key(record: u64) -> JsValue {
    JsValue::from_f64(record as f64)
}
