//! The 2 x 2 convolution and its kernel's gradient, without cutting windows out of the maps.
//!
//! A batch's maps lie place by place, `places x images x channels`, and a kernel tap by tap,
//! `taps x filters x channels`. What one tap meets along one row of the output is then one stretch of
//! memory, and the convolution a sum of plain matrix products.
//!
//! In every product an output's value depends on its own row and column only: a range of the filters
//! gives the same bits as all of them.

use half::f16;

use super::windows::{places, widen};
use super::{WINDOW, matmul};
use crate::backbone::FeatureShape;

/// Places of the kernel.
pub const TAPS: usize = WINDOW * WINDOW;

/// Widens features (images x places x channels) into maps.
pub fn spread_places(features: &[f16], shape: FeatureShape, maps: &mut [f32]) {
    let (row, channels) = (shape.len(), shape.channels);
    let images = features.len() / row;
    for (image, features) in features.chunks_exact(row).enumerate() {
        for (place, features) in features.chunks_exact(channels).enumerate() {
            widen(features, &mut maps[(place * images + image) * channels..][..channels]);
        }
    }
}

/// A kernel tap by tap, of one that lies as filters x taps x channels.
pub fn by_tap(kernel: &[f32], channels: usize) -> Vec<f32> {
    regrouped(kernel, channels, kernel.len() / (TAPS * channels), TAPS)
}

/// The reverse of [`by_tap`].
pub fn by_filter(kernel: &[f32], channels: usize) -> Vec<f32> {
    regrouped(kernel, channels, TAPS, kernel.len() / (TAPS * channels))
}

/// Runs of `channels` values that lie as outer x inner, as inner x outer.
fn regrouped(values: &[f32], channels: usize, outer: usize, inner: usize) -> Vec<f32> {
    let mut regrouped = Vec::with_capacity(values.len());
    for inner_at in 0..inner {
        for outer_at in 0..outer {
            let begin = (outer_at * inner + inner_at) * channels;
            regrouped.extend_from_slice(&values[begin..begin + channels]);
        }
    }
    regrouped
}

/// Calls `meet` for each row of the output and each tap: with the row's number, the tap's, and where in
/// the maps the stretch begins that they share, in values.
fn stretches(shape: FeatureShape, images: usize, mut meet: impl FnMut(usize, usize, usize)) {
    for y in 0..=shape.height - WINDOW {
        for tap in 0..TAPS {
            let (dy, dx) = (tap / WINDOW, tap % WINDOW);
            meet(y, tap, ((y + dy) * shape.width + dx) * images * shape.channels);
        }
    }
}

/// Rows of the maps that a tap meets along a row of the output.
fn rows_at_once(shape: FeatureShape, images: usize) -> usize {
    (shape.width - WINDOW + 1) * images
}

/// `out` becomes the convolution, places of the output x images x filters.
pub fn convolve(maps: &[f32], kernel: &[f32], shape: FeatureShape, out: &mut [f32]) {
    let images = maps.len() / shape.len();
    let (channels, filters) = (shape.channels, out.len() / (places(shape) * images));
    let rows = rows_at_once(shape, images);
    stretches(shape, images, |y, tap, begin| {
        let maps = &maps[begin..begin + rows * channels];
        let kernel = &kernel[tap * filters * channels..][..filters * channels];
        let out = &mut out[y * rows * filters..][..rows * filters];
        matmul::a_bt_and(kept(tap), maps, kernel, out, [rows, channels, filters]);
    });
}

/// `gradient` becomes the kernel's, of the output's `derivative` (places x images x filters).
pub fn convolve_back(maps: &[f32], derivative: &[f32], shape: FeatureShape, gradient: &mut [f32]) {
    let images = maps.len() / shape.len();
    let (channels, filters) = (shape.channels, derivative.len() / (places(shape) * images));
    let rows = rows_at_once(shape, images);
    stretches(shape, images, |y, tap, begin| {
        let maps = &maps[begin..begin + rows * channels];
        let derivative = &derivative[y * rows * filters..][..rows * filters];
        let gradient = &mut gradient[tap * filters * channels..][..filters * channels];
        matmul::at_b_and(kept(y), derivative, maps, gradient, [filters, rows, channels]);
    });
}

/// The first of several products overwrites, the others are added.
fn kept(number: usize) -> f32 {
    if number == 0 { 0.0 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_regrouped_and_back() {
        // Two filters of four taps with three channels.
        let kernel: Vec<f32> = (0..24_u8).map(f32::from).collect();
        let taps = by_tap(&kernel, 3);
        assert_eq!(taps[..6], [0.0, 1.0, 2.0, 12.0, 13.0, 14.0]);
        assert_eq!(by_filter(&taps, 3), kernel);
    }
}
