//! ```text
//! build-page INDEX.html FOLDER       builds the page into FOLDER
//! build-page precache FOLDER         adds the service worker, with the list of all files, to the page in FOLDER
//! ```

use std::path::Path;

use anyhow::{Context, bail};

const USAGE: &str = "build-page INDEX.html FOLDER | build-page precache FOLDER";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["precache", folder] => {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
            build_page::precache::make(&root.join("www"), Path::new(folder))
        }
        [index, folder] => build_page::build(Path::new(index), Path::new(folder)),
        _ => bail!("{USAGE}"),
    }
}
