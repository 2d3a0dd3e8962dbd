//! The engine in use: choosing it, starting it, and putting the other one in its place.

use std::rc::Rc;

use futures::future::join_all;

use crate::backbone::choose::{self, Adapter};
use crate::backbone::pool::Pool;
use crate::backbone::{Backbone, BackboneError};
use crate::features::FeatureStore;
use crate::pixels::RgbImage;
use crate::project::ProjectStore;
use crate::protocol::{Engine, EngineReason, EngineRequest, EngineStatus, Event, Problem, Speed};

use super::steering::Job;
use super::{Host, Running, Session};

/// Milliseconds for which an engine is timed: some twenty images on a slow processor.
const TRIAL: f64 = 2_000.0;
/// Height and width of the image that it is timed with, those of CIFAR-10.
const TRIAL_SIDE: u32 = 32;

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// The engine, started where none is running. `None` where the person ended the start.
    pub(super) async fn engine(&mut self) -> Result<Option<Rc<Pool<H::Launcher>>>, Problem> {
        let ready = self.ready()?;
        if let Some(running) = &ready.engine {
            return Ok(Some(Rc::clone(&running.pool)));
        }
        let request = ready.request;
        let adapter = match request {
            EngineRequest::Cpu => Adapter::None,
            _ => match self.adapter().await {
                Some(adapter) => adapter,
                None => return Ok(None),
            },
        };
        let speeds = [Engine::Cpu, Engine::WebGpu].map(|engine| self.trial_speed(engine));
        let Some((engine, reason)) = choose::choose(request, adapter, speeds) else {
            return self.compare(adapter).await;
        };
        match self.start(engine, reason).await {
            Err(error) => self.start_other(engine, adapter, &error).await,
            started => started.map_err(Problem::from),
        }
    }

    /// What the browser's WebGPU offers. `None` where the person did not wait for its answer.
    async fn adapter(&mut self) -> Option<Adapter> {
        let host = Rc::clone(&self.host);
        let adapter = self.beside_brief(Job::Backbone, host.adapter()).await;
        if adapter.is_none() {
            self.host.emit(Event::Engine(EngineStatus::Idle));
        }
        adapter
    }

    /// Starts the engine that is left after `failed` did not work.
    async fn start_other(
        &mut self,
        failed: Engine,
        adapter: Adapter,
        error: &BackboneError,
    ) -> Result<Option<Rc<Pool<H::Launcher>>>, Problem> {
        let ready = self.ready()?;
        ready.failed.push(failed);
        // Another engine would not get a better file, and one that has failed itself is none.
        let other = match error {
            BackboneError::Manifest(_) | BackboneError::Silent(_) | BackboneError::File(_) => None,
            _ => choose::instead_of(failed, adapter).filter(|(engine, _)| !ready.failed.contains(engine)),
        };
        let outcome = match other {
            Some((engine, reason)) => self.start(engine, reason).await,
            None => Err(error.clone()),
        };
        if let Err(error) = &outcome {
            // Who tries again begins anew.
            self.ready()?.failed.clear();
            self.host.emit(Event::Engine(EngineStatus::Failed(error.to_string())));
        }
        outcome.map_err(Problem::from)
    }

    /// Starts `engine` and takes it into use. `None` where the person ended it.
    async fn start(
        &mut self,
        engine: Engine,
        reason: EngineReason,
    ) -> Result<Option<Rc<Pool<H::Launcher>>>, BackboneError> {
        let pool = self.launch(engine).await?;
        Ok(pool.map(|pool| self.take(engine, reason, pool)))
    }

    /// Downloads the backbone where that was not done yet, and starts `engine`'s workers.
    /// `None` where the person ended it.
    async fn launch(&mut self, engine: Engine) -> Result<Option<Pool<H::Launcher>>, BackboneError> {
        let Some(ready) = &mut self.backbone else { return Ok(None) };
        let host = Rc::clone(&self.host);
        let coming = ready.model(&host);
        let (manifest, most) = (ready.manifest.clone(), self.workers);
        let work = async {
            if !coming.is_there() {
                host.emit(Event::Engine(EngineStatus::Downloading));
            }
            let model = coming.wait().await?;
            host.emit(Event::Engine(EngineStatus::Starting(engine)));
            let (launcher, width) = host.launcher(engine, &manifest, &model);
            Pool::start(launcher, width.min(most)).await
        };
        let Some(pool) = self.beside_brief(Job::Backbone, work).await else {
            self.host.emit(Event::Engine(EngineStatus::Idle));
            self.abandon_model().await;
            return Ok(None);
        };
        pool.map(Some)
    }

    /// Takes an engine that has started into use.
    fn take(
        &mut self,
        engine: Engine,
        reason: EngineReason,
        pool: Pool<H::Launcher>,
    ) -> Rc<Pool<H::Launcher>> {
        self.host.emit(Event::Engine(EngineStatus::Ready {
            engine,
            reason,
            workers: pool.width() as u32,
            probe_error: pool.probe_error(),
        }));
        let pool = Rc::new(pool);
        if let Some(ready) = &mut self.backbone {
            ready.engine = Some(Running { engine, pool: Rc::clone(&pool) });
        }
        pool
    }

    /// Times both engines, and takes the faster one into use. Where one fails it is the other one.
    async fn compare(&mut self, adapter: Adapter) -> Result<Option<Rc<Pool<H::Launcher>>>, Problem> {
        let webgpu = match self.launch_timed(Engine::WebGpu).await {
            Ok(timed) => timed,
            Err(error) => return self.start_other(Engine::WebGpu, adapter, &error).await,
        };
        let Some((webgpu, webgpu_speed)) = webgpu else { return Ok(None) };
        let (engine, reason, pool) = match self.launch_timed(Engine::Cpu).await {
            Ok(None) => return Ok(None),
            Ok(Some((cpu, cpu_speed))) => match choose::faster(cpu_speed, webgpu_speed) {
                Engine::Cpu => (Engine::Cpu, EngineReason::Faster, cpu),
                Engine::WebGpu => (Engine::WebGpu, EngineReason::Faster, webgpu),
            },
            Err(_) => (Engine::WebGpu, EngineReason::CpuFailed, webgpu),
        };
        Ok(Some(self.take(engine, reason, pool)))
    }

    /// Starts `engine` and finds out how many images per second it computes. `None` where the person
    /// ended it.
    async fn launch_timed(
        &mut self,
        engine: Engine,
    ) -> Result<Option<(Pool<H::Launcher>, f32)>, BackboneError> {
        let Some(pool) = self.launch(engine).await? else { return Ok(None) };
        self.host.emit(Event::Engine(EngineStatus::Timing(engine)));
        let host = Rc::clone(&self.host);
        let work = time(&*host, &pool, TRIAL);
        let Some(speed) = self.beside_brief(Job::Backbone, work).await else {
            self.host.emit(Event::Engine(EngineStatus::Idle));
            return Ok(None);
        };
        let speed = speed?;
        self.learn_speed(engine, true, speed);
        Ok(Some((pool, speed)))
    }

    /// Notes how fast the backbone in use is on `engine`, and tells the page, which remembers it.
    pub(super) fn learn_speed(&mut self, engine: Engine, trial: bool, images_per_second: f32) {
        let Some(ready) = &self.backbone else { return };
        let speed = Speed { backbone: ready.manifest.sha256.clone(), engine, trial, images_per_second };
        let place = |speed: &Speed| (speed.backbone.clone(), speed.engine, speed.trial);
        self.speeds.retain(|known| place(known) != place(&speed));
        self.speeds.push(speed.clone());
        self.host.emit(Event::Speed(speed));
    }

    /// Images per second of the backbone in use on `engine`, as far as it was tried on this device.
    fn trial_speed(&self, engine: Engine) -> Option<f32> {
        let backbone = &self.backbone.as_ref()?.manifest.sha256;
        let known = |speed: &&Speed| speed.trial && speed.backbone == *backbone && speed.engine == engine;
        self.speeds.iter().find(known).map(|speed| speed.images_per_second)
    }

    /// Drops an engine that broke down in the middle of its work and starts the other one.
    pub(super) async fn replace_engine(
        &mut self,
        error: &BackboneError,
    ) -> Result<Option<Rc<Pool<H::Launcher>>>, Problem> {
        let running = self.ready()?.engine.take();
        let Some(adapter) = self.adapter().await else { return Ok(None) };
        match running {
            Some(running) => self.start_other(running.engine, adapter, error).await,
            None => Err(error.clone().into()),
        }
    }
}

/// Images per second that a pool computes with all of its workers, timed for so many milliseconds.
pub(super) async fn time<H: Host>(
    host: &H,
    pool: &Pool<H::Launcher>,
    milliseconds: f64,
) -> Result<f32, BackboneError> {
    let image =
        RgbImage::from_fn(TRIAL_SIDE, TRIAL_SIDE, |x, y| [x, y, x ^ y].map(|value| (8 * value) as u8));
    let begun = host.now();
    let (mut images, mut passed) = (0, 0.0);
    while passed < milliseconds {
        let round = (0..pool.width()).map(|_| pool.extract(std::slice::from_ref(&image)));
        images += join_all(round).await.into_iter().collect::<Result<Vec<_>, _>>()?.len();
        passed = host.now() - begun;
    }
    Ok((images as f64 * 1000.0 / passed) as f32)
}
