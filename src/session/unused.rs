//! Stored features that nothing refers to: of images that are in no project and not open, of networks that the site
//! has no longer, and those that two tabs computed for one image.

use std::cmp::Reverse;
use std::collections::HashSet;

use half::f16;

use crate::features::{FeatureSpace, FeatureStore, ImageHash, Record, StoreError, StoreSize};
use crate::project::ProjectStore;
use crate::protocol::{Event, Problem};

use super::{Host, Session};

/// A record with rows that nothing refers to, and the rows that stay.
type Unused = (Record, Vec<usize>);

/// The records with rows of which `keeps` says no, given their space and image.
fn unused(records: Vec<Record>, mut keeps: impl FnMut(&FeatureSpace, ImageHash) -> bool) -> Vec<Unused> {
    let with_rows = records.into_iter().map(|record| {
        let rows = record.images.iter().enumerate();
        let kept = rows.filter(|(_, image)| keeps(&record.space, **image)).map(|(row, _)| row).collect();
        (record, kept)
    });
    with_rows.filter(|(record, kept): &Unused| kept.len() < record.images.len()).collect()
}

/// How much those rows are.
fn size(unused: &[Unused]) -> StoreSize {
    unused.iter().fold(StoreSize::default(), |size, (record, kept)| {
        let images = (record.images.len() - kept.len()) as u64;
        let row = record.bytes / record.images.len() as u64;
        StoreSize { images: size.images + images, bytes: size.bytes + images * row }
    })
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Tells how much of the store nothing refers to.
    pub(super) async fn tell_unused(&mut self) -> Result<(), Problem> {
        let size = size(&self.unused().await?);
        self.host.emit(Event::Unused(size));
        Ok(())
    }

    /// Removes what nothing refers to.
    pub(super) async fn remove_unused(&mut self) -> Result<(), Problem> {
        let unused = self.unused().await?;
        let removed = self.remove(unused).await;
        self.tell_cache().await?;
        removed?;
        self.tell_unused().await
    }

    /// Removes the features of images of a project that is gone, but for those that something else refers to.
    pub(super) async fn forget_images(&mut self, images: &HashSet<ImageHash>) -> Result<(), Problem> {
        let used = self.used_images().await?;
        let keeps = |_: &FeatureSpace, image| used.contains(&image) || !images.contains(&image);
        let unused = unused(self.store.records().await?, keeps);
        self.remove(unused).await?;
        self.tell_cache().await
    }

    async fn unused(&self) -> Result<Vec<Unused>, Problem> {
        let used = self.used_images().await?;
        let mut records = self.store.records().await?;
        let others = self.others.borrow();
        let open = self.backbone.iter().map(|ready| &ready.space).chain(&self.foreign);
        let networks: Vec<&FeatureSpace> = open.chain(others.iter().flatten()).collect();
        // What is checked comes before what is not, and what was written last before the rest: one of them is enough.
        records.sort_by_key(|record| (!networks.contains(&&record.space), Reverse(record.number)));
        let mut seen = HashSet::new();
        let keeps = |space: &FeatureSpace, image| {
            let of = networks.iter().find(|known| known.is_called(space) || known.unchecked() == *space);
            // Where the site has not said yet which networks it has, each may be one of them.
            let of = of.map(|known| FeatureSpace::clone(known));
            let of = of.or_else(|| others.is_none().then(|| space.clone()));
            used.contains(&image) && of.is_some_and(|of| seen.insert((of, image)))
        };
        Ok(unused(records, keeps))
    }

    /// The images of all projects, and those that are open.
    async fn used_images(&self) -> Result<HashSet<ImageHash>, Problem> {
        let mut used = HashSet::new();
        for (project, _) in self.store.projects().await? {
            used.extend(self.store.hashes(project).await?.into_iter().filter_map(|(_, hash)| hash));
        }
        if let Some(data) = &self.data {
            used.extend(data.dataset.train.iter().chain(&data.dataset.test).map(|sample| sample.hash));
        }
        Ok(used)
    }

    async fn remove(&mut self, unused: Vec<Unused>) -> Result<(), Problem> {
        for (record, kept) in unused {
            let values = match kept.as_slice() {
                [] => Vec::new(),
                _ => match self.store.read(record.number).await {
                    // What cannot be read is of no use.
                    Err(StoreError::Damaged(_) | StoreError::Changed) => Vec::new(),
                    values => values?,
                },
            };
            if values.is_empty() {
                self.cache.forget(record.number).await?;
                continue;
            }
            let length = values.len() / record.images.len();
            let images: Vec<ImageHash> = kept.iter().map(|row| record.images[*row]).collect();
            let rows = kept.iter().flat_map(|row| &values[row * length..(row + 1) * length]);
            let rows: Vec<f16> = rows.copied().collect();
            self.cache.write(&record.space, &images, &rows, &[record.number]).await?;
        }
        self.cache.forget_what_is_known();
        Ok(())
    }
}
