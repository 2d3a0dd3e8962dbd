//! ReLU as the CPU engine has a fast kernel for it.

use crate::Error;
use crate::proto::{Attribute, Model};

/// Makes each `Relu` a `LeakyRelu` of slope 0, which is the same but for the sign of zeros: rten computes the
/// one value by value through a function call, and the other with SIMD (docs/benchmarks.md).
///
/// # Errors
/// Where the bytes are no ONNX file.
pub fn leaky_relus(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut model = Model::from_bytes(bytes)?;
    for node in model.graph.iter_mut().flat_map(|graph| &mut graph.node) {
        if node.op_type == "Relu" {
            node.op_type = "LeakyRelu".to_owned();
            node.attribute = vec![Attribute::float("alpha", 0.0)];
        }
    }
    Ok(model.to_bytes())
}
