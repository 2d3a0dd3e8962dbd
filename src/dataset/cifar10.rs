//! CIFAR-10's files, in its three layouts. <https://www.cs.toronto.edu/~kriz/cifar.html>
//!
//! The binary one is read here: batches of records, a label byte and 3,072 pixel bytes each (planes
//! red, green, blue of 32 x 32). The one for Python is in [`python`], Keras' arrays in [`npz`].

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Chain, Cursor, Read};
use std::rc::Rc;

use flate2::read::GzDecoder;

use super::{Around, Counting, Dataset, DatasetError, Opened, Sample, So, Source, length};
use crate::pixels::RgbImage;
use crate::unpack::{self, Unpacked};

pub mod npz;
mod pickle;
mod python;

const SIDE: u32 = 32;
const PLANE: usize = (SIDE * SIDE) as usize;
const PIXELS: usize = 3 * PLANE;
const RECORD: usize = 1 + PIXELS;
/// The classes in the order of their labels, for files without `batches.meta.txt`.
const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
/// Far more images than CIFAR-10's 60,000, and far fewer than would fill the memory.
const MOST_IMAGES: usize = 200_000;
/// Images after which it is told how far the reading has come.
const TOLD_EVERY: usize = 100;
/// Bytes of class names that are read at the most.
const MOST_NAMES: u64 = 10_000;
/// First bytes of a gzip file (RFC 1952), and where a tar file has its mark (POSIX ustar).
const GZIP: [u8; 2] = [0x1f, 0x8b];
const TAR_MARK: (usize, &[u8]) = (257, b"ustar");
/// Bytes that tell the formats apart.
const HEADER: usize = 512;

/// A batch's place in the order: training batches by number, then those without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    Train(u32),
    Test,
}

/// What was read so far.
pub struct Batches<'a, A> {
    around: &'a mut A,
    /// Bytes read of all files.
    bytes: Rc<Cell<u64>>,
    images: usize,
    parts: BTreeMap<Part, Vec<Sample>>,
    classes: Vec<String>,
}

/// Reads one archive (`cifar-10-binary.tar.gz` or `cifar-10-python.tar.gz`, or its `.tar`), or
/// single batches of either, in any order, each given with its name.
///
/// Files named `test_batch` or `test_batch.bin` are test images, all others training images. Without
/// any test batch the last sixth of the images becomes the test set, CIFAR-10's own share.
///
/// # Errors
/// [`DatasetError`] for files that are no dataset or damaged ones; nothing is used of them.
pub async fn read_files(
    files: Vec<(&str, Opened)>,
    around: &mut impl Around,
) -> Result<Dataset, DatasetError> {
    let mut batches = Batches::new(around);
    for (number, (name, mut file)) in files.into_iter().enumerate() {
        let most = unpack::most(length(&mut file)?);
        let mut counting = Counting { inner: file, count: Rc::clone(&batches.bytes) };
        let mut header = Vec::new();
        counting.by_ref().take(HEADER as u64).read_to_end(&mut header)?;
        let kind = (header.starts_with(&GZIP), is_tar(&header), name.ends_with(".bin"));
        let pickled = python::is_pickle(&header);
        if header.is_empty() {
            return Err(DatasetError::Empty);
        }
        let whole = Cursor::new(header).chain(&mut counting);
        match kind {
            (true, _, _) => batches.read_gzip(name, whole, most).await?,
            (_, true, _) => batches.read_archive(whole).await?,
            (_, _, true) => batches.read_batch(name, number as u32, whole).await?,
            _ if pickled => {
                python::read_batch(&mut batches, name, Part::of(name, number as u32), whole).await?;
            }
            _ => return Err(DatasetError::Unknown(name.to_owned())),
        }
        batches.goes_on().await?;
    }
    batches.into_dataset()
}

impl Part {
    /// The part that a batch of this name is; `fallback` is its place where the name has no number.
    fn of(name: &str, fallback: u32) -> Self {
        let stem = name.trim_end_matches(".bin");
        match stem {
            "test_batch" => Self::Test,
            _ => Self::Train(stem.trim_start_matches("data_batch_").parse().unwrap_or(fallback)),
        }
    }
}

/// The image of 3,072 values, planes red, green, blue.
fn planes(planes: &[u8]) -> RgbImage {
    RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let at = (y * SIDE + x) as usize;
        [planes[at], planes[at + PLANE], planes[at + 2 * PLANE]]
    })
}

fn is_tar(header: &[u8]) -> bool {
    header.get(TAR_MARK.0..).is_some_and(|rest| rest.starts_with(TAR_MARK.1))
}

