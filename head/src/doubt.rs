//! When a head had better say that it does not know.

use half::f16;
use serde::{Deserialize, Serialize};

use super::{Head, HeadError, most_probable};

/// The share of right answers, among those given, that a threshold is looked for.
pub const WANTED_SHARE: f32 = 0.9;
/// The share of validation images that are near enough to what was learnt.
pub const NEAR_SHARE: f32 = 0.99;
/// Steps in which a confidence is set: whole percent.
const CONFIDENCE_STEPS: f32 = 100.0;
/// Steps in which a distance is set, a unit.
const DISTANCE_STEPS: f32 = 100.0;

/// An answer to an image whose class is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The most probable class's place.
    pub answer: u16,
    /// The probability of the answer, from 0 to 1.
    pub confidence: f32,
    /// How far the image lies from what was learnt, from 0 to 2 ([`Head::distances`]).
    pub distance: f32,
    /// Whether the answer is right.
    pub right: bool,
}

/// Why an answer is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No class is probable enough.
    Unsure,
    /// The image is like none that was learnt from.
    Unfamiliar,
}

/// Where answers begin to be withheld.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// An answer of a lower probability is withheld; from 0 to 1.
    pub confidence: f32,
    /// The answer to an image that lies farther away is withheld; from 0 to 2.
    pub distance: f32,
}

/// Nothing is withheld.
impl Default for Thresholds {
    fn default() -> Self {
        Self { confidence: 0.0, distance: 2.0 }
    }
}

impl Thresholds {
    /// The thresholds for which answers to validation images speak. The confidence is the lowest
    /// whole percent from which on [`WANTED_SHARE`] of the answers are right; where there is none, the
    /// one with the largest share. The distance is the smallest hundredth within which
    /// [`NEAR_SHARE`] of the images lie. Without images nothing is withheld.
    pub fn calibrated(judged: &[Judged]) -> Self {
        if judged.is_empty() {
            return Self::default();
        }
        let mut best = (0.0, -1.0);
        for step in 0..=CONFIDENCE_STEPS as u32 {
            let confidence = step as f32 / CONFIDENCE_STEPS;
            let tally = Self { confidence, ..Self::default() }.tally(judged);
            if tally.answered == 0 {
                break;
            }
            let share = tally.right as f32 / tally.answered as f32;
            if share > best.1 {
                best = (confidence, share);
            }
            if share >= WANTED_SHARE {
                break;
            }
        }
        let mut distances: Vec<f32> = judged.iter().map(|judged| judged.distance).collect();
        distances.sort_by(f32::total_cmp);
        let inside = (distances.len() as f32 * NEAR_SHARE).ceil() as usize;
        let distance = distances[inside.clamp(1, distances.len()) - 1];
        let distance = ((distance * DISTANCE_STEPS).ceil() / DISTANCE_STEPS).clamp(0.0, 2.0);
        Self { confidence: best.0, distance }
    }

    /// Why an answer of this confidence to an image of this distance is withheld, if it is.
    pub fn doubt(&self, confidence: f32, distance: f32) -> Option<Doubt> {
        // What is like nothing that was learnt says nothing about the classes.
        if distance > self.distance {
            Some(Doubt::Unfamiliar)
        } else if confidence < self.confidence {
            Some(Doubt::Unsure)
        } else {
            None
        }
    }

    /// How many of the answers are given, and how many of those are right.
    pub fn tally(&self, judged: &[Judged]) -> Tally {
        let given = judged.iter().filter(|judged| self.doubt(judged.confidence, judged.distance).is_none());
        given.fold(Tally::default(), |tally, judged| Tally {
            answered: tally.answered + 1,
            right: tally.right + u32::from(judged.right),
        })
    }
}

/// Answers that are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub answered: u32,
    /// The right ones.
    pub right: u32,
}

impl Head {
    /// How far each of `features` (images x height x width x channels) lies from the nearest image
    /// that was learnt from: 1 minus the cosine of the angle between their means over all places,
    /// from 0 to 2. 0 where nothing is known of what was learnt from.
    ///
    /// # Errors
    /// [`HeadError::Length`] where the features are not those of whole images.
    pub fn distances(&self, features: &[f16]) -> Result<Vec<f32>, HeadError> {
        self.whole_images(features)?;
        Ok(self.familiar.distances(features, self.shape))
    }

    /// The answers to images whose `labels` are known.
    ///
    /// # Errors
    /// [`HeadError::Length`] where features and labels are not as many.
    pub fn judge(&self, features: &[f16], labels: &[u16]) -> Result<Vec<Judged>, HeadError> {
        let (probabilities, distances) = (self.probabilities(features)?, self.distances(features)?);
        if distances.len() != labels.len() {
            return Err(HeadError::Length { found: labels.len(), expected: distances.len() });
        }
        let answers = probabilities.chunks_exact(self.classes).zip(distances).zip(labels);
        let judged = answers.map(|((probabilities, distance), &label)| {
            let answer = most_probable(probabilities);
            let (confidence, answer) = (probabilities[answer], answer as u16);
            Judged { answer, confidence, distance, right: answer == label }
        });
        Ok(judged.collect())
    }
}
