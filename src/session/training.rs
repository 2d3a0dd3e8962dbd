//! Training a head on stored features and measuring it on the test images.

use std::collections::BTreeMap;

use half::f16;

use crate::features::{FeatureStore, ImageHash, StoreError};
use crate::head::{Best, Step, Thresholds, Trainer};
use crate::project::ProjectStore;
use crate::project::split::Rule;
use crate::protocol::{Command, Epoch, Event, Problem, ProblemKind, Trained, TrainingOptions};

use super::stored_head::StoredHead;
use super::{Host, Session};

/// Milliseconds of computing after which commands are looked at.
const BREATHE_EVERY: f64 = 50.0;

/// Features and labels of training and test images.
struct Examples {
    train: Vec<f16>,
    train_labels: Vec<u16>,
    test: Vec<f16>,
    test_labels: Vec<u16>,
}

impl<H: Host, S: FeatureStore + ProjectStore> Session<H, S> {
    pub(super) async fn train(&mut self, options: TrainingOptions) -> Result<(), Problem> {
        if self.project.as_ref().is_some_and(|open| !open.is_ready()) {
            return Err(Problem::new(ProblemKind::TooFewTakes, "a class has fewer than three takes"));
        }
        // A training that ends without a head ends with how things stand.
        match self.train_and_measure(options).await? {
            Some(head) => self.keep_head(head).await,
            None => self.tell_stored().await,
        }
    }

    /// Trains a head on the images in use and lets it take its exam. `None` where the person stopped
    /// it before there was one.
    async fn train_and_measure(
        &mut self,
        mut options: TrainingOptions,
    ) -> Result<Option<StoredHead>, Problem> {
        options.check()?;
        let Some(examples) = self.load_examples().await? else { return Ok(None) };
        let Some(data) = &self.data else { return Ok(None) };
        let (classes, source) = (data.dataset.classes.clone(), data.dataset.source);
        let train = examples.train_labels.len();
        if let Some(validation) = data.dataset.validation {
            options.validation_share = share_of(validation, train);
        }
        let shape = self.ready()?.manifest.features;
        let trainer = Trainer::new(examples.train, examples.train_labels, shape, classes.len(), options)?;
        let epochs = if options.preset.has_epochs() { options.epochs } else { 0 };
        self.host.emit(Event::TrainingStarted { epochs });
        let Some((best, epochs)) = self.run_trainer(trainer).await? else { return Ok(None) };
        let exam = self.examine(&best.head, &examples.test, &examples.test_labels).await?;
        let trained = Trained {
            classes,
            source,
            train: train as u32,
            exam,
            thresholds: Thresholds::calibrated(&best.judged),
            options,
            epochs,
            best_epoch: best.epoch,
            restored: false,
        };
        Ok(Some(StoredHead { trained, head: best.head }))
    }

    /// Trains a head on a split of the open project that tears takes apart, and tells what its exam
    /// would have claimed. It is trained as the head in use was, so that only the split differs, and
    /// thrown away.
    pub(super) async fn train_leaky(&mut self) -> Result<(), Problem> {
        let Some(options) = self.head.as_ref().map(|head| head.trained.options) else {
            return Err(Problem::new(ProblemKind::NoHead, "there is no head to compare with"));
        };
        let Some(leaky) = self.project.as_ref().map(|open| open.loaded(Rule::Leaky)) else { return Ok(()) };
        let (honest, head, answers) =
            (self.data.replace(leaky), self.head.take(), std::mem::take(&mut self.answers));
        let outcome = self.train_and_measure(options).await;
        (self.data, self.head, self.answers) = (honest, head, answers);
        if let Some(StoredHead { trained, .. }) = outcome? {
            self.host.emit(Event::Leaky { test: trained.test(), correct: trained.correct() });
        }
        self.tell_stored().await
    }

