//! A head's numbers: what is learnt, and the statistics that batch norm keeps beside it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::slices::{columns, side_by_side};
use super::windows::window_len;
use super::{Preset, glorot, matmul, values};
use crate::FeatureShape;
use crate::random::Random;

/// Share of the past in batch norm's moving statistics (Keras' default).
const MOMENTUM: f32 = 0.99;
/// Added to batch norm's variance (Keras' default).
pub const NORM_EPSILON: f32 = 1e-3;

/// What is learnt, or something else of the same layout: its derivatives, an optimizer's means.
/// Parts that a head does not have are empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// The convolution's kernel: filters x (2 x 2 x channels). Keras keeps it transposed.
    #[serde(with = "values")]
    pub kernel: Vec<f32>,
    /// One a filter.
    #[serde(with = "values")]
    pub bias: Vec<f32>,
    /// The dense layer's kernel: filters (without a convolution: channels) x classes, as in Keras.
    #[serde(with = "values")]
    pub dense_kernel: Vec<f32>,
    /// One a class.
    #[serde(with = "values")]
    pub dense_bias: Vec<f32>,
    /// Batch norm's factor, one a channel.
    #[serde(with = "values")]
    pub gamma: Vec<f32>,
    /// What batch norm adds, one a channel.
    #[serde(with = "values")]
    pub beta: Vec<f32>,
}

impl Weights {
    /// Glorot's uniform kernels, factors of one, all else zero (Keras' defaults).
    pub(super) fn untrained(
        preset: Preset,
        shape: FeatureShape,
        classes: usize,
        filters: usize,
        random: &mut Random,
    ) -> Self {
        let mut weights = Self::default();
        if !preset.has_epochs() {
            return weights;
        }
        let mut dense_inputs = shape.channels;
        if preset.has_convolution() {
            let window = window_len(shape);
            let outputs = window / shape.channels * filters;
            weights.kernel = glorot(window, outputs, filters * window, random);
            weights.bias = vec![0.0; filters];
            dense_inputs = filters;
        }
        if preset.has_norm() {
            weights.gamma = vec![1.0; shape.channels];
            weights.beta = vec![0.0; shape.channels];
        }
        weights.dense_kernel = glorot(dense_inputs, classes, dense_inputs * classes, random);
        weights.dense_bias = vec![0.0; classes];
        weights
    }

    /// Zeros of the same layout.
    pub(super) fn zeros(&self) -> Self {
        let mut zeros = self.clone();
        zeros.parts_mut().into_iter().for_each(|part| part.fill(0.0));
        zeros
    }

    /// What belongs to some of so many channels: their part of the kernel, γ and β. All else is empty.
    pub(super) fn of_channels(&self, channels: usize, own: &Range<usize>) -> Self {
        let own = |values: &[f32]| columns(values, channels, own.clone()).collect();
        Self { kernel: own(&self.kernel), gamma: own(&self.gamma), beta: own(&self.beta), ..Self::default() }
    }

    /// What belongs to no channel in front of a convolution; without one everything.
    pub(super) fn without_channels(&self) -> Self {
        if self.kernel.is_empty() {
            return self.clone();
        }
        Self { kernel: Vec::new(), gamma: Vec::new(), beta: Vec::new(), ..self.clone() }
    }

    /// The same with what belongs to the channels, in parts that have so many `channels` each.
    pub(super) fn with_channels(self, parts: &[&Self], channels: &[usize]) -> Self {
        let together = |values: fn(&Self) -> &[f32]| {
            side_by_side(&parts.iter().map(|part| values(part)).collect::<Vec<_>>(), channels)
        };
        Self {
            kernel: together(|part| &part.kernel),
            gamma: together(|part| &part.gamma),
            beta: together(|part| &part.beta),
            ..self
        }
    }

