//! A backbone's file in pieces, so that a download that broke goes on where it broke.
//!
//! The manifest names the SHA-256 of each piece. [`bring`] takes from a [`Depot`] what is stored
//! there and asks the server for the rest only. A piece counts once its sum is right, wherever
//! it comes from; it is stored before the next one is waited for.

use std::collections::HashSet;
use std::ops::Range;

use futures::StreamExt;
use futures::stream::LocalBoxStream;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{BackboneError, Manifest};

/// Length in bytes of the pieces that are made today: so much is lost by a break at most.
pub const PIECE: u64 = 2 << 20;
/// Length in bytes of the longest piece that is read: each stands in memory as a whole.
pub const LONGEST: u64 = 16 << 20;
/// Milliseconds before each further try of a download that brings nothing.
pub const WAITS: [u32; 4] = [1_000, 2_000, 4_000, 8_000];

/// A file as pieces of one length, the last of which may be shorter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pieces {
    /// Length in bytes of each piece but the last.
    pub bytes: u64,
    /// SHA-256 of each piece in the file's order, in lower-case hexadecimal.
    pub sha256: Vec<String>,
}

impl Pieces {
    /// The pieces of `file`, each of `bytes` bytes, which is at least 1.
    pub fn of(file: &[u8], bytes: u64) -> Self {
        Self { bytes, sha256: file.chunks(bytes as usize).map(sha256).collect() }
    }

    /// What is wrong with these as pieces of a file of `total` bytes.
    pub(super) fn fault(&self, total: u64) -> Option<String> {
        if !(1..=LONGEST).contains(&self.bytes) {
            return Some(format!("pieces of {} bytes", self.bytes));
        }
        if self.sha256.is_empty() || self.sha256.len() as u64 != total.div_ceil(self.bytes) {
            return Some(format!(
                "{} pieces of {} bytes for a file of {total}",
                self.sha256.len(),
                self.bytes
            ));
        }
        self.sha256.iter().find(|sum| !is_sha256(sum)).map(|sum| format!("SHA-256 `{sum}` of a piece"))
    }

    /// Where piece `at` stands in a file of `total` bytes.
    fn range(&self, at: usize, total: u64) -> Range<u64> {
        let begin = at as u64 * self.bytes;
        begin..(begin + self.bytes).min(total)
    }
}

/// Whether `text` is a SHA-256 in hexadecimal.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The SHA-256 of `bytes` in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Two digits for each byte, lower-case.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How much of a backbone's file is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Download {
    /// Bytes that are here, for this visit at least.
    pub done: u64,
    /// Bytes of them that are stored, for a visit without the internet.
    pub kept: u64,
    /// Bytes in all.
    pub total: u64,
    /// Whether more are coming in.
    pub running: bool,
}

impl Download {
    /// What `stored` holds of the file that `manifest` names.
    pub fn of(manifest: &Manifest, stored: &HashSet<String>) -> Self {
        let lengths = manifest.pieces.sha256.iter().enumerate().map(|(at, sum)| {
            let range = manifest.pieces.range(at, manifest.bytes);
            if stored.contains(sum) { range.end - range.start } else { 0 }
        });
        let kept = lengths.sum();
        Self { done: kept, kept, total: manifest.bytes, running: false }
    }

    /// Whether the whole file is stored.
    pub fn is_kept(&self) -> bool {
        self.kept == self.total
    }
}

/// Pieces in `stored` that none of `manifests` names.
pub fn unnamed(stored: &HashSet<String>, manifests: &[Manifest]) -> Vec<String> {
    let named: HashSet<&String> = manifests.iter().flat_map(|manifest| &manifest.pieces.sha256).collect();
    stored.iter().filter(|sum| !named.contains(sum)).cloned().collect()
}

/// The manifest of which `stored` holds most; the first of equals.
pub fn best_kept(manifests: Vec<Manifest>, stored: &HashSet<String>) -> Option<Manifest> {
    let missing = |manifest: &Manifest| {
        let download = Download::of(manifest, stored);
        download.total - download.kept
    };
    manifests.into_iter().min_by_key(missing)
}

/// A server's answer: the file's bytes from some place on.
pub struct Answer {
    /// Where in the file the body begins: where it was asked for, or at 0 from a server that
    /// knows no ranges.
    pub begin: u64,
    /// The bytes as they come, until the end or a break.
    pub body: LocalBoxStream<'static, Result<Vec<u8>, String>>,
}

/// Why a server was of no help, in words for the small print.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// It may help later.
    #[error("{0}")]
    Broken(String),
    /// It does not have the file.
    #[error("{0}")]
    Refused(String),
}

/// Where pieces are stored, and where they come from.
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait Depot {
    /// A piece that is part of the whole file.
    type Part;

    /// The SHA-256 under which pieces are stored; none where nothing can be stored.
    async fn stored(&self) -> HashSet<String>;

    /// The piece stored under this SHA-256, damaged or not.
    async fn read(&self, sha256: &str) -> Option<Vec<u8>>;

    /// Stores a piece in place of whatever stood there.
    async fn write(&self, sha256: &str, bytes: &[u8]) -> Result<(), String>;

    /// Takes a piece out of this program's memory.
    fn part(&self, bytes: &[u8]) -> Result<Self::Part, String>;

    /// Asks the server for a range of the file.
    async fn ask(&self, range: Range<u64>) -> Result<Answer, AskError>;

    /// Lets so many milliseconds pass.
    async fn sleep(&self, milliseconds: u32);
}

