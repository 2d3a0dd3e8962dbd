//! A network that was loaded.

use onnx_prepare::{Error, Stored};

use crate::channelwise::{Clamp, Depthwise, Pool, Sum};
use crate::convolution::Convolution;
use crate::map::{Share, View};
use crate::plan::{self, Plan};
use crate::tiles::Tiles;

/// A network that was loaded: its weights as they are computed with, and the maps between its steps.
pub struct Network {
    steps: Vec<Step>,
    /// None before the first run.
    maps: Vec<Vec<f32>>,
    /// Values of each map, for `batch` images.
    lengths: Vec<usize>,
    input: View,
    output: View,
    batch: usize,
}

/// One operation, and the maps that it is between.
pub(crate) struct Step {
    pub operation: Operation,
    pub from: [usize; 2],
    pub to: usize,
}

pub(crate) enum Operation {
    Convolution(Convolution),
    Tiles(Tiles),
    Depthwise(Depthwise),
    Pool(Pool),
    Clamp(Clamp),
    Sum(Sum),
}

impl Network {
    /// Loads the `.onnx` file `onnx` as `onnx_prepare` stores it. It will compute up to `batch` images at a
    /// time, fewer where their maps would take more than `most_values` float32 values.
    ///
    /// # Errors
    /// Where the file is no such network, or the maps of a single image take more than that.
    pub fn load(onnx: Vec<u8>, batch: usize, most_values: usize) -> Result<Self, Error> {
        let Plan { steps, lengths, input, output, batch } =
            plan::of(Stored::read(onnx)?, batch, most_values)?;
        Ok(Self { steps, maps: Vec::new(), lengths, input, output, batch })
    }

    /// How many images are computed at a time.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// Shape of the input: channels, height, width.
    pub fn input_shape(&self) -> [usize; 3] {
        shape(self.input)
    }

    /// Shape of the output: channels, height, width.
    pub fn output_shape(&self) -> [usize; 3] {
        shape(self.output)
    }

    /// Computes up to [`Network::batch`] images, each channels x height x width: their outputs one after the
    /// other, each channels x height x width. `None` where there are more, or one is of another length.
    pub fn run(&mut self, images: &[Vec<f32>]) -> Option<Vec<f32>> {
        let length = self.input_shape().iter().product::<usize>();
        if images.len() > self.batch || images.iter().any(|image| image.len() != length) {
            return None;
        }
        if self.maps.is_empty() {
            self.maps = self.lengths.iter().map(|length| vec![0.0; *length]).collect();
        }
        self.enter(images);
        for step in &self.steps {
            step.run(&mut self.maps, Share { images: images.len(), of: self.batch });
        }
        let map = &self.maps[self.output.map];
        let count = self.output.size.height * self.output.size.width;
        let offsets = self.output.offsets(images.len());
        let image = |offsets: &[usize]| {
            let channel = |channel| offsets.iter().map(move |offset| map[offset + channel]);
            (0..self.output.channels).flat_map(channel).collect::<Vec<f32>>()
        };
        Some(offsets.chunks_exact(count).flat_map(image).collect())
    }

    /// Writes images, channels first, into the input's map.
    fn enter(&mut self, images: &[Vec<f32>]) {
        let map = &mut self.maps[self.input.map];
        let offsets = self.input.offsets(images.len());
        let count = self.input.size.height * self.input.size.width;
        for (image, offsets) in images.iter().zip(offsets.chunks_exact(count)) {
            for (channel, values) in image.chunks_exact(count).enumerate() {
                offsets.iter().zip(values).for_each(|(offset, value)| map[offset + channel] = *value);
            }
        }
    }
}

fn shape(view: View) -> [usize; 3] {
    [view.channels, view.size.height, view.size.width]
}

impl Step {
    fn run(&self, maps: &mut [Vec<f32>], share: Share) {
        // No step reads the map that it writes.
        let mut to = std::mem::take(&mut maps[self.to]);
        let from = self.from.map(|map| maps[map].as_slice());
        match &self.operation {
            Operation::Convolution(convolution) => convolution.run(from[0], &mut to, share),
            Operation::Tiles(tiles) => tiles.run(from[0], &mut to, share),
            Operation::Depthwise(depthwise) => depthwise.run(from[0], &mut to, share),
            Operation::Pool(pool) => pool.run(from[0], &mut to, share),
            Operation::Clamp(clamp) => clamp.run(from[0], &mut to, share),
            Operation::Sum(sum) => sum.run(from, &mut to, share),
        }
        maps[self.to] = to;
    }
}
