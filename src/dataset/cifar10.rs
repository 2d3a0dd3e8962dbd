//! The files of CIFAR-10 and CIFAR-100, in their three layouts. <https://www.cs.toronto.edu/~kriz/cifar.html>
//!
//! The binary one is read here: batches of records, a label byte (CIFAR-100: two) and 3,072 pixel bytes each
//! (planes red, green, blue of 32 x 32). The one for Python is in [`python`], NumPy's arrays in [`npz`].

use std::cell::Cell;
use std::io::{self, Chain, Cursor, Read};
use std::rc::Rc;

use flate2::read::GzDecoder;

use super::notices::{NoticeKind, Tally};
use super::{Around, Counting, Dataset, DatasetError, Opened, Sample, So, length};
use crate::pixels::RgbImage;
use crate::unpack::{self, Unpacked};

pub mod npz;
mod part;
mod pickle;
mod python;
mod set;

use part::{Part, words};
use set::Set;

const SIDE: u32 = 32;
const PLANE: usize = (SIDE * SIDE) as usize;
const PIXELS: usize = 3 * PLANE;
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
/// This share of the images tests where no batch does, CIFAR-10's own.
const TESTED: usize = 6;

/// A file's images.
#[derive(Default)]
pub struct Batch {
    name: String,
    part: Part,
    samples: Vec<Sample>,
}

/// What was read so far.
pub struct Batches<'a, A> {
    around: &'a mut A,
    /// Bytes read of all files.
    bytes: Rc<Cell<u64>>,
    images: usize,
    batches: Vec<Batch>,
    /// Of which set the batches are.
    set: Option<Set>,
    classes: Vec<String>,
}

/// Reads one archive (`cifar-10-binary.tar.gz` or `cifar-10-python.tar.gz`, or its `.tar`), or
/// single batches of either, or arrays of NumPy's, in any order, each given with its name. CIFAR-100's too.
///
/// Which batch is for the exam its name says, or the batch, or what is left: see [`part`]. Without
/// any test batch the last sixth of the images becomes the test set, CIFAR-10's own share.
///
/// # Errors
/// [`DatasetError`] for files that are no dataset or damaged ones; nothing is used of them.
pub async fn read_files(
    mut files: Vec<(&str, Opened)>,
    around: &mut impl Around,
) -> Result<Dataset, DatasetError> {
    if are_arrays(&mut files)? {
        return npz::read_files(files, around).await;
    }
    let mut batches = Batches::new(around);
    for (name, mut file) in files {
        let length = length(&mut file)?;
        let mut counting = Counting { inner: file, count: Rc::clone(&batches.bytes) };
        let mut header = Vec::new();
        counting.by_ref().take(HEADER as u64).read_to_end(&mut header)?;
        let kind = Kind::of(name, &header, length)?;
        let whole = Cursor::new(header).chain(&mut counting);
        match kind {
            Kind::Gzip => batches.read_gzip(name, whole, unpack::most(length)).await?,
            Kind::Tar => batches.read_archive(whole).await?,
            Kind::Pickle => python::read_batch(&mut batches, name, whole).await?,
            Kind::Records(set) => batches.read_batch(name, set, whole).await?,
        }
        batches.goes_on().await?;
    }
    batches.into_dataset()
}

/// Whether all files are arrays of NumPy's; each stands at its beginning then.
fn are_arrays(files: &mut [(&str, Opened)]) -> Result<bool, DatasetError> {
    let mut arrays = 0;
    for (_, file) in &mut *files {
        let mut mark = Vec::new();
        file.by_ref().take(crate::npy::MARK.len() as u64).read_to_end(&mut mark)?;
        file.rewind()?;
        arrays += usize::from(npz::is_npy(&mark));
    }
    Ok(arrays > 0 && arrays == files.len())
}

/// What a file is.
enum Kind {
    Gzip,
    Tar,
    Pickle,
    Records(Set),
}

