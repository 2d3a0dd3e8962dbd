//! The loss on a batch of a head that learns by gradients, and its gradient, worked out by hand: what
//! comes after the pooling, and all of a head without a convolution. [`super::convolution`] and
//! [`super::shard`] have the rest.
//!
//! With pooled values G (images x filters), mask N of the second dropout and dense kernel D:
//!
//! ```text
//! quick: G = norm(mean over places of F)     norm(x) = γ x̂ + β, x̂ of mean 0 and variance 1
//! all:   Z = (N G) D + d    p = softmax(Z)
//!
//! dZ = (p - target) / images      dD = (N G)ᵀ dZ     dd = sum dZ     dG = N (dZ Dᵀ)
//! quick: dγ = sum dG x̂            dβ = sum dG
//! ```
//!
//! Nothing in front of batch norm is learnt, so that no derivative passes through it.

use half::f16;

use super::convolution::Outputs;
use super::slices::{Sliced, slices, widths};
use super::windows::{mean_places, places};
use super::{Beginning, Head, HeadError, Optimizer, Settings, Shards, Statistics, Weights};
use super::{matmul, softmax};
use crate::random::{Random, Use};

/// A dropout's share and its chance. Dropout is inverted: what is kept is scaled by 1 / (1 - share), so
/// that means stay what they are.
pub(super) struct Dropout<'a> {
    /// Share dropped, in [0, 1).
    pub share: f32,
    /// Where the mask comes from.
    pub random: &'a mut Random,
}

/// Sums over images.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// Of their cross-entropies, in nats.
    pub loss: f64,
    /// Right answers.
    pub correct: usize,
    /// All of them.
    pub images: usize,
}

impl Score {
    /// The mean cross-entropy in nats.
    pub fn mean_loss(&self) -> f32 {
        (self.loss / self.images as f64) as f32
    }

    /// The share of right answers.
    pub fn accuracy(&self) -> f32 {
        self.correct as f32 / self.images as f32
    }

    /// With those of more images.
    pub fn and(self, more: Self) -> Self {
        Self {
            loss: self.loss + more.loss,
            correct: self.correct + more.correct,
            images: self.images + more.images,
        }
    }

    /// Counts an image by its scores, which become probabilities.
    pub(super) fn count(&mut self, scores: &mut [f32], label: u16) {
        let label = usize::from(label);
        let of_label = scores[label];
        self.correct += usize::from(super::most_probable(scores) == label);
        self.loss += f64::from(softmax(scores) - of_label);
        self.images += 1;
    }
}

/// The score of one batch and its gradient, computed on this thread in the step of this number: what
/// [`super::Trainer`] and its team follow together.
///
/// # Errors
/// [`HeadError`] where features, labels, settings and head do not fit each other.
pub fn loss_and_gradient(
    head: &Head,
    features: &[f16],
    labels: &[u16],
    settings: &Settings,
    step: u32,
) -> Result<(Score, Weights), HeadError> {
    let weights = &head.weights;
    let mut gradient = weights.without_channels().zeros();
    let mut random = Random::of(settings.seed, Use::Pooled, step);
    let dropout = Dropout { share: settings.dropout_pooled, random: &mut random };
    if !head.preset.has_convolution() {
        let means = Means::of(features, head);
        let mut pooled = means.pooled(weights);
        let score = dense(weights, &mut pooled, labels, dropout, &mut gradient);
        means.back(&pooled, &mut gradient);
        return Ok((score, gradient));
    }
    let beginning = Beginning {
        shape: head.shape,
        settings: *settings,
        weights: weights.clone(),
        statistics: head.statistics.clone(),
        optimizer: Optimizer::new(settings, weights, 1),
    };
    let channels = head.shape.channels;
    let mut shards = Shards::new(&beginning, 0..slices(channels))?;
    // All slices together are one node.
    let sums = shards.forward(Sliced::of(features, channels).values(), step)?.remove(0);
    let outputs = Outputs::of_batch(sums, &weights.bias, places(head.shape), settings, step);
    let mut pooled = outputs.pooled(weights.bias.len());
    let score = dense(weights, &mut pooled, labels, dropout, &mut gradient);
    shards.backward(&outputs.back(&pooled, &mut gradient.bias))?;
    Ok((score, gradient.with_channels(&shards.gradients(), &widths(channels))))
}

