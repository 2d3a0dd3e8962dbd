//! Trying an engine for a check of the device. The one in use stays in use, and nothing is remembered of the
//! trial: it is shorter than those by which an engine is chosen.

use std::rc::Rc;

use crate::backbone::BackboneError;
use crate::backbone::choose::Adapter;
use crate::backbone::pool::Pool;
use crate::features::FeatureStore;
use crate::project::ProjectStore;
use crate::protocol::{Engine, Event, Trial};

use super::engine::time;
use super::steering::Job;
use super::{Host, Session};

/// Milliseconds for which an engine is timed.
const TIMED: f64 = 1_000.0;

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Finds out whether `engine` works, and tells the page.
    pub(super) async fn try_engine(&mut self, engine: Engine, trial: u32) {
        let outcome = self.trial(engine, trial).await;
        self.host.emit(Event::EngineTried { trial, engine, outcome });
    }

    async fn trial(&mut self, engine: Engine, trial: u32) -> Trial {
        let host = Rc::clone(&self.host);
        let Some(ready) = &mut self.backbone else {
            return Trial::Failed("no network is open".to_owned());
        };
        let running = ready.engine.as_ref().filter(|running| running.engine == engine);
        let running = running.map(|running| Rc::clone(&running.pool));
        let (coming, manifest, most) = (ready.model(&host), ready.manifest.clone(), self.workers);
        let work = async {
            let adapter = match engine {
                Engine::WebGpu => host.adapter().await,
                Engine::Cpu => Adapter::Hardware,
            };
            match adapter {
                Adapter::None => return Ok(Trial::NoAdapter),
                Adapter::Silent => return Ok(Trial::SilentAdapter),
                Adapter::Software => return Ok(Trial::SoftwareAdapter),
                Adapter::Hardware => {}
            }
            let pool = match running {
                Some(pool) => pool,
                None => {
                    let (launcher, width) = host.launcher(engine, &manifest, &coming.wait().await?);
                    Rc::new(Pool::start(launcher, width.min(most)).await?)
                }
            };
            let images_per_second = time(&*host, &pool, TIMED).await?;
            Ok::<_, BackboneError>(Trial::Works {
                images_per_second,
                workers: pool.width() as u32,
                probe_error: pool.probe_error(),
            })
        };
        let outcome = self.beside_brief(Job::Trial(trial), work).await;
        // What was asked for in vain, or only in part.
        self.abandon_model().await;
        match outcome {
            Some(Ok(outcome)) => outcome,
            Some(Err(error)) => Trial::Failed(error.to_string()),
            None => Trial::Ended,
        }
    }
}
