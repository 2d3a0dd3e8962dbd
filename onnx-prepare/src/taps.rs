//! Convolutions as matrix products, for an engine that is fastest at those.

use std::collections::HashMap;

use crate::Error;
use crate::proto::{Attribute, Graph, Model, Node, Tensor, ValueInfo};

/// Most inputs of a `Concat` that wonnx takes.
const MOST_INPUTS: usize = 7;
/// No side, step or pad is longer; a file that claims one keeps its convolution.
const LONGEST: i64 = 1 << 20;
/// Convolutions of fewer channels are left alone: what is cut out for them would be as much work as they are.
const CHANNELS: usize = 16;
/// wonnx multiplies in blocks of so many rows and columns, where their numbers are multiples of it.
const BLOCK: usize = 4;

/// Rewrites convolutions as matrix products, which wonnx 0.5.1 computes in blocks of 4 x 4 where its kernels for
/// convolutions load every weight for each place anew.
///
/// A convolution is a sum over its window's places, the taps. Each tap's part of the map is cut out by a
/// convolution with one weight a channel, whose pads are negative where it cuts; all of them, one after the
/// other along the channels, are the matrix that the weights are multiplied by. Its columns are made a multiple
/// of four by places to spare, which another such convolution takes away again; that one adds the bias. Every
/// output is the same sum in another order. Convolutions in groups, those that share a kernel, and those whose
/// numbers of channels and filters do not fit stay as they are.
///
/// Negative pads are not in ONNX's standard: the result is for wonnx only. `bytes` must have float32
/// constants, static shapes and explicit pads.
///
/// # Errors
/// Where the bytes are no ONNX file, or a convolution's constants do not fit its shape.
pub fn split_taps(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut model = Model::from_bytes(bytes)?;
    let graph = model.graph.as_mut().ok_or_else(|| Error::NotOnnx("no graph".to_owned()))?;
    let shapes: HashMap<String, Vec<usize>> =
        graph.value_info.iter().chain(&graph.output).filter_map(static_shape).collect();
    let nodes = std::mem::take(&mut graph.node);
    let mut uses = HashMap::<&str, usize>::new();
    for name in nodes.iter().flat_map(|node| &node.input) {
        *uses.entry(name).or_default() += 1;
    }
    for node in &nodes {
        let alone = node.input.get(1).is_some_and(|kernel| uses[kernel.as_str()] == 1);
        let split = if alone { Split::of(node, graph, &shapes)? } else { None };
        match split {
            Some(split) => split.apply(node, graph),
            None => graph.node.push(node.clone()),
        }
    }
    Ok(model.to_bytes())
}

/// A value's name and shape, where no side is open.
fn static_shape(info: &ValueInfo) -> Option<(String, Vec<usize>)> {
    Some((info.name.clone(), info.dims().into_iter().map(|side| length(side?)).collect::<Option<_>>()?))
}

/// A side of one element at least.
fn length(side: i64) -> Option<usize> {
    (1..=LONGEST).contains(&side).then_some(side as usize)
}

/// A convolution that is split.
struct Split {
    /// Where its kernel stands among the constants.
    kernel: usize,
    /// Filters, channels, height and width of the kernel.
    dims: [usize; 4],
    strides: [i64; 2],
    /// At the top, on the left, at the bottom, on the right.
    pads: [i64; 4],
    /// Height and width of its input and of its output.
    input: [usize; 2],
    output: [usize; 2],
}

impl Split {
    /// How `node` is split; `None` where it stays as it is.
    fn of(node: &Node, graph: &Graph, shapes: &HashMap<String, Vec<usize>>) -> Result<Option<Self>, Error> {
        let ints = |name: &str, fallback: &[i64]| node.ints(name).unwrap_or(fallback).to_vec();
        let plain = node.op_type == "Conv"
            && node.attribute("group").is_none_or(|group| group.i == 1)
            && ints("dilations", &[1, 1]) == [1, 1];
        let [Some(name), Some(source), Some(result)] =
            [node.input.get(1), node.input.first(), node.output.first()]
        else {
            return Ok(None);
        };
        let Some(kernel) = graph.initializer.iter().position(|tensor| tensor.name == *name) else {
            return Ok(None);
        };
        let tensor = &graph.initializer[kernel];
        let sides: Option<Vec<usize>> = tensor.dims.iter().map(|side| length(*side)).collect();
        let Some(dims) = sides.and_then(|sides| <[usize; 4]>::try_from(sides).ok()) else {
            return Ok(None);
        };
        let bytes = dims.iter().try_fold(size_of::<f32>(), |bytes, side| bytes.checked_mul(*side));
        if bytes != Some(tensor.raw_data.len()) {
            let why = format!("has {} bytes for {dims:?}", tensor.raw_data.len());
            return Err(Error::Constant { name: name.clone(), why });
        }
        let [filters, channels, height, width] = dims;
        let (strides, pads) = (ints("strides", &[1, 1]), ints("pads", &[0; 4]));
        let taken = channels >= CHANNELS
            && (channels * height * width).is_multiple_of(BLOCK)
            && filters.is_multiple_of(BLOCK)
            && height * width <= MOST_INPUTS * MOST_INPUTS;
        let sane = strides.iter().all(|side| length(*side).is_some())
            && pads.iter().all(|side| (0..=LONGEST).contains(side));
        if !plain || !taken || !sane {
            return Ok(None);
        }
        let (Ok(strides), Ok(pads)) = (strides.try_into(), pads.try_into()) else { return Ok(None) };
        let side = |name: &String| match shapes.get(name).map(Vec::as_slice) {
            Some(&[1, _, height, width]) => Some([height, width]),
            _ => None,
        };
        let (Some(input), Some(output)) = (side(source), side(result)) else { return Ok(None) };
        Ok(Some(Self { kernel, dims, strides, pads, input, output }))
    }

