//! Training, a step at a time, so that whoever calls can look up between two steps.
//!
//! Features come from [`Blocks`], and the work on a convolution is a [`Team`]'s. After every epoch there
//! is a [`Progress`], from which a training goes on with the same bits.

use std::rc::Rc;

use futures::future::join;
use half::f16;

use super::best::{Best, judged};
use super::convolution::{Outputs, rows_of_evaluation};
use super::familiar::Familiar;
use super::gradient::{Dropout, Means, Score, dense};
use super::nearest::Memory;
use super::shard::Beginning;
use super::shuffle::{BLOCK, Blocks, Shuffle, buffer_images, read_block};
use super::slices::{Sliced, widths};
use super::team::{self, Team, TeamError, TeamMessage};
use super::windows::places;
use super::{Head, HeadError, Optimizer, Progress, Settings, Statistics, Weights};
use crate::FeatureShape;
use crate::random::{Random, Use};

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

/// An epoch's figures.
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

/// Why a step was not done.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainError<E> {
    /// The training cannot go on.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// A member of the team is lost: with another team, [`Trainer::restart`] goes on from the last whole
    /// epoch.
    #[error(transparent)]
    Team(#[from] TeamError),
    /// A block could not be read. The step may be tried again.
    #[error("a block of features cannot be read")]
    Blocks(E),
    /// The block of this number has fewer images than it should have. The step may be tried again.
    #[error("block {0} of the features is too short")]
    Short(u32),
}

/// A training under way.
pub struct Trainer {
    settings: Settings,
    labels: Vec<u16>,
    /// So many of the images are trained on; all others are validation images.
    train: usize,
    /// Images that a step takes.
    batch: usize,
    /// As it was after the last whole epoch.
    progress: Progress,
    /// Whether an epoch has begun, and the team with it.
    begun: bool,
    /// What this epoch has made of the weights, without those that are the team's.
    weights: Weights,
    /// Where they are the team's: those of the last whole epoch.
    statistics: Statistics,
    optimizer: Optimizer,
    gradient: Weights,
    shuffle: Shuffle,
    /// The next batch for the team: images' numbers and features, drawn while it worked.
    drawn: Option<(Vec<u32>, Sliced)>,
    /// The blocks of the validation images, where all features fit into memory.
    kept: Vec<Rc<Vec<f16>>>,
    trained: Score,
    validated: Score,
    /// The validation images that got a wrong answer in this epoch so far, a bit each.
    missing: Vec<u8>,
    /// Likewise in the last whole one.
    missed: Vec<u8>,
}

impl Trainer {
    /// A training of a fresh head on images with these labels, whose features have this `shape`.
    ///
    /// The last `validation_share` of the images as given serve for validation, as in Keras:
    /// the first floor(images · (1 - share)) are trained on. A head without epochs has nothing to
    /// choose, and remembers all images.
    ///
    /// # Errors
    /// [`HeadError`] says which of the arguments does not fit.
    pub fn new(
        labels: Vec<u16>,
        shape: FeatureShape,
        classes: usize,
        settings: Settings,
    ) -> Result<Self, HeadError> {
        settings.check()?;
        let head = Head::new(shape, classes, &settings, &mut Random::new(settings.seed))?;
        Self::from_head(labels, head, settings)
    }

    /// The same with a head whose weights are given; its kind is the settings'.
    ///
    /// # Errors
    /// [`HeadError`] says which of the arguments does not fit.
    pub fn from_head(labels: Vec<u16>, head: Head, settings: Settings) -> Result<Self, HeadError> {
        settings.check()?;
        let (train, batch) = plan(labels.len(), &settings);
        let steps = settings.epochs.saturating_mul(train.div_ceil(batch) as u32);
        let optimizer = Optimizer::new(&settings, &head.weights, steps);
        Self::go_on(labels, Progress::before(head, optimizer), settings)
    }

    /// A training that goes on after its last whole epoch. The labels and the settings must be those that
    /// it began with, but for the number of epochs where no rate depends on it.
    ///
    /// # Errors
    /// [`HeadError`] says which of the arguments does not fit.
    pub fn go_on(labels: Vec<u16>, progress: Progress, settings: Settings) -> Result<Self, HeadError> {
        settings.check()?;
        let head = &progress.head;
        if settings.preset != head.preset {
            return Err(HeadError::Setting("preset"));
        }
        if let Some(&label) = labels.iter().find(|label| usize::from(**label) >= head.classes) {
            return Err(HeadError::Label(label));
        }
        let images = labels.len();
        let (train, batch) = plan(images, &settings);
        if train == 0 || (settings.preset.has_epochs() && train == images) {
            return Err(HeadError::TooFew { train, validation: images - train });
        }
        let row = head.shape.len();
        let weights = head.weights.without_channels();
        Ok(Self {
            gradient: weights.zeros(),
            statistics: head.statistics.clone(),
            optimizer: progress.optimizer.clone().with(Weights::without_channels),
            shuffle: Shuffle::new(train, row, buffer_images(row), settings.seed, settings.shuffle),
            weights,
            progress,
            settings,
            labels,
            train,
            batch,
            begun: false,
            drawn: None,
            kept: Vec::new(),
            trained: Score::default(),
            validated: Score::default(),
            missing: Vec::new(),
            missed: Vec::new(),
        })
    }

