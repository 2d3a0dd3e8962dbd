//! Packages that are damaged, other ones, or there in part.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha512};

use crate::npm::{Package, bring, read};

const NAME: &str = "weights@1.2.3";
const ARCHIVE: &str = "weights-1.2.3.tgz";

/// An archive as npm gives it, with files of one name in several folders.
fn archive() -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in [
        ("package/package.json", "{}"),
        ("package/models/one/model.js", "one"),
        ("package/models/two/model.js", "two"),
        ("package/models/two/shard.js", "shard"),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn integrity(bytes: &[u8]) -> String {
    format!("sha512-{}", STANDARD.encode(Sha512::digest(bytes)))
}

/// What stands for npm: puts these bytes where npm would.
fn gives(bytes: &[u8]) -> impl FnOnce(&Path) -> anyhow::Result<()> {
    move |folder| Ok(fs::write(folder.join(ARCHIVE), bytes)?)
}

fn fails(_: &Path) -> anyhow::Result<()> {
    anyhow::bail!("nobody should be asked")
}

#[test]
fn a_package_is_asked_for_once() {
    let (folder, right) = (tempfile::tempdir().unwrap(), archive());
    let integrity = integrity(&right);
    let package = Package { name: NAME, integrity: &integrity };
    let inner = folder.path().join("new");
    let brought = bring(&package, &inner, gives(&right)).unwrap();
    assert_eq!(bring(&package, &inner, fails).unwrap(), brought);
    assert!(bring(&package, folder.path(), fails).is_err());
    assert!(format!("{:#}", bring(&package, folder.path(), |_| Ok(())).unwrap_err()).contains("npm left no"));
}

#[test]
fn another_package_of_that_name_is_refused_and_deleted() {
    let (folder, right) = (tempfile::tempdir().unwrap(), archive());
    let integrity = integrity(&right);
    let package = Package { name: NAME, integrity: &integrity };
    let mut other = right.clone();
    // Any byte counts, one in the packing's head too.
    other[4] ^= 1;
    for bytes in [&other[..], b"", &right[..right.len() - 1]] {
        let error = bring(&package, folder.path(), gives(bytes)).unwrap_err().to_string();
        assert!(error.contains(&integrity) && error.contains("it was deleted"), "{error}");
        assert!(!folder.path().join(ARCHIVE).exists());
    }
}

#[test]
fn what_is_there_in_part_is_fetched_anew() {
    let (folder, right) = (tempfile::tempdir().unwrap(), archive());
    let integrity = integrity(&right);
    let package = Package { name: NAME, integrity: &integrity };
    // A download that broke off, beside a folder that was unpacked to the half.
    fs::write(folder.path().join(ARCHIVE), &right[..right.len() / 2]).unwrap();
    fs::create_dir_all(folder.path().join("package/models/two")).unwrap();
    fs::write(folder.path().join("package/models/two/model.js"), "tw").unwrap();
    let brought = bring(&package, folder.path(), gives(&right)).unwrap();
    let files = read(&brought, "package/models/two").unwrap();
    assert_eq!(files.len(), 2);
    assert_eq!((&files["model.js"][..], &files["shard.js"][..]), (&b"two"[..], &b"shard"[..]));
}
