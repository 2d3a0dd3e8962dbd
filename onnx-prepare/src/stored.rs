//! A stored network, taken apart for an engine that computes it.

use std::collections::HashMap;

use crate::Error;
use crate::constant;
use crate::proto::{Node, Tensor};
use crate::shapes::{LONGEST, Shape, infer, refuse};
use crate::widen::{open, take_casts};

/// A network of batch 1 with one input and one output.
pub struct Stored {
    /// The operations, in an order in which they can be computed.
    pub nodes: Vec<Node>,
    /// The constants by their names, float16 ones as they are stored; see [`crate::Constant::of`].
    pub constants: HashMap<String, Tensor>,
    /// Name of the input, 1 x channels x height x width.
    pub input: String,
    /// Name of the output.
    pub output: String,
    /// The shape of every value, constants too.
    pub shapes: HashMap<String, Shape>,
}

impl Stored {
    /// Takes the stored network in the `.onnx` file `bytes` apart. There are never more than two copies of the
    /// constants.
    ///
    /// # Errors
    /// Where the bytes are no ONNX file, one without static shapes, or of other operators than are prepared
    /// here.
    pub fn read(bytes: Vec<u8>) -> Result<Self, Error> {
        let (_, mut graph) = open(&bytes)?;
        drop(bytes);
        take_casts(&mut graph);
        let constants: HashMap<String, Tensor> =
            graph.initializer.into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect();
        let inputs: Vec<_> =
            graph.input.iter().filter(|input| !constants.contains_key(&input.name)).collect();
        let ([input], [output]) = (inputs.as_slice(), graph.output.as_slice()) else {
            let (inputs, outputs) = (inputs.len(), graph.output.len());
            return Err(Error::Structure(format!(
                "{inputs} inputs and {outputs} outputs instead of one each"
            )));
        };
        let mut shapes = HashMap::new();
        for (name, tensor) in &constants {
            shapes.insert(name.clone(), constant::dims(tensor)?);
        }
        let side = |side: Option<i64>| usize::try_from(side?).ok().filter(|side| *side <= LONGEST);
        let shape: Option<Shape> = input.dims().into_iter().map(side).collect();
        let shape = shape.ok_or_else(|| Error::Structure("an input of open shape".to_owned()))?;
        shapes.insert(input.name.clone(), shape);
        for node in &graph.node {
            if node.output.first().is_some_and(|output| shapes.contains_key(output)) {
                return Err(refuse(node, "makes a value that is there"));
            }
            if node.attribute("auto_pad").is_some_and(|mode| mode.s != b"NOTSET") {
                return Err(refuse(node, "leaves its pads open"));
            }
            infer(node, &mut shapes)?;
        }
        let (input, output) = (input.name.clone(), output.name.clone());
        Ok(Self { nodes: graph.node, constants, input, output, shapes })
    }
}
