//! The part of the network that is trained here.
//!
//! There are four kinds, the [`Preset`]s: the notebook's head, which is the default, a quick and a
//! strong one, and the vote of the nearest neighbours. A head is data; [`Trainer`] trains any.
//! Dropout exists in training only.

use std::ops::Range;

use half::f16;

use familiar::Familiar;
use nearest::Memory;
use random::Random;
use tiles::{Room, Tiles};

mod best;
mod bytes;
mod contributions;
mod convolution;
mod division;
mod doubt;
mod familiar;
mod gradient;
pub mod matmul;
mod nearest;
mod optimizer;
mod progress;
pub mod random;
mod settings;
mod shape;
mod shard;
mod shuffle;
mod slices;
mod team;
mod tiles;
mod train;
pub mod values;
mod weights;
mod windows;

pub use best::Best;
pub use contributions::Contributions;
pub use division::Division;
pub use doubt::{Doubt, Judged, NEAR_SHARE, Tally, Thresholds, WANTED_SHARE};
pub use gradient::{Score, loss_and_gradient};
pub use nearest::VOTERS;
pub use optimizer::Optimizer;
pub use progress::Progress;
pub use settings::{MOST_BATCH, MOST_EPOCHS, Preset, Settings};
pub use shape::FeatureShape;
pub use shard::{Beginning, Shards, Share};
pub use shuffle::{BLOCK, Batch, Blocks, InMemory, Shuffle, buffer_images};
pub use slices::{Sliced, channels_of, most_members, nodes, slices, total};
pub use team::{LocalTeam, Member, Team, TeamError, TeamMessage, TeamReply};
pub use train::{EpochReport, Step, TrainError, Trainer};
pub use weights::{NORM_EPSILON, Statistics, Weights};

/// Height and width of the convolution's window.
pub const WINDOW: usize = 2;
/// Images whose tiles are cut at once in evaluation: 2048 channels at nine points fill 4.7 MB.
const RECTIFIED_AT_ONCE: usize = 64;

/// Why a head cannot be made, trained or used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum HeadError {
    /// The feature map is smaller than the convolution's window, or there are no classes.
    #[error("no head fits features of {0:?} and {1} classes")]
    Shape(FeatureShape, usize),
    /// Features or labels are not as many as they should be.
    #[error("{found} values where {expected} belong")]
    Length {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A label is not below the number of classes.
    #[error("label {0} belongs to no class")]
    Label(u16),
    /// Not a single image is left for training, or for validation.
    #[error("{train} images for training and {validation} for validation")]
    TooFew {
        /// Images to train on.
        train: usize,
        /// Images to choose the best epoch with.
        validation: usize,
    },
    /// Slices that a member has not, or has already.
    #[error("no work is to be done on slices {0:?}")]
    Slices(Range<usize>),
    /// A setting is outside of its range.
    #[error("{0} is out of range")]
    Setting(&'static str),
    /// The loss is no number any more.
    #[error("the loss of epoch {0} is not a number")]
    Diverged(u32),
    /// Bytes that are no head.
    #[error("not a trained head: {0}")]
    Unreadable(String),
}

/// A head: what kind it is, and its numbers. Parts that its kind does not have are empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    preset: Preset,
    shape: FeatureShape,
    classes: usize,
    /// What is learnt by gradients.
    pub weights: Weights,
    /// Batch norm's moving statistics.
    pub statistics: Statistics,
    memory: Memory,
    familiar: Familiar,
}

impl Head {
    /// An untrained head. Of the settings only the preset and the filters matter.
    ///
    /// # Errors
    /// [`HeadError::Shape`] where the map is smaller than 2 x 2, larger than any backbone's,
    /// or there are no classes.
    pub fn new(
        shape: FeatureShape,
        classes: usize,
        settings: &Settings,
        random: &mut Random,
    ) -> Result<Self, HeadError> {
        let (preset, filters) = (settings.preset, settings.filters);
        if !takes(shape) || classes == 0 || filters == 0 {
            return Err(HeadError::Shape(shape, classes));
        }
        Ok(Self {
            preset,
            shape,
            classes,
            weights: Weights::untrained(preset, shape, classes, filters, random),
            statistics: Statistics::initial(preset, shape.channels),
            memory: Memory::default(),
            familiar: Familiar::default(),
        })
    }

    /// Its kind.
    pub fn preset(&self) -> Preset {
        self.preset
    }

    /// Shape of the features it takes.
    pub fn shape(&self) -> FeatureShape {
        self.shape
    }

    /// Classes it tells apart.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// What [`Preset::Nearest`] remembers, nothing for the others: images x channels, the mean over
    /// all places of length 1 (or 0); and each image's label.
    pub fn remembered(&self) -> (&[f16], &[u16]) {
        (&self.memory.examples, &self.memory.labels)
    }

    /// Values that the dense layer sees: one a filter, without a convolution one a channel.
    fn pooled_len(&self) -> usize {
        if self.preset.has_convolution() { self.weights.bias.len() } else { self.shape.channels }
    }

    /// The scores before the softmax, images x classes, of `features`: any number of
    /// images, each height x width x channels. Where neighbours vote they are the logarithms of
    /// the probabilities.
    ///
    /// An image's scores are the same bits whichever images come with it.
    ///
    /// # Errors
    /// [`HeadError::Length`] where the features are not those of whole images.
    pub fn logits(&self, features: &[f16]) -> Result<Vec<f32>, HeadError> {
        let images = self.whole_images(features)?;
        if !self.preset.has_epochs() {
            return Ok(self.votes(features));
        }
        let pooled = self.pooled(features, images);
        Ok(self.weights.scores(&pooled, images))
    }

