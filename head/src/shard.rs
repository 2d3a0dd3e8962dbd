//! Slices of a convolution's channels, and what is computed with them alone.
//!
//! With the slice's part of maps F (images x places x channels), of kernel W and of masks M, and
//! `norm(F) = γ F̂ + β` where F̂ has mean 0 and variance 1 in every channel, [`Shards::forward`] gives
//!
//! ```text
//! notebook: S = conv(F, W)        strong: S = conv(M norm(F), W)
//! ```
//!
//! summed over its slices; the sum over all is the convolution without its bias. [`Shards::backward`] takes
//! dY (see [`super::convolution`]):
//!
//! ```text
//! notebook: dW = back(F, dY)
//! strong:   H = back(M F̂, dY)           K = back(M, dY)        dW = γ H + β K
//!           dγ = sum over filters and taps of W H              dβ = the same of W K
//! ```

use std::collections::BTreeMap;
use std::ops::Range;

use half::f16;
use serde::{Deserialize, Serialize};

use super::gradient::fill_mask;
use super::slices::{channels_of, columns, nodes, slices, total};
use super::tiles::{Derivative, Room, Tiles};
use super::windows::{mean_windows, widen, window_len};
use super::{HeadError, Optimizer, Preset, Settings, Statistics, Weights, apply_norm, matmul};
use crate::FeatureShape;
use crate::random::{Random, Use};

/// What a training of a convolution begins with, or goes on with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beginning {
    /// Of the features.
    pub shape: FeatureShape,
    /// Of the training.
    pub settings: Settings,
    /// All weights; those that belong to no channel are not used.
    pub weights: Weights,
    /// Batch norm's moving statistics.
    pub statistics: Statistics,
    /// That of all weights.
    pub optimizer: Optimizer,
}

/// What belongs to the channels of one slice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Kernel, γ and β.
    pub weights: Weights,
    /// Batch norm's moving statistics.
    pub statistics: Statistics,
    /// That of the weights.
    pub optimizer: Optimizer,
}

/// One member's slices.
pub struct Shards {
    /// By their numbers.
    shards: BTreeMap<usize, Shard>,
    settings: Settings,
    filters: usize,
    /// Of the whole maps.
    shape: FeatureShape,
    /// Of all slices.
    room: Room,
    /// Outputs of the batch that waits for its derivative.
    waiting: usize,
}

/// One slice.
struct Shard {
    /// Of the maps, with the slice's channels alone.
    shape: FeatureShape,
    /// Channels in front of the slice.
    before: usize,
    share: Share,
    /// Of the last batch, like the weights.
    gradient: Weights,
    /// F, or M F̂.
    maps: Vec<f32>,
    /// M where it masks the maps.
    mask: Vec<f32>,
    /// Of what is convolved.
    tiles: Tiles,
}

impl Shards {
    /// These slices.
    ///
    /// # Errors
    /// [`HeadError`] where the parts of `beginning` do not fit each other, or there are no such slices.
    pub fn new(beginning: &Beginning, own: Range<usize>) -> Result<Self, HeadError> {
        let Beginning { shape, settings, weights, statistics, optimizer } = beginning;
        settings.check()?;
        let filters = weights.bias.len();
        let fits = super::takes(*shape) && filters > 0 && settings.preset.has_convolution();
        if !fits {
            return Err(HeadError::Shape(*shape, filters));
        }
        if own.is_empty() || own.end > slices(shape.channels) {
            return Err(HeadError::Slices(own));
        }
        check(*shape, filters, settings.preset, (weights, statistics, optimizer))?;
        let shards =
            own.map(|slice| (slice, Shard::new(*shape, slice, Share::of(beginning, slice)))).collect();
        Ok(Self { shards, settings: *settings, filters, shape: *shape, room: Room::default(), waiting: 0 })
    }

    /// What belongs to each of its slices, as it is now.
    pub fn hand_over(&self) -> Vec<Share> {
        self.shards.values().map(|shard| shard.share.clone()).collect()
    }

