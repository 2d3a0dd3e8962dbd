//! The last step of building the page: its policy, and the service worker with the list of all files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

const INDEX: &str = "index.html";
const WORKER: &str = "service-worker.js";
/// Where the page says which version it is.
const VERSION: &str = "<meta name=\"version\" content=\"";
/// What the page's policy says of its scripts; their hashes come behind it.
const SCRIPTS: &str = "script-src 'self' 'wasm-unsafe-eval'";
/// Characters of a version: enough that no two are ever equal by chance.
const VERSION_LENGTH: usize = 16;
/// A file of the site, as the service worker knows it.
#[derive(Serialize)]
struct File {
    sha256: String,
    bytes: usize,
}

/// Completes the built page in `folder` with what is made of the sources in `www`. The same page
/// gives the same files, also where they were made before.
///
/// # Errors
/// Where a file cannot be read or written, or the page has no place for its version.
pub fn make(www: &Path, folder: &Path) -> anyhow::Result<()> {
    let mut files = BTreeMap::new();
    list(folder, "", &mut files)?;
    files.remove(WORKER);

    let page = with_policy(&String::from_utf8(read(&folder.join(INDEX))?)?)?;
    let Some((before, rest)) = page.split_once(VERSION) else {
        bail!("{INDEX} has no place for its version")
    };
    let (_, after) = rest.split_once('"').context("the version has no end")?;
    // The page's own sum depends on the version, so the version is made of the page without it.
    files.insert(INDEX.to_owned(), describe(format!("{before}{after}").as_bytes()));
    let mut version = sha256(&serde_json::to_vec(&files)?);
    version.truncate(VERSION_LENGTH);
    let page = format!("{before}{VERSION}{version}\"{after}");
    fs::write(folder.join(INDEX), &page)?;
    files.insert(INDEX.to_owned(), describe(page.as_bytes()));

    let (version, list) = (serde_json::to_string(&version)?, serde_json::to_string_pretty(&files)?);
    let worker = String::from_utf8(read(&www.join(WORKER))?)?;
    fs::write(folder.join(WORKER), format!("const VERSION = {version};\nconst FILES = {list};\n\n{worker}"))?;
    let total: usize = files.values().map(|file| file.bytes).sum();
    println!("version {version}: {} files, {:.1} MB", files.len(), total as f64 / 1e6);
    Ok(())
}

/// The page with a policy that allows the scripts in it: the one that starts the program.
fn with_policy(page: &str) -> anyhow::Result<String> {
    let (before, rest) = page.split_once(SCRIPTS).context("the page has no policy for its scripts")?;
    let (_, after) = rest.split_once(';').context("the policy for scripts has no end")?;
    let hash = |script: &str| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script.as_bytes())));
    let hashes: String = inline_scripts(page).map(hash).collect();
    Ok(format!("{before}{SCRIPTS}{hashes};{after}"))
}

/// The scripts that stand in the page itself.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(script)
    })
}

/// What is in a file.
///
/// # Errors
/// With its name, where it cannot be read.
pub fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// The SHA-256 of `bytes`, in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn describe(bytes: &[u8]) -> File {
    File { sha256: sha256(bytes), bytes: bytes.len() }
}

