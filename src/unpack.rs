//! How large a packed file may become: a few bytes can claim to be gigabytes.
//!
//! What is read from a file takes at most four times its bytes and 64 MB of memory at a time, see
//! `tests/parsers`. So what a packed file holds may be three times as long as the file and 12 MB longer;
//! the rest is for what is made of it. CIFAR-10 and photographs shrink by a tenth. What shrinks further,
//! such as drawings, is read up to this length, and beyond it where it comes unpacked.

use std::io::{self, Read};

/// Bytes that any file may unpack to.
const ALWAYS: u64 = 12 << 20;

/// Bytes that a file of `packed` bytes may unpack to, all that is in it together.
pub fn most(packed: u64) -> u64 {
    packed.saturating_mul(3).saturating_add(ALWAYS)
}

/// What is said of a file that becomes longer than that.
pub fn too_long() -> io::Error {
    let why = "it unpacks to far more than it is; unpack it first, and choose what comes out";
    io::Error::new(io::ErrorKind::FileTooLarge, why)
}

/// What is unpacked, and an error where it becomes longer than it may.
pub struct Unpacked<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Unpacked<R> {
    /// What `inner` unpacks, at most `most` bytes of it.
    pub fn new(inner: R, most: u64) -> Self {
        Self { inner, left: most }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(too_long)?;
        Ok(read)
    }
}
