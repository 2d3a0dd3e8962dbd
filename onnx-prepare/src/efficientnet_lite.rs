//! The graph of EfficientNet-Lite0 without its classifier, from its weights.
//!
//! Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
//! in the Lite form that TensorFlow published in 2020: no squeeze-and-excitation, ReLU6 instead
//! of swish. Padding is TensorFlow's 'same', which puts the odd row and column last. The layers'
//! names are those of lukemelas' EfficientNet-PyTorch, whose files of weights are read.

use std::collections::BTreeMap;

use crate::prepare::{Network, Prepared, Storage, finish};
use crate::proto::{Attribute, Node};
use crate::{Constant, Error};

/// Five convolutions halve the map: an input's side is a multiple of this.
pub const STRIDE: usize = 32;
/// The smallest input's side; the output is then 2 x 2, the least that a head can take.
pub const SMALLEST: usize = 2 * STRIDE;
/// The largest input's side.
pub const LARGEST: usize = 1024;
/// TensorFlow's epsilon of every batch norm in this network.
const EPSILON: f32 = 1e-3;

/// Blocks of one kind; the first of them has the stride.
struct Stage {
    repeats: usize,
    kernel: usize,
    stride: i64,
}

const fn stage(repeats: usize, kernel: usize, stride: i64) -> Stage {
    Stage { repeats, kernel, stride }
}

/// Lite0's stages. Their channels (16, 24, 40, 80, 112, 192, 320) come with the weights.
const STAGES: [Stage; 7] = [
    stage(1, 3, 1),
    stage(2, 3, 2),
    stage(2, 5, 2),
    stage(3, 3, 2),
    stage(3, 5, 1),
    stage(4, 5, 2),
    stage(1, 3, 1),
];

/// The network with these weights (by PyTorch's names, kernels as filters x channels x height x
/// width) for inputs of `size` x `size`, up to the last convolution with its ReLU6: 1,280
/// channels at a 32nd of the size. Weights of other names, such as the classifier's, are left.
///
/// # Errors
/// Where `size` is no multiple of 32 from 64 to 1,024, a weight is missing, or one does not fit.
pub fn build(weights: &BTreeMap<String, Constant>, size: usize, storage: Storage) -> Result<Prepared, Error> {
    if !size.is_multiple_of(STRIDE) || !(SMALLEST..=LARGEST).contains(&size) {
        let range = format!("a multiple of {STRIDE} from {SMALLEST} to {LARGEST}");
        return Err(Error::Structure(format!("an input of {size} x {size}; the side has to be {range}")));
    }
    let bound = |value: f32| Constant { dims: Vec::new(), values: vec![value] };
    let constants = BTreeMap::from([("zero".to_owned(), bound(0.0)), ("six".to_owned(), bound(6.0))]);
    let mut builder = Builder { weights, nodes: Vec::new(), constants };
    let output = builder.network()?;
    let (nodes, constants) = (builder.nodes, builder.constants);
    finish(Network { nodes, constants, input: "input".to_owned(), output }, size, storage)
}

/// A value's name and its channels.
type Value = (String, usize);

/// Whether a convolution sees all channels at each place, or each channel by itself.
#[derive(Clone, Copy, PartialEq)]
enum Reach {
    Full,
    Depthwise,
}
use Reach::{Depthwise, Full};

struct Builder<'a> {
    weights: &'a BTreeMap<String, Constant>,
    nodes: Vec<Node>,
    constants: BTreeMap<String, Constant>,
}

impl Builder<'_> {
    fn network(&mut self) -> Result<String, Error> {
        let stem = self.conv(["_conv_stem", "_bn0"], "input", 3, 2, Full)?;
        let mut x = self.relu6(stem);
        let mut block = 0;
        for stage in &STAGES {
            for repeat in 0..stage.repeats {
                let stride = if repeat == 0 { stage.stride } else { 1 };
                x = self.block(block, x, stage.kernel, stride)?;
                block += 1;
            }
        }
        let head = self.conv(["_conv_head", "_bn1"], &x.0, 1, 1, Full)?;
        Ok(self.relu6(head).0)
    }

    /// Widen, filter each channel, narrow; and add the input where the shapes are equal.
    fn block(&mut self, index: usize, x: Value, kernel: usize, stride: i64) -> Result<Value, Error> {
        let name = |part: &str| format!("_blocks.{index}.{part}");
        let mut y = x.clone();
        // The first block's channels are not widened.
        if index > 0 {
            y = self.conv([&name("_expand_conv"), &name("_bn0")], &y.0, 1, 1, Full)?;
            y = self.relu6(y);
        }
        y = self.conv([&name("_depthwise_conv"), &name("_bn1")], &y.0, kernel, stride, Depthwise)?;
        y = self.relu6(y);
        y = self.conv([&name("_project_conv"), &name("_bn2")], &y.0, 1, 1, Full)?;
        if stride == 1 && x.1 == y.1 {
            let sum = name("sum");
            self.nodes.push(Node::new("Add", &[&y.0, &x.0], &sum, Vec::new()));
            y.0 = sum;
        }
        Ok(y)
    }

    /// A convolution without a bias, and its batch norm.
    fn conv(
        &mut self,
        [conv, norm]: [&str; 2],
        x: &str,
        kernel: usize,
        stride: i64,
        reach: Reach,
    ) -> Result<Value, Error> {
        let weight = format!("{conv}.weight");
        let filters = match self.take(&weight)?.as_slice() {
            &[filters, channels, height, width]
                if [height, width] == [kernel; 2] && (reach == Full || channels == 1) =>
            {
                filters
            }
            dims => return Err(Error::Weights(format!("`{weight}` has shape {dims:?}"))),
        };
        let group = if reach == Depthwise { filters as i64 } else { 1 };
        let same =
            Attribute { name: "auto_pad".to_owned(), s: b"SAME_UPPER".to_vec(), ..Attribute::default() };
        let attributes =
            vec![same, Attribute::ints("strides", &[stride, stride]), Attribute::int("group", group)];
        self.nodes.push(Node::new("Conv", &[x, &weight], conv, attributes));
        let statistics =
            ["weight", "bias", "running_mean", "running_var"].map(|part| format!("{norm}.{part}"));
        for part in &statistics {
            let dims = self.take(part)?;
            if dims != [filters] {
                return Err(Error::Weights(format!("`{part}` has shape {dims:?} instead of [{filters}]")));
            }
        }
        let [gamma, beta, mean, variance] = &statistics;
        let epsilon = Attribute { name: "epsilon".to_owned(), f: EPSILON, ..Attribute::default() };
        let inputs = [conv, gamma, beta, mean, variance];
        self.nodes.push(Node::new("BatchNormalization", &inputs, norm, vec![epsilon]));
        Ok((norm.to_owned(), filters))
    }

    fn relu6(&mut self, (x, channels): Value) -> Value {
        let name = format!("{x}.relu6");
        self.nodes.push(Node::new("Clip", &[&x, "zero", "six"], &name, Vec::new()));
        (name, channels)
    }

    /// Makes the weight a constant of the network; its shape.
    fn take(&mut self, name: &str) -> Result<Vec<usize>, Error> {
        let weight = self.weights.get(name).ok_or_else(|| Error::Weights(format!("there is no `{name}`")))?;
        let Constant { dims, values } = weight;
        let count = dims.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
        if count != Some(values.len()) || values.is_empty() {
            return Err(Error::Weights(format!("`{name}` has {} values for shape {dims:?}", values.len())));
        }
        self.constants.insert(name.to_owned(), weight.clone());
        Ok(dims.clone())
    }
}
