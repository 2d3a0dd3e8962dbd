//! The part of the network that is trained here.
//!
//! The notebook's head: a convolution of 2 x 2 places without activation, dropout, the mean
//! over all places, dropout, and a dense layer with softmax. Dropout exists in training only,
//! so that the trained head is linear up to the softmax.

use half::f16;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::backbone::FeatureShape;
use crate::random::Random;

mod gradient;
mod matmul;
mod optimizer;
mod train;
mod windows;

pub use gradient::{Batch, Dropout, Gradient, Workspace};
pub use optimizer::RmsProp;
pub use train::{Best, EpochReport, Step, Trainer};

/// Height and width of the convolution's window.
const WINDOW: usize = 2;
/// Format of a head's bytes; one of another version is not read.
const VERSION: &str = "1";

/// Why a head cannot be made, trained or used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum HeadError {
    /// The feature map is smaller than the convolution's window, or there are no classes.
    #[error("no head fits features of {0:?} and {1} classes")]
    Shape(FeatureShape, usize),
    /// Features or labels are not as many as they should be.
    #[error("{found} values where {expected} belong")]
    Length {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A label is not below the number of classes.
    #[error("label {0} belongs to no class")]
    Label(u16),
    /// Not a single image is left for training, or for validation.
    #[error("{train} images for training and {validation} for validation")]
    TooFew {
        /// Images to train on.
        train: usize,
        /// Images to choose the best epoch with.
        validation: usize,
    },
    /// A setting is outside of its range.
    #[error("{0} is out of range")]
    Setting(&'static str),
    /// The loss is no number any more.
    #[error("the loss of epoch {0} is not a number")]
    Diverged(u32),
    /// Bytes that are no head.
    #[error("not a trained head: {0}")]
    Unreadable(String),
}

/// How a head is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Passes over the training images, at least 1.
    pub epochs: u32,
    /// Images whose mean gradient makes a step, at least 1.
    pub batch: usize,
    /// Factor of each step, above 0.
    pub learning_rate: f32,
    /// Share of the images, the last ones as given, that only choose the best epoch; in (0, 1).
    pub validation_share: f64,
    /// Share of the convolution's outputs that is dropped in training, in [0, 1).
    pub dropout_map: f32,
    /// Share of the means that is dropped in training, in [0, 1).
    pub dropout_pooled: f32,
    /// Filters of the convolution, at least 1.
    pub filters: usize,
    /// Whether each epoch takes the images in a new order.
    pub shuffle: bool,
    /// Seed of the first weights, the order and the dropout.
    pub seed: u64,
}

impl Settings {
    /// The notebook's settings; the seed is ours, the notebook has none.
    pub fn notebook() -> Self {
        Self {
            epochs: 50,
            batch: 50,
            learning_rate: 1e-3,
            validation_share: 0.2,
            dropout_map: 0.4,
            dropout_pooled: 0.3,
            filters: 100,
            shuffle: true,
            seed: 1,
        }
    }

    fn check(&self) -> Result<(), HeadError> {
        let share = |value: f32| (0.0..1.0).contains(&value);
        let checks = [
            (self.epochs >= 1, "epochs"),
            (self.batch >= 1, "batch"),
            (self.learning_rate.is_finite() && self.learning_rate > 0.0, "learning_rate"),
            (self.validation_share > 0.0 && self.validation_share < 1.0, "validation_share"),
            (share(self.dropout_map), "dropout_map"),
            (share(self.dropout_pooled), "dropout_pooled"),
            ((1..=4096).contains(&self.filters), "filters"),
        ];
        match checks.iter().find(|(holds, _)| !holds) {
            Some((_, name)) => Err(HeadError::Setting(name)),
            None => Ok(()),
        }
    }
}

/// A head's weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    shape: FeatureShape,
    classes: usize,
    filters: usize,
    /// The convolution's kernel: filters x (2 x 2 x channels). Keras keeps it transposed.
    pub kernel: Vec<f32>,
    /// One a filter.
    pub bias: Vec<f32>,
    /// The dense layer's kernel: filters x classes, as in Keras.
    pub dense_kernel: Vec<f32>,
    /// One a class.
    pub dense_bias: Vec<f32>,
}

