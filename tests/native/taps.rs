//! Convolutions split into their taps, against the same ones computed by their definition.

use std::collections::HashMap;

use bottleneck::random::Random;
use onnx_prepare::proto::{Attribute, Graph, Model, Node, OperatorSet, Tensor, ValueInfo};
use onnx_prepare::split_taps;

/// A map: channels, height, width, and its values.
#[derive(Clone)]
struct Map {
    sides: [usize; 3],
    values: Vec<f32>,
}

impl Map {
    /// The value there; nothing outside of the map.
    fn at(&self, channel: usize, y: i64, x: i64) -> f32 {
        let [_, height, width] = self.sides;
        match (usize::try_from(y), usize::try_from(x)) {
            (Ok(y), Ok(x)) if y < height && x < width => self.values[(channel * height + y) * width + x],
            _ => 0.0,
        }
    }
}

fn noise(random: &mut Random, count: usize) -> Vec<f32> {
    (0..count).map(|_| random.unit() - 0.5).collect()
}

fn floats(tensor: &Tensor) -> Vec<f32> {
    tensor.raw_data.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect()
}

/// A convolution by its definition. Pads may be negative: then they cut.
fn convolution(node: &Node, input: &Map, kernel: &Tensor, bias: Option<&Tensor>) -> Map {
    let [filters, depth, height, width] = kernel.dims.clone().try_into().unwrap();
    let (strides, pads) = (node.ints("strides").unwrap(), node.ints("pads").unwrap());
    let group = node.attribute("group").map_or(1, |group| group.i);
    let [channels, rows, columns] = input.sides.map(|side| side as i64);
    assert_eq!(depth * group, channels);
    let out = [
        (rows + pads[0] + pads[2] - height) / strides[0] + 1,
        (columns + pads[1] + pads[3] - width) / strides[1] + 1,
    ];
    let (weights, bias) = (floats(kernel), bias.map(floats));
    let mut values = Vec::new();
    for filter in 0..filters {
        for y in 0..out[0] {
            for x in 0..out[1] {
                let mut sum = bias.as_ref().map_or(0.0, |bias| bias[filter as usize]);
                for channel in 0..depth {
                    for i in 0..height {
                        for j in 0..width {
                            let weight =
                                weights[(((filter * depth + channel) * height + i) * width + j) as usize];
                            let from = filter / (filters / group) * depth + channel;
                            let (y, x) = (y * strides[0] + i - pads[0], x * strides[1] + j - pads[1]);
                            sum += weight * input.at(from as usize, y, x);
                        }
                    }
                }
                values.push(sum);
            }
        }
    }
    Map { sides: [filters as usize, out[0] as usize, out[1] as usize], values }
}

/// What comes out of a network of additions, convolutions, concatenations and matrix products. A matrix is a map
/// whose rows are its channels.
fn run(model: &Model, input: &Map) -> Map {
    let graph = model.graph.as_ref().unwrap();
    let constant = |name: &String| graph.initializer.iter().find(|tensor| tensor.name == *name);
    let mut maps = HashMap::from([("input".to_owned(), input.clone())]);
    for node in &graph.node {
        // The weights stand on the left of a product.
        let map = &maps[&node.input[usize::from(node.op_type == "MatMul")]];
        let output = match node.op_type.as_str() {
            "Add" => {
                let values = map.values.iter().zip(&maps[&node.input[1]].values).map(|(a, b)| a + b);
                Map { sides: map.sides, values: values.collect() }
            }
            "Conv" => {
                let bias = node.input.get(2).and_then(constant);
                convolution(node, map, constant(&node.input[1]).unwrap(), bias)
            }
            "Concat" => {
                assert!(node.input.len() <= 7, "wonnx takes seven");
                let parts: Vec<&Map> = node.input.iter().map(|name| &maps[name]).collect();
                let channels = parts.iter().map(|part| part.sides[0]).sum();
                let values = parts.iter().flat_map(|part| part.values.clone()).collect();
                Map { sides: [channels, map.sides[1], map.sides[2]], values }
            }
            "Reshape" => {
                let shape = constant(&node.input[1]).unwrap();
                let sides = shape.raw_data.chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()));
                let sides: Vec<usize> = sides.map(|side| side as usize).collect();
                let sides = match sides[..] {
                    [1, channels, height, width] => [channels, height, width],
                    [rows, columns] => [rows, 1, columns],
                    _ => panic!("{sides:?}"),
                };
                Map { sides, values: map.values.clone() }
            }
            "MatMul" => {
                let weights = constant(&node.input[0]).unwrap();
                let [rows, depth] = weights.dims[..] else { panic!("{:?}", weights.dims) };
                let columns = map.sides[2];
                assert!([rows, depth, columns as i64].iter().all(|side| side % 4 == 0), "in blocks of four");
                let values: Vec<f32> = weights
                    .raw_data
                    .chunks_exact(4)
                    .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
                    .collect();
                let product = |row: usize, column: usize| -> f32 {
                    let below = map.values.iter().skip(column).step_by(columns);
                    values[row * depth as usize..].iter().zip(below).map(|(a, b)| a * b).sum()
                };
                let place = |place: usize| product(place / columns, place % columns);
                let values = (0..rows as usize * columns).map(place).collect();
                Map { sides: [rows as usize, 1, columns], values }
            }
            other => panic!("{other}"),
        };
        let told = graph.value_info.iter().chain(&graph.output).find(|info| info.name == node.output[0]);
        let told: Vec<i64> = told.unwrap().dims().into_iter().map(Option::unwrap).collect();
        let [channels, height, width] = output.sides.map(|side| side as i64);
        let is = |sides: &[i64]| told == sides;
        let matrix = height == 1 && is(&[channels, width]);
        assert!(is(&[1, channels, height, width]) || matrix, "{}: {told:?}", node.output[0]);
        maps.insert(node.output[0].clone(), output);
    }
    maps.remove("output").unwrap()
}

