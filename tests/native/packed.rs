//! Packed convolutions, read as the WebGPU engine's kernel reads them, against the CPU engine.

use bottleneck::random::Random;
use onnx_prepare::packed::{FILTERS, MARK, pack};
use onnx_prepare::proto::{Attribute, Graph, Model, Node, Tensor, ValueInfo};

fn noise(random: &mut Random, count: usize) -> Vec<f32> {
    (0..count).map(|_| random.unit() - 0.5).collect()
}

fn floats(graph: &Graph, name: &str) -> Vec<f32> {
    let tensor = graph.initializer.iter().find(|tensor| tensor.name == name).unwrap();
    let values: Vec<f32> =
        tensor.raw_data.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
    assert_eq!(tensor.dims.iter().product::<i64>(), values.len() as i64, "{name}");
    values
}

/// What the kernel makes of `map`, channel by channel.
fn compute(graph: &Graph, node: &Node, map: &[f32]) -> Vec<f32> {
    let (weights, bias) = (floats(graph, &node.input[1]), floats(graph, &node.input[2]));
    let [channels, rows, columns, blocks, height, width, down, across, top, left, high, wide] =
        std::array::from_fn(|at| weights[at] as usize);
    let mut output = Vec::new();
    assert_eq!(bias.len(), blocks * FILTERS);
    for (filter, bias) in bias.iter().enumerate() {
        let (block, lane) = (filter / FILTERS, filter % FILTERS);
        for place in 0..high * wide {
            let mut sum = *bias;
            for y in 0..height {
                for x in 0..width {
                    let row = (place / wide * down + y).wrapping_sub(top);
                    let column = (place % wide * across + x).wrapping_sub(left);
                    if row >= rows || column >= columns {
                        continue;
                    }
                    for channel in 0..channels {
                        let line = ((block * height + y) * width + x) * channels + channel;
                        let weight = weights[(blocks.max(2) + line) * FILTERS + lane];
                        sum += weight * map[(channel * rows + row) * columns + column];
                    }
                }
            }
            output.push(sum.clamp(weights[12], weights[13]));
        }
    }
    output
}

/// A convolution of the input `x`, of any number of channels and some sides, with ReLU6 behind it.
struct Case {
    input: [usize; 3],
    /// Filters, channels of a group, height and width.
    kernel: [usize; 4],
    strides: [i64; 2],
    pads: [i64; 4],
    dilation: i64,
}

impl Case {
    fn new(input: [usize; 3], kernel: [usize; 4], strides: [i64; 2], pads: [i64; 4]) -> Self {
        Self { input, kernel, strides, pads, dilation: 1 }
    }

    fn graph(&self, bias: bool) -> Graph {
        let mut random = Random::new(7);
        let [channels, rows, columns] = self.input;
        let attributes = vec![
            Attribute::ints("kernel_shape", &[self.kernel[2] as i64, self.kernel[3] as i64]),
            Attribute::ints("strides", &self.strides),
            Attribute::ints("pads", &self.pads),
            Attribute::ints("dilations", &[self.dilation; 2]),
            Attribute::int("group", (channels / self.kernel[1]) as i64),
        ];
        let inputs = ["x", "kernel", "bias"];
        let inputs = &inputs[..2 + usize::from(bias)];
        Graph {
            node: vec![
                Node::new("Conv", inputs, "sums", attributes),
                Node::new("Clip", &["sums", "zero", "six"], "y", Vec::new()),
            ],
            initializer: vec![
                Tensor::float("kernel", &self.kernel, &noise(&mut random, self.kernel.iter().product())),
                Tensor::float("bias", &self.kernel[..1], &noise(&mut random, self.kernel[0])),
                Tensor::float("zero", &[], &[0.0]),
                Tensor::float("six", &[], &[6.0]),
            ],
            input: vec![ValueInfo::float("x", &[1, channels, rows, columns])],
            output: vec![ValueInfo::float("y", &[])],
            ..Graph::default()
        }
    }
}

fn packed(graph: Graph) -> Graph {
    Model::from_bytes(&pack(Model::of(graph).to_bytes()).unwrap()).unwrap().graph.unwrap()
}

#[test]
fn a_packed_convolution_is_the_same_one() {
    // InceptionV3's kinds, an uneven map, pads on one side only, and eight filters: fewer blocks than lines.
    let cases = [
        Case::new([3, 9, 9], [16, 3, 3, 3], [2, 2], [0; 4]),
        Case::new([16, 7, 7], [24, 16, 1, 7], [1, 1], [0, 3, 0, 3]),
        Case::new([16, 7, 7], [24, 16, 7, 1], [1, 1], [3, 0, 3, 0]),
        Case::new([5, 6, 5], [8, 5, 5, 5], [1, 1], [2; 4]),
        Case::new([16, 3, 3], [32, 16, 1, 1], [1, 1], [0; 4]),
        Case::new([4, 8, 7], [8, 4, 3, 3], [2, 1], [0, 0, 1, 1]),
    ];
    for case in cases {
        for bias in [true, false] {
            let graph = case.graph(bias);
            let x = noise(&mut Random::new(11), case.input.iter().product());
            let mut network =
                convnet::Network::load(Model::of(graph.clone()).to_bytes(), 1, 1 << 20).unwrap();
            let expected = network.run(&[x.iter().map(|value| value * 9.0).collect()]).unwrap();
            let graph = packed(graph);
            let [node] = graph.node.as_slice() else { panic!("{:?}", graph.node) };
            assert_eq!((node.ints("dilations"), node.output[0].as_str()), (Some(&[MARK; 2][..]), "y"));
            let found = compute(&graph, node, &x.iter().map(|value| value * 9.0).collect::<Vec<_>>());
            assert_eq!(found.len(), expected.len(), "{:?}", case.kernel);
            assert!(expected.contains(&6.0) && expected.contains(&0.0), "ReLU6 is seen");
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-4, "{:?}: {found} for {expected}", case.kernel);
            }
        }
    }
}

