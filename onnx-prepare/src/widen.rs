//! Float16 weights back to float32.

use std::collections::{HashMap, HashSet};

use half::f16;

use crate::Error;
use crate::proto::{FLOAT, FLOAT16, Graph, Model, Node};

/// Turns the stored form of a network, float16 constants that a `Cast` node each makes float32,
/// into one that other people's engines like better: float32 constants and no such nodes. A network
/// that is in that form already comes back as it is.
///
/// # Errors
/// Where the bytes are no ONNX file, or a constant's bytes do not fit its type.
pub fn widen(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let (mut model, mut graph) = open(bytes)?;
    for at in take_casts(&mut graph) {
        let tensor = &mut graph.initializer[at];
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

/// Takes the nodes away that make a float16 constant float32. Such a constant gets its node's place: the name
/// of what that made. Where these constants stand.
pub(crate) fn take_casts(graph: &mut Graph) -> Vec<usize> {
    let to_float = |node: &Node| node.attribute("to").is_some_and(|to| to.i == i64::from(FLOAT));
    let mut casts: HashMap<String, usize> = HashMap::new();
    for (at, node) in graph.node.iter().enumerate() {
        if let ("Cast", [input], true) = (node.op_type.as_str(), node.input.as_slice(), to_float(node)) {
            casts.entry(input.clone()).or_insert(at);
        }
    }
    let (mut constants, mut taken) = (Vec::new(), HashSet::new());
    for (at, tensor) in graph.initializer.iter_mut().enumerate() {
        if tensor.data_type == FLOAT16
            && let Some(cast) = casts.remove(&tensor.name)
        {
            tensor.name = graph.node[cast].output.first().cloned().unwrap_or_default();
            taken.insert(cast);
            constants.push(at);
        }
    }
    let mut at = 0..graph.node.len();
    graph.node.retain(|_| at.next().is_none_or(|at| !taken.contains(&at)));
    constants
}

/// Float16 values as the bytes of float32.
fn widened(narrow: &[u8]) -> impl Iterator<Item = u8> {
    let values = narrow.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32());
    values.flat_map(f32::to_le_bytes)
}
