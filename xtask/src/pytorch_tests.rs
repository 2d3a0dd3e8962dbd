//! The reader of PyTorch's files and the light backbone, against PyTorch's own figures.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bottleneck::backbone::cpu::CpuNetwork;
use bottleneck::backbone::{EFFICIENTNET_LITE_SCALING, FeatureShape, Manifest, Network, Probe, Purpose};
use bottleneck::random::Random;
use futures::executor::block_on;
use onnx_prepare::Constant;
use onnx_prepare::efficientnet_lite::build;
use onnx_prepare::prepare::{Prepared, Storage};
use onnx_prepare::proto::Model;
use prost::Message;
use serde_json::Value;

use crate::{light, model, pytorch, skipped};

const SMALL: &[u8] = include_bytes!("../../tests/fixtures/pytorch_small.pth");
const SIZE: usize = 128;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The formula that the fixtures' scripts share with the tests.
fn weyl(index: usize, salt: usize) -> f32 {
    let bits = (index as u32).wrapping_add(salt as u32).wrapping_mul(2_654_435_769);
    let mixed = (bits ^ bits >> 15).wrapping_mul(2_246_822_519);
    ((mixed ^ mixed >> 13) >> 8) as f32 / (1 << 23) as f32 - 1.0
}

fn fixture() -> Value {
    serde_json::from_str(include_str!("../../tests/fixtures/efficientnet_lite.json")).unwrap()
}

/// What PyTorch gives, as a probe: positions, values, and the largest value of the output.
fn expected(part: &Value) -> Probe {
    serde_json::from_value(part.clone()).unwrap()
}

fn formula_input() -> Vec<f32> {
    (0..3 * SIZE * SIZE).map(|at| weyl(at, 4000)).collect()
}

/// The network's manifest, as `cargo xtask model` makes it, and its outputs for the input.
fn run(prepared: Prepared, input: &[f32]) -> (Manifest, Vec<f32>) {
    let made = model::Made {
        prepared,
        name: "test",
        scaling: EFFICIENTNET_LITE_SCALING,
        source: "a test".to_owned(),
        licence: "Apache-2.0",
        purpose: Purpose::Custom,
    };
    let manifest = model::manifest(&made, "test").unwrap();
    let network = CpuNetwork::load(made.prepared.bytes, &manifest).unwrap();
    let output = block_on(network.run(&[input.to_vec()])).unwrap();
    (manifest, output)
}

/// Weights of the network's shapes by the formula.
fn formula_weights(fixture: &Value) -> BTreeMap<String, Constant> {
    let shapes: BTreeMap<String, Vec<usize>> =
        serde_json::from_value(fixture["formula"]["shapes"].clone()).unwrap();
    let of = |(salt, (name, dims)): (usize, (String, Vec<usize>))| {
        let (factor, summand) = match dims.as_slice() {
            [_, per_filter @ ..] if !per_filter.is_empty() => {
                (2.0 / (per_filter.iter().product::<usize>() as f32).sqrt(), 0.0)
            }
            _ if name.ends_with("running_var") || name.ends_with("weight") => (0.5, 1.0),
            _ => (0.1, 0.0),
        };
        let count = dims.iter().product();
        let values = (0..count).map(|at| weyl(at, salt) * factor + summand).collect();
        (name, Constant { dims, values })
    };
    shapes.into_iter().enumerate().map(of).collect()
}

/// `bytes` as a file of this test's, which the reader wants.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let file = std::env::temp_dir().join(format!("bottleneck-{}-{name}.pth", std::process::id()));
    fs::write(&file, bytes).unwrap();
    file
}

#[test]
fn pytorch_files_are_read() {
    let path = file("small", SMALL);
    let weights = pytorch::read(&path).unwrap();
    fs::remove_file(path).unwrap();
    // The counter and the float16 tensor are left out.
    assert_eq!(weights.keys().collect::<Vec<_>>(), ["single", "turned", "whole"]);
    let values: Vec<f32> = (0..24).map(|at| weyl(at, 0)).collect();
    assert_eq!(weights["whole"], Constant { dims: vec![2, 3, 4], values: values.clone() });
    // Rows 1 to 4 of 6 x 4, turned: a view of the same storage.
    let turned = (0..16).map(|at| values[4 + at % 4 * 4 + at / 4]).collect();
    assert_eq!(weights["turned"], Constant { dims: vec![4, 4], values: turned });
    assert_eq!(weights["single"], Constant { dims: vec![], values: vec![1.5] });
}

#[test]
fn hostile_pytorch_files_give_errors() {
    let mut refused = 0;
    let mut check = |bytes: &[u8]| {
        let path = file("hostile", bytes);
        match pytorch::read(&path) {
            // A changed bit in a value is a value; there is never more of them than bytes.
            Ok(weights) => {
                let values: usize = weights.values().map(|weight| weight.values.len()).sum();
                assert!(values * 4 <= bytes.len());
            }
            Err(_) => refused += 1,
        }
        fs::remove_file(path).unwrap();
    };
    for length in 0..SMALL.len() {
        check(&SMALL[..length]);
    }
    for bit in 0..8 * SMALL.len() {
        let mut broken = SMALL.to_vec();
        broken[bit / 8] ^= 1 << (bit % 8);
        check(&broken);
    }
    let mut random = Random::new(1);
    for _ in 0..3_000 {
        let mut broken = SMALL.to_vec();
        for _ in 0..4 {
            broken[random.below(SMALL.len() as u32) as usize] = random.bits() as u8;
        }
        check(&broken);
    }
    assert!(refused > SMALL.len(), "{refused}");
}

