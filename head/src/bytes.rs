//! A head as bytes, in the safetensors format. Bytes may come from anywhere.

use half::f16;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::familiar::Familiar;
use super::nearest::Memory;
use super::windows::window_len;
use super::{Head, HeadError, Preset, Statistics, Weights, takes};
use crate::FeatureShape;

/// Format of a head's bytes; one of another version is not read.
const VERSION: &str = "3";
/// Most classes of a head.
const MOST_CLASSES: usize = 65_536;
/// Bytes of the text at the beginning at the most; a head's has 2,000. Parsing one takes many times as much.
const LONGEST_TEXT: u64 = 64 << 10;

impl Head {
    /// The head in the safetensors format, weights as they lie in memory, little-endian, the last side
    /// fastest. Any reader of the format takes it; the program that the page gives with it
    /// shows what is to be done with the tensors.
    ///
    /// | tensor | type, shape | where the head has |
    /// | --- | --- | --- |
    /// | `kernel`, `bias` | float32, filters x (2 x 2 x channels); filters | a convolution |
    /// | `gamma`, `beta` | float32, channels | batch norm |
    /// | `moving_mean`, `moving_variance` | float32, channels | batch norm |
    /// | `dense_kernel`, `dense_bias` | float32, filters (or channels) x classes; classes | epochs |
    /// | `examples`, `labels` | float16, images x channels; uint16, images | remembered images |
    /// | `familiar` | float16, images x channels | an idea of what it has learnt from |
    ///
    /// Both `examples` and `familiar` are means over all places, of length 1. The metadata are texts:
    /// `version` (of this layout), `preset`, and the numbers `height`, `width`, `channels` and `classes`.
    ///
    /// # Errors
    /// [`HeadError::Unreadable`] only where the crate refuses its own input.
    pub fn to_bytes(&self) -> Result<Vec<u8>, HeadError> {
        let FeatureShape { height, width, channels } = self.shape;
        let (dense, Weights { kernel, bias, dense_kernel, dense_bias, gamma, beta }) =
            (self.pooled_len(), &self.weights);
        let mut tensors = Vec::new();
        let mut floats = |name, shape: Vec<usize>, values: &[f32]| {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
            tensors.push((name, Dtype::F32, shape, bytes));
        };
        if self.preset.has_convolution() {
            floats("kernel", vec![dense, window_len(self.shape)], kernel);
            floats("bias", vec![dense], bias);
        }
        if self.preset.has_norm() {
            floats("gamma", vec![channels], gamma);
            floats("beta", vec![channels], beta);
            floats("moving_mean", vec![channels], &self.statistics.mean);
            floats("moving_variance", vec![channels], &self.statistics.variance);
        }
        if self.preset.has_epochs() {
            floats("dense_kernel", vec![dense, self.classes], dense_kernel);
            floats("dense_bias", vec![self.classes], dense_bias);
        } else {
            let Memory { examples, labels } = &self.memory;
            let bytes = examples.iter().flat_map(|value| value.to_le_bytes()).collect();
            tensors.push(("examples", Dtype::F16, vec![labels.len(), channels], bytes));
            let bytes = labels.iter().flat_map(|label| label.to_le_bytes()).collect();
            tensors.push(("labels", Dtype::U16, vec![labels.len()], bytes));
        }
        if !self.familiar.examples.is_empty() {
            let examples = &self.familiar.examples;
            let bytes = examples.iter().flat_map(|value| value.to_le_bytes()).collect();
            tensors.push(("familiar", Dtype::F16, vec![examples.len() / channels, channels], bytes));
        }
        let mut views = Vec::new();
        for (name, kind, shape, bytes) in &tensors {
            views.push((*name, TensorView::new(*kind, shape.clone(), bytes).map_err(unreadable)?));
        }
        let metadata = [
            ("version", VERSION.to_owned()),
            ("preset", self.preset.name().to_owned()),
            ("height", height.to_string()),
            ("width", width.to_string()),
            ("channels", channels.to_string()),
            ("classes", self.classes.to_string()),
        ];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        safetensors::serialize(views, Some(metadata)).map_err(unreadable)
    }

