//! From packages to programs for the browser: cargo, wasm-bindgen, wasm-opt.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::html::Program;

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds `programs`, which are named by the page in `folder`, and leaves `NAME.js` and `NAME_bg.wasm` of each in
/// `into`. While cargo compiles the next package, those of the last one get their JavaScript.
///
/// # Errors
/// Where one of the tools fails, which has said why.
pub fn build(folder: &Path, programs: &[Program], into: &Path) -> anyhow::Result<()> {
    let mut packages: BTreeMap<usize, (PathBuf, Vec<&str>)> = BTreeMap::new();
    for (place, program) in programs.iter().enumerate() {
        let manifest = folder.join(&program.manifest);
        match packages.values_mut().find(|(known, _)| *known == manifest) {
            Some((_, names)) => names.push(&program.name),
            None => drop(packages.insert(place, (manifest, vec![&program.name]))),
        }
    }
    thread::scope(|scope| {
        let mut finishing = Vec::new();
        for (manifest, names) in packages.values() {
            for (name, file) in names.iter().zip(compile(manifest, names)?) {
                finishing.push(scope.spawn(move || finish(name, &file, into)));
            }
        }
        for thread in finishing {
            match thread.join() {
                Ok(outcome) => outcome?,
                Err(_) => bail!("a program's JavaScript could not be made"),
            }
        }
        Ok(())
    })
}

/// Compiles the programs `names` of a package, and gives their files.
fn compile(manifest: &Path, names: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--target", TARGET, "--manifest-path"]).arg(manifest);
    for name in names {
        cargo.args(["--bin", name]);
    }
    run(&mut cargo)?;
    // `scripts/env.sh` names it.
    let target = std::env::var_os("CARGO_TARGET_DIR").context("CARGO_TARGET_DIR says where cargo builds")?;
    let folder = Path::new(&target).join(TARGET).join("release");
    Ok(names.iter().map(|name| folder.join(name).with_extension("wasm")).collect())
}

/// Gives a compiled program its JavaScript, and shortens it.
fn finish(name: &str, file: &Path, into: &Path) -> anyhow::Result<()> {
    let mut bindgen = Bindgen::new();
    // Workers are started without being told where their module is.
    bindgen.input_path(file).out_name(name).omit_default_module_path(false).typescript(false).web(true)?;
    bindgen.generate(into).with_context(|| format!("wasm-bindgen refuses {}", file.display()))?;
    let module = into.join(format!("{name}_bg.wasm"));
    run(Command::new("wasm-opt").arg("-O1").arg(&module).arg("--output").arg(&module))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("{name} does not start"))?;
    if !status.success() {
        bail!("{name} has failed");
    }
    Ok(())
}
