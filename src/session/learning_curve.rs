//! Training heads on ever more of the training images, to see whether more would help.

use std::collections::HashMap;

use crate::dataset::Pixels;
use crate::features::FeatureStore;
use crate::learning_curve::{Images, Point, Subset, plan};
use crate::project::ProjectStore;
use crate::protocol::{CurveEvent, Event, Problem, ProblemKind, TrainingOptions};

use super::steering::Job;
use super::training::{Examples, Keep, share_of};
use super::{Host, Session};

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Measures a learning curve of the images in use. The head in use stays, and those of the curve are thrown away.
    pub(super) async fn learning_curve(&mut self, options: TrainingOptions) -> Result<(), Problem> {
        self.refuse_too_few_takes()?;
        let outcome = self.measure_curve(options).await;
        self.host.emit(Event::Curve(CurveEvent::Over));
        outcome?;
        self.tell_stored().await
    }

    async fn measure_curve(&mut self, options: TrainingOptions) -> Result<(), Problem> {
        options.check()?;
        let all = self.examples()?;
        let validation = match self.data.as_ref().and_then(|data| data.dataset.validation) {
            Some(validation) => validation,
            None => {
                // As the trainer divides them.
                let learnt = all.train.len() as f64 * (1.0 - options.validation_share);
                all.train.len() - learnt.floor() as usize
            }
        };
        let groups = self.take_numbers(all.train.len());
        let images = Images { labels: &all.train_labels, groups: &groups, validation };
        let plan = plan(images, options.seed);
        let sizes = plan.subsets.iter().map(|subset| subset.images.len() as u32).collect();
        self.host.emit(Event::Curve(CurveEvent::Begun { sizes, left_out: plan.left_out }));
        for subset in &plan.subsets {
            let examples = part_of(&all, subset);
            let images = examples.train.len();
            if subset.validation == 0 && options.preset.has_epochs() {
                self.host.emit(Event::Curve(CurveEvent::LeftOut(subset.share)));
                continue;
            }
            let validation_share = match subset.validation {
                0 => options.validation_share,
                some => share_of(some, images),
            };
            let options = TrainingOptions { validation_share, ..options };
            let measured = match self.train_on(examples, options, Keep::No).await {
                Err(problem) if problem.kind == ProblemKind::TooFewImages => {
                    self.host.emit(Event::Curve(CurveEvent::LeftOut(subset.share)));
                    continue;
                }
                measured => measured?,
            };
            let Some(measured) = measured.filter(|measured| !measured.stopped) else { return Ok(()) };
            measured.diverged.map_or(Ok(()), Err)?;
            let exam = &measured.head.trained;
            let (test, correct) = (exam.test(), exam.correct());
            let point = Point { share: subset.share, images: images as u32, test, correct };
            self.host.emit(Event::Curve(CurveEvent::Measured(point)));
            if self.is_ended_after_a_breath(Job::Training).await {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Of the first so many training images in use, a number for the take of each; nothing where there are no takes.
    fn take_numbers(&self, images: usize) -> Vec<u32> {
        let (Some(open), Some(data)) = (&self.project, &self.data) else { return Vec::new() };
        let takes = open.takes().into_iter().flatten();
        let numbered = (0_u32..).zip(takes);
        let number: HashMap<u32, u32> =
            numbered.flat_map(|(number, take)| take.into_iter().map(move |id| (id, number))).collect();
        let take = |pixels: &Pixels| number.get(&pixels.stored()?).copied();
        // One without a take stays by itself.
        let alone = number.len() as u32;
        let samples = data.dataset.train.iter().take(images).zip(alone..);
        samples.map(|(sample, alone)| take(&sample.pixels).unwrap_or(alone)).collect()
    }
}

/// Some of the training images, with the whole exam.
fn part_of(all: &Examples, subset: &Subset) -> Examples {
    let places = &subset.images;
    Examples {
        classes: all.classes.clone(),
        source: all.source,
        train: places.iter().map(|place| all.train[*place]).collect(),
        train_labels: places.iter().map(|place| all.train_labels[*place]).collect(),
        test: all.test.clone(),
        test_labels: all.test_labels.clone(),
    }
}
