//! The bundle's bill of materials, in CycloneDX 1.6: what a program needs to look for known faults in it.
//!
//! It is written out here, of the fields that a bundle has something to say in: the crate that knows the whole format
//! (`cyclonedx-bom`) brings sixteen others. The same bundle gives the same bytes: no time, no random number.

use std::collections::BTreeSet;

use bottleneck::backbone::Manifest;
use bottleneck::backbone::pieces::sha256;
use serde_json::{Value, json};

use crate::bundle::Entry;
use crate::licences;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is in a bundle.
pub struct Contents<'a> {
    /// The crates in the page and in the server.
    pub crates: &'a BTreeSet<licences::Entry>,
    /// The manifests of the networks, with their own names in the bundle.
    pub networks: &'a [(String, Manifest)],
    /// The page's files.
    pub page: &'a [Entry],
    /// The server, where there is one.
    pub program: Option<&'a Entry>,
}

/// The bill of materials, as JSON.
pub fn render(contents: &Contents) -> String {
    let mut components = vec![page(contents.page)];
    components.extend(contents.program.map(program));
    components.extend(contents.networks.iter().map(|(name, manifest)| network(name, manifest)));
    components.extend(contents.crates.iter().map(library));
    let bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": own("application", "bottleneck", "bottleneck") },
        "components": components,
    });
    format!("{bill:#}\n")
}

/// A component of ours.
fn own(kind: &str, reference: &str, name: &str) -> Value {
    let licences = licence(env!("CARGO_PKG_LICENSE"));
    json!({ "type": kind, "bom-ref": reference, "name": name, "version": VERSION, "licenses": licences })
}

fn page(files: &[Entry]) -> Value {
    let file = |Entry { name, bytes }: &Entry| {
        let hashes = hashes(&sha256(bytes));
        json!({ "type": "file", "bom-ref": name, "name": name, "hashes": hashes })
    };
    let mut page = own("application", "site", "bottleneck's page");
    page["components"] = files.iter().map(file).collect();
    page
}

fn program(Entry { name, bytes }: &Entry) -> Value {
    let mut program = own("application", name, name);
    program["hashes"] = hashes(&sha256(bytes));
    program
}

fn network(name: &str, manifest: &Manifest) -> Value {
    json!({
        "type": "machine-learning-model",
        "bom-ref": name,
        "name": manifest.name,
        "description": manifest.source,
        "hashes": hashes(&manifest.sha256),
        "licenses": licence(&manifest.licence),
    })
}

fn library(entry: &licences::Entry) -> Value {
    let licences::Entry { name, version, .. } = entry;
    let mut library = json!({
        "type": "library",
        "bom-ref": format!("{name}@{version}"),
        "name": name,
        "version": version,
        "licenses": licence(&entry.licence),
    });
    // Ours, and Rust's standard library, are no packages of the registry.
    if let Some(sum) = &entry.sha256 {
        // A purl's version has no plus.
        library["purl"] = format!("pkg:cargo/{name}@{}", version.replace('+', "%2B")).into();
        library["hashes"] = hashes(sum);
    }
    library
}

fn hashes(sum: &str) -> Value {
    json!([{ "alg": "SHA-256", "content": sum }])
}

/// An SPDX expression, or the name of what is none, such as `see the text`.
fn licence(said: &str) -> Value {
    // Older crates write a slash in place of `OR`.
    let written = spdx::Expression::canonicalize(said).ok().flatten().unwrap_or_else(|| said.to_owned());
    match spdx::Expression::parse(&written) {
        Ok(_) => json!([{ "expression": written }]),
        Err(_) => json!([{ "license": { "name": said } }]),
    }
}