    /// The head in `bytes`, which may come from anywhere.
    ///
    /// # Errors
    /// [`HeadError::Unreadable`] where they are no head of this version, its parts do not fit each
    /// other, or one of its numbers is none that training leaves.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HeadError> {
        if bytes.first_chunk().is_some_and(|length| u64::from_le_bytes(*length) > LONGEST_TEXT) {
            return Err(unreadable("its header is too long"));
        }
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(unreadable)?;
        let file = File {
            tensors: SafeTensors::deserialize(bytes).map_err(unreadable)?,
            metadata: metadata.metadata().clone().unwrap_or_default(),
        };
        if file.text("version")? != VERSION {
            return Err(unreadable("another version"));
        }
        let preset = Preset::from_name(file.text("preset")?).ok_or_else(|| unreadable("another preset"))?;
        let shape = FeatureShape {
            height: file.number("height")?,
            width: file.number("width")?,
            channels: file.number("channels")?,
        };
        let classes = file.number("classes")?;
        // First of all: the other sizes may overflow without it.
        if !takes(shape) || !(1..=MOST_CLASSES).contains(&classes) {
            return Err(unreadable("impossible sizes"));
        }
        let (channels, mut dense) = (shape.channels, shape.channels);
        let mut head = Self {
            preset,
            shape,
            classes,
            weights: Weights::default(),
            statistics: Statistics::default(),
            memory: Memory::default(),
            familiar: Familiar::default(),
        };
        if preset.has_convolution() {
            dense = file.length("bias")?;
            head.weights.kernel = file.floats("kernel", &[dense, window_len(shape)])?;
            head.weights.bias = file.floats("bias", &[dense])?;
        }
        if preset.has_norm() {
            head.weights.gamma = file.floats("gamma", &[channels])?;
            head.weights.beta = file.floats("beta", &[channels])?;
            head.statistics.mean = file.floats("moving_mean", &[channels])?;
            head.statistics.variance = file.floats("moving_variance", &[channels])?;
            if head.statistics.variance.iter().any(|variance| *variance < 0.0) {
                return Err(unreadable("a variance below 0"));
            }
        }
        if preset.has_epochs() {
            head.weights.dense_kernel = file.floats("dense_kernel", &[dense, classes])?;
            head.weights.dense_bias = file.floats("dense_bias", &[classes])?;
        } else {
            head.memory.examples = file.images("examples", channels)?;
            let images = head.memory.examples.len() / channels;
            let labels = file.data("labels", Dtype::U16, &[images])?;
            head.memory.labels = pairs(labels).map(u16::from_le_bytes).collect();
            if head.memory.labels.iter().any(|label| usize::from(*label) >= classes) {
                return Err(unreadable("a remembered image is of no class"));
            }
        }
        if file.tensors.names().contains(&"familiar") {
            head.familiar.examples = file.images("familiar", channels)?;
        }
        Ok(head)
    }
}

/// The parts of a file.
struct File<'a> {
    tensors: SafeTensors<'a>,
    metadata: std::collections::HashMap<String, String>,
}

impl File<'_> {
    fn text(&self, key: &str) -> Result<&str, HeadError> {
        self.metadata.get(key).map(String::as_str).ok_or_else(|| unreadable(format!("no {key}")))
    }

    fn number(&self, key: &str) -> Result<usize, HeadError> {
        let text = self.text(key)?;
        text.parse().map_err(|_| unreadable(format!("{key} `{text}`")))
    }

    /// How many values a vector has, at least one.
    fn length(&self, name: &str) -> Result<usize, HeadError> {
        match self.tensors.tensor(name).map_err(unreadable)?.shape() {
            [length] if *length > 0 => Ok(*length),
            other => Err(unreadable(format!("{name} of shape {other:?}"))),
        }
    }

    /// The bytes of the tensor `name`, which must have this type and shape.
    fn data(&self, name: &str, kind: Dtype, shape: &[usize]) -> Result<&[u8], HeadError> {
        let tensor = self.tensors.tensor(name).map_err(unreadable)?;
        if tensor.dtype() != kind || tensor.shape() != shape {
            return Err(unreadable(format!("{name} of {:?} {:?}", tensor.dtype(), tensor.shape())));
        }
        Ok(tensor.data())
    }

    /// What is remembered of images, at least one: images x channels.
    fn images(&self, name: &str, channels: usize) -> Result<Vec<f16>, HeadError> {
        let rows = self.tensors.tensor(name).map_err(unreadable)?.shape().first().copied().unwrap_or(0);
        if rows == 0 {
            return Err(unreadable(format!("{name} holds nothing")));
        }
        let data = self.data(name, Dtype::F16, &[rows, channels])?;
        let values: Vec<f16> = pairs(data).map(f16::from_le_bytes).collect();
        match values.iter().all(|value| value.is_finite()) {
            true => Ok(values),
            false => Err(unreadable(format!("{name} holds what is no number"))),
        }
    }

    fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, HeadError> {
        let data = self.data(name, Dtype::F32, shape)?.chunks_exact(4);
        let values: Vec<f32> =
            data.map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
        match values.iter().all(|value| value.is_finite()) {
            true => Ok(values),
            false => Err(unreadable(format!("{name} holds what is no number"))),
        }
    }
}

fn pairs(bytes: &[u8]) -> impl Iterator<Item = [u8; 2]> {
    bytes.chunks_exact(2).map(|two| [two[0], two[1]])
}

fn unreadable(cause: impl ToString) -> HeadError {
    HeadError::Unreadable(cause.to_string())
}