/// The dense layer on a batch. `pooled` is G and becomes dG; `gradient` gets dD and dd. The score is that
/// with dropout.
pub(super) fn dense(
    weights: &Weights,
    pooled: &mut [f32],
    labels: &[u16],
    dropout: Dropout,
    gradient: &mut Weights,
) -> Score {
    let (images, classes) = (labels.len(), weights.dense_bias.len());
    let width = pooled.len() / images;
    let mut mask = vec![0.0; pooled.len()];
    fill_mask(&mut mask, dropout.share, dropout.random);
    pooled.iter_mut().zip(&mask).for_each(|(value, mask)| *value *= mask);
    let mut scores = vec![0.0; images * classes];
    matmul::a_b(pooled, &weights.dense_kernel, &mut scores, [images, width, classes]);
    let mut score = Score::default();
    for (&label, scores) in labels.iter().zip(scores.chunks_exact_mut(classes)) {
        scores.iter_mut().zip(&weights.dense_bias).for_each(|(score, bias)| *score += bias);
        score.count(scores, label);
        scores[usize::from(label)] -= 1.0;
        scores.iter_mut().for_each(|score| *score /= images as f32);
    }
    // From here on `scores` is dZ.
    matmul::at_b(pooled, &scores, &mut gradient.dense_kernel, [width, images, classes]);
    sum_rows(&scores, &mut gradient.dense_bias);
    matmul::a_bt(&scores, &weights.dense_kernel, pooled, [images, classes, width]);
    pooled.iter_mut().zip(&mask).for_each(|(value, mask)| *value *= mask);
    score
}

/// A batch of [`super::Preset::Quick`]: the means of its images, normalised.
pub(super) struct Means {
    /// x̂, images x channels.
    normalised: Vec<f32>,
    /// The batch's.
    pub statistics: Statistics,
}

impl Means {
    /// The means of these images' features.
    pub fn of(features: &[f16], head: &Head) -> Self {
        let mut normalised = mean_places(features, head.shape);
        let mut statistics = Statistics::initial(head.preset, head.shape.channels);
        statistics.measure(&normalised);
        let scale: Vec<f32> = statistics.inverse_deviation().collect();
        for values in normalised.chunks_exact_mut(scale.len()) {
            let factors = statistics.mean.iter().zip(&scale);
            values
                .iter_mut()
                .zip(factors)
                .for_each(|(value, (mean, scale))| *value = (*value - mean) * scale);
        }
        Self { normalised, statistics }
    }

    /// G
    pub fn pooled(&self, weights: &Weights) -> Vec<f32> {
        let mut pooled = self.normalised.clone();
        super::apply_norm(&mut pooled, &weights.gamma, &weights.beta);
        pooled
    }

    /// Puts dγ and dβ into `gradient`; `derivative` is dG.
    pub fn back(&self, derivative: &[f32], gradient: &mut Weights) {
        sum_rows(derivative, &mut gradient.beta);
        let gamma = &mut gradient.gamma;
        gamma.fill(0.0);
        let channels = gamma.len();
        let rows = derivative.chunks_exact(channels).zip(self.normalised.chunks_exact(channels));
        for (derivative, values) in rows {
            for ((sum, derivative), value) in gamma.iter_mut().zip(derivative).zip(values) {
                *sum += derivative * value;
            }
        }
    }
}

/// Each entry is 0 with probability `share`, else 1 / (1 - share).
pub(super) fn fill_mask(mask: &mut [f32], share: f32, random: &mut Random) {
    if share == 0.0 {
        mask.fill(1.0);
        return;
    }
    let kept = 1.0 / (1.0 - share);
    mask.iter_mut().for_each(|entry| *entry = if random.unit() < share { 0.0 } else { kept });
}

/// `sums` becomes the sum of all rows, each as long as `sums`.
pub(super) fn sum_rows(rows: &[f32], sums: &mut [f32]) {
    sums.fill(0.0);
    for row in rows.chunks_exact(sums.len()) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
}
