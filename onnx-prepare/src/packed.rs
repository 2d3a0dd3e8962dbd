//! Convolutions whose weights say how they are computed.
//!
//! wonnx 0.5.1 writes a shader for each node. Those for convolutions load every weight for each place anew, and
//! the browser compiles one for each shape. The WebGPU engine has one kernel of its own for all of them but those in
//! groups or with gaps (`engines/wonnx/src/convolution.wgsl`). wonnx binds what a node takes and makes
//! and nothing else, so that all the kernel must know of a convolution stands before its weights.
//!
//! # Layout
//!
//! A packed convolution takes its map, its weights and its bias, one value a filter. The weights are float32, in lines of
//! [`FILTERS`] values, one for each filter of a block:
//!
//! - two lines that describe the convolution: channels, height and width of its input, and blocks of filters; height
//!   and width of the window, strides down and across; pads at the top and on the left, height and width of the
//!   output; its least and its most value; 0 and 0;
//! - zeros, until there are as many lines as blocks;
//! - block by block, for each row and column of the window, for each channel: a line.
//!
//! They are declared as filters x (values of a filter and before them): wonnx looks at the first side only.
//! What it is told of the window is that it is one place, and [`MARK`] as its dilations, which it writes into the
//! shader that the engine then replaces. For such a node it starts as many groups as the output has values, by 256.

use std::collections::{BTreeSet, HashSet};

use crate::proto::{Attribute, Graph, Model, Node, Tensor, ValueInfo};
use crate::shapes::{Window, refuse};
use crate::{Bounds, Constant, Error, Stored};

/// Filters of a block.
pub const FILTERS: usize = 8;

/// Both dilations of a packed convolution, as wonnx is told. A network that has such gaps itself is refused.
pub const MARK: i64 = 7919;

/// Outputs of a packed convolution at the most: by 256, they are the groups that a device starts at once.
const MOST_OUTPUTS: usize = 65_535 * 256;

/// Bytes of all packed weights at the most: so many quarters of the file's, and so many more. They are twice as many
/// where the file's are float16, and a line for each block.
const MOST_BYTES: [usize; 2] = [9, 8 << 20];

/// Lines that describe a convolution.
const LINES: usize = 2;

/// Packs the convolutions of the stored network in the `.onnx` file `bytes`, and widens its weights. A ReLU or
/// Clip becomes part of the convolution before it. Convolutions in groups, of windows with gaps or of filters that
/// make no whole blocks stay as they are. The result is for wonnx with that kernel and nothing else.
///
/// # Errors
/// Those of [`Stored::read`]; where a convolution's constants do not fit it, or become too many; and where wonnx would
/// take a node for a part of a packed one.
pub fn pack(bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
    let [quarters, more] = MOST_BYTES;
    let mut room = bytes.len() / 4 * quarters + more;
    let mut stored = Stored::read(bytes)?;
    let bounds = stored.fuse_bounds(is_packed)?;
    let mut graph = Graph { name: "packed".to_owned(), ..Graph::default() };
    let (mut taken, mut made) = (BTreeSet::new(), HashSet::new());
    for (node, bounds) in stored.nodes.iter().zip(bounds) {
        match is_packed(&stored, node) {
            true => {
                made.extend(node.output.first());
                add_packed(node, bounds, &stored, &mut room, &mut graph)?;
            }
            // wonnx makes one node of a convolution and its ReLU.
            false if node.op_type == "Relu" && node.input.iter().any(|name| made.contains(name)) => {
                return Err(refuse(node, "follows a convolution that something else follows too"));
            }
            false if node.ints("dilations").is_some_and(|gaps| gaps.contains(&MARK)) => {
                return Err(refuse(node, format!("has gaps of {MARK}")));
            }
            false => {
                taken.extend(&node.input);
                graph.node.push(node.clone());
            }
        }
    }
    for tensor in taken.into_iter().filter_map(|name| stored.constants.get(name)) {
        let Constant { dims, values } = Constant::of(tensor)?;
        if values.is_empty() {
            let why = "is no float32 constant".to_owned();
            return Err(Error::Constant { name: tensor.name.clone(), why });
        }
        graph.initializer.push(Tensor::float(&tensor.name, &dims, &values));
    }
    let info = |name: &String| ValueInfo::float(name, stored.shapes.get(name).map_or(&[], Vec::as_slice));
    let outputs = graph.node.iter().filter_map(|node| node.output.first());
    graph.value_info = outputs.filter(|name| **name != stored.output).map(info).collect();
    graph.input = vec![info(&stored.input)];
    graph.output = vec![info(&stored.output)];
    drop(stored);
    Ok(Model::of(graph).to_bytes())
}