/// Adds all files of `folder` with their paths below it.
fn list(folder: &Path, prefix: &str, files: &mut BTreeMap<String, File>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let name = format!("{prefix}{}", name.to_str().context("a file's name is no text")?);
        if path.is_dir() {
            list(&path, &format!("{name}/"), files)?;
        } else {
            files.insert(name, describe(&read(&path)?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use resvg::tiny_skia::{Pixmap, Transform};
    use resvg::usvg::{Options, Tree};

    use super::*;

    /// Pictures for where drawings are not taken: the file, its source, its size in pixels.
    const ICONS: [(&str, &str, u32); 3] = [
        ("icon-192.png", "icon.svg", 192),
        ("icon-512.png", "icon.svg", 512),
        ("icon-maskable-512.png", "icon-maskable.svg", 512),
    ];

    /// A page with these hashes in its policy, of this version.
    fn page(hashes: &str, version: &str, text: &str) -> String {
        format!(
            "<html><meta content=\"default-src 'self'; {SCRIPTS}{hashes}; img-src blob:\">\
             <meta name=\"version\" content=\"{version}\"><script>start()</script><p>{text}\
             <script src=\"start.js\"></script>"
        )
    }

    /// A built page in an empty folder of one test's own.
    fn site(name: &str) -> std::path::PathBuf {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = root.join("target/precache-tests").join(name);
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(folder.join("inner")).unwrap();
        fs::write(folder.join(INDEX), page("", "", "page")).unwrap();
        fs::write(folder.join("app.js"), "one").unwrap();
        fs::write(folder.join("inner/file.wasm"), [0, 1, 2]).unwrap();
        folder
    }

    /// The version and the list at the head of the service worker.
    fn made(folder: &Path) -> (String, serde_json::Value) {
        make(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../www"), folder).unwrap();
        let worker = fs::read_to_string(folder.join(WORKER)).unwrap();
        let rest = worker.strip_prefix("const VERSION = \"").unwrap();
        let (version, rest) = rest.split_once("\";\nconst FILES = ").unwrap();
        let (list, code) = rest.split_once(";\n\n").unwrap();
        assert!(code.contains("addEventListener(\"install\""));
        (version.to_owned(), serde_json::from_str(list).unwrap())
    }

    #[test]
    fn the_list_holds_every_file_as_it_is_on_disk() {
        let folder = site("list");
        let (version, list) = made(&folder);
        let names: Vec<_> = list.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["app.js", "index.html", "inner/file.wasm"]);
        for (name, file) in list.as_object().unwrap() {
            let bytes = fs::read(folder.join(name)).unwrap();
            assert_eq!(file["sha256"], sha256(&bytes), "{name}");
            assert_eq!(file["bytes"], bytes.len(), "{name}");
        }
        // Of `start()`, by OpenSSL: the only script that stands in the page.
        let hash = " 'sha256-DIm7WJS6ZKDYe5qFLPy+h4JFI9Bol5QmYC57mt3Fb00='";
        assert_eq!(fs::read_to_string(folder.join(INDEX)).unwrap(), page(hash, &version, "page"));
    }

    #[test]
    fn the_version_stands_for_the_files_and_nothing_else() {
        let folder = site("version");
        let first = made(&folder);
        assert_eq!(made(&folder), first, "made twice");
        assert_eq!(made(&site("version-again")), first, "made elsewhere");
        fs::write(folder.join("app.js"), "two").unwrap();
        assert_ne!(made(&folder).0, first.0);
        let folder = site("version-page");
        fs::write(folder.join(INDEX), page("", "", "another")).unwrap();
        assert_ne!(made(&folder).0, first.0);
    }

    /// They stand in the repository, so that building the page needs nothing that draws. `ICONS=1` in the
    /// environment writes them anew.
    #[test]
    fn the_icons_are_what_their_drawings_show() {
        let www = Path::new(env!("CARGO_MANIFEST_DIR")).join("../www");
        for (name, source, size) in ICONS {
            let tree = Tree::from_data(&read(&www.join(source)).unwrap(), &Options::default()).unwrap();
            let scale = size as f32 / tree.size().width();
            let mut drawn = Pixmap::new(size, size).unwrap();
            resvg::render(&tree, Transform::from_scale(scale, scale), &mut drawn.as_mut());
            if std::env::var_os("ICONS").is_some() {
                drawn.save_png(www.join(name)).unwrap();
            }
            let pixels = Pixmap::load_png(www.join(name)).unwrap();
            assert_eq!((pixels.width(), pixels.height()), (size, size), "{name}");
            assert!(pixels.data() == drawn.data(), "{name} is not what {source} shows");
            // The ground between the corner and the sign, and the dot in the middle.
            let colour = |x: u32, y: u32| {
                let pixel = pixels.pixel(x, y).unwrap().demultiply();
                (pixel.red(), pixel.green(), pixel.blue(), pixel.alpha())
            };
            assert_eq!(colour(size / 10, size / 2), (0x0b, 0x6e, 0x69, 255), "{name}");
            assert_eq!(colour(size / 2, size / 2), (255, 255, 255, 255), "{name}");
            // Systems cut a maskable icon themselves: its corners are not empty.
            assert_eq!(colour(0, 0).3 == 255, name.contains("maskable"), "{name}");
        }
    }
}
