//! Labels: a whole number for each picture, in whatever type, or a row for each with a one at its class.

use std::io::{BufReader, Read};

use super::Array;
use crate::dataset::DatasetError;
use crate::dataset::cifar10::MOST_IMAGES;
use crate::npy::Number;

/// Classes that a row may tell apart.
const MOST_COLUMNS: u64 = 1_000;

/// The labels in `array`, in its order.
///
/// # Errors
/// [`DatasetError`] where the array is of another type or shape, holds fractions, or ends too early.
pub fn read(array: &mut Array) -> Result<Vec<i64>, DatasetError> {
    let described = array.described();
    let wrong = || DatasetError::ArrayShape(described.clone());
    let header = &array.header;
    if header.descr.ends_with('O') {
        return Err(DatasetError::ArrayObjects(described));
    }
    let number = Number::parse(&header.descr).ok_or_else(wrong)?;
    let (images, columns) = match *header.shape {
        [images] => (images, 1),
        [images, columns @ 1..=MOST_COLUMNS] => (images, columns as usize),
        _ => return Err(wrong()),
    };
    if images > MOST_IMAGES as u64 {
        return Err(DatasetError::TooMany(MOST_IMAGES));
    }
    let images = images as usize;
    let fortran = header.fortran_order;
    // Not a byte more, so that what follows is noticed.
    let length = (images * columns * number.width()) as u64;
    let mut file = BufReader::new((&mut array.file).take(length));
    let mut bytes = [0; 8];
    let bytes = &mut bytes[..number.width()];
    if columns == 1 {
        let mut labels = Vec::with_capacity(images);
        for _ in 0..images {
            file.read_exact(bytes)?;
            labels.push(number.whole(bytes).ok_or_else(wrong)?);
        }
        return Ok(labels);
    }
    let mut labels = vec![None; images];
    for at in 0..images * columns {
        file.read_exact(bytes)?;
        let (image, column) = if fortran { (at % images, at / images) } else { (at / columns, at % columns) };
        match (number.whole(bytes), labels[image]) {
            (Some(0), _) => {}
            (Some(1), None) => labels[image] = Some(column as i64),
            _ => return Err(wrong()),
        }
    }
    labels.into_iter().collect::<Option<_>>().ok_or_else(wrong)
}
