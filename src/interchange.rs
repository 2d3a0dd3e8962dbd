//! What leaves for other programs and comes from them, as bytes.
//!
//! # Layout
//!
//! - [`features`]: bottleneck features as NumPy's `.npz` files, piece by piece, both ways;
//! - [`onnx`]: a head, or a whole classifier, as an ONNX file;
//! - [`keras`]: a head's weights for Keras 3;
//! - [`program`]: the Python programs that load these, and a head's safetensors, and classify.

use std::io;

use crate::backbone::FeatureShape;
use crate::npy::NpyError;

pub mod features;
pub mod keras;
mod kernel;
pub mod onnx;
pub mod program;

/// What files are named after that come of the backbone whose manifest stands at `address`: the
/// manifest's own name without its folder and ending.
pub fn stem(address: &str) -> &str {
    let name = address.rsplit('/').next().unwrap_or(address);
    name.strip_suffix(".json").unwrap_or(name)
}

/// Why something cannot be written for another program, or not be read from one.
#[derive(Debug, thiserror::Error)]
pub enum InterchangeError {
    /// The file is no zip, or a damaged one.
    #[error("the .npz file cannot be read: {0}")]
    Zip(String),
    /// The file has no array of that name.
    #[error("there is no array `{wanted}` in the file, but {found:?}")]
    NoArray {
        /// The name.
        wanted: String,
        /// The names that there are.
        found: Vec<String>,
    },
    /// The array's header is none that can be read.
    #[error("the array `{array}` cannot be used: {cause}")]
    Array {
        /// The array.
        array: String,
        /// What is wrong with it.
        cause: NpyError,
    },
    /// The array's values are of a type that features cannot have.
    #[error("the array `{array}` is of type {descr}; features are <f2, <f4 or <f8")]
    Type {
        /// The array.
        array: String,
        /// NumPy's name of the type.
        descr: String,
    },
    /// The array is of another shape than the backbone's features.
    #[error("the array `{array}` is of shape {found:?}; features here are N x {} x {} x {}",
        expected.height, expected.width, expected.channels)]
    Shape {
        /// The array.
        array: String,
        /// Its shape.
        found: Vec<u64>,
        /// The shape of one image's features.
        expected: FeatureShape,
    },
    /// A value is no number, or larger than float16 can be.
    #[error("image {image} has the value {value}; features are numbers up to 65504")]
    Value {
        /// The image, from 0.
        image: u64,
        /// Its value.
        value: f64,
    },
    /// The features are not as many as was said.
    #[error("{found} values where {expected} belong")]
    Length {
        /// How many there are.
        found: u64,
        /// How many there should be.
        expected: u64,
    },
    /// There are not as many names as classes.
    #[error("{names} names for {classes} classes")]
    Classes {
        /// The names.
        names: usize,
        /// The classes of the head.
        classes: usize,
    },
    /// The head remembers no image, so that nothing can vote.
    #[error("the head has learnt nothing yet")]
    Untrained,
    /// Nearest neighbours have no weights that another program could load.
    #[error("nearest neighbours have no weights")]
    NoWeights,
    /// The crate that writes HDF5 refuses what it is given.
    #[error("the HDF5 file cannot be written: {0}")]
    Hdf5(String),
    /// The backbone's file cannot be made a part of another.
    #[error("the network's file cannot be used: {0}")]
    Backbone(String),
    /// The file cannot be read or unpacked to its end.
    #[error("it cannot be read to its end: {0}")]
    Read(#[from] io::Error),
}
