//! Downloads that go on where they broke, and are used only when their sum is right.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use md5::{Digest, Md5};

/// A host that has not answered by then is given up.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A file of somebody else's.
pub struct Source<'a> {
    /// Where it is.
    pub url: &'a str,
    /// Its MD5 sum, lower-case hexadecimal.
    pub md5: &'a str,
}

/// Brings `source` to `file`, unless it is there already. What a broken download left is kept
/// beside it and gone on with; a host that is silent for `patience` is given up.
pub fn fetch(source: &Source, file: &Path, patience: Duration) -> anyhow::Result<()> {
    if file.exists() {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = file.with_extension("part");
    let have = fs::metadata(&part).map_or(0, |metadata| metadata.len());
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_resolve(Some(patience))
        .timeout_connect(Some(patience))
        .timeout_recv_response(Some(patience))
        .build()
        .into();
    println!("downloading {}", source.url);
    let mut request = agent.get(source.url);
    if have > 0 {
        println!("  going on after {have} bytes");
        request = request.header("Range", format!("bytes={have}-"));
    }
    let mut response = request.call().with_context(|| format!("{} does not answer", source.url))?;
    let resumed = response.status() == 206;
    let mut target =
        OpenOptions::new().create(true).append(resumed).write(true).truncate(!resumed).open(&part)?;
    io::copy(&mut response.body_mut().as_reader(), &mut target)
        .context("the download broke off; the next one goes on from there")?;
    drop(target);
    let sum = md5_of(&part)?;
    if sum != source.md5 {
        fs::remove_file(&part)?;
        bail!("{} has the MD5 sum {sum} instead of {}; it was deleted", source.url, source.md5);
    }
    fs::rename(&part, file)?;
    Ok(())
}

fn md5_of(file: &Path) -> io::Result<String> {
    let (mut file, mut hasher) = (File::open(file)?, Md5::new());
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => hasher.update(&buffer[..read]),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
