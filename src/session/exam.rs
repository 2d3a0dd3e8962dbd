//! Measuring a head on the test images, and showing what it made of them.

use crate::dataset::Sample;
use crate::features::{FeatureStore, ImageHash};
use crate::head::{BLOCK, Head, Judged};
use crate::metrics::{ConfusionMatrix, Reliability};
use crate::pixels::RgbImage;
use crate::project::ProjectStore;
use crate::protocol::{Event, Exam, ExamImages, Mistake, Problem, ProblemKind};

use super::steering::Job;
use super::stored_head::StoredHead;
use super::{Host, Session};

/// Wrong answers that are kept with the head.
const MOST_MISTAKES: usize = 12;
/// Images that are shown of one place in the confusion matrix.
pub(super) const MOST_SHOWN: usize = 60;
/// Height and width at which test images are shown, at the most.
const SHOWN_SIDE: u32 = 96;

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Lets `head` answer for the test images of these hashes and labels, those in use in the dataset's
    /// order. `None` where the person stopped it.
    pub(super) async fn examine(
        &mut self,
        head: &Head,
        hashes: &[ImageHash],
        labels: &[u16],
    ) -> Result<Option<Exam>, Problem> {
        let mut confusion = ConfusionMatrix::new(head.classes());
        let mut reliability = Reliability::default();
        let mut all = Vec::with_capacity(labels.len());
        let mut blocks = self.blocks(hashes).await?;
        for (number, labels) in labels.chunks(BLOCK).enumerate() {
            let Some(features) = self.exam_block(number as u32, &mut blocks, hashes).await? else {
                return Ok(None);
            };
            let judged = head.judge(&features, labels)?;
            for (judged, &label) in judged.iter().zip(labels) {
                confusion
                    .add(label.into(), judged.answer.into())
                    .map_err(|error| Problem::new(ProblemKind::NoExam, error))?;
                reliability.add(judged.confidence.into(), judged.right);
            }
            all.extend(judged);
            self.host.emit(Event::Measuring { done: all.len() as u32, total: hashes.len() as u32 });
            if self.is_ended_after_a_breath(Job::Training).await {
                return Ok(None);
            }
        }
        let mut wrong: Vec<(usize, Judged)> =
            all.iter().copied().enumerate().filter(|(_, judged)| !judged.right).collect();
        wrong.sort_by(|(_, a), (_, b)| b.confidence.total_cmp(&a.confidence));
        let mut mistakes = Vec::new();
        for &(number, judged) in wrong.iter().take(MOST_MISTAKES) {
            let Some((hash, image)) = self.image_of(hashes[number]).await else { continue };
            let (answer, probability) = (judged.answer, judged.confidence);
            mistakes.push(Mistake { hash, image, label: labels[number], answer, probability });
        }
        Ok(Some(Exam { confusion, reliability, mistakes, judged: all }))
    }

    /// Shows the test images of class `label` that got `answer` when the head was measured.
    pub(super) async fn show_exam(&self, label: u16, answer: u16) -> Result<(), Problem> {
        let Some(head) = self.head.as_ref().filter(|head| self.is_measured_on_these(head)) else {
            return Err(Problem::new(ProblemKind::NoExam, "the head was measured on other images"));
        };
        let given = head.trained.exam.judged.iter().map(|judged| judged.answer);
        let found =
            head.measured.iter().zip(given).filter(|((_, of), given)| (*of, *given) == (label, answer));
        let mut images = Vec::new();
        for ((hash, _), _) in found.take(MOST_SHOWN) {
            images.extend(self.image_of(*hash).await);
        }
        self.host.emit(Event::ExamImages(ExamImages { label, answer, images }));
        Ok(())
    }

    /// Whether the test images in use are those that the head was measured on, with the same labels.
    fn is_measured_on_these(&self, head: &StoredHead) -> bool {
        let Some(data) = &self.data else { return false };
        let (_, test) = data.used(self.limits);
        let samples = data.dataset.test[..test].iter().map(|sample| (sample.hash, sample.label));
        !head.measured.is_empty() && samples.eq(head.measured.iter().copied())
    }

    /// An image in use, small. Where it cannot be read any more, the page is told.
    async fn image_of(&self, hash: ImageHash) -> Option<(ImageHash, RgbImage)> {
        let dataset = &self.data.as_ref()?.dataset;
        let sample = dataset.test.iter().chain(&dataset.train).find(|sample| sample.hash == hash)?;
        self.small_image(sample).await
    }

    /// A sample of the data in use, small. Where it cannot be read any more, the page is told.
    pub(super) async fn small_image(&self, sample: &Sample) -> Option<(ImageHash, RgbImage)> {
        let data = self.data.as_ref()?;
        match data.album.read(std::slice::from_ref(sample)).await {
            Ok(images) => Some((sample.hash, images.into_iter().next()?.reduced_to(SHOWN_SIDE))),
            Err(unread) => {
                self.host.emit(Event::Problem(unread.into()));
                None
            }
        }
    }

    /// Gives an image in use the class at place `label` of the trained head's: in a project it
    /// moves there, in other data it counts as that class until the data is read again.
    pub(super) async fn correct(&mut self, image: ImageHash, label: u16) -> Result<(), Problem> {
        let gone = |what: &str| Problem::new(ProblemKind::ExamChanged, what);
        let Some(head) = &self.head else { return Err(gone("there is no head")) };
        let name =
            head.trained.classes.get(usize::from(label)).ok_or_else(|| gone("there is no such class"))?;
        if self.project.is_some() {
            return self.move_image(image, &name.clone()).await;
        }
        let Some(data) = &mut self.data else { return Err(gone("no images are in use")) };
        let Some(class) = data.dataset.classes.iter().position(|class| class == name) else {
            return Err(gone("the images in use have no such class"));
        };
        let samples = data.dataset.test.iter_mut().chain(&mut data.dataset.train);
        let mut found = samples.filter(|sample| sample.hash == image).peekable();
        if found.peek().is_none() {
            return Err(gone("the image is not in use"));
        }
        found.for_each(|sample| sample.label = class as u16);
        self.tell_dataset().await
    }
}
