//! Backbones: the converters against other people's outputs, hostile files, and the pool.

use std::collections::HashMap;
use std::fs;
use std::io::Read;

use bottleneck::backbone::choose::{Adapter, choose, cpu_workers, instead_of, most_workers};
use bottleneck::backbone::cpu::CpuNetwork;
use bottleneck::backbone::pieces::{PIECE, Pieces};
use bottleneck::backbone::{
    FeatureShape, KERAS_TF_SCALING, MANIFEST_VERSION, Manifest, Network, Probe, Purpose,
};
use bottleneck::protocol::{Engine, EngineReason, EngineRequest};
use bottleneck::random::Random;
use flate2::read::GzDecoder;
use futures::executor::block_on;
use onnx_prepare::inception_v3::{self, ConvWeights};
use onnx_prepare::prepare::{Prepared, Storage, prepare};
use onnx_prepare::proto::Model;
use onnx_prepare::{keras, tfjs, widen};
use prost::Message;
use serde::Deserialize;

use crate::shared;
use crate::skipped::skipped;

/// The formula that the fixtures' scripts share with this test.
fn weyl(index: usize, salt: usize) -> f32 {
    let bits = (index as u32).wrapping_add(salt as u32).wrapping_mul(2_654_435_769);
    let mixed = (bits ^ bits >> 15).wrapping_mul(2_246_822_519);
    ((mixed ^ mixed >> 13) >> 8) as f32 / (1 << 23) as f32 - 1.0
}

/// A manifest whose probe any output passes.
pub fn manifest(prepared: &Prepared) -> Manifest {
    let [channels, height, width] = prepared.output_shape;
    Manifest {
        version: MANIFEST_VERSION,
        name: "test".into(),
        source: "made in a test".into(),
        licence: "MIT".into(),
        purpose: Purpose::Custom,
        file: "test.onnx".into(),
        bytes: prepared.bytes.len() as u64,
        sha256: "ab".repeat(32),
        pieces: Pieces::of(&prepared.bytes, PIECE),
        input: prepared.input.clone(),
        input_size: prepared.input_size as u32,
        scaling: KERAS_TF_SCALING,
        output: prepared.output.clone(),
        features: FeatureShape { height, width, channels },
        probe: Probe { positions: vec![0], values: vec![0.0], largest: f32::MAX },
    }
}

fn run(prepared: &Prepared, input: &[f32]) -> Vec<f32> {
    let network = CpuNetwork::load(prepared.bytes.clone(), &manifest(prepared)).unwrap();
    block_on(network.run(&[input.to_vec()])).unwrap()
}

/// The largest error of `output` at the expectation's positions, as a share of its largest value.
fn error(expected: &Expected, output: &[f32]) -> f32 {
    let probe = Probe {
        positions: expected.positions.clone(),
        values: expected.values.clone(),
        largest: expected.largest,
    };
    probe.error(output)
}

#[derive(Deserialize)]
struct Expected {
    #[serde(default)]
    dims: Vec<[usize; 4]>,
    positions: Vec<usize>,
    values: Vec<f32>,
    largest: f32,
}

fn formula_weights(dims: &[[usize; 4]]) -> Vec<ConvWeights> {
    let of = |(salt, &dims): (usize, &[usize; 4])| {
        let [height, width, channels, filters] = dims;
        let fan_in = (height * width * channels) as f32;
        let scale = 2.0 / fan_in.sqrt();
        let each = |value: &dyn Fn(usize) -> f32| (0..filters).map(value).collect();
        ConvWeights {
            dims,
            kernel: (0..height * width * channels * filters).map(|at| weyl(at, salt) * scale).collect(),
            beta: each(&|at| weyl(at, 1000 + salt) * 0.1),
            mean: each(&|at| weyl(at, 2000 + salt) * 0.1),
            variance: each(&|at| 1.0 + 0.5 * weyl(at, 3000 + salt)),
        }
    };
    dims.iter().enumerate().map(of).collect()
}

fn formula_input() -> Vec<f32> {
    (0..3 * 139 * 139).map(|at| weyl(at, 4000)).collect()
}

