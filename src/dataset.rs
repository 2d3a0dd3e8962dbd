//! Labelled images, split into training and test.

use serde::{Deserialize, Serialize};

use crate::pixels::RgbImage;

/// One labelled image.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Images that are only ever used to measure the accuracy.
    pub test: Vec<Sample>,
}

/// Where a dataset comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// Drawn by this program, see `dataset::sample`.
    Drawn,
    /// Files in CIFAR-10's binary layout.
    Cifar10,
}
