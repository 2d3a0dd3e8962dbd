//! Training, a step at a time, so that whoever calls can look up between two steps.

use half::f16;

use super::doubt::Judged;
use super::familiar::{Familiar, spread};
use super::gradient::{Batch, Dropout, Workspace};
use super::nearest::Memory;
use super::{Head, HeadError, Optimizer, Settings, most_probable, softmax};
use crate::backbone::FeatureShape;
use crate::random::Random;

/// Images evaluated, or remembered, in one step.
const EVALUATED_AT_ONCE: usize = 200;
/// Validation images that are judged at the end, at the most.
const MOST_JUDGED: usize = 2_000;

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// A batch was trained on, or a part of the validation images evaluated.
    Batch {
        /// Batches of this epoch so far.
        done: u32,
        /// Batches of an epoch.
        total: u32,
    },
    /// An epoch is over.
    Epoch(EpochReport),
    /// There is nothing left to do.
    Done,
}

/// An epoch's figures; see [`crate::protocol::Epoch`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochReport {
    /// Counted from 1.
    pub epoch: u32,
    /// Mean cross-entropy in nats over the epoch, with dropout, as the weights changed.
    pub loss: f32,
    /// Share of right answers over the epoch, likewise.
    pub accuracy: f32,
    /// Mean cross-entropy in nats on the validation images after the epoch.
    pub val_loss: f32,
    /// Share of right answers on the validation images after the epoch.
    pub val_accuracy: f32,
    /// Whether its validation loss is the lowest so far.
    pub best: bool,
}

/// The head of the epoch with the lowest validation loss, the first of equals.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// Counted from 1; 0 where the head needs no epochs.
    pub epoch: u32,
    /// The head after it.
    pub head: Head,
    /// Its answers to some of the validation images.
    pub judged: Vec<Judged>,
}

/// Sums over a part of the images.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    loss: f64,
    correct: usize,
    images: usize,
}

impl Tally {
    fn mean_loss(&self) -> f32 {
        (self.loss / self.images as f64) as f32
    }

    fn accuracy(&self) -> f32 {
        self.correct as f32 / self.images as f32
    }
}

/// A training under way.
pub struct Trainer {
    settings: Settings,
    features: Vec<f16>,
    labels: Vec<u16>,
    head: Head,
    /// Images that a step takes.
    batch: usize,
    optimizer: Optimizer,
    workspace: Workspace,
    random: Random,
    /// The training images in this epoch's order; all others are validation images.
    order: Vec<u32>,
    epoch: u32,
    trained: Tally,
    validated: Tally,
    best: Option<Best>,
    /// The best epoch's validation loss.
    lowest: f32,
}

impl Trainer {
    /// A training of a fresh head on `features` (images x height x width x channels).
    ///
    /// The last `validation_share` of the images as given serve for validation, as in Keras:
    /// the first floor(images · (1 - share)) are trained on. A head without epochs has nothing to
    /// choose, and remembers all images.
    ///
    /// # Errors
    /// [`HeadError`] says which of the arguments does not fit.
    pub fn new(
        features: Vec<f16>,
        labels: Vec<u16>,
        shape: FeatureShape,
        classes: usize,
        settings: Settings,
    ) -> Result<Self, HeadError> {
        settings.check()?;
        let mut random = Random::new(settings.seed);
        let head = Head::new(shape, classes, &settings, &mut random)?;
        Self::from_head(features, labels, head, random, settings)
    }

    /// The same with a head whose weights are given; its kind is the settings'.
    ///
    /// # Errors
    /// [`HeadError`] says which of the arguments does not fit.
    pub fn from_head(
        features: Vec<f16>,
        labels: Vec<u16>,
        head: Head,
        random: Random,
        settings: Settings,
    ) -> Result<Self, HeadError> {
        settings.check()?;
        if settings.preset != head.preset {
            return Err(HeadError::Setting("preset"));
        }
        let images = labels.len();
        let expected = images * head.shape.len();
        if features.len() != expected {
            return Err(HeadError::Length { found: features.len(), expected });
        }
        if let Some(&label) = labels.iter().find(|label| usize::from(**label) >= head.classes) {
            return Err(HeadError::Label(label));
        }
        let (train, batch) = if settings.preset.has_epochs() {
            let train = training_images(images, settings.validation_share);
            (train, settings.batch as usize)
        } else {
            (images, EVALUATED_AT_ONCE)
        };
        if train == 0 || (settings.preset.has_epochs() && train == images) {
            return Err(HeadError::TooFew { train, validation: images - train });
        }
        let steps = settings.epochs.saturating_mul(train.div_ceil(batch) as u32);
        let mut trainer = Self {
            optimizer: Optimizer::new(&settings, &head.weights, steps),
            workspace: Workspace::new(&head, batch.min(train)),
            batch,
            order: (0..train as u32).collect(),
            epoch: 1,
            trained: Tally::default(),
            validated: Tally::default(),
            best: None,
            lowest: f32::INFINITY,
            settings,
            features,
            labels,
            head,
            random,
        };
        if settings.preset.has_epochs() {
            trainer.shuffle();
        }
        Ok(trainer)
    }

