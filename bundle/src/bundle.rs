//! Packs everything a classroom needs into one zip file.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use bottleneck::backbone::{Manifest, OFFERED, Purpose};
use cargo_metadata::MetadataCommand;
use sha2::{Digest, Sha256};
use walkdir::WalkDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::licences::{self, Root};
use crate::sbom::{self, Contents};

/// The folder that the zip file unpacks to.
const TOP: &str = "bottleneck";
const README: &str = include_str!("bundle.txt");
const WASM: &str = "wasm32-unknown-unknown";

/// A file of the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it goes, such as `site/index.html`.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What a bundle is made of.
pub struct Parts<'a> {
    /// The built page.
    pub site: &'a Path,
    /// The folder of the backbones.
    pub models: &'a Path,
    /// The server; `None` where somebody else serves.
    pub program: Option<&'a Path>,
    /// The crates in the page and in the server.
    pub crates: &'a BTreeSet<licences::Entry>,
}

/// Builds the server and writes `bottleneck-VERSION-TARGET.zip` into the target folder. With `dev` it takes the
/// server that the tests have built, and the file's name says so.
pub fn make(root: &Path, dev: bool) -> anyhow::Result<()> {
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    let target = host()?;
    if !dev {
        println!("building the server for {target}");
        let status = Command::new(cargo())
            .args(["build", "--quiet", "--release", "--package", "serve"])
            .current_dir(root)
            .status()?;
        if !status.success() {
            bail!("the server could not be built");
        }
    }
    let folder = metadata.target_directory.join(if dev { "debug" } else { "release" });
    let program = folder.join(format!("serve{}", std::env::consts::EXE_SUFFIX));
    println!("collecting licences");
    let root_of = |manifest: &str, package, target| Root { manifest: root.join(manifest), package, target };
    let crates = licences::collect(&[
        root_of("Cargo.toml", "bottleneck", WASM),
        root_of("engines/wonnx/Cargo.toml", "engine_webgpu", WASM),
        root_of("Cargo.toml", "serve", &target),
    ])?;
    let entries = entries(&Parts {
        site: &root.join("dist"),
        models: &root.join("models"),
        program: Some(program.as_std_path()),
        crates: &crates,
    })?;
    let kind = if dev { "-dev" } else { "" };
    let name = format!("bottleneck-{}-{target}{kind}.zip", env!("CARGO_PKG_VERSION"));
    let file = metadata.target_directory.join(name).into_std_path_buf();
    let part = file.with_extension("part");
    write(fs::File::create(&part)?, &entries)?;
    fs::rename(&part, &file)?;
    let size = fs::metadata(&file)?.len() as f64 / 1e6;
    println!("made {} ({size:.1} MB): {} files, {} crates", file.display(), entries.len(), crates.len());
    Ok(())
}

/// Writes `site` into the target folder: the page, the backbones and everybody's licences, for any host of files.
pub fn make_site(root: &Path) -> anyhow::Result<()> {
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    println!("collecting licences");
    let root_of = |manifest: &str, package| Root { manifest: root.join(manifest), package, target: WASM };
    let crates = licences::collect(&[
        root_of("Cargo.toml", "bottleneck"),
        root_of("engines/wonnx/Cargo.toml", "engine_webgpu"),
    ])?;
    let (site, models) = (&root.join("dist"), &root.join("models"));
    let entries = site_entries(&Parts { site, models, program: None, crates: &crates })?;
    let folder = metadata.target_directory.join("site").into_std_path_buf();
    let stage = folder.with_extension("stage");
    fs::remove_dir_all(&stage).ok();
    for Entry { name, bytes } in &entries {
        let file = stage.join(name);
        fs::create_dir_all(file.parent().unwrap_or(&stage))?;
        fs::write(file, bytes)?;
    }
    fs::remove_dir_all(&folder).ok();
    fs::rename(&stage, &folder)?;
    let bytes: usize = entries.iter().map(|entry| entry.bytes.len()).sum();
    println!("made {} ({:.1} MB): {} files", folder.display(), bytes as f64 / 1e6, entries.len());
    Ok(())
}

/// The files of a site without a server of ours, by their addresses below the page.
pub fn site_entries(parts: &Parts) -> anyhow::Result<Vec<Entry>> {
    let mut entries = entries(parts)?;
    for entry in &mut entries {
        if let Some(name) = entry.name.strip_prefix("site/") {
            entry.name = name.to_owned();
        }
    }
    // The page asks which data sets there are.
    entries.push(Entry { name: "data.json".to_owned(), bytes: b"[]\n".to_vec() });
    Ok(entries)
}

fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// The triple of this machine's programs.
fn host() -> anyhow::Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc does not start")?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not name its host")?.to_owned())
}

