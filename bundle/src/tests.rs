//! A small bundle, unpacked and served by the program in it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bottleneck::backbone::pieces::{PIECE, Pieces, sha256};
use bottleneck::backbone::{MANIFEST_VERSION, Manifest};
use serde_json::{Value, json};
use zip::ZipArchive;

use crate::bundle::{self, Entry, Parts};
use crate::licences;

const INDEX: &str = "<!doctype html><title>bottleneck</title>";

fn put(file: PathBuf, bytes: &[u8]) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, bytes).unwrap();
}

fn weights() -> Vec<u8> {
    (0..70_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn manifest(file: &str, licence: &str) -> Vec<u8> {
    let manifest = json!({
        "version": MANIFEST_VERSION, "name": "Tiny", "source": "a test", "licence": licence, "purpose": "custom",
        "file": file, "bytes": 70_000, "sha256": sha256(&weights()),
        "pieces": Pieces::of(&weights(), PIECE), "input": "input", "input_size": 32,
        "scaling": { "scale": 1.0, "offset": 0.0 }, "output": "output",
        "features": { "height": 1, "width": 1, "channels": 8 },
        "probe": { "positions": [0], "values": [0.5], "largest": 0.5 },
    });
    let bytes = serde_json::to_vec(&manifest).unwrap();
    Manifest::parse(&bytes).unwrap();
    bytes
}

/// A page, a backbone, and what lies beside them that nobody else should get.
fn fill(root: &Path) {
    put(root.join("dist/index.html"), INDEX.as_bytes());
    put(root.join("dist/snippets/one/inline.js"), b"export {}");
    put(root.join("models/inception_v3.json"), &manifest("inception_v3.onnx", "Apache-2.0"));
    put(root.join("models/inception_v3.onnx"), &weights());
    put(root.join("models/inception_v3_notop.h5"), b"weights to make it from");
    put(root.join("models/stray.onnx"), b"named by no manifest");
    put(root.join("models/README.md"), b"# Backbones");
}

/// Crates as they may be: of the registry, of an old licence's spelling, and ours.
fn crates() -> BTreeSet<licences::Entry> {
    let entry = |name: &str, version: &str, licence: &str, sha256: Option<String>| licences::Entry {
        name: name.to_owned(),
        version: version.to_owned(),
        licence: licence.to_owned(),
        sha256,
        texts: vec!["Permission is granted.".to_owned()],
    };
    BTreeSet::from([
        entry("half", "2.7.1", "MIT", Some(sha256(b"half"))),
        entry("toml", "1.2.2+spec-1.1.0", "MIT/Apache-2.0", Some(sha256(b"toml"))),
        entry("ring", "0.17.0", "see the text", Some(sha256(b"ring"))),
        entry("bottleneck", "0.1.0", "MIT OR Apache-2.0", None),
    ])
}

fn entries(root: &Path, program: &Path) -> anyhow::Result<Vec<Entry>> {
    let (site, models) = (&root.join("dist"), &root.join("models"));
    bundle::entries(&Parts { site, models, program: Some(program), crates: &crates() })
}

fn zipped(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    bundle::write(&mut bytes, entries).unwrap();
    bytes.into_inner()
}

/// The server that stands beside the tests; where only this package's are compiled, it is built now.
fn server() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let server = tests.ancestors().nth(2).unwrap().join(format!("serve{}", std::env::consts::EXE_SUFFIX));
    if !server.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "serve"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        assert!(build.status().unwrap().success());
    }
    server
}

