//! Training a head on stored features and measuring it on the test images.

use std::rc::Rc;

use half::f16;
use serde_bytes::ByteBuf;

use crate::dataset::{Sample, Source};
use crate::features::{FeatureStore, ImageHash, StoreError};
use crate::head::{Best, Blocks, HeadError, Step, Team, Thresholds, TrainError, Trainer};
use crate::project::ProjectStore;
use crate::project::split::Rule;
use crate::protocol::{Epoch, Event, Limits, Problem, ProblemKind, Trained, TrainingOptions};

use super::interrupted::{Interrupted, about};
use super::steering::Job;
use super::stored_blocks::{RecordError, StoredBlocks};
use super::stored_head::StoredHead;
use super::{Host, Loaded, Session};

/// Milliseconds of computing after which commands are looked at.
pub(super) const BREATHE_EVERY: f64 = 50.0;
/// Milliseconds of work after which an epoch's end is kept.
const KEEP_EVERY: f64 = 1_000.0;
/// Teams that may be lost in a training before it is given up.
const MOST_LOST: u32 = 2;

/// Images with their labels: which of them are trained on, and which are for the exam. What comes into use after they
/// were taken changes nothing of them.
pub(super) struct Examples {
    pub(super) classes: Vec<String>,
    pub(super) source: Source,
    pub(super) train: Vec<ImageHash>,
    pub(super) train_labels: Vec<u16>,
    pub(super) test: Vec<ImageHash>,
    pub(super) test_labels: Vec<u16>,
}

/// A training under way, with all its epochs' figures.
struct Run {
    trainer: Trainer,
    options: TrainingOptions,
    epochs: Vec<Epoch>,
    /// The validation images that each of them got wrong.
    missed: Vec<ByteBuf>,
    /// What it is found by where it is interrupted; `None` for one that is not kept.
    about: Option<[u8; 32]>,
    /// Whether the person has ended it.
    stopped: bool,
    /// Why it cannot go on, where its loss is no number any more.
    diverged: Option<Problem>,
}

/// A head that has taken its exam.
pub(super) struct Measured {
    pub(super) head: StoredHead,
    /// The images of its training and its exam.
    examples: Examples,
    /// Seconds that epochs took before the training was interrupted.
    earlier: f64,
    /// Whether the person has ended the training.
    pub(super) stopped: bool,
    /// Whether it could not go on.
    over: bool,
    /// Why not, where its loss was no number any more.
    pub(super) diverged: Option<Problem>,
}

/// Whether a training is kept as it goes, and goes on with one that was kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Yes,
    No,
}

/// What a failed step asks for.
enum Mended {
    /// Try again.
    Yes,
    /// The person has stopped it.
    Stopped,
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    pub(super) async fn train(&mut self, options: TrainingOptions) -> Result<(), Problem> {
        self.refuse_too_few_takes()?;
        let begun = self.host.now();
        // A training that ends without a head ends with how things stand: features may be gone.
        let outcome = match self.examples() {
            Ok(examples) => self.train_and_measure(examples, options, Keep::Yes).await,
            Err(problem) => Err(problem),
        };
        match outcome {
            Ok(Some(Measured { head, examples, earlier, over, diverged, .. })) => {
                let seconds = (self.host.now() - begun) / 1000.0 + earlier;
                let row = self.training_of(&head.trained, &examples, seconds)?;
                // A row tells of a training even where its head cannot be kept.
                let kept = self.keep_head(head).await;
                // As long as the head is not stored, its training can be ended again.
                let forgotten = match (&kept, over) {
                    (Ok(()), true) => self.forget_interrupted().await,
                    _ => Ok(()),
                };
                self.keep_training(row).await?;
                kept.and(forgotten)?;
                if let Some(problem) = diverged {
                    self.tell_interrupted().await?;
                    return Err(problem);
                }
            }
            Ok(None) => self.tell_stored().await?,
            Err(problem) => {
                // Where that fails too, the first cause is what helps.
                let _ = self.tell_stored().await;
                return Err(problem);
            }
        }
        self.tell_interrupted().await
    }

