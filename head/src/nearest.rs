//! The vote of the most similar training images.

use half::f16;

use super::windows::{mean_places, widen};
use super::{Head, matmul};
use crate::FeatureShape;

/// Images that vote, where there are as many.
pub const VOTERS: usize = 5;
/// Remembered images that are compared at once: 2048 channels of them fill 8 MB.
const AT_ONCE: usize = 1_024;

/// What [`super::Preset::Nearest`] remembers; empty for all others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Images x channels: the mean over all places, each of length 1 (or 0).
    pub(super) examples: Vec<f16>,
    /// Labels of the same images.
    pub(super) labels: Vec<u16>,
}

impl Memory {
    /// Forgets all but the first so many images.
    pub(super) fn truncate(&mut self, images: usize, channels: usize) {
        self.examples.truncate(images * channels);
        self.labels.truncate(images);
    }
}

impl Head {
    /// Remembers more images.
    pub(super) fn remember(&mut self, features: &[f16], labels: &[u16]) {
        self.memory.examples.extend(unit_means(features, self.shape).into_iter().map(f16::from_f32));
        self.memory.labels.extend(labels);
    }

    /// The logarithm of each class's probability, images x classes.
    ///
    /// The 5 remembered images with the largest cosine similarity vote, the first of equals, each
    /// with its similarity where that is above 0; one more vote is split evenly between the classes,
    /// so that no class is impossible.
    pub(super) fn votes(&self, features: &[f16]) -> Vec<f32> {
        let asked = unit_means(features, self.shape);
        let nearest = most_similar(&self.memory.examples, &asked, self.shape.channels, VOTERS);
        let mut scores = Vec::with_capacity(nearest.len() * self.classes);
        for nearest in nearest {
            let mut votes = vec![1.0 / self.classes as f32; self.classes];
            for (similarity, example) in nearest {
                votes[usize::from(self.memory.labels[example])] += similarity.max(0.0);
            }
            let all: f32 = votes.iter().sum();
            scores.extend(votes.into_iter().map(|vote| (vote / all).ln()));
        }
        scores
    }
}

/// The mean over all places of each image, made of length 1 (zeros stay zeros): images x channels.
pub(super) fn unit_means(features: &[f16], shape: FeatureShape) -> Vec<f32> {
    let mut means = mean_places(features, shape);
    means.chunks_exact_mut(shape.channels).for_each(normalise);
    means
}

/// For each of `asked` (images x channels) the `count` examples (likewise) with the largest products,
/// the largest first, the first of equals: each with its product and its place among the examples.
pub(super) fn most_similar(
    examples: &[f16],
    asked: &[f32],
    channels: usize,
    count: usize,
) -> Vec<Vec<(f32, usize)>> {
    let images = asked.len() / channels;
    let mut nearest: Vec<Vec<(f32, usize)>> = vec![Vec::new(); images];
    let at_once = AT_ONCE.min(examples.len() / channels);
    let (mut wide, mut products) = (vec![0.0; at_once * channels], vec![0.0; images * at_once]);
    for (block, examples) in examples.chunks(AT_ONCE * channels).enumerate() {
        let some = examples.len() / channels;
        let (wide, products) = (&mut wide[..examples.len()], &mut products[..images * some]);
        widen(examples, wide);
        matmul::a_bt(asked, wide, products, [images, channels, some]);
        for (nearest, products) in nearest.iter_mut().zip(products.chunks_exact(some)) {
            for (&product, example) in products.iter().zip(block * AT_ONCE..) {
                let place = nearest.partition_point(|(other, _)| *other >= product);
                if place < count {
                    nearest.truncate(count - 1);
                    nearest.insert(place, (product, example));
                }
            }
        }
    }
    nearest
}

/// Makes a vector of length 1; zeros stay zeros.
fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
}
