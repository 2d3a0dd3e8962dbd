//! Measuring a head on the test images, and showing what it made of them.

use half::f16;

use crate::features::FeatureStore;
use crate::head::{self, Head};
use crate::metrics::{ConfusionMatrix, Reliability};
use crate::pixels::RgbImage;
use crate::project::ProjectStore;
use crate::protocol::{Event, Exam, ExamImages, Mistake, Problem, ProblemKind};

use super::{Host, Session};

/// Test images evaluated at once.
const EVALUATED_AT_ONCE: usize = 200;
/// Wrong answers that are kept with the head.
const MOST_MISTAKES: usize = 12;
/// Images that are shown of one place in the confusion matrix.
const MOST_SHOWN: usize = 60;
/// Height and width at which test images are shown, at the most.
const SHOWN_SIDE: u32 = 96;

impl<H: Host, S: FeatureStore + ProjectStore> Session<H, S> {
    /// Lets `head` answer for all test images in use, whose features and labels are given in the
    /// dataset's order.
    pub(super) async fn examine(
        &mut self,
        head: &Head,
        features: &[f16],
        labels: &[u16],
    ) -> Result<Exam, Problem> {
        let (row, classes) = (head.shape().len(), head.classes());
        let mut confusion = ConfusionMatrix::new(classes);
        let mut reliability = Reliability::default();
        let (mut answers, mut wrong) = (Vec::with_capacity(labels.len()), Vec::new());
        for features in features.chunks(EVALUATED_AT_ONCE * row) {
            for probabilities in head.probabilities(features)?.chunks(classes) {
                let Some(&label) = labels.get(answers.len()) else { break };
                let answer = head::most_probable(probabilities);
                let right = answer == usize::from(label);
                confusion
                    .add(usize::from(label), answer)
                    .map_err(|error| Problem::new(ProblemKind::NoExam, error))?;
                reliability.add(probabilities[answer].into(), right);
                if !right {
                    wrong.push((answers.len(), probabilities[answer]));
                }
                answers.push(answer as u16);
            }
            self.host.breathe().await;
        }
        wrong.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let mistakes = wrong.iter().take(MOST_MISTAKES).filter_map(|&(number, probability)| {
            let image = self.test_image(number)?;
            Some(Mistake { image, label: labels[number], answer: answers[number], probability })
        });
        let mistakes = mistakes.collect();
        self.answers = answers;
        Ok(Exam { confusion, reliability, mistakes })
    }

    /// Shows the test images of class `label` that got `answer` in the last exam.
    pub(super) fn show_exam(&self, label: u16, answer: u16) -> Result<(), Problem> {
        let Some(data) = self.data.as_ref().filter(|_| !self.answers.is_empty()) else {
            return Err(Problem::new(ProblemKind::NoExam, "the head was measured in an earlier visit"));
        };
        let samples = data.dataset.test.iter().zip(&self.answers).enumerate();
        let found = samples.filter(|(_, (sample, given))| (sample.label, **given) == (label, answer));
        let images = found.take(MOST_SHOWN).filter_map(|(number, _)| self.test_image(number)).collect();
        self.host.emit(Event::ExamImages(ExamImages { label, answer, images }));
        Ok(())
    }

    fn test_image(&self, number: usize) -> Option<RgbImage> {
        let sample = self.data.as_ref()?.dataset.test.get(number)?;
        Some(sample.image.clone().reduced_to(SHOWN_SIDE))
    }
}