    /// Mixes so many images at a time in place of [`buffer_images`], to measure what that makes of a head.
    pub fn mixing(mut self, images: usize) -> Self {
        let (row, Settings { seed, shuffle, .. }) = (self.progress.head.shape.len(), self.settings);
        self.shuffle = Shuffle::new(self.train, row, images, seed, shuffle);
        self
    }

    /// Goes back to the end of the last whole epoch, for another team.
    pub fn restart(&mut self) {
        let head = &self.progress.head;
        self.weights = head.weights.without_channels();
        self.statistics = head.statistics.clone();
        self.optimizer = self.progress.optimizer.clone().with(Weights::without_channels);
        (self.trained, self.validated) = (Score::default(), Score::default());
        self.missing.clear();
        self.begun = false;
    }

    /// The validation images that got a wrong answer in the last whole epoch of this trainer: a bit each, the first
    /// image's the lowest of the first byte. Empty before that.
    pub fn missed(&self) -> &[u8] {
        &self.missed
    }

    /// How things stood after the last whole epoch.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Does a little more of the work: one batch, or a part of the validation. Only a head with a
    /// convolution makes use of the team.
    ///
    /// # Errors
    /// [`TrainError`] says what to do. [`HeadError::Diverged`] is told after the first batch whose loss is no number;
    /// the epochs before that stay in [`Trainer::progress`].
    pub async fn step<B: Blocks, T: Team>(
        &mut self,
        blocks: &mut B,
        team: &mut T,
    ) -> Result<Step, TrainError<B::Error>> {
        if self.is_over() {
            return Ok(Step::Done);
        }
        if !self.settings.preset.has_epochs() {
            return self.remember_part(blocks).await;
        }
        if !self.begun {
            self.begin(team).await?;
        }
        if self.trained.images < self.train {
            match self.settings.preset.has_convolution() {
                true => self.train_together(blocks, team).await?,
                false => self.train_means(blocks).await?,
            }
            // Nothing that comes after it would be a number either.
            if !self.trained.mean_loss().is_finite() {
                return Err(HeadError::Diverged(self.progress.epochs + 1).into());
            }
        } else {
            self.validate_part(blocks, team).await?;
        }
        if self.validated.images == self.labels.len() - self.train {
            return self.end_epoch(team).await.map(Step::Epoch);
        }
        let batches = |images: usize| images.div_ceil(self.batch) as u32;
        Ok(Step::Batch { done: batches(self.trained.images), total: batches(self.train) })
    }

    /// Whether all epochs are done, or too many have gone by since the best one; where there are none,
    /// whether all images are remembered.
    pub fn is_over(&self) -> bool {
        if !self.settings.preset.has_epochs() {
            return self.trained.images == self.labels.len();
        }
        let Progress { epochs, best, .. } = &self.progress;
        let best = best.as_ref().map_or(0, |(epoch, _)| *epoch);
        *epochs >= self.settings.epochs
            || self.settings.patience.is_some_and(|patience| *epochs >= best.saturating_add(patience))
    }

    /// Begins the first epoch of a team.
    async fn begin<T: Team>(&mut self, team: &mut T) -> Result<(), TeamError> {
        if self.settings.preset.has_convolution() {
            let beginning = Beginning {
                shape: self.progress.head.shape,
                settings: self.settings,
                weights: self.progress.head.weights.clone(),
                statistics: self.progress.head.statistics.clone(),
                optimizer: self.progress.optimizer.clone(),
            };
            team::begin(team, beginning).await?;
        }
        self.shuffle.begin(self.progress.epochs + 1);
        (self.drawn, self.begun) = (None, true);
        Ok(())
    }

    /// Does a part of the work of a head that only remembers.
    async fn remember_part<B: Blocks>(&mut self, blocks: &mut B) -> Result<Step, TrainError<B::Error>> {
        let (begin, row) = (self.trained.images, self.progress.head.shape.len());
        let total = self.labels.len().div_ceil(BLOCK) as u32;
        let number = (begin / BLOCK) as u32;
        let block = read_block(blocks, number, self.labels.len(), row).await?;
        let labels = &self.labels[begin..(begin + BLOCK).min(self.labels.len())];
        self.progress.head.remember(&block[..labels.len() * row], labels);
        self.trained.images += labels.len();
        Ok(Step::Batch { done: number + 1, total })
    }

