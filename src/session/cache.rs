//! What the feature store holds, as far as this session knows: it is read once and followed from there, so that
//! what a picture costs does not grow with what is stored.

use std::collections::HashMap;
use std::rc::Rc;

use half::f16;

use crate::features::{FeatureSpace, FeatureStore, ImageHash, Location, StoreError, StoreSize, index_of};

/// Where the features of a space's images are.
type Index = HashMap<ImageHash, Location>;

/// The feature store with what is known of it.
pub(super) struct Cache<S> {
    store: Rc<S>,
    known: Option<Known>,
    size: Option<StoreSize>,
}

/// What is known of a space.
struct Known {
    space: FeatureSpace,
    index: Index,
    /// Those that came with projects' files or from an earlier version of the page, and were not checked yet.
    unchecked: Index,
}

impl<S: FeatureStore> Cache<S> {
    pub(super) fn new(store: &Rc<S>) -> Self {
        Self { store: Rc::clone(store), known: None, size: None }
    }

    /// Where the features of `space` are, read anew: another tab may have changed it.
    pub(super) async fn read(&mut self, space: &FeatureSpace) -> Result<&Index, StoreError> {
        let known = self.look(space).await?;
        Ok(&self.known.insert(known).index)
    }

    /// Where the features of `space` are, as they were read last, with what this session has changed since.
    pub(super) async fn known(&mut self, space: &FeatureSpace) -> Result<&Index, StoreError> {
        let known = match self.known.take() {
            Some(known) if known.space == *space => known,
            _ => self.look(space).await?,
        };
        Ok(&self.known.insert(known).index)
    }

    async fn look(&self, space: &FeatureSpace) -> Result<Known, StoreError> {
        let records = self.store.records().await?;
        // What an earlier version of the page stored says not how the backbone was used.
        let unchecked = space.earlier().into_iter().chain([space.unchecked()]);
        let unchecked = unchecked.flat_map(|space| index_of(&records, &space)).collect();
        Ok(Known { space: space.clone(), index: index_of(&records, space), unchecked })
    }

    /// Features of the space that was read last that are not checked yet.
    pub(super) fn unchecked(&self) -> Option<&Index> {
        self.known.as_ref().map(|known| &known.unchecked).filter(|unchecked| !unchecked.is_empty())
    }

    /// How much is stored, over all spaces.
    pub(super) async fn size(&mut self) -> Result<StoreSize, StoreError> {
        match self.size {
            Some(size) => Ok(size),
            None => Ok(*self.size.insert(self.store.size().await?)),
        }
    }

    /// Writes a record, as [`FeatureStore::write`] does.
    pub(super) async fn write(
        &mut self,
        space: &FeatureSpace,
        images: &[ImageHash],
        values: &[f16],
        replacing: &[u64],
    ) -> Result<u64, StoreError> {
        let record = self.store.write(space, images, values, replacing).await?;
        let Some(known) = self.known.as_mut().filter(|known| known.space == *space) else {
            self.forget_what_is_known();
            return Ok(record);
        };
        known.unchecked.retain(|_, location| !replacing.contains(&location.record));
        let mut new = 0;
        for (row, image) in images.iter().enumerate() {
            let before = known.index.insert(*image, Location { record, row });
            new += u64::from(before.is_none_or(|before| !replacing.contains(&before.record)));
        }
        if let Some(size) = &mut self.size {
            let image = size_of_val(values) / images.len().max(1);
            (size.images, size.bytes) = (size.images + new, size.bytes + new * image as u64);
        }
        Ok(record)
    }

    /// Drops a record.
    pub(super) async fn forget(&mut self, record: u64) -> Result<(), StoreError> {
        self.forget_what_is_known();
        self.store.forget(record).await
    }

    /// Drops all records.
    pub(super) async fn clear(&mut self) -> Result<(), StoreError> {
        self.forget_what_is_known();
        self.store.clear().await
    }

    /// It is read anew when it is needed: something has changed it.
    pub(super) fn forget_what_is_known(&mut self) {
        (self.known, self.size) = (None, None);
    }
}
