//! Features that were computed in this visit, some of them computed again before a training relies on them: an engine
//! that proved right at its start can go wrong later, as a graphics card does that drops its work.

use std::collections::BTreeSet;
use std::rc::Rc;

use half::f16;

use crate::backbone::{Backbone, BackboneError};
use crate::dataset::Sample;
use crate::features::{FeatureStore, ImageHash};
use crate::project::ProjectStore;
use crate::protocol::{Event, Problem, ProblemKind};

use super::imported::is_alike;
use super::steering::Job;
use super::{Host, Session};

/// Images that are computed again, where there are as many.
const FEWEST: usize = 4;
/// Of so many images one more is.
const ONE_OF: usize = 256;

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Computes some of the features again that were computed since this was last done. Where one comes out
    /// different, all of those are dropped and computed by the other engine. False where the person ended it.
    pub(super) async fn recheck(&mut self) -> Result<bool, Problem> {
        let mut fresh = std::mem::take(&mut self.fresh);
        let running = self.backbone.as_ref().and_then(|ready| ready.engine.as_ref());
        let Some(pool) = running.map(|running| Rc::clone(&running.pool)).filter(|_| self.foreign.is_none())
        else {
            return Ok(true);
        };
        let all = fresh.clone();
        for _ in 0..FEWEST + all.len() / ONE_OF {
            if fresh.is_empty() {
                break;
            }
            let image = fresh.swap_remove(self.host.random() as usize % fresh.len());
            let Some((sample, given)) = self.fresh_image(image).await? else { continue };
            let Some(album) = self.data.as_ref().map(|data| data.album.clone()) else { return Ok(true) };
            // What cannot be read any more is told where it is needed.
            let Ok(pictures) = album.read(&[sample]).await else { continue };
            let computed = pool.extract(&pictures);
            let Some(computed) = self.beside_brief(Job::Training, computed).await else {
                self.fresh = all;
                return Ok(false);
            };
            // An engine that fails now says nothing about what is stored.
            let Ok(computed) = computed else { continue };
            if !is_alike(&given, &computed) {
                drop(pool);
                return self.compute_again(&all).await;
            }
        }
        Ok(true)
    }

    /// An image in use of this hash with its stored features, where it has some.
    async fn fresh_image(&mut self, image: ImageHash) -> Result<Option<(Sample, Vec<f16>)>, Problem> {
        let (space, row) = (self.space()?, self.backbone()?.manifest.features.len());
        let Some(place) = self.cache.known(&space).await?.get(&image).copied() else { return Ok(None) };
        let Some(data) = &self.data else { return Ok(None) };
        let Some(sample) = data.in_use(self.limits).find(|sample| sample.hash == image).cloned() else {
            return Ok(None);
        };
        // A record that is damaged is told where it is needed.
        let Ok(values) = self.store.read(place.record).await else { return Ok(None) };
        let given = values.get(place.row * row..(place.row + 1) * row).map(<[f16]>::to_vec);
        Ok(given.map(|given| (sample, given)))
    }

    /// Drops the records with features of these images, and has them computed by the other engine, where there is
    /// one that works. False where the person ended it.
    async fn compute_again(&mut self, images: &[ImageHash]) -> Result<bool, Problem> {
        let why = "an engine gave two answers for one image";
        self.host.emit(Event::Problem(Problem::new(ProblemKind::StoreMended, why)));
        let space = self.space()?;
        let index = self.cache.known(&space).await?;
        let records: BTreeSet<u64> =
            images.iter().filter_map(|image| Some(index.get(image)?.record)).collect();
        for record in records {
            self.cache.forget(record).await?;
        }
        if self.replace_engine(&BackboneError::Run(why.to_owned())).await?.is_none() {
            return Ok(false);
        }
        self.extract().await
    }
}