#[test]
fn nothing_in_a_pickle_is_run() {
    let made = std::env::temp_dir().join(format!("bottleneck-{}-made", std::process::id()));
    // What Python's unpickler would do: os.system("touch ...").
    let attack = format!("cos\nsystem\n(S'touch {}'\ntR.", made.display());
    let path = file("attack", attack.as_bytes());
    assert!(pytorch::read(&path).is_err());
    // The same in place of the state dict of a file that is right up to there.
    let at = SMALL.windows(2).rposition(|pair| pair == b"}q").unwrap();
    let second = [&SMALL[..at], attack.as_bytes()].concat();
    fs::write(&path, second).unwrap();
    assert!(pytorch::read(&path).is_err());
    fs::remove_file(path).unwrap();
    assert!(!made.exists());
}

/// wonnx computes what a node of one input makes again for each consumer. The residual blocks fork
/// there five times: at the first sum of each stage of several blocks.
fn assert_nothing_is_computed_twice(prepared: &Prepared) {
    let graph = Model::decode(prepared.bytes.as_slice()).unwrap().graph.unwrap();
    let constants: Vec<&String> = graph.initializer.iter().map(|tensor| &tensor.name).collect();
    for node in &graph.node {
        let consumers = graph.node.iter().filter(|other| other.input.contains(&node.output[0])).count();
        let inputs = node.input.iter().filter(|name| !constants.contains(name)).count();
        assert!(consumers < 2 || inputs == 2, "{}", node.name);
    }
    let doubled = graph.node.iter().filter(|node| node.op_type == "Add" && node.input[0] == node.input[1]);
    assert_eq!(doubled.count(), 5);
}

#[test]
fn efficientnet_lite_equals_timm() {
    let fixture = fixture();
    let weights = formula_weights(&fixture);
    let expected = expected(&fixture["formula"]);
    let exact = build(&weights, SIZE, Storage::Float32).unwrap();
    assert_eq!(exact.output_shape, [1280, 4, 4]);
    assert_nothing_is_computed_twice(&exact);
    let wide = expected.error(&run(exact, &formula_input()).1);
    let stored = build(&weights, SIZE, Storage::Float16).unwrap();
    assert_eq!(build(&weights, SIZE, Storage::Float16).unwrap(), stored, "the same bytes twice");
    let narrow = expected.error(&run(stored, &formula_input()).1);
    println!("formula weights: float32 {wide:e}, float16 {narrow:e}");
    assert!(wide < 1e-5, "float32: {wide}");
    assert!(narrow < 5e-3, "float16: {narrow}");
}

#[test]
fn other_sizes_and_widths_are_built_and_misfits_refused() {
    let weights = formula_weights(&fixture());
    for (size, side) in [(64, 2), (96, 3), (224, 7), (1024, 32)] {
        let prepared = build(&weights, size, Storage::Float32).unwrap();
        assert_eq!(prepared.output_shape, [1280, side, side]);
    }
    for size in [0, 32, 100, 139, 1056] {
        assert!(build(&weights, size, Storage::Float32).is_err(), "{size}");
    }
    type Spoil = fn(&mut Constant);
    let cases: [(&str, Spoil); 5] = [
        ("_conv_stem.weight", |kernel| kernel.dims = vec![32, 3, 9]),
        ("_conv_stem.weight", |kernel| kernel.dims[0] = 31),
        ("_bn0.running_var", |variance| variance.values.clear()),
        ("_blocks.3._depthwise_conv.weight", |kernel| kernel.dims = vec![144, 25, 1, 1]),
        ("_blocks.9._project_conv.weight", |kernel| *kernel = Constant { dims: vec![0; 4], values: vec![] }),
    ];
    for (name, spoil) in cases {
        let mut weights = weights.clone();
        spoil(weights.get_mut(name).unwrap());
        let error = build(&weights, SIZE, Storage::Float32).unwrap_err();
        println!("{error}");
        weights.remove(name);
        let error = build(&weights, SIZE, Storage::Float32).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn the_real_light_backbone_equals_timm() {
    let manifest_file = root().join("models/efficientnet_lite0.json");
    if !manifest_file.exists() {
        return skipped::skipped("`cargo xtask model --light` makes the light backbone");
    }
    let fixture = fixture();
    let expected = expected(&fixture["real"]);
    let manifest = Manifest::parse(&fs::read(manifest_file).unwrap()).unwrap();
    assert_eq!(manifest.name, "EfficientNet-Lite0");
    assert_eq!(manifest.purpose, Purpose::ImageNet);
    assert_eq!(manifest.scaling, EFFICIENTNET_LITE_SCALING);
    assert!(manifest.bytes < 10_000_000, "{} bytes", manifest.bytes);
    let weights = light::make(&root().join("target"), None, SIZE).unwrap();
    let network = fs::read(root().join("models").join(&manifest.file)).unwrap();
    if manifest.input_size as usize == SIZE {
        assert!(weights.prepared.bytes == network, "the same bytes twice");
        assert_eq!(manifest.features, FeatureShape { height: 4, width: 4, channels: 1280 });
    }
    let exact = pytorch::read(&root().join("target/efficientnet_lite0/efficientnet_lite0.pth")).unwrap();
    let wide = expected.error(&run(build(&exact, SIZE, Storage::Float32).unwrap(), &formula_input()).1);
    let (_, narrow) = run(weights.prepared, &formula_input());
    let narrow = expected.error(&narrow);
    println!("real weights: float32 {wide:e}, float16 {narrow:e}");
    assert!(wide < 1e-5, "float32: {wide}");
    assert!(narrow < 5e-3, "float16: {narrow}");
}
