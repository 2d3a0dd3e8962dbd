//! The graph of Keras' InceptionV3 without its top, from its weights.
//!
//! Szegedy et al. 2015, "Rethinking the Inception Architecture for Computer Vision", in the form
//! of `keras.applications.inception_v3`: 94 convolutions, each with batch norm (epsilon 0.001,
//! no gamma) and ReLU, numbered here from 1 in the order in which Keras creates them.

use std::collections::BTreeMap;

use crate::passes::fold;
use crate::prepare::{Network, Prepared, Storage, finish};
use crate::proto::{Attribute, Node};
use crate::{Constant, Error};

/// Convolutions of the network.
pub const CONVOLUTIONS: usize = 94;
/// Keras' epsilon of every batch norm in this network.
const EPSILON: f64 = 1e-3;

/// Weights of one convolution and its batch norm, as Keras lays them out.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvWeights {
    /// Height, width, input channels and filters of the kernel.
    pub dims: [usize; 4],
    /// The kernel: height x width x input channels x filters.
    pub kernel: Vec<f32>,
    /// Batch norm's summand, one a filter.
    pub beta: Vec<f32>,
    /// Batch norm's mean, one a filter.
    pub mean: Vec<f32>,
    /// Batch norm's variance, one a filter.
    pub variance: Vec<f32>,
}

/// The network with the weights of its 94 convolutions, for inputs of `size` x `size`.
///
/// # Errors
/// Where there are not 94, or they do not fit the network.
pub fn build(weights: &[ConvWeights], size: usize, storage: Storage) -> Result<Prepared, Error> {
    if weights.len() != CONVOLUTIONS {
        return Err(Error::Weights(format!("{} convolutions instead of {CONVOLUTIONS}", weights.len())));
    }
    let mut builder = Builder { weights, used: 0, nodes: Vec::new(), constants: BTreeMap::new() };
    let output = builder.network()?;
    let network =
        Network { nodes: builder.nodes, constants: builder.constants, input: "input".to_owned(), output };
    finish(network, size, storage)
}

/// Whether a window may reach over the edge.
#[derive(Clone, Copy)]
enum Pad {
    Valid,
    Same,
}
use Pad::{Same, Valid};

struct Builder<'a> {
    weights: &'a [ConvWeights],
    used: usize,
    nodes: Vec<Node>,
    constants: BTreeMap<String, Constant>,
}