    /// Puts the nodes that stand for `node` into the graph.
    fn apply(&self, node: &Node, graph: &mut Graph) {
        let (source, result) = (&node.input[0], &node.output[0]);
        let [filters, channels, height, width] = self.dims;
        let [rows, columns] = self.padded();
        let named = |what: &str| format!("{result}_{what}");
        // wonnx makes a chain of nodes with one input each anew for every consumer of its end; the two
        // inputs end it, and the weights of the taps make up for the sum.
        let (double, half) = (named("double"), named("half"));
        graph.node.push(Node::new("Add", &[source, source], &double, Vec::new()));
        graph.value_info.push(ValueInfo::float(&double, &[1, channels, self.input[0], self.input[1]]));
        graph.initializer.push(Tensor::float(&half, &[channels, 1, 1, 1], &vec![0.5; channels]));
        let mut parts = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let part = named(&format!("tap_{y}_{x}"));
                graph.node.push(Node::new("Conv", &[&double, &half], &part, self.cut([y, x], channels)));
                graph.value_info.push(ValueInfo::float(&part, &[1, channels, rows, columns]));
                parts.push((part, channels));
            }
        }
        while parts.len() > 1 {
            let whole = parts.len() <= MOST_INPUTS;
            parts = parts
                .chunks(MOST_INPUTS)
                .enumerate()
                .map(|(number, parts)| {
                    let joined = named(&if whole { "taps".to_owned() } else { format!("taps_{number}") });
                    let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
                    let channels = parts.iter().map(|(_, channels)| channels).sum();
                    graph.node.push(Node::new("Concat", &names, &joined, vec![Attribute::int("axis", 1)]));
                    graph.value_info.push(ValueInfo::float(&joined, &[1, channels, rows, columns]));
                    (joined, channels)
                })
                .collect();
        }
        let depth = height * width * channels;
        let kernel = &mut graph.initializer[self.kernel];
        kernel.raw_data = by_tap(&kernel.raw_data, self.dims);
        kernel.dims = [filters, depth].map(|side| side as i64).to_vec();

        let (places, product, map, ones) = (named("places"), named("product"), named("map"), named("ones"));
        let reshape = |graph: &mut Graph, from: &str, to: &str, dims: &[usize]| {
            let shape = format!("{to}_shape");
            let sides: Vec<i64> = dims.iter().map(|side| *side as i64).collect();
            graph.initializer.push(Tensor::int64(&shape, &[dims.len()], &sides));
            graph.node.push(Node::new("Reshape", &[from, &shape], to, Vec::new()));
            graph.value_info.push(ValueInfo::float(to, dims));
        };
        reshape(graph, &parts.swap_remove(0).0, &places, &[depth, rows * columns]);
        graph.node.push(Node::new("MatMul", &[&node.input[1], &places], &product, Vec::new()));
        graph.value_info.push(ValueInfo::float(&product, &[filters, rows * columns]));
        reshape(graph, &product, &map, &[1, filters, rows, columns]);
        graph.initializer.push(Tensor::float(&ones, &[filters, 1, 1, 1], &vec![1.0; filters]));
        let mut node = node.clone();
        node.input[0] = map;
        node.input[1] = ones;
        let beyond = self.output[1] as i64 - columns as i64;
        node.attribute = window([1, 1], [1, 1], [0, 0, 0, beyond], filters);
        graph.node.push(node);
    }

    /// Height and width of the output with columns to spare, for blocks of whole numbers of them.
    fn padded(&self) -> [usize; 2] {
        [self.output[0], self.output[1].next_multiple_of(BLOCK)]
    }

    /// The attributes of the convolution that cuts out what the tap at [y, x] sees.
    fn cut(&self, tap: [usize; 2], channels: usize) -> Vec<Attribute> {
        let mut pads = [0; 4];
        for side in 0..2 {
            pads[side] = self.pads[side] - tap[side] as i64;
            let reach = (self.padded()[side] as i64 - 1) * self.strides[side] + 1;
            pads[side + 2] = reach - self.input[side] as i64 - pads[side];
        }
        window([1, 1], self.strides, pads, channels)
    }
}

fn window(kernel: [i64; 2], strides: [i64; 2], pads: [i64; 4], group: usize) -> Vec<Attribute> {
    vec![
        Attribute::ints("kernel_shape", &kernel),
        Attribute::ints("strides", &strides),
        Attribute::ints("pads", &pads),
        Attribute::ints("dilations", &[1, 1]),
        Attribute::int("group", group as i64),
    ]
}

/// A kernel's bytes, filters x channels x places, turned to filters x places x channels.
fn by_tap(bytes: &[u8], [filters, channels, height, width]: [usize; 4]) -> Vec<u8> {
    let (places, size) = (height * width, size_of::<f32>());
    let mut turned = Vec::with_capacity(bytes.len());
    for filter in 0..filters {
        for place in 0..places {
            for channel in 0..channels {
                let at = ((filter * channels + channel) * places + place) * size;
                turned.extend_from_slice(&bytes[at..at + size]);
            }
        }
    }
    turned
}
