//! Labelled images, split into training and test.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use self::containers::{ContainerError, Containers, Foreign, Place};
use self::kind::Kind;
use self::notices::Notice;
use crate::pixels::{ImageHash, RgbImage};
use crate::unpack;

mod around;
mod cifar10;
pub mod containers;
pub mod folders;
mod kind;
pub mod layouts;
pub mod notices;
pub mod sample;
mod shelf;

pub use around::{Around, InMemory, So};
pub use shelf::Shelf;

/// One labelled image: what it is known by, and where its pixels are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Index into [`Dataset::classes`].
    pub label: u16,
    /// The image's identity.
    pub hash: ImageHash,
    /// Where it is.
    pub pixels: Pixels,
}

/// Where an image's pixels are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pixels {
    /// Here, for they are few.
    Here(RgbImage),
    /// In a file that stays open on the dataset's [`Shelf`]; what is kept of it is [`RgbImage::kept`].
    OnShelf(Place),
    /// In the store of projects, under this number.
    Stored(u32),
}

impl Pixels {
    /// The picture's number, where it is in the store of projects.
    pub fn stored(&self) -> Option<u32> {
        match self {
            Self::Stored(id) => Some(*id),
            Self::Here(_) | Self::OnShelf(_) => None,
        }
    }
}

/// A class's name beside a picture that stands for it, small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The picture.
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
    /// What was left out, joined, or is learnt from otherwise than the files say.
    pub notices: Vec<Notice>,
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
    /// CIFAR-100's files.
    Cifar100,
    /// NumPy's arrays of other pictures.
    Arrays,
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
    /// None of NumPy's arrays holds pictures to learn from, or none their labels: those that there are.
    #[error("no x_train with y_train, but: {0}")]
    NoArray(String),
    /// An array is not of a shape or type that pictures or labels have: its name, shape and type.
    #[error("another shape or type: {0}")]
    ArrayShape(String),
    /// An array holds Python's objects.
    #[error("objects: {0}")]
    ArrayObjects(String),
    /// An array of pictures holds numbers that are no levels of brightness.
    #[error("no levels of brightness: {0}")]
    ArrayValues(String),
    /// There are not as many pictures as labels: both arrays.
    #[error("not as many pictures as labels: {0}")]
    ArrayCounts(String),
    /// The labels tell too few classes apart, or too many.
    #[error("the labels make {0} classes; it takes 2 to 100")]
    LabelClasses(usize),
    /// Which of these batches is for the exam cannot be known.
    #[error("which of these tests cannot be known: {0}")]
    WhichBatch(String),
    /// These two files hold the same images.
    #[error("the same images: {0}")]
    SameBatch(String),
    /// These two files are of CIFAR-10 and of CIFAR-100.
    #[error("of CIFAR-10 and of CIFAR-100: {0}")]
    MixedSets(String),
    /// The zip is damaged, or packed in a way that is not read here.
    #[error("the zip cannot be read: {0}")]
    Zip(String),
    /// No folder holds an image.
    #[error("no folder holds an image")]
    NoImages,
    /// There are images, but none that can be read: how many of which format, and the names.
    #[error("{0}")]
    NoneRead(String),
    /// The end of the file is missing.
    #[error("`{0}` ends before its end")]
    Cut(String),
    /// The file is an archive or a document of another kind.
    #[error("`{0}` is a file of the kind {kind}", kind = .1.name())]
    Foreign(String, Foreign),
    /// A password keeps all images closed.
    #[error("its files are locked with a password")]
    Locked,
    /// The archive is packed in a way that is not read here.
    #[error("{0} can be unpacked here")]
    Packing(String),
    /// Files of different kinds were chosen together.
    #[error("class folders beside files of other kinds")]
    Mixed,
    /// There are so many images, and no folders that name their classes.
    #[error("{0} images stand in no class's folder")]
    NoClassFolders(usize),
    /// Each picture of these classes stands in another class, too.
    #[error("{0}")]
    SamePictures(String),
    /// Fewer than two classes have pictures enough; the classes with their numbers.
    #[error("{0}")]
    TooFewPictures(String),
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
    /// A picture that could be read before cannot be read any more.
    #[error("a picture cannot be read any more: {0}")]
    Gone(String),
    /// The person has ended the reading.
    #[error("the reading was ended")]
    Cancelled,
    /// The file cannot be read or unpacked to its end, or a part of it is not what it should be.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
}

impl From<ContainerError> for DatasetError {
    fn from(error: ContainerError) -> Self {
        match error {
            ContainerError::Empty => Self::Empty,
            ContainerError::Cut => Self::Cut(String::new()),
            ContainerError::Foreign(foreign) => Self::Foreign(String::new(), foreign),
            ContainerError::Unknown => Self::Unknown(String::new()),
            ContainerError::Damaged(why) => Self::Zip(why),
            ContainerError::Packing(why) => Self::Packing(format!("nothing of it ({why})")),
            ContainerError::Read(error) => Self::Read(error),
        }
    }
}

impl DatasetError {
    /// The same error, said to be about `file` where that is part of it.
    fn in_file(self, file: &str) -> Self {
        match self {
            Self::Cut(_) => Self::Cut(file.to_owned()),
            Self::Foreign(_, foreign) => Self::Foreign(file.to_owned(), foreign),
            Self::Unknown(_) => Self::Unknown(file.to_owned()),
            other => other,
        }
    }
}

/// A file that can be read from any place.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// An open file.
pub type Opened = Box<dyn ReadSeek>;

