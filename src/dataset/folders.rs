//! Folders that are named by class, in a zip or one file after the other, as Keras and many course notes expect them.
//!
//! `cats/1.jpg`, `dogs/2.png`: the folder that a picture stands in is its class. Where folders
//! `train` and `test` stand above those, they say which images are for the exam; else a share of
//! each class is held out here.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Seek};
use std::path::Path;

use zip::ZipArchive;

use super::{Dataset, DatasetError, LARGEST_SIDE, Sample, Source, length};
use crate::pixels::RgbImage;
use crate::random::Random;
use crate::unpack;

/// Endings of files that are taken for images; what is in them is decided by their content.
const ENDINGS: [&str; 6] = ["jpg", "jpeg", "png", "webp", "gif", "bmp"];
/// A picture's file may have so many bytes: 50 megapixels of uncompressed colour.
const MOST_FILE_BYTES: u64 = 200_000_000;
/// All images together may have so many bytes as pixels; a tab's memory is 4 GB at the most. This is the
/// limit, and not four times the file: a photograph of 10 kB at 224 x 224 has 150 kB of pixels.
const MOST_PIXEL_BYTES: usize = 1_000_000_000;
/// Folders that may be classes.
const CLASSES: std::ops::RangeInclusive<usize> = 2..=100;
/// Characters of a class's name that are kept.
const LONGEST_NAME: usize = 60;
/// Every so many images of a class, one is held out for the exam where the folders do not say.
const HELD_OUT: usize = 5;
/// Seed of that choice and of the order: the same file always gives the same split.
const SEED: u64 = 1;

/// Names of folders above the classes that say what the images in them are for.
const TRAIN_FOLDERS: [&str; 2] = ["train", "training"];
const TEST_FOLDERS: [&str; 2] = ["test", "testing"];

/// What a folder above the class says an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing.
    Unsaid,
    /// To learn from.
    Train,
    /// For the exam.
    Test,
}

/// An image of the folders.
pub struct Entry {
    /// Its centre square, no larger than [`LARGEST_SIDE`].
    pub image: RgbImage,
    /// The folder it stands in.
    pub class: String,
    /// What a folder above says it is for.
    pub role: Role,
}

/// Reads a zip of class folders, whose pictures' files may have `most` bytes each. `progress` gets the
/// compressed bytes read so far.
///
/// Pictures that cannot be read are left out and named in [`Dataset::skipped`]. Equal pictures
/// stay on one side of the split, so that none of the exam's was learnt from.
///
/// # Errors
/// [`DatasetError`] where the zip is damaged, or its folders make fewer than 2 or more than 100
/// classes.
pub fn read_archive(
    archive: ZipArchive<impl Read + Seek>,
    most: u64,
    progress: &mut impl FnMut(u64),
) -> Result<Dataset, DatasetError> {
    let (entries, skipped) = pictures_of(archive, most, progress)?;
    let classes: Vec<String> = {
        let names: BTreeMap<&str, ()> = entries.iter().map(|entry| (entry.class.as_str(), ())).collect();
        names.into_keys().map(str::to_owned).collect()
    };
    if !CLASSES.contains(&classes.len()) {
        return Err(DatasetError::Classes(classes.len()));
    }
    let (train, test) = split(entries, &classes);
    Ok(Dataset { source: Source::Folders, classes, train, validation: None, test, skipped })
}

/// The pictures that stand in folders of a zip, and the names of those that cannot be read.
/// `progress` gets the compressed bytes read so far.
///
/// # Errors
/// [`DatasetError`] where the zip is damaged, holds no such picture, or too many.
pub fn read_pictures(
    mut file: impl Read + Seek,
    progress: &mut impl FnMut(u64),
) -> Result<(Vec<Entry>, Vec<String>), DatasetError> {
    let most = unpack::most(length(&mut file)?);
    pictures_of(ZipArchive::new(file).map_err(damaged)?, most, progress)
}

fn pictures_of(
    mut archive: ZipArchive<impl Read + Seek>,
    most: u64,
    progress: &mut impl FnMut(u64),
) -> Result<(Vec<Entry>, Vec<String>), DatasetError> {
    let mut folders = Folders::default();
    let mut read = 0;
    for number in 0..archive.len() {
        let file = archive.by_index(number).map_err(damaged)?;
        read += file.compressed_size();
        let Some(path) = file.enclosed_name().filter(|_| file.is_file()) else { continue };
        // What is cut off is no picture, and is named as such.
        folders.add(&path, file.take(most))?;
        progress(read);
    }
    folders.pictures()
}

/// The pictures of folders, whose files come in one after the other.
#[derive(Default)]
pub struct Folders {
    entries: Vec<Entry>,
    skipped: Vec<String>,
    pixel_bytes: usize,
}

