//! The data set that the site offers: it is known from the start, and comes when it is asked for.

use std::cell::Cell;
use std::rc::Rc;

use futures::FutureExt;

use crate::features::FeatureStore;
use crate::project::ProjectStore;
use crate::protocol::{Event, Problem, ProblemKind, SiteData};

use super::steering::Job;
use super::{Host, Session};

/// Milliseconds between two reports of the download.
const TELL_EVERY: f64 = 250.0;
/// Milliseconds after which the time that is left can be said.
const SETTLED: f64 = 1_000.0;

/// Seconds that the rest of `total` bytes will take, where `done` came in so many milliseconds.
fn seconds_left(done: u64, total: u64, milliseconds: f64) -> Option<f32> {
    let left = total.checked_sub(done)? as f64 * milliseconds / done as f64 / 1_000.0;
    (milliseconds >= SETTLED && total > 0 && left.is_finite()).then_some(left as f32)
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Tells the page what the site offers, beside whatever else is done: a server may take its time.
    pub(super) fn look_for_site_data(&self) {
        let host = Rc::clone(&self.host);
        let look = async move {
            if let Some(data) = host.site_data().await {
                host.emit(Event::SiteData(data));
            }
        };
        self.host.spawn(look.boxed_local());
    }

    /// Brings the site's data set and takes it into use. What is in use stays so where that is cancelled or
    /// fails.
    pub(super) async fn use_site_data(&mut self, data: &SiteData) -> Result<(), Problem> {
        let host = Rc::clone(&self.host);
        let (begun, told) = (host.now(), Cell::new(f64::NEG_INFINITY));
        let progress = |done: u64| {
            let now = host.now();
            if now - told.get() >= TELL_EVERY || done == data.bytes {
                told.set(now);
                let seconds_left = seconds_left(done, data.bytes, now - begun);
                host.emit(Event::BringingSiteData { done, total: data.bytes, seconds_left });
            }
        };
        progress(0);
        let bringing = host.bring_site_data(data, &progress);
        let brought = self.beside_brief(Job::Backbone, bringing).await;
        host.emit(Event::Exchanged);
        match brought {
            Some(Ok(file)) => self.use_files(&[file]).await,
            Some(Err(error)) => Err(Problem::new(ProblemKind::SiteData, error).about(&data.name)),
            None => Ok(()),
        }
    }
}
