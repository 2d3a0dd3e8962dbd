//! Downloads that go on where they broke, and are used only when their sum is right.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
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
    let response = request.call().with_context(|| format!("{} does not answer", source.url))?;
    let resumed = response.status() == 206;
    let mut target =
        OpenOptions::new().create(true).append(resumed).write(true).truncate(!resumed).open(&part)?;
    copy(response.into_body().into_reader(), &mut target, patience)
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

/// Writes what comes from `source` to `target`, for as long as nothing keeps it waiting for `patience`. The library
/// knows no limit for a silence, only for the whole of a body.
fn copy(
    mut source: impl Read + Send + 'static,
    target: &mut impl Write,
    patience: Duration,
) -> io::Result<()> {
    let (pieces, received) = mpsc::sync_channel(4);
    // It ends with its source, or once nobody listens any more.
    thread::spawn(move || {
        loop {
            let mut piece = vec![0; 1 << 16];
            let read = source.read(&mut piece);
            let goes_on = matches!(read, Ok(1..));
            let piece = read.map(|read| {
                piece.truncate(read);
                piece
            });
            if pieces.send(piece).is_err() || !goes_on {
                break;
            }
        }
    });
    loop {
        match received.recv_timeout(patience) {
            Ok(Ok(piece)) if piece.is_empty() => return Ok(()),
            Ok(piece) => target.write_all(&piece?)?,
            Err(RecvTimeoutError::Timeout) => {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("nothing came for {} s", patience.as_secs_f32()),
                ));
            }
            Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
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
