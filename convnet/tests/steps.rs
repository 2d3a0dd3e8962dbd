//! Every step against sums written down as ONNX's text defines them, in float64.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use convnet::Network;
use onnx_prepare::proto::{Attribute, Graph, Model, Node, OperatorSet, Tensor, ValueInfo};
use onnx_prepare::shapes::infer;

/// Values in [-1, 1) that look random.
fn values(count: usize, salt: u32) -> Vec<f32> {
    let bits = |index: usize| (index as u32).wrapping_add(salt << 16).wrapping_mul(2_654_435_769);
    let mixed = |bits: u32| (bits ^ bits >> 15).wrapping_mul(2_246_822_519);
    (0..count).map(|index| (mixed(bits(index)) >> 8) as f32 / (1 << 23) as f32 - 1.0).collect()
}

/// A network that is put together, from the input `x` of some shape to its last node.
struct Builder {
    shape: [usize; 3],
    graph: Graph,
}

impl Builder {
    fn new(shape: [usize; 3]) -> Self {
        let [channels, height, width] = shape;
        let input = vec![ValueInfo::float("x", &[1, channels, height, width])];
        Self { shape, graph: Graph { input, ..Graph::default() } }
    }

    fn node(mut self, op: &str, input: &[&str], output: &str, attributes: Vec<Attribute>) -> Self {
        self.graph.node.push(Node::new(op, input, output, attributes));
        self
    }

    fn constant(mut self, name: &str, dims: &[usize]) -> Self {
        let salt = self.graph.initializer.len() as u32 + 1;
        self.graph.initializer.push(Tensor::float(name, dims, &values(dims.iter().product(), salt)));
        self
    }

    /// A convolution of `from` with `kernel` (filters, channels of a group, height, width).
    fn conv(self, from: &str, to: &str, kernel: [usize; 4], settings: &[(&str, &[i64])]) -> Self {
        let (weight, bias) = (format!("{to}_w"), format!("{to}_b"));
        let attributes = settings.iter().map(|(name, ints)| match *name {
            "group" => Attribute::int(name, ints[0]),
            _ => Attribute::ints(name, ints),
        });
        let attributes = attributes.collect();
        self.constant(&weight, &kernel).constant(&bias, &kernel[..1]).node(
            "Conv",
            &[from, &weight, &bias],
            to,
            attributes,
        )
    }

    /// The file, and the output that ONNX's text says for `image`.
    fn finish(mut self, image: &[f32]) -> (Vec<u8>, Vec<f64>) {
        let last = self.graph.node.last().unwrap().output[0].clone();
        let expected = Reference::run(&self.graph, self.shape, image).remove(&last).unwrap();
        self.graph.output = vec![ValueInfo::float(&last, &[])];
        let opset_import = vec![OperatorSet { domain: String::new(), version: 13 }];
        (Model { graph: Some(self.graph), opset_import, ..Model::default() }.to_bytes(), expected)
    }

    /// Computes three images, together and one by one, and compares one of them with what the text says.
    fn check(self, about: &str) {
        let length = self.shape.iter().product();
        let images: Vec<Vec<f32>> = (0..3).map(|salt| values(length, 100 + salt)).collect();
        let (file, expected) = self.finish(&images[1]);
        let mut network = Network::load(file, 3, 1 << 24).unwrap();
        let together = network.run(&images).unwrap();
        let alone: Vec<f32> =
            images.iter().flat_map(|image| network.run(std::slice::from_ref(image)).unwrap()).collect();
        assert_eq!(together, alone, "{about}");
        assert_eq!(together.len(), 3 * expected.len(), "{about}");
        let largest = expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        for (value, expected) in together[expected.len()..].iter().zip(&expected) {
            let error = (f64::from(*value) - expected).abs() / largest;
            assert!(error < 5e-6, "{about}: {value} instead of {expected}");
        }
    }
}

/// ONNX's operators as its text defines them, a value at a time.
struct Reference<'a> {
    node: &'a Node,
    shapes: &'a HashMap<String, Vec<usize>>,
    values: &'a HashMap<String, Vec<f64>>,
}

