//! 3 x 3 and 5 x 5 convolutions by Winograd's minimal filtering, which multiplies less.
//!
//! A tile of 6 x 6 values and a kernel are evaluated as polynomials at six points along either side; there a
//! convolution is one product, 36 a tile for each channel and filter, where 4 x 4 outputs of a 3 x 3 kernel
//! take 144 and 2 x 2 of a 5 x 5 kernel 100. (Lavin and Gray, "Fast Algorithms for Convolutional Neural
//! Networks", 2015, with the points 0, 1, -1, 2, -2 and infinity.) It is the same convolution in another order
//! of summing; what that does to the last digits is in docs/benchmarks.md.

use std::array;
use std::ops::{Add, Mul, Sub};

use crate::block::{COLUMNS, Panels, Row, Rows, Tap, store};
use crate::convolution::{Bias, Geometry};
use crate::map::{Share, View};

/// Values along a tile's side, and points that they are evaluated at.
const SIDE: usize = 6;
const POINTS: usize = SIDE * SIDE;
/// The finite points.
const FINITE: [f64; SIDE - 1] = [0.0, 1.0, -1.0, 2.0, -2.0];
/// Tiles that are computed together: their values and products at all points then fit beside each other into
/// a cache of a megabyte or two.
const CHUNK: usize = 32;

/// Channels and filters at the most: what is computed together has 2.3 MB for 512 of either.
const MOST_CHANNELS: usize = 4096;

/// A convolution with steps of 1, computed by tiles.
pub struct Tiles {
    /// For each point the kernels' values there, channels x filters.
    panels: Vec<Panels>,
    bias: Bias,
    windows: Vec<usize>,
    /// For each tile where its outputs begin, and how many rows and columns of it there are.
    outputs: Vec<Output>,
    from: View,
    to: View,
    /// Rows and columns of outputs in a tile.
    step: usize,
}

#[derive(Clone, Copy)]
struct Output {
    begin: usize,
    rows: usize,
    columns: usize,
}

/// How a convolution is computed by tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    /// Rows and columns of outputs in a tile.
    step: usize,
    /// Places of the input's border that are wanted at the bottom and at the right.
    pub border: [usize; 2],
}

impl Fit {
    /// `None` where a convolution cannot be computed by tiles, or it does not pay.
    pub fn of(geometry: &Geometry, [from, to]: [View; 2]) -> Option<Self> {
        let step = match geometry.kernel {
            [3, 3] => 4,
            [5, 5] => 2,
            _ => return None,
        };
        let plain = geometry.strides == [1, 1] && geometry.dilations == [1, 1];
        // On small maps the kernels, larger than before, cost more than the products that are spared.
        let [height, width] = to.sides();
        let pays = from.channels >= 16 && height.saturating_mul(width) >= 100;
        let held = from.channels <= MOST_CHANNELS && to.channels <= MOST_CHANNELS;
        (plain && pays && held).then(|| {
            let border = array::from_fn(|side| {
                let end = (to.sides()[side].div_ceil(step) - 1) * step + SIDE;
                end.saturating_sub(geometry.pads[side] + from.sides()[side])
            });
            Self { step, border }
        })
    }

    /// Rows of the weights that tiles of so many channels meet, at all points.
    pub fn rows(&self, channels: usize) -> usize {
        POINTS * channels
    }
}

