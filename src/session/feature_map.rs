//! The map of the features: read and averaged, reduced to principal components, then placed by t-SNE.
//!
//! t-SNE goes on while nothing else is to be done, some steps at a time, so that every command is carried out
//! between two of them.

use std::collections::{HashMap, HashSet};

use half::f16;
use projection::{Pca, Reduction, Tsne, nearest, place};

use crate::dataset::Sample;
use crate::features::{FeatureSpace, FeatureStore, ImageHash};
use crate::head::{BLOCK, FeatureShape};
use crate::pixels::RgbImage;
use crate::project::ProjectStore;
use crate::protocol::{
    Event, FeatureMap, MOST_MAP_PICTURES, MOST_MAPPED, MapCommand, MapEvent, MapPlace, MappedImage, Problem,
    ProblemKind,
};
use crate::random::Random;

use super::steering::Job;
use super::training::BREATHE_EVERY;
use super::{Host, Session};

/// What the sample and the map's beginning are drawn from: the same images give the same map.
const SEED: u64 = 0;
/// Principal components that t-SNE works on, as scikit-learn's guide and openTSNE's recommend.
const COMPONENTS: usize = 50;
/// Milliseconds after which the page hears where the images have moved.
const TELL_EVERY: f64 = 150.0;
/// Neighbours that are named of an image.
const NEIGHBOURS: usize = 8;
/// Height and width at which images of the map are shown, at the most.
const SHOWN_SIDE: u32 = 96;

/// A map that is made, or is being refined.
pub(super) struct Map {
    space: FeatureSpace,
    hashes: Vec<ImageHash>,
    pca: Pca,
    tsne: Tsne,
    /// Whether t-SNE goes on.
    refining: bool,
    /// When the page last heard of it.
    told: f64,
}

impl Map {
    /// Where a further image lies, by its features averaged over their places.
    fn place(&self, means: &[f32]) -> Option<MapPlace> {
        let projected = self.pca.project(means).ok()?;
        let at = |axis: usize| projected.get(axis).copied().unwrap_or_default();
        let moved = self.tsne.progress().0 > 0;
        let tsne =
            moved.then(|| place(self.tsne.points(), projected.len(), self.tsne.positions(), &projected).ok());
        Some(MapPlace { components: [at(0), at(1)], tsne: tsne.flatten() })
    }
}

/// Images to be drawn, with what is known of them.
struct Sampled {
    images: Vec<MappedImage>,
    in_use: usize,
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    pub(super) async fn map_command(&mut self, command: MapCommand) -> Result<(), Problem> {
        match command {
            MapCommand::Draw { asked } => {
                let done = self.draw_map().await;
                if !matches!(done, Ok(true)) {
                    self.host.emit(Event::Map(MapEvent::Ended));
                }
                match done {
                    Err(Problem {
                        kind: ProblemKind::TooFewImages | ProblemKind::FeaturesMissing, ..
                    }) if !asked => Ok(()),
                    done => done.map(drop),
                }
            }
            MapCommand::Stop => {
                self.stop_refining();
                Ok(())
            }
            MapCommand::Look(hashes) => self.show_mapped(&hashes).await,
            MapCommand::FindNeighbours(hash) => {
                self.find_neighbours(hash);
                Ok(())
            }
        }
    }

    /// Makes the map by principal components, and begins to refine it. False where the person ended it.
    async fn draw_map(&mut self) -> Result<bool, Problem> {
        // The one before stays until this one is whole.
        self.map.iter_mut().for_each(|map| map.refining = false);
        let Sampled { mut images, in_use } = self.sampled()?;
        let (space, shape) = (self.space()?, self.ready()?.manifest.features);
        let hashes: Vec<ImageHash> = images.iter().map(|image| image.hash).collect();
        let Some(means) = self.read_means(&hashes, &mut images, shape).await? else { return Ok(false) };
        let Some(pca) = self.reduce(&means, hashes.len(), shape.channels).await? else { return Ok(false) };
        let width = pca.explained.len();
        let settings = projection::Settings { seed: SEED, ..projection::Settings::default() };
        let tsne = Tsne::new(&pca.coordinates, hashes.len(), width, settings).map_err(not_drawn)?;
        let components =
            pca.coordinates.chunks_exact(width).flat_map(|row| [row[0], row.get(1).copied().unwrap_or(0.0)]);
        let explained = |axis: usize| pca.explained.get(axis).copied().unwrap_or_default();
        self.host.emit(Event::Map(MapEvent::Drawn(FeatureMap {
            components: components.collect(),
            explained: [explained(0), explained(1)],
            in_use: in_use as u32,
            classes: self.data.as_ref().map_or_else(Vec::new, |data| data.dataset.classes.clone()),
            images,
        })));
        self.map = Some(Map { space, hashes, pca, tsne, refining: true, told: self.host.now() });
        Ok(true)
    }

