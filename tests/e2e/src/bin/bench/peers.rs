//! What the peers need to run the product's network: their programs from npm, the network with float32
//! weights for onnxruntime-web, and its operations one by one with their weights for TensorFlow.js.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use bottleneck::backbone::{FeatureShape, Manifest, Scaling};
use onnx_prepare::proto::{FLOAT, Graph, Model, Node, Tensor, ValueInfo};
use serde::Serialize;

/// npm's packages, and the files of each that a browser asks for.
const PROGRAMS: [(&str, &[&str]); 4] = [
    (
        "onnxruntime-web",
        &[
            "ort.wasm.min.mjs",
            "ort.webgpu.min.mjs",
            "ort-wasm-simd-threaded.mjs",
            "ort-wasm-simd-threaded.wasm",
            "ort-wasm-simd-threaded.asyncify.mjs",
            "ort-wasm-simd-threaded.asyncify.wasm",
        ],
    ),
    ("@tensorflow/tfjs-core", &["tf-core.min.js"]),
    (
        "@tensorflow/tfjs-backend-wasm",
        &[
            "tf-backend-wasm.min.js",
            "tfjs-backend-wasm-simd.wasm",
            "tfjs-backend-wasm-threaded-simd.wasm",
            "tfjs-backend-wasm.wasm",
        ],
    ),
    ("@tensorflow/tfjs-backend-webgpu", &["tf-backend-webgpu.min.js"]),
];

/// The product's engines, as they stand beside its page.
const ENGINES: [&str; 2] = ["engine_cpu", "engine_webgpu"];

/// The network as TensorFlow.js is told it; its weights are numbers in a file of their own.
#[derive(Serialize)]
struct Network {
    input: String,
    output: String,
    size: u32,
    scaling: Scaling,
    features: FeatureShape,
    operations: Vec<Operation>,
}

/// Where a constant's values stand among the weights, counted in values.
#[derive(Serialize)]
struct Constant {
    at: usize,
    shape: Vec<usize>,
}

/// What a convolution or a pool looks at: [height, width], and [top, left, bottom, right].
#[derive(Serialize)]
struct Window {
    size: [i64; 2],
    strides: [i64; 2],
    pads: [i64; 4],
}

#[derive(Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Operation {
    /// `kernel` is height x width x channels x filters.
    Conv {
        input: String,
        output: String,
        window: Window,
        kernel: Constant,
        bias: Constant,
        relu: bool,
    },
    MaxPool {
        input: String,
        output: String,
        window: Window,
    },
    /// Places outside of the map do not count.
    AveragePool {
        input: String,
        output: String,
        window: Window,
    },
    Concat {
        inputs: Vec<String>,
        output: String,
    },
    Add {
        inputs: Vec<String>,
        output: String,
    },
}

/// Puts everything into `site`: the product's engines from `dist` beside the measuring page, and the peers'
/// programs and networks into its folder `peers`.
pub fn lay_out(manifest: &Manifest, models: &Path, dist: &Path, site: &Path) -> anyhow::Result<()> {
    for engine in ENGINES {
        for end in ["_loader.js", ".js", "_bg.wasm"] {
            let name = format!("{engine}{end}");
            fs::copy(dist.join(&name), site.join(&name)).with_context(|| format!("{name} is not built"))?;
        }
    }
    let (tools, peers) = (e2e::tools()?, site.join("peers"));
    for (package, files) in PROGRAMS {
        let from = tools.join(package).join("node_modules").join(package).join("dist");
        let to = peers.join(package.rsplit('/').next().unwrap_or_default());
        fs::create_dir_all(&to)?;
        for file in files {
            let copied = fs::copy(from.join(file), to.join(file));
            copied.with_context(|| format!("{package} is not here: `make setup-peers` installs it"))?;
        }
    }
    let bytes = onnx_prepare::widen(&fs::read(models.join(&manifest.file))?)?;
    let mut model = Model::from_bytes(&bytes)?;
    let graph = model.graph.as_mut().context("no network")?;
    let (network, weights) = describe(graph, manifest)?;
    fs::write(peers.join("network.json"), serde_json::to_vec(&network)?)?;
    fs::write(peers.join("weights.bin"), weights)?;
    // Any number of images at once; shapes for one would contradict that.
    graph.value_info.clear();
    let (size, FeatureShape { height, width, channels }) = (manifest.input_size as usize, manifest.features);
    graph.input = vec![ValueInfo::batch(&manifest.input, FLOAT, "N", &[3, size, size])];
    graph.output = vec![ValueInfo::batch(&manifest.output, FLOAT, "N", &[channels, height, width])];
    fs::write(peers.join("network.onnx"), model.to_bytes())?;
    Ok(())
}