impl Folders {
    /// Takes in the file at `path`. What is no picture, is hidden, or stands in no folder is not
    /// even read.
    ///
    /// # Errors
    /// [`DatasetError`] where it cannot be read to its end, or the pictures become too many.
    pub fn add(&mut self, path: &Path, file: impl Read) -> Result<(), DatasetError> {
        let Some((class, role)) = place_of(path) else { return Ok(()) };
        let mut bytes = Vec::new();
        file.take(MOST_FILE_BYTES).read_to_end(&mut bytes)?;
        let Ok(image) = RgbImage::decode(&bytes) else {
            self.skip(path);
            return Ok(());
        };
        let image = image.center_square().reduced_to(LARGEST_SIDE);
        self.pixel_bytes += image.pixels().len();
        self.entries.push(Entry { image, class, role });
        if self.pixel_bytes > MOST_PIXEL_BYTES {
            return Err(DatasetError::TooMany(self.entries.len()));
        }
        Ok(())
    }

    /// Leaves out the file at `path`, and names it.
    pub fn skip(&mut self, path: &Path) {
        self.skipped.push(path.display().to_string());
    }

    /// The pictures, and the names of those that cannot be read.
    ///
    /// # Errors
    /// [`DatasetError::NoImages`] where there are none.
    pub fn pictures(self) -> Result<(Vec<Entry>, Vec<String>), DatasetError> {
        match self.entries.is_empty() {
            true => Err(DatasetError::NoImages),
            false => Ok((self.entries, self.skipped)),
        }
    }
}

pub(super) fn damaged(error: zip::result::ZipError) -> DatasetError {
    DatasetError::Zip(error.to_string())
}

/// The class of the picture at `path`, and what a folder above says it is for. `None` for what
/// is no picture, is hidden, or stands in no folder.
fn place_of(path: &Path) -> Option<(String, Role)> {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    let hidden = parts.iter().any(|part| part.starts_with('.') || part == "__MACOSX");
    let ending = path.extension()?.to_string_lossy().to_lowercase();
    if hidden || !ENDINGS.contains(&ending.as_str()) {
        return None;
    }
    let class: String = parts.iter().rev().nth(1)?.trim().chars().take(LONGEST_NAME).collect();
    let above = parts.iter().rev().nth(2).map(|part| part.to_lowercase()).unwrap_or_default();
    let role = match above.as_str() {
        name if TRAIN_FOLDERS.contains(&name) => Role::Train,
        name if TEST_FOLDERS.contains(&name) => Role::Test,
        _ => Role::Unsaid,
    };
    Some((class, role))
}

/// The numbers of equal pictures together, in the order of their first.
fn groups_of_equals(entries: &[Entry]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut known: HashMap<&RgbImage, usize> = HashMap::new();
    for (number, entry) in entries.iter().enumerate() {
        let group = *known.entry(&entry.image).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(number),
            None => groups.push(vec![number]),
        }
    }
    groups
}

/// Groups of equal pictures, each beside its place in its class, a share from 0 to 1.
type Side = Vec<(f64, Vec<usize>)>;

/// Training and test images. Each class is spread evenly over both, so that the training images'
/// last part, which validates, holds every class too.
fn split(entries: Vec<Entry>, classes: &[String]) -> (Vec<Sample>, Vec<Sample>) {
    let groups = groups_of_equals(&entries);
    let said = entries.iter().any(|entry| entry.role == Role::Test);
    let tests = |group: &Vec<usize>| group.iter().any(|&at| entries[at].role == Role::Test);
    let mut random = Random::new(SEED);
    let (mut train, mut test) = (Side::new(), Side::new());
    for class in classes {
        let mut own: Vec<_> = groups.iter().filter(|group| entries[group[0]].class == *class).collect();
        random.shuffle(&mut own);
        let (exam, learnt): (Vec<_>, Vec<_>) = if said {
            own.into_iter().partition(|group| tests(group))
        } else {
            // At least one for each side, where there are two.
            let exam = (own.len() / HELD_OUT).max(1).min(own.len() - 1);
            let learnt = own.split_off(exam);
            (own, learnt)
        };
        for (side, into) in [(exam, &mut test), (learnt, &mut train)] {
            let count = side.len() as f64;
            into.extend(
                side.into_iter().enumerate().map(|(at, group)| ((at as f64 + 0.5) / count, group.clone())),
            );
        }
    }
    let labels: HashMap<&str, u16> =
        (0..).zip(classes).map(|(label, class)| (class.as_str(), label)).collect();
    let mut samples: Vec<Option<Sample>> = entries
        .into_iter()
        .map(|entry| {
            let label = labels.get(entry.class.as_str()).copied()?;
            Some(Sample { image: entry.image, label })
        })
        .collect();
    let mut in_order = |mut side: Side| -> Vec<Sample> {
        side.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        side.into_iter().flat_map(|(_, group)| group).filter_map(|at| samples[at].take()).collect()
    };
    (in_order(train), in_order(test))
}
