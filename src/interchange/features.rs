//! Bottleneck features as the notebook keeps them: one array of float32 in an `.npz` file, images x
//! height x width x channels in the dataset's order, as `numpy.savez` writes it (stored, not packed).
//!
//! All of CIFAR-10 fills 4.4 GB, so that both ways go block by block, and no more than a block is
//! ever in memory.

use std::io::{Read, Seek, Write};

use half::f16;
use serde::{Deserialize, Serialize};
use zip::read::ZipFile;
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{InterchangeError, stem};
use crate::backbone::{FeatureShape, NOTEBOOK};
use crate::npy::{self, Header};
use crate::written::Written;

/// Values that are widened or narrowed at once.
const AT_ONCE: usize = 8_192;
/// Arrays of an `.npz` file that are named; the notebook's files have one.
const MOST_ARRAYS: usize = 16;

/// The notebook's two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Features of the training images.
    Train,
    /// Features of the test images.
    Test,
}

impl Part {
    /// Both, in this order.
    pub const ALL: [Self; 2] = [Self::Train, Self::Test];

    /// The file's name: the notebook's own for the notebook's backbone, one like it for that whose
    /// manifest stands at another `address`.
    pub fn file_name(self, address: &str) -> String {
        let network = if address == NOTEBOOK { "inception" } else { stem(address) };
        let images = match self {
            Self::Train => "entrenamiento",
            Self::Test => "prueba",
        };
        format!("{network}_atributos_{images}.npz")
    }

    /// The name of the array in it.
    pub fn array(self) -> &'static str {
        match self {
            Self::Train => "atributos",
            Self::Test => "atributos_prueba",
        }
    }
}

/// Writes features to an `.npz` file, whose bytes come out piece by piece.
pub struct FeatureWriter {
    zip: ZipWriter<StreamWriter<Written>>,
    pieces: Written,
    expected: u64,
    written: u64,
}

impl FeatureWriter {
    /// Begins the file of `part` with the features of `images` images, each of `shape`.
    ///
    /// # Errors
    /// [`InterchangeError::Length`] where their number leaves 64 bits.
    pub fn new(part: Part, images: u64, shape: FeatureShape) -> Result<Self, InterchangeError> {
        let sides = [images, shape.height as u64, shape.width as u64, shape.channels as u64];
        let too_many = InterchangeError::Length { found: images, expected: u64::MAX };
        let values = sides.iter().try_fold(1_u64, |product, side| product.checked_mul(*side));
        let header = npy::header("<f4", &sides);
        let bytes = values.and_then(|values| values.checked_mul(4)?.checked_add(header.len() as u64));
        let (Some(expected), Some(bytes)) = (values, bytes) else { return Err(too_many) };
        let pieces = Written::default();
        let mut zip = ZipWriter::new_stream(pieces.clone());
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(bytes >= u64::from(u32::MAX));
        zip.start_file(format!("{}.npy", part.array()), options)?;
        zip.write_all(&header)?;
        Ok(Self { zip, pieces, expected, written: 0 })
    }

    /// Adds the features of the next images, each height x width x channels, and returns the
    /// file's next bytes.
    ///
    /// # Errors
    /// [`InterchangeError::Length`] where they are more than was said.
    pub fn push(&mut self, features: &[f16]) -> Result<Vec<u8>, InterchangeError> {
        self.written += features.len() as u64;
        if self.written > self.expected {
            return Err(InterchangeError::Length { found: self.written, expected: self.expected });
        }
        self.pieces.reserve(features.len() * 4);
        let mut wide = Vec::with_capacity(AT_ONCE.min(features.len()) * 4);
        for features in features.chunks(AT_ONCE) {
            wide.clear();
            wide.extend(features.iter().flat_map(|value| value.to_f32().to_le_bytes()));
            self.zip.write_all(&wide)?;
        }
        Ok(self.pieces.take())
    }

    /// The file's last bytes.
    ///
    /// # Errors
    /// [`InterchangeError::Length`] where there are fewer features than was said.
    pub fn finish(self) -> Result<Vec<u8>, InterchangeError> {
        if self.written != self.expected {
            return Err(InterchangeError::Length { found: self.written, expected: self.expected });
        }
        self.zip.finish()?;
        Ok(self.pieces.take())
    }
}

/// An `.npz` file, which may come from anywhere.
pub struct FeatureFile<R> {
    zip: ZipArchive<R>,
}

impl<R: Read + Seek> FeatureFile<R> {
    /// Looks at what arrays there are.
    ///
    /// # Errors
    /// [`InterchangeError::Zip`] where it is no zip file.
    pub fn open(file: R) -> Result<Self, InterchangeError> {
        Ok(Self { zip: ZipArchive::new(file)? })
    }

