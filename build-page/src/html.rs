//! What an `index.html` asks Trunk for: its links with the attribute `data-trunk`.
//! <https://trunkrs.dev/assets/>

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context, bail};

/// What a link asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asset {
    /// A file that is copied as it is.
    File(String),
    /// A style sheet.
    Style(String),
    /// A program.
    Program(Program),
}

/// A program in Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The package's `Cargo.toml`, seen from the page.
    pub manifest: String,
    /// Its name in the package.
    pub name: String,
    /// Whether it is started by the page itself; others are workers, and started by their names.
    pub main: bool,
}

/// A link and where it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its bytes, from `<` to `>`.
    pub at: Range<usize>,
    /// What it asks for.
    pub asset: Asset,
}

/// The links for Trunk in `page`, in their order.
///
/// # Errors
/// Where one asks for something that is not done here.
pub fn links(page: &str) -> anyhow::Result<Vec<Link>> {
    let mut links = Vec::new();
    for (begin, _) in page.match_indices("<link") {
        let length = page[begin..].find('>').context("a link has no end")?;
        let at = begin..begin + length + 1;
        let attributes =
            attributes(page[at.clone()].trim_start_matches("<link").trim_end_matches(['/', '>']));
        if attributes.contains_key("data-trunk") {
            let asset =
                asset(&attributes).with_context(|| format!("{} cannot be followed", &page[at.clone()]))?;
            links.push(Link { at, asset });
        }
    }
    Ok(links)
}

fn asset(attributes: &BTreeMap<&str, &str>) -> anyhow::Result<Asset> {
    let get = |name: &str| attributes.get(name).copied();
    let address = get("href").context("it has no `href`")?.to_owned();
    Ok(match get("rel") {
        Some("copy-file") => Asset::File(address),
        Some("css") => Asset::Style(address),
        Some("rust") => {
            let main = match (get("data-type"), get("data-bindgen-target"), get("data-loader-shim")) {
                (Some("main"), None, None) => true,
                (Some("worker"), Some("web"), Some(_)) => false,
                _ => bail!("a program is `main`, or a `worker` for the target `web` with a loader"),
            };
            if get("data-wasm-opt") != Some("1") {
                bail!("programs are shortened at level 1");
            }
            let name = get("data-bin").context("it has no `data-bin`")?.to_owned();
            Asset::Program(Program { manifest: address, name, main })
        }
        other => bail!("no asset is `{other:?}`"),
    })
}

/// The attributes of a tag, whose values stand between double quotes; empty where there is none.
fn attributes(mut tag: &str) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    loop {
        tag = tag.trim_start();
        let end = tag.find(|letter: char| letter == '=' || letter.is_whitespace()).unwrap_or(tag.len());
        let (name, rest) = tag.split_at(end);
        if name.is_empty() {
            return found;
        }
        let value = rest.strip_prefix("=\"").and_then(|rest| rest.split_once('"'));
        let (value, rest) = value.unwrap_or(("", rest.trim_start_matches('=')));
        found.insert(name, value);
        tag = rest;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn only(link: &str) -> anyhow::Result<Asset> {
        let page = format!("<head><link rel=\"icon\" href=\"a.svg\" />{link}</head>");
        let mut links = links(&page)?;
        assert_eq!(links.len(), 1, "{link}");
        let Link { at, asset } = links.remove(0);
        assert_eq!(&page[at], link);
        Ok(asset)
    }

    #[test]
    fn links_say_what_the_page_needs() {
        let program = |main| {
            let (manifest, name) = ("../Cargo.toml".to_owned(), "app".to_owned());
            Asset::Program(Program { manifest, name, main })
        };
        let main = "<link data-trunk rel=\"rust\" href=\"../Cargo.toml\" data-type=\"main\" data-bin=\"app\" data-wasm-opt=\"1\" />";
        assert_eq!(only(main).unwrap(), program(true));
        let worker = main.replace(
            "data-type=\"main\"",
            "data-type=\"worker\"\n data-bindgen-target=\"web\" data-loader-shim",
        );
        assert_eq!(only(&worker).unwrap(), program(false));
        assert_eq!(
            only("<link rel=\"css\" href=\"a.css\" data-trunk />").unwrap(),
            Asset::Style("a.css".to_owned())
        );
        assert_eq!(
            only("<link data-trunk rel=\"copy-file\" href=\"a b.png\">").unwrap(),
            Asset::File("a b.png".to_owned())
        );
    }

    #[test]
    fn what_is_not_done_here_is_refused() {
        for link in [
            "<link data-trunk rel=\"copy-file\" />",
            "<link data-trunk rel=\"sass\" href=\"a.scss\" />",
            "<link data-trunk href=\"a\" />",
            "<link data-trunk rel=\"rust\" href=\"Cargo.toml\" data-type=\"main\" data-bin=\"app\" />",
            "<link data-trunk rel=\"rust\" href=\"Cargo.toml\" data-type=\"worker\" data-bin=\"a\" data-wasm-opt=\"1\" />",
        ] {
            let error = only(link).unwrap_err();
            assert!(error.to_string().contains("cannot be followed"), "{link}: {error:#}");
        }
        assert!(links("<link data-trunk rel=\"css\"").is_err());
    }
}
