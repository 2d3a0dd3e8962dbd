//! Features in the browser's IndexedDB.
//!
//! Five object stores: `records` holds the features of several images as one `Blob` of
//! little-endian float16 (a blob is written and read about twice as fast as an array
//! buffer), `index` holds what is in each record under the same number, so that looking
//! up what is there reads no features, and `heads` holds trained heads by name. `projects` holds
//! projects by number and `pictures` their PNG files by project and picture; `project::indexed_db`
//! reads and writes those.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use half::f16;
use idb::{
    DatabaseEvent, Factory, ObjectStore, ObjectStoreParams, Transaction, TransactionMode, TransactionResult,
};
use js_sys::{Array, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DomException, IdbDatabase};

use super::{FeatureSpace, FeatureStore, ImageHash, Location, StoreError, StoreSize};
use crate::protocol::{decode, encode, f16_to_bytes};

const DATABASE: &str = "bottleneck";
/// To be raised when the object stores change.
const VERSION: u32 = 2;
const RECORDS: &str = "records";
const INDEX: &str = "index";
pub(crate) const HEADS: &str = "heads";
pub(crate) const PROJECTS: &str = "projects";
pub(crate) const PICTURES: &str = "pictures";

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
    database: idb::Database,
    /// Whether a newer version of the page has taken the store over.
    taken: Rc<Cell<bool>>,
}

impl IndexedDb {
    /// Opens the store, and makes it where it is not there yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the browser refuses, as some do in private windows.
    pub async fn open() -> Result<Self, StoreError> {
        let mut request = Factory::new().map_err(failure)?.open(DATABASE, Some(VERSION)).map_err(failure)?;
        request.on_upgrade_needed(|event| {
            // A store that could not be made shows as an error of the first transaction.
            let Ok(database) = event.database() else { return };
            // Those of an earlier version stay as they are: making them again is refused.
            let stores =
                [(RECORDS, true), (INDEX, false), (HEADS, false), (PROJECTS, false), (PICTURES, false)];
            for (name, auto_increment) in stores {
                let mut params = ObjectStoreParams::new();
                params.auto_increment(auto_increment);
                let _ = database.create_object_store(name, params);
            }
        });
        let mut database = request.await.map_err(failure)?;
        let taken = Rc::new(Cell::new(false));
        // The newer version, in another tab, waits until all others let the store go.
        database.on_version_change({
            let taken = Rc::clone(&taken);
            move |event| {
                taken.set(true);
                if let Some(database) = event.target() {
                    database.unchecked_into::<IdbDatabase>().close();
                }
            }
        });
        Ok(Self { database, taken })
    }

    pub(crate) fn begin(&self, stores: &[&str], mode: TransactionMode) -> Result<Transaction, StoreError> {
        if self.taken.get() {
            return Err(StoreError::Taken);
        }
        self.database.transaction(stores, mode).map_err(failure)
    }

    pub(crate) fn read_from(&self, name: &str) -> Result<ObjectStore, StoreError> {
        self.begin(&[name], TransactionMode::ReadOnly)?.object_store(name).map_err(failure)
    }

    /// All index entries with their numbers; unreadable ones are left out.
    async fn entries(&self) -> Result<Vec<(u64, IndexEntry)>, StoreError> {
        let transaction = self.begin(&[INDEX], TransactionMode::ReadOnly)?;
        let store = transaction.object_store(INDEX).map_err(failure)?;
        let keys = store.get_all_keys(None, None).map_err(failure)?;
        let values = store.get_all(None, None).map_err(failure)?;
        let keys = keys.await.map_err(failure)?;
        let values = values.await.map_err(failure)?;
        let entries = keys.iter().zip(values.iter()).filter_map(|(key, value)| {
            let bytes = value.dyn_ref::<Uint8Array>()?.to_vec();
            Some((key.as_f64()? as u64, decode(&bytes).ok()?))
        });
        Ok(entries.collect())
    }
}

impl FeatureStore for IndexedDb {
    async fn index(&self, space: &FeatureSpace) -> Result<HashMap<ImageHash, Location>, StoreError> {
        let entries = self.entries().await?;
        let of_space = entries.iter().filter(|(_, entry)| entry.space == *space);
        Ok(of_space
            .flat_map(|(record, entry)| {
                let images = entry.images.iter().enumerate();
                images.map(|(row, &hash)| (hash, Location { record: *record, row }))
            })
            .collect())
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
        let parts = Array::of1(&Uint8Array::from(bytes));
        let blob = Blob::new_with_u8_array_sequence(&parts).map_err(|error| js_failure(&error))?;

        let transaction = self.begin(&[RECORDS, INDEX], TransactionMode::ReadWrite)?;
        let records = transaction.object_store(RECORDS).map_err(failure)?;
        let index = transaction.object_store(INDEX).map_err(failure)?;
        let written = async {
            let number = records.put(&blob, None)?.await?;
            index.put(&Uint8Array::from(entry.as_slice()), Some(&number))?.await?;
            for replaced in replacing {
                index.delete(JsValue::from_f64(*replaced as f64))?.await?;
                records.delete(JsValue::from_f64(*replaced as f64))?.await?;
            }
            Ok(number)
        };
        let number = finish(transaction, &records, written.await).await?;
        let number = number.as_f64().map(|number| number as u64);
        number.ok_or_else(|| StoreError::Unavailable("a record without a number".to_owned()))
    }

