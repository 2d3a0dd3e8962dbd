//! A stored network as a part of a larger one.

use crate::Error;
use crate::proto::{Graph, Node};

/// Operators that compute each image by itself: a network of nothing else gives the same for an
/// image whatever comes with it, however many images its first side holds.
const IMAGEWISE: [&str; 8] =
    ["Add", "AveragePool", "Clip", "Concat", "Conv", "GlobalAveragePool", "MaxPool", "Relu"];

/// What of `graph`, a network of batch 1 as `prepare` writes it, goes into a larger one that takes
/// any number of images: its nodes and weights, all values' names behind `prefix`, without the
/// shapes that say that there is one image. The weights stay as they are.
///
/// # Errors
/// [`Error::Node`] for an operator that may mix images.
pub fn embed(graph: Graph, prefix: &str) -> Result<Graph, Error> {
    let mut part = Graph { node: graph.node, initializer: graph.initializer, ..Graph::default() };
    for node in &mut part.node {
        check(node)?;
        let names = node.input.iter_mut().chain(&mut node.output).chain([&mut node.name]);
        names.filter(|name| !name.is_empty()).for_each(|name| name.insert_str(0, prefix));
    }
    part.initializer.iter_mut().for_each(|tensor| tensor.name.insert_str(0, prefix));
    Ok(part)
}

/// Refuses what may mix images, or see their number.
fn check(node: &Node) -> Result<(), Error> {
    let axis = node.attribute("axis").map(|axis| axis.i);
    // A `Cast` widens weights.
    let imagewise = node.op_type == "Cast" || IMAGEWISE.contains(&node.op_type.as_str());
    if imagewise && (node.op_type != "Concat" || matches!(axis, Some(1 | -3))) {
        return Ok(());
    }
    let name = node.output.first().unwrap_or(&node.name).clone();
    let why = "may not compute each image by itself".to_owned();
    Err(Error::Node { node: name, op: node.op_type.clone(), why })
}
