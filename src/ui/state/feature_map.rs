//! The map of the features, as the page knows it.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use super::{State, Wait, Work};
use crate::features::ImageHash;
use crate::pixels::RgbImage;
use crate::protocol::{DatasetInfo, FeatureMap, MapEvent, MapPlace};

/// Images of the map that are held, 27 kB each.
const MOST_PICTURES: usize = 1_000;
/// A map of so many images is drawn without being asked for: it takes a moment.
const DRAWN_UNASKED: u32 = 1_000;

/// How images are placed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapMethod {
    /// By t-SNE: what is alike lies together.
    #[default]
    Tsne,
    /// By the first two principal components.
    Pca,
}

impl MapMethod {
    /// All of them, in the order of the choice.
    pub const ALL: [Self; 2] = [Self::Tsne, Self::Pca];
}

/// How far the making of the map is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapProgress {
    /// Nothing is under way.
    #[default]
    Idle,
    /// Features are read and reduced: steps done, steps in all (0 where nothing is known yet).
    Reading(u32, u32),
    /// t-SNE moves the images: steps done, steps in all.
    Moving(u32, u32),
}

/// The map of the features.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapState {
    /// The map, once it was drawn.
    pub drawn: Option<Rc<FeatureMap>>,
    /// x and y of each image by t-SNE, once it has moved them.
    pub moved: Option<Rc<Vec<f32>>>,
    /// How far the making is.
    pub progress: MapProgress,
    /// Whether other images are in use since, or another head.
    pub outdated: bool,
    /// Whether its making ended without one: then it is drawn only where it is asked for.
    pub ended: bool,
    /// The image whose neighbours were asked for last, and these.
    pub neighbours: Option<(ImageHash, Rc<Vec<ImageHash>>)>,
    pictures: Rc<HashMap<ImageHash, RgbImage>>,
    order: VecDeque<ImageHash>,
}

impl MapState {
    /// How an image looks, where that is known.
    pub fn picture(&self, hash: &ImageHash) -> Option<&RgbImage> {
        self.pictures.get(hash)
    }

    /// x and y of each image by `method`; by the components for as long as t-SNE has moved nothing.
    pub fn positions(&self, method: MapMethod) -> &[f32] {
        match (&self.moved, &self.drawn, method) {
            (Some(moved), _, MapMethod::Tsne) => moved,
            (_, Some(drawn), _) => &drawn.components,
            (_, None, _) => &[],
        }
    }

    /// x and y of a further image by `method`, where it has any.
    pub fn place_by(method: MapMethod, place: &MapPlace) -> Option<[f32; 2]> {
        match method {
            MapMethod::Tsne => place.tsne,
            MapMethod::Pca => Some(place.components),
        }
    }

    pub(super) fn apply(&mut self, event: MapEvent) {
        match event {
            MapEvent::Reading { done, total } => self.progress = MapProgress::Reading(done, total),
            MapEvent::Drawn(map) => {
                // Whatever is of images that are still there stays.
                let Self { pictures, order, .. } = std::mem::take(self);
                // The first moves are told soon.
                let progress = MapProgress::Moving(0, 0);
                *self = Self { drawn: Some(Rc::new(map)), progress, pictures, order, ..Self::default() };
            }
            MapEvent::Moved { positions, done, total } => {
                let fits = self.drawn.as_ref().is_some_and(|map| map.components.len() == positions.len());
                if fits {
                    self.moved = Some(Rc::new(positions));
                    let moving = done < total;
                    self.progress = if moving { MapProgress::Moving(done, total) } else { MapProgress::Idle };
                }
            }
            MapEvent::Ended => (self.progress, self.ended) = (MapProgress::Idle, true),
            MapEvent::Gone => *self = Self::default(),
            MapEvent::Pictures(pictures) => {
                let held = Rc::make_mut(&mut self.pictures);
                for (hash, picture) in pictures {
                    if held.insert(hash, picture).is_none() {
                        self.order.push_back(hash);
                    }
                }
                while self.order.len() > MOST_PICTURES {
                    self.order.pop_front().into_iter().for_each(|hash| drop(held.remove(&hash)));
                }
            }
            MapEvent::Neighbours { of, images } => self.neighbours = Some((of, Rc::new(images))),
        }
    }

    /// These images are in use now.
    pub(super) fn in_use(&mut self, data: &DatasetInfo) {
        self.ended = false;
        let differs = |map: &FeatureMap| map.in_use != data.train + data.test || map.classes != data.classes;
        self.outdated |= self.drawn.as_ref().is_some_and(|map| differs(map));
    }
}

impl State {
    /// Whether the map can be drawn.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn can_draw_map(&self) -> Result<(), Wait> {
        match self.work() {
            Some(Work::Resting(features)) if features.extraction.done < features.extraction.total => {
                Err(Wait::Features)
            }
            Some(Work::Resting(_)) => Ok(()),
            Some(Work::Loading { .. } | Work::Training { .. }) => Err(Wait::Training),
            Some(Work::Extracting(_)) => Err(Wait::Extracting),
            _ => Err(Wait::Data),
        }
    }

    /// Whether the map is drawn without being asked for: there is none of what is in use, and it takes a moment.
    pub fn draws_map_by_itself(&self) -> bool {
        let wanted = (self.map.drawn.is_none() || self.map.outdated) && !self.map.ended;
        wanted
            && self.map.progress == MapProgress::Idle
            && self.result().is_some()
            && self.can_draw_map().is_ok()
            && self.data().is_some_and(|data| data.train + data.test <= DRAWN_UNASKED)
    }
}