/// A network of one convolution of 16 channels.
fn one_convolution(
    kernel: [usize; 2],
    stride: i64,
    pads: [i64; 2],
    filters: usize,
    sides: [usize; 2],
) -> Model {
    let mut random = Random::new(7);
    let dims = [filters, 16, kernel[0], kernel[1]];
    let attributes = vec![
        Attribute::ints("kernel_shape", &kernel.map(|side| side as i64)),
        Attribute::ints("strides", &[stride; 2]),
        Attribute::ints("pads", &[pads[0], pads[1], pads[0], pads[1]]),
    ];
    let out: [usize; 2] = std::array::from_fn(|side| {
        (sides[side] + 2 * pads[side] as usize - kernel[side]) / stride as usize + 1
    });
    let graph = Graph {
        node: vec![Node::new("Conv", &["input", "kernel", "bias"], "output", attributes)],
        initializer: vec![
            Tensor::float("kernel", &dims, &noise(&mut random, dims.iter().product())),
            Tensor::float("bias", &[filters], &noise(&mut random, filters)),
        ],
        input: vec![ValueInfo::float("input", &[1, 16, sides[0], sides[1]])],
        output: vec![ValueInfo::float("output", &[1, filters, out[0], out[1]])],
        value_info: vec![ValueInfo::float("input", &[1, 16, sides[0], sides[1]])],
        ..Graph::default()
    };
    let opset_import = vec![OperatorSet { domain: String::new(), version: 13 }];
    Model { ir_version: 8, graph: Some(graph), opset_import, ..Model::default() }
}

#[test]
fn taps_add_up_to_the_convolution() {
    // Kernel, stride, pads, filters, input, and whether it is split: InceptionV3's kinds.
    let cases = [
        ([1, 7], 1, [0, 3], 8, [7, 7], true),
        ([7, 1], 1, [3, 0], 8, [7, 7], true),
        ([1, 3], 1, [0, 1], 4, [3, 3], true),
        ([3, 1], 1, [1, 0], 4, [3, 3], true),
        ([5, 5], 1, [2, 2], 4, [6, 5], true),
        ([3, 3], 2, [0, 0], 4, [7, 8], true),
        ([3, 3], 2, [1, 1], 4, [8, 7], true),
        ([3, 3], 1, [1, 1], 4, [5, 5], true),
        ([1, 1], 1, [0, 0], 4, [5, 5], true),
        // Blocks are of four filters.
        ([1, 7], 1, [0, 3], 6, [7, 7], false),
    ];
    for (kernel, stride, pads, filters, sides, splits) in cases {
        let whole = one_convolution(kernel, stride, pads, filters, sides);
        let split = Model::from_bytes(&split_taps(&whole.to_bytes()).unwrap()).unwrap();
        let values = noise(&mut Random::new(11), 16 * sides[0] * sides[1]);
        let input = Map { sides: [16, sides[0], sides[1]], values };
        let (expected, found) = (run(&whole, &input), run(&split, &input));
        assert_eq!(found.sides, expected.sides);
        for (found, expected) in found.values.iter().zip(&expected.values) {
            assert!((found - expected).abs() < 1e-5, "{kernel:?}: {found} for {expected}");
        }
        let nodes = split.graph.unwrap().node;
        assert_eq!(nodes.len() > 1, splits, "{kernel:?}");
        let last = nodes.last().unwrap();
        assert!(!splits || last.ints("kernel_shape") == Some(&[1, 1]), "{kernel:?}");
    }
}

#[test]
fn constants_that_do_not_fit_are_refused() {
    let mut model = one_convolution([1, 7], 1, [0, 3], 4, [7, 7]);
    let kernel = &mut model.graph.as_mut().unwrap().initializer[0];
    kernel.raw_data.pop();
    let error = split_taps(&model.to_bytes()).unwrap_err();
    assert!(error.to_string().contains("kernel"), "{error}");
    assert!(split_taps(b"no network").is_err());
}
