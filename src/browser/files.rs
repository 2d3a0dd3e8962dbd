//! A person's files, read piece by piece.

use std::io;

use js_sys::Uint8Array;
use web_sys::{Blob, FileReaderSync};

use super::describe;

/// Bytes read from the browser at once.
const PIECE: usize = 1 << 20;

/// Reads a file or blob from its beginning, without ever holding more than a piece of it.
/// Works in workers only: there the browser offers blocking reads.
pub struct BlobReader {
    blob: Blob,
    reader: FileReaderSync,
    position: f64,
    piece: io::Cursor<Vec<u8>>,
}

impl BlobReader {
    /// A reader at the beginning of `blob`.
    ///
    /// # Errors
    /// Where the browser has no blocking reads, as on a page.
    pub fn new(blob: Blob) -> io::Result<Self> {
        let reader = FileReaderSync::new().map_err(|error| io::Error::other(describe(&error)))?;
        Ok(Self { blob, reader, position: 0.0, piece: io::Cursor::default() })
    }

    fn next_piece(&self) -> Result<Vec<u8>, wasm_bindgen::JsValue> {
        let end = (self.position + PIECE as f64).min(self.blob.size());
        let piece = self.blob.slice_with_f64_and_f64(self.position, end)?;
        Ok(Uint8Array::new(&self.reader.read_as_array_buffer(&piece)?.into()).to_vec())
    }
}

impl io::Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.piece.position() == self.piece.get_ref().len() as u64 && self.position < self.blob.size() {
            let piece = self.next_piece().map_err(|error| io::Error::other(describe(&error)))?;
            self.position += piece.len() as f64;
            self.piece = io::Cursor::new(piece);
        }
        self.piece.read(buffer)
    }
}