    /// What the dense layer sees of so many images' features: images x its inputs.
    fn pooled(&self, features: &[f16], images: usize) -> Vec<f32> {
        match (self.preset.has_convolution(), self.preset.has_norm()) {
            (true, true) => self.pool_rectified(features, images),
            (true, false) => self.pool_linear(features, images),
            (false, _) => self.pool_means(features),
        }
    }

    /// How many images these are the features of.
    fn whole_images(&self, features: &[f16]) -> Result<usize, HeadError> {
        let row = self.shape.len();
        match features.len().is_multiple_of(row) {
            true => Ok(features.len() / row),
            false => Err(HeadError::Length { found: features.len(), expected: features.len() / row * row }),
        }
    }

    /// Without dropout the mean over a linear convolution's places is the convolution of the mean
    /// window, a quarter of the work on a 3 x 3 map.
    fn pool_linear(&self, features: &[f16], images: usize) -> Vec<f32> {
        let (window, filters) = (windows::window_len(self.shape), self.pooled_len());
        let means = windows::mean_windows(features, self.shape);
        let mut pooled = vec![0.0; images * filters];
        matmul::a_bt(&means, &self.weights.kernel, &mut pooled, [images, window, filters]);
        for row in pooled.chunks_mut(filters) {
            row.iter_mut().zip(&self.weights.bias).for_each(|(value, bias)| *value += bias);
        }
        pooled
    }

    fn pool_means(&self, features: &[f16]) -> Vec<f32> {
        let (scale, shift) = self.folded_norm();
        let mut means = windows::mean_places(features, self.shape);
        apply_norm(&mut means, &scale, &shift);
        means
    }

    fn pool_rectified(&self, features: &[f16], images: usize) -> Vec<f32> {
        let (per_image, filters) = (windows::places(self.shape), self.pooled_len());
        let share = 1.0 / per_image as f32;
        let mut pooled = vec![0.0; images * filters];
        let parts = features.chunks(RECTIFIED_AT_ONCE * self.shape.len());
        for (features, pooled) in parts.zip(pooled.chunks_mut(RECTIFIED_AT_ONCE * filters)) {
            let mut map = vec![0.0; features.len()];
            windows::widen(features, &mut map);
            let outputs = self.rectified(&map);
            let outputs = outputs.chunks_exact(per_image * filters);
            for (outputs, pooled) in outputs.zip(pooled.chunks_exact_mut(filters)) {
                for outputs in outputs.chunks_exact(filters) {
                    pooled.iter_mut().zip(outputs).for_each(|(sum, value)| *sum += value * share);
                }
            }
        }
        pooled
    }

    /// The outputs of a convolution with ReLU behind batch norm, images · places x filters, of
    /// maps of height x width x channels.
    fn rectified(&self, maps: &[f32]) -> Vec<f32> {
        let filters = self.pooled_len();
        let (scale, shift) = self.folded_norm();
        let mut maps = maps.to_vec();
        apply_norm(&mut maps, &scale, &shift);
        let mut tiles = Tiles::new(self.shape);
        tiles.cut(&maps);
        let mut outputs = tiles.convolve(&self.weights.kernel, filters, &mut Room::default());
        for row in outputs.chunks_mut(filters) {
            row.iter_mut()
                .zip(&self.weights.bias)
                .for_each(|(value, bias)| *value = (*value + bias).max(0.0));
        }
        outputs
    }

    /// Batch norm with its moving statistics as one factor and one summand a channel.
    fn folded_norm(&self) -> (Vec<f32>, Vec<f32>) {
        self.statistics.folded(&self.weights.gamma, &self.weights.beta)
    }

    /// The classes' probabilities, images x classes, each image's summing to 1. Takes what
    /// [`Head::logits`] takes.
    ///
    /// # Errors
    /// [`HeadError::Length`] where the features are not those of whole images.
    pub fn probabilities(&self, features: &[f16]) -> Result<Vec<f32>, HeadError> {
        let mut values = self.logits(features)?;
        for row in values.chunks_mut(self.classes) {
            softmax(row);
        }
        Ok(values)
    }
}

/// `rows` of one value a channel, scaled and shifted.
fn apply_norm(rows: &mut [f32], scale: &[f32], shift: &[f32]) {
    for row in rows.chunks_exact_mut(scale.len()) {
        let learnt = scale.iter().zip(shift);
        row.iter_mut().zip(learnt).for_each(|(value, (scale, shift))| *value = *value * scale + shift);
    }
}

/// Whether a head can work on such features: the window fits, and there is something in it.
/// The upper bounds are a manifest's; no product of these sizes leaves 32 bits.
fn takes(shape: FeatureShape) -> bool {
    let side = WINDOW..=64;
    side.contains(&shape.height) && side.contains(&shape.width) && (1..=65_536).contains(&shape.channels)
}

/// Uniform in ±sqrt(6 / (inputs + outputs)): Glorot and Bengio 2010, equation 16.
fn glorot(inputs: usize, outputs: usize, count: usize, random: &mut Random) -> Vec<f32> {
    let limit = (6.0 / (inputs + outputs) as f32).sqrt();
    (0..count).map(|_| random.between(-limit, limit)).collect()
}

/// Turns scores into probabilities in place, and returns the logarithm of the sum of their
/// exponentials: a score minus that is the logarithm of its probability.
pub fn softmax(scores: &mut [f32]) -> f32 {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - largest).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
    largest + sum.ln()
}

/// The position of the largest of `probabilities`, the first of equals.
pub fn most_probable(probabilities: &[f32]) -> usize {
    let mut best = 0;
    for (class, probability) in probabilities.iter().enumerate() {
        if *probability > probabilities[best] {
            best = class;
        }
    }
    best
}