/// The bundle's files, sorted by name.
pub fn entries(parts: &Parts) -> anyhow::Result<Vec<Entry>> {
    let page = site(parts.site)?;
    let (models, networks, texts) = backbones(parts.models)?;
    let program = parts.program.map(program).transpose()?;
    let bill = sbom::render(&Contents {
        crates: parts.crates,
        networks: &networks,
        page: &page,
        program: program.as_ref(),
    });
    let readme = program.is_some().then(|| ("README.txt", README.to_owned()));
    let texts = [
        ("licences/rust.txt", licences::render(parts.crates)),
        ("licences/backbones.txt", texts),
        ("licences/sbom.cdx.json", bill),
    ];
    let mut entries = [page, models, program.into_iter().collect()].concat();
    for (name, text) in texts.into_iter().chain(readme) {
        entries.push(Entry { name: name.to_owned(), bytes: text.into_bytes() });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

fn program(file: &Path) -> anyhow::Result<Entry> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let name = file.file_name().context("the server has a name")?.to_string_lossy().into_owned();
    Ok(Entry { name, bytes })
}

/// All files of the page.
fn site(folder: &Path) -> anyhow::Result<Vec<Entry>> {
    if !folder.join("index.html").is_file() {
        bail!("there is no page in {}: `make bundle` builds it first", folder.display());
    }
    let mut entries = Vec::new();
    for found in WalkDir::new(folder) {
        let found = found?;
        if found.path_is_symlink() {
            bail!("{} is a link: a bundle holds files only", found.path().display());
        }
        if !found.file_type().is_file() {
            continue;
        }
        let inside = found.path().strip_prefix(folder)?;
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        entries.push(Entry { name: format!("site/{}", parts.join("/")), bytes: fs::read(found.path())? });
    }
    Ok(entries)
}

/// The manifests with their own names in the bundle.
type Networks = Vec<(String, Manifest)>;

/// The files of each manifest and its network, the manifests, and what is to be known of the networks' licences.
fn backbones(folder: &Path) -> anyhow::Result<(Vec<Entry>, Networks, String)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("{} cannot be read", folder.display()))?
        .map(|found| found.map(|found| found.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "json"));
    files.sort();
    let opened_by_itself =
        |file: &PathBuf| OFFERED.iter().any(|address| Path::new(address).file_name() == file.file_name());
    if !files.iter().any(opened_by_itself) {
        bail!(
            "in {} there is no backbone that the page opens by itself: call `cargo xtask model`, or \
             `cargo xtask model --light`",
            folder.display()
        );
    }
    let (mut entries, mut networks) = (Vec::<Entry>::new(), Vec::new());
    let mut text = String::from("The backbones in models/.\n");
    for file in files {
        let said = fs::read(&file)?;
        let manifest =
            Manifest::parse(&said).with_context(|| format!("{} is no manifest", file.display()))?;
        let network = folder.join(&manifest.file);
        let bytes = fs::read(&network).with_context(|| format!("{} cannot be read", network.display()))?;
        if bottleneck::backbone::pieces::sha256(&bytes) != manifest.sha256 {
            bail!("{} is not what its manifest names: make it again", network.display());
        }
        if manifest.purpose == Purpose::Development {
            println!("{} has development weights: poor accuracy ({})", manifest.file, manifest.source);
        }
        let Manifest { name, source, licence, sha256, .. } = &manifest;
        text.push_str(&format!(
            "\n{}: {name}\nsource: {source}\nlicence: {licence}\nSHA-256: {sha256}\n",
            manifest.file
        ));
        // A backbone of one's own may have a licence that no list knows.
        for standard in licences::standard_texts(licence).unwrap_or_default() {
            text.push_str(&format!("\n{standard}\n"));
        }
        let json = file.file_name().unwrap_or_default().to_string_lossy();
        let json = format!("models/{json}");
        entries.push(Entry { name: json.clone(), bytes: said });
        let name = format!("models/{}", manifest.file);
        networks.push((json, manifest));
        if !entries.iter().any(|entry| entry.name == name) {
            entries.push(Entry { name, bytes });
        }
    }
    Ok((entries, networks, text))
}

/// A date drawn from a file's bytes. The server tells versions of a file apart by date and size,
/// so a fixed date would let a browser keep an old page of the same length; and a clock's date would
/// make each bundle another.
fn date(bytes: &[u8]) -> anyhow::Result<DateTime> {
    let digest = Sha256::digest(bytes);
    let part = |at: usize, of: u8| digest[at] % of;
    let year = 1981 + u16::from(part(0, 40));
    let (month, day) = (1 + part(1, 12), 1 + part(2, 28));
    // A zip file counts seconds in pairs.
    Ok(DateTime::from_date_and_time(year, month, day, part(3, 24), part(4, 60), 2 * part(5, 30))?)
}

/// Writes the zip file. The same entries give the same bytes.
pub fn write(to: impl Write + Seek, entries: &[Entry]) -> anyhow::Result<()> {
    let mut zip = ZipWriter::new(to);
    for Entry { name, bytes } in entries {
        let program = name == "serve" || name == "serve.exe";
        // Float16 weights hardly shrink.
        let stored = name.ends_with(".onnx");
        let options = SimpleFileOptions::default()
            .last_modified_time(date(bytes)?)
            .unix_permissions(if program { 0o755 } else { 0o644 })
            .compression_method(if stored { CompressionMethod::Stored } else { CompressionMethod::Deflated });
        zip.start_file(format!("{TOP}/{name}"), options)?;
        zip.write_all(bytes)?;
    }
    zip.finish()?;
    Ok(())
}
