//! What is done to a network before it is stored, one pass after the other.

use std::collections::{BTreeMap, HashMap};

use crate::prepare::Network;
use crate::proto::{Attribute, Node};
use crate::shapes::{Shape, Window, infer, refuse};
use crate::{Constant, Error};

/// Takes nodes out that change nothing.
pub fn drop_identities(network: &mut Network) {
    let mut renamed: HashMap<String, String> = HashMap::new();
    network.nodes.retain_mut(|node| {
        for input in &mut node.input {
            if let Some(source) = renamed.get(input) {
                input.clone_from(source);
            }
        }
        let drops = matches!(node.op_type.as_str(), "Identity" | "Dropout");
        if let (true, Some(source), Some(output)) = (drops, node.input.first(), node.output.first()) {
            renamed.insert(output.clone(), source.clone());
        }
        !drops
    });
    if let Some(source) = renamed.remove(&network.output) {
        network.output = source;
    }
}

/// Makes each batch norm part of the convolution before it.
///
/// `y = gamma (x - mean) / sqrt(variance + epsilon) + beta` is a factor and a summand for each
/// channel; both are computed in float64.
pub fn fold_batch_norms(network: &mut Network) -> Result<(), Error> {
    let mut room = room_for_biases(network);
    while let Some(at) = network.nodes.iter().position(|node| node.op_type == "BatchNormalization") {
        let norm = network.nodes.remove(at);
        let [source, gamma, beta, mean, variance] = norm.input.as_slice() else {
            return Err(refuse(&norm, "needs five inputs"));
        };
        let consumers = network.nodes.iter().filter(|node| node.input.contains(source)).count();
        let producer = network.nodes.iter().position(|node| node.output.first() == Some(source));
        let conv = producer.filter(|&at| network.nodes[at].op_type == "Conv" && consumers == 0);
        let conv = conv.ok_or_else(|| refuse(&norm, "does not follow a convolution of its own"))?;
        let epsilon = norm.attribute("epsilon").map_or(1e-5, |epsilon| f64::from(epsilon.f));
        let statistics = [gamma, beta, mean, variance].map(|name| network.constants.get(name).cloned());
        let [Some(gamma), Some(beta), Some(mean), Some(variance)] = statistics else {
            return Err(refuse(&norm, "has statistics that are no constants"));
        };
        let conv = &mut network.nodes[conv];
        add_bias(conv, &mut network.constants, &mut room)?;
        conv.output.clone_from(&norm.output);
        let norm_values = [&gamma.values, &beta.values, &mean.values, &variance.values];
        let (kernel, bias) = (conv.input[1].clone(), conv.input[2].clone());
        if let Some(mut kernel_values) = network.constants.remove(&kernel)
            && let Some(bias_values) = network.constants.get_mut(&bias)
        {
            let filters = bias_values.values.len();
            if norm_values.iter().any(|values| values.len() != filters) {
                return Err(refuse(&norm, "does not fit its convolution"));
            }
            fold(&mut kernel_values.values, &mut bias_values.values, norm_values, epsilon);
            network.constants.insert(kernel, kernel_values);
        }
    }
    Ok(())
}

/// Folds batch norm into `kernel` (filters first) and `bias`. `norm` is gamma, beta, mean and
/// variance, one value each a filter.
pub fn fold(kernel: &mut [f32], bias: &mut [f32], norm: [&Vec<f32>; 4], epsilon: f64) {
    let per_filter = kernel.len() / bias.len().max(1);
    for (filter, bias) in bias.iter_mut().enumerate() {
        let [gamma, beta, mean, variance] = norm.map(|values| f64::from(values[filter]));
        let factor = gamma / (variance + epsilon).sqrt();
        for weight in &mut kernel[filter * per_filter..][..per_filter] {
            *weight = (f64::from(*weight) * factor) as f32;
        }
        *bias = ((f64::from(*bias) - mean) * factor + beta) as f32;
    }
}

/// Values that biases may be given. A kernel has several for each value of its bias, unless thousands of
/// convolutions share one.
fn room_for_biases(network: &Network) -> usize {
    network.constants.values().map(|constant| constant.values.len()).sum::<usize>() / 2
}

/// Gives a convolution without a bias one of zeros: wonnx computes 3 x 3 convolutions without a
/// bias wrongly. It is taken off the `room` that is left.
fn add_bias(
    conv: &mut Node,
    constants: &mut BTreeMap<String, Constant>,
    room: &mut usize,
) -> Result<(), Error> {
    let kernel = conv.input.get(1).and_then(|name| constants.get(name));
    // Without values its sides say nothing.
    let kernel = kernel.filter(|kernel| kernel.dims.len() == 4 && !kernel.values.is_empty());
    let filters = kernel.map(|kernel| kernel.dims[0]);
    let filters = filters.ok_or_else(|| refuse(conv, "has a kernel that is no constant"))?;
    conv.input.retain(|name| !name.is_empty());
    if conv.input.len() == 2 {
        let left = room.checked_sub(filters);
        *room = left.ok_or_else(|| refuse(conv, "shares its kernel with too many others"))?;
        let name = format!("{}_bias", conv.output.first().map_or("conv", String::as_str));
        constants.insert(name.clone(), Constant { dims: vec![filters], values: vec![0.0; filters] });
        conv.input.push(name);
    }
    match constants.get(&conv.input[2]) {
        Some(bias) if bias.values.len() == filters => Ok(()),
        _ => Err(refuse(conv, "has a bias that does not fit")),
    }
}

