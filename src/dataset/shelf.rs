//! Files that stay open for as long as their pictures are in use.

use std::io::Read;

use zip::ZipArchive;

use super::{DatasetError, Opened, kept};
use crate::pixels::RgbImage;

/// A picture's file may have so many bytes: 50 megapixels of uncompressed colour.
pub const MOST_FILE_BYTES: u64 = 200_000_000;

/// Where a picture's file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spot {
    /// Which file of the shelf.
    pub file: u32,
    /// Which entry of it.
    pub entry: u32,
}

/// Open files, from which each picture can be read at any time.
#[derive(Default)]
pub struct Shelf {
    files: Vec<File>,
}

struct File {
    zip: ZipArchive<Opened>,
    /// Bytes that an entry may have.
    most: u64,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} open files", self.files.len())
    }
}

impl Shelf {
    /// Puts a zip on the shelf, whose entries may have `most` bytes each, and gives its number.
    pub fn put(&mut self, zip: ZipArchive<Opened>, most: u64) -> u32 {
        self.files.push(File { zip, most: most.min(MOST_FILE_BYTES) });
        self.files.len() as u32 - 1
    }

    /// What is in the file at `spot`; of one that is too long, what may be read.
    ///
    /// # Errors
    /// [`DatasetError`] where it is not there, damaged, or cannot be read.
    pub fn read(&mut self, spot: Spot) -> Result<Vec<u8>, DatasetError> {
        let file = self.files.get_mut(spot.file as usize);
        let file = file.ok_or_else(|| DatasetError::Zip(format!("no file {}", spot.file)))?;
        let entry = file.zip.by_index(spot.entry as usize).map_err(super::folders::damaged)?;
        let mut bytes = Vec::new();
        entry.take(file.most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The picture at `spot`, as it is kept.
    ///
    /// # Errors
    /// [`DatasetError::Gone`] where it cannot be read any more.
    pub fn picture(&mut self, spot: Spot) -> Result<RgbImage, DatasetError> {
        let gone = |why: String| DatasetError::Gone(why);
        let bytes = self.read(spot).map_err(|error| gone(error.to_string()))?;
        kept(&bytes).map_err(|error| gone(error.to_string()))
    }
}
