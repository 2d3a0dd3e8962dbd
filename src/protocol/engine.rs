//! The engines: which there are, and what goes between a session and their workers.

use half::f16;
use serde::{Deserialize, Serialize};

use crate::backbone::{BackboneError, Manifest};
use crate::pixels::RgbImage;

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Engine {
    /// `convnet` in WebAssembly, one worker per core.
    Cpu,
    /// wonnx on WebGPU.
    WebGpu,
}

impl Engine {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Cpu, Self::WebGpu];

    /// Its name in links, in tests and in what is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::WebGpu => "webgpu",
        }
    }
}

/// Why an engine was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineReason {
    /// The person asked for it.
    Asked,
    /// `auto`: there is a hardware adapter, both engines were timed, and this one was faster.
    Faster,
    /// `auto`: the only adapter computes on the CPU anyway, and slower.
    SoftwareAdapter,
    /// The browser has no WebGPU, or gives no adapter.
    NoWebGpu,
    /// The browser has WebGPU, and it gives no answer.
    SilentWebGpu,
    /// WebGPU was tried and failed its probe or its start.
    WebGpuFailed,
    /// The CPU was tried and failed.
    CpuFailed,
}

/// What a session asks of an engine worker.
#[allow(clippy::large_enum_variant, reason = "the large one is sent once in a worker's life")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EngineMessage {
    /// First of all, once, with the `.onnx` file's bytes attached.
    Load(Manifest),
    /// Compute the features of these images.
    Extract {
        /// Comes back with the answer.
        id: u32,
        /// The images, of any size.
        images: Vec<RgbImage>,
    },
}

/// What an engine worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EngineReply {
    /// The network is loaded and its probe came out right.
    Loaded {
        /// Largest probe error as a share of the output's largest value.
        probe_error: f32,
    },
    /// Features of all the batch's images.
    Extracted {
        /// The batch.
        id: u32,
        /// One image after the other, each height x width x channels.
        #[serde(with = "crate::head::values")]
        features: Vec<f16>,
    },
    /// The last message could not be carried out.
    Failed(BackboneError),
}

/// float16 values as little-endian bytes: as they lie in memory, for they are a gigabyte.
pub fn f16_to_bytes(values: &[f16]) -> &[u8] {
    bytemuck::cast_slice(values)
}