/// The network's operations, and all their weights as float32, little endian.
fn describe(graph: &Graph, manifest: &Manifest) -> anyhow::Result<(Network, Vec<u8>)> {
    let constants: BTreeMap<&str, &Tensor> =
        graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    let (mut operations, mut weights) = (Vec::new(), Vec::new());
    for node in &graph.node {
        let operation = operation(node, &constants, &mut weights)?;
        match (operation, operations.last_mut()) {
            (Some(operation), _) => operations.push(operation),
            // An activation is computed with what stands before it.
            (None, Some(Operation::Conv { output, relu, .. })) if node.input[0] == *output => {
                (*output, *relu) = (node.output[0].clone(), true);
            }
            (None, _) => bail!("{} follows no convolution", node.output[0]),
        }
    }
    let network = Network {
        input: manifest.input.clone(),
        output: manifest.output.clone(),
        size: manifest.input_size,
        scaling: manifest.scaling,
        features: manifest.features,
        operations,
    };
    Ok((network, weights))
}

/// A node's operation; `None` for an activation.
fn operation(
    node: &Node,
    constants: &BTreeMap<&str, &Tensor>,
    weights: &mut Vec<u8>,
) -> anyhow::Result<Option<Operation>> {
    let (input, output) = (node.input[0].clone(), node.output[0].clone());
    Ok(Some(match node.op_type.as_str() {
        "Relu" => return Ok(None),
        "Conv" => {
            let of = |at: usize| -> anyhow::Result<&Tensor> {
                let name = node.input.get(at).context("a convolution without a bias")?;
                constants.get(name.as_str()).copied().with_context(|| format!("{name} is no constant"))
            };
            let (kernel, bias) = (of(1)?, of(2)?);
            let sides = kernel.dims.clone();
            let &[_, _, height, width] = sides.as_slice() else { bail!("a kernel of {sides:?}") };
            Operation::Conv {
                input,
                output,
                window: window(node, [height, width])?,
                kernel: append(&channels_last(kernel)?, weights),
                bias: append(&(dims(bias), bias.raw_data.clone()), weights),
                relu: false,
            }
        }
        "MaxPool" | "AveragePool" => {
            let size = pair(node.ints("kernel_shape")).context("a pool without a size")?;
            let window = window(node, size)?;
            if node.op_type == "MaxPool" {
                Operation::MaxPool { input, output, window }
            } else {
                Operation::AveragePool { input, output, window }
            }
        }
        "Concat" => Operation::Concat { inputs: node.input.clone(), output },
        "Add" => Operation::Add { inputs: node.input.clone(), output },
        other => bail!("TensorFlow.js is not told how to do {other}"),
    }))
}

fn pair(values: Option<&[i64]>) -> Option<[i64; 2]> {
    values?.try_into().ok()
}

fn window(node: &Node, size: [i64; 2]) -> anyhow::Result<Window> {
    let pads = node.ints("pads").unwrap_or(&[0; 4]);
    Ok(Window {
        size,
        strides: pair(node.ints("strides")).unwrap_or([1, 1]),
        pads: pads.try_into().context("pads of another number of sides")?,
    })
}

fn dims(tensor: &Tensor) -> Vec<usize> {
    tensor.dims.iter().map(|side| *side as usize).collect()
}

/// A kernel's shape and bytes, turned from filters x channels x height x width.
fn channels_last(kernel: &Tensor) -> anyhow::Result<(Vec<usize>, Vec<u8>)> {
    let shape = dims(kernel);
    let &[filters, channels, height, width] = shape.as_slice() else { bail!("a kernel of {shape:?}") };
    let (places, bytes) = (height * width, &kernel.raw_data);
    if bytes.len() != filters * channels * places * size_of::<f32>() {
        bail!("{} has {} bytes", kernel.name, bytes.len());
    }
    let mut turned = Vec::with_capacity(bytes.len());
    for place in 0..places {
        for channel in 0..channels {
            for filter in 0..filters {
                let at = ((filter * channels + channel) * places + place) * size_of::<f32>();
                turned.extend_from_slice(&bytes[at..at + size_of::<f32>()]);
            }
        }
    }
    Ok((vec![height, width, channels, filters], turned))
}

fn append((shape, bytes): &(Vec<usize>, Vec<u8>), weights: &mut Vec<u8>) -> Constant {
    let at = weights.len() / size_of::<f32>();
    weights.extend_from_slice(bytes);
    Constant { at, shape: shape.clone() }
}
