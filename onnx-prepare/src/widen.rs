//! Float16 weights back to float32.

use half::f16;

use crate::Error;
use crate::proto::{FLOAT, FLOAT16, Model};

/// Turns the stored form of a network, float16 constants that a `Cast` node each makes float32,
/// into the form the engines load: float32 constants and no such nodes. A network that is in
/// that form already comes back as it is.
///
/// # Errors
/// Where the bytes are no ONNX file, or a constant's bytes do not fit its type.
pub fn widen(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut model = Model::from_bytes(bytes)?;
    let graph = model.graph.as_mut().ok_or_else(|| Error::NotOnnx("no graph".to_owned()))?;
    for tensor in &mut graph.initializer {
        if tensor.data_type != FLOAT16 {
            continue;
        }
        let cast = graph
            .node
            .iter()
            .position(|node| node.op_type == "Cast" && node.input.len() == 1 && node.input[0] == tensor.name);
        let Some(cast) = cast else { continue };
        if !tensor.raw_data.len().is_multiple_of(2) {
            let why = "has an odd number of bytes".to_owned();
            return Err(Error::Constant { name: tensor.name.clone(), why });
        }
        let narrow = std::mem::take(&mut tensor.raw_data);
        let values = narrow.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32());
        tensor.raw_data.reserve_exact(2 * narrow.len());
        tensor.raw_data.extend(values.flat_map(f32::to_le_bytes));
        tensor.data_type = FLOAT;
        let node = graph.node.remove(cast);
        tensor.name = node.output.into_iter().next().unwrap_or_default();
    }
    Ok(model.to_bytes())
}
