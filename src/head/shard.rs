//! Some of a convolution's filters, and what is computed with them alone.
//!
//! With maps F (places x images x channels), kernel W, masks M and P places of the output, and
//! `norm(F) = γ F̂ + β` where F̂ has mean 0 and variance 1 in every channel, [`Shard::forward`] gives G:
//!
//! ```text
//! notebook: Y = conv(F, W) + b          G = mean over places of M Y
//! strong:   Y = conv(M norm(F), W) + b  G = mean over places of [Y > 0] Y
//! ```
//!
//! and [`Shard::backward`] takes dG:
//!
//! ```text
//! dY = M dG / P or [Y > 0] dG / P       db = sum dY
//! notebook: dW = back(F, dY)
//! strong:   H = back(M F̂, dY)           K = back(M, dY)        dW = γ H + β K
//!           dγ = sum over filters and taps of W H              dβ = the same of W K
//! ```
//!
//! The sums for γ and β are given for [`GROUP`] filters at a time, so that whoever adds them up does
//! so in the same order however the filters are shared out.

use std::ops::Range;

use half::f16;
use serde::{Deserialize, Serialize};

use super::convolution::{TAPS, by_filter, by_tap, convolve, convolve_back, spread_places};
use super::gradient::{fill_mask, sum_rows};
use super::nearest::Memory;
use super::windows::places;
use super::{Familiar, Head, HeadError, Optimizer, Preset, Settings, Statistics, Weights};
use crate::backbone::FeatureShape;
use crate::random::{Random, Use};

/// Filters that stay together: the width of two tiles of the matrix products in WebAssembly.
pub const GROUP: usize = 16;

/// How many can share the work on so many filters.
pub fn most_members(filters: usize) -> usize {
    (filters / GROUP).max(1)
}

/// The filters of one of several members: whole groups, to the last member those left over too.
pub fn share(filters: usize, member: usize, members: usize) -> Range<usize> {
    let groups = most_members(filters);
    let begin = |member: usize| groups * member / members * GROUP;
    let end = if member + 1 == members { filters } else { begin(member + 1) };
    begin(member).min(filters)..end.min(filters)
}

/// What a training of a convolution begins with, or goes on with: all filters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beginning {
    /// Of the features.
    pub shape: FeatureShape,
    /// Of the training.
    pub settings: Settings,
    /// The convolution's kernel and bias; nothing else is used.
    pub weights: Weights,
    /// Theirs.
    pub optimizer: Optimizer,
}

/// What batch norm does to a map; empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Norm {
    /// One a channel.
    pub gamma: Vec<f32>,
    /// One a channel.
    pub beta: Vec<f32>,
}

/// What [`Shard::forward`] gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pooled {
    /// G of its filters, images x filters.
    pub values: Vec<f32>,
    /// The batch's, where there is batch norm.
    pub statistics: Statistics,
}

/// Some of the filters, with their part of the optimizer.
pub struct Shard {
    shape: FeatureShape,
    settings: Settings,
    filters: Range<usize>,
    /// Kernel (tap by tap) and bias of its filters.
    weights: Weights,
    optimizer: Optimizer,
    /// Of the last batch, like `weights`.
    gradient: Weights,
    batch: Scratch,
    /// The filters as a head, for evaluation, from the first one after a step on.
    judge: Option<Head>,
}

/// Intermediate values of a batch. What a kind of head does not have is empty.
#[derive(Default)]
struct Scratch {
    /// Images of the batch that waits for its derivative.
    images: usize,
    /// F, or M F̂.
    maps: Vec<f32>,
    /// M where it masks the maps.
    mask: Vec<f32>,
    /// M norm(F).
    signal: Vec<f32>,
    norm: Norm,
    statistics: Statistics,
    /// Y, later dY.
    outputs: Vec<f32>,
    /// What an output is multiplied by: M, or whether it is above zero.
    gate: Vec<f32>,
}

impl Shard {
    /// The part of a training that belongs to these filters.
    ///
    /// # Errors
    /// [`HeadError`] where the parts of `beginning` do not fit each other.
    pub fn new(beginning: &Beginning, filters: Range<usize>) -> Result<Self, HeadError> {
        let Beginning { shape, settings, weights, optimizer } = beginning;
        settings.check()?;
        let all = weights.bias.len();
        if !super::takes(*shape) || filters.is_empty() || filters.end > all {
            return Err(HeadError::Shape(*shape, all));
        }
        let window = TAPS * shape.channels;
        let mut kept = vec![weights];
        kept.extend(optimizer.kept());
        for weights in kept {
            expect(weights.kernel.len(), all * window)?;
            expect(weights.bias.len(), all)?;
        }
        let own = |weights: &Weights| {
            let mut own = weights.of_filters(&filters);
            own.kernel = by_tap(&own.kernel, shape.channels);
            own
        };
        let weights = own(weights);
        Ok(Self {
            shape: *shape,
            settings: *settings,
            optimizer: optimizer.clone().with(own),
            gradient: weights.zeros(),
            weights,
            filters,
            batch: Scratch::default(),
            judge: None,
        })
    }

