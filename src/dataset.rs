//! Labelled images, split into training and test.

use std::io::{self, Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use crate::pixels::RgbImage;
use crate::unpack;

mod cifar10;
pub mod folders;
pub mod sample;

/// One labelled image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// How many of them validate; `None` leaves it to the training's settings.
    pub validation: Option<usize>,
    /// Images that are only ever used to measure the accuracy.
    pub test: Vec<Sample>,
    /// Names of files that stood among the images and could not be read.
    pub skipped: Vec<String>,
}

/// Where a dataset comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// Drawn by this program, see [`sample`].
    Drawn,
    /// CIFAR-10's files, in any of its layouts.
    Cifar10,
    /// A zip of folders that are named by class.
    Folders,
    /// A project of the visitor's own.
    Project,
}

/// Why files are no dataset.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// There is nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// The file is no zip, and neither an archive nor a batch of CIFAR-10.
    #[error("`{0}` is no .zip, no .npz, no .tar.gz archive and no batch of CIFAR-10")]
    Unknown(String),
    /// The archive holds no batch.
    #[error("no data_batch_1.bin, data_batch_1 or test_batch in the archive")]
    NoBatch,
    /// A file of NumPy's arrays has others than CIFAR-10's.
    #[error("no array `{name}`: CIFAR-10's are x_train, y_train, x_test and y_test, not {found:?}")]
    NoArray {
        /// The array that is missing.
        name: String,
        /// The first of the files that there are.
        found: Vec<String>,
    },
    /// The zip is damaged, or packed in a way that is not read here.
    #[error("the zip cannot be read: {0}")]
    Zip(String),
    /// No folder holds an image.
    #[error("no folder holds an image")]
    NoImages,
    /// The folders make too few classes or too many.
    #[error("the folders make {0} classes; it takes 2 to 100")]
    Classes(usize),
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
        label: i64,
    },
    /// There are more images than fit into memory.
    #[error("more than {0} images")]
    TooMany(usize),
    /// The file cannot be read or unpacked to its end, or a part of it is not what it should be.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
}

/// A file that can be read from any place.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// First bytes of a zip with something in it, and of an empty one (PKWARE's APPNOTE, 4.3).
const ZIP_MARKS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// Height and width of a picture that stands for its class, at the most.
pub const EXAMPLE_SIDE: u32 = 96;
/// A picture of one's own is kept as its centre square, no larger than this: the largest input of a
/// backbone that is in use for such images.
pub const LARGEST_SIDE: u32 = 224;

/// Reads one zip of class folders, one `.npz` with Keras' arrays of CIFAR-10, or one of its archives
/// or some of the batches in them, each given with its name. `progress` gets the bytes read so far, of all files.
///
/// A file that is packed may hold so much as [`unpack::most`] says. Pictures of class folders come on top:
/// each is a packed file of its own, see [`RgbImage::decode`].
///
/// # Errors
/// [`DatasetError`] for files that are no dataset or damaged ones; nothing is used of them.
pub fn read_files<R: ReadSeek>(
    mut files: Vec<(&str, R)>,
    progress: &mut impl FnMut(u64),
) -> Result<Dataset, DatasetError> {
    if let [(_, file)] = files.as_mut_slice() {
        let mut mark = Vec::new();
        file.by_ref().take(4).read_to_end(&mut mark)?;
        file.rewind()?;
        if ZIP_MARKS.contains(&mark.as_slice()) {
            let most = unpack::most(length(file)?);
            let mut archive = ZipArchive::new(file).map_err(folders::damaged)?;
            return match cifar10::npz::is_npz(&archive) {
                true => cifar10::npz::read(&mut archive, most, progress),
                false => folders::read_archive(archive, most, progress),
            };
        }
    }
    cifar10::read_files(files, progress)
}

/// A file's length in bytes; it stands at its beginning then.
fn length(file: &mut impl Seek) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    Ok(length)
}

impl Dataset {
    /// The first training image of each class that has one, small, in the order of the classes.
    pub fn examples(&self) -> Vec<Sample> {
        let first = |class| self.train.iter().find(|sample| usize::from(sample.label) == class);
        let small = |sample: &Sample| Sample {
            image: sample.image.clone().reduced_to(EXAMPLE_SIDE),
            label: sample.label,
        };
        (0..self.classes.len()).filter_map(first).map(small).collect()
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
