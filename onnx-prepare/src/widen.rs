//! Float16 weights back to float32.

use half::f16;

use crate::Error;
use crate::proto::{FLOAT, FLOAT16, Graph, Model, Node, Tensor};

/// Turns the stored form of a network, float16 constants that a `Cast` node each makes float32,
/// into the form the engines load: float32 constants and no such nodes. A network that is in
/// that form already comes back as it is.
///
/// # Errors
/// Where the bytes are no ONNX file, or a constant's bytes do not fit its type.
pub fn widen(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let (mut model, mut graph) = open(bytes)?;
    for tensor in &mut graph.initializer {
        if !take_cast(tensor, &mut graph.node) {
            continue;
        }
        let narrow = std::mem::take(&mut tensor.raw_data);
        if !narrow.len().is_multiple_of(2) {
            let why = "has an odd number of bytes".to_owned();
            return Err(Error::Constant { name: tensor.name.clone(), why });
        }
        tensor.data_type = FLOAT;
        tensor.raw_data.reserve_exact(2 * narrow.len());
        tensor.raw_data.extend(widened(&narrow));
    }
    model.graph = Some(graph);
    Ok(model.to_bytes())
}

/// A file as its graph, and the rest.
pub(crate) fn open(bytes: &[u8]) -> Result<(Model, Graph), Error> {
    let mut model = Model::from_bytes(bytes)?;
    let graph = model.graph.take().ok_or_else(|| Error::NotOnnx("no graph".to_owned()))?;
    Ok((model, graph))
}

/// Takes the one of `nodes` away that casts the float16 constant `tensor`, which gets its place: the name of
/// what it made. Says whether there was one.
pub(crate) fn take_cast(tensor: &mut Tensor, nodes: &mut Vec<Node>) -> bool {
    if tensor.data_type != FLOAT16 {
        return false;
    }
    let casts = |node: &Node| node.op_type == "Cast" && node.input.len() == 1 && node.input[0] == tensor.name;
    let Some(cast) = nodes.iter().position(casts) else { return false };
    tensor.name = nodes.remove(cast).output.into_iter().next().unwrap_or_default();
    true
}

/// Float16 values as the bytes of float32.
fn widened(narrow: &[u8]) -> impl Iterator<Item = u8> {
    let values = narrow.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32());
    values.flat_map(f32::to_le_bytes)
}