    /// Its weights and optimizer, kernels filter by filter.
    pub fn hand_over(&self) -> (Weights, Optimizer) {
        let own = |weights: &Weights| Weights {
            kernel: by_filter(&weights.kernel, self.shape.channels),
            ..weights.clone()
        };
        (own(&self.weights), self.optimizer.clone().with(own))
    }

    /// The gradient of the last batch, the kernel's filter by filter.
    pub fn gradient(&self) -> Weights {
        let kernel = by_filter(&self.gradient.kernel, self.shape.channels);
        Weights { kernel, ..self.gradient.clone() }
    }

    /// The means of a batch, in the step of this number.
    ///
    /// # Errors
    /// [`HeadError::Length`] where `features` or `norm` are not as long as they should be.
    pub fn forward(&mut self, features: &[f16], step: u32, norm: &Norm) -> Result<Pooled, HeadError> {
        let (row, normed) = (self.shape.len(), self.settings.preset.has_norm());
        let images = features.len() / row;
        expect(features.len(), images.clamp(1, super::MOST_BATCH as usize) * row)?;
        let channels = if normed { self.shape.channels } else { 0 };
        expect(norm.gamma.len(), channels)?;
        expect(norm.beta.len(), channels)?;
        let batch = &mut self.batch;
        batch.images = images;
        batch.maps.resize(images * row, 0.0);
        spread_places(features, self.shape, &mut batch.maps);
        if normed {
            batch.norm.clone_from(norm);
            let mut random = Random::of(self.settings.seed, Use::Map, step);
            batch.normalise(self.shape.channels, self.settings.dropout_map, &mut random);
        }
        let inputs = if normed { &batch.signal } else { &batch.maps };
        batch.outputs.resize(images * places(self.shape) * self.filters.len(), 0.0);
        convolve(inputs, &self.weights.kernel, self.shape, &mut batch.outputs);
        self.open_gates(step);
        let values = self.pool();
        Ok(Pooled { values, statistics: self.batch.statistics.clone() })
    }

    /// Sets the gate of every output.
    fn open_gates(&mut self, step: u32) {
        let Scratch { outputs, gate, .. } = &mut self.batch;
        gate.resize(outputs.len(), 0.0);
        let filters = self.filters.len();
        if self.settings.preset.has_norm() {
            let rows = gate.chunks_exact_mut(filters).zip(outputs.chunks_exact(filters));
            for (gate, outputs) in rows {
                for ((gate, output), bias) in gate.iter_mut().zip(outputs).zip(&self.weights.bias) {
                    *gate = f32::from(u8::from(output + bias > 0.0));
                }
            }
            return;
        }
        // Filter by filter, so that each has its own stretch of chance.
        let rows = gate.len() / filters;
        let mut random = Random::of(self.settings.seed, Use::Map, step);
        random.skip(self.filters.start * rows);
        let mut mask = vec![0.0; rows];
        for filter in 0..filters {
            fill_mask(&mut mask, self.settings.dropout_map, &mut random);
            let gates = gate[filter..].iter_mut().step_by(filters);
            gates.zip(&mask).for_each(|(gate, mask)| *gate = *mask);
        }
    }

    /// The mean over the places of each image's outputs behind their gates.
    fn pool(&self) -> Vec<f32> {
        let (filters, images) = (self.filters.len(), self.batch.images);
        let share = 1.0 / places(self.shape) as f32;
        let mut pooled = vec![0.0; images * filters];
        let rows = self.batch.outputs.chunks_exact(filters).zip(self.batch.gate.chunks_exact(filters));
        for (row, (outputs, gates)) in rows.enumerate() {
            let pooled = &mut pooled[row % images * filters..][..filters];
            let values = outputs.iter().zip(&self.weights.bias).zip(gates);
            for (pooled, ((output, bias), gate)) in pooled.iter_mut().zip(values) {
                *pooled += (output + bias) * gate * share;
            }
        }
        pooled
    }

    /// Takes the derivative of the last batch's means, images x all filters, and computes the gradient.
    /// Gives what its filters add to batch norm's: of each of its groups γ's and β's, one a channel.
    ///
    /// # Errors
    /// [`HeadError::Length`] where it is not that batch's derivative.
    pub fn backward(&mut self, derivative: &[f32]) -> Result<Vec<f32>, HeadError> {
        let (filters, images) = (self.filters.len(), self.batch.images);
        let all = derivative.len() / images.max(1);
        if images == 0 || derivative.len() != images * all || all < self.filters.end {
            return Err(HeadError::Length { found: derivative.len(), expected: images * self.filters.end });
        }
        let share = 1.0 / places(self.shape) as f32;
        let Scratch { maps, mask, outputs, gate, norm, images: waiting, .. } = &mut self.batch;
        // A second derivative for the same batch would be of what is overwritten now.
        *waiting = 0;
        let rows = outputs.chunks_exact_mut(filters).zip(gate.chunks_exact(filters));
        for (row, (outputs, gates)) in rows.enumerate() {
            let derivative = &derivative[row % images * all..][self.filters.clone()];
            for ((output, derivative), gate) in outputs.iter_mut().zip(derivative).zip(gates) {
                *output = derivative * share * gate;
            }
        }
        sum_rows(outputs, &mut self.gradient.bias);
        convolve_back(maps, outputs, self.shape, &mut self.gradient.kernel);
        if !self.settings.preset.has_norm() {
            return Ok(Vec::new());
        }
        let mut of_mask = vec![0.0; self.gradient.kernel.len()];
        convolve_back(mask, outputs, self.shape, &mut of_mask);
        let channels = self.shape.channels;
        let learnt = group_sums(&self.weights.kernel, [&self.gradient.kernel, &of_mask], filters, channels);
        for (gradient, of_mask) in
            self.gradient.kernel.chunks_exact_mut(channels).zip(of_mask.chunks_exact(channels))
        {
            let factors = norm.gamma.iter().zip(&norm.beta);
            for ((gradient, of_mask), (gamma, beta)) in gradient.iter_mut().zip(of_mask).zip(factors) {
                *gradient = gamma * *gradient + beta * of_mask;
            }
        }
        Ok(learnt)
    }