    /// The number of the step that comes, counted from 0 over all epochs.
    fn step_number(&self) -> u32 {
        let batches = |images: usize| images.div_ceil(self.batch) as u32;
        self.progress.epochs.wrapping_mul(batches(self.train)).wrapping_add(batches(self.trained.images))
    }

    /// Trains on a batch by itself.
    async fn train_means<B: Blocks>(&mut self, blocks: &mut B) -> Result<(), TrainError<B::Error>> {
        let batch = self.shuffle.draw(self.batch, blocks).await?;
        let step = self.step_number();
        let means = Means::of(&batch.features, &self.progress.head);
        let mut pooled = means.pooled(&self.weights);
        self.learn_dense(&mut pooled, &batch.images, step);
        means.back(&pooled, &mut self.gradient);
        self.optimizer.step(&mut self.weights, &self.gradient);
        self.statistics.follow(&means.statistics);
        Ok(())
    }

    /// Trains on a batch with the team, which takes its own step while the next batch comes.
    async fn train_together<B: Blocks, T: Team>(
        &mut self,
        blocks: &mut B,
        team: &mut T,
    ) -> Result<(), TrainError<B::Error>> {
        let (shape, filters) = (self.progress.head.shape, self.weights.bias.len());
        let (images, features) = match self.drawn.take() {
            Some(drawn) => drawn,
            None => draw(&mut self.shuffle, self.batch, shape.channels, blocks).await?,
        };
        let step = self.step_number();
        team::rearrange(team).await?;
        team.tell(&TeamMessage::Forward(step), &features)?;
        let sums = team::sums(team, shape.channels, images.len() * places(shape) * filters);
        let next = draw(&mut self.shuffle, self.batch, shape.channels, blocks);
        let (sums, next) = join(sums, next).await;
        // What went wrong with the next batch goes wrong again when it is its turn.
        self.drawn = next.ok().filter(|(images, _)| !images.is_empty());
        let outputs = Outputs::of_batch(sums?, &self.weights.bias, places(shape), &self.settings, step);
        let mut pooled = outputs.pooled(filters);
        self.learn_dense(&mut pooled, &images, step);
        let derivative = outputs.back(&pooled, &mut self.gradient.bias);
        team.tell(&TeamMessage::Backward(derivative), &Sliced::default())?;
        self.optimizer.step(&mut self.weights, &self.gradient);
        Ok(())
    }

    /// `pooled` becomes its derivative.
    fn learn_dense(&mut self, pooled: &mut [f32], images: &[u32], step: u32) {
        let labels: Vec<u16> = images.iter().map(|image| self.labels[*image as usize]).collect();
        let mut random = Random::of(self.settings.seed, Use::Pooled, step);
        let dropout = Dropout { share: self.settings.dropout_pooled, random: &mut random };
        let score = dense(&self.weights, pooled, &labels, dropout, &mut self.gradient);
        self.trained = self.trained.and(score);
    }

    async fn validate_part<B: Blocks, T: Team>(
        &mut self,
        blocks: &mut B,
        team: &mut T,
    ) -> Result<(), TrainError<B::Error>> {
        let row = self.progress.head.shape.len();
        let begin = self.train + self.validated.images;
        let block = self.validation_block((begin / BLOCK) as u32, blocks).await?;
        let first = begin / BLOCK * BLOCK;
        let end = (first + BLOCK).min(self.labels.len());
        let (features, labels) = (&block[(begin - first) * row..(end - first) * row], begin..end);
        let pooled = if self.settings.preset.has_convolution() {
            let (shape, filters) = (self.progress.head.shape, self.weights.bias.len());
            team.tell(&TeamMessage::Evaluate, &Sliced::of(features, shape.channels))?;
            let rows = rows_of_evaluation(self.settings.preset, shape);
            let sums = team::sums(team, shape.channels, labels.len() * rows * filters).await?;
            Outputs::of_images(sums, &self.weights.bias, self.settings.preset, rows).pooled(filters)
        } else {
            self.head(self.weights.clone()).pooled(features, labels.len())
        };
        let mut scores = self.weights.scores(&pooled, labels.len());
        let classes = self.progress.head.classes;
        for (scores, &label) in scores.chunks_exact_mut(classes).zip(&self.labels[labels]) {
            let (image, right) = (self.validated.images, self.validated.correct);
            self.validated.count(scores, label);
            self.missing.resize(image / 8 + 1, 0);
            self.missing[image / 8] |= u8::from(self.validated.correct == right) << (image % 8);
        }
        Ok(())
    }