    /// The dense layer's scores of so many images by their `pooled` values, images x its inputs.
    pub(super) fn scores(&self, pooled: &[f32], images: usize) -> Vec<f32> {
        let classes = self.dense_bias.len();
        let width = self.dense_kernel.len() / classes;
        let mut scores = vec![0.0; images * classes];
        matmul::a_b(pooled, &self.dense_kernel, &mut scores, [images, width, classes]);
        for row in scores.chunks_mut(classes) {
            row.iter_mut().zip(&self.dense_bias).for_each(|(value, bias)| *value += bias);
        }
        scores
    }

    /// Whether every part is as long as the other's.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.parts().into_iter().zip(other.parts()).all(|(part, other)| part.len() == other.len())
    }

    /// Its parts, in the order of the fields.
    pub fn parts(&self) -> [&Vec<f32>; 6] {
        let Self { kernel, bias, dense_kernel, dense_bias, gamma, beta } = self;
        [kernel, bias, dense_kernel, dense_bias, gamma, beta]
    }

    /// The same for changing them.
    pub fn parts_mut(&mut self) -> [&mut Vec<f32>; 6] {
        let Self { kernel, bias, dense_kernel, dense_bias, gamma, beta } = self;
        [kernel, bias, dense_kernel, dense_bias, gamma, beta]
    }
}

/// Mean and variance of each channel: of a batch, or moving over all batches so far. Empty where
/// there is no batch norm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// One a channel.
    pub mean: Vec<f32>,
    /// One a channel, not below 0; divided by the number of values, as in Keras.
    pub variance: Vec<f32>,
}

impl Statistics {
    /// Those before the first batch (Keras' defaults).
    pub(super) fn initial(preset: Preset, channels: usize) -> Self {
        let channels = if preset.has_norm() { channels } else { 0 };
        Self { mean: vec![0.0; channels], variance: vec![1.0; channels] }
    }

    /// Those of the parts' channels, one part after the other.
    pub(super) fn joined<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut joined = Self::default();
        for Self { mean, variance } in parts {
            joined.mean.extend(mean);
            joined.variance.extend(variance);
        }
        joined
    }

    /// Those of `rows`, any number of rows of one value a channel.
    pub(super) fn measure(&mut self, rows: &[f32]) {
        let channels = self.mean.len();
        let share = 1.0 / (rows.len() / channels) as f32;
        self.mean.fill(0.0);
        for row in rows.chunks_exact(channels) {
            self.mean.iter_mut().zip(row).for_each(|(mean, value)| *mean += value);
        }
        self.mean.iter_mut().for_each(|mean| *mean *= share);
        self.variance.fill(0.0);
        for row in rows.chunks_exact(channels) {
            for ((variance, value), mean) in self.variance.iter_mut().zip(row).zip(&self.mean) {
                *variance += (value - mean) * (value - mean);
            }
        }
        self.variance.iter_mut().for_each(|variance| *variance *= share);
    }

    /// Moves towards a batch's.
    pub(super) fn follow(&mut self, batch: &Self) {
        for (moving, batch) in [(&mut self.mean, &batch.mean), (&mut self.variance, &batch.variance)] {
            for (moving, batch) in moving.iter_mut().zip(batch) {
                *moving = MOMENTUM * *moving + (1.0 - MOMENTUM) * batch;
            }
        }
    }

    /// Batch norm with these statistics as one factor and one summand a channel.
    pub(super) fn folded(&self, gamma: &[f32], beta: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let scale: Vec<f32> = self.inverse_deviation().zip(gamma).map(|(one, gamma)| one * gamma).collect();
        let shift = scale.iter().zip(&self.mean).zip(beta);
        let shift = shift.map(|((scale, mean), beta)| beta - scale * mean).collect();
        (scale, shift)
    }

    /// One over the standard deviation of each channel, as batch norm has it.
    pub(super) fn inverse_deviation(&self) -> impl Iterator<Item = f32> {
        self.variance.iter().map(|variance| 1.0 / (variance + NORM_EPSILON).sqrt())
    }
}
