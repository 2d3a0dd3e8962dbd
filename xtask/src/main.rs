//! Development tasks.
//!
//! ```text
//! cargo xtask model [--keras FILE.h5 | --onnx FILE.onnx] [--name NAME] [--size N] [--force]
//! cargo xtask data
//! cargo xtask precache FOLDER
//! ```

mod download;
#[cfg(test)]
mod download_tests;
mod model;
mod precache;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use lexopt::prelude::*;

const USAGE: &str = "\
cargo xtask model [--keras FILE.h5 | --onnx FILE.onnx] [--name NAME] [--size N] [--force]
    makes models/NAME.onnx and models/NAME.json (NAME: inception_v3)
cargo xtask data
    downloads CIFAR-10 into data/
cargo xtask precache FOLDER
    adds the icons and the service worker to the built page in FOLDER";

/// CIFAR-10 in the binary layout, with the MD5 sum that its page gives.
const CIFAR10: download::Source<'static> = download::Source {
    url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    md5: "c32a1d4ab5d03f1284b67883e8d87530",
};

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
    let mut parser = lexopt::Parser::from_env();
    let Some(Value(task)) = parser.next()? else { bail!("{USAGE}") };
    match task.string()?.as_str() {
        "model" => model::make(&root.join("models"), &root.join("target"), model_options(&mut parser)?),
        "data" => {
            let file = root.join("data/cifar-10-binary.tar.gz");
            download::fetch(&CIFAR10, &file, download::PATIENCE)?;
            println!("{} is there; the page finds it by itself", file.display());
            Ok(())
        }
        "precache" => {
            let Some(Value(folder)) = parser.next()? else { bail!("{USAGE}") };
            precache::make(&root.join("www"), Path::new(&folder))
        }
        other => bail!("no task `{other}`\n{USAGE}"),
    }
}

fn model_options(parser: &mut lexopt::Parser) -> anyhow::Result<model::Options> {
    let mut options = model::Options { name: "inception_v3".to_owned(), ..Default::default() };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("keras") => options.keras = Some(PathBuf::from(parser.value()?)),
            Long("onnx") => options.onnx = Some(PathBuf::from(parser.value()?)),
            Long("name") => options.name = parser.value()?.string()?,
            Long("size") => options.size = Some(parser.value()?.parse()?),
            Long("force") => options.force = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let simple = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if options.name.is_empty() || !options.name.chars().all(simple) {
        bail!("--name takes letters, digits, `_` and `-`, not `{}`", options.name);
    }
    Ok(options)
}