    /// The names of the first arrays.
    pub fn arrays(&self) -> Vec<String> {
        let names = self.zip.file_names().take(MOST_ARRAYS).flatten();
        names.filter_map(|name| name.strip_suffix(".npy").map(str::to_owned)).collect()
    }

    /// The features in `array`: float16, float32 or float64, little-endian, images x height x width
    /// x channels in C order, whose images are of `shape`.
    ///
    /// # Errors
    /// [`InterchangeError`] where there is no such array.
    pub fn features(
        &mut self,
        array: &str,
        shape: FeatureShape,
    ) -> Result<FeatureReader<'_, R>, InterchangeError> {
        let name = format!("{array}.npy");
        if self.zip.index_for_name(&name).is_none() {
            return Err(InterchangeError::NoArray { wanted: array.to_owned(), found: self.arrays() });
        }
        let mut file = self.zip.by_name(&name)?;
        let header = Header::read(&mut file)
            .map_err(|cause| InterchangeError::Array { array: array.to_owned(), cause })?;
        let sides = [shape.height, shape.width, shape.channels].map(|side| side as u64);
        let images = match header.shape.as_slice() {
            [images, rest @ ..] if *rest == sides => *images,
            _ => {
                let (array, found) = (array.to_owned(), header.shape);
                return Err(InterchangeError::Shape { array, found, expected: shape });
            }
        };
        let width = match header.descr.as_str() {
            "<f2" => Width::Two,
            "<f4" => Width::Four,
            "<f8" => Width::Eight,
            _ => return Err(InterchangeError::Type { array: array.to_owned(), descr: header.descr }),
        };
        Ok(FeatureReader { file, width, row: shape.len(), images, read: 0 })
    }
}

/// Bytes of a value.
#[derive(Clone, Copy)]
enum Width {
    Two = 2,
    Four = 4,
    Eight = 8,
}

/// Reads an array's features, a block of images at a time.
pub struct FeatureReader<'a, R: Read> {
    file: ZipFile<'a, R>,
    width: Width,
    row: usize,
    images: u64,
    read: u64,
}

impl<R: Read> FeatureReader<'_, R> {
    /// How many images' features there are, if the file is as it says.
    pub fn images(&self) -> u64 {
        self.images
    }

    /// The features of the next images, at most `images` of them, each height x width x channels;
    /// empty after the last one. Float32 and float64 are rounded to the nearest float16.
    ///
    /// # Errors
    /// [`InterchangeError`] where the file ends too early or too late or its checksum is wrong, or a
    /// value is no number or too large for float16.
    pub fn next_block(&mut self, images: usize) -> Result<Vec<f16>, InterchangeError> {
        let images = u64::try_from(images).unwrap_or(u64::MAX).min(self.images - self.read);
        let mut features = Vec::new();
        let mut bytes = vec![0; self.row.min(AT_ONCE) * self.width as usize];
        for _ in 0..images {
            let mut left = self.row;
            while left > 0 {
                let some = left.min(AT_ONCE);
                let bytes = &mut bytes[..some * self.width as usize];
                self.file.read_exact(bytes)?;
                self.narrow(bytes, &mut features)?;
                left -= some;
            }
            self.read += 1;
        }
        if self.read == self.images && self.file.read(&mut [0])? != 0 {
            // The checksum is looked at where the file ends.
            let expected = self.images.saturating_mul(self.row as u64);
            return Err(InterchangeError::Length { found: expected + 1, expected });
        }
        Ok(features)
    }

    /// Appends the values in `bytes`.
    fn narrow(&self, bytes: &[u8], features: &mut Vec<f16>) -> Result<(), InterchangeError> {
        let before = features.len();
        match self.width {
            Width::Two => features.extend(bytes.as_chunks().0.iter().map(|two| f16::from_le_bytes(*two))),
            Width::Four => {
                let values = bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four));
                features.extend(values.map(f16::from_f32));
            }
            Width::Eight => {
                let values = bytes.as_chunks().0.iter().map(|eight| f64::from_le_bytes(*eight));
                features.extend(values.map(f16::from_f64));
            }
        }
        let Some(at) = features[before..].iter().position(|value| !value.is_finite()) else { return Ok(()) };
        let value = &bytes[at * self.width as usize..];
        let value = match self.width {
            Width::Two => value.first_chunk().map_or(f64::NAN, |two| f16::from_le_bytes(*two).to_f64()),
            Width::Four => value.first_chunk().map_or(f64::NAN, |four| f64::from(f32::from_le_bytes(*four))),
            Width::Eight => value.first_chunk().map_or(f64::NAN, |eight| f64::from_le_bytes(*eight)),
        };
        Err(InterchangeError::Value { image: self.read, value })
    }
}

impl From<ZipError> for InterchangeError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => Self::Read(error),
            other => Self::Zip(other.to_string()),
        }
    }
}
