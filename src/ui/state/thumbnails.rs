//! How pictures of the open project look: as many as are shown, and some of those that were shown last.

use std::collections::{HashMap, VecDeque};

use crate::pixels::RgbImage;
use crate::project::PictureId;

/// Small pictures that are held, 27 kB each: more than are ever shown at once.
pub const MOST_THUMBNAILS: usize = 2_000;
/// Pictures that all classes show at once, about.
const SHOWN: usize = 960;
/// Pictures that a class shows at once: at least and at most.
const SHOWN_OF_CLASS: (usize, usize) = (12, 48);

/// How many pictures a class shows at once, where there are so many `classes`.
pub fn page(classes: usize) -> usize {
    (SHOWN / classes.max(1)).clamp(SHOWN_OF_CLASS.0, SHOWN_OF_CLASS.1)
}

/// Small pictures by number; the ones that came first give way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thumbnails {
    images: HashMap<PictureId, RgbImage>,
    order: VecDeque<PictureId>,
}

impl Thumbnails {
    /// How a picture looks, where that is known.
    pub fn get(&self, id: PictureId) -> Option<&RgbImage> {
        self.images.get(&id)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.images.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// Takes in how pictures look.
    pub(super) fn extend(&mut self, new: Vec<(PictureId, RgbImage)>) {
        for (id, image) in new {
            if self.images.insert(id, image).is_none() {
                self.order.push_back(id);
            }
        }
        while self.order.len() > MOST_THUMBNAILS {
            self.order.pop_front().into_iter().for_each(|id| drop(self.images.remove(&id)));
        }
    }
}
