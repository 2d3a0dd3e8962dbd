//! Under which licences the crates in a bundle stand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use serde::Deserialize;

/// What a file with a licence's text may be called, in lower case; a folder of this name holds some.
const NAMES: [&str; 6] = ["licen", "copying", "copyright", "notice", "unlicen", "ofl"];
/// Bytes. What is shorter only names a licence; the shortest of all, ISC's, has about 700.
const SHORTEST: usize = 400;
const RULE: &str = "--------------------------------------------------------------------------------";

/// A program of the bundle: the package it is built from, and for what.
pub struct Root<'a> {
    /// The `Cargo.toml` of the package or its workspace.
    pub manifest: PathBuf,
    /// The package's name.
    pub package: &'a str,
    /// The target's triple.
    pub target: &'a str,
}

/// A crate and the texts of its licences.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The crate's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The licence expression, or what stands for one.
    pub licence: String,
    /// The SHA-256 of its package in the registry, lower-case hexadecimal, as the lock file has it; ours have none.
    pub sha256: Option<String>,
    /// The texts.
    pub texts: Vec<String>,
}

/// The crates that become part of these programs: what is needed to build or test them only is left out.
pub fn collect(roots: &[Root]) -> anyhow::Result<BTreeSet<Entry>> {
    let mut found = BTreeSet::new();
    for root in roots {
        let metadata = MetadataCommand::new()
            .manifest_path(&root.manifest)
            .other_options(["--locked", "--filter-platform", root.target].map(str::to_owned))
            .exec()
            .with_context(|| format!("cargo cannot tell what {} depends on", root.package))?;
        let sums = sums(metadata.workspace_root.join("Cargo.lock").as_std_path())?;
        for package in linked(&metadata, root.package)? {
            found.insert(entry(package, &sums)?);
        }
    }
    found.insert(Entry {
        name: "std".to_owned(),
        version: "Rust's standard library".to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        sha256: None,
        texts: standard_texts("MIT OR Apache-2.0")?,
    });
    Ok(found)
}

/// A lock file, as far as it is read here.
#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// The SHA-256 of each package of a lock file that has one, by name and version.
type Sums = BTreeMap<(String, String), String>;

fn sums(file: &Path) -> anyhow::Result<Sums> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let lock: Lock = toml::from_str(&text).with_context(|| format!("{} is no lock file", file.display()))?;
    let packages = lock.package.into_iter();
    Ok(packages.filter_map(|one| Some(((one.name, one.version), one.checksum?))).collect())
}

/// The packages that are linked into the package `name`, itself among them.
fn linked<'a>(metadata: &'a Metadata, name: &str) -> anyhow::Result<Vec<&'a Package>> {
    let packages: BTreeMap<&PackageId, &Package> =
        metadata.packages.iter().map(|package| (&package.id, package)).collect();
    let graph = metadata.resolve.as_ref().context("cargo resolved nothing")?;
    let nodes: BTreeMap<&PackageId, _> = graph.nodes.iter().map(|node| (&node.id, node)).collect();
    let root = metadata.workspace_packages().into_iter().find(|package| package.name.as_str() == name);
    let mut waiting = vec![&root.with_context(|| format!("no package {name}"))?.id];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let normal = |kind: &cargo_metadata::DepKindInfo| kind.kind == DependencyKind::Normal;
        let node = nodes.get(id).with_context(|| format!("{id} is not resolved"))?;
        waiting.extend(node.deps.iter().filter(|one| one.dep_kinds.iter().any(normal)).map(|one| &one.pkg));
    }
    seen.into_iter()
        .map(|id| packages.get(id).copied().with_context(|| format!("{id} is not described")))
        .collect()
}

fn entry(package: &Package, sums: &Sums) -> anyhow::Result<Entry> {
    let folder = package.manifest_path.parent().context("a manifest lies in a folder")?.as_std_path();
    let named = package.license_file.as_ref().map(|file| folder.join(file.as_std_path()));
    // The packages of this repository have no source; their folder is the repository.
    let files = if package.source.is_some() { texts_in(folder)? } else { Vec::new() };
    let mut texts =
        named.into_iter().chain(files).map(|file| text(&file)).collect::<anyhow::Result<BTreeSet<_>>>()?;
    // A link that was packed as a file: its text is a path.
    texts.retain(|text| text.contains(char::is_whitespace));
    let licence = match &package.license {
        Some(licence) => licence.clone(),
        None if !texts.is_empty() => "see the text".to_owned(),
        None => bail!("{} {} names no licence", package.name, package.version),
    };
    if texts.iter().all(|text| text.len() < SHORTEST) && package.license.is_some() {
        texts.extend(standard_texts(&licence).with_context(|| package.id.to_string())?);
    }
    let texts = texts.into_iter().collect();
    let (name, version) = (package.name.to_string(), package.version.to_string());
    let sha256 = sums.get(&(name.clone(), version.clone())).cloned();
    if sha256.is_none() && package.source.is_some() {
        bail!("{name} {version} has no sum in its lock file");
    }
    Ok(Entry { name, version, licence, sha256, texts })
}

/// The files with licences in a package's folder.
fn texts_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for found in fs::read_dir(folder)? {
        let path = found?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let code = path.extension().is_some_and(|end| end == "rs" || end == "toml");
        if !NAMES.iter().any(|start| name.starts_with(start)) || code {
            continue;
        }
        if path.is_dir() {
            for inner in fs::read_dir(&path)? {
                files.push(inner?.path());
            }
        } else {
            files.push(path);
        }
    }
    files.retain(|file| file.is_file());
    Ok(files)
}

/// A text with its lines' ends made alike, so that the same text is found again.
fn text(file: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    Ok(lines.join("\n").trim_matches('\n').to_owned())
}

/// The SPDX list's texts of all licences that an expression names.
pub fn standard_texts(expression: &str) -> anyhow::Result<Vec<String>> {
    let parsed = spdx::Expression::parse_mode(expression, spdx::ParseMode::LAX)
        .with_context(|| format!("`{expression}` is no licence expression"))?;
    let texts: BTreeSet<String> = parsed
        .requirements()
        .filter_map(|requirement| requirement.req.license.id())
        .map(|licence| licence.text().trim_matches('\n').to_owned())
        .collect();
    if texts.is_empty() {
        bail!("no licence of `{expression}` is known");
    }
    Ok(texts.into_iter().collect())
}

/// One file: a table of the crates, then each text once.
pub fn render(entries: &BTreeSet<Entry>) -> String {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let mut texts: Vec<&str> = Vec::new();
    let mut table = String::new();
    for entry in entries {
        let own: Vec<String> = entry
            .texts
            .iter()
            .map(|text| {
                let number = *numbers.entry(text).or_insert_with(|| {
                    texts.push(text);
                    texts.len()
                });
                format!("[{number}]")
            })
            .collect();
        let Entry { name, version, licence, .. } = entry;
        // Writing to a string does not fail.
        let _ = writeln!(table, "{name} {version} | {licence} | {}", own.join(" "));
    }
    let mut out = format!(
        "The crates of Rust in the page and in the server: name, version | licence | texts below.\n\
         Where a crate brings no text of its own, the SPDX list's stands for it.\n\n{table}"
    );
    for (at, text) in texts.iter().enumerate() {
        let _ = write!(out, "\n{RULE}\n[{}]\n\n{text}\n", at + 1);
    }
    out
}