    /// The images in use, or a sample of them, in their order.
    fn sampled(&self) -> Result<Sampled, Problem> {
        let Some(data) = &self.data else {
            return Err(Problem::new(ProblemKind::TooFewImages, "no images are in use"));
        };
        let (train, test) = data.used(self.limits);
        let mut chosen: Vec<usize> = (0..train + test).collect();
        if chosen.len() > MOST_MAPPED {
            Random::new(SEED).shuffle(&mut chosen);
            chosen.truncate(MOST_MAPPED);
            chosen.sort_unstable();
        }
        let chosen: HashSet<usize> = chosen.into_iter().collect();
        let all = data.in_use(self.limits).enumerate().filter(|(number, _)| chosen.contains(number));
        let image = |(number, sample): (usize, &Sample)| MappedImage {
            hash: sample.hash,
            label: sample.label,
            test: number >= train,
            answer: None,
        };
        let images: Vec<MappedImage> = all.map(image).collect();
        match images.len() {
            0 | 1 => Err(Problem::new(ProblemKind::TooFewImages, format!("{} images", images.len()))),
            _ => Ok(Sampled { images, in_use: train + test }),
        }
    }

    /// The stored features of these images, averaged over their places; the head answers for the images on the
    /// way. `None` where the person ended it.
    async fn read_means(
        &mut self,
        hashes: &[ImageHash],
        images: &mut [MappedImage],
        shape: FeatureShape,
    ) -> Result<Option<Vec<f32>>, Problem> {
        let mut blocks = self.blocks(hashes).await?;
        let mut means = Vec::with_capacity(hashes.len() * shape.channels);
        // Another data set's classes have other names, or another order.
        let classes = self.data.as_ref().map(|data| data.dataset.classes.clone());
        let fits = self.head.as_ref().is_some_and(|head| Some(&head.trained.classes) == classes.as_ref());
        let total = 2 * hashes.len() as u32;
        for (number, images) in images.chunks_mut(BLOCK).enumerate() {
            let Some(block) = self.exam_block(number as u32, &mut blocks, hashes).await? else {
                return Ok(None);
            };
            for features in block.chunks_exact(shape.len()) {
                average(features, shape.channels, &mut means);
            }
            if let Some(head) = self.head.as_ref().filter(|_| fits) {
                let labels: Vec<u16> = images.iter().map(|image| image.label).collect();
                for (image, judged) in images.iter_mut().zip(head.head.judge(&block, &labels)?) {
                    image.answer = Some(judged.answer);
                }
            }
            let done = (means.len() / shape.channels) as u32;
            self.host.emit(Event::Map(MapEvent::Reading { done, total }));
            self.host.breathe().await;
            if self.steering.is_ended(Job::Map) {
                return Ok(None);
            }
        }
        Ok(Some(means))
    }

    /// The principal components of `n` rows of `width` values. `None` where the person ended it.
    async fn reduce(&mut self, rows: &[f32], n: usize, width: usize) -> Result<Option<Pca>, Problem> {
        let mut reduction = Reduction::new(rows, n, width, COMPONENTS, SEED).map_err(not_drawn)?;
        let (images, mut breathed) = (n as u32, self.host.now());
        while reduction.step() {
            if self.host.now() - breathed > BREATHE_EVERY {
                let (done, total) = reduction.progress();
                let done = images + (u64::from(images) * done as u64 / total.max(1) as u64) as u32;
                self.host.emit(Event::Map(MapEvent::Reading { done, total: 2 * images }));
                self.host.breathe().await;
                breathed = self.host.now();
                if self.steering.is_ended(Job::Map) {
                    return Ok(None);
                }
            }
        }
        Ok(Some(reduction.finish()))
    }