impl Reference<'_> {
    fn run(graph: &Graph, shape: [usize; 3], image: &[f32]) -> HashMap<String, Vec<f64>> {
        let wide = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>();
        let [channels, height, width] = shape;
        let mut shapes = HashMap::from([("x".to_owned(), vec![1, channels, height, width])]);
        let mut computed = HashMap::from([("x".to_owned(), wide(image))]);
        for tensor in &graph.initializer {
            let floats: Vec<f32> = tensor
                .raw_data
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect();
            shapes.insert(tensor.name.clone(), tensor.dims.iter().map(|side| *side as usize).collect());
            computed.insert(tensor.name.clone(), wide(&floats));
        }
        for node in &graph.node {
            infer(node, &mut shapes).unwrap();
            let [_, channels, height, width] = shapes[&node.output[0]][..] else { panic!("{node:?}") };
            let reference = Reference { node, shapes: &shapes, values: &computed };
            let places = (0..channels).flat_map(|channel| {
                (0..height).flat_map(move |row| (0..width).map(move |column| (channel, row, column)))
            });
            let output = places.map(|(channel, row, column)| reference.value(channel, row, column)).collect();
            computed.insert(node.output[0].clone(), output);
        }
        computed
    }

    /// A value of an input; `None` beyond its edges.
    fn input(&self, index: usize, channel: usize, row: i64, column: i64) -> Option<f64> {
        let name = &self.node.input[index];
        let [_, _, height, width] = self.shapes[name][..] else { panic!("{name}") };
        let inside = (0..height as i64).contains(&row) && (0..width as i64).contains(&column);
        inside.then(|| self.values[name][(channel * height + row as usize) * width + column as usize])
    }

    fn ints(&self, name: &str, fallback: &[i64]) -> Vec<i64> {
        self.node.ints(name).unwrap_or(fallback).to_vec()
    }

    /// Row, column and tap of each place in the window of an output's place.
    fn window(&self, kernel: &[i64], row: usize, column: usize) -> Vec<(i64, i64, usize)> {
        let (strides, pads) = (self.ints("strides", &[1, 1]), self.ints("pads", &[0; 4]));
        let dilations = self.ints("dilations", &[1, 1]);
        let at = |side: usize, begin: usize, tap: i64| {
            begin as i64 * strides[side] - pads[side] + tap * dilations[side]
        };
        let taps = (0..kernel[0]).flat_map(|down| (0..kernel[1]).map(move |across| (down, across)));
        taps.enumerate().map(|(tap, (down, across))| (at(0, row, down), at(1, column, across), tap)).collect()
    }

    fn value(&self, channel: usize, row: usize, column: usize) -> f64 {
        let here = |index| self.input(index, channel, row as i64, column as i64).unwrap();
        match self.node.op_type.as_str() {
            "Conv" => {
                let dims = &self.shapes[&self.node.input[1]];
                let group = self.node.attribute("group").map_or(1, |group| group.i as usize);
                let first = channel / (dims[0] / group) * dims[1];
                let kernel =
                    &self.values[&self.node.input[1]][channel * dims[1..].iter().product::<usize>()..];
                let window = self.window(&[dims[2] as i64, dims[3] as i64], row, column);
                let sum: f64 = (0..dims[1])
                    .flat_map(|source| window.iter().map(move |place| (source, *place)))
                    .map(|(source, (row, column, tap))| {
                        let value = self.input(0, first + source, row, column).unwrap_or(0.0);
                        value * kernel[source * dims[2] * dims[3] + tap]
                    })
                    .sum();
                sum + self.values[&self.node.input[2]][channel]
            }
            "MaxPool" | "AveragePool" => {
                let window = self.window(&self.ints("kernel_shape", &[]), row, column);
                let inside: Vec<f64> = window
                    .iter()
                    .filter_map(|(row, column, _)| self.input(0, channel, *row, *column))
                    .collect();
                let all = self.node.attribute("count_include_pad").is_some_and(|all| all.i != 0);
                match self.node.op_type.as_str() {
                    "MaxPool" => inside.into_iter().fold(f64::NEG_INFINITY, f64::max),
                    _ if all => inside.iter().sum::<f64>() / window.len() as f64,
                    _ => inside.iter().sum::<f64>() / inside.len() as f64,
                }
            }
            "GlobalAveragePool" => {
                let [_, _, height, width] = self.shapes[&self.node.input[0]][..] else { panic!() };
                let all = &self.values[&self.node.input[0]][channel * height * width..][..height * width];
                all.iter().sum::<f64>() / all.len() as f64
            }
            "Relu" => here(0).max(0.0),
            "Clip" => {
                here(0).max(self.values[&self.node.input[1]][0]).min(self.values[&self.node.input[2]][0])
            }
            "Identity" => here(0),
            "Add" => here(0) + here(1),
            "Concat" => {
                let mut channel = channel;
                for (index, name) in self.node.input.iter().enumerate() {
                    match channel.checked_sub(self.shapes[name][1]) {
                        Some(rest) => channel = rest,
                        None => return self.input(index, channel, row as i64, column as i64).unwrap(),
                    }
                }
                panic!("no channel {channel}")
            }
            other => panic!("{other}"),
        }
    }
}

