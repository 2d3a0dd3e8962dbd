//! The pretrained network that turns images into features.
//!
//! [`Network`] is an engine that has loaded the network: one image's values in,
//! its features out. [`Backbone`] is what the rest of the program uses: images
//! in, features out. [`local::Local`] makes the second from the first on one thread,
//! [`pool::Pool`] makes one of many, and [`choose`] says which backbone and which engine to take.
//! [`pieces`] brings the network's file in.

use half::f16;
pub use head::FeatureShape;
use serde::{Deserialize, Serialize};

use crate::pixels::RgbImage;
use pieces::Pieces;

#[cfg(feature = "session")]
pub mod choose;
#[cfg(feature = "cpu")]
pub mod cpu;
pub mod local;
pub mod pieces;
pub mod pool;

/// Address of the notebook's backbone, relative to the page; `cargo xtask model` makes it.
pub const NOTEBOOK: &str = "models/inception_v3.json";
/// Address of the light backbone; `cargo xtask model --light` makes it.
pub const LIGHT: &str = "models/efficientnet_lite0.json";
/// The backbones that a site may have, the best first.
pub const OFFERED: [&str; 2] = [NOTEBOOK, LIGHT];

/// The manifest's format that this program reads and writes.
pub const MANIFEST_VERSION: u32 = 2;

/// Bytes of a manifest at the most; one of a network of 1 GB has 40,000.
const LONGEST_MANIFEST: usize = 1 << 20;

/// What is known of a backbone: a JSON file beside its `.onnx` file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format of this file, [`MANIFEST_VERSION`].
    pub version: u32,
    /// The backbone's name, such as `InceptionV3`.
    pub name: String,
    /// Where the weights come from, in a sentence.
    pub source: String,
    /// The weights' licence (SPDX where there is one).
    pub licence: String,
    /// What the weights are good for.
    pub purpose: Purpose,
    /// The `.onnx` file, relative to this manifest.
    pub file: String,
    /// The `.onnx` file's size in bytes.
    pub bytes: u64,
    /// SHA-256 of the `.onnx` file in lower-case hexadecimal: the backbone's identity.
    pub sha256: String,
    /// The `.onnx` file in pieces, as it is downloaded.
    pub pieces: Pieces,
    /// Name of the graph's only input, float32 `[1, 3, size, size]`.
    pub input: String,
    /// Height and width of the input in pixels.
    pub input_size: u32,
    /// How a pixel value becomes an input value.
    pub scaling: Scaling,
    /// Name of the graph's only output, float32 `[1, channels, height, width]`.
    pub output: String,
    /// Shape of the features.
    pub features: FeatureShape,
    /// A fixed input and what must come out.
    pub probe: Probe,
}

/// What a backbone's weights are good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Trained on ImageNet: the real thing.
    ImageNet,
    /// Right shapes, but weights of another task: accuracy will be poor.
    Development,
    /// Brought by the person: nothing is known of them.
    Custom,
}

impl Purpose {
    /// Whether the weights are for what this page does, as far as anybody knows.
    pub fn is_real(self) -> bool {
        self != Self::Development
    }
}

/// `value * scale + offset` turns a pixel value (0 to 255) into an input value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// Factor.
    pub scale: f32,
    /// Summand.
    pub offset: f32,
}

impl Scaling {
    /// The input value of a pixel value.
    pub fn apply(self, value: u8) -> f32 {
        f32::from(value) * self.scale + self.offset
    }
}

/// `x / 127.5 - 1`, as `keras.applications.inception_v3.preprocess_input`.
pub const KERAS_TF_SCALING: Scaling = Scaling { scale: 1.0 / 127.5, offset: -1.0 };

/// `(x - 127) / 128`, as TensorFlow's `efficientnet_lite_builder` (mean 127, deviation 128).
pub const EFFICIENTNET_LITE_SCALING: Scaling = Scaling { scale: 1.0 / 128.0, offset: -127.0 / 128.0 };

/// Outputs that a fixed input must give, to catch an engine that computes wrongly.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// Positions in the output (channels x height x width, flattened).
    pub positions: Vec<usize>,
    /// The output's values there.
    pub values: Vec<f32>,
    /// The largest magnitude in the whole output; errors are relative to it.
    pub largest: f32,
}

/// Largest error a probe may show, as a share of the output's largest value.
pub const PROBE_TOLERANCE: f32 = 1e-3;

