//! What comes of trying an engine without taking it into use.

use serde::{Deserialize, Serialize};

/// What came of trying an engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Trial {
    /// It starts, its probe comes out right, and it computes.
    Works {
        /// Images per second with all of its workers.
        images_per_second: f32,
        /// Its workers.
        workers: u32,
        /// Largest probe error as a share of the output's largest value.
        probe_error: f32,
    },
    /// The browser has no WebGPU, or gives no adapter.
    NoAdapter,
    /// WebGPU is there and gives no answer.
    SilentAdapter,
    /// The only adapter computes on the CPU: it is not started, for it would be used by nobody.
    SoftwareAdapter,
    /// It did not start, its probe came out wrong, or it broke down; why, in words for the small print.
    Failed(String),
    /// The page has ended the trial.
    Ended,
}