impl Tiles {
    /// `kernel` lies as filters x channels x height x width. Maps hold `images` images.
    pub fn new(
        kernel: &[f32],
        bias: Bias,
        geometry: Geometry,
        Fit { step, .. }: Fit,
        [from, to]: [View; 2],
        images: usize,
    ) -> Self {
        let taps = geometry.kernel[0];
        let evaluate = evaluations(taps);
        let [height, width] = to.sides();
        let mut outputs = Vec::new();
        for rows in to.offsets(images).chunks_exact(height * width) {
            for row in (0..height).step_by(step) {
                outputs.extend((0..width).step_by(step).map(|column| Output {
                    begin: rows[row * width + column],
                    rows: step.min(height - row),
                    columns: step.min(width - column),
                }));
            }
        }
        let kernels: Vec<[f32; POINTS]> =
            kernel.chunks_exact(taps * taps).map(|kernel| at_all_points(kernel, &evaluate)).collect();
        let panels = (0..POINTS).map(|point| {
            let weight =
                |_: usize, channel: usize, filter: usize| kernels[filter * from.channels + channel][point];
            Panels::new([1, from.channels], to.channels, weight)
        });
        Self {
            panels: panels.collect(),
            bias,
            windows: from.window(
                geometry.pads,
                [step; 2],
                [height, width].map(|side| side.div_ceil(step)),
                images,
            ),
            outputs,
            from,
            to,
            step,
        }
    }

    pub fn run(&self, from: &[f32], to: &mut [f32], share: Share) {
        let (channels, filters) = (self.from.channels, self.to.channels.next_multiple_of(COLUMNS));
        let mut inputs = vec![0.0; POINTS * CHUNK * channels];
        let mut products = vec![0.0; POINTS * CHUNK * filters];
        let begins: [usize; CHUNK] = array::from_fn(|tile| tile * channels);
        let windows = share.part(&self.windows).chunks(CHUNK);
        for (windows, outputs) in windows.zip(self.outputs.chunks(CHUNK)) {
            for (tile, &window) in windows.iter().enumerate() {
                self.enter(&from[window..], &mut inputs[tile * channels..]);
            }
            for (point, panels) in self.panels.iter().enumerate() {
                let values = &inputs[point * CHUNK * channels..][..CHUNK * channels];
                let products = &mut products[point * CHUNK * filters..][..CHUNK * filters];
                let taps = &[Tap { value: 0, weight: 0 }];
                let rows = Rows { begins: &begins[..windows.len()], taps, run: channels };
                panels.multiply(values, &[rows], |_, row, column, sums| {
                    store(sums, &mut products[row * filters + column..][..COLUMNS]);
                });
            }
            for (tile, output) in outputs.iter().enumerate().take(windows.len()) {
                self.leave(&products[tile * filters..], *output, to);
            }
        }
    }

    /// Evaluates the tile that `from` begins with at all points. Those of a point stand `CHUNK` tiles behind
    /// those of the point before.
    fn enter(&self, from: &[f32], inputs: &mut [f32]) {
        let (row, column) = (self.from.size.row(), self.from.size.channels);
        let apart = CHUNK * self.from.channels;
        for channel in (0..self.from.channels).step_by(COLUMNS) {
            let count = COLUMNS.min(self.from.channels - channel);
            let mut values = [[Lanes::ZERO; SIDE]; SIDE];
            for (y, values) in values.iter_mut().enumerate() {
                let line: [Lanes; SIDE] =
                    array::from_fn(|x| Lanes::load(&from[y * row + x * column + channel..][..count]));
                *values = at_points(line);
            }
            for x in 0..SIDE {
                let line = at_points(array::from_fn(|y| values[y][x]));
                for (y, lanes) in line.iter().enumerate() {
                    store(&lanes.0, &mut inputs[(y * SIDE + x) * apart + channel..][..count]);
                }
            }
        }
    }

    /// Makes a tile's outputs of its products at all points.
    fn leave(&self, products: &[f32], output: Output, to: &mut [f32]) {
        let filters = self.to.channels.next_multiple_of(COLUMNS);
        let (row, column) = (self.to.size.row(), self.to.size.channels);
        for filter in (0..self.to.channels).step_by(COLUMNS) {
            let count = COLUMNS.min(self.to.channels - filter);
            let mut values = [[Lanes::ZERO; 4]; SIDE];
            for (y, values) in values.iter_mut().enumerate() {
                let line = array::from_fn(|x| {
                    Lanes::load(&products[(y * SIDE + x) * CHUNK * filters + filter..][..COLUMNS])
                });
                *values = self.outputs_of(line);
            }
            let down = |x| self.outputs_of(array::from_fn(|y| values[y][x]));
            for x in 0..output.columns {
                for (y, lanes) in down(x).iter().enumerate().take(output.rows) {
                    let place = output.begin + y * row + x * column + filter;
                    self.bias.store(&lanes.0, filter, &mut to[place..][..count]);
                }
            }
        }
    }