/// Writes out what ONNX lets a file leave open (pads, kernel sizes, biases) and finds all shapes.
pub fn make_explicit(network: &mut Network, size: usize) -> Result<HashMap<String, Shape>, Error> {
    let mut shapes: HashMap<String, Shape> =
        network.constants.iter().map(|(name, constant)| (name.clone(), constant.dims.clone())).collect();
    shapes.insert(network.input.clone(), vec![1, 3, size, size]);
    let mut room = room_for_biases(network);
    for node in &mut network.nodes {
        if node.op_type == "Conv" {
            add_bias(node, &mut network.constants, &mut room)?;
        }
        if matches!(node.op_type.as_str(), "Conv" | "MaxPool" | "AveragePool") {
            explicit_pads(node, &shapes)?;
            let kernel = node.input.get(1).and_then(|name| shapes.get(name)).filter(|dims| dims.len() == 4);
            let window = Window::of(node, kernel.map(|dims| [dims[2], dims[3]]))?;
            let signed = |sides: &[usize]| sides.iter().map(|&side| side as i64).collect::<Vec<_>>();
            node.attribute.retain(|attribute| {
                matches!(attribute.name.as_str(), "group" | "count_include_pad" | "ceil_mode")
            });
            node.attribute.push(Attribute::ints("kernel_shape", &signed(&window.kernel)));
            node.attribute.push(Attribute::ints("strides", &signed(&window.strides)));
            node.attribute.push(Attribute::ints("pads", &signed(&window.pads)));
            // Of the pools, this version of ONNX lets only the maximum leave places out.
            if node.op_type != "AveragePool" {
                node.attribute.push(Attribute::ints("dilations", &signed(&window.dilations)));
            } else if window.dilations != [1, 1] {
                return Err(refuse(node, "has dilations"));
            }
        }
        infer(node, &mut shapes)?;
    }
    Ok(shapes)
}

/// Replaces `auto_pad` by the pads it stands for.
fn explicit_pads(node: &mut Node, shapes: &HashMap<String, Shape>) -> Result<(), Error> {
    let mode = node.attribute("auto_pad").map(|mode| String::from_utf8_lossy(&mode.s).into_owned());
    let extra_first = match mode.as_deref() {
        None | Some("NOTSET") => return Ok(()),
        Some("VALID") => {
            node.attribute.retain(|attribute| attribute.name != "pads");
            return Ok(());
        }
        Some("SAME_UPPER") => false,
        Some("SAME_LOWER") => true,
        Some(other) => return Err(refuse(node, format!("has auto_pad {other}"))),
    };
    let input = node.input.first().and_then(|name| shapes.get(name)).filter(|shape| shape.len() == 4);
    let input = input.ok_or_else(|| refuse(node, "takes no image"))?.clone();
    let kernel = node.input.get(1).and_then(|name| shapes.get(name)).filter(|dims| dims.len() == 4);
    node.attribute.retain(|attribute| attribute.name != "pads");
    let window = Window::of(node, kernel.map(|dims| [dims[2], dims[3]]))?;
    let mut pads = [0; 4];
    for side in 0..2 {
        let steps = input[side + 2].div_ceil(window.strides[side]).saturating_sub(1);
        let extent = window.extent(side);
        let total = (steps * window.strides[side]).saturating_add(extent).saturating_sub(input[side + 2]);
        let (less, more) = ((total / 2) as i64, total.div_ceil(2) as i64);
        (pads[side], pads[side + 2]) = if extra_first { (more, less) } else { (less, more) };
    }
    node.attribute.push(Attribute::ints("pads", &pads));
    Ok(())
}

/// Doubles values at forks, and halves the weights before.
///
/// wonnx optimises along chains of nodes with one input each, and makes all of a chain anew for
/// every consumer at its end. `Add(x, x)` has two inputs and so ends the chain; halving the
/// weights and bias of the last convolution before the fork makes up for it. Both are exact in
/// float32, and so is what lies between: it commutes with a factor of two.
pub fn break_forks(network: &mut Network) {
    let mut at = 0;
    while at < network.nodes.len() {
        let Some(value) = network.nodes[at].output.first().cloned() else { break };
        at += 1;
        let consumers = network.nodes.iter().filter(|node| node.input.contains(&value)).count();
        if consumers < 2 || dynamic_inputs(network, at - 1) != 1 {
            continue;
        }
        let Some(conv) = convolution_before(network, at - 1) else { continue };
        for name in &network.nodes[conv].input[1..] {
            if let Some(constant) = network.constants.get_mut(name) {
                constant.values.iter_mut().for_each(|value| *value *= 0.5);
            }
        }
        // The consumers keep the name; what made the value gets another one.
        let half = format!("{value}_halved");
        network.nodes[at - 1].output[0].clone_from(&half);
        network.nodes.insert(at, Node::new("Add", &[&half, &half], &value, Vec::new()));
        at += 1;
    }
}

fn dynamic_inputs(network: &Network, at: usize) -> usize {
    network.nodes[at].input.iter().filter(|name| !network.constants.contains_key(*name)).count()
}

/// The convolution whose output reaches the node `at` through nothing but nodes that commute
/// with a positive factor and have one consumer each. Its weights must be its own.
fn convolution_before(network: &Network, mut at: usize) -> Option<usize> {
    loop {
        let node = &network.nodes[at];
        match node.op_type.as_str() {
            "Conv" => {
                let used = |name| network.nodes.iter().filter(|node| node.input.contains(name)).count();
                return node.input[1..].iter().all(|name| used(name) == 1).then_some(at);
            }
            "Relu" | "MaxPool" | "AveragePool" | "GlobalAveragePool" => {}
            _ => return None,
        }
        let source = node.input.first()?;
        let consumers = network.nodes.iter().filter(|node| node.input.contains(source)).count();
        if consumers != 1 {
            return None;
        }
        at = network.nodes.iter().position(|node| node.output.first() == Some(source))?;
    }
}