    /// Does a little more of the work: one batch, or a part of the validation.
    ///
    /// # Errors
    /// [`HeadError::Diverged`] where a loss is no number any more.
    pub fn step(&mut self) -> Result<Step, HeadError> {
        if !self.settings.preset.has_epochs() {
            return Ok(self.remember_part());
        }
        if self.epoch > self.settings.epochs || self.is_out_of_patience() {
            return Ok(Step::Done);
        }
        if self.trained.images < self.order.len() {
            self.train_batch();
        } else {
            self.validate_part()?;
        }
        if self.validated.images + self.order.len() == self.labels.len() {
            return self.end_epoch().map(Step::Epoch);
        }
        Ok(self.progress())
    }

    fn progress(&self) -> Step {
        let batches = |images: usize| images.div_ceil(self.batch) as u32;
        Step::Batch { done: batches(self.trained.images), total: batches(self.order.len()) }
    }

    /// Whether too many epochs have gone by since the best one.
    fn is_out_of_patience(&self) -> bool {
        let best = self.best.as_ref().map_or(0, |best| best.epoch);
        self.settings.patience.is_some_and(|patience| self.epoch > best.saturating_add(patience))
    }

    /// Does a part of the work of a head that only remembers.
    fn remember_part(&mut self) -> Step {
        let begin = self.trained.images;
        if begin == self.labels.len() {
            return Step::Done;
        }
        let end = (begin + self.batch).min(self.labels.len());
        let row = self.head.shape.len();
        self.head.remember(&self.features[begin * row..end * row], &self.labels[begin..end]);
        self.trained.images = end;
        if end == self.labels.len() {
            self.best = Some(Best { epoch: 0, head: self.head.clone(), judged: Vec::new() });
        }
        self.progress()
    }

    /// The weights as they are now.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The best epoch so far, if there is one, with what its head makes of validation images.
    ///
    /// # Errors
    /// None that occurs: the features fit the head since the training began.
    pub fn into_best(self) -> Result<Option<Best>, HeadError> {
        let Some(mut best) = self.best else { return Ok(None) };
        let (row, share) = (self.head.shape.len(), self.settings.validation_share);
        let images = self.labels.len();
        let train = training_images(images, share).clamp(1, images);
        let (features, labels) = (&self.features[..train * row], &self.labels[..train]);
        best.head.familiar = Familiar::with(features, self.head.shape);
        // A head that remembers the validation images would have an easy exam.
        let mut judge = best.head.clone();
        if !self.settings.preset.has_epochs() {
            judge.memory = Memory::default();
            judge.remember(features, labels);
        }
        let chosen: Vec<usize> = spread(images - train, MOST_JUDGED).map(|place| train + place).collect();
        for chosen in chosen.chunks(EVALUATED_AT_ONCE) {
            let rows = chosen.iter().flat_map(|image| &self.features[image * row..][..row]);
            let labels: Vec<u16> = chosen.iter().map(|image| self.labels[*image]).collect();
            best.judged.extend(judge.judge(&rows.copied().collect::<Vec<_>>(), &labels)?);
        }
        Ok(Some(best))
    }

    fn shuffle(&mut self) {
        if self.settings.shuffle {
            self.random.shuffle(&mut self.order);
        }
    }

    fn train_batch(&mut self) {
        let begin = self.trained.images;
        let end = (begin + self.batch).min(self.order.len());
        let batch = Batch { features: &self.features, labels: &self.labels, images: &self.order[begin..end] };
        let dropout = Dropout {
            map: self.settings.dropout_map,
            pooled: self.settings.dropout_pooled,
            random: &mut self.random,
        };
        let (loss, correct) = self.workspace.run(&self.head, &batch, dropout);
        self.optimizer.step(&mut self.head.weights, &self.workspace.gradient);
        self.head.statistics.follow(&self.workspace.statistics);
        self.trained.loss += loss;
        self.trained.correct += correct;
        self.trained.images = end;
    }

    fn validate_part(&mut self) -> Result<(), HeadError> {
        let begin = self.order.len() + self.validated.images;
        let end = (begin + EVALUATED_AT_ONCE).min(self.labels.len());
        let row = self.head.shape.len();
        let mut scores = self.head.logits(&self.features[begin * row..end * row])?;
        for (scores, &label) in scores.chunks_exact_mut(self.head.classes).zip(&self.labels[begin..end]) {
            let of_label = scores[usize::from(label)];
            self.validated.correct += usize::from(most_probable(scores) == usize::from(label));
            self.validated.loss += f64::from(softmax(scores) - of_label);
        }
        self.validated.images += end - begin;
        Ok(())
    }

    fn end_epoch(&mut self) -> Result<EpochReport, HeadError> {
        let val_loss = self.validated.mean_loss();
        let report = EpochReport {
            epoch: self.epoch,
            loss: self.trained.mean_loss(),
            accuracy: self.trained.accuracy(),
            val_loss,
            val_accuracy: self.validated.accuracy(),
            best: val_loss < self.lowest,
        };
        if !report.loss.is_finite() || !val_loss.is_finite() {
            return Err(HeadError::Diverged(self.epoch));
        }
        if report.best {
            self.best = Some(Best { epoch: self.epoch, head: self.head.clone(), judged: Vec::new() });
            self.lowest = val_loss;
        }
        self.epoch += 1;
        (self.trained, self.validated) = (Tally::default(), Tally::default());
        self.shuffle();
        Ok(report)
    }
}

/// Of so many images, the first that are trained on; the others are validation images.
fn training_images(images: usize, validation_share: f64) -> usize {
    (images as f64 * (1.0 - validation_share)).floor() as usize
}