/// The whole file that `manifest` names, in order, from what `depot` has stored and else from the
/// server. `progress` hears of each piece.
///
/// # Errors
/// [`BackboneError::File`] where the server does not have the file or none of [`WAITS`] helped.
/// What has come is stored: the next call goes on from there.
pub async fn bring<D: Depot>(
    depot: &D,
    manifest: &Manifest,
    progress: &dyn Fn(Download),
) -> Result<Vec<D::Part>, BackboneError> {
    let stored = depot.stored().await;
    let whole = Sha256::new();
    let mut arrival = Arrival { depot, manifest, stored, unkept: 0, progress, parts: Vec::new(), whole };
    arrival.tell();
    arrival.run().await.map_err(BackboneError::File)?;
    let found = hexadecimal(&arrival.whole.finalize());
    if !found.eq_ignore_ascii_case(&manifest.sha256) {
        let why = format!("SHA-256 {found} instead of {}", manifest.sha256);
        return Err(BackboneError::File(why));
    }
    Ok(arrival.parts)
}

/// A file that is coming together, from its beginning on.
struct Arrival<'a, D: Depot> {
    depot: &'a D,
    manifest: &'a Manifest,
    stored: HashSet<String>,
    /// Bytes that are here and could not be stored.
    unkept: u64,
    progress: &'a dyn Fn(Download),
    /// The pieces that are right so far: the next one's number is their count.
    parts: Vec<D::Part>,
    whole: Sha256,
}

impl<D: Depot> Arrival<'_, D> {
    async fn run(&mut self) -> Result<(), String> {
        let mut waits = WAITS.iter();
        while let Some(sum) = self.manifest.pieces.sha256.get(self.parts.len()) {
            if self.stored.contains(sum) {
                self.take_stored(sum).await?;
                continue;
            }
            let before = self.parts.len();
            let outcome = self.take_missing().await;
            if self.parts.len() > before {
                waits = WAITS.iter();
            }
            match (outcome, waits.as_slice().first()) {
                (Ok(()), _) => {}
                (Err(AskError::Refused(why)), _) | (Err(AskError::Broken(why)), None) => return Err(why),
                (Err(AskError::Broken(_)), Some(&wait)) => {
                    waits.next();
                    self.depot.sleep(wait).await;
                }
            }
        }
        Ok(())
    }

    /// The next piece from the store; a damaged one counts as missing from then on.
    async fn take_stored(&mut self, sum: &str) -> Result<(), String> {
        match self.depot.read(sum).await {
            Some(bytes) if sha256(&bytes).eq_ignore_ascii_case(sum) => self.push(&bytes),
            _ => {
                self.stored.remove(sum);
                self.tell();
                Ok(())
            }
        }
    }

    /// The next piece from the server. One is asked for at a time, since a browser throws away
    /// what it has received and not handed out when a connection breaks.
    async fn take_missing(&mut self) -> Result<(), AskError> {
        let pieces = &self.manifest.pieces;
        let begin = self.parts.len();
        let asked = pieces.range(begin, self.manifest.bytes);
        let mut answer = self.depot.ask(asked.clone()).await?;
        if answer.begin != asked.start && answer.begin != 0 {
            return Err(AskError::Broken(format!("bytes from {} instead of {}", answer.begin, asked.start)));
        }
        // A server that knows no ranges sends what is here already once more, and then all the rest.
        let first = (answer.begin / pieces.bytes) as usize;
        let mut buffer: Vec<u8> = Vec::new();
        for at in first..pieces.sha256.len() {
            let range = pieces.range(at, self.manifest.bytes);
            let length = (range.end - range.start) as usize;
            while buffer.len() < length {
                match answer.body.next().await {
                    Some(Ok(bytes)) => buffer.extend_from_slice(&bytes),
                    Some(Err(why)) => return Err(AskError::Broken(why)),
                    None if buffer.is_empty() && at > begin => return Ok(()),
                    None => {
                        let come = range.start + buffer.len() as u64;
                        return Err(AskError::Broken(format!("it ended after {come} bytes")));
                    }
                }
            }
            let rest = buffer.split_off(length);
            if at >= begin {
                self.take_fetched(at, &buffer).await?;
            }
            buffer = rest;
        }
        Ok(())
    }

    async fn take_fetched(&mut self, at: usize, bytes: &[u8]) -> Result<(), AskError> {
        let sum = &self.manifest.pieces.sha256[at];
        let found = sha256(bytes);
        if !found.eq_ignore_ascii_case(sum) {
            return Err(AskError::Broken(format!("piece {at} has SHA-256 {found} instead of {sum}")));
        }
        if !self.stored.contains(sum) {
            match self.depot.write(sum, bytes).await {
                Ok(()) => drop(self.stored.insert(sum.clone())),
                // Where there is no room the file is used all the same, for this visit.
                Err(_) => self.unkept += bytes.len() as u64,
            }
        }
        self.push(bytes).map_err(AskError::Refused)?;
        self.tell();
        Ok(())
    }

    fn tell(&self) {
        let known = Download::of(self.manifest, &self.stored);
        (self.progress)(Download { done: known.kept + self.unkept, running: true, ..known });
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.whole.update(bytes);
        self.parts.push(self.depot.part(bytes)?);
        Ok(())
    }
}
