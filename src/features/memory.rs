//! A store that lasts as long as the tab, for tests and where the browser's is closed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use half::f16;

use super::{FeatureSpace, FeatureStore, ImageHash, Location, StoreError, StoreSize};

/// One written record.
struct Record {
    space: FeatureSpace,
    images: Vec<ImageHash>,
    values: Vec<f16>,
    damaged: bool,
}

/// Features and heads in memory.
#[derive(Default)]
pub struct MemoryStore {
    records: RefCell<BTreeMap<u64, Record>>,
    pub(crate) heads: RefCell<HashMap<String, Vec<u8>>>,
    pub(crate) projects: RefCell<BTreeMap<u32, Vec<u8>>>,
    /// By project and picture.
    pub(crate) pictures: RefCell<BTreeMap<(u32, u32), Vec<u8>>>,
    written: Cell<u64>,
    pub(crate) capacity: Cell<Option<u64>>,
}

impl MemoryStore {
    /// Lets writing fail with [`StoreError::Full`] beyond so many bytes; `None` is no limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.capacity.set(bytes);
    }

    /// Lets reading this record fail, as where its checksum is wrong.
    pub fn damage(&self, record: u64) {
        if let Some(record) = self.records.borrow_mut().get_mut(&record) {
            record.damaged = true;
        }
    }
}

impl FeatureStore for MemoryStore {
    async fn index(&self, space: &FeatureSpace) -> Result<HashMap<ImageHash, Location>, StoreError> {
        let records = self.records.borrow();
        let of_space = records.iter().filter(|(_, record)| record.space == *space);
        Ok(of_space
            .flat_map(|(&number, record)| {
                record
                    .images
                    .iter()
                    .enumerate()
                    .map(move |(row, &hash)| (hash, Location { record: number, row }))
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
        let bytes = self.size().await?.bytes + values.len() as u64 * 2;
        if self.capacity.get().is_some_and(|capacity| bytes > capacity) {
            return Err(StoreError::Full);
        }
        let number = self.written.get() + 1;
        self.written.set(number);
        let record =
            Record { space: space.clone(), images: images.to_vec(), values: values.to_vec(), damaged: false };
        let mut records = self.records.borrow_mut();
        records.insert(number, record);
        replacing.iter().for_each(|replaced| drop(records.remove(replaced)));
        Ok(number)
    }

    async fn read(&self, record: u64) -> Result<Vec<f16>, StoreError> {
        match self.records.borrow().get(&record) {
            Some(found) if found.damaged => Err(StoreError::Damaged(format!("record {record}"))),
            Some(found) => Ok(found.values.clone()),
            None => Err(StoreError::Damaged(format!("record {record} is missing"))),
        }
    }

    async fn forget(&self, record: u64) -> Result<(), StoreError> {
        self.records.borrow_mut().remove(&record);
        Ok(())
    }

    async fn size(&self) -> Result<StoreSize, StoreError> {
        let records = self.records.borrow();
        Ok(StoreSize {
            images: records.values().map(|record| record.images.len() as u64).sum(),
            bytes: records.values().map(|record| record.values.len() as u64 * 2).sum(),
        })
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.records.borrow_mut().clear();
        Ok(())
    }

    async fn write_head(&self, name: &str, head: &[u8]) -> Result<(), StoreError> {
        self.heads.borrow_mut().insert(name.to_owned(), head.to_vec());
        Ok(())
    }

    async fn drop_head(&self, name: &str) -> Result<(), StoreError> {
        self.heads.borrow_mut().remove(name);
        Ok(())
    }

    async fn read_head(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.heads.borrow().get(name).cloned())
    }
}