impl Head {
    /// An untrained head: Glorot's uniform kernels, biases of zero (Keras' defaults).
    ///
    /// # Errors
    /// [`HeadError::Shape`] where the map is smaller than 2 x 2, larger than any backbone's,
    /// or there are no classes.
    pub fn new(
        shape: FeatureShape,
        classes: usize,
        filters: usize,
        random: &mut Random,
    ) -> Result<Self, HeadError> {
        if !takes(shape) || classes == 0 || filters == 0 {
            return Err(HeadError::Shape(shape, classes));
        }
        let places = WINDOW * WINDOW;
        Ok(Self {
            shape,
            classes,
            filters,
            kernel: glorot(
                places * shape.channels,
                places * filters,
                filters * places * shape.channels,
                random,
            ),
            bias: vec![0.0; filters],
            dense_kernel: glorot(filters, classes, filters * classes, random),
            dense_bias: vec![0.0; classes],
        })
    }

    /// Shape of the features it takes.
    pub fn shape(&self) -> FeatureShape {
        self.shape
    }

    /// Classes it tells apart.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Filters of its convolution.
    pub fn filters(&self) -> usize {
        self.filters
    }

    /// Values that one filter sees: 2 x 2 x channels.
    fn window_len(&self) -> usize {
        WINDOW * WINDOW * self.shape.channels
    }

    /// The scores before the softmax, images x classes, of `features`: any number of
    /// images, each height x width x channels.
    ///
    /// Without dropout the mean over the convolution's places is the convolution of the mean
    /// window, a quarter of the work on a 3 x 3 map. An image's scores are the same bits
    /// whichever images come with it.
    ///
    /// # Errors
    /// [`HeadError::Length`] where the features are not those of whole images.
    pub fn logits(&self, features: &[f16]) -> Result<Vec<f32>, HeadError> {
        let row = self.shape.len();
        if !features.len().is_multiple_of(row) {
            return Err(HeadError::Length { found: features.len(), expected: features.len() / row * row });
        }
        let images = features.len() / row;
        // A product of one row takes another way through the crate, where sums round
        // differently: a second row makes an image's scores the same in any company.
        let rows = if images == 1 { 2 } else { images };
        let mut means = windows::mean_windows(features, self.shape);
        means.resize(rows * self.window_len(), 0.0);
        let mut pooled = vec![0.0; rows * self.filters];
        matmul::a_bt(&means, &self.kernel, &mut pooled, [rows, self.window_len(), self.filters]);
        for row in pooled.chunks_mut(self.filters) {
            row.iter_mut().zip(&self.bias).for_each(|(value, bias)| *value += bias);
        }
        let mut logits = vec![0.0; rows * self.classes];
        matmul::a_b(&pooled, &self.dense_kernel, &mut logits, [rows, self.filters, self.classes]);
        logits.truncate(images * self.classes);
        for row in logits.chunks_mut(self.classes) {
            row.iter_mut().zip(&self.dense_bias).for_each(|(value, bias)| *value += bias);
        }
        Ok(logits)
    }

    /// The classes' probabilities, images x classes, each image's summing to 1. Takes what
    /// [`Head::logits`] takes.
    ///
    /// # Errors
    /// [`HeadError::Length`] where the features are not those of whole images.
    pub fn probabilities(&self, features: &[f16]) -> Result<Vec<f32>, HeadError> {
        let mut values = self.logits(features)?;
        for row in values.chunks_mut(self.classes) {
            softmax(row);
        }
        Ok(values)
    }

