//! What comes of a training, of its exam, and of a classification.

use serde::{Deserialize, Serialize};

use super::{Contributions, Doubt, Judged, MapPlace, Thresholds, TrainingOptions};
use crate::dataset::Source;
use crate::features::ImageHash;
use crate::metrics::{ConfusionMatrix, Reliability};
use crate::pixels::RgbImage;

/// One epoch's figures. Losses are mean cross-entropies in nats, accuracies shares from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: u32,
    /// Mean loss over the epoch's batches, dropout on, as Keras reports it.
    pub loss: f32,
    /// Accuracy over the epoch's batches, dropout on.
    pub accuracy: f32,
    /// Loss on the validation images, after the epoch.
    pub val_loss: f32,
    /// Accuracy on the validation images, after the epoch.
    pub val_accuracy: f32,
    /// Whether its validation loss is the lowest so far.
    pub best: bool,
    /// How long it took.
    pub seconds: f32,
}

/// A trained head and how good it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// The classes it knows.
    pub classes: Vec<String>,
    /// What it learnt from.
    pub source: Source,
    /// Training images, validation images included.
    pub train: u32,
    /// What the test images showed.
    pub exam: Exam,
    /// Where its answers begin to be withheld, as the validation images speak for.
    pub thresholds: Thresholds,
    /// How it was trained; the validation share is the one that was used.
    pub options: TrainingOptions,
    /// Every epoch's figures.
    pub epochs: Vec<Epoch>,
    /// The epoch whose weights were kept; 0 where the head needs none.
    pub best_epoch: u32,
    /// Whether it was found in the store, not trained just now.
    pub restored: bool,
}

impl Trained {
    /// Test images that the accuracy was measured on.
    pub fn test(&self) -> u32 {
        self.exam.confusion.total()
    }

    /// Test images it got right.
    pub fn correct(&self) -> u32 {
        self.exam.confusion.correct()
    }
}

/// What the test images showed of a head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exam {
    /// Which class was taken for which.
    pub confusion: ConfusionMatrix,
    /// Whether it is right as often as it claims.
    pub reliability: Reliability,
    /// The wrong answers it was surest of, the surest first.
    pub mistakes: Vec<Mistake>,
    /// All answers, in the order of the test images.
    pub judged: Vec<Judged>,
}

/// A test image that got a wrong answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// Which one it is.
    pub hash: ImageHash,
    /// The image, small.
    pub image: RgbImage,
    /// What it is, a place among the classes.
    pub label: u16,
    /// What it was taken for.
    pub answer: u16,
    /// The probability of that answer, from 0 to 1.
    pub probability: f32,
}

/// Test images of one class that got one answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExamImages {
    /// What they are, a place among the classes.
    pub label: u16,
    /// What they were taken for.
    pub answer: u16,
    /// The first of them, small.
    pub images: Vec<(ImageHash, RgbImage)>,
}

/// The validation images that an epoch got wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochImages {
    /// The epoch, counted from 1.
    pub epoch: u32,
    /// How many they are, of how many; `None` where that is not known any more, for other images are in use.
    pub wrong: Option<(u32, u32)>,
    /// The first of them, small, and what each is, a place among the classes.
    pub images: Vec<(ImageHash, u16, RgbImage)>,
}

/// A classified image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classified {
    /// The file's name.
    pub name: String,
    /// What the network saw, for showing.
    pub image: RgbImage,
    /// The classes' names.
    pub classes: Vec<String>,
    /// Probability of each class; they sum to 1.
    pub probabilities: Vec<f32>,
    /// Score of each class before the softmax.
    pub scores: Vec<f32>,
    /// How far the image lies from what the head has learnt ([`crate::head::Head::distances`]).
    pub distance: f32,
    /// What each place of the image adds to each class's score; empty where neighbours vote, and for
    /// pictures of the camera, which leave no time for it.
    pub contributions: Vec<Contributions>,
    /// How long it took from the file to the probabilities, in milliseconds; the first time with
    /// the engine's start.
    pub milliseconds: f32,
    /// Where that time went.
    pub stages: Stages,
    /// Whether it came from the camera.
    pub live: bool,
    /// Where it lies in the map of the features, where there is one of the features that the head takes.
    pub place: Option<MapPlace>,
}

/// How long each stage of a classification took, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stages {
    /// From the file or the camera's picture to what the network sees.
    pub prepare: f32,
    /// The network.
    pub features: f32,
    /// The head.
    pub head: f32,
}

impl Classified {
    /// Why the answer is withheld, if it is.
    pub fn doubt(&self, thresholds: &Thresholds) -> Option<Doubt> {
        thresholds.doubt(self.winner().map_or(0.0, |(_, probability)| probability), self.distance)
    }

    /// The most probable class's place and its probability; the first one of equals.
    pub fn winner(&self) -> Option<(usize, f32)> {
        let all = self.probabilities.iter().copied().enumerate();
        all.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}
