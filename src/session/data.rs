//! Taking a dataset into use.

use crate::dataset::{self, Dataset};
use crate::features::{FeatureStore, ImageHash};
use crate::project::ProjectStore;
use crate::protocol::{DatasetInfo, Event, FileRef, Problem};

use super::{Host, Loaded, Session};

/// Seed of the built-in sample: every visitor gets the same images, and the same cache.
const SAMPLE_SEED: u64 = 1;
/// Images hashed before commands are looked at again.
const HASHED_AT_ONCE: usize = 2_000;
/// Bytes between two reports of progress.
const REPORT_EVERY: u64 = 4 << 20;

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    pub(super) async fn use_sample(&mut self) -> Result<(), Problem> {
        self.take_into_use(dataset::sample::draw(SAMPLE_SEED)).await
    }

    pub(super) async fn use_local_data(&mut self) -> Result<(), Problem> {
        match self.host.local_data().await {
            Some(file) => self.use_files(&[file]).await,
            None => Ok(()),
        }
    }

    pub(super) async fn use_files(&mut self, files: &[FileRef]) -> Result<(), Problem> {
        // The old images make room for the new ones before those come in.
        self.data = None;
        self.leave_foreign().await?;
        let total = files.iter().map(|file| file.size).sum();
        let mut reported = 0;
        let mut readers = Vec::new();
        for file in files {
            readers.push((file.name.as_str(), self.host.open(file)?));
        }
        let mut report = |done: u64| {
            if done == 0 || done >= reported + REPORT_EVERY {
                reported = done;
                self.host.emit(Event::DatasetProgress { done, total });
            }
        };
        report(0);
        let read = dataset::read_files(readers, &mut report);
        let name = files.first().map_or("", |file| &file.name);
        let dataset = read.map_err(|error| Problem::from(error).about(name))?;
        self.take_into_use(dataset).await
    }

    async fn take_into_use(&mut self, dataset: Dataset) -> Result<(), Problem> {
        self.close_project().await?;
        self.leave_foreign().await?;
        let mut hashes = Vec::with_capacity(dataset.train.len() + dataset.test.len());
        for (number, sample) in dataset.train.iter().chain(&dataset.test).enumerate() {
            if number % HASHED_AT_ONCE == HASHED_AT_ONCE - 1 {
                self.host.breathe().await;
            }
            hashes.push(ImageHash::of(&sample.image));
        }
        let test_hashes = hashes.split_off(dataset.train.len());
        self.data = Some(Loaded { dataset, train_hashes: hashes, test_hashes });
        self.tell_dataset().await
    }

    /// Tells the page which images are in use, and how many of their features are stored.
    pub(super) async fn tell_dataset(&mut self) -> Result<(), Problem> {
        let Some(data) = &self.data else { return Ok(()) };
        self.answers.clear();
        let foreign = self.foreign.is_some();
        self.host.emit(Event::Dataset(DatasetInfo { foreign, ..data.info(self.limits) }));
        self.tell_stored().await?;
        self.tell_interrupted().await
    }
}