impl Builder<'_> {
    fn network(&mut self) -> Result<String, Error> {
        let x = self.conv("input", [3, 3], 2, Valid)?;
        let x = self.conv(&x, [3, 3], 1, Valid)?;
        let x = self.conv(&x, [3, 3], 1, Same)?;
        let x = self.max_pool("max_pool1", &x);
        let x = self.conv(&x, [1, 1], 1, Valid)?;
        let x = self.conv(&x, [3, 3], 1, Valid)?;
        let mut x = self.max_pool("max_pool2", &x);
        for block in 0..3 {
            x = self.mixed_35(&format!("mixed{block}"), &x)?;
        }
        let narrow = self.conv(&x, [3, 3], 2, Valid)?;
        let double = self.convs(&x, &[[1, 1], [3, 3]])?;
        let double = self.conv(&double, [3, 3], 2, Valid)?;
        let pool = self.max_pool("mixed3_pool", &x);
        x = self.concat("mixed3", &[&narrow, &double, &pool]);
        for block in 4..8 {
            x = self.mixed_17(&format!("mixed{block}"), &x)?;
        }
        let narrow = self.conv(&x, [1, 1], 1, Same)?;
        let narrow = self.conv(&narrow, [3, 3], 2, Valid)?;
        let wide = self.convs(&x, &[[1, 1], [1, 7], [7, 1]])?;
        let wide = self.conv(&wide, [3, 3], 2, Valid)?;
        let pool = self.max_pool("mixed8_pool", &x);
        x = self.concat("mixed8", &[&narrow, &wide, &pool]);
        for block in 9..11 {
            x = self.mixed_8(&format!("mixed{block}"), &x)?;
        }
        Ok(x)
    }

    /// Four branches on the largest map: 1x1, 5x5, two 3x3, pool.
    fn mixed_35(&mut self, name: &str, x: &str) -> Result<String, Error> {
        let one = self.convs(x, &[[1, 1]])?;
        let five = self.convs(x, &[[1, 1], [5, 5]])?;
        let double = self.convs(x, &[[1, 1], [3, 3], [3, 3]])?;
        let pool = self.pooled(name, x)?;
        Ok(self.concat(name, &[&one, &five, &double, &pool]))
    }

    /// Four branches on the middle map: 1x1, 7x7 in two parts, twice that, pool.
    fn mixed_17(&mut self, name: &str, x: &str) -> Result<String, Error> {
        let one = self.convs(x, &[[1, 1]])?;
        let seven = self.convs(x, &[[1, 1], [1, 7], [7, 1]])?;
        let double = self.convs(x, &[[1, 1], [7, 1], [1, 7], [7, 1], [1, 7]])?;
        let pool = self.pooled(name, x)?;
        Ok(self.concat(name, &[&one, &seven, &double, &pool]))
    }

    /// Four branches on the smallest map, two of which part into 1x3 and 3x1.
    fn mixed_8(&mut self, name: &str, x: &str) -> Result<String, Error> {
        let one = self.convs(x, &[[1, 1]])?;
        let three = self.convs(x, &[[1, 1]])?;
        let (across, down) = (self.convs(&three, &[[1, 3]])?, self.convs(&three, &[[3, 1]])?);
        let three = self.concat(&format!("{name}_three"), &[&across, &down]);
        let double = self.convs(x, &[[1, 1], [3, 3]])?;
        let (across, down) = (self.convs(&double, &[[1, 3]])?, self.convs(&double, &[[3, 1]])?);
        let double = self.concat(&format!("{name}_double"), &[&across, &down]);
        let pool = self.pooled(name, x)?;
        Ok(self.concat(name, &[&one, &three, &double, &pool]))
    }

    /// Convolutions of stride 1 that keep the size, one after the other.
    fn convs(&mut self, x: &str, kernels: &[[usize; 2]]) -> Result<String, Error> {
        let mut x = x.to_owned();
        for &kernel in kernels {
            x = self.conv(&x, kernel, 1, Same)?;
        }
        Ok(x)
    }

    /// Mean over 3 x 3 (without the padding), then 1 x 1.
    fn pooled(&mut self, name: &str, x: &str) -> Result<String, Error> {
        let pool = format!("{name}_pool");
        let attributes = vec![
            Attribute::int("count_include_pad", 0),
            Attribute::ints("kernel_shape", &[3, 3]),
            Attribute::ints("strides", &[1, 1]),
            Attribute::ints("pads", &[1; 4]),
        ];
        self.nodes.push(Node::new("AveragePool", &[x], &pool, attributes));
        self.convs(&pool, &[[1, 1]])
    }

    fn max_pool(&mut self, name: &str, x: &str) -> String {
        let attributes = vec![Attribute::ints("kernel_shape", &[3, 3]), Attribute::ints("strides", &[2, 2])];
        self.nodes.push(Node::new("MaxPool", &[x], name, attributes));
        name.to_owned()
    }

    fn concat(&mut self, name: &str, parts: &[&str]) -> String {
        self.nodes.push(Node::new("Concat", parts, name, vec![Attribute::int("axis", 1)]));
        name.to_owned()
    }

    /// The next convolution with its batch norm folded in, and ReLU.
    fn conv(&mut self, x: &str, kernel: [usize; 2], stride: i64, pad: Pad) -> Result<String, Error> {
        let weights = &self.weights[self.used];
        self.used += 1;
        let name = format!("conv{}", self.used);
        let [height, width, channels, filters] = weights.dims;
        let count = weights.dims.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
        let fits = [height, width] == kernel
            && count == Some(weights.kernel.len())
            && [&weights.beta, &weights.mean, &weights.variance].iter().all(|values| values.len() == filters);
        if !fits {
            return Err(Error::Weights(format!(
                "{name} has a kernel of {:?} instead of {kernel:?}",
                weights.dims
            )));
        }
        // Keras: height x width x channels x filters; ONNX: filters x channels x height x width.
        let area = height * width;
        let mut values: Vec<f32> = (0..filters * channels * area)
            .map(|at| {
                let (filter, channel, place) = (at / (channels * area), at / area % channels, at % area);
                weights.kernel[(place * channels + channel) * filters + filter]
            })
            .collect();
        let mut bias = vec![0.0; filters];
        let gamma = vec![1.0; filters];
        fold(&mut values, &mut bias, [&gamma, &weights.beta, &weights.mean, &weights.variance], EPSILON);
        let (kernel_name, bias_name) = (format!("{name}_kernel"), format!("{name}_bias"));
        let dims = vec![filters, channels, height, width];
        self.constants.insert(kernel_name.clone(), Constant { dims, values });
        self.constants.insert(bias_name.clone(), Constant { dims: vec![filters], values: bias });
        let half = |side: usize| match pad {
            Same => (side / 2) as i64,
            Valid => 0,
        };
        let (top, left) = (half(height), half(width));
        let attributes = vec![
            Attribute::ints("strides", &[stride, stride]),
            Attribute::ints("pads", &[top, left, top, left]),
        ];
        let sum = format!("{name}_sum");
        self.nodes.push(Node::new("Conv", &[x, &kernel_name, &bias_name], &sum, attributes));
        self.nodes.push(Node::new("Relu", &[&sum], &name, Vec::new()));
        Ok(name)
    }
}

/// Orders weights that are named after Keras' layers: `convs` holds kernels by layer name
/// (`conv2d`, `conv2d_1`, ...) with their dims, `norms` holds beta, mean and variance by layer
/// name (`batch_normalization`, ...). Keras counts on in a process that makes several networks,
/// so only the order counts.
///
/// # Errors
/// Where there are not as many norms as convolutions, or a kernel has not four dims.
pub(crate) fn in_order(
    convs: BTreeMap<usize, (Vec<usize>, Vec<f32>)>,
    norms: BTreeMap<usize, [Vec<f32>; 3]>,
) -> Result<Vec<ConvWeights>, Error> {
    if convs.len() != norms.len() {
        return Err(Error::Weights(format!("{} convolutions and {} norms", convs.len(), norms.len())));
    }
    let pairs = convs.into_values().zip(norms.into_values());
    pairs
        .map(|((dims, kernel), [beta, mean, variance])| match <[usize; 4]>::try_from(dims) {
            Ok(dims) => Ok(ConvWeights { dims, kernel, beta, mean, variance }),
            Err(dims) => Err(Error::Weights(format!("a kernel of shape {dims:?}"))),
        })
        .collect()
}

/// The number at the end of a layer's name; none counts as 0 (`conv2d`, `conv2d_1`, ...).
pub(crate) fn layer_number(name: &str, kind: &str) -> Option<usize> {
    match name.strip_prefix(kind)? {
        "" => Some(0),
        rest => rest.strip_prefix('_')?.parse().ok(),
    }
}
