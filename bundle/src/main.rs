//! `cargo xtask bundle [--dev | --site]`: a package of its own, since nobody who only wants to see the page should wait
//! for what reads the licences of four hundred crates.

mod bundle;
mod licences;
mod sbom;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::Context;
use lexopt::prelude::*;

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
    let (mut dev, mut site) = (false, false);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("dev") => dev = true,
            Long("site") => site = true,
            other => return Err(other.unexpected().into()),
        }
    }
    if site { bundle::make_site(root) } else { bundle::make(root, dev) }
}