/// What ONNX Runtime and ONNX' checker refuse beyond what our engines do: two nodes of one name,
/// and settings that an operator of this version of ONNX does not have.
fn assert_others_read(prepared: &Prepared) {
    let graph = Model::decode(prepared.bytes.as_slice()).unwrap().graph.unwrap();
    let mut names: Vec<_> = graph.node.iter().map(|node| &node.name).collect();
    names.sort();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "two nodes have one name");
    for node in &graph.node {
        let allowed: &[&str] = match node.op_type.as_str() {
            "Conv" => &["kernel_shape", "strides", "pads", "dilations", "group"],
            "MaxPool" => &["kernel_shape", "strides", "pads", "dilations", "ceil_mode"],
            "AveragePool" => &["kernel_shape", "strides", "pads", "count_include_pad", "ceil_mode"],
            "Concat" => &["axis"],
            "Cast" => &["to"],
            _ => &[],
        };
        for attribute in &node.attribute {
            assert!(allowed.contains(&attribute.name.as_str()), "{} of {}", attribute.name, node.op_type);
        }
    }
}

#[test]
fn inception_v3_equals_keras() {
    let expected: Expected = serde_json::from_str(include_str!("../fixtures/inception_keras.json")).unwrap();
    let weights = formula_weights(&expected.dims);
    let exact = inception_v3::build(&weights, 139, Storage::Float32).unwrap();
    assert_eq!(exact.output_shape, [2048, 3, 3]);
    assert_others_read(&exact);
    let wide = error(&expected, &run(&exact, &formula_input()));
    assert!(wide < 1e-4, "float32: {wide}");
    let stored = inception_v3::build(&weights, 139, Storage::Float16).unwrap();
    assert!(stored.bytes.len() < 45_000_000, "{} bytes", stored.bytes.len());
    // Weights rounded to 11 significant bits, through 48 layers.
    let narrow = error(&expected, &run(&stored, &formula_input()));
    assert!(narrow < 3e-3, "float16: {narrow}");
    assert_eq!(inception_v3::build(&weights, 139, Storage::Float16), Ok(stored), "the same bytes twice");
}

#[test]
fn npm_s_inception_v3_equals_tensorflow_js() {
    let Ok(archive) = fs::File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/target/nsfwjs/nsfwjs-4.4.0.tgz"))
    else {
        return skipped("the npm package is not here; `cargo xtask model` fetches it");
    };
    let mut files = HashMap::new();
    for entry in tar::Archive::new(GzDecoder::new(archive)).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        if let Ok(name) = path.strip_prefix("package/dist/models/inception_v3") {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            files.insert(name.to_str().unwrap().to_owned(), text);
        }
    }
    let model = files.remove("model.min.js").unwrap();
    let shards: Vec<String> =
        (1..=6).map(|n| files.remove(&format!("group1-shard{n}of6.min.js")).unwrap()).collect();
    let weights = tfjs::inception_v3(&model, &shards).unwrap();
    let prepared = inception_v3::build(&weights, 139, Storage::Float32).unwrap();
    let expected: Expected = serde_json::from_str(include_str!("../fixtures/inception_tfjs.json")).unwrap();
    let error = error(&expected, &run(&prepared, &formula_input()));
    assert!(error < 1e-4, "{error}");
    assert!(tfjs::inception_v3(&model, &shards[..5]).is_err(), "a shard is missing");
    assert!(tfjs::inception_v3(&model[..100_000], &shards).is_err(), "half a module");
}

#[test]
fn keras_files_are_read() {
    let bytes = include_bytes!("../fixtures/keras_small.h5");
    let weights = keras::read(bytes.to_vec()).unwrap();
    let dims: Vec<_> = weights.iter().map(|conv| conv.dims).collect();
    assert_eq!(dims, [[3, 3, 3, 2], [1, 2, 2, 4]]);
    // Layer n of the script has salts from 10 n on, one a weight: beta, mean, variance.
    assert_eq!(weights[0].kernel, (0..54).map(|at| weyl(at, 0)).collect::<Vec<_>>());
    assert_eq!(weights[1].kernel, (0..16).map(|at| weyl(at, 20)).collect::<Vec<_>>());
    assert_eq!(weights[1].beta, (0..4).map(|at| weyl(at, 30)).collect::<Vec<_>>());
    assert_eq!(weights[1].mean, (0..4).map(|at| weyl(at, 31)).collect::<Vec<_>>());
    assert_eq!(weights[1].variance, (0..4).map(|at| weyl(at, 32)).collect::<Vec<_>>());
    assert!(inception_v3::build(&weights, 139, Storage::Float32).is_err(), "two layers are no InceptionV3");
    for length in (0..bytes.len()).step_by(97) {
        drop(keras::read(bytes[..length].to_vec()));
    }
}

