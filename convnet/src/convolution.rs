//! Convolutions computed as they are written down.

use std::collections::BTreeMap;
use std::ops::Range;

use onnx_prepare::Bounds;

use crate::block::{COLUMNS, Panels, Row, Rows, Tap, store};
use crate::map::{Share, View};

/// A convolution of all channels with all filters.
pub struct Convolution {
    panels: Panels,
    bias: Bias,
    parts: Vec<Part>,
    channels: usize,
}

/// Outputs whose windows have the same taps within the map: what is beyond its edges is not computed with.
struct Part {
    /// Where the first tap stands for each output, and where the output.
    inputs: Vec<usize>,
    outputs: Vec<usize>,
    taps: Vec<Tap>,
    run: usize,
}

/// Where the windows of a convolution are.
#[derive(Clone, Copy, Debug)]
pub struct Geometry {
    pub kernel: [usize; 2],
    pub strides: [usize; 2],
    /// Top and left.
    pub pads: [usize; 2],
    pub dilations: [usize; 2],
}

/// The biases of eight filters at a time, and the bounds of what is stored.
pub struct Bias {
    rows: Vec<Row>,
    bounds: Bounds,
}

impl Bias {
    pub fn new(values: &[f32], bounds: Bounds) -> Self {
        let row = |values: &[f32]| std::array::from_fn(|next| values.get(next).copied().unwrap_or(0.0));
        Self { rows: values.chunks(COLUMNS).map(row).collect(), bounds }
    }

    /// Stores the sums of some filters, from the filter `first` on.
    #[inline(always)]
    pub fn store(&self, sums: &Row, first: usize, out: &mut [f32]) {
        let mut values = self.rows[first / COLUMNS];
        values.iter_mut().zip(sums).for_each(|(value, sum)| *value = self.bounds.clamp(*value + sum));
        store(&values, out);
    }
}

impl Geometry {
    /// For a side, of `length` places, of a map: the taps of the window at `at` that are within it, and the
    /// place of the first of them.
    pub fn within(&self, side: usize, at: usize, length: usize) -> (Range<usize>, usize) {
        let (begin, pad, apart) = (at * self.strides[side], self.pads[side], self.dilations[side]);
        let first = pad.saturating_sub(begin).div_ceil(apart).min(self.kernel[side]);
        let end = (length + pad).saturating_sub(begin).div_ceil(apart).min(self.kernel[side]);
        (first..end.max(first), (begin + first * apart).saturating_sub(pad))
    }
}

impl Convolution {
    /// `kernel` lies as filters x channels x height x width. Maps hold `images` images.
    pub fn new(kernel: &[f32], bias: Bias, geometry: Geometry, [from, to]: [View; 2], images: usize) -> Self {
        let [height, width] = geometry.kernel;
        let panels = Panels::new([height * width, from.channels], to.channels, |place, channel, filter| {
            kernel[(filter * from.channels + channel) * height * width + place]
        });
        // By the taps that are within the map.
        let mut parts: BTreeMap<[usize; 4], Part> = BTreeMap::new();
        let (inputs, outputs) = (from.offsets(images), to.offsets(images));
        let size = from.size;
        for (index, output) in outputs.into_iter().enumerate() {
            let (row, column) = (index / to.size.width, index % to.size.width);
            let (image, row) = (row / to.size.height, row % to.size.height);
            let (down, top) = geometry.within(0, row, size.height);
            let (across, left) = geometry.within(1, column, size.width);
            let part = parts
                .entry([down.start, down.end, across.start, across.end])
                .or_insert_with(|| Part::new(&geometry, from, down, across));
            // A window without a tap within the map has no first one.
            let input = inputs.get((image * size.height + top) * size.width + left);
            part.inputs.push(input.copied().unwrap_or_default());
            part.outputs.push(output);
        }
        Self { panels, bias, parts: parts.into_values().collect(), channels: to.channels }
    }

    pub fn run(&self, from: &[f32], to: &mut [f32], share: Share) {
        let rows = self.parts.iter().map(|part| Rows {
            begins: share.part(&part.inputs),
            taps: &part.taps,
            run: part.run,
        });
        let rows: Vec<Rows<'_>> = rows.collect();
        self.panels.multiply(from, &rows, |part, row, column, sums| {
            let out = &mut to[self.parts[part].outputs[row] + column..];
            self.bias.store(sums, column, &mut out[..COLUMNS.min(self.channels - column)]);
        });
    }
}

impl Part {
    /// Without outputs yet.
    fn new(geometry: &Geometry, from: View, down: Range<usize>, across: Range<usize>) -> Self {
        let width = geometry.kernel[1];
        // The channels of all the places in a row of the window stand side by side, if they are all of the
        // map's.
        let whole = from.channels == from.size.channels && geometry.dilations[1] == 1;
        let (steps, run) = if whole { (across.len().min(1), across.len()) } else { (across.len(), 1) };
        let tap = |row: usize, step: usize| Tap {
            value: row * geometry.dilations[0] * from.size.row()
                + step * geometry.dilations[1] * from.size.channels,
            weight: ((down.start + row) * width + across.start + step) * from.channels,
        };
        let taps = (0..down.len()).flat_map(|row| (0..steps).map(move |step| tap(row, step))).collect();
        Self { inputs: Vec::new(), outputs: Vec::new(), taps, run: run * from.channels }
    }
}