    /// The head in the safetensors format, weights as they lie in memory.
    ///
    /// # Errors
    /// [`HeadError::Unreadable`] only where the crate refuses its own input.
    pub fn to_bytes(&self) -> Result<Vec<u8>, HeadError> {
        let window = self.window_len();
        let tensors = [
            ("kernel", vec![self.filters, window], &self.kernel),
            ("bias", vec![self.filters], &self.bias),
            ("dense_kernel", vec![self.filters, self.classes], &self.dense_kernel),
            ("dense_bias", vec![self.classes], &self.dense_bias),
        ];
        let bytes = tensors.map(|(name, shape, values)| (name, shape, to_le_bytes(values)));
        let mut views = Vec::new();
        for (name, shape, bytes) in &bytes {
            views.push((*name, TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(unreadable)?));
        }
        let FeatureShape { height, width, channels } = self.shape;
        let metadata = [
            ("version", VERSION.to_owned()),
            ("height", height.to_string()),
            ("width", width.to_string()),
            ("channels", channels.to_string()),
        ];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        safetensors::serialize(views, Some(metadata)).map_err(unreadable)
    }

    /// The head in `bytes`, which may come from anywhere.
    ///
    /// # Errors
    /// [`HeadError::Unreadable`] where they are no head of this version, or its parts do not
    /// fit each other.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HeadError> {
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(unreadable)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(unreadable)?;
        let metadata = metadata.metadata().clone().unwrap_or_default();
        let number = |key: &str| -> Result<usize, HeadError> {
            let text = metadata.get(key).ok_or_else(|| unreadable(format!("no {key}")))?;
            text.parse().map_err(|_| unreadable(format!("{key} `{text}`")))
        };
        if metadata.get("version").map(String::as_str) != Some(VERSION) {
            return Err(unreadable("another version"));
        }
        let shape = FeatureShape {
            height: number("height")?,
            width: number("width")?,
            channels: number("channels")?,
        };
        let read = |name: &str| -> Result<(Vec<usize>, Vec<f32>), HeadError> {
            let tensor = tensors.tensor(name).map_err(unreadable)?;
            match (tensor.dtype(), from_le_bytes(tensor.data())) {
                (Dtype::F32, values) => Ok((tensor.shape().to_vec(), values)),
                (other, _) => Err(unreadable(format!("{name} of {other:?}"))),
            }
        };
        let (kernel_shape, kernel) = read("kernel")?;
        let (dense_shape, dense_kernel) = read("dense_kernel")?;
        let (bias, dense_bias) = (read("bias")?.1, read("dense_bias")?.1);
        let (filters, classes) = (bias.len(), dense_bias.len());
        let head = Self { shape, classes, filters, kernel, bias, dense_kernel, dense_bias };
        // `takes` first: the other sizes may overflow without it.
        let fits = takes(shape)
            && filters > 0
            && classes > 0
            && kernel_shape == [filters, head.window_len()]
            && dense_shape == [filters, classes];
        if fits { Ok(head) } else { Err(unreadable("its parts do not fit each other")) }
    }
}

/// Whether a head can work on such features: the window fits, and there is something in it.
/// The upper bounds are a manifest's; no product of these sizes leaves 32 bits.
fn takes(shape: FeatureShape) -> bool {
    let side = WINDOW..=64;
    side.contains(&shape.height) && side.contains(&shape.width) && (1..=65_536).contains(&shape.channels)
}

fn unreadable(cause: impl ToString) -> HeadError {
    HeadError::Unreadable(cause.to_string())
}

fn to_le_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn from_le_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect()
}

/// Uniform in ±sqrt(6 / (inputs + outputs)): Glorot and Bengio 2010, equation 16.
fn glorot(inputs: usize, outputs: usize, count: usize, random: &mut Random) -> Vec<f32> {
    let limit = (6.0 / (inputs + outputs) as f32).sqrt();
    (0..count).map(|_| random.between(-limit, limit)).collect()
}

/// Turns scores into probabilities in place, and returns the logarithm of the sum of their
/// exponentials: a score minus that is the logarithm of its probability.
fn softmax(scores: &mut [f32]) -> f32 {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - largest).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
    largest + sum.ln()
}

/// The position of the largest of `probabilities`, the first of equals.
pub fn most_probable(probabilities: &[f32]) -> usize {
    let mut best = 0;
    for (class, probability) in probabilities.iter().enumerate() {
        if *probability > probabilities[best] {
            best = class;
        }
    }
    best
}
