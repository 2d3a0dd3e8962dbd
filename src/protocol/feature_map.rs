//! The map of the features: what the network sees of the images in use, in two dimensions.

use serde::{Deserialize, Serialize};

use crate::features::ImageHash;
use crate::pixels::RgbImage;

/// Images that a map shows at the most; of more it shows a sample.
pub const MOST_MAPPED: usize = 5_000;
/// Images that are shown of a map at a time, at the most.
pub const MOST_MAP_PICTURES: usize = 64;

/// An image of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedImage {
    /// Which one it is.
    pub hash: ImageHash,
    /// What it is, a place among the classes.
    pub label: u16,
    /// Whether it is a test image; else the head learnt from it, or will.
    pub test: bool,
    /// What the trained head takes it for; `None` where no head is trained on these classes.
    pub answer: Option<u16>,
}

impl MappedImage {
    /// Whether the head is wrong about it.
    pub fn is_mistake(&self) -> bool {
        self.answer.is_some_and(|answer| answer != self.label)
    }
}

/// Where images lie by the two directions in which their features differ most.
///
/// Features are averaged over the places of the feature map, so that an image has a value a channel, and
/// projected on their first principal components.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureMap {
    /// The images: training images first, in the dataset's order.
    pub images: Vec<MappedImage>,
    /// Images in use. Where there are more than [`MOST_MAPPED`], `images` is a random sample of them.
    pub in_use: u32,
    /// The classes' names.
    pub classes: Vec<String>,
    /// x and y of each image: its first two principal components.
    pub components: Vec<f32>,
    /// Of these two the share of the whole variance, each in [0, 1].
    pub explained: [f32; 2],
}

/// Where a further image lies in the map.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapPlace {
    /// x and y by principal components.
    pub components: [f32; 2],
    /// x and y among the images that t-SNE has moved; `None` before it has moved any.
    pub tsne: Option<[f32; 2]>,
}

/// What becomes of the map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MapEvent {
    /// Features are being read and reduced for it: steps done, steps in all.
    Reading {
        /// Steps done.
        done: u32,
        /// In all.
        total: u32,
    },
    /// It is there, by principal components.
    Drawn(FeatureMap),
    /// t-SNE has moved its images.
    Moved {
        /// x and y of each image, in the map's order.
        positions: Vec<f32>,
        /// Steps done.
        done: u32,
        /// Steps in all; nothing moves any more when they are done.
        total: u32,
    },
    /// It is not being made any more; what is there stays.
    Ended,
    /// There is none any more: other data or another network is in use.
    Gone,
    /// How some of its images look, small.
    Pictures(Vec<(ImageHash, RgbImage)>),
    /// The images whose features are most like those of one of them.
    Neighbours {
        /// That one.
        of: ImageHash,
        /// The others, the most alike first.
        images: Vec<ImageHash>,
    },
}

/// What the person does with the map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MapCommand {
    /// Make it of the images in use; all their features must be stored. `Cancel` ends that.
    Draw {
        /// Whether a person asked for it. Where the page did by itself, too few images or missing features are no
        /// problem: other images may have come into use since.
        asked: bool,
    },
    /// Leave it as it is, or end its making. *At once.*
    Stop,
    /// Show how these images look, at most [`MOST_MAP_PICTURES`] of them.
    Look(Vec<ImageHash>),
    /// Name the images that are most like this one.
    FindNeighbours(ImageHash),
}