    async fn read(&self, record: u64) -> Result<Vec<f16>, StoreError> {
        let damaged = |why: &str| StoreError::Damaged(format!("record {record}: {why}"));
        let number = JsValue::from_f64(record as f64);
        let transaction = self.begin(&[RECORDS, INDEX], TransactionMode::ReadOnly)?;
        let index = transaction.object_store(INDEX).map_err(failure)?;
        let records = transaction.object_store(RECORDS).map_err(failure)?;
        let entry = index.get(number.clone()).map_err(failure)?;
        let blob = records.get(number).map_err(failure)?;
        let entry = entry.await.map_err(failure)?.ok_or_else(|| damaged("no entry"))?;
        let blob = blob.await.map_err(failure)?.ok_or_else(|| damaged("no features"))?;

        let entry = entry.dyn_into::<Uint8Array>().map_err(|_| damaged("no entry"))?;
        let entry: IndexEntry = decode(&entry.to_vec()).map_err(|error| damaged(&error.to_string()))?;
        let blob = blob.dyn_into::<Blob>().map_err(|_| damaged("no features"))?;
        let buffer = JsFuture::from(blob.array_buffer()).await.map_err(|_| damaged("it cannot be read"))?;
        let bytes = Uint8Array::new(&buffer);
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
        let number = JsValue::from_f64(record as f64);
        let transaction = self.begin(&[RECORDS, INDEX], TransactionMode::ReadWrite)?;
        let records = transaction.object_store(RECORDS).map_err(failure)?;
        let index = transaction.object_store(INDEX).map_err(failure)?;
        index.delete(number.clone()).map_err(failure)?.await.map_err(failure)?;
        records.delete(number).map_err(failure)?.await.map_err(failure)?;
        commit(transaction, &records).await
    }

    async fn size(&self) -> Result<StoreSize, StoreError> {
        let entries = self.entries().await?;
        Ok(StoreSize {
            images: entries.iter().map(|(_, entry)| entry.images.len() as u64).sum(),
            bytes: entries.iter().map(|(_, entry)| entry.bytes).sum(),
        })
    }

    async fn clear(&self) -> Result<(), StoreError> {
        let transaction = self.begin(&[RECORDS, INDEX], TransactionMode::ReadWrite)?;
        let records = transaction.object_store(RECORDS).map_err(failure)?;
        let index = transaction.object_store(INDEX).map_err(failure)?;
        index.clear().map_err(failure)?.await.map_err(failure)?;
        records.clear().map_err(failure)?.await.map_err(failure)?;
        commit(transaction, &records).await
    }

    async fn write_head(&self, name: &str, head: &[u8]) -> Result<(), StoreError> {
        let transaction = self.begin(&[HEADS], TransactionMode::ReadWrite)?;
        let heads = transaction.object_store(HEADS).map_err(failure)?;
        let put = heads.put(&Uint8Array::from(head), Some(&name.into())).map_err(failure)?;
        finish(transaction, &heads, put.await).await.map(drop)
    }

    async fn drop_head(&self, name: &str) -> Result<(), StoreError> {
        let transaction = self.begin(&[HEADS], TransactionMode::ReadWrite)?;
        let heads = transaction.object_store(HEADS).map_err(failure)?;
        let delete = heads.delete(JsValue::from(name)).map_err(failure)?;
        finish(transaction, &heads, delete.await).await
    }

    async fn read_head(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let request = self.read_from(HEADS)?.get(JsValue::from(name)).map_err(failure)?;
        let value = request.await.map_err(failure)?;
        Ok(value.and_then(|value| value.dyn_into::<Uint8Array>().ok()).map(|bytes| bytes.to_vec()))
    }
}

/// Waits until the transaction is on disk, where none of its `requests` failed. One that did
/// has aborted it, and its end may have been told before anybody could listen. `store` is any store
/// of it.
pub(crate) async fn finish<T>(
    transaction: Transaction,
    store: &ObjectStore,
    requests: Result<T, idb::Error>,
) -> Result<T, StoreError> {
    match requests {
        Ok(value) => commit(transaction, store).await.map(|()| value),
        Err(error) => Err(match store.transaction().error() {
            Some(exception) => dom_failure(&exception),
            None => failure(error),
        }),
    }
}

/// Waits until the transaction is on disk. `store` is any store of it, through which the
/// reason of an abort can still be read afterwards.
pub(crate) async fn commit(transaction: Transaction, store: &ObjectStore) -> Result<(), StoreError> {
    let same = store.transaction();
    match transaction.await.map_err(failure)? {
        TransactionResult::Committed => Ok(()),
        TransactionResult::Aborted => Err(match same.error() {
            Some(exception) => dom_failure(&exception),
            None => StoreError::Unavailable("the transaction was aborted".to_owned()),
        }),
    }
}

pub(crate) fn failure(error: idb::Error) -> StoreError {
    match &error {
        idb::Error::DomException(exception) => dom_failure(exception),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

pub(crate) fn js_failure(value: &JsValue) -> StoreError {
    match value.dyn_ref::<DomException>() {
        Some(exception) => dom_failure(exception),
        None => StoreError::Unavailable(format!("{value:?}")),
    }
}

/// `QuotaExceededError` is what every browser calls a full disk or share of it.
fn dom_failure(exception: &DomException) -> StoreError {
    if exception.name() == "QuotaExceededError" {
        StoreError::Full
    } else {
        StoreError::Unavailable(format!("{}: {}", exception.name(), exception.message()))
    }
}
