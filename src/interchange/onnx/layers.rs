//! The four heads in ONNX's operators.

use onnx_prepare::proto::{Attribute, FLOAT, Graph, Node, Tensor};

use super::cast;
use crate::head::{Head, NORM_EPSILON, Preset, VOTERS, WINDOW};
use crate::interchange::kernel;

/// Adds the nodes and weights of `head` to `graph`: from `input`, float32 images x channels x height
/// x width, to `output`, images x classes.
pub fn add(head: &Head, input: &str, output: &str, graph: &mut Graph) {
    let mut layers = Layers { head, graph };
    match head.preset() {
        Preset::Notebook => {
            let map = layers.convolution(input);
            layers.dense(&map, output);
        }
        Preset::Quick => {
            let mean = layers.node("GlobalAveragePool", &[input], "mean", Vec::new());
            let normed = layers.norm(&mean);
            layers.softmax_of_dense(&normed, output);
        }
        Preset::Strong => {
            let normed = layers.norm(input);
            let map = layers.convolution(&normed);
            let map = layers.node("Relu", &[&map], "rectified", Vec::new());
            layers.dense(&map, output);
        }
        Preset::Nearest => layers.vote(input, output),
    }
}

struct Layers<'a> {
    head: &'a Head,
    graph: &'a mut Graph,
}

impl Layers<'_> {
    /// Adds a node; its output's name.
    fn node(&mut self, op: &str, input: &[&str], output: &str, attributes: Vec<Attribute>) -> String {
        self.graph.node.push(Node::new(op, input, output, attributes));
        output.to_owned()
    }

    fn floats(&mut self, name: &str, dims: &[usize], values: &[f32]) {
        self.graph.initializer.push(Tensor::float(name, dims, values));
    }

    fn integers(&mut self, name: &str, dims: &[usize], values: &[i64]) {
        self.graph.initializer.push(Tensor::int64(name, dims, values));
    }

    /// Batch norm with its moving statistics, on a map of any size.
    fn norm(&mut self, input: &str) -> String {
        let (head, channels) = (self.head, [self.head.shape().channels]);
        self.floats("gamma", &channels, &head.weights.gamma);
        self.floats("beta", &channels, &head.weights.beta);
        self.floats("moving_mean", &channels, &head.statistics.mean);
        self.floats("moving_variance", &channels, &head.statistics.variance);
        let inputs = [input, "gamma", "beta", "moving_mean", "moving_variance"];
        let epsilon = Attribute::float("epsilon", NORM_EPSILON);
        self.node("BatchNormalization", &inputs, "normed", vec![epsilon])
    }

    fn convolution(&mut self, input: &str) -> String {
        let head = self.head;
        let (filters, channels) = (head.weights.bias.len(), head.shape().channels);
        let kernel = kernel::filters_first(&head.weights.kernel, channels);
        self.floats("kernel", &[filters, channels, WINDOW, WINDOW], &kernel);
        self.floats("bias", &[filters], &head.weights.bias);
        let side = [WINDOW as i64; 2];
        let window = Attribute::ints("kernel_shape", &side);
        self.node("Conv", &[input, "kernel", "bias"], "convolution", vec![window])
    }

    /// The mean over all places, the dense layer, and the softmax.
    fn dense(&mut self, map: &str, output: &str) {
        let mean = self.node("GlobalAveragePool", &[map], "mean", Vec::new());
        self.softmax_of_dense(&mean, output);
    }

    /// The same of a mean, images x values x 1 x 1.
    fn softmax_of_dense(&mut self, mean: &str, output: &str) {
        let (head, classes) = (self.head, self.head.classes());
        let pooled = head.weights.dense_kernel.len() / classes;
        let flat = self.node("Flatten", &[mean], "pooled", vec![Attribute::int("axis", 1)]);
        self.floats("dense_kernel", &[pooled, classes], &head.weights.dense_kernel);
        self.floats("dense_bias", &[classes], &head.weights.dense_bias);
        let scores = self.node("Gemm", &[&flat, "dense_kernel", "dense_bias"], "scores", Vec::new());
        self.node("Softmax", &[&scores], output, vec![Attribute::int("axis", -1)]);
    }

    /// What the vote needs: the remembered images, and the constants of its operators.
    fn memories(&mut self) {
        let (head, channels, classes) = (self.head, self.head.shape().channels, self.head.classes());
        let (examples, labels) = head.remembered();
        self.graph.initializer.push(Tensor::half("examples_half", &[labels.len(), channels], examples));
        self.graph.node.push(cast("examples_half", "examples", FLOAT));
        let labels: Vec<i64> = labels.iter().map(|label| i64::from(*label)).collect();
        self.integers("labels", &[labels.len()], &labels);
        self.integers("voters", &[1], &[VOTERS.min(labels.len()) as i64]);
        self.integers("classes", &[], &[classes as i64]);
        self.integers("second", &[1], &[1]);
        self.integers("last", &[1], &[-1]);
        // No mean of float16 values that are not all zero is as short as that.
        self.floats("shortest", &[], &[f32::MIN_POSITIVE]);
        self.floats("off_on", &[2], &[0.0, 1.0]);
        self.floats("share", &[], &[1.0 / classes as f32]);
    }

    /// The vote of the remembered images that are most similar, as [`Head::logits`] takes it: the
    /// first of equals counts, in `TopK` too.
    fn vote(&mut self, input: &str, output: &str) {
        self.memories();
        let axes = || Attribute::ints("axes", &[1]);
        let last = || Attribute::int("axis", -1);
        let mean = self.node("GlobalAveragePool", &[input], "mean", Vec::new());
        let mean = self.node("Flatten", &[&mean], "pooled", vec![Attribute::int("axis", 1)]);
        let length = self.node("ReduceL2", &[&mean], "length", vec![axes()]);
        let length = self.node("Max", &[&length, "shortest"], "divisor", Vec::new());
        let unit = self.node("Div", &[&mean, &length], "unit", Vec::new());
        let transposed = vec![Attribute::int("transB", 1)];
        let similar = self.node("Gemm", &[&unit, "examples"], "similarities", transposed);
        let mut top = Node::new("TopK", &[&similar, "voters"], "largest", vec![last()]);
        top.output.push("places".to_owned());
        self.graph.node.push(top);
        let weights = self.node("Relu", &["largest"], "votes", Vec::new());
        let weights = self.node("Unsqueeze", &[&weights, "last"], "votes_column", Vec::new());
        let whose = self.node("Gather", &["labels", "places"], "voters_labels", Vec::new());
        let whose = self.node("OneHot", &[&whose, "classes", "off_on"], "voters_classes", vec![last()]);
        let votes = self.node("Mul", &[&whose, &weights], "votes_each", Vec::new());
        let flat = vec![Attribute::int("keepdims", 0)];
        let votes = self.node("ReduceSum", &[&votes, "second"], "votes_classes", flat);
        let votes = self.node("Add", &[&votes, "share"], "votes_shared", Vec::new());
        let all = self.node("ReduceSum", &[&votes, "second"], "votes_all", Vec::new());
        self.node("Div", &[&votes, &all], output, Vec::new());
    }
}
