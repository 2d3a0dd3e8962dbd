//! A head's weights for Keras 3: the HDF5 file that `model.load_weights` takes.
//!
//! Keras 3 (`keras/src/saving/saving_lib.py`) keeps the variables of a model's layers as datasets
//! `layers/NAME/vars/NUMBER`, where NAME is the layer's class in snake case and NUMBER counts a layer's
//! variables in their own order. Layers without variables need not be there.

use hdf5_writer::{DatasetBuilder, Hdf5Builder, WriteOptions};

use super::{InterchangeError, kernel};
use crate::head::{Head, WINDOW};

/// What the file's name has to end with, so that Keras knows what it is.
pub const ENDING: &str = ".weights.h5";

/// The `.weights.h5` file of the `keras.Sequential` that [`super::program`] builds, all float32:
///
/// | dataset | shape | where the head has |
/// | --- | --- | --- |
/// | `layers/conv2d/vars/0`, `1` | 2 x 2 x channels x filters; filters | a convolution |
/// | `layers/batch_normalization/vars/0` to `3` | channels each: gamma, beta, mean, variance | batch norm |
/// | `layers/dense/vars/0`, `1` | filters (or channels) x classes; classes | always |
///
/// # Errors
/// [`InterchangeError::NoWeights`] for nearest neighbours, which have none.
pub fn weights(head: &Head) -> Result<Vec<u8>, InterchangeError> {
    if !head.preset().has_epochs() {
        return Err(InterchangeError::NoWeights);
    }
    let (weights, statistics) = (&head.weights, &head.statistics);
    let (channels, classes, filters) = (head.shape().channels, head.classes(), weights.bias.len());
    let mut file = Hdf5Builder::new();
    let mut add = |layer: &str, variables: &[(&[usize], &[f32])]| -> Result<(), InterchangeError> {
        for (number, (shape, values)) in variables.iter().enumerate() {
            let shape: Vec<u64> = shape.iter().map(|side| *side as u64).collect();
            let dataset = DatasetBuilder::typed_data(format!("layers/{layer}/vars/{number}"), shape, values)?;
            file = std::mem::take(&mut file).dataset(dataset);
        }
        Ok(())
    };
    if head.preset().has_convolution() {
        let kernel = kernel::filters_last(&weights.kernel, channels);
        add("conv2d", &[(&[WINDOW, WINDOW, channels, filters], &kernel), (&[filters], &weights.bias)])?;
    }
    if !weights.gamma.is_empty() {
        let parts = [&weights.gamma, &weights.beta, &statistics.mean, &statistics.variance];
        let sides: &[usize] = &[channels];
        add("batch_normalization", &parts.map(|part| (sides, part.as_slice())))?;
    }
    let pooled = weights.dense_kernel.len() / classes;
    add("dense", &[(&[pooled, classes], &weights.dense_kernel), (&[classes], &weights.dense_bias)])?;
    Ok(file.into_plan()?.encode(WriteOptions::default())?)
}

impl From<hdf5_writer::Error> for InterchangeError {
    fn from(error: hdf5_writer::Error) -> Self {
        Self::Hdf5(error.to_string())
    }
}