impl<'a, A: Around> Batches<'a, A> {
    fn new(around: &'a mut A) -> Self {
        Self { around, bytes: Rc::default(), images: 0, parts: BTreeMap::new(), classes: Vec::new() }
    }

    /// Tells how far it is.
    async fn goes_on(&mut self) -> Result<(), DatasetError> {
        self.around.goes_on(So { bytes: self.bytes.get(), pictures: self.images as u32 }).await
    }

    /// An archive, or something else that was compressed; it may unpack to `most` bytes.
    async fn read_gzip<F: Read, G: Read>(
        &mut self,
        name: &str,
        file: Chain<F, G>,
        most: u64,
    ) -> Result<(), DatasetError> {
        let mut unpacked = Unpacked::new(GzDecoder::new(file), most);
        let mut header = Vec::new();
        unpacked.by_ref().take(HEADER as u64).read_to_end(&mut header)?;
        if !is_tar(&header) {
            return Err(DatasetError::Unknown(name.to_owned()));
        }
        self.read_archive(Cursor::new(header).chain(unpacked)).await
    }

    async fn read_archive(&mut self, file: impl Read) -> Result<(), DatasetError> {
        let mut archive = tar::Archive::new(file);
        for entry in archive.entries()? {
            let entry = entry?;
            // A sparse file says that it has terabytes of zeros which stand nowhere.
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let path = entry.path_bytes();
            let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
            let name = &*String::from_utf8_lossy(name).into_owned();
            match name {
                "batches.meta.txt" => {
                    let mut text = String::new();
                    entry.take(MOST_NAMES).read_to_string(&mut text)?;
                    let names = text.lines().map(str::trim).filter(|line| !line.is_empty());
                    self.classes = names.map(str::to_owned).collect();
                }
                "batches.meta" => self.classes = python::read_classes(name, entry)?,
                "test_batch.bin" => self.read_batch(name, 0, entry).await?,
                "test_batch" => python::read_batch(self, name, Part::Test, entry).await?,
                _ if !name.starts_with("data_batch_") => {}
                _ if name.ends_with(".bin") => self.read_batch(name, 0, entry).await?,
                _ if !name.contains('.') => {
                    python::read_batch(self, name, Part::of(name, 0), entry).await?;
                }
                _ => {}
            }
        }
        // A tar file ends before its file does: only at the very end gzip's checksum is looked at.
        io::copy(&mut archive.into_inner(), &mut io::sink())?;
        if self.parts.is_empty() { Err(DatasetError::NoBatch) } else { Ok(()) }
    }

    /// Reads a batch; `fallback` is its place where its name has no number.
    async fn read_batch(
        &mut self,
        name: &str,
        fallback: u32,
        mut file: impl Read,
    ) -> Result<(), DatasetError> {
        let part = Part::of(name, fallback);
        self.parts.entry(part).or_default();
        let mut record = [0; RECORD];
        loop {
            let filled = read_up_to(&mut file, &mut record)?;
            match filled {
                0 => return Ok(()),
                RECORD => {}
                left => return Err(DatasetError::PartialRecord { name: name.to_owned(), left }),
            }
            self.push(name, part, i64::from(record[0]), planes(&record[1..])).await?;
        }
    }

    /// Adds an image of the batch `name`.
    async fn push(
        &mut self,
        name: &str,
        part: Part,
        label: i64,
        image: RgbImage,
    ) -> Result<(), DatasetError> {
        let known = u16::try_from(label).ok().filter(|label| usize::from(*label) < CLASSES.len());
        let known = known.ok_or_else(|| DatasetError::Label { name: name.to_owned(), label })?;
        self.images += 1;
        if self.images > MOST_IMAGES {
            return Err(DatasetError::TooMany(MOST_IMAGES));
        }
        self.parts.entry(part).or_default().push(Sample::here(image, known));
        if self.images.is_multiple_of(TOLD_EVERY) {
            self.goes_on().await?;
        }
        Ok(())
    }

    fn into_dataset(self) -> Result<Dataset, DatasetError> {
        let mut parts = self.parts;
        let mut test = parts.remove(&Part::Test).unwrap_or_default();
        let mut train: Vec<Sample> = parts.into_values().flatten().collect();
        if train.is_empty() && test.is_empty() {
            return Err(DatasetError::Empty);
        }
        if test.is_empty() {
            test = train.split_off(train.len() - train.len() / 6);
        }
        let classes = match self.classes.len() == CLASSES.len() {
            true => self.classes,
            false => CLASSES.map(str::to_owned).to_vec(),
        };
        Ok(Dataset { source: Source::Cifar10, classes, train, validation: None, test, notices: Vec::new() })
    }
}

/// Fills `buffer` as far as the file goes.
fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}
