//! PyTorch's files of weights. Their pickles are parsed into data, and nothing in them is run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;
use onnx_prepare::Constant;
use pytorch_reader::{DType, PytorchReader};

/// The float32 tensors in the file that `torch.save` made of a `state_dict`, by their names.
/// Tensors of other types, such as counters, are left out.
pub fn read(file: &Path) -> anyhow::Result<BTreeMap<String, Constant>> {
    let refused = || format!("{} is no file of weights that can be read", file.display());
    let reader = PytorchReader::new(file).with_context(refused)?;
    // A few bytes can claim to be gigabytes: strides of 0 show the same number again and again.
    let mut room = fs::metadata(file)?.len();
    let mut weights = BTreeMap::new();
    for (name, tensor) in reader.into_tensors() {
        if tensor.dtype() != DType::F32 {
            continue;
        }
        room = room
            .checked_sub(tensor.byte_len() as u64)
            .context("its tensors are larger than the file")
            .with_context(refused)?;
        let bytes = tensor.read().with_context(refused)?;
        let values = bytes.chunks_exact(4).map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]])).collect();
        weights.insert(name, Constant { dims: tensor.shape().to_vec(), values });
    }
    Ok(weights)
}
