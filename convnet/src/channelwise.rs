//! Steps in which no channel meets another one: depthwise convolutions, pools, sums.

use crate::block::{COLUMNS, Row};
use crate::convolution::{Bias, Geometry};
use crate::map::{Bounds, View};

/// A convolution of each channel with a filter of its own.
pub struct Depthwise {
    /// One row of all channels for each tap.
    kernel: Vec<f32>,
    bias: Bias,
    begins: Vec<usize>,
    taps: Vec<usize>,
    places: Vec<usize>,
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
            begins: from.window(geometry.pads, geometry.strides, [to.size.height, to.size.width], images),
            taps: taps.collect(),
            places: to.places(images),
            channels: to.channels,
        }
    }

    /// Computes `images` of the images.
    pub fn run(&self, from: &[f32], to: &mut [f32], share: impl Fn(usize) -> usize) {
        let count = share(self.begins.len());
        for (&begin, &place) in self.begins.iter().zip(&self.places).take(count) {
            for first in (0..self.channels).step_by(COLUMNS) {
                let lanes = COLUMNS.min(self.channels - first);
                let mut sums = [0.0; COLUMNS];
                for (tap, kernel) in self.taps.iter().zip(self.kernel.chunks_exact(self.channels)) {
                    let values = &from[begin + tap + first..][..lanes];
                    let kernel = &kernel[first..][..lanes];
                    // Eight at a time are vectors.
                    match (<&Row>::try_from(values), <&Row>::try_from(kernel)) {
                        (Ok(values), Ok(kernel)) => add_products(&mut sums, values, kernel),
                        _ => add_products(&mut sums, values, kernel),
                    }
                }
                self.bias.store(&sums, first, &mut to[place + first..][..lanes]);
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
    /// Their mean; of those in the border too, if `border`.
    Mean {
        border: bool,
    },
}

/// A pool: each channel's largest value or mean in a window.
pub struct Pool {
    pub kind: Kind,
    pub geometry: Geometry,
    /// Bottom and right.
    pub far_pads: [usize; 2],
    pub from: View,
    pub to: View,
}

impl Pool {
    /// Computes the first `images` images.
    pub fn run(&self, from: &[f32], to: &mut [f32], images: usize) {
        let size = [self.from.size.height, self.from.size.width];
        let places = [self.to.size.height, self.to.size.width];
        let inputs = self.from.places(images);
        for (index, place) in self.to.places(images).into_iter().enumerate() {
            let image = index / (places[0] * places[1]);
            let at = [index / places[1] % places[0], index % places[1]];
            let [rows, columns] = [0, 1].map(|side| self.inside(side, at[side], size[side]));
            let out = &mut to[place..][..self.to.channels];
            let start = if self.kind == Kind::Largest { f32::NEG_INFINITY } else { 0.0 };
            out.fill(start);
            for row in rows.clone() {
                for column in columns.clone() {
                    let begin = inputs[(image * size[0] + row) * size[1] + column];
                    let values = out.iter_mut().zip(&from[begin..][..self.from.channels]);
                    match self.kind {
                        Kind::Largest => {
                            values.for_each(|(out, value)| *out = if *value > *out { *value } else { *out })
                        }
                        Kind::Mean { .. } => values.for_each(|(out, value)| *out += value),
                    }
                }
            }
            if let Kind::Mean { border } = self.kind {
                let count = match border {
                    true => (0..2).map(|side| self.padded(side, at[side], size[side])).product(),
                    false => rows.count() * columns.count(),
                };
                let share = 1.0 / count as f32;
                out.iter_mut().for_each(|out| *out *= share);
            }
        }
    }

    /// The rows or columns of the map that the window at `at` takes in.
    fn inside(&self, side: usize, at: usize, length: usize) -> impl Iterator<Item = usize> + Clone {
        let Geometry { kernel, strides, pads, dilations } = self.geometry;
        let (begin, pad) = (at * strides[side], pads[side]);
        let taps = (0..kernel[side]).map(move |tap| begin + tap * dilations[side]);
        taps.filter_map(move |tap| tap.checked_sub(pad).filter(|tap| *tap < length))
    }

    /// How many of the window's rows or columns are of the map or of its pads.
    fn padded(&self, side: usize, at: usize, length: usize) -> usize {
        let Geometry { kernel, strides, pads, dilations } = self.geometry;
        let end = pads[side] + length + self.far_pads[side];
        (0..kernel[side]).filter(|tap| at * strides[side] + tap * dilations[side] < end).count()
    }
}

/// Values that are stored as they are, or within bounds.
pub struct Copy {
    pub bounds: Bounds,
    pub from: View,
    pub to: View,
}

impl Copy {
    /// Copies the first `images` images.
    pub fn run(&self, from: &[f32], to: &mut [f32], images: usize) {
        for (begin, place) in self.from.places(images).into_iter().zip(self.to.places(images)) {
            let values = &from[begin..][..self.from.channels];
            to[place..].iter_mut().zip(values).for_each(|(out, value)| *out = self.bounds.clamp(*value));
        }
    }
}

/// Sums of two maps.
pub struct Sum {
    pub from: [View; 2],
    pub to: View,
}

impl Sum {
    /// Adds the first `images` images.
    pub fn run(&self, from: [&[f32]; 2], to: &mut [f32], images: usize) {
        let [first, second] = self.from.map(|view| view.places(images));
        for ((a, b), place) in first.into_iter().zip(second).zip(self.to.places(images)) {
            let values = from[0][a..][..self.to.channels].iter().zip(&from[1][b..]);
            to[place..].iter_mut().zip(values).for_each(|(out, (a, b))| *out = a + b);
        }
    }
}