    /// Trains to the end, or until the person stops it. Gives the best epoch and all epochs' figures; `None` where not a single epoch was finished.
    async fn run_trainer(&mut self, mut trainer: Trainer) -> Result<Option<(Best, Vec<Epoch>)>, Problem> {
        let mut epochs = Vec::new();
        let mut epoch_begun = self.host.now();
        let mut breathed = epoch_begun;
        loop {
            match trainer.step()? {
                Step::Batch { done, total } => {
                    if self.host.now() - breathed > BREATHE_EVERY {
                        self.host.emit(Event::TrainingProgress { done, total });
                    }
                }
                Step::Epoch(report) => {
                    let now = self.host.now();
                    let epoch = Epoch {
                        epoch: report.epoch,
                        loss: report.loss,
                        accuracy: report.accuracy,
                        val_loss: report.val_loss,
                        val_accuracy: report.val_accuracy,
                        best: report.best,
                        seconds: ((now - epoch_begun) / 1000.0) as f32,
                    };
                    epoch_begun = now;
                    epochs.push(epoch);
                    self.host.emit(Event::Epoch(epoch));
                }
                Step::Done => break,
            }
            if self.host.now() - breathed > BREATHE_EVERY {
                self.host.breathe().await;
                breathed = self.host.now();
                if self.is_stopped() {
                    break;
                }
            }
        }
        Ok(trainer.into_best()?.map(|best| (best, epochs)))
    }

    /// Whether the person has asked to stop the training.
    fn is_stopped(&mut self) -> bool {
        let mut stopped = false;
        while let Ok(command) = self.commands.try_recv() {
            match command {
                Command::StopTraining | Command::Cancel => stopped = true,
                Command::Pause | Command::Resume => {}
                other => self.later.push_back(other),
            }
        }
        stopped
    }

    /// Reads the features of all images in use. `None` where the person stopped it.
    async fn load_examples(&mut self) -> Result<Option<Examples>, Problem> {
        let Some(data) = &self.data else {
            return Err(Problem::new(ProblemKind::TooFewImages, "no images are in use"));
        };
        let (train, test) = data.used(self.limits);
        if train == 0 || test == 0 {
            return Err(Problem::new(
                ProblemKind::TooFewImages,
                format!("{train} training, {test} test images"),
            ));
        }
        let labels = |samples: &[crate::dataset::Sample]| samples.iter().map(|sample| sample.label).collect();
        let train_labels: Vec<u16> = labels(&data.dataset.train[..train]);
        let test_labels: Vec<u16> = labels(&data.dataset.test[..test]);
        let hashes: Vec<ImageHash> = data.in_use(self.limits).map(|(hash, _)| hash).collect();
        let row = self.ready()?.manifest.features.len();
        let mut train_features = reserve(train * row)?;
        let mut test_features = reserve(test * row)?;

        // Which rows of which record go where, so that every record is read once.
        let index = self.stored().await?;
        let mut wanted: BTreeMap<u64, Vec<(usize, usize)>> = BTreeMap::new();
        for (number, hash) in hashes.iter().enumerate() {
            let Some(location) = index.get(hash) else {
                return Err(Problem::new(ProblemKind::FeaturesMissing, format!("image {number}")));
            };
            wanted.entry(location.record).or_default().push((location.row, number));
        }
        let (mut done, total) = (0, hashes.len() as u64);
        for (record, rows) in wanted {
            let values = self.read_record(record).await?;
            for &(from, number) in &rows {
                let Some(source) = values.get(from * row..(from + 1) * row) else {
                    self.store.forget(record).await?;
                    return Err(Problem::new(ProblemKind::StoreDamaged, format!("record {record} is short")));
                };
                let (features, to): (&mut Vec<f16>, usize) = if number < train {
                    (&mut train_features, number)
                } else {
                    (&mut test_features, number - train)
                };
                features[to * row..(to + 1) * row].copy_from_slice(source);
            }
            done += rows.len() as u64;
            self.host.emit(Event::TrainingLoads { done, total });
            if self.is_stopped() {
                return Ok(None);
            }
        }
        Ok(Some(Examples { train: train_features, train_labels, test: test_features, test_labels }))
    }

    /// Reads a record; a damaged one is dropped, so that its images are computed again.
    async fn read_record(&mut self, record: u64) -> Result<Vec<f16>, Problem> {
        let read = self.store.read(record).await;
        if let Err(StoreError::Damaged(_)) = &read {
            self.store.forget(record).await?;
            self.tell_cache().await?;
            self.tell_stored().await?;
        }
        Ok(read?)
    }
}

/// The share that makes `count` of `images` the validation images: the trainer rounds down what is
/// left for training, and half an image keeps that on the safe side.
fn share_of(count: usize, images: usize) -> f64 {
    1.0 - (images.saturating_sub(count) as f64 + 0.5) / images.max(1) as f64
}

/// So many zeros, or a problem where there is no room for them.
fn reserve(values: usize) -> Result<Vec<f16>, Problem> {
    let mut room = Vec::new();
    room.try_reserve_exact(values).map_err(|error| Problem::new(ProblemKind::OutOfMemory, error))?;
    room.resize(values, f16::ZERO);
    Ok(room)
}