    /// A block with validation images. Where all features fit into memory it is read once.
    async fn validation_block<B: Blocks>(
        &mut self,
        number: u32,
        blocks: &mut B,
    ) -> Result<Rc<Vec<f16>>, TrainError<B::Error>> {
        let (row, images) = (self.progress.head.shape.len(), self.labels.len());
        let place = number as usize - self.train / BLOCK;
        if let Some(block) = self.kept.get(place) {
            return Ok(Rc::clone(block));
        }
        let block = read_block(blocks, number, images, row).await?;
        if self.shuffle.keeps_all() && images - self.train <= buffer_images(row) && place == self.kept.len() {
            self.kept.push(Rc::clone(&block));
        }
        Ok(block)
    }

    /// The head with these weights and the statistics as they are now.
    fn head(&self, weights: Weights) -> Head {
        let head = &self.progress.head;
        Head {
            preset: head.preset,
            shape: head.shape,
            classes: head.classes,
            weights,
            statistics: self.statistics.clone(),
            memory: Memory::default(),
            familiar: Familiar::default(),
        }
    }

    async fn end_epoch<E, T: Team>(&mut self, team: &mut T) -> Result<EpochReport, TrainError<E>> {
        let (epoch, val_loss) = (self.progress.epochs + 1, self.validated.mean_loss());
        let report = EpochReport {
            epoch,
            loss: self.trained.mean_loss(),
            accuracy: self.trained.accuracy(),
            val_loss,
            val_accuracy: self.validated.accuracy(),
            best: val_loss < self.progress.lowest,
        };
        if !report.loss.is_finite() || !val_loss.is_finite() {
            return Err(HeadError::Diverged(epoch).into());
        }
        let (mut weights, mut optimizer) = (self.weights.clone(), self.optimizer.clone());
        if self.settings.preset.has_convolution() {
            let shares = team::hand_over(team).await?;
            let channels = widths(self.progress.head.shape.channels);
            let parts: Vec<_> = shares.iter().map(|share| &share.weights).collect();
            weights = weights.with_channels(&parts, &channels);
            let parts: Vec<_> = shares.iter().map(|share| &share.optimizer).collect();
            optimizer = optimizer.joined(&parts, |kept, parts| kept.with_channels(parts, &channels));
            self.statistics = Statistics::joined(shares.iter().map(|share| &share.statistics));
        }
        if !weights.is_like(&self.progress.head.weights) {
            return Err(TeamError("the members' channels are not all".to_owned()).into());
        }
        let head = self.head(weights);
        if report.best {
            self.progress.best = Some((epoch, head.clone()));
            self.progress.lowest = val_loss;
        }
        (self.progress.head, self.progress.optimizer, self.progress.epochs) = (head, optimizer, epoch);
        self.progress.check()?;
        (self.trained, self.validated) = (Score::default(), Score::default());
        self.missed = std::mem::take(&mut self.missing);
        self.shuffle.begin(epoch + 1);
        self.drawn = None;
        Ok(report)
    }

    /// The best epoch so far, if there is one, with what its head makes of validation images.
    ///
    /// # Errors
    /// [`TrainError::Blocks`] and [`TrainError::Short`]; it may be tried again.
    pub async fn best<B: Blocks>(&self, blocks: &mut B) -> Result<Option<Best>, TrainError<B::Error>> {
        let (epoch, head) = match &self.progress.best {
            Some((epoch, head)) => (*epoch, head.clone()),
            None if self.settings.preset.has_epochs() || !self.is_over() => return Ok(None),
            None => (0, self.progress.head.clone()),
        };
        let images = self.labels.len();
        let train = training_images(images, self.settings.validation_share).clamp(1, images);
        judged(epoch, head, &self.labels, train, blocks).await.map(Some)
    }
}

/// Draws a batch for a team: its images' numbers and their features.
async fn draw<B: Blocks>(
    shuffle: &mut Shuffle,
    count: usize,
    channels: usize,
    blocks: &mut B,
) -> Result<(Vec<u32>, Sliced), TrainError<B::Error>> {
    let batch = shuffle.draw(count, blocks).await?;
    Ok((batch.images, Sliced::of(&batch.features, channels)))
}

/// Of so many images how many are trained on, and how many a step takes.
fn plan(images: usize, settings: &Settings) -> (usize, usize) {
    match settings.preset.has_epochs() {
        true => (training_images(images, settings.validation_share), settings.batch as usize),
        false => (images, BLOCK),
    }
}

/// Of so many images, the first that are trained on; the others are validation images.
fn training_images(images: usize, validation_share: f64) -> usize {
    (images as f64 * (1.0 - validation_share)).floor() as usize
}