/// Height and width of a picture that stands for its class, at the most.
pub const EXAMPLE_SIDE: u32 = 96;
pub use crate::pixels::LARGEST_SIDE;

/// Files that a person chose together.
pub struct Files {
    /// Their names, those of a folder with their paths.
    pub names: Vec<String>,
    /// Opens one of them by its number, as often as it is asked for.
    pub open: Box<dyn FnMut(usize) -> io::Result<Opened>>,
}

impl Files {
    /// Files of these names whose bytes are in memory.
    pub fn in_memory(files: &[(&str, &[u8])]) -> Self {
        let names = files.iter().map(|(name, _)| (*name).to_owned()).collect();
        let bytes: Vec<Rc<[u8]>> = files.iter().map(|(_, bytes)| Rc::from(*bytes)).collect();
        let open = move |at: usize| {
            let bytes = bytes.get(at).ok_or(io::ErrorKind::NotFound)?;
            Ok(Box::new(Cursor::new(Rc::clone(bytes))) as Opened)
        };
        Self { names, open: Box::new(open) }
    }
}

/// Reads class folders in zips, tar files or loose; or one `.npz` with Keras' arrays of CIFAR-10; or one of its
/// archives or some of the batches in them. What of class folders is an archive stays open on the shelf, a loose
/// file is opened again: each picture is decoded once here, to know its hash, and read again when it is used.
///
/// A file that is packed may hold so much as [`unpack::most`] says. Pictures of class folders come on top:
/// each is a packed file of its own, see [`RgbImage::kept`].
///
/// # Errors
/// [`DatasetError`] for files that are no dataset or damaged ones; nothing is used of them.
pub async fn read_files(
    Files { names, mut open }: Files,
    around: &mut impl Around,
) -> Result<(Dataset, Shelf), DatasetError> {
    let mut kinds = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let kind = open(at).map_err(DatasetError::from).and_then(|mut file| Kind::of(name, &mut file));
        kinds.push(match kind {
            // One of a folder may be gone, the others are still good.
            Err(DatasetError::Read(_)) if is_of_a_folder(name) => Kind::Beside,
            kind => kind.map_err(|error| error.in_file(name))?,
        });
        around.goes_on(So::default()).await?;
    }
    let pictures = kinds.iter().any(|kind| matches!(kind, Kind::Pictures { .. }));
    let is_cifar = |kind: &Kind| match kind {
        Kind::Other => true,
        Kind::Batch => !pictures,
        Kind::Pictures { .. } | Kind::Beside => false,
    };
    let cifar: Vec<usize> = (0..names.len()).filter(|at| is_cifar(&kinds[*at])).collect();
    if pictures && !cifar.is_empty() {
        return Err(DatasetError::Mixed);
    }
    if !cifar.is_empty() {
        let opened = cifar.into_iter().map(|at| Ok((file_name(&names[at]), open(at)?)));
        return Ok((read_cifar(opened.collect::<io::Result<_>>()?, around).await?, Shelf::default()));
    }
    let mut unpacked = BTreeMap::new();
    for (at, (name, kind)) in names.iter().zip(kinds).enumerate() {
        if let Kind::Pictures { gzip: true } = kind {
            let file = kind::unpacked(open(at)?, around).await;
            unpacked.insert(at, file.map_err(|error| error.in_file(name))?);
        }
    }
    let open = move |at: usize| unpacked.remove(&at).map_or_else(|| open(at), Ok);
    let mut containers = Containers::new(names, Box::new(open));
    let dataset = folders::read(&mut containers, around).await;
    let dataset = dataset.map_err(|error| error.in_file(containers.file_name()))?;
    Ok((dataset, Shelf::new(containers)))
}

/// Reads CIFAR-10 in any of its forms.
async fn read_cifar(
    mut files: Vec<(&str, Opened)>,
    around: &mut impl Around,
) -> Result<Dataset, DatasetError> {
    if let [(_, file)] = files.as_mut_slice()
        && kind::is_npz(file)?
        && let Some((_, mut file)) = files.pop()
    {
        let most = unpack::most(length(&mut file)?);
        let mut archive = ZipArchive::new(file).map_err(folders::damaged)?;
        return cifar10::npz::read(&mut archive, most, around).await;
    }
    cifar10::read_files(files, around).await
}

/// Whether `name` is a path: so are those of a folder's files.
fn is_of_a_folder(name: &str) -> bool {
    name.contains('/')
}

/// The file's name in `path`.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// A file's length in bytes; it stands at its beginning then.
fn length(file: &mut impl Seek) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    Ok(length)
}

impl Sample {
    /// An image whose pixels stay in memory.
    pub fn here(image: RgbImage, label: u16) -> Self {
        Self { label, hash: ImageHash::of(&image), pixels: Pixels::Here(image) }
    }

    /// The image, where its pixels are in memory.
    pub fn image(&self) -> Option<&RgbImage> {
        match &self.pixels {
            Pixels::Here(image) => Some(image),
            Pixels::OnShelf(_) | Pixels::Stored(_) => None,
        }
    }
}

impl Dataset {
    /// The first training image of each class that has one, in the order of the classes.
    pub fn firsts(&self) -> Vec<Sample> {
        let mut firsts: Vec<Option<&Sample>> = vec![None; self.classes.len()];
        for sample in &self.train {
            if let Some(first) = firsts.get_mut(usize::from(sample.label)) {
                first.get_or_insert(sample);
            }
        }
        firsts.into_iter().flatten().cloned().collect()
    }
}

/// A reader that counts what goes through it.
struct Counting<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}