    /// Refuses a project without an honest exam.
    pub(super) fn refuse_too_few_takes(&self) -> Result<(), Problem> {
        match self.project.as_ref().is_some_and(|open| !open.is_ready()) {
            true => Err(Problem::new(ProblemKind::TooFewTakes, "a class has fewer than three takes")),
            false => Ok(()),
        }
    }

    /// Trains a head on these images, with the validation share of the data in use, and measures it. `None` where
    /// the person stopped it before there was one.
    async fn train_and_measure(
        &mut self,
        examples: Examples,
        options: TrainingOptions,
        keep: Keep,
    ) -> Result<Option<Measured>, Problem> {
        let options = self.options_in_use(options, examples.train.len());
        self.train_on(examples, options, keep).await
    }

    /// The same with exactly these options.
    pub(super) async fn train_on(
        &mut self,
        examples: Examples,
        options: TrainingOptions,
        keep: Keep,
    ) -> Result<Option<Measured>, Problem> {
        options.check()?;
        if !self.recheck().await? {
            return Ok(None);
        }
        let mut run = self.begin_run(&examples, options, keep).await?;
        let earlier = run.epochs.iter().map(|epoch| f64::from(epoch.seconds)).sum();
        let mut blocks = self.blocks(&examples.train).await?;
        self.tell_run(&run);
        if !self.run_trainer(&mut run, &mut blocks, &examples.train).await? {
            return Ok(None);
        }
        self.host.emit(Event::Measuring { done: 0, total: examples.test.len() as u32 });
        let best = self.best_epoch(&mut run, &mut blocks, &examples.train).await?;
        drop(blocks);
        let exam = match &best {
            Some(best) => self.examine(&best.head, &examples.test, &examples.test_labels).await?,
            None => None,
        };
        let (Some(best), Some(exam)) = (best, exam) else {
            // What was trained need not be trained again.
            self.keep_interrupted(&run).await?;
            return Ok(None);
        };
        self.keep_missed(run.about, run.missed).await?;
        let trained = Trained {
            classes: examples.classes.clone(),
            source: examples.source,
            train: examples.train.len() as u32,
            exam,
            thresholds: Thresholds::calibrated(&best.judged),
            options,
            epochs: run.epochs,
            best_epoch: best.epoch,
            restored: false,
        };
        let measured = examples.test.iter().copied().zip(examples.test_labels.iter().copied()).collect();
        let head = StoredHead { trained, head: best.head, measured };
        // To go on with one whose loss is no number would come to the same.
        let over = run.about.is_some() && (run.trainer.is_over() || run.diverged.is_some());
        let Run { stopped, diverged, .. } = run;
        Ok(Some(Measured { head, examples, earlier, stopped, over, diverged }))
    }

    /// The options with the validation share that the data in use prescribes, where it does.
    pub(super) fn options_in_use(&self, mut options: TrainingOptions, train: usize) -> TrainingOptions {
        if let Some(validation) = self.data.as_ref().and_then(|data| data.dataset.validation) {
            options.validation_share = share_of(validation, train);
        }
        options
    }

    /// Trains a head on a split of the open project that tears takes apart, and tells what its exam
    /// would have claimed. It is trained as the head in use was, so that only the split differs, and
    /// thrown away.
    pub(super) async fn train_leaky(&mut self) -> Result<(), Problem> {
        let Some(options) = self.head.as_ref().map(|head| head.trained.options) else {
            return Err(Problem::new(ProblemKind::NoHead, "there is no head to compare with"));
        };
        let Some(leaky) = self.loaded(Rule::Leaky) else { return Ok(()) };
        let examples = leaky.examples(self.limits)?;
        let outcome = self.train_and_measure(examples, options, Keep::No).await;
        if let Some(Measured { head: StoredHead { trained, .. }, diverged, .. }) = outcome? {
            diverged.map_or(Ok(()), Err)?;
            self.host.emit(Event::Leaky { test: trained.test(), correct: trained.correct() });
        }
        self.tell_stored().await
    }

