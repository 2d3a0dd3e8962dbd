//! Runs pretrained convolutional networks on the CPU, on one thread.
//!
//! # Layout
//!
//! - [`Network`]: a network that was loaded, images in, the output's values out;
//! - `plan`: from an ONNX graph to maps and the steps between them;
//! - `map`: how values lie in memory;
//! - `convolution`, `tiles`, `channelwise`: what a step computes;
//! - `block`: the matrix product beneath the first two.

mod block;
mod channelwise;
mod convolution;
mod map;
mod network;
mod plan;
mod tiles;

pub use network::Network;
pub use onnx_prepare::Error;
