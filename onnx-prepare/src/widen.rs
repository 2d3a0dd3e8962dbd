//! Float16 weights back to float32.

use half::f16;

use crate::Error;
use crate::proto::{EXTERNAL, Entry, FLOAT, FLOAT16, Graph, Model, Node, Tensor};

/// Turns the stored form of a network, float16 constants that a `Cast` node each makes float32,
/// into the form the engines load: float32 constants and no such nodes. A network that is in
/// that form already comes back as it is.
///
/// # Errors
/// Where the bytes are no ONNX file, or a constant's bytes do not fit its type.
pub fn widen(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let (mut model, mut graph) = open(bytes)?;
    for tensor in &mut graph.initializer {
        if let Some(narrow) = take_narrow(tensor, &mut graph.node)? {
            tensor.raw_data.reserve_exact(2 * narrow.len());
            tensor.raw_data.extend(widened(&narrow));
        }
    }
    model.graph = Some(graph);
    Ok(model.to_bytes())
}

/// A network whose float32 constants stand beside it, which ONNX calls external data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detached {
    /// The `.onnx` file without them.
    pub network: Vec<u8>,
    /// Their values one after the other, little endian, in what the file knows as [`WEIGHTS`].
    pub weights: Vec<u8>,
}

/// The name under which a [`Detached`] network looks for its weights.
pub const WEIGHTS: &str = "weights.data";

/// The same as [`widen`] with the constants detached, for an engine that uses them where they are. At no
/// time is there more than the stored file and the wide weights, or the stored file twice.
///
/// # Errors
/// Those of [`widen`].
pub fn detach(bytes: Vec<u8>) -> Result<Detached, Error> {
    let (mut model, mut graph) = open(&bytes)?;
    drop(bytes);
    let values = |tensor: &Tensor| match tensor.data_type {
        FLOAT16 => tensor.raw_data.len() / 2,
        _ => tensor.raw_data.len() / 4,
    };
    let mut weights = Vec::new();
    weights.reserve_exact(4 * graph.initializer.iter().map(values).sum::<usize>());
    for tensor in &mut graph.initializer {
        let offset = weights.len();
        if let Some(narrow) = take_narrow(tensor, &mut graph.node)? {
            weights.extend(widened(&narrow));
        } else if tensor.data_type == FLOAT && tensor.raw_data.len().is_multiple_of(4) {
            weights.append(&mut tensor.raw_data);
        }
        let length = weights.len() - offset;
        if length > 0 {
            let entry = |key: &str, value: String| Entry { key: key.to_owned(), value };
            tensor.data_location = EXTERNAL;
            tensor.external_data = vec![
                entry("location", WEIGHTS.to_owned()),
                entry("offset", offset.to_string()),
                entry("length", length.to_string()),
            ];
        }
    }
    model.graph = Some(graph);
    Ok(Detached { network: model.to_bytes(), weights })
}

/// A file as its graph, and the rest.
fn open(bytes: &[u8]) -> Result<(Model, Graph), Error> {
    let mut model = Model::from_bytes(bytes)?;
    let graph = model.graph.take().ok_or_else(|| Error::NotOnnx("no graph".to_owned()))?;
    Ok((model, graph))
}

/// The bytes of a float16 constant that one of the `nodes` casts. The constant, empty now, is float32 from
/// then on and takes the place of the node.
fn take_narrow(tensor: &mut Tensor, nodes: &mut Vec<Node>) -> Result<Option<Vec<u8>>, Error> {
    if tensor.data_type != FLOAT16 {
        return Ok(None);
    }
    let casts = |node: &Node| node.op_type == "Cast" && node.input.len() == 1 && node.input[0] == tensor.name;
    let Some(cast) = nodes.iter().position(casts) else { return Ok(None) };
    if !tensor.raw_data.len().is_multiple_of(2) {
        let why = "has an odd number of bytes".to_owned();
        return Err(Error::Constant { name: tensor.name.clone(), why });
    }
    tensor.data_type = FLOAT;
    tensor.name = nodes.remove(cast).output.into_iter().next().unwrap_or_default();
    Ok(Some(std::mem::take(&mut tensor.raw_data)))
}

/// Float16 values as the bytes of float32.
fn widened(narrow: &[u8]) -> impl Iterator<Item = u8> {
    let values = narrow.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32());
    values.flat_map(f32::to_le_bytes)
}