    /// Gives these slices to another member, between two batches.
    ///
    /// # Errors
    /// [`HeadError::Slices`] where it has not all of them; it then has none of them any more.
    pub fn give(&mut self, gone: Range<usize>) -> Result<Vec<Share>, HeadError> {
        self.waiting = 0;
        let shares = gone.clone().map_while(|slice| self.shards.remove(&slice)).map(|shard| shard.share);
        let shares: Vec<_> = shares.collect();
        if shares.len() == gone.len() { Ok(shares) } else { Err(HeadError::Slices(gone)) }
    }

    /// Takes slices from another member, between two batches: those from number `first` on.
    ///
    /// # Errors
    /// [`HeadError`] where there are no such slices, it has one of them, or a share is not of this
    /// convolution.
    pub fn take(&mut self, first: usize, shares: Vec<Share>) -> Result<(), HeadError> {
        self.waiting = 0;
        let (shape, count) = (self.shape, slices(self.shape.channels));
        let taken = first..first.saturating_add(shares.len());
        if taken.end > count || taken.clone().any(|slice| self.shards.contains_key(&slice)) {
            return Err(HeadError::Slices(taken));
        }
        for (slice, Share { weights, statistics, optimizer }) in taken.clone().zip(&shares) {
            let shape = FeatureShape { channels: channels_of(shape.channels, slice).len(), ..shape };
            check(shape, self.filters, self.settings.preset, (weights, statistics, optimizer))?;
        }
        self.shards.extend(taken.zip(shares).map(|(slice, share)| (slice, Shard::new(shape, slice, share))));
        Ok(())
    }

    /// The gradient of the last batch, slice by slice.
    pub fn gradients(&self) -> Vec<&Weights> {
        self.shards.values().map(|shard| &shard.gradient).collect()
    }

    /// The sums of a batch, images · places of the output x filters, in the step of this number: one for each
    /// of the [`nodes`] of its slices. The `features` are as in [`super::Sliced::of_slices`].
    ///
    /// # Errors
    /// [`HeadError::Length`] where `features` are not those of a batch.
    pub fn forward(&mut self, features: &[f16], step: u32) -> Result<Vec<Vec<f32>>, HeadError> {
        self.waiting = 0;
        let (settings, filters, row) = (self.settings, self.filters, self.row());
        let images = features.len().checked_div(row).unwrap_or(0);
        expect(features.len(), images.clamp(1, super::MOST_BATCH as usize) * row)?;
        let sums = self
            .sum(features, |shard, features, room| shard.forward(features, filters, &settings, step, room))?;
        self.waiting = sums.first().map_or(0, Vec::len);
        Ok(sums)
    }

    /// Values of one image in these slices.
    fn row(&self) -> usize {
        self.shards.values().map(|shard| shard.shape.len()).sum()
    }

