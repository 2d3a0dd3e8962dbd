//! What leaves for other programs and comes from them, as bytes.
//!
//! # Layout
//!
//! - [`features`]: bottleneck features as NumPy's `.npz` files, piece by piece, both ways.

use std::io;

use crate::backbone::FeatureShape;
use crate::npy::NpyError;

pub mod features;

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
    /// The file cannot be read or unpacked to its end.
    #[error("it cannot be read to its end: {0}")]
    Read(#[from] io::Error),
}
