//! From any convolutional network to the graph that is stored.

use std::collections::{BTreeMap, HashMap, HashSet};

use half::f16;

use crate::passes;
use crate::proto::{Attribute, FLOAT, FLOAT16, Graph, Model, Node, Tensor, ValueInfo};
use crate::shapes::{LONGEST, Shape, infer};
use crate::{Constant, Error};

/// Weights of fewer values stay float32: biases, which cost little and are added, not multiplied.
const SMALLEST_HALVED: usize = 4096;

/// How the weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Float32, for tests against other implementations.
    Float32,
    /// Float16 with a `Cast` node each, undone by [`crate::Stored`] and [`crate::widen`].
    Float16,
}

/// A network with one input and one output, its constants apart.
pub(crate) struct Network {
    pub nodes: Vec<Node>,
    pub constants: BTreeMap<String, Constant>,
    pub input: String,
    pub output: String,
}

/// A network ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The `.onnx` file.
    pub bytes: Vec<u8>,
    /// Name of the input, float32 1 x 3 x size x size.
    pub input: String,
    /// Height and width of the input.
    pub input_size: usize,
    /// Name of the output, float32 1 x channels x height x width.
    pub output: String,
    /// Channels, height and width of the output.
    pub output_shape: [usize; 3],
}

/// Prepares the network in the `.onnx` file `bytes`: batch 1, static shapes, batch norm folded,
/// explicit pads, a bias everywhere, and forks broken so that wonnx computes nothing twice.
/// `size` is the input's height and width where the file leaves them open.
///
/// # Errors
/// [`Error`] names what cannot be prepared.
pub fn prepare(bytes: &[u8], size: Option<usize>, storage: Storage) -> Result<Prepared, Error> {
    let model = Model::from_bytes(bytes)?;
    let graph = model.graph.ok_or_else(|| Error::NotOnnx("no graph".to_owned()))?;
    // Each is dropped when it was read: together they are the file.
    let read = |tensor: Tensor| Ok((tensor.name.clone(), Constant::of(&tensor)?));
    let constants: BTreeMap<String, Constant> =
        graph.initializer.into_iter().map(read).collect::<Result<_, _>>()?;
    let inputs: Vec<&ValueInfo> =
        graph.input.iter().filter(|input| !constants.contains_key(&input.name)).collect();
    let (&[input], [output]) = (inputs.as_slice(), graph.output.as_slice()) else {
        let (inputs, outputs) = (inputs.len(), graph.output.len());
        return Err(Error::Structure(format!("{inputs} inputs and {outputs} outputs instead of one each")));
    };
    let dims = input.dims();
    let side = |index: usize| dims.get(index).copied().flatten().and_then(|side| usize::try_from(side).ok());
    let (height, width) = (side(2).or(size), side(3).or(size));
    let (Some(3), Some(height), true) = (side(1), height, height == width && dims.len() == 4) else {
        return Err(Error::Structure(format!("an input of shape {dims:?} instead of N x 3 x size x size")));
    };
    let network =
        Network { nodes: graph.node, constants, input: input.name.clone(), output: output.name.clone() };
    finish(network, height, storage)
}

/// Runs the passes and writes the file.
pub(crate) fn finish(mut network: Network, size: usize, storage: Storage) -> Result<Prepared, Error> {
    if size > LONGEST {
        return Err(Error::Structure(format!("an input of {size} x {size} pixels")));
    }
    passes::drop_identities(&mut network);
    passes::fold_batch_norms(&mut network)?;
    let shapes = passes::make_explicit(&mut network, size)?;
    passes::break_forks(&mut network);
    let mut shapes = shapes;
    for node in &network.nodes {
        infer(node, &mut shapes)?;
    }
    let output_shape = match shapes.get(&network.output).map(Vec::as_slice) {
        Some(&[1, channels, height, width]) => [channels, height, width],
        other => return Err(Error::Structure(format!("an output of shape {other:?}"))),
    };
    let (input, output) = (network.input.clone(), network.output.clone());
    let bytes = write(network, &shapes, storage);
    Ok(Prepared { bytes, input, input_size: size, output, output_shape })
}

/// The `.onnx` file of a network whose shapes are known. The same network gives the same bytes.
fn write(network: Network, shapes: &HashMap<String, Shape>, storage: Storage) -> Vec<u8> {
    let used: HashSet<&String> = network.nodes.iter().flat_map(|node| &node.input).collect();
    let mut graph = Graph { name: "backbone".to_owned(), ..Graph::default() };
    for (name, constant) in network.constants {
        if !used.contains(&name) {
            continue;
        }
        let mut tensor = Tensor::float(&name, &constant.dims, &constant.values);
        if storage == Storage::Float16 && constant.values.len() >= SMALLEST_HALVED {
            tensor.name = format!("{name}_half");
            tensor.data_type = FLOAT16;
            let halves = constant.values.iter().map(|&value| f16::from_f32(value));
            tensor.raw_data = halves.flat_map(f16::to_le_bytes).collect();
            let cast = Attribute::int("to", i64::from(FLOAT));
            graph.node.push(Node::new("Cast", &[&tensor.name], &name, vec![cast]));
        }
        graph.initializer.push(tensor);
    }
    let shape_of = |name: &str| shapes.get(name).map_or(&[][..], Vec::as_slice);
    graph.input = vec![ValueInfo::float(&network.input, shape_of(&network.input))];
    graph.output = vec![ValueInfo::float(&network.output, shape_of(&network.output))];
    let inner = network.nodes.iter().flat_map(|node| &node.output).filter(|name| **name != network.output);
    graph.value_info = inner.map(|name| ValueInfo::float(name, shape_of(name))).collect();
    graph.node.extend(network.nodes);
    // A value has one producer, so that a node named after its output has a name of its own;
    // what came with the file, or stood there before a fork was broken, may stand there twice.
    for node in &mut graph.node {
        node.name = node.output.first().cloned().unwrap_or_default();
    }
    Model::of(graph).to_bytes()
}