    /// A fresh training, or where one of the same images and options was interrupted, that one.
    async fn begin_run(
        &mut self,
        examples: &Examples,
        options: TrainingOptions,
        keep: Keep,
    ) -> Result<Run, Problem> {
        let (space, shape) = (self.space()?, self.ready()?.manifest.features);
        let about = (keep == Keep::Yes).then(|| about(&space, examples, &options));
        let labels = examples.train_labels.clone();
        let interrupted = match about {
            Some(about) => self.interrupted(|_| Some(about)).await?,
            None => None,
        };
        if let Some(Interrupted { progress, epochs, missed, .. }) = interrupted
            && let Ok(trainer) = Trainer::go_on(labels.clone(), progress, options)
        {
            return Ok(Run { trainer, options, epochs, missed, about, stopped: false, diverged: None });
        }
        let trainer = Trainer::new(labels, shape, examples.classes.len(), options)?;
        Ok(Run {
            trainer,
            options,
            epochs: Vec::new(),
            missed: Vec::new(),
            about,
            stopped: false,
            diverged: None,
        })
    }

    /// Tells the page that a training runs, with the epochs that are done.
    fn tell_run(&self, run: &Run) {
        let epochs = if run.options.preset.has_epochs() { run.options.epochs } else { 0 };
        self.host.emit(Event::TrainingStarted { epochs });
        run.epochs.iter().for_each(|epoch| self.host.emit(Event::Epoch(*epoch)));
    }

    /// Trains to the end, or until the person stops it. Whether there is anything to be measured then.
    async fn run_trainer(
        &mut self,
        run: &mut Run,
        blocks: &mut StoredBlocks<H, S>,
        hashes: &[ImageHash],
    ) -> Result<bool, Problem> {
        let channels = self.ready()?.manifest.features.channels;
        let most = if run.options.preset.has_convolution() { self.workers } else { 1 };
        let mut team = self.host.team(channels, most).await;
        let mut lost = 0;
        let mut epoch_begun = self.host.now();
        let (mut breathed, mut kept) = (epoch_begun, epoch_begun);
        loop {
            let step = run.trainer.step(blocks, &mut team);
            let Some(step) = self.beside_brief(Job::Training, step).await else {
                run.stopped = true;
                break;
            };
            match step {
                Ok(Step::Batch { done, total }) => {
                    if self.host.now() - breathed > BREATHE_EVERY {
                        self.host.emit(Event::TrainingProgress { done, total });
                    }
                }
                Ok(Step::Epoch(report)) => {
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
                    run.epochs.push(epoch);
                    run.missed.push(ByteBuf::from(run.trainer.missed()));
                    self.host.emit(Event::Epoch(epoch));
                    if now - kept > KEEP_EVERY {
                        self.keep_interrupted(run).await?;
                        kept = self.host.now();
                    }
                }
                Ok(Step::Done) => break,
                Err(TrainError::Team(error)) => {
                    lost += 1;
                    if lost > MOST_LOST {
                        return Err(Problem::new(ProblemKind::TeamLost, error));
                    }
                    run.trainer.restart();
                    self.tell_run(run);
                    // Fewer need less memory. The last one is this thread alone, which cannot be lost without
                    // the session.
                    let fewer = if lost == MOST_LOST { 1 } else { (team.members() / 2).max(1) };
                    drop(team);
                    team = self.host.team(channels, fewer).await;
                }
                Err(TrainError::Head(error @ HeadError::Diverged(_))) => {
                    if run.trainer.progress().best.is_none() {
                        return Err(error.into());
                    }
                    // The best epoch before that is a head, too.
                    run.diverged = Some(error.into());
                    break;
                }
                Err(error) => match self.mend(error, blocks, hashes).await? {
                    Mended::Yes => self.tell_run(run),
                    Mended::Stopped => {
                        run.stopped = true;
                        break;
                    }
                },
            }
            if self.host.now() - breathed > BREATHE_EVERY {
                let ended = self.is_ended_after_a_breath(Job::Training).await;
                breathed = self.host.now();
                if ended {
                    run.stopped = true;
                    break;
                }
            }
        }
        drop(team);
        Ok(run.trainer.progress().best.is_some() || run.trainer.is_over())
    }

    /// The best epoch of a training that is over.
    async fn best_epoch(
        &mut self,
        run: &mut Run,
        blocks: &mut StoredBlocks<H, S>,
        hashes: &[ImageHash],
    ) -> Result<Option<Best>, Problem> {
        loop {
            let best = run.trainer.best(blocks);
            match self.beside_brief(Job::Training, best).await {
                None => return Ok(None),
                Some(Ok(best)) => return Ok(best),
                Some(Err(error)) => match self.mend(error, blocks, hashes).await? {
                    Mended::Yes => self.tell_run(run),
                    Mended::Stopped => return Ok(None),
                },
            }
        }
    }