    /// The outputs, of one side of a tile, whose values at the points are `line`: the first `step` count.
    #[inline(always)]
    fn outputs_of(&self, [v0, v1, v2, v3, v4, v5]: [Lanes; SIDE]) -> [Lanes; 4] {
        let (ones, one) = (v1 + v2, v1 - v2);
        let (twos, two) = (v3 + v4, v3 - v4);
        let first = v0 + ones + twos;
        match self.step {
            2 => [first, one + two * 2.0 + v5, Lanes::ZERO, Lanes::ZERO],
            _ => [first, one + two * 2.0, ones + twos * 4.0, one + two * 8.0 + v5],
        }
    }
}

/// What a kernel's values along one side are multiplied by to be evaluated at each point.
fn evaluations(taps: usize) -> [Vec<f64>; SIDE] {
    array::from_fn(|point| match FINITE.get(point) {
        Some(x) => {
            let others = FINITE.iter().filter(|other| *other != x);
            let scale: f64 = others.map(|other| x - other).product();
            (0..taps).map(|power| x.powi(power as i32) / scale).collect()
        }
        None => (0..taps).map(|power| f64::from(power + 1 == taps)).collect(),
    })
}

/// A kernel's values, evaluated at each point along both sides.
fn at_all_points(kernel: &[f32], evaluate: &[Vec<f64>; SIDE]) -> [f32; POINTS] {
    let taps = evaluate[0].len();
    let sum = |values: &mut dyn Iterator<Item = f64>, factors: &[f64]| -> f64 {
        values.zip(factors).map(|(value, factor)| value * factor).sum()
    };
    let lines: [Vec<f64>; SIDE] = array::from_fn(|across| {
        let line = |line: &[f32]| sum(&mut line.iter().map(|value| f64::from(*value)), &evaluate[across]);
        kernel.chunks_exact(taps).map(line).collect()
    });
    array::from_fn(|point| {
        let (down, across) = (&evaluate[point / SIDE], &lines[point % SIDE]);
        sum(&mut across.iter().copied(), down) as f32
    })
}

/// The values of one side of a tile, evaluated at each point.
#[inline(always)]
fn at_points([v0, v1, v2, v3, v4, v5]: [Lanes; SIDE]) -> [Lanes; SIDE] {
    let (even, odd) = (v4 - v2 * 4.0, v3 - v1 * 4.0);
    let (evens, odds) = (v4 - v2, (v3 - v1) * 2.0);
    [v0 * 4.0 - v2 * 5.0 + v4, even + odd, even - odd, evens + odds, evens - odds, v1 * 4.0 - v3 * 5.0 + v5]
}

/// The same place's values of eight channels.
#[derive(Clone, Copy)]
struct Lanes(Row);

impl Lanes {
    const ZERO: Self = Self([0.0; COLUMNS]);

    #[inline(always)]
    fn load(from: &[f32]) -> Self {
        match <&Row>::try_from(from) {
            Ok(row) => Self(*row),
            Err(_) => Self(array::from_fn(|lane| from.get(lane).copied().unwrap_or(0.0))),
        }
    }
}

impl Add for Lanes {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(array::from_fn(|lane| self.0[lane] + other.0[lane]))
    }
}

impl Sub for Lanes {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(array::from_fn(|lane| self.0[lane] - other.0[lane]))
    }
}

impl Mul<f32> for Lanes {
    type Output = Self;
    #[inline(always)]
    fn mul(self, factor: f32) -> Self {
        Self(array::from_fn(|lane| self.0[lane] * factor))
    }
}
