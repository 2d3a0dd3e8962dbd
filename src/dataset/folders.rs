//! Folders that are named by class, in a zip or one file after the other, as Keras and many course notes expect them.
//!
//! `cats/1.jpg`, `dogs/2.png`: the folder that a picture stands in is its class. Where folders
//! `train` and `test` stand above those, they say which images are for the exam; else a share of
//! each class is held out here.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use zip::ZipArchive;

use super::{Around, Dataset, DatasetError, Opened, Pixels, Sample, Shelf, So, Source, Spot, kept};
use crate::pixels::ImageHash;
use crate::random::Random;

/// Endings of files that are taken for images; what is in them is decided by their content.
const ENDINGS: [&str; 6] = ["jpg", "jpeg", "png", "webp", "gif", "bmp"];
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

/// A picture of the folders, not read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub spot: Spot,
    /// Its path, by which it is named where it cannot be read.
    pub path: String,
    /// The folder it stands in.
    pub class: String,
    /// What a folder above says it is for.
    pub role: Role,
    /// Bytes of its file, as it is packed.
    pub bytes: u64,
}

/// A picture of the folders that was read.
struct Entry {
    spot: Spot,
    hash: ImageHash,
    class: String,
    role: Role,
}

/// Reads a zip of class folders, whose pictures' files may have `most` bytes each.
///
/// Pictures that cannot be read are left out and named in [`Dataset::skipped`]. Equal pictures
/// stay on one side of the split, so that none of the exam's was learnt from.
///
/// # Errors
/// [`DatasetError`] where the zip is damaged, or its folders make fewer than 2 or more than 100
/// classes.
pub async fn read_archive(
    archive: ZipArchive<Opened>,
    most: u64,
    around: &mut impl Around,
) -> Result<(Dataset, Shelf), DatasetError> {
    let mut shelf = Shelf::default();
    let found = find(archive, most, &mut shelf)?;
    let (mut entries, mut skipped) = (Vec::with_capacity(found.len()), Vec::new());
    let mut so = So::default();
    for Found { spot, path, class, role, bytes } in found {
        let packed = shelf.read(spot)?;
        // What is cut off is no picture, and is named as such.
        match kept(&packed) {
            Ok(image) => entries.push(Entry { spot, hash: ImageHash::of(&image), class, role }),
            Err(_) => skipped.push(path),
        }
        so = So { bytes: so.bytes + bytes, pictures: so.pictures + 1 };
        around.goes_on(so).await?;
    }
    if entries.is_empty() {
        return Err(DatasetError::NoImages);
    }
    let classes: Vec<String> = {
        let names: BTreeMap<&str, ()> = entries.iter().map(|entry| (entry.class.as_str(), ())).collect();
        names.into_keys().map(str::to_owned).collect()
    };
    if !CLASSES.contains(&classes.len()) {
        return Err(DatasetError::Classes(classes.len()));
    }
    let (train, test) = split(&entries, &classes);
    Ok((Dataset { source: Source::Folders, classes, train, validation: None, test, skipped }, shelf))
}

/// Puts a zip on the shelf, whose entries may have `most` bytes each, and finds the pictures in it that
/// stand in folders.
///
/// # Errors
/// [`DatasetError`] where the zip is damaged or holds no such picture.
pub fn find(archive: ZipArchive<Opened>, most: u64, shelf: &mut Shelf) -> Result<Vec<Found>, DatasetError> {
    let mut found = Vec::new();
    for entry in 0..archive.len() {
        let file = archive.by_index_data(entry).map_err(damaged)?;
        let Some(path) = file.enclosed_name().filter(|_| file.is_file()) else { continue };
        let Some((class, role)) = place_of(&path) else { continue };
        let (path, bytes) = (path.display().to_string(), file.compressed_size());
        found.push(Found { spot: Spot { file: 0, entry: entry as u32 }, path, class, role, bytes });
    }
    if found.is_empty() {
        return Err(DatasetError::NoImages);
    }
    let file = shelf.put(archive, most);
    found.iter_mut().for_each(|found| found.spot.file = file);
    Ok(found)
}

pub(super) fn damaged(error: zip::result::ZipError) -> DatasetError {
    DatasetError::Zip(error.to_string())
}

/// The class of the picture at `path`, and what a folder above says it is for. `None` for what
/// is no picture, is hidden, or stands in no folder.
pub fn place_of(path: &Path) -> Option<(String, Role)> {
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
    let mut known: HashMap<ImageHash, usize> = HashMap::new();
    for (number, entry) in entries.iter().enumerate() {
        let group = *known.entry(entry.hash).or_insert(groups.len());
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
fn split(entries: &[Entry], classes: &[String]) -> (Vec<Sample>, Vec<Sample>) {
    let groups = groups_of_equals(entries);
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
    let sample = |at: usize| {
        let Entry { spot, hash, class, .. } = entries.get(at)?;
        let label = labels.get(class.as_str()).copied()?;
        Some(Sample { label, hash: *hash, pixels: Pixels::OnShelf(*spot) })
    };
    let in_order = |mut side: Side| -> Vec<Sample> {
        side.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        side.into_iter().flat_map(|(_, group)| group).filter_map(sample).collect()
    };
    (in_order(train), in_order(test))
}
