//! Features that came with a project's file: nobody knows who computed them. Before any is used, some of them are
//! computed again.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;

use half::f16;

use crate::backbone::pool::Pool;
use crate::backbone::{Backbone, PROBE_TOLERANCE};
use crate::dataset::Sample;
use crate::features::{FeatureStore, ImageHash};
use crate::project::ProjectStore;
use crate::protocol::Problem;

use super::extraction::{End, Interruptible};
use super::steering::Job;
use super::unwritten::Place;
use super::{Host, Session};

/// Images that are computed again, where there are as many.
const FEWEST_CHECKED: usize = 8;
/// Of so many images one more is.
const ONE_OF: usize = 64;
/// How far a feature may be off, as a share of the image's largest: two engines' errors, and float16's in both.
const TOLERANCE: f32 = 2.0 * PROBE_TOLERANCE + 1.0 / 1024.0;

/// Imported records: the images of each, by their rows.
type Records = BTreeMap<u64, BTreeMap<usize, ImageHash>>;

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Takes imported features of `missing` images into use where some of them, computed again, come out the same,
    /// else drops them. How the extraction ends, where it does.
    pub(super) async fn check_imported(
        &mut self,
        pool: &Rc<Pool<H::Launcher>>,
        missing: &mut VecDeque<(Place, Sample)>,
        interruptible: Interruptible,
    ) -> Result<Option<End>, Problem> {
        let wanted: HashMap<ImageHash, &Sample> =
            missing.iter().map(|(_, sample)| (sample.hash, sample)).collect();
        let records = self.imported(&wanted);
        let places =
            records.iter().flat_map(|(record, rows)| rows.iter().map(|(row, image)| (*record, *row, *image)));
        let mut places: Vec<_> = places.filter(|(.., image)| wanted.contains_key(image)).collect();
        let checked = places.len().min(FEWEST_CHECKED + places.len() / ONE_OF);
        let mut fit = true;
        for _ in 0..checked {
            let (record, row, image) = places.swap_remove(self.host.random() as usize % places.len());
            let Some(given) = self.imported_row(record, row, records[&record].len()).await else {
                fit = false;
                break;
            };
            let album = self.data.as_ref().map(|data| data.album.clone());
            let sample = wanted.get(&image).map(|sample| std::slice::from_ref(*sample));
            let (Some(album), Some(sample)) = (album, sample) else { return Ok(Some(End::Cancelled)) };
            // What cannot be read is told where it is to be computed.
            let Ok(pictures) = album.read(sample).await else {
                fit = false;
                break;
            };
            let computed = pool.extract(&pictures);
            let Some(computed) = self.beside_brief(Job::Work, computed).await else {
                return Ok(Some(End::Cancelled));
            };
            fit = is_alike(&given, &computed?);
            if !fit {
                break;
            }
            if interruptible == Interruptible::Yes && (self.eager || self.steering.is_waited_for()) {
                return Ok(Some(End::Interrupted));
            }
        }
        let (space, row) = (self.space()?, self.ready()?.manifest.features.len());
        for (record, rows) in records {
            let images: Vec<ImageHash> = rows.into_values().collect();
            match self.store.read(record).await {
                Ok(values) if fit && values.len() == images.len() * row => {
                    self.cache.write(&space, &images, &values, &[record]).await?;
                    missing.retain(|(_, sample)| !images.contains(&sample.hash));
                }
                _ => self.cache.forget(record).await?,
            }
        }
        Ok(None)
    }

    /// The imported records that hold features of these images.
    fn imported(&self, wanted: &HashMap<ImageHash, &Sample>) -> Records {
        let mut records = Records::new();
        for (image, location) in self.cache.unchecked().into_iter().flatten() {
            records.entry(location.record).or_default().insert(location.row, *image);
        }
        records.retain(|_, rows| rows.values().any(|image| wanted.contains_key(image)));
        records
    }

    /// A row of an imported record of so many images, where it can be read.
    async fn imported_row(&self, record: u64, row: usize, images: usize) -> Option<Vec<f16>> {
        let length = self.backbone().ok()?.manifest.features.len();
        let values = self.store.read(record).await.ok().filter(|values| values.len() == images * length)?;
        values.get(row * length..(row + 1) * length).map(<[f16]>::to_vec)
    }
}

/// Whether an image's features are those that were computed, as exactly as two engines agree.
pub(super) fn is_alike(given: &[f16], computed: &[f16]) -> bool {
    let largest = computed.iter().fold(0.0_f32, |largest, value| largest.max(value.to_f32().abs()));
    let mut pairs = given.iter().zip(computed);
    given.len() == computed.len()
        && pairs.all(|(given, value)| (given.to_f32() - value.to_f32()).abs() <= TOLERANCE * largest)
}
