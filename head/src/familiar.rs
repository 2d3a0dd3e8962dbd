//! Whether an image is like any that a head has learnt from.

use half::f16;

use super::nearest::{most_similar, unit_means};
use crate::FeatureShape;

/// Training images that stand for all of them, at the most: with 2048 channels they fill 4 MB.
pub(super) const MOST_EXAMPLES: usize = 1_000;

/// Some of the images that a head has learnt from; without any, every image is familiar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Familiar {
    /// Images x channels: the mean over all places, each of length 1 (or 0).
    pub(super) examples: Vec<f16>,
}

impl Familiar {
    /// Takes `features` (images x height x width x channels), of which there should be [`MOST_EXAMPLES`]
    /// in all, [`spread`] over those that were learnt from.
    pub(super) fn add(&mut self, features: &[f16], shape: FeatureShape) {
        self.examples.extend(unit_means(features, shape).into_iter().map(f16::from_f32));
    }

    /// How far each of `features` (images x height x width x channels) lies from the nearest image
    /// that was learnt from: 1 minus the cosine of the angle between their means, from 0 for the
    /// same direction to 2.
    pub(super) fn distances(&self, features: &[f16], shape: FeatureShape) -> Vec<f32> {
        if self.examples.is_empty() {
            return vec![0.0; features.len() / shape.len()];
        }
        let nearest = most_similar(&self.examples, &unit_means(features, shape), shape.channels, 1);
        // The cosine of two equal vectors may be a little above 1.
        nearest
            .iter()
            .map(|nearest| nearest.first().map_or(2.0, |(cosine, _)| (1.0 - cosine).max(0.0)))
            .collect()
    }
}

/// At most `most` of the numbers below `count`, evenly spread.
pub(super) fn spread(count: usize, most: usize) -> impl Iterator<Item = usize> {
    let taken = count.min(most);
    (0..taken).map(move |place| place * count / taken)
}
