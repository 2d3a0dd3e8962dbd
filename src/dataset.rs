//! Labelled images, split into training and test.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::pixels::RgbImage;

mod cifar10;
pub mod sample;

pub use cifar10::read_files;

/// One labelled image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The image.
    pub image: RgbImage,
    /// Index into [`Dataset::classes`].
    pub label: u16,
}

/// Labelled images in their files' own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Where the images come from.
    pub source: Source,
    /// The classes' names; a label is an index into them.
    pub classes: Vec<String>,
    /// Images to learn from; their last part serves as validation set.
    pub train: Vec<Sample>,
    /// Images that are only ever used to measure the accuracy.
    pub test: Vec<Sample>,
}

/// Where a dataset comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// Drawn by this program, see [`sample`].
    Drawn,
    /// Files in CIFAR-10's binary layout.
    Cifar10,
}

/// Why files are no dataset.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// There is nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// The file is neither an archive nor a batch of CIFAR-10.
    #[error("`{0}` is neither a .tar.gz archive nor a .bin batch of CIFAR-10")]
    Unknown(String),
    /// The archive holds no batch.
    #[error("no data_batch_1.bin or test_batch.bin in the archive")]
    NoBatch,
    /// A batch ends in the middle of an image.
    #[error("`{name}` ends {left} bytes into an image")]
    PartialRecord {
        /// The batch.
        name: String,
        /// Bytes after the last whole image.
        left: usize,
    },
    /// A label names no class.
    #[error("label {label} in `{name}` names no class")]
    Label {
        /// The batch.
        name: String,
        /// The label.
        label: u8,
    },
    /// There are more images than CIFAR-10 has, many times over.
    #[error("more than {0} images")]
    TooMany(usize),
    /// The file cannot be read or unpacked to its end.
    #[error("it cannot be read to its end: {0}")]
    Read(#[from] io::Error),
}

impl Dataset {
    /// The first training image of each class that has one, in the order of the classes.
    pub fn examples(&self) -> Vec<RgbImage> {
        let first = |class| self.train.iter().find(|sample| usize::from(sample.label) == class);
        (0..self.classes.len()).filter_map(first).map(|sample| sample.image.clone()).collect()
    }
}

/// A reader that tells how many bytes went through it.
struct Counting<R, F> {
    inner: R,
    count: u64,
    tell: F,
}

impl<R: Read, F: FnMut(u64)> Read for Counting<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        (self.tell)(self.count);
        Ok(read)
    }
}