#[test]
fn what_the_kernel_does_not_compute_stays() {
    let plain = Case::new([16, 5, 5], [16, 16, 3, 3], [1, 1], [1; 4]);
    let depthwise = Case { kernel: [16, 1, 3, 3], ..plain };
    let gaps = Case { dilation: 2, ..Case::new([16, 5, 5], [16, 16, 3, 3], [1, 1], [2; 4]) };
    let twelve = Case { kernel: [12, 16, 3, 3], ..Case::new([16, 5, 5], [12, 16, 3, 3], [1, 1], [1; 4]) };
    for case in [depthwise, gaps, twelve] {
        let graph = case.graph(true);
        let left = packed(graph.clone());
        assert_eq!(left.node, graph.node);
        for name in ["kernel", "bias", "zero", "six"] {
            assert_eq!(floats(&left, name), floats(&graph, name));
        }
    }
}

#[test]
fn bounds_come_together_and_none_is_lost() {
    let case = Case::new([16, 5, 5], [16, 16, 1, 1], [1, 1], [0; 4]);
    // Clip to [-1, 1], Identity and ReLU, one after the other: [0, 1].
    let mut graph = case.graph(true);
    graph.initializer[2] = Tensor::float("zero", &[], &[-1.0]);
    graph.initializer[3] = Tensor::float("six", &[], &[1.0]);
    graph.node[1].output[0] = "clipped".to_owned();
    graph.node.push(Node::new("Identity", &["clipped"], "same", Vec::new()));
    graph.node.push(Node::new("Relu", &["same"], "y", Vec::new()));
    let packed = packed(graph.clone());
    let [node] = packed.node.as_slice() else { panic!("{:?}", packed.node) };
    assert_eq!(floats(&packed, &node.input[1])[12..14], [0.0, 1.0]);

    // wonnx would make the ReLU a part of a convolution that something else follows too.
    graph.node[3].input[0] = "clipped".to_owned();
    graph.node[2] = Node::new("Add", &["clipped", "y"], "sum", Vec::new());
    graph.node.swap(2, 3);
    graph.output = vec![ValueInfo::float("sum", &[])];
    let error = pack(Model::of(graph).to_bytes()).unwrap_err().to_string();
    assert!(error.contains("follows"), "{error}");
}

#[test]
fn constants_that_do_not_fit_are_refused() {
    let case = Case::new([16, 7, 7], [8, 16, 1, 7], [1, 1], [0, 3, 0, 3]);
    let refused = |change: &dyn Fn(&mut Graph)| {
        let mut graph = case.graph(true);
        change(&mut graph);
        pack(Model::of(graph).to_bytes()).unwrap_err().to_string()
    };
    let short = refused(&|graph| graph.initializer[0].raw_data.truncate(7));
    assert!(short.contains("kernel"), "{short}");
    let bias = refused(&|graph| graph.initializer[1] = Tensor::float("bias", &[4], &[0.0; 4]));
    assert!(bias.contains("bias"), "{bias}");
    let told = refused(&|graph| graph.node[0].attribute[0] = Attribute::ints("kernel_shape", &[7, 1]));
    assert!(told.contains("kernel"), "{told}");
    let integers = refused(&|graph| graph.initializer[1] = Tensor::int64("bias", &[8], &[0; 8]));
    assert!(integers.contains("bias"), "{integers}");
    let marked = refused(&|graph| {
        graph.node[0].attribute.push(Attribute::int("group", 16));
        graph.node[0].attribute[3] = Attribute::ints("dilations", &[MARK; 2]);
        graph.initializer[0] = Tensor::float("kernel", &[8, 16, 1, 1], &[0.0; 128]);
        graph.node[0].attribute[0] = Attribute::ints("kernel_shape", &[1, 1]);
    });
    assert!(marked.contains("gaps"), "{marked}");
    let nothing = refused(&|graph| {
        graph.initializer[0] = Tensor::float("kernel", &[8, 0, 1, 7], &[]);
        graph.input = vec![ValueInfo::float("x", &[1, 0, 7, 7])];
    });
    assert!(nothing.contains("kernel"), "{nothing}");
    assert!(pack(b"no network".to_vec()).is_err());
}

#[test]
fn a_kernel_is_not_packed_again_and_again_without_end() {
    let filters = 1 << 16;
    let mut graph = Graph {
        initializer: vec![Tensor::float("kernel", &[filters, 1, 1, 1], &vec![0.5; filters])],
        input: vec![ValueInfo::float("x", &[1, 1, 1, 1])],
        output: vec![ValueInfo::float("0", &[])],
        ..Graph::default()
    };
    for node in 0..100 {
        graph.node.push(Node::new("Conv", &["x", "kernel"], &node.to_string(), Vec::new()));
    }
    let error = pack(Model::of(graph).to_bytes()).unwrap_err().to_string();
    assert!(error.contains("too many"), "{error}");
}
