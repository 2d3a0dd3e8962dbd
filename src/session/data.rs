//! Taking a dataset into use.

use std::io;
use std::rc::Rc;

use crate::dataset::{self, Around, Dataset, DatasetError, EXAMPLE_SIDE, Example, Files, Opened, Shelf, So};
use crate::features::FeatureStore;
use crate::project::{self, ProjectError, ProjectStore};
use crate::protocol::{DatasetInfo, Event, FileRef, Problem};

use super::album::Album;
use super::steering::{Job, Steering};
use super::stored_head::StoredHead;
use super::ticker::Ticker;
use super::{Host, Loaded, Session};

/// Seed of the built-in sample: every visitor gets the same images, and the same cache.
const SAMPLE_SEED: u64 = 1;

/// The session's surroundings of a reading.
struct Desk<'a, H> {
    host: &'a H,
    steering: &'a mut Steering,
    /// Bytes in all.
    total: u64,
    ticker: Ticker,
}

impl<'a, H: Host> Desk<'a, H> {
    fn new(host: &'a H, steering: &'a mut Steering, total: u64) -> Self {
        host.emit(Event::DatasetProgress { done: 0, total, pictures: 0, seconds_left: None });
        Self { host, steering, total, ticker: Ticker::new(host.now()) }
    }
}

impl<H: Host> Around for Desk<'_, H> {
    type Piece = H::Piece;

    async fn goes_on(&mut self, so: So) -> Result<(), DatasetError> {
        let now = self.host.now();
        if self.ticker.reports(now) {
            let (done, total) = (so.bytes.min(self.total), self.total);
            let seconds_left = self.ticker.seconds_left(now, done, total);
            self.host.emit(Event::DatasetProgress { done, total, pictures: so.pictures, seconds_left });
        }
        if self.ticker.is_breathless(now) {
            self.host.breathe().await;
            self.ticker.breathed(self.host.now());
            if self.steering.is_ended(Job::Work) {
                return Err(DatasetError::Cancelled);
            }
        }
        Ok(())
    }

    fn put_away(&mut self, bytes: &[u8]) -> io::Result<H::Piece> {
        self.host.piece(bytes)
    }

    fn joined(&mut self, pieces: Vec<H::Piece>) -> io::Result<Opened> {
        self.host.joined(pieces)
    }
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    pub(super) async fn use_sample(&mut self) -> Result<(), Problem> {
        self.take_into_use(dataset::sample::draw(SAMPLE_SEED), Shelf::default()).await
    }

    /// Reads a dataset and takes it into use. What was in use stays in use until then, and where nothing
    /// comes of it.
    pub(super) async fn use_files(&mut self, files: &[FileRef]) -> Result<(), Problem> {
        let name = files.first().map_or("", |file| &file.name);
        match self.read_files(files).await {
            Ok((dataset, shelf)) => {
                let before = self.files.len();
                self.files.extend_from_slice(files);
                self.take_into_use(dataset, shelf).await?;
                // Those of the dataset before are not needed any more.
                self.host.close(&self.files[..before]);
                self.files.drain(..before);
                Ok(())
            }
            Err(error) => {
                self.host.close(files);
                self.go_back().await?;
                match error {
                    DatasetError::Cancelled => Ok(()),
                    error => Err(Problem::from(error).about(name)),
                }
            }
        }
    }

    async fn read_files(&mut self, files: &[FileRef]) -> Result<(Dataset, Shelf), DatasetError> {
        let total = files.iter().map(|file| file.size).sum();
        let (host, opened) = (Rc::clone(&self.host), files.to_vec());
        let names = files.iter().map(|file| file.name.clone()).collect();
        let files = Files { names, open: Box::new(move |at| host.open(&opened[at])) };
        let mut desk = Desk::new(&*self.host, &mut self.steering, total);
        dataset::read_files(files, &mut desk).await
    }

    /// Gives `done` on. Where it is an error, the page hears of what is in use, for that stays.
    pub(super) async fn or_back(&mut self, done: Result<(), Problem>) -> Result<(), Problem> {
        if done.is_err() {
            self.go_back().await?;
        }
        done
    }

    /// Nothing came of what was being read: the page hears of what is in use.
    pub(super) async fn go_back(&mut self) -> Result<(), Problem> {
        self.host.emit(Event::NothingRead);
        match self.project {
            Some(_) => self.show_project().await,
            None => self.tell_dataset().await,
        }
    }

    async fn take_into_use(&mut self, dataset: Dataset, shelf: Shelf) -> Result<(), Problem> {
        self.close_project().await?;
        self.leave_foreign().await?;
        let album = Album::of_shelf(&self.host, &self.store, shelf);
        let mut examples = Vec::new();
        for first in dataset.firsts() {
            // A picture that is gone in this moment will be missed when it is needed.
            let image = album.read(std::slice::from_ref(&first)).await.unwrap_or_default().pop();
            let small = |image: crate::pixels::RgbImage| image.reduced_to(EXAMPLE_SIDE);
            examples.extend(image.map(|image| Example { image: small(image), label: first.label }));
        }
        self.data = Some(Loaded { dataset, album, examples });
        self.tell_dataset().await
    }

    /// Gives a class of the dataset in use another name, and of the head that was trained on its classes, too.
    pub(super) async fn rename_class(&mut self, label: u16, name: &str) -> Result<(), Problem> {
        let unknown = || Problem::from(ProjectError::Unknown(label.into()));
        // A project's classes have their names from the project.
        let loaded = self.data.as_mut().filter(|_| self.project.is_none()).ok_or_else(unknown)?;
        let (classes, place) = (&mut loaded.dataset.classes, usize::from(label));
        let before = classes.clone();
        let class = classes.get_mut(place).ok_or_else(unknown)?;
        let others = before.iter().enumerate().filter(|(other, _)| *other != place);
        *class = project::free_name(name, others.map(|(_, name)| name.as_str()))?;
        let (source, mut stored) = (loaded.dataset.source, Ok(()));
        let fits = |head: &&mut StoredHead| (head.trained.source, &head.trained.classes) == (source, &before);
        if let Some(head) = self.head.as_mut().filter(fits) {
            head.trained.classes.clone_from(classes);
            let bytes = head.to_bytes()?;
            self.host.emit(Event::HeadClasses(classes.clone()));
            stored = self.store.write_head(&self.head_name()?, &bytes).await;
        }
        self.tell_dataset().await?;
        Ok(stored?)
    }

    /// Tells the page which images are in use, and how many of their features are stored.
    pub(super) async fn tell_dataset(&mut self) -> Result<(), Problem> {
        let Some(data) = &self.data else { return Ok(()) };
        let foreign = self.foreign.is_some();
        self.host.emit(Event::Dataset(DatasetInfo { foreign, ..data.info(self.limits) }));
        self.tell_trainings().await?;
        self.tell_stored().await?;
        self.tell_interrupted().await
    }
}
