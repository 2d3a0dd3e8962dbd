//! A store that lasts as long as the tab, for tests and where the browser's is closed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};

use half::f16;

use super::{FeatureSpace, FeatureStore, ImageHash, Record, StoreError, project_of};

/// One written record.
#[derive(Clone)]
struct Written {
    space: FeatureSpace,
    images: Vec<ImageHash>,
    values: Vec<f16>,
    damaged: bool,
}

/// Features and heads in memory.
#[derive(Clone, Default)]
pub struct MemoryStore {
    records: RefCell<BTreeMap<u64, Written>>,
    pub(crate) heads: RefCell<HashMap<String, Vec<u8>>>,
    pub(crate) projects: RefCell<BTreeMap<u32, Vec<u8>>>,
    /// By project and picture.
    pub(crate) pictures: RefCell<BTreeMap<(u32, u32), Vec<u8>>>,
    /// Their identities.
    pub(crate) hashes: RefCell<BTreeMap<(u32, u32), ImageHash>>,
    written: Cell<u64>,
    overtaken: Cell<u32>,
    capacity: Cell<Option<u64>>,
    /// Whether it takes the place of a store on the disk.
    of_a_tab: bool,
}

/// Bytes of features and pictures that a tab holds, at the most: half of what all memories of the page together
/// may have, so that a training has the other half.
const OF_A_TAB: u64 = 512 << 20;

impl MemoryStore {
    /// A store for where the browser's cannot be used. It takes as much as a tab may hold, and says
    /// [`StoreError::Memory`] beyond.
    pub fn of_a_tab() -> Self {
        Self { capacity: Cell::new(Some(OF_A_TAB)), of_a_tab: true, ..Self::default() }
    }

    /// Refuses so many bytes more where there is no room for them.
    pub(crate) fn check(&self, more: u64) -> Result<(), StoreError> {
        match self.left() {
            Some(left) if more > left => {
                Err(if self.of_a_tab { StoreError::Memory } else { StoreError::Full })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a head of a project that is gone.
    fn check_project(&self, head: &str) -> Result<(), StoreError> {
        match project_of(head).is_some_and(|project| !self.projects.borrow().contains_key(&project)) {
            true => Err(StoreError::Changed),
            false => Ok(()),
        }
    }

    fn left(&self) -> Option<u64> {
        let features: usize = self.records.borrow().values().map(|record| record.values.len()).sum();
        let pictures: usize = self.pictures.borrow().values().map(Vec::len).sum();
        let held = (features * size_of::<f16>() + pictures) as u64;
        self.capacity.get().map(|capacity| capacity.saturating_sub(held))
    }

    /// Lets writing fail with [`StoreError::Full`] beyond so many bytes; `None` is no limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.capacity.set(bytes);
    }

    /// Lets so many exchanges of a head find that somebody else was faster.
    pub fn overtake(&self, exchanges: u32) {
        self.overtaken.set(exchanges);
    }

    /// The names of all heads and of what is kept like them, where they begin like this.
    pub fn heads_named(&self, beginning: &str) -> Vec<String> {
        self.heads.borrow().keys().filter(|name| name.starts_with(beginning)).cloned().collect()
    }

    /// Forgets the identities of pictures, as an earlier version of the page stored none.
    pub fn forget_hashes(&self) {
        self.hashes.borrow_mut().clear();
    }

    /// Names features and heads as an earlier version of the page did, see [`FeatureSpace::earlier`].
    pub fn name_as_earlier(&self) {
        for record in self.records.borrow_mut().values_mut() {
            if let Some(earlier) = record.space.earlier() {
                record.space = earlier;
            }
        }
        let heads = std::mem::take(&mut *self.heads.borrow_mut());
        let renamed = heads.into_iter().map(|(name, head)| match name.split_once('+') {
            Some((file, rest)) => {
                (format!("{file}{}", rest.trim_start_matches(|c: char| c.is_ascii_hexdigit())), head)
            }
            None => (name, head),
        });
        self.heads.borrow_mut().extend(renamed);
    }

    /// Puts other bytes in the place of a project's picture, as where a disk fails.
    pub fn damage_picture(&self, project: u32, picture: u32, bytes: &[u8]) {
        self.pictures.borrow_mut().insert((project, picture), bytes.to_vec());
    }

    /// Lets reading this record fail, as where its checksum is wrong.
    pub fn damage(&self, record: u64) {
        if let Some(record) = self.records.borrow_mut().get_mut(&record) {
            record.damaged = true;
        }
    }
}

impl FeatureStore for MemoryStore {
    async fn records(&self) -> Result<Vec<Record>, StoreError> {
        let records = self.records.borrow();
        let described = records.iter().map(|(&number, record)| Record {
            number,
            space: record.space.clone(),
            images: record.images.clone(),
            bytes: (record.values.len() * size_of::<f16>()) as u64,
        });
        Ok(described.collect())
    }

    async fn write(
        &self,
        space: &FeatureSpace,
        images: &[ImageHash],
        values: &[f16],
        replacing: &[u64],
    ) -> Result<u64, StoreError> {
        self.check(size_of_val(values) as u64)?;
        let number = self.written.get() + 1;
        self.written.set(number);
        let record = Written {
            space: space.clone(),
            images: images.to_vec(),
            values: values.to_vec(),
            damaged: false,
        };
        let mut records = self.records.borrow_mut();
        records.insert(number, record);
        replacing.iter().for_each(|replaced| drop(records.remove(replaced)));
        Ok(number)
    }

    async fn read(&self, record: u64) -> Result<Vec<f16>, StoreError> {
        match self.records.borrow().get(&record) {
            Some(found) if found.damaged => Err(StoreError::Damaged(format!("record {record}"))),
            Some(found) => Ok(found.values.clone()),
            None => Err(StoreError::Changed),
        }
    }

    async fn forget(&self, record: u64) -> Result<(), StoreError> {
        self.records.borrow_mut().remove(&record);
        Ok(())
    }

    async fn room(&self) -> Option<u64> {
        self.left().filter(|_| self.of_a_tab)
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.records.borrow_mut().clear();
        Ok(())
    }

    async fn write_head(&self, name: &str, head: &[u8]) -> Result<(), StoreError> {
        self.check_project(name)?;
        self.heads.borrow_mut().insert(name.to_owned(), head.to_vec());
        Ok(())
    }

    async fn exchange_head(&self, name: &str, before: Option<&[u8]>, after: &[u8]) -> Result<(), StoreError> {
        self.check(after.len() as u64)?;
        self.check_project(name)?;
        if let Some(left) = self.overtaken.get().checked_sub(1) {
            self.overtaken.set(left);
            return Err(StoreError::Changed);
        }
        let mut heads = self.heads.borrow_mut();
        if heads.get(name).map(Vec::as_slice) != before {
            return Err(StoreError::Changed);
        }
        heads.insert(name.to_owned(), after.to_vec());
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
