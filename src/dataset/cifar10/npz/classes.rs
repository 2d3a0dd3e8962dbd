//! Which data set the arrays are, and their classes.

use std::collections::BTreeSet;

use super::Labelled;
use crate::dataset::cifar10::{SIDE, Set};
use crate::dataset::notices::{Notice, NoticeKind};
use crate::dataset::{Dataset, DatasetError, Sample, Source};
use crate::pixels::RgbImage;

/// Classes that arrays may have.
const CLASSES: std::ops::RangeInclusive<usize> = 2..=100;
/// This share of the pictures tests where no array does, as in CIFAR-10.
const TESTED: usize = 6;

/// The data set of pictures that train, validate and test. They are CIFAR-10 or CIFAR-100 where they have
/// its size and exactly its labels; else each number among the labels is a class, and its name.
///
/// # Errors
/// [`DatasetError::LabelClasses`] where there are fewer than 2 classes or more than 100.
pub fn dataset(parts: [Labelled; 3], mut notices: Vec<Notice>) -> Result<Dataset, DatasetError> {
    let all = || parts.iter().flatten();
    let numbers: BTreeSet<i64> = all().map(|(_, label)| *label).collect();
    let has_size = |image: &RgbImage| (image.width(), image.height()) == (SIDE, SIDE);
    let small = all().all(|(sample, _)| sample.image().is_some_and(has_size));
    let is = |set: &Set| small && numbers.iter().copied().eq(0..set.classes().len() as i64);
    let set = [Set::Ten, Set::Hundred].into_iter().find(is);
    if !CLASSES.contains(&numbers.len()) {
        return Err(DatasetError::LabelClasses(numbers.len()));
    }
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let [mut train, validation, mut test] = parts;
    if set.is_none() {
        // Sorted by class, the last part would be all of one.
        train = spread(train);
    }
    if test.is_empty() {
        test = train.split_off(train.len() - train.len() / TESTED);
        let (kind, count) = (NoticeKind::NoTestFile, test.len() as u32);
        notices.push(Notice { kind, count, names: Vec::new() });
    }
    let validating = (!validation.is_empty()).then_some(validation.len());
    train.extend(validation);
    let labelled = |part: Labelled| -> Vec<Sample> {
        let place = |label| numbers.binary_search(&label).unwrap_or_default() as u16;
        part.into_iter().map(|(sample, label)| Sample { label: place(label), ..sample }).collect()
    };
    let (train, test) = (labelled(train), labelled(test));
    let source = set.map_or(Source::Arrays, Set::source);
    let classes = match set {
        Some(set) => set.classes().iter().map(|name| (*name).to_owned()).collect(),
        None => numbers.iter().map(i64::to_string).collect(),
    };
    Ok(Dataset { source, classes, train, validation: validating, test, notices })
}

/// Pictures that are sorted by class, with each class spread over all of them; others as they are.
fn spread(part: Labelled) -> Labelled {
    if !part.is_sorted_by_key(|(_, label)| *label) {
        return part;
    }
    let mut places = Vec::with_capacity(part.len());
    for class in part.chunk_by(|(_, a), (_, b)| a == b) {
        places.extend((0..class.len()).map(|at| (at as f64 + 0.5) / class.len() as f64));
    }
    let mut placed: Vec<_> = places.into_iter().zip(part).collect();
    placed.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    placed.into_iter().map(|(_, picture)| picture).collect()
}
