//! Tells the programs of the page which build they are of: those of two builds may not understand each other.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::{env, fs, io};

/// What decides what the programs say to each other, and what they mean by it.
const SOURCES: [&str; 5] = ["Cargo.lock", "src", "head/src", "convnet/src", "projection/src"];

fn main() -> io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let mut files = BTreeMap::new();
    for source in SOURCES {
        println!("cargo:rerun-if-changed={source}");
        read(&Path::new(&root).join(source), source, &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    println!("cargo:rustc-env=BUILD={:016x}", hasher.finish());
    Ok(())
}

/// Reads the file, or all files of the folder, at `path`, each under its path below the root.
fn read(path: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    if !path.is_dir() {
        files.insert(name.to_owned(), fs::read(path)?);
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        read(&entry.path(), &name, files)?;
    }
    Ok(())
}