#[test]
fn a_bundle_is_unpacked_and_served() {
    let (made, unpacked) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fill(made.path());
    let entries = entries(made.path(), &server()).unwrap();
    let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let serve = format!("serve{}", std::env::consts::EXE_SUFFIX);
    let expected = [
        "README.txt",
        "licences/backbones.txt",
        "licences/rust.txt",
        "licences/sbom.cdx.json",
        "models/inception_v3.json",
        "models/inception_v3.onnx",
        &serve,
        "site/index.html",
        "site/snippets/one/inline.js",
    ];
    assert_eq!(names, expected);
    let bytes = zipped(&entries);
    assert_eq!(sha256(&bytes), sha256(&zipped(&entries)));

    ZipArchive::new(Cursor::new(bytes)).unwrap().extract(unpacked.path()).unwrap();
    let folder = unpacked.path().join("bottleneck");
    let mut running = Command::new(folder.join(serve))
        .args(["--port", "0"])
        .env_remove("CARGO_MANIFEST_DIR")
        .current_dir(unpacked.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("what was unpacked can be started");
    let mut address = String::new();
    BufReader::new(running.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let get = |path: &str| {
        let answer = ureq::get(format!("{}/{path}", address.trim())).call();
        answer.and_then(|mut answer| answer.body_mut().read_to_vec())
    };
    let answers = ["", "models/inception_v3.onnx", "licences/backbones.txt", "licences/rust.txt"].map(get);
    running.kill().unwrap();
    running.wait().unwrap();
    let [index, model, backbones, crates] = answers.map(Result::unwrap);
    assert_eq!(index, INDEX.as_bytes());
    assert_eq!(model, weights());
    assert!(String::from_utf8(crates).unwrap().contains("half 2.7.1 | MIT"));
    let backbones = String::from_utf8(backbones).unwrap();
    for wanted in ["Tiny", "source: a test", "licence: Apache-2.0", "Apache License", &sha256(&weights())] {
        assert!(backbones.contains(wanted), "{wanted}");
    }
}

#[test]
fn the_zip_file_holds_no_clock_and_no_order_of_the_disk() {
    let made = tempfile::tempdir().unwrap();
    fill(made.path());
    let program = made.path().join("serve");
    put(program.clone(), b"program");
    let entries = entries(made.path(), &program).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(zipped(&entries))).unwrap();
    assert_eq!(archive.len(), entries.len());
    for (at, entry) in entries.iter().enumerate() {
        let file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        assert_eq!(name, format!("bottleneck/{}", entry.name));
        let mode = if name.ends_with("/serve") { 0o755 } else { 0o644 };
        assert_eq!(file.unix_mode().map(|mode| mode & 0o777), Some(mode), "{name}");
    }
}

/// The server tells versions apart by date and size: a new page of the old one's length.
#[test]
fn a_file_has_another_date_where_it_has_other_bytes() {
    let dates = |index: &str| {
        let page = Entry { name: "site/index.html".to_owned(), bytes: index.into() };
        let model = Entry { name: "models/a.onnx".to_owned(), bytes: weights() };
        let mut archive = ZipArchive::new(Cursor::new(zipped(&[model, page]))).unwrap();
        [0, 1].map(|at| archive.by_index(at).unwrap().last_modified().unwrap())
    };
    let ([model, page], [same_model, new_page]) = (dates("app-1.js"), dates("app-2.js"));
    assert_eq!(model, same_model);
    assert_ne!(page, new_page);
    assert_eq!(dates("app-1.js"), [model, page]);
}

#[test]
fn what_is_missing_is_named() {
    let made = tempfile::tempdir().unwrap();
    let root = made.path();
    let program = root.join("serve");
    let fails = |word: &str| {
        let error = format!("{:#}", entries(root, &program).unwrap_err());
        assert!(error.contains(word), "{word}: {error}");
    };
    fails("make bundle");
    put(root.join("dist/index.html"), INDEX.as_bytes());
    fails("models cannot be read");
    fs::create_dir(root.join("models")).unwrap();
    fails("cargo xtask model");
    put(root.join("models/inception_v3.json"), b"{}");
    fails("is no manifest");
    put(root.join("models/inception_v3.json"), &manifest("inception_v3.onnx", "unknown"));
    fails("inception_v3.onnx cannot be read");
    put(root.join("models/inception_v3.onnx"), b"others");
    fails("make it again");
    put(root.join("models/inception_v3.onnx"), &weights());
    fails("serve cannot be read");
    put(program.clone(), b"program");
    assert_eq!(entries(root, &program).unwrap().len(), 8);
    // Any of the page's own backbones will do, but one that only a link opens.
    fs::remove_file(root.join("models/inception_v3.json")).unwrap();
    put(root.join("models/mine.json"), &manifest("inception_v3.onnx", "unknown"));
    fails("cargo xtask model");
    fs::rename(root.join("models/mine.json"), root.join("models/efficientnet_lite0.json")).unwrap();
    assert_eq!(entries(root, &program).unwrap().len(), 8);
}

/// Holds a list of components to what CycloneDX's schema requires of them, and gives their references.
fn references(components: &Value) -> Vec<String> {
    let mut references = Vec::new();
    for component in components.as_array().unwrap() {
        let kinds = ["application", "file", "library", "machine-learning-model"];
        assert!(kinds.contains(&component["type"].as_str().unwrap()), "{component}");
        assert!(!component["name"].as_str().unwrap().is_empty(), "{component}");
        references.push(component["bom-ref"].as_str().unwrap().to_owned());
        for hash in component["hashes"].as_array().unwrap_or(&Vec::new()) {
            assert_eq!(hash["alg"], "SHA-256");
            let content = hash["content"].as_str().unwrap();
            assert!(content.len() == 64 && content.bytes().all(|byte| byte.is_ascii_hexdigit()), "{content}");
        }
        if let Some(licences) = component.get("licenses") {
            let [licence] = licences.as_array().unwrap().as_slice() else { panic!("{component}") };
            let (expression, name) = (licence["expression"].as_str(), licence["license"]["name"].as_str());
            assert!(expression.is_some() != name.is_some(), "{component}");
            assert!(expression.is_none_or(|one| spdx::Expression::parse(one).is_ok()), "{component}");
        }
        if let Some(inner) = component.get("components") {
            references.extend(self::references(inner));
        }
    }
    references
}

#[test]
fn a_site_has_the_page_at_its_top_and_no_program() {
    let made = tempfile::tempdir().unwrap();
    fill(made.path());
    let (site, models) = (&made.path().join("dist"), &made.path().join("models"));
    let entries = bundle::site_entries(&Parts { site, models, program: None, crates: &crates() }).unwrap();
    let names: BTreeSet<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let expected = [
        "data.json",
        "index.html",
        "licences/backbones.txt",
        "licences/rust.txt",
        "licences/sbom.cdx.json",
        "models/inception_v3.json",
        "models/inception_v3.onnx",
        "snippets/one/inline.js",
    ];
    assert_eq!(names, BTreeSet::from(expected));
    assert_eq!(entries.len(), expected.len());
    let bill = entries.iter().find(|entry| entry.name == "licences/sbom.cdx.json").unwrap();
    assert!(!String::from_utf8_lossy(&bill.bytes).contains("\"serve\""));
}

#[test]
fn the_bill_of_materials_names_everything_with_its_sum() {
    let made = tempfile::tempdir().unwrap();
    fill(made.path());
    let program = made.path().join("serve");
    put(program.clone(), b"program");
    let bundled = entries(made.path(), &program).unwrap();
    assert_eq!(bundled, entries(made.path(), &program).unwrap());
    let bill = bundled.iter().find(|entry| entry.name == "licences/sbom.cdx.json").unwrap();
    let bill: Value = serde_json::from_slice(&bill.bytes).unwrap();
    assert_eq!((&bill["bomFormat"], &bill["specVersion"]), (&json!("CycloneDX"), &json!("1.6")));
    let mut all = references(&json!([bill["metadata"]["component"]]));
    all.extend(references(&bill["components"]));
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "each reference once: {all:?}");

    let components = bill["components"].as_array().unwrap();
    let find = |reference: &str| {
        let inner = components.iter().flat_map(|one| one["components"].as_array()).flatten();
        let mut found = components.iter().chain(inner).filter(|one| one["bom-ref"] == reference);
        found.next().unwrap_or_else(|| panic!("{reference} is not in it"))
    };
    let sum = |bytes: &[u8]| json!([{ "alg": "SHA-256", "content": sha256(bytes) }]);
    for crate_ in crates() {
        let library = find(&format!("{}@{}", crate_.name, crate_.version));
        assert_eq!((&library["name"], &library["version"]), (&json!(crate_.name), &json!(crate_.version)));
        assert_eq!(library.get("purl").is_some(), crate_.sha256.is_some());
    }
    let toml = find("toml@1.2.2+spec-1.1.0");
    assert_eq!(toml["purl"], "pkg:cargo/toml@1.2.2%2Bspec-1.1.0");
    assert_eq!(toml["hashes"], sum(b"toml"));
    assert_eq!(toml["licenses"], json!([{ "expression": "MIT OR Apache-2.0" }]));
    assert_eq!(find("ring@0.17.0")["licenses"], json!([{ "license": { "name": "see the text" } }]));
    let network = find("models/inception_v3.json");
    assert_eq!(
        (&network["type"], &network["description"]),
        (&json!("machine-learning-model"), &json!("a test"))
    );
    assert_eq!(network["hashes"], sum(&weights()));
    assert_eq!(find("site/index.html")["hashes"], sum(INDEX.as_bytes()));
    assert_eq!(find("serve")["hashes"], sum(b"program"));
}