    /// Takes the optimizer's step along the last gradient.
    pub fn step(&mut self) {
        self.optimizer.step(&mut self.weights, &self.gradient);
        self.judge = None;
    }

    /// The means of images without dropout, images x its filters.
    ///
    /// # Errors
    /// [`HeadError::Length`] where `features`, `norm` or `statistics` are not as long as they should be.
    pub fn evaluate(
        &mut self,
        features: &[f16],
        norm: &Norm,
        statistics: &Statistics,
    ) -> Result<Vec<f32>, HeadError> {
        let row = self.shape.len();
        expect(features.len(), features.len() / row * row)?;
        let channels = if self.settings.preset.has_norm() { self.shape.channels } else { 0 };
        for values in [&norm.gamma, &norm.beta, &statistics.mean, &statistics.variance] {
            expect(values.len(), channels)?;
        }
        let mut judge = match self.judge.take() {
            Some(judge) => judge,
            None => self.head(),
        };
        judge.weights.gamma.clone_from(&norm.gamma);
        judge.weights.beta.clone_from(&norm.beta);
        judge.statistics.clone_from(statistics);
        let pooled = judge.pooled(features, features.len() / row);
        self.judge = Some(judge);
        Ok(pooled)
    }

    fn head(&self) -> Head {
        Head {
            preset: self.settings.preset,
            shape: self.shape,
            classes: 0,
            weights: self.hand_over().0,
            statistics: Statistics::default(),
            memory: Memory::default(),
            familiar: Familiar::default(),
        }
    }
}

impl Scratch {
    /// From F in `maps` to M F̂, with M in `mask` and M norm(F) in `signal`.
    fn normalise(&mut self, channels: usize, drop: f32, random: &mut Random) {
        if self.statistics.mean.is_empty() {
            self.statistics = Statistics::initial(Preset::Strong, channels);
        }
        self.statistics.measure(&self.maps);
        let scale: Vec<f32> = self.statistics.inverse_deviation().collect();
        self.mask.resize(self.maps.len(), 0.0);
        self.signal.resize(self.maps.len(), 0.0);
        fill_mask(&mut self.mask, drop, random);
        let rows = self.maps.chunks_exact_mut(channels).zip(self.mask.chunks_exact(channels));
        for ((maps, mask), signal) in rows.zip(self.signal.chunks_exact_mut(channels)) {
            let statistics = self.statistics.mean.iter().zip(&scale);
            for ((value, mask), (mean, scale)) in maps.iter_mut().zip(mask).zip(statistics) {
                *value = (*value - mean) * scale * mask;
            }
            let learnt = self.norm.gamma.iter().zip(&self.norm.beta);
            for (((signal, value), mask), (gamma, beta)) in signal.iter_mut().zip(maps).zip(mask).zip(learnt)
            {
                *signal = *value * gamma + mask * beta;
            }
        }
    }
}

/// For each group of filters and each of `parts` the sum over its filters and all taps of the kernel times
/// the part, one a channel. All lie tap by tap.
fn group_sums(kernel: &[f32], parts: [&[f32]; 2], filters: usize, channels: usize) -> Vec<f32> {
    let mut sums = vec![0.0; filters.div_ceil(GROUP) * parts.len() * channels];
    for (group, sums) in sums.chunks_exact_mut(parts.len() * channels).enumerate() {
        for (part, sums) in parts.iter().zip(sums.chunks_exact_mut(channels)) {
            for tap in 0..TAPS {
                for filter in group * GROUP..(group * GROUP + GROUP).min(filters) {
                    let begin = (tap * filters + filter) * channels;
                    let values = kernel[begin..].iter().zip(&part[begin..]);
                    sums.iter_mut().zip(values).for_each(|(sum, (weight, value))| *sum += weight * value);
                }
            }
        }
    }
    sums
}

fn expect(found: usize, expected: usize) -> Result<(), HeadError> {
    if found == expected { Ok(()) } else { Err(HeadError::Length { found, expected }) }
}