    /// Takes dY of the last batch, images · places x filters, and a step along the gradient.
    ///
    /// # Errors
    /// [`HeadError::Length`] where it is not that batch's derivative.
    pub fn backward(&mut self, derivative: &[f32]) -> Result<(), HeadError> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting == 0 {
            return Err(HeadError::Length { found: derivative.len(), expected: 0 });
        }
        expect(derivative.len(), waiting)?;
        let derivative = Derivative::of(derivative, self.filters, self.shape);
        for shard in self.shards.values_mut() {
            shard.backward(&derivative, &self.settings, &mut self.room);
            shard.share.optimizer.step(&mut shard.share.weights, &shard.gradient);
        }
        Ok(())
    }

    /// The sums of images without dropout, as in [`Self::forward`]: of each image one row of one value a
    /// filter, and of a convolution with ReLU one for each place of its output.
    ///
    /// # Errors
    /// [`HeadError::Length`] where `features` are not those of whole images.
    pub fn evaluate(&mut self, features: &[f16]) -> Result<Vec<Vec<f32>>, HeadError> {
        let row = self.row();
        expect(features.len(), features.len().checked_div(row).unwrap_or(0) * row)?;
        let filters = self.filters;
        self.sum(features, |shard, features, room| shard.evaluate(features, filters, room))
    }

    /// The sums of what its slices make of their part of the features: one for each of their [`nodes`].
    fn sum(
        &mut self,
        features: &[f16],
        mut make: impl FnMut(&mut Shard, &[f16], &mut Room) -> Vec<f32>,
    ) -> Result<Vec<Vec<f32>>, HeadError> {
        let numbers = self.shards.keys();
        let own = numbers.clone().min().zip(numbers.max()).map_or(0..0, |(first, last)| *first..last + 1);
        let (images, mut rest) = (features.len().checked_div(self.row()).unwrap_or(0), features);
        let mut make_one = |range: &Range<usize>| {
            let shard = self.shards.get_mut(&range.start).filter(|_| range.len() == 1)?;
            let (own, others) = rest.split_at(images * shard.shape.len());
            rest = others;
            Some(make(shard, own, &mut self.room))
        };
        let sums =
            nodes(0..slices(self.shape.channels), &own).into_iter().map(|node| total(node, &mut make_one));
        sums.collect::<Option<_>>().ok_or(HeadError::Slices(own))
    }
}

impl Share {
    /// That of the slice of this number; the parts of `beginning` fit each other.
    fn of(beginning: &Beginning, slice: usize) -> Self {
        let Beginning { shape, weights, statistics, optimizer, .. } = beginning;
        let channels = channels_of(shape.channels, slice);
        let of = |weights: &Weights| weights.of_channels(shape.channels, &channels);
        let own = |values: &[f32]| columns(values, shape.channels, channels.clone()).collect();
        let statistics = Statistics { mean: own(&statistics.mean), variance: own(&statistics.variance) };
        Self { weights: of(weights), statistics, optimizer: optimizer.clone().with(of) }
    }
}

impl Shard {
    /// The slice of this number of maps of this `shape`, with what belongs to it.
    fn new(shape: FeatureShape, slice: usize, share: Share) -> Self {
        let channels = channels_of(shape.channels, slice);
        let shape = FeatureShape { channels: channels.len(), ..shape };
        Self {
            shape,
            before: channels.start,
            gradient: share.weights.zeros(),
            share,
            maps: Vec::new(),
            mask: Vec::new(),
            tiles: Tiles::new(shape),
        }
    }

    fn forward(
        &mut self,
        features: &[f16],
        filters: usize,
        settings: &Settings,
        step: u32,
        room: &mut Room,
    ) -> Vec<f32> {
        self.maps.resize(features.len(), 0.0);
        widen(features, &mut self.maps);
        if settings.preset.has_norm() {
            let mut random = Random::of(settings.seed, Use::Map, step);
            random.skip(self.before * features.len() / self.shape.channels);
            let signal = self.normalise(settings.dropout_map, &mut random);
            self.tiles.cut(&signal);
        } else {
            self.tiles.cut(&self.maps);
        }
        self.tiles.convolve(&self.share.weights.kernel, filters, room)
    }

    /// From F in `maps` to M F̂, with M in `mask`; gives M norm(F).
    fn normalise(&mut self, drop: f32, random: &mut Random) -> Vec<f32> {
        let channels = self.shape.channels;
        let Share { weights, statistics: moving, .. } = &mut self.share;
        let mut statistics = Statistics::initial(Preset::Strong, channels);
        statistics.measure(&self.maps);
        moving.follow(&statistics);
        let scale: Vec<f32> = statistics.inverse_deviation().collect();
        self.mask.resize(self.maps.len(), 0.0);
        fill_mask(&mut self.mask, drop, random);
        let mut signal = vec![0.0; self.maps.len()];
        let rows = self.maps.chunks_exact_mut(channels).zip(self.mask.chunks_exact(channels));
        for ((maps, mask), signal) in rows.zip(signal.chunks_exact_mut(channels)) {
            let statistics = statistics.mean.iter().zip(&scale);
            for ((value, mask), (mean, scale)) in maps.iter_mut().zip(mask).zip(statistics) {
                *value = (*value - mean) * scale * mask;
            }
            let learnt = weights.gamma.iter().zip(&weights.beta);
            for (((signal, value), mask), (gamma, beta)) in signal.iter_mut().zip(maps).zip(mask).zip(learnt)
            {
                *signal = *value * gamma + mask * beta;
            }
        }
        signal
    }

