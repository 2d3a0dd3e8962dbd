//! Pictures and labels as NumPy's arrays, in one `.npz` file (`numpy.savez`) or a `.npy` file each
//! (`numpy.save`), under the names that Keras' data sets have: `x_train`, `y_train`, `x_test` and `y_test`.
//!
//! What `keras.datasets.cifar10.load_data` gives is CIFAR-10; other sides, other numbers and other types of
//! them are read where they say the same ([`pictures`], [`labels`]), as a person's own classes.

use std::io::{self, Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::words;
use crate::dataset::folders::damaged;
use crate::dataset::notices::{NoticeKind, Tally};
use crate::dataset::{Around, Dataset, DatasetError, Opened, Sample, So};
use crate::npy::{self, Header};
use crate::unpack;

mod classes;
mod labels;
mod pictures;

/// Arrays that are named where none is of use.
const SHOWN: usize = 8;

/// Whether there is an array in `archive` that stands in no folder.
pub fn is_npz(archive: &ZipArchive<impl Read + Seek>) -> bool {
    archive.file_names().flatten().any(|name| name.ends_with(".npy") && !name.contains('/'))
}

/// Whether a file that begins with `header` is an array of its own.
pub fn is_npy(header: &[u8]) -> bool {
    header.starts_with(npy::MARK)
}

/// The pictures and labels in `archive`, of which no more than `most` bytes are taken. Without test pictures
/// the last sixth becomes the test set.
///
/// # Errors
/// [`DatasetError`] where an array is missing, of another type or shape, or damaged.
pub async fn read<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    most: u64,
    around: &mut impl Around,
) -> Result<Dataset, DatasetError> {
    let names = archive.file_names().flatten();
    let names = names.filter_map(|name| name.strip_suffix(".npy").map(str::to_owned)).collect();
    gather(names, &mut Zipped(archive), most, around).await
}

/// The same in files of an array each, given with their names; they stand at any place.
///
/// # Errors
/// As [`read`].
pub async fn read_files(
    files: Vec<(&str, Opened)>,
    around: &mut impl Around,
) -> Result<Dataset, DatasetError> {
    let names = files.iter().map(|(name, _)| stem(name).to_owned()).collect();
    let mut files: Vec<Opened> = files.into_iter().map(|(_, file)| file).collect();
    let mut length = 0;
    for file in &mut files {
        length += file.seek(SeekFrom::End(0))?;
    }
    gather(names, &mut Single(files), unpack::most(length), around).await
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Where arrays are found by their places.
trait Arrays {
    /// The array at `place`, from its first byte on, and how many bytes it takes in its file.
    fn open(&mut self, place: usize, name: &str) -> Result<(Box<dyn Read + '_>, u64), DatasetError>;
}

struct Zipped<'a, R: Read + Seek>(&'a mut ZipArchive<R>);

impl<R: Read + Seek> Arrays for Zipped<'_, R> {
    fn open(&mut self, _: usize, name: &str) -> Result<(Box<dyn Read + '_>, u64), DatasetError> {
        let file = self.0.by_name(&format!("{name}.npy")).map_err(damaged)?;
        let packed = file.compressed_size();
        Ok((Box::new(file), packed))
    }
}

struct Single(Vec<Opened>);

impl Arrays for Single {
    fn open(&mut self, place: usize, _: &str) -> Result<(Box<dyn Read + '_>, u64), DatasetError> {
        let file = self.0.get_mut(place).ok_or(DatasetError::Empty)?;
        let length = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        Ok((Box::new(file), length))
    }
}

/// An array that is being read.
struct Array<'a> {
    name: String,
    header: Header,
    file: Box<dyn Read + 'a>,
    packed: u64,
}

impl<'a> Array<'a> {
    fn open(files: &'a mut impl Arrays, place: usize, name: &str) -> Result<Self, DatasetError> {
        let (mut file, packed) = files.open(place, name)?;
        let header = Header::read_any(&mut file).map_err(|error| other(name, error.to_string()))?;
        Ok(Self { name: name.to_owned(), header, file, packed })
    }

    /// Its name, shape and type.
    fn described(&self) -> String {
        format!("{} ({})", self.name, self.header)
    }