#[test]
fn a_foreign_network_equals_onnx_runtime() {
    let Some(file) = shared::file("models/inception_v3_2015_mixed8.onnx") else { return };
    let Some(reference) = shared::file("models/inception_v3_2015_mixed8_reference.npz") else { return };
    let prepared = prepare(&fs::read(file).unwrap(), None, Storage::Float32).unwrap();
    assert_eq!((prepared.input_size, prepared.output_shape), (139, [1280, 3, 3]));
    assert_others_read(&prepared);
    let (_, images) = shared::npz_array::<u8>(&reference, "resized_u8");
    let (_, features) = shared::npz_array::<f32>(&reference, "features");
    let largest = features.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let network = CpuNetwork::load(prepared.bytes.clone(), &manifest(&prepared)).unwrap();
    for (image, expected) in images.chunks(139 * 139 * 3).zip(features.chunks(1280 * 9)).take(4) {
        let plane =
            |channel| image.iter().skip(channel).step_by(3).map(|&value| KERAS_TF_SCALING.apply(value));
        let input: Vec<f32> = (0..3).flat_map(plane).collect();
        let output = block_on(network.run(&[input])).unwrap();
        let error = output.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(error / largest < 1e-5, "{}", error / largest);
    }
    assert!(block_on(network.run(&[vec![0.0; 7]])).is_err(), "an input of another length");
}

#[test]
fn hostile_networks_never_panic() {
    let dims = [[3, 3, 3, 2]];
    let mut weights = formula_weights(&dims);
    weights.resize(94, weights[0].clone());
    assert!(inception_v3::build(&weights, 139, Storage::Float32).is_err(), "94 equal layers");
    // A small real file: a convolution, as onnx-prepare writes it.
    let bytes = small_network();
    let prepared = prepare(&bytes, None, Storage::Float16).unwrap();
    let manifest = manifest(&prepared);
    let mut random = Random::new(1);
    for _ in 0..5_000 {
        let mut broken = bytes.clone();
        let at = random.below(broken.len() as u32) as usize;
        broken[at] = random.bits() as u8;
        drop(prepare(&broken, Some(16), Storage::Float16));
        drop(widen(&broken));
        drop(widen(&broken[..at]));
        if let Ok(network) = CpuNetwork::load(broken, &manifest) {
            let image = Probe::input(manifest.input_size);
            assert!(block_on(network.run(&[image])).is_ok());
        }
    }
}

/// One convolution of 3 x 3 with padding and no bias, then ReLU, as an ONNX file.
pub fn small_network() -> Vec<u8> {
    use onnx_prepare::proto::{Attribute, Graph, Node, OperatorSet, Tensor, ValueInfo};
    let kernel: Vec<f32> = (0..54).map(|at| weyl(at, 0)).collect();
    let attributes = vec![Attribute::ints("pads", &[1; 4])];
    Model {
        ir_version: 7,
        graph: Some(Graph {
            node: vec![
                Node::new("Conv", &["image", "kernel"], "sum", attributes),
                Node::new("Relu", &["sum"], "out", vec![]),
            ],
            initializer: vec![Tensor::float("kernel", &[2, 3, 3, 3], &kernel)],
            input: vec![ValueInfo::float("image", &[1, 3, 16, 16])],
            output: vec![ValueInfo::float("out", &[1, 2, 16, 16])],
            ..Graph::default()
        }),
        opset_import: vec![OperatorSet { domain: String::new(), version: 13 }],
        ..Model::default()
    }
    .encode_to_vec()
}

#[test]
fn manifests_that_do_not_fit_are_refused() {
    let prepared = prepare(&small_network(), None, Storage::Float32).unwrap();
    let good = manifest(&prepared);
    let parse = |manifest: &Manifest| Manifest::parse(&serde_json::to_vec(manifest).unwrap());
    assert_eq!(parse(&good), Ok(good.clone()));
    type Spoil = fn(&mut Manifest);
    let cases: [(&str, Spoil); 11] = [
        ("version", |manifest| manifest.version = MANIFEST_VERSION + 1),
        ("a piece's hash", |manifest| manifest.pieces.sha256[0] = "xyz".into()),
        ("no pieces", |manifest| manifest.pieces.sha256.clear()),
        ("a piece too many", |manifest| manifest.pieces.sha256.push("ab".repeat(32))),
        ("pieces of nothing", |manifest| manifest.pieces.bytes = 0),
        ("an empty file", |manifest| manifest.bytes = 0),
        ("shape", |manifest| manifest.features.channels = 0),
        ("size", |manifest| manifest.input_size = 1_000_000),
        ("hash", |manifest| manifest.sha256 = "xyz".into()),
        ("another origin", |manifest| manifest.file = "https://example.org/a.onnx".into()),
        ("probe", |manifest| manifest.probe.positions.clear()),
    ];
    for (name, spoil) in cases {
        let mut manifest = good.clone();
        spoil(&mut manifest);
        assert!(parse(&manifest).is_err(), "{name}");
    }
    assert!(Manifest::parse(b"no json").is_err());
}