#[test]
fn convolutions_of_every_kind() {
    let plain: &[(&str, &[i64])] = &[];
    let padded: &[(&str, &[i64])] = &[("pads", &[1, 1, 1, 1])];
    let wide: &[(&str, &[i64])] = &[("pads", &[2, 2, 2, 2])];
    for ([channels, height, width], kernel, settings) in [
        ([3, 9, 8], [8, 3, 3, 3], plain),
        ([3, 9, 8], [5, 3, 3, 3], &[("strides", &[2, 2])]),
        ([20, 5, 7], [12, 20, 1, 1], plain),
        ([20, 6, 7], [9, 20, 1, 1], &[("strides", &[2, 3])]),
        ([11, 7, 7], [8, 11, 1, 7], &[("pads", &[0, 3, 0, 3])]),
        ([11, 7, 7], [8, 11, 7, 1], &[("pads", &[3, 0, 3, 0])]),
        ([6, 9, 9], [7, 6, 3, 2], &[("pads", &[2, 1, 0, 3]), ("dilations", &[2, 3])]),
        ([6, 9, 9], [4, 3, 3, 3], &[("group", &[2]), ("pads", &[1, 1, 1, 1])]),
        ([4, 9, 9], [8, 1, 3, 3], &[("group", &[4]), ("strides", &[2, 2])]),
        ([17, 9, 8], [17, 1, 3, 3], &[("group", &[17]), ("pads", &[1, 1, 1, 1])]),
        ([8, 9, 8], [8, 1, 5, 5], &[("group", &[8]), ("pads", &[1, 2, 2, 1]), ("strides", &[2, 2])]),
        // By tiles: whole ones, ragged ones, more than are computed together, without and with a border.
        ([16, 12, 12], [8, 16, 3, 3], padded),
        ([19, 15, 13], [13, 19, 3, 3], padded),
        ([16, 33, 31], [8, 16, 3, 3], plain),
        ([16, 11, 10], [8, 16, 5, 5], wide),
        ([18, 16, 15], [10, 18, 5, 5], plain),
    ] {
        let about = format!("{channels} x {height} x {width}, {kernel:?}, {settings:?}");
        Builder::new([channels, height, width]).conv("x", "y", kernel, settings).check(&about);
    }
}

#[test]
fn activations_alone_and_behind_convolutions() {
    let clip = |builder: Builder, from: &str| {
        builder.constant("least", &[1]).constant("most", &[1]).node(
            "Clip",
            &[from, "least", "most"],
            "z",
            Vec::new(),
        )
    };
    let conv = || Builder::new([3, 6, 5]).conv("x", "y", [4, 3, 3, 3], &[]);
    conv().node("Relu", &["y"], "z", Vec::new()).check("ReLU");
    clip(conv(), "y").check("clip");
    clip(Builder::new([3, 6, 5]), "x").check("clip of the input");
    conv()
        .node("Relu", &["y"], "r", Vec::new())
        .node("Add", &["y", "r"], "s", Vec::new())
        .node("Identity", &["s"], "z", Vec::new())
        .check("a convolution that others take too");
}

#[test]
fn pools_of_every_kind() {
    let window = |include: i64| {
        vec![
            Attribute::ints("kernel_shape", &[3, 3]),
            Attribute::ints("pads", &[1, 1, 1, 1]),
            Attribute::int("count_include_pad", include),
        ]
    };
    let stepped = || vec![Attribute::ints("kernel_shape", &[3, 2]), Attribute::ints("strides", &[2, 2])];
    for (op, attributes) in [
        ("MaxPool", stepped()),
        ("MaxPool", window(0)),
        ("AveragePool", stepped()),
        ("AveragePool", window(0)),
        ("AveragePool", window(1)),
        ("GlobalAveragePool", Vec::new()),
    ] {
        let about = format!("{op} {attributes:?}");
        Builder::new([9, 7, 6]).node(op, &["x"], "y", attributes).check(&about);
    }
}

#[test]
fn what_is_joined_is_computed_in_place() {
    // Within each other, of what is taken elsewhere too, of the input, and twice the same.
    Builder::new([4, 9, 9])
        .conv("x", "a", [8, 4, 3, 3], &[("pads", &[1, 1, 1, 1])])
        .conv("x", "b", [5, 4, 1, 1], &[])
        .conv("b", "c", [3, 5, 3, 3], &[("pads", &[1, 1, 1, 1])])
        .node("Concat", &["a", "c"], "inner", vec![Attribute::int("axis", 1)])
        .node("Concat", &["x", "inner", "b", "b"], "outer", vec![Attribute::int("axis", 1)])
        .conv("outer", "d", [6, 25, 5, 5], &[("pads", &[2, 2, 2, 2])])
        .node("Concat", &["d", "outer"], "y", vec![Attribute::int("axis", 1)])
        .check("joined");
}

