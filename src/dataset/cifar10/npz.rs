//! CIFAR-10 as `keras.datasets.cifar10.load_data` gives it, saved by `numpy.savez` in one file: arrays
//! `x_train` and `x_test`, uint8 images x 32 x 32 x 3, and `y_train` and `y_test`, the labels.

use std::io::{self, Read, Seek};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::{Batches, MOST_IMAGES, PIXELS, Part, SIDE};
use crate::dataset::folders::damaged;
use crate::dataset::{Around, Dataset, DatasetError};
use crate::npy::Header;
use crate::pixels::RgbImage;
use crate::unpack::too_long;

/// Whether there is an array in `archive` that stands in no folder.
pub fn is_npz(archive: &ZipArchive<impl Read + Seek>) -> bool {
    archive.file_names().flatten().any(|name| name.ends_with(".npy") && !name.contains('/'))
}

/// The images and labels in `archive`, of which no more than `most` bytes are taken. Without test images
/// the last sixth becomes the test set.
///
/// # Errors
/// [`DatasetError`] where an array is missing, of another type or shape, or damaged.
pub async fn read<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    mut most: u64,
    around: &mut impl Around,
) -> Result<Dataset, DatasetError> {
    let mut batches = Batches::new(around);
    let mut before = 0;
    let parts = [(Part::Train(0), "x_train", "y_train"), (Part::Test, "x_test", "y_test")];
    for (part, images, labels) in parts {
        let there = |name: &str| archive.index_for_name(&format!("{name}.npy")).is_some();
        if part == Part::Test && !there(images) && !there(labels) {
            continue;
        }
        let labels = read_labels(archive, labels)?;
        let (mut file, header) = open(archive, images)?;
        if header.shape != [labels.len() as u64, SIDE.into(), SIDE.into(), 3] || header.descr != "|u1" {
            let side = format!("{} x {SIDE} x {SIDE} x 3", labels.len());
            return Err(other(images, format!("{:?} {} instead of {side} |u1", header.shape, header.descr)));
        }
        most = most.checked_sub(header.values).ok_or_else(too_long)?;
        let packed = file.compressed_size();
        for (label, done) in labels.iter().zip(0_u64..) {
            let mut pixels = vec![0; PIXELS];
            file.read_exact(&mut pixels)?;
            let image =
                RgbImage::new(SIDE, SIDE, pixels).map_err(|error| other(images, error.to_string()))?;
            batches.bytes.set(before + packed / labels.len() as u64 * done);
            batches.push(images, part, *label, image).await?;
        }
        end(&mut file, images)?;
        before += packed;
        batches.bytes.set(before);
        batches.goes_on().await?;
    }
    batches.into_dataset()
}

/// The array `name` of `archive`, and what is known of it.
fn open<'a, R: Read + Seek>(
    archive: &'a mut ZipArchive<R>,
    name: &str,
) -> Result<(ZipFile<'a, R>, Header), DatasetError> {
    let file = format!("{name}.npy");
    if archive.index_for_name(&file).is_none() {
        let found = archive.file_names().flatten().take(8).map(|name| name.to_string()).collect();
        return Err(DatasetError::NoArray { name: name.to_owned(), found });
    }
    let mut file = archive.by_name(&file).map_err(damaged)?;
    match Header::read(&mut file) {
        Ok(header) => Ok((file, header)),
        Err(error) => Err(other(name, error.to_string())),
    }
}

/// The labels in the array `name`: images, or images x 1, of uint8 or of integers as NumPy counts.
fn read_labels(archive: &mut ZipArchive<impl Read + Seek>, name: &str) -> Result<Vec<i64>, DatasetError> {
    let (mut file, header) = open(archive, name)?;
    let (width, images) = match (header.descr.as_str(), header.shape.as_slice()) {
        ("|u1", [images] | [images, 1]) => (1, *images),
        ("<i4", [images] | [images, 1]) => (4, *images),
        ("<i8", [images] | [images, 1]) => (8, *images),
        _ => {
            let wanted = "N or N x 1 of |u1, <i4 or <i8";
            return Err(other(name, format!("{:?} {} instead of {wanted}", header.shape, header.descr)));
        }
    };
    if images > MOST_IMAGES as u64 {
        return Err(DatasetError::TooMany(MOST_IMAGES));
    }
    let mut bytes = vec![0; images as usize * width];
    file.read_exact(&mut bytes)?;
    end(&mut file, name)?;
    Ok(match width {
        1 => bytes.into_iter().map(i64::from).collect(),
        4 => bytes.as_chunks().0.iter().map(|four| i64::from(i32::from_le_bytes(*four))).collect(),
        _ => bytes.as_chunks().0.iter().map(|eight| i64::from_le_bytes(*eight)).collect(),
    })
}

/// Nothing comes after the last value; and only at a file's end its checksum is looked at.
fn end(file: &mut impl Read, name: &str) -> Result<(), DatasetError> {
    match file.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(other(name, "it is longer than it says".to_owned())),
    }
}

fn other(name: &str, why: String) -> DatasetError {
    io::Error::new(io::ErrorKind::InvalidData, format!("the array `{name}`: {why}")).into()
}