/// Whether a node is a convolution that is packed.
fn is_packed(stored: &Stored, node: &Node) -> bool {
    let kernel = node.input.get(1).and_then(|name| stored.shapes.get(name));
    let output = node.output.first().and_then(|name| stored.shapes.get(name));
    let outputs = output.and_then(|sides| sides.iter().try_fold(1_usize, |all, side| all.checked_mul(*side)));
    node.op_type == "Conv"
        && outputs.is_some_and(|outputs| outputs <= MOST_OUTPUTS)
        && kernel.is_some_and(|dims| dims.len() == 4 && dims[0] > 0 && dims[0].is_multiple_of(FILTERS))
        && node.attribute("group").is_none_or(|group| group.i == 1)
        && node.ints("dilations").is_none_or(|dilations| dilations == [1, 1])
}

/// Puts the convolution `node` into `graph`, packed.
fn add_packed(
    node: &Node,
    bounds: Bounds,
    stored: &Stored,
    room: &mut usize,
    graph: &mut Graph,
) -> Result<(), Error> {
    let constant = |index: usize| -> Result<Option<Constant>, Error> {
        let name = node.input.get(index).filter(|name| !name.is_empty());
        let constant = name.and_then(|name| stored.constants.get(name)).map(Constant::of).transpose()?;
        Ok(constant.filter(|constant| !constant.values.is_empty()))
    };
    let shape = |name: &String| stored.shapes.get(name).filter(|_| !stored.constants.contains_key(name));
    let image = |name: Option<&String>| match name.and_then(shape).map(Vec::as_slice) {
        Some(&[1, channels, height, width]) if height * width > 0 => Ok([channels, height, width]),
        other => Err(refuse(node, format!("has a map of shape {other:?}"))),
    };
    let kernel = constant(1)?.ok_or_else(|| refuse(node, "has no constant kernel"))?;
    let ([channels, rows, columns], [filters, high, wide]) =
        (image(node.input.first())?, image(node.output.first())?);
    let window = Window::of(node, kernel.dims.last_chunk().copied())?;
    let [height, width] = window.kernel;
    if kernel.dims != [filters, channels, height, width] {
        return Err(refuse(node, format!("has a kernel of shape {:?}", kernel.dims)));
    }
    let bias = match node.input.get(2).is_some_and(|name| !name.is_empty()) {
        true => constant(2)?.filter(|bias| bias.dims == [filters]),
        false => Some(Constant { dims: vec![filters], values: vec![0.0; filters] }),
    };
    let bias = bias.ok_or_else(|| refuse(node, "has a bias that does not fit"))?;

    let [down, across] = window.strides;
    let [top, left, ..] = window.pads;
    let sides = [
        [channels, rows, columns, filters / FILTERS],
        [height, width, down, across],
        [top, left, high, wide],
    ];
    let mut description = sides.concat().iter().map(|side| *side as f32).collect::<Vec<_>>();
    // A shader may take it that nothing is infinite.
    description.extend([bounds.least, bounds.most].map(|bound| bound.clamp(f32::MIN, f32::MAX)));
    description.resize(LINES * FILTERS, 0.0);

    let of_a_filter = channels * height * width;
    let lines_before = (LINES * FILTERS).div_ceil(filters);
    let bytes = filters * (lines_before + of_a_filter + 1) * size_of::<f32>();
    *room = room.checked_sub(bytes).ok_or_else(|| refuse(node, "makes the weights too many"))?;
    let mut values = vec![0.0; filters * lines_before];
    values[..description.len()].copy_from_slice(&description);
    values.reserve_exact(kernel.values.len());
    for block in kernel.values.chunks_exact(FILTERS * of_a_filter) {
        for tap in 0..height * width {
            for channel in 0..channels {
                let at = channel * height * width + tap;
                values.extend(block.iter().skip(at).step_by(of_a_filter));
            }
        }
    }
    let output = &node.output[0];
    let [weights, shift] = ["weights", "bias"].map(|what| {
        let mut name = format!("{output}_{what}");
        while stored.shapes.contains_key(&name) {
            name.push('_');
        }
        name
    });
    graph.initializer.push(Tensor::float(&weights, &[filters, lines_before + of_a_filter], &values));
    graph.initializer.push(Tensor::float(&shift, &bias.dims, &bias.values));
    let attributes = [("kernel_shape", [1, 1]), ("strides", [1, 1]), ("dilations", [MARK; 2])];
    let mut attributes: Vec<_> =
        attributes.iter().map(|(name, sides)| Attribute::ints(name, sides)).collect();
    attributes.push(Attribute::ints("pads", &[0; 4]));
    graph.node.push(Node::new("Conv", &[&node.input[0], &weights, &shift], output, attributes));
    Ok(())
}
