//! Downloads that go on where they broke, and are used only when their sum is right.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use md5::{Digest, Md5};
use ureq::Body;
use ureq::http::Response;

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
///
/// A part that is complete already is taken without asking. One that the server cannot go on with, or that makes
/// a file of another sum, starts anew, once.
///
/// # Errors
/// Where the host does not answer or refuses, where the download breaks off, and where the whole file has another
/// sum; that one is deleted.
pub fn fetch(source: &Source, file: &Path, patience: Duration) -> anyhow::Result<()> {
    if file.exists() {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let part = file.with_extension("part");
    let have = fs::metadata(&part).map_or(0, |metadata| metadata.len());
    // A download may end, and its sum be right, just before its file gets its name.
    if have > 0 && md5_of(&part)? == source.md5 {
        return Ok(fs::rename(&part, file)?);
    }
    println!("downloading {}", source.url);
    let mut response = ask(source.url, have, patience)?;
    // A server that knows no ranges answers 200, with the whole file.
    if have > 0 && [206, 416].contains(&response.status().as_u16()) {
        if first_byte(&response) == Some(have) {
            println!("  going on after {have} bytes");
            receive(response, OpenOptions::new().append(true).open(&part)?, patience)?;
            if md5_of(&part)? == source.md5 {
                return Ok(fs::rename(&part, file)?);
            }
        }
        println!("  what was there is no beginning of it; starting anew");
        fs::remove_file(&part)?;
        response = ask(source.url, 0, patience)?;
    }
    ensure!(response.status() == 200, "{} answers with the status {}", source.url, response.status());
    receive(response, File::create(&part)?, patience)?;
    let sum = md5_of(&part)?;
    if sum != source.md5 {
        fs::remove_file(&part)?;
        bail!("{} has the MD5 sum {sum} instead of {}; it was deleted", source.url, source.md5);
    }
    Ok(fs::rename(&part, file)?)
}

/// Where the bytes of a partial answer stand in the file: the first number of `Content-Range: bytes 7-15/16`. A server
/// that has nothing there says `bytes */16`.
fn first_byte(response: &Response<Body>) -> Option<u64> {
    let range = response.headers().get("Content-Range")?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

/// Asks for a file from its byte `first` on. Every status is an answer.
fn ask(url: &str, first: u64, patience: Duration) -> anyhow::Result<Response<Body>> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_resolve(Some(patience))
        .timeout_connect(Some(patience))
        .timeout_recv_response(Some(patience))
        .http_status_as_error(false)
        .build()
        .into();
    let mut request = agent.get(url);
    if first > 0 {
        request = request.header("Range", format!("bytes={first}-"));
    }
    request.call().with_context(|| format!("{url} does not answer"))
}

/// Writes the body of `response` to `target`.
fn receive(response: Response<Body>, mut target: File, patience: Duration) -> anyhow::Result<()> {
    copy(response.into_body().into_reader(), &mut target, patience)
        .context("the download broke off; the next one goes on from there")
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