#[test]
fn every_crate_of_the_server_has_its_licence() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest = root.join("Cargo.toml");
    let found = licences::collect(&[licences::Root {
        manifest,
        package: "serve",
        target: "x86_64-unknown-linux-gnu",
    }])
    .unwrap();
    let names: BTreeSet<_> = found.iter().map(|entry| entry.name.as_str()).collect();
    for linked in ["serve", "axum", "rustls", "ring", "rcgen", "tokio", "std"] {
        assert!(names.contains(linked), "{linked}");
    }
    // Of its tests, of its build and of another system.
    for other in ["rqrr", "cc", "windows-sys", "yew", "idb"] {
        assert!(!names.contains(other), "{other}");
    }
    // A licence in full, where a crate brings none (`typenum` names it only), and no packed links.
    for entry in &found {
        assert!(entry.texts.iter().any(|text| text.len() > 400), "{}", entry.name);
        assert!(!entry.texts.iter().any(|text| text.starts_with("../")), "{}", entry.name);
    }
    // What comes from the registry has the lock file's sum; the workspace's own have none.
    let without: Vec<_> =
        found.iter().filter(|entry| entry.sha256.is_none()).map(|entry| &entry.name).collect();
    assert_eq!(without, ["serve", "std"]);
    let text = licences::render(&found);
    let ring = found.iter().find(|entry| entry.name == "ring").unwrap();
    assert!(text.contains(&format!("ring {} | {}", ring.version, ring.licence)));
    // Each text once, though many crates share it.
    let distinct: BTreeSet<_> = found.iter().flat_map(|entry| &entry.texts).collect();
    assert!(distinct.len() < found.len());
    assert!(distinct.iter().all(|one| text.contains(one.as_str())));
    assert_eq!(text.matches("---\n[").count(), distinct.len());
    assert_eq!(licences::standard_texts("nonsense").map_err(|_| ()), Err(()));
}
