//! What comes between the sums over the channels, which [`super::Shards`] compute, and the pooled values.
//!
//! With sums S (images · places x filters), bias b, masks M and P places of the output:
//!
//! ```text
//! Y = S + b                    notebook: gate = M    strong: gate = [Y > 0]
//! G = mean over places of gate Y       dY = gate dG / P       db = sum dY
//! ```

use super::gradient::{fill_mask, sum_rows};
use super::windows::places;
use super::{Preset, Settings};
use crate::FeatureShape;
use crate::random::{Random, Use};

/// The outputs of a batch, and what each is multiplied by.
pub(super) struct Outputs {
    /// Y, later dY: images · places x filters.
    values: Vec<f32>,
    gate: Vec<f32>,
    places: usize,
}

impl Outputs {
    /// Those of a batch in the step of this number, whose images have so many `places` each.
    pub fn of_batch(sums: Vec<f32>, bias: &[f32], places: usize, settings: &Settings, step: u32) -> Self {
        let values = plus_bias(sums, bias);
        let gate = if settings.preset.has_norm() {
            open_above_zero(&values)
        } else {
            let mut mask = vec![0.0; values.len()];
            fill_mask(&mut mask, settings.dropout_map, &mut Random::of(settings.seed, Use::Map, step));
            mask
        };
        Self { values, gate, places }
    }

    /// Those without dropout, of images that have [`rows_of_evaluation`].
    pub fn of_images(sums: Vec<f32>, bias: &[f32], preset: Preset, rows: usize) -> Self {
        let values = plus_bias(sums, bias);
        let gate = if preset.has_norm() { open_above_zero(&values) } else { vec![1.0; values.len()] };
        Self { values, gate, places: rows }
    }

    /// G, images x so many filters.
    pub fn pooled(&self, filters: usize) -> Vec<f32> {
        let share = 1.0 / self.places as f32;
        let image = self.places * filters;
        let mut pooled = vec![0.0; self.values.len() / image * filters];
        let images = self.values.chunks_exact(image).zip(self.gate.chunks_exact(image));
        for (pooled, (values, gates)) in pooled.chunks_exact_mut(filters).zip(images) {
            for (values, gates) in values.chunks_exact(filters).zip(gates.chunks_exact(filters)) {
                let outputs = values.iter().zip(gates);
                pooled.iter_mut().zip(outputs).for_each(|(sum, (value, gate))| *sum += value * gate * share);
            }
        }
        pooled
    }

    /// From dG (images x filters) to dY; `bias` becomes db.
    pub fn back(mut self, derivative: &[f32], bias: &mut [f32]) -> Vec<f32> {
        let (filters, share) = (bias.len(), 1.0 / self.places as f32);
        let image = self.places * filters;
        let images = self.values.chunks_exact_mut(image).zip(self.gate.chunks_exact(image));
        for (derivative, (values, gates)) in derivative.chunks_exact(filters).zip(images) {
            for (values, gates) in values.chunks_exact_mut(filters).zip(gates.chunks_exact(filters)) {
                let places = values.iter_mut().zip(gates).zip(derivative);
                places.for_each(|((value, gate), derivative)| *value = derivative * share * gate);
            }
        }
        sum_rows(&self.values, bias);
        self.values
    }
}

/// Rows of sums that an image has without dropout: its places, where a ReLU stands behind them. Else the
/// convolution of the mean window is the mean of the convolution, a quarter of the work on a 3 x 3 map.
pub(super) fn rows_of_evaluation(preset: Preset, shape: FeatureShape) -> usize {
    if preset.has_norm() { places(shape) } else { 1 }
}

fn plus_bias(mut sums: Vec<f32>, bias: &[f32]) -> Vec<f32> {
    for row in sums.chunks_exact_mut(bias.len()) {
        row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
    }
    sums
}

fn open_above_zero(values: &[f32]) -> Vec<f32> {
    values.iter().map(|value| f32::from(u8::from(*value > 0.0))).collect()
}
