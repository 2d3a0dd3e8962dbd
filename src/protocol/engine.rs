//! The engines: which there are, and what goes between a session and their workers.

use half::f16;
use serde::{Deserialize, Serialize};

use crate::backbone::{BackboneError, Manifest};
use crate::pixels::RgbImage;

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Engine {
    /// rten in WebAssembly, one worker per core.
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
        #[serde(with = "f16_bytes")]
        features: Vec<f16>,
    },
    /// The last message could not be carried out.
    Failed(BackboneError),
}

/// float16 values as bytes, little endian, in one piece.
mod f16_bytes {
    use half::f16;
    use serde::{Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(values: &[f16], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(super::f16_to_bytes(values))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f16>, D::Error> {
        let bytes: Vec<u8> = serde_bytes::deserialize(deserializer)?;
        super::f16_from_bytes(&bytes).ok_or_else(|| D::Error::custom("an odd number of bytes"))
    }
}

#[cfg(target_endian = "big")]
compile_error!("features are kept and sent as they lie in memory, which is little-endian");

/// float16 values as little-endian bytes: as they lie in memory, for they are a gigabyte.
pub fn f16_to_bytes(values: &[f16]) -> &[u8] {
    bytemuck::cast_slice(values)
}

/// Little-endian bytes as float16 values; `None` where there is an odd number of them.
pub fn f16_from_bytes(bytes: &[u8]) -> Option<Vec<f16>> {
    let whole = bytes.len().is_multiple_of(size_of::<f16>());
    whole.then(|| bytemuck::pod_collect_to_vec(bytes))
}
