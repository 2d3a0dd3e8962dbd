//! The vote of the most similar training images.

use half::f16;

use super::windows::{mean_places, widen};
use super::{Head, matmul};

/// Images that vote, where there are as many.
const VOTERS: usize = 5;
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

impl Head {
    /// Remembers more images.
    pub(super) fn remember(&mut self, features: &[f16], labels: &[u16]) {
        let mut means = mean_places(features, self.shape);
        means.chunks_exact_mut(self.shape.channels).for_each(normalise);
        self.memory.examples.extend(means.into_iter().map(f16::from_f32));
        self.memory.labels.extend(labels);
    }

    /// The logarithm of each class's probability, images x classes.
    ///
    /// The 5 remembered images with the largest cosine similarity vote, the first of equals, each
    /// with its similarity where that is above 0; one more vote is split evenly between the classes,
    /// so that no class is impossible.
    pub(super) fn votes(&self, features: &[f16]) -> Vec<f32> {
        let (channels, classes) = (self.shape.channels, self.classes);
        let images = features.len() / self.shape.len();
        let mut asked = mean_places(features, self.shape);
        asked.chunks_exact_mut(channels).for_each(normalise);
        // Two rows at least, as in `Head::logits`.
        let rows = images.max(2);
        asked.resize(rows * channels, 0.0);
        let mut nearest: Vec<Vec<(f32, u16)>> = vec![Vec::new(); images];
        let mut wide = vec![0.0; AT_ONCE.min(self.memory.labels.len()) * channels];
        let mut products = vec![0.0; rows * AT_ONCE.min(self.memory.labels.len())];
        let blocks = self.memory.examples.chunks(AT_ONCE * channels);
        for (examples, labels) in blocks.zip(self.memory.labels.chunks(AT_ONCE)) {
            let (wide, products) = (&mut wide[..examples.len()], &mut products[..rows * labels.len()]);
            widen(examples, wide);
            matmul::a_bt(&asked, wide, products, [rows, channels, labels.len()]);
            for (nearest, products) in nearest.iter_mut().zip(products.chunks_exact(labels.len())) {
                for (&similarity, &label) in products.iter().zip(labels) {
                    let place = nearest.partition_point(|(other, _)| *other >= similarity);
                    if place < VOTERS {
                        nearest.truncate(VOTERS - 1);
                        nearest.insert(place, (similarity, label));
                    }
                }
            }
        }
        let mut scores = Vec::with_capacity(images * classes);
        for nearest in nearest {
            let mut votes = vec![1.0 / classes as f32; classes];
            nearest.iter().for_each(|&(similarity, label)| votes[usize::from(label)] += similarity.max(0.0));
            let all: f32 = votes.iter().sum();
            scores.extend(votes.into_iter().map(|vote| (vote / all).ln()));
        }
        scores
    }
}

/// Makes a vector of length 1; zeros stay zeros.
fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
}