#[test]
fn a_probe_catches_zeros_and_numbers_that_are_none() {
    let output: Vec<f32> = (0..1000).map(|at| weyl(at, 1)).collect();
    let probe = Probe::from_output(&output);
    assert_eq!((probe.positions.len(), probe.error(&output)), (64, 0.0));
    assert!(probe.error(&[0.0; 1000]) > 0.9);
    assert_eq!(probe.error(&[f32::NAN; 1000]), f32::INFINITY);
    assert_eq!(probe.error(&output[..500]), f32::INFINITY);
    let input = Probe::input(16);
    assert!(input.len() == 768 && input.iter().all(|value| (-1.0..1.0).contains(value)));
}

#[test]
fn the_engine_is_chosen_by_its_adapter() {
    use EngineReason::*;
    let cases = [
        (EngineRequest::Auto, Adapter::Software, (Engine::Cpu, SoftwareAdapter)),
        (EngineRequest::Auto, Adapter::None, (Engine::Cpu, NoWebGpu)),
        (EngineRequest::Auto, Adapter::Silent, (Engine::Cpu, SilentWebGpu)),
        (EngineRequest::WebGpu, Adapter::Silent, (Engine::Cpu, SilentWebGpu)),
        (EngineRequest::WebGpu, Adapter::Software, (Engine::WebGpu, Asked)),
        (EngineRequest::WebGpu, Adapter::None, (Engine::Cpu, NoWebGpu)),
        (EngineRequest::Cpu, Adapter::Hardware, (Engine::Cpu, Asked)),
    ];
    for (request, adapter, expected) in cases {
        assert_eq!(choose(request, adapter, [None; 2]), Some(expected), "{request:?} {adapter:?}");
    }
    let auto = |speeds| choose(EngineRequest::Auto, Adapter::Hardware, speeds);
    assert_eq!(auto([Some(9.0), Some(30.0)]), Some((Engine::WebGpu, Faster)));
    assert_eq!(auto([Some(9.0), Some(2.0)]), Some((Engine::Cpu, Faster)));
    assert_eq!(auto([Some(9.0), Some(9.0)]), Some((Engine::WebGpu, Faster)));
    assert_eq!([auto([None, Some(2.0)]), auto([Some(9.0), None])], [None; 2], "to be timed");
    assert_eq!(instead_of(Engine::WebGpu, Adapter::Hardware), Some((Engine::Cpu, WebGpuFailed)));
    for adapter in [Adapter::None, Adapter::Silent] {
        assert_eq!(instead_of(Engine::Cpu, adapter), None);
    }
}

#[test]
fn workers_are_as_many_as_cores_and_memory_allow() {
    // InceptionV3, the light network, and a training worker, which has none.
    let (large, light, none) = (43_600_000, 6_800_000, 0);
    let workers = |cores, memory| [large, light, none].map(|network| cpu_workers(cores, memory, network));
    assert_eq!(workers(2, None), [2; 3]);
    assert_eq!(workers(16, Some(8.0)), [8; 3]);
    assert_eq!(workers(16, Some(4.0)), [5, 8, 8]);
    assert_eq!(workers(8, Some(2.0)), [2, 6, 8]);
    assert_eq!(workers(8, Some(1.0)), [1, 3, 4]);
    assert_eq!(workers(0, Some(0.25)), [1; 3]);
    assert_eq!(workers(16, None), workers(16, Some(4.0)), "what is not told");
    assert_eq!(cpu_workers(8, Some(8.0), u64::MAX), 1, "no network is too large for one");
    // An iPad tells no memory; a desktop's Firefox does not either.
    assert_eq!(most_workers(None, true), Some(3));
    assert_eq!([most_workers(None, false), most_workers(Some(2.0), true)], [None; 2]);
}
