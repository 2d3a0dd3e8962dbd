//! A person's files, read piece by piece.

use std::io;

use js_sys::Uint8Array;
use web_sys::{Blob, FileReaderSync};

use super::describe;

/// Bytes read from the browser at once: at a new place, and at the most where the reading goes on from there.
const PIECES: (usize, usize) = (1 << 16, 1 << 20);

/// Reads a file or blob from any place, without ever holding more than a piece of it.
/// Works in workers only: there the browser offers blocking reads.
pub struct BlobReader {
    blob: Blob,
    reader: FileReaderSync,
    /// Where the piece ends.
    position: f64,
    piece: io::Cursor<Vec<u8>>,
    /// Bytes of the next piece.
    next: usize,
}

impl BlobReader {
    /// A reader at the beginning of `blob`.
    ///
    /// # Errors
    /// Where the browser has no blocking reads, as on a page.
    pub fn new(blob: Blob) -> io::Result<Self> {
        let reader = FileReaderSync::new().map_err(|error| io::Error::other(describe(&error)))?;
        Ok(Self { blob, reader, position: 0.0, piece: io::Cursor::default(), next: PIECES.0 })
    }

    fn next_piece(&self) -> Result<Vec<u8>, wasm_bindgen::JsValue> {
        let end = (self.position + self.next as f64).min(self.blob.size());
        let piece = self.blob.slice_with_f64_and_f64(self.position, end)?;
        Ok(Uint8Array::new(&self.reader.read_as_array_buffer(&piece)?.into()).to_vec())
    }
}

impl io::Seek for BlobReader {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let left = self.piece.get_ref().len() as u64 - self.piece.position();
        let place = match to {
            io::SeekFrom::Start(place) => Some(place),
            io::SeekFrom::End(offset) => (self.blob.size() as u64).checked_add_signed(offset),
            io::SeekFrom::Current(offset) => (self.position as u64 - left).checked_add_signed(offset),
        };
        let place = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let begin = self.position as u64 - self.piece.get_ref().len() as u64;
        if (begin..=self.position as u64).contains(&place) {
            self.piece.set_position(place - begin);
        } else {
            // What lies beyond the end reads as nothing.
            self.position = place as f64;
            self.piece = io::Cursor::default();
            self.next = PIECES.0;
        }
        Ok(place)
    }
}

impl io::Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.position() == self.piece.get_ref().len() as u64 && self.position < self.blob.size() {
            let piece = self.next_piece().map_err(|error| io::Error::other(describe(&error)))?;
            self.position += piece.len() as f64;
            self.next = (self.next * 2).min(PIECES.1);
            self.piece = io::Cursor::new(piece);
        }
        self.piece.read(buffer)
    }
}