impl Probe {
    /// The probe's input, 3 x `size` x `size`, in [-1, 1): the fractional part of
    /// multiples of the golden ratio (Weyl's sequence), without any table or generator.
    pub fn input(size: u32) -> Vec<f32> {
        let count = 3 * u64::from(size) * u64::from(size);
        (0..count)
            .map(|i| {
                // 2^32 / golden ratio; wrapping multiplication gives the fraction's top bits.
                let fraction = (i as u32).wrapping_mul(2_654_435_769) >> 8;
                fraction as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    /// Takes 64 values from `output` (channels x height x width): 32 evenly spread, and 32
    /// evenly spread among those that are not zero, which behind a ReLU may be few.
    pub fn from_output(output: &[f32]) -> Self {
        const HALF: usize = 32;
        let filled: Vec<usize> = (0..output.len()).filter(|&at| output[at] != 0.0).collect();
        let spread = (0..HALF).map(|i| i * output.len() / HALF);
        let among_filled = (0..HALF).filter_map(|i| filled.get((2 * i + 1) * filled.len() / (2 * HALF)));
        let positions: Vec<usize> = spread.chain(among_filled.copied()).collect();
        Self {
            values: positions.iter().filter_map(|&p| output.get(p).copied()).collect(),
            positions,
            largest: output.iter().fold(0.0, |m, v| v.abs().max(m)),
        }
    }

    /// The largest error of `output` as a share of the expected output's largest value.
    /// Infinite where a value is missing or not a number.
    pub fn error(&self, output: &[f32]) -> f32 {
        let largest = self.largest.max(f32::MIN_POSITIVE);
        self.positions
            .iter()
            .zip(&self.values)
            .map(|(&p, expected)| match output.get(p) {
                Some(value) if value.is_finite() => (value - expected).abs() / largest,
                _ => f32::INFINITY,
            })
            .fold(0.0, f32::max)
    }
}

/// Why a backbone cannot be used or gave no features.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum BackboneError {
    /// The manifest is damaged, or of another version.
    #[error("the manifest cannot be used: {0}")]
    Manifest(String),
    /// The server gave no manifest, nor an answer that it has none.
    #[error("the server does not answer: {0}")]
    Silent(String),
    /// The network's file is missing, or not the one that the manifest names.
    #[error("the network's file cannot be used: {0}")]
    File(String),
    /// The engine could not be started.
    #[error("the engine did not start: {0}")]
    Start(String),
    /// The engine's program is of another build than this one.
    #[error("the engine's program is of another version of the page")]
    OtherBuild,
    /// The engine computes wrongly on this machine.
    #[error("the engine's probe is off by {error}, more than {PROBE_TOLERANCE}")]
    Probe {
        /// Largest error as a share of the output's largest value.
        error: f32,
    },
    /// The engine failed in the middle of its work.
    #[error("the engine failed: {0}")]
    Run(String),
    /// The engine did not answer in time, or its thread died.
    #[error("the engine stopped answering")]
    Lost,
}

impl Manifest {
    /// Reads a manifest and checks that its parts fit each other.
    ///
    /// # Errors
    /// [`BackboneError::Manifest`] says what is wrong.
    pub fn parse(json: &[u8]) -> Result<Self, BackboneError> {
        let fail = |why: String| Err(BackboneError::Manifest(why));
        if json.len() > LONGEST_MANIFEST {
            return fail(format!("{} bytes", json.len()));
        }
        let manifest: Self = match serde_json::from_slice(json) {
            Ok(manifest) => manifest,
            Err(error) => return fail(error.to_string()),
        };
        if manifest.version != MANIFEST_VERSION {
            return fail(format!("version {} instead of {MANIFEST_VERSION}", manifest.version));
        }
        let FeatureShape { height, width, channels } = manifest.features;
        if !(1..=64).contains(&height) || !(1..=64).contains(&width) || !(1..=65_536).contains(&channels) {
            return fail(format!("features of {height} x {width} x {channels}"));
        }
        if !(16..=1024).contains(&manifest.input_size) {
            return fail(format!("input of {0} x {0} pixels", manifest.input_size));
        }
        if !pieces::is_sha256(&manifest.sha256) {
            return fail(format!("SHA-256 `{}`", manifest.sha256));
        }
        if let Some(fault) = manifest.pieces.fault(manifest.bytes) {
            return fail(fault);
        }
        if manifest.file.contains("..") || manifest.file.contains(':') || manifest.file.starts_with('/') {
            return fail(format!("file `{}`", manifest.file));
        }
        let probe = &manifest.probe;
        if probe.positions.is_empty() || probe.positions.len() != probe.values.len() {
            return fail("an empty probe".to_owned());
        }
        Ok(manifest)
    }
}

/// An engine that has loaded a network.
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait Network {
    /// How many images it computes together, which is faster than one after the other.
    fn batch(&self) -> usize {
        1
    }

    /// Runs up to [`Network::batch`] images: float32 3 x size x size in, channels x height x width out, one
    /// image's after the other's.
    ///
    /// # Errors
    /// [`BackboneError::Run`] where the engine fails, and for more images or ones of another length.
    async fn run(&self, images: &[Vec<f32>]) -> Result<Vec<f32>, BackboneError>;
}

/// Turns images into features.
#[allow(async_fn_in_trait)]
pub trait Backbone {
    /// Features of `images`, one after the other, each height x width x channels.
    ///
    /// # Errors
    /// See [`BackboneError`]; none of the batch's features are returned then.
    async fn extract(&self, images: &[RgbImage]) -> Result<Vec<f16>, BackboneError>;
}
