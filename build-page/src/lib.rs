//! Builds the page as Trunk does, from the same `index.html`.
//!
//! Trunk takes longer to compile than the page, on a machine that gets only its source; so `make` does without
//! it. It is there for whoever develops with it, and a test holds what is built here to be what Trunk builds.
//!
//! # Layout
//! [`html`] reads what the page asks for, [`programs`] builds the programs, [`precache`] lists the files for the
//! service worker.

pub mod html;
pub mod precache;
pub mod programs;

use std::fs;
use std::path::Path;

use anyhow::Context;

use html::{Asset, Link, Program};
use precache::sha256;

/// Characters of a hash in a file's name: a browser that has kept the file knows that it is the same.
const HASH: usize = 16;

/// Builds the page at `index` into the folder `dist`, which is replaced when all of it is there.
///
/// # Errors
/// Where the page asks for what is not there or cannot be built; then `dist` stays as it was.
pub fn build(index: &Path, dist: &Path) -> anyhow::Result<()> {
    let folder = index.parent().context("the page stands in no folder")?;
    let page = String::from_utf8(precache::read(index)?)?;
    let links = html::links(&page)?;
    let stage = dist.with_extension("stage");
    fs::remove_dir_all(&stage).ok();
    fs::create_dir_all(&stage)?;
    let programs: Vec<Program> = links
        .iter()
        .filter_map(|link| match &link.asset {
            Asset::Program(program) => Some(program.clone()),
            _ => None,
        })
        .collect();
    programs::build(folder, &programs, &stage)?;

    let (mut built, mut after, mut head) = (String::new(), 0, String::new());
    for Link { at, asset } in links {
        built.push_str(&page[after..at.start]);
        built.push_str(&place(folder, &asset, &stage, &mut head)?);
        after = at.end;
    }
    let (rest_of_head, body) = page[after..].split_once("</head>").context("the page has no head")?;
    fs::write(stage.join("index.html"), format!("{built}{rest_of_head}{head}</head>{body}"))?;
    fs::remove_dir_all(dist).ok();
    fs::rename(&stage, dist)?;
    Ok(())
}

/// Puts an asset into `stage`, and gives what stands in the page for it; what it needs at the head's end is added
/// to `head`.
fn place(folder: &Path, asset: &Asset, stage: &Path, head: &mut String) -> anyhow::Result<String> {
    match asset {
        Asset::File(address) => {
            let name = Path::new(address).file_name().context("a file has a name")?;
            fs::write(stage.join(name), precache::read(&folder.join(address))?)?;
            Ok(String::new())
        }
        Asset::Style(address) => {
            let bytes = precache::read(&folder.join(address))?;
            let stem = Path::new(address).file_stem().context("a file has a name")?.to_string_lossy();
            let name = format!("{stem}-{}.css", short(&bytes));
            fs::write(stage.join(&name), bytes)?;
            Ok(format!("<link rel=\"stylesheet\" href=\"./{name}\"/>"))
        }
        Asset::Program(Program { name, main: false, .. }) => {
            let loader = format!("import init from './{name}.js';await init();");
            fs::write(stage.join(format!("{name}_loader.js")), loader)?;
            Ok(String::new())
        }
        Asset::Program(Program { name, main: true, .. }) => {
            let (script, module) = (format!("{name}.js"), format!("{name}_bg.wasm"));
            let hash = short(&precache::read(&stage.join(&module))?);
            let (new_script, new_module) = (format!("{name}-{hash}.js"), format!("{name}-{hash}_bg.wasm"));
            fs::rename(stage.join(&script), stage.join(&new_script))?;
            fs::rename(stage.join(&module), stage.join(&new_module))?;
            head.push_str(&format!(
                "<link rel=\"modulepreload\" href=\"./{new_script}\" crossorigin=\"anonymous\">\
                 <link rel=\"preload\" href=\"./{new_module}\" crossorigin=\"anonymous\" as=\"fetch\" \
                 type=\"application/wasm\">"
            ));
            Ok(format!(
                "<script type=\"module\">\nimport init, * as bindings from './{new_script}';\n\
                 const wasm = await init({{ module_or_path: './{new_module}' }});\n\
                 window.wasmBindings = bindings;\n\
                 dispatchEvent(new CustomEvent(\"TrunkApplicationStarted\", {{detail: {{wasm}}}}));\n</script>"
            ))
        }
    }
}

fn short(bytes: &[u8]) -> String {
    let mut hash = sha256(bytes);
    hash.truncate(HASH);
    hash
}