#[test]
fn what_cannot_be_computed_is_refused() {
    let load = |builder: Builder, most| {
        let (file, _) = builder.finish(&[0.5; 3 * 36]);
        Network::load(file, 4, most).map(|network| network.batch())
    };
    let conv = || Builder::new([3, 6, 6]).conv("x", "y", [8, 3, 3, 3], &[]);
    // 3 x 6 x 6 and 8 x 4 x 4 values an image.
    assert_eq!(load(conv(), 1000), Ok(4));
    assert_eq!(load(conv(), 999), Ok(4), "four images of 236 values");
    assert_eq!(load(conv(), 500), Ok(2));
    assert!(load(conv(), 200).is_err(), "not one image");
    let (file, _) = conv().finish(&[0.5; 3 * 36]);
    let mut network = Network::load(file.clone(), 2, 1000).unwrap();
    assert_eq!(network.run(&vec![vec![0.0; 108]; 3]), None, "too many images");
    assert_eq!(network.run(&[vec![0.0; 107]]), None, "an image of another length");
    assert_eq!(network.run(&[]), Some(Vec::new()));
    assert!(Network::load(file[..file.len() / 2].to_vec(), 1, 1000).is_err(), "half a file");
    assert!(Network::load(Vec::new(), 1, 1000).is_err(), "an empty file");
}

#[test]
fn what_only_looks_like_a_network_is_refused() {
    let refused = |builder: Builder| {
        let mut graph = builder.graph;
        let last = graph.node.last().unwrap().output[0].clone();
        graph.output = vec![ValueInfo::float(&last, &[])];
        let file = Model { graph: Some(graph), ..Model::default() }.to_bytes();
        Network::load(file, 4, 1 << 20).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let new = || Builder::new([2, 11, 4]);
    let pool = |kernel: &[i64], pads: &[i64]| {
        vec![Attribute::ints("kernel_shape", kernel), Attribute::ints("pads", pads)]
    };
    for (builder, about) in [
        (
            new().conv("x", "y", [2, 1, 3, 3], &[("group", &[2])]).node(
                "MaxPool",
                &["y"],
                "y_w",
                pool(&[1, 2], &[0; 4]),
            ),
            "makes a value that is there",
        ),
        (new().conv("x", "y", [2, 2, 3, 3], &[("group", &[(1 << 32) + 1])]), "with a kernel of"),
        (new().conv("x", "y", [2, 2, 3, 3], &[("group", &[0])]), "has no groups"),
        (new().conv("x", "y", [2, 2, 2, 2], &[("kernel_shape", &[1, 4])]), "another shape"),
        (new().conv("x", "y", [2, 2, 65, 1], &[("pads", &[99, 0, 99, 0])]), "has a window of"),
        (new().node("Conv", &["x", "x"], "y", Vec::new()), "no float32 constant"),
        (new().node("MaxPool", &["x"], "y", pool(&[1, 1], &[1; 4])), "windows beyond"),
        (new().constant("most", &[2]).node("Clip", &["x", "", "most"], "y", Vec::new()), "has a max"),
        (new().node("Clip", &["x", "x"], "y", Vec::new()), "has a min"),
        (new().constant("c", &[1, 2, 11, 4]).node("Add", &["x", "c"], "y", Vec::new()), "no value `c`"),
        (new().constant("c", &[1, 2]).node("Relu", &["c"], "y", Vec::new()), "takes shape [1, 2]"),
        (new().node("Sigmoid", &["x"], "y", Vec::new()), "none of the operators"),
        (Builder::new([2, 0, 4]).conv("x", "y", [2, 2, 1, 1], &[("pads", &[1, 0, 1, 0])]), "of shape"),
    ] {
        let said = refused(builder);
        assert!(said.contains(about), "`{said}` instead of `{about}`");
    }
}

#[test]
fn what_is_not_a_number_is_not_hidden() {
    let network =
        || Builder::new([2, 3, 3]).conv("x", "y", [8, 2, 1, 1], &[]).node("Relu", &["y"], "z", Vec::new());
    let (file, _) = network().finish(&[0.0; 18]);
    let output = Network::load(file, 1, 1 << 10).unwrap().run(&[vec![f32::NAN; 18]]).unwrap();
    assert!(output.iter().all(|value| value.is_nan()), "{output:?}");
}
