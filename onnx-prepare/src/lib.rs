//! Reads pretrained convolutional networks and writes the ONNX graph that both engines like.
//!
//! Bytes in, bytes out: no file and no network is touched here.
//!
//! # Layout
//!
//! - [`proto`]: ONNX's protobuf messages, as far as they are used;
//! - [`shapes`]: the shapes of all values, and [`Constant`]: those of the constants;
//! - [`Stored`]: a stored network taken apart, and [`Bounds`]: what a convolution's values are kept between;
//! - [`widen`]: float16 weights back to float32 within the file, for other people's engines;
//! - [`packed`]: convolutions whose weights say how they are computed, for a kernel of our own;
//! - [`embed`]: a stored network as a part of a larger one;
//! - with the feature `convert`: `keras` and `tfjs` read weights, `inception_v3` and
//!   `efficientnet_lite` make networks of weights, and `prepare` turns those, or any other
//!   convolutional network, into the graph that is stored.

mod bounds;
mod constant;
pub mod embed;
pub mod packed;
pub mod proto;
pub mod shapes;
mod stored;
mod widen;

#[cfg(feature = "convert")]
pub mod efficientnet_lite;
#[cfg(feature = "convert")]
pub mod inception_v3;
#[cfg(feature = "convert")]
pub mod keras;
#[cfg(feature = "convert")]
mod passes;
#[cfg(feature = "convert")]
pub mod prepare;

#[cfg(feature = "convert")]
pub mod tfjs;

pub use bounds::Bounds;
pub use constant::Constant;
pub use stored::Stored;
pub use widen::widen;

/// Why a network cannot be read or prepared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are no ONNX file.
    #[error("not an ONNX file: {0}")]
    NotOnnx(String),
    /// The file lacks something that every network has.
    #[error("the network has {0}")]
    Structure(String),
    /// A constant is of a type or length that cannot be used.
    #[error("the constant `{name}` {why}")]
    Constant {
        /// The constant.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// A node cannot be prepared.
    #[error("the node `{node}` ({op}) {why}")]
    Node {
        /// The node, by its first output.
        node: String,
        /// Its operator.
        op: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file of weights is damaged, or of another network.
    #[error("the weights cannot be used: {0}")]
    Weights(String),
}