    /// Nothing comes after the last value; and only at a file's end its checksum is looked at. Gives the bytes
    /// that it takes in its file.
    fn end(mut self) -> Result<u64, DatasetError> {
        match self.file.read(&mut [0])? {
            0 => Ok(self.packed),
            _ => Err(other(&self.name, "it is longer than it says".to_owned())),
        }
    }
}

fn other(name: &str, why: String) -> DatasetError {
    io::Error::new(io::ErrorKind::InvalidData, format!("the array `{name}`: {why}")).into()
}

/// What an array's pictures or labels are for, and its names.
struct Role {
    pictures: &'static [&'static str],
    labels: &'static [&'static str],
}

/// Names as in Keras' data sets, and as others have them.
const TRAIN: Role = Role {
    pictures: &["x_train", "train_x", "train_images"],
    labels: &["y_train", "train_y", "train_labels"],
};
const VALIDATION: Role = Role {
    pictures: &["x_val", "x_valid", "x_validation", "val_x", "val_images"],
    labels: &["y_val", "y_valid", "y_validation", "val_y", "val_labels"],
};
const TEST: Role =
    Role { pictures: &["x_test", "test_x", "test_images"], labels: &["y_test", "test_y", "test_labels"] };

/// Pictures whose label is not known yet, each with the one that stands in its array.
type Labelled = Vec<(Sample, i64)>;

/// How far it is.
struct Told<'a, A> {
    around: &'a mut A,
    /// Pictures that are done.
    pictures: u32,
    /// Bytes of the arrays that are done, and of the one that is being read.
    before: u64,
    packed: u64,
}

impl<A: Around> Told<'_, A> {
    /// Tells that so many more pictures and this share of the array are done.
    async fn goes_on(&mut self, pictures: u32, share: f64) -> Result<(), DatasetError> {
        self.pictures += pictures;
        let bytes = self.before + (self.packed as f64 * share) as u64;
        self.around.goes_on(So { bytes, pictures: self.pictures }).await
    }
}

async fn gather(
    names: Vec<String>,
    files: &mut impl Arrays,
    mut most: u64,
    around: &mut impl Around,
) -> Result<Dataset, DatasetError> {
    let mut used = Vec::new();
    let mut told = Told { around, pictures: 0, before: 0, packed: 0 };
    let mut parts = [const { Vec::new() }; 3];
    for (role, part) in [TRAIN, VALIDATION, TEST].into_iter().zip(&mut parts) {
        let (pictures, labels) = (find(&names, role.pictures)?, find(&names, role.labels)?);
        let (Some(pictures), Some(labels)) = (pictures, labels) else { continue };
        used.extend([pictures, labels]);
        let mut array = Array::open(files, labels, &names[labels])?;
        let (found, described) = (labels::read(&mut array)?, array.described());
        told.before += array.end()?;
        let mut array = Array::open(files, pictures, &names[pictures])?;
        told.packed = array.packed;
        *part = pictures::read(&mut array, (found, &described), &mut most, &mut told).await?;
        told.before += array.end()?;
        told.packed = 0;
        told.goes_on(0, 0.0).await?;
    }
    if parts[0].is_empty() {
        let mut found = Vec::new();
        for (place, name) in names.iter().enumerate().take(SHOWN) {
            found.push(Array::open(files, place, name)?.described());
        }
        return Err(DatasetError::NoArray(found.join(", ")));
    }
    let mut left_out = Tally::default();
    for (_, name) in names.iter().enumerate().filter(|(place, _)| !used.contains(place)) {
        left_out.add(NoticeKind::Other, &format!("{name}.npy"));
    }
    classes::dataset(parts, left_out.notices())
}

/// The place of the array that has one of the names `wanted`, in upper or lower case and perhaps with more
/// behind it, as a second download has.
fn find(names: &[String], wanted: &[&str]) -> Result<Option<usize>, DatasetError> {
    let is_it = |name: &String| {
        let name = words(name);
        wanted.iter().any(|wanted| {
            name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        })
    };
    let mut found = names.iter().enumerate().filter(|(_, name)| is_it(name));
    match (found.next(), found.next()) {
        (Some((_, first)), Some((_, second))) => Err(DatasetError::SameBatch(format!("{first}, {second}"))),
        (first, _) => Ok(first.map(|(place, _)| place)),
    }
}