    async fn keep_interrupted(&self, run: &Run) -> Result<(), Problem> {
        let Some(about) = &run.about else { return Ok(()) };
        match self
            .write_interrupted(about, &run.options, &run.epochs, &run.missed, run.trainer.progress())
            .await
        {
            // What cannot be kept need not end the training.
            Err(problem) if problem.kind == ProblemKind::DiskFull => Ok(()),
            written => written,
        }
    }

    /// Does what a step needs that could not read its features: what is damaged is computed again.
    async fn mend(
        &mut self,
        error: TrainError<RecordError>,
        blocks: &mut StoredBlocks<H, S>,
        hashes: &[ImageHash],
    ) -> Result<Mended, Problem> {
        let RecordError { record, error } = match error {
            TrainError::Head(error) => return Err(error.into()),
            TrainError::Team(error) => return Err(Problem::new(ProblemKind::TeamLost, error)),
            TrainError::Short(block) => return Err(Problem::new(ProblemKind::FeaturesMissing, block)),
            TrainError::Blocks(error) => error,
        };
        if !matches!(error, StoreError::Damaged(_) | StoreError::Changed) {
            return Err(error.into());
        }
        self.cache.forget(record).await?;
        if self.foreign.is_some() {
            return Err(self.give_foreign_up(error).await);
        }
        // What another tab has removed was not damaged.
        if error != StoreError::Changed {
            self.host.emit(Event::Problem(Problem::new(ProblemKind::StoreMended, error)));
        }
        if !self.extract().await? {
            return Ok(Mended::Stopped);
        }
        *blocks = self.blocks(hashes).await?;
        Ok(Mended::Yes)
    }

    /// The stored features of these images.
    pub(super) async fn blocks(&mut self, hashes: &[ImageHash]) -> Result<StoredBlocks<H, S>, Problem> {
        let (space, row) = (self.space()?, self.ready()?.manifest.features.len());
        let index = self.cache.read(&space).await?;
        StoredBlocks::new(&self.host, &self.store, hashes, row, index)
    }

    /// A block of the exam's features; what is damaged is computed again.
    pub(super) async fn exam_block(
        &mut self,
        number: u32,
        blocks: &mut StoredBlocks<H, S>,
        hashes: &[ImageHash],
    ) -> Result<Option<Rc<Vec<f16>>>, Problem> {
        loop {
            match blocks.read(number, &[number + 1, number + 2]).await {
                Ok(block) => return Ok(Some(block)),
                Err(error) => {
                    if let Mended::Stopped = self.mend(TrainError::Blocks(error), blocks, hashes).await? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// The images in use.
    pub(super) fn examples(&self) -> Result<Examples, Problem> {
        match &self.data {
            Some(data) => data.examples(self.limits),
            None => Err(Problem::new(ProblemKind::TooFewImages, "no images are in use")),
        }
    }
}

impl<H, S> Loaded<H, S> {
    /// The images in use under `limits`.
    fn examples(&self, limits: Limits) -> Result<Examples, Problem> {
        let (train, test) = self.used(limits);
        if train == 0 || test == 0 {
            let detail = format!("{train} training, {test} test images");
            return Err(Problem::new(ProblemKind::TooFewImages, detail));
        }
        let (train, test) = (&self.dataset.train[..train], &self.dataset.test[..test]);
        let hashes = |samples: &[Sample]| samples.iter().map(|sample| sample.hash).collect();
        let labels = |samples: &[Sample]| samples.iter().map(|sample| sample.label).collect();
        Ok(Examples {
            classes: self.dataset.classes.clone(),
            source: self.dataset.source,
            train: hashes(train),
            train_labels: labels(train),
            test: hashes(test),
            test_labels: labels(test),
        })
    }
}

/// The share that makes `count` of `images` the validation images: the trainer rounds down what is
/// left for training, and half an image keeps that on the safe side.
pub(super) fn share_of(count: usize, images: usize) -> f64 {
    1.0 - (images.saturating_sub(count) as f64 + 0.5) / images.max(1) as f64
}