impl Kind {
    /// What the file of this name, first bytes and length is. Records have no mark: their file is one that
    /// has a batch's name or ends in `.bin`, and begins with a label.
    fn of(name: &str, header: &[u8], length: u64) -> Result<Self, DatasetError> {
        let Some(first) = header.first() else { return Err(DatasetError::Empty) };
        let set = Set::of_length(length, Set::hinted(name));
        let named = Part::of(name) != Part::Unknown || words(name).ends_with("bin");
        match () {
            () if header.starts_with(&GZIP) => Ok(Self::Gzip),
            () if is_tar(header) => Ok(Self::Tar),
            () if python::is_pickle(header) => Ok(Self::Pickle),
            () if named && usize::from(*first) < set.classes().len() => Ok(Self::Records(set)),
            () => Err(DatasetError::Unknown(name.to_owned())),
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
        let (batches, classes) = (Vec::new(), Vec::new());
        Self { around, bytes: Rc::default(), images: 0, batches, set: None, classes }
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
            let known = Part::of(name) != Part::Unknown;
            match name {
                "batches.meta.txt" | "fine_label_names.txt" => {
                    let mut text = String::new();
                    entry.take(MOST_NAMES).read_to_string(&mut text)?;
                    let names = text.lines().map(str::trim).filter(|line| !line.is_empty());
                    self.classes = names.map(str::to_owned).collect();
                }
                "batches.meta" | "meta" => self.classes = python::read_classes(name, entry)?,
                _ if known && name.ends_with(".bin") => {
                    let set = Set::of_length(entry.size(), Set::hinted(name));
                    self.read_batch(name, set, entry).await?;
                }
                _ if known && !name.contains('.') => python::read_batch(self, name, entry).await?,
                _ => {}
            }
        }
        // A tar file ends before its file does: only at the very end gzip's checksum is looked at.
        io::copy(&mut archive.into_inner(), &mut io::sink())?;
        if self.batches.is_empty() { Err(DatasetError::NoBatch) } else { Ok(()) }
    }

    /// Reads a batch of records of `set`.
    async fn read_batch(&mut self, name: &str, set: Set, mut file: impl Read) -> Result<(), DatasetError> {
        self.begin(name, Part::of(name), set)?;
        let mut record = [0; Set::Hundred.record()];
        let record = &mut record[..set.record()];
        loop {
            match read_up_to(&mut file, record)? {
                0 => return Ok(()),
                whole if whole == record.len() => {}
                left => return Err(DatasetError::PartialRecord { name: name.to_owned(), left }),
            }
            let (labels, pixels) = record.split_at(set.labels());
            let label = labels.last().copied().unwrap_or_default();
            self.push(name, i64::from(label), planes(pixels)).await?;
        }
    }

    /// A batch begins; what is pushed next is of it.
    fn begin(&mut self, name: &str, part: Part, set: Set) -> Result<(), DatasetError> {
        if *self.set.get_or_insert(set) != set {
            let first = self.batches.first().map_or("", |batch| &batch.name);
            return Err(DatasetError::MixedSets(format!("{first}, {name}")));
        }
        self.batches.push(Batch { name: name.to_owned(), part, samples: Vec::new() });
        Ok(())
    }

    /// Adds an image of the batch `name`, which has begun.
    async fn push(&mut self, name: &str, label: i64, image: RgbImage) -> Result<(), DatasetError> {
        let classes = self.set.map_or(0, |set| set.classes().len());
        let known = u16::try_from(label).ok().filter(|label| usize::from(*label) < classes);
        let known = known.ok_or_else(|| DatasetError::Label { name: name.to_owned(), label })?;
        self.images += 1;
        if self.images > MOST_IMAGES {
            return Err(DatasetError::TooMany(MOST_IMAGES));
        }
        if let Some(batch) = self.batches.last_mut() {
            batch.samples.push(Sample::here(image, known));
        }
        if self.images.is_multiple_of(TOLD_EVERY) {
            self.goes_on().await?;
        }
        Ok(())
    }

    fn into_dataset(self) -> Result<Dataset, DatasetError> {
        let Self { images, mut batches, set: Some(set), classes, .. } = self else {
            return Err(DatasetError::Empty);
        };
        if images == 0 {
            return Err(DatasetError::Empty);
        }
        part::settle(&mut batches)?;
        batches.sort_by_key(|batch| batch.part);
        let (tests, learns): (Vec<_>, Vec<_>) =
            batches.into_iter().partition(|batch| batch.part == Part::Test);
        let joined =
            |batches: Vec<Batch>| batches.into_iter().flat_map(|batch| batch.samples).collect::<Vec<_>>();
        let (mut train, mut test) = (joined(learns), joined(tests));
        let mut tally = Tally::default();
        if test.is_empty() {
            test = train.split_off(train.len() - train.len() / TESTED);
            tally.add_some(NoticeKind::NoTestFile, test.len(), "");
        }
        let classes = match classes.len() == set.classes().len() {
            true => classes,
            false => set.classes().iter().map(|name| (*name).to_owned()).collect(),
        };
        let notices = tally.notices();
        Ok(Dataset { source: set.source(), classes, train, validation: None, test, notices })
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