    /// Whether there is a map whose images still move.
    pub(super) fn is_refining(&self) -> bool {
        self.map.as_ref().is_some_and(|map| map.refining)
    }

    /// Takes some of t-SNE's steps, and tells the page now and then.
    pub(super) async fn refine_map(&mut self) {
        let begun = self.host.now();
        if let Some(map) = &mut self.map {
            while map.refining && self.host.now() - begun < BREATHE_EVERY {
                map.refining = map.tsne.step();
            }
            let now = self.host.now();
            if !map.refining || now - map.told > TELL_EVERY {
                map.told = now;
                let (done, total) = map.tsne.progress();
                let positions = map.tsne.positions().to_vec();
                let moved = MapEvent::Moved { positions, done: done as u32, total: total as u32 };
                self.host.emit(Event::Map(moved));
            }
        }
        self.host.breathe().await;
    }

    /// Other features come into use.
    pub(super) fn drop_map(&mut self) {
        self.map = None;
        self.host.emit(Event::Map(MapEvent::Gone));
    }

    /// Leaves the map as it is.
    pub(super) fn stop_refining(&mut self) {
        if let Some(map) = self.map.as_mut().filter(|map| map.refining) {
            map.refining = false;
            self.host.emit(Event::Map(MapEvent::Ended));
        }
    }

    /// Where an image with these features lies in the map, where there is one of such features.
    pub(super) fn map_place(&self, features: &[f16]) -> Option<MapPlace> {
        let map = self.map.as_ref()?;
        if self.space().ok()? != map.space {
            return None;
        }
        let mut means = Vec::new();
        average(features, map.pca.mean.len(), &mut means);
        map.place(&means)
    }

    /// Shows how images of the map look, as far as they are still in use.
    async fn show_mapped(&self, hashes: &[ImageHash]) -> Result<(), Problem> {
        let Some(data) = &self.data else { return Ok(()) };
        let wanted: HashSet<ImageHash> = hashes.iter().copied().take(MOST_MAP_PICTURES).collect();
        let samples: HashMap<ImageHash, &Sample> = data
            .in_use(self.limits)
            .filter(|sample| wanted.contains(&sample.hash))
            .map(|sample| (sample.hash, sample))
            .collect();
        let mut pictures: Vec<(ImageHash, RgbImage)> = Vec::with_capacity(samples.len());
        for (hash, sample) in samples {
            // One that cannot be read any more stays a point.
            let read = data.album.read(std::slice::from_ref(sample)).await.unwrap_or_default();
            pictures.extend(read.into_iter().map(|image| (hash, image.reduced_to(SHOWN_SIDE))));
        }
        self.host.emit(Event::Map(MapEvent::Pictures(pictures)));
        Ok(())
    }

    /// Names the images that are most like one of the map.
    fn find_neighbours(&self, of: ImageHash) {
        let Some(map) = &self.map else { return };
        let (points, width) = (map.tsne.points(), map.pca.explained.len());
        let place = map.hashes.iter().position(|hash| *hash == of);
        let asked = place.and_then(|place| points.get(place * width..(place + 1) * width));
        let found = asked.and_then(|asked| nearest(points, width, asked, NEIGHBOURS + 1).ok());
        let others = found.into_iter().flatten().filter(|(other, _)| Some(*other) != place);
        let images = others.take(NEIGHBOURS).filter_map(|(other, _)| map.hashes.get(other).copied());
        self.host.emit(Event::Map(MapEvent::Neighbours { of, images: images.collect() }));
    }
}

/// Adds to `means` the means over an image's places, a value for each of its channels, which vary fastest.
fn average(features: &[f16], channels: usize, means: &mut Vec<f32>) {
    let begin = means.len();
    means.resize(begin + channels, 0.0);
    let (sums, mut places) = (&mut means[begin..], 0.0_f32);
    for place in features.chunks_exact(channels.max(1)) {
        places += 1.0;
        sums.iter_mut().zip(place).for_each(|(sum, value)| *sum += value.to_f32());
    }
    sums.iter_mut().for_each(|sum| *sum /= places.max(1.0));
}

fn not_drawn(error: projection::MapError) -> Problem {
    Problem::new(ProblemKind::NoMap, error)
}