    fn backward(&mut self, derivative: &Derivative, settings: &Settings, room: &mut Room) {
        if !settings.preset.has_norm() {
            self.tiles.back(derivative, &mut self.gradient.kernel, room);
            return;
        }
        self.tiles.cut(&self.maps);
        self.tiles.back(derivative, &mut self.gradient.kernel, room);
        self.tiles.cut(&self.mask);
        let mut of_mask = vec![0.0; self.gradient.kernel.len()];
        self.tiles.back(derivative, &mut of_mask, room);
        let Weights { kernel, gamma, beta, .. } = &self.share.weights;
        let gradient = &mut self.gradient;
        sum_products(kernel, &gradient.kernel, &mut gradient.gamma);
        sum_products(kernel, &of_mask, &mut gradient.beta);
        let channels = self.shape.channels;
        let taps = gradient.kernel.chunks_exact_mut(channels).zip(of_mask.chunks_exact(channels));
        for (gradient, of_mask) in taps {
            let learnt = gamma.iter().zip(beta);
            for ((gradient, of_mask), (gamma, beta)) in gradient.iter_mut().zip(of_mask).zip(learnt) {
                *gradient = gamma * *gradient + beta * of_mask;
            }
        }
    }

    fn evaluate(&mut self, features: &[f16], filters: usize, room: &mut Room) -> Vec<f32> {
        let Share { weights, statistics, .. } = &self.share;
        if weights.gamma.is_empty() {
            let (windows, window) = (mean_windows(features, self.shape), window_len(self.shape));
            let images = windows.len() / window;
            let mut sums = vec![0.0; images * filters];
            matmul::a_bt(&windows, &weights.kernel, &mut sums, [images, window, filters]);
            return sums;
        }
        let (scale, shift) = statistics.folded(&weights.gamma, &weights.beta);
        let mut maps = vec![0.0; features.len()];
        widen(features, &mut maps);
        apply_norm(&mut maps, &scale, &shift);
        self.tiles.cut(&maps);
        self.tiles.convolve(&weights.kernel, filters, room)
    }
}

/// `sums` becomes the sum over filters and taps of the products of `kernel` and `other`.
fn sum_products(kernel: &[f32], other: &[f32], sums: &mut [f32]) {
    sums.fill(0.0);
    let channels = sums.len();
    for (kernel, other) in kernel.chunks_exact(channels).zip(other.chunks_exact(channels)) {
        let products = kernel.iter().zip(other);
        sums.iter_mut().zip(products).for_each(|(sum, (weight, value))| *sum += weight * value);
    }
}

/// Checks that these belong to a convolution with so many filters on maps of this shape.
fn check(
    shape: FeatureShape,
    filters: usize,
    preset: Preset,
    (weights, statistics, optimizer): (&Weights, &Statistics, &Optimizer),
) -> Result<(), HeadError> {
    let normed = if preset.has_norm() { shape.channels } else { 0 };
    for weights in optimizer.kept().into_iter().chain([weights]) {
        expect(weights.kernel.len(), filters * window_len(shape))?;
        expect(weights.gamma.len(), normed)?;
        expect(weights.beta.len(), normed)?;
    }
    expect(statistics.mean.len(), normed)?;
    expect(statistics.variance.len(), normed)
}

fn expect(found: usize, expected: usize) -> Result<(), HeadError> {
    if found == expected { Ok(()) } else { Err(HeadError::Length { found, expected }) }
}
