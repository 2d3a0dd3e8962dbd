//! Steps in which no channel meets another one: depthwise convolutions, pools, sums.

use onnx_prepare::Bounds;

use crate::block::{COLUMNS, Row};
use crate::convolution::{Bias, Geometry};
use crate::map::{Share, View};

/// A convolution of each channel with a filter of its own.
pub struct Depthwise {
    /// One row of all channels for each tap.
    kernel: Vec<f32>,
    bias: Bias,
    taps: Vec<usize>,
    windows: Vec<usize>,
    outputs: Vec<usize>,
    channels: usize,
}

impl Depthwise {
    /// `kernel` lies as channels x height x width. Maps hold `images` images.
    pub fn new(kernel: &[f32], bias: Bias, geometry: Geometry, [from, to]: [View; 2], images: usize) -> Self {
        let [height, width] = geometry.kernel;
        let [down, across] = geometry.dilations;
        let (row, column) = (down * from.size.row(), across * from.size.channels);
        let taps = (0..height).flat_map(|y| (0..width).map(move |x| y * row + x * column));
        let taps_of = |tap: usize| kernel.iter().skip(tap).step_by(height * width).copied();
        Self {
            kernel: (0..height * width).flat_map(taps_of).collect(),
            bias,
            taps: taps.collect(),
            windows: from.window(geometry.pads, geometry.strides, to.sides(), images),
            outputs: to.offsets(images),
            channels: to.channels,
        }
    }

    pub fn run(&self, from: &[f32], to: &mut [f32], share: Share) {
        for (&window, &output) in share.part(&self.windows).iter().zip(&self.outputs) {
            for first in (0..self.channels).step_by(COLUMNS) {
                let lanes = COLUMNS.min(self.channels - first);
                let mut sums = [0.0; COLUMNS];
                for (tap, kernel) in self.taps.iter().zip(self.kernel.chunks_exact(self.channels)) {
                    let values = &from[window + tap + first..][..lanes];
                    let kernel = &kernel[first..][..lanes];
                    // Eight at a time are vectors.
                    match (<&Row>::try_from(values), <&Row>::try_from(kernel)) {
                        (Ok(values), Ok(kernel)) => add_products(&mut sums, values, kernel),
                        _ => add_products(&mut sums, values, kernel),
                    }
                }
                self.bias.store(&sums, first, &mut to[output + first..][..lanes]);
            }
        }
    }
}

#[inline(always)]
fn add_products(sums: &mut Row, values: &[f32], weights: &[f32]) {
    let products = values.iter().zip(weights);
    sums.iter_mut().zip(products).for_each(|(sum, (value, weight))| *sum += value * weight);
}

/// What a pool makes of the values in its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Largest,
    /// Their mean; of those in the pads too, if `pads`.
    Mean {
        pads: bool,
    },
}

/// A pool: each channel's largest value or mean in a window.
pub struct Pool {
    kind: Kind,
    geometry: Geometry,
    from: View,
    to: View,
    inputs: Vec<usize>,
    outputs: Vec<usize>,
}

impl Pool {
    /// Maps hold `images` images. No window may be without a place of the map.
    pub fn new(kind: Kind, geometry: Geometry, [from, to]: [View; 2], images: usize) -> Self {
        let (inputs, outputs) = (from.offsets(images), to.offsets(images));
        Self { kind, geometry, from, to, inputs, outputs }
    }

    pub fn run(&self, from: &[f32], to: &mut [f32], share: Share) {
        let [height, width] = self.from.sides();
        let [rows, columns] = self.to.sides();
        let [apart_down, apart_across] = self.geometry.dilations;
        for (index, &output) in share.part(&self.outputs).iter().enumerate() {
            let image = index / (rows * columns);
            let (down, top) = self.geometry.within(0, index / columns % rows, height);
            let (across, left) = self.geometry.within(1, index % columns, width);
            let out = &mut to[output..][..self.to.channels];
            out.fill(if self.kind == Kind::Largest { f32::NEG_INFINITY } else { 0.0 });
            for row in 0..down.len() {
                for column in 0..across.len() {
                    let (row, column) = (top + row * apart_down, left + column * apart_across);
                    let input = self.inputs[(image * height + row) * width + column];
                    let values = out.iter_mut().zip(&from[input..][..self.from.channels]);
                    match self.kind {
                        Kind::Largest => {
                            values.for_each(|(out, value)| *out = if *value > *out { *value } else { *out });
                        }
                        Kind::Mean { .. } => values.for_each(|(out, value)| *out += value),
                    }
                }
            }
            if let Kind::Mean { pads } = self.kind {
                let [height, width] = if pads { self.geometry.kernel } else { [down.len(), across.len()] };
                let count = height as f32 * width as f32;
                out.iter_mut().for_each(|out| *out /= count);
            }
        }
    }
}

/// Values that are stored as they are, or within bounds.
pub struct Clamp {
    bounds: Bounds,
    channels: usize,
    inputs: Vec<usize>,
    outputs: Vec<usize>,
}

impl Clamp {
    /// Maps hold `images` images.
    pub fn new(bounds: Bounds, [from, to]: [View; 2], images: usize) -> Self {
        let (inputs, outputs) = (from.offsets(images), to.offsets(images));
        Self { bounds, channels: from.channels, inputs, outputs }
    }

    pub fn run(&self, from: &[f32], to: &mut [f32], share: Share) {
        for (&input, &output) in share.part(&self.inputs).iter().zip(&self.outputs) {
            let out = to[output..][..self.channels].iter_mut();
            out.zip(&from[input..]).for_each(|(out, value)| *out = self.bounds.clamp(*value));
        }
    }
}

/// Sums of two maps.
pub struct Sum {
    channels: usize,
    inputs: [Vec<usize>; 2],
    outputs: Vec<usize>,
}

impl Sum {
    /// Maps hold `images` images.
    pub fn new(from: [View; 2], to: View, images: usize) -> Self {
        let inputs = from.map(|view| view.offsets(images));
        Self { channels: to.channels, inputs, outputs: to.offsets(images) }
    }

    pub fn run(&self, from: [&[f32]; 2], to: &mut [f32], share: Share) {
        let [first, second] = &self.inputs;
        for ((&a, &b), &output) in share.part(first).iter().zip(second).zip(&self.outputs) {
            let values = from[0][a..].iter().zip(&from[1][b..]);
            let out = to[output..][..self.channels].iter_mut();
            out.zip(values).for_each(|(out, (a, b))| *out = a + b);
        }
    }
}
