//! Computing the features that are not stored yet.

use std::collections::{HashSet, VecDeque};
use std::rc::Rc;

use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt, select_biased};
use half::f16;

use crate::backbone::pool::Pool;
use crate::backbone::{Backbone, BackboneError};
use crate::dataset::Sample;
use crate::features::{FeatureStore, ImageHash, StoreError};
use crate::head::BLOCK;
use crate::project::earlier::reduced_too_far;
use crate::project::{PictureId, ProjectStore};
use crate::protocol::{Engine, Event, Extraction, ExtractionPhase, Problem, ProblemKind};

use super::album::Unread;
use super::steering::{Job, Word};
use super::unwritten::{Place, Unwritten};
use super::{Host, Running, Session};

/// Images a CPU worker gets at once: about half a second of work.
const CPU_BATCH: usize = 8;
/// Images the WebGPU worker gets at once: it runs them one by one anyway.
const WEBGPU_BATCH: usize = 2;
/// Batches that are read while all workers are busy, so that none waits for its pictures.
const READ_AHEAD: usize = 1;
/// Images per second are counted over so many batches.
const RATE_BATCHES: usize = 24;
/// So many images must have been computed for their mean speed to say something.
const FEWEST_MEASURED: u32 = 32;

/// How fast one engine has been, breaks left out. Times are in milliseconds.
struct Pace {
    images: u32,
    worked: f64,
    /// What was worked before the last break.
    before: f64,
    /// When that break ended.
    since: f64,
}

impl Pace {
    fn new(now: f64) -> Self {
        Self { images: 0, worked: 0.0, before: 0.0, since: now }
    }

    fn count(&mut self, images: usize, now: f64) {
        self.images += images as u32;
        self.worked = self.before + now - self.since;
    }

    fn resume(&mut self, now: f64) {
        (self.before, self.since) = (self.worked, now);
    }

    /// Mean images per second; `None` where too few were computed.
    fn mean(&self) -> Option<f32> {
        let known = self.images >= FEWEST_MEASURED && self.worked > 0.0;
        known.then(|| (f64::from(self.images) * 1000.0 / self.worked) as f32)
    }
}

/// What has come back from the engine, and how fast.
struct Progress {
    state: Extraction,
    /// When each of the last batches came back, and the images computed by then.
    recent: VecDeque<(f64, u32)>,
    pace: Pace,
}

impl Progress {
    fn new(state: Extraction, now: f64) -> Self {
        Self { state, recent: VecDeque::from([(now, 0)]), pace: Pace::new(now) }
    }

    /// Counts images that came back at `now` (milliseconds).
    fn count(&mut self, images: usize, now: f64) {
        self.state.done += images as u32;
        self.state.computed += images as u32;
        self.pace.count(images, now);
        self.recent.push_back((now, self.state.computed));
        if self.recent.len() > RATE_BATCHES {
            self.recent.pop_front();
        }
        if let Some(&(since, before)) = self.recent.front()
            && now > since
        {
            self.state.images_per_second =
                (self.state.computed - before) as f32 * 1000.0 / (now - since) as f32;
        }
    }

    /// Goes on after a break that says nothing about the speed.
    fn resume(&mut self, now: f64) {
        self.state.phase = ExtractionPhase::Running;
        self.pace.resume(now);
        self.recent = VecDeque::from([(now, self.state.computed)]);
    }
}

/// Whether an extraction gives way to other commands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Interruptible {
    Yes,
    No,
}

/// How an extraction ended.
pub(super) enum End {
    Complete,
    Cancelled,
    /// Another command wants to be carried out.
    Interrupted,
    EngineFailed(BackboneError),
    /// A picture cannot be read any more.
    PictureFailed(Unread),
}

/// Why a batch gave no features.
enum Failed {
    Picture(Unread),
    Engine(BackboneError),
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Tells the page how many of the images in use have stored features.
    pub(super) async fn tell_stored(&mut self) -> Result<(), Problem> {
        if self.backbone.is_none() {
            return Ok(());
        }
        let space = self.space()?;
        let index = self.cache.known(&space).await?;
        let Some(data) = &self.data else { return Ok(()) };
        let mut state = Extraction {
            phase: ExtractionPhase::Incomplete,
            done: 0,
            total: 0,
            computed: 0,
            images_per_second: 0.0,
        };
        for sample in data.in_use(self.limits) {
            state.total += 1;
            state.done += u32::from(index.contains_key(&sample.hash));
        }
        if state.done == state.total && state.total > 0 {
            state.phase = ExtractionPhase::Complete;
        }
        self.host.emit(Event::Extraction(state));
        Ok(())
    }

    /// Computes what is missing of the images in use. Whether all of it is there at the end: the person
    /// may have cancelled it.
    pub(super) async fn extract(&mut self) -> Result<bool, Problem> {
        Ok(matches!(self.extract_as(Interruptible::No).await?, End::Complete))
    }

    /// Computes what is missing of the open project until another command comes; goes on later.
    pub(super) async fn extract_eagerly(&mut self) -> Result<(), Problem> {
        self.eager = false;
        if let End::Interrupted = self.extract_as(Interruptible::Yes).await? {
            self.eager = self.project.is_some();
        }
        Ok(())
    }

    async fn extract_as(&mut self, interruptible: Interruptible) -> Result<End, Problem> {
        let outcome = self.extract_missing(interruptible).await;
        // Also after a failure, the page learns what is stored.
        self.tell_cache().await?;
        self.tell_stored().await?;
        outcome
    }

    async fn extract_missing(&mut self, interruptible: Interruptible) -> Result<End, Problem> {
        let space = self.space()?;
        // Picture after picture comes in where it gives way to all of them.
        let index = match interruptible {
            Interruptible::Yes => self.cache.known(&space).await?,
            Interruptible::No => self.cache.read(&space).await?,
        };
        let Some(data) = &self.data else {
            return Err(Problem::new(ProblemKind::TooFewImages, "no images are in use"));
        };
        // The same picture may stand in a dataset twice; it is computed once.
        let mut seen = HashSet::new();
        let mut total = 0;
        let mut missing = VecDeque::new();
        let (train, _) = data.used(self.limits);
        for (number, sample) in data.in_use(self.limits).enumerate() {
            total += 1;
            if !index.contains_key(&sample.hash) && seen.insert(sample.hash) {
                missing.push_back((place(sample.hash, number, train), sample.clone()));
            }
        }
        if missing.is_empty() {
            return Ok(End::Complete);
        }
        if self.foreign.is_some() {
            let lost = StoreError::Damaged(format!("the features of {} images are gone", missing.len()));
            return Err(self.give_foreign_up(lost).await);
        }
        self.check_room(missing.len()).await?;
        let phase = ExtractionPhase::Running;
        let done = total - missing.len() as u32;
        let state = Extraction { phase, done, total, computed: 0, images_per_second: 0.0 };
        self.host.emit(Event::Extraction(state));
        let mut pool = self.engine().await?;
        if self.eager && interruptible == Interruptible::Yes {
            // While the engine started, other pictures came.
            return Ok(End::Interrupted);
        }
        let mut progress = Progress::new(state, self.host.now());
        if let Some(engine) = &pool
            && let Some(end) = self.check_imported(engine, &mut missing, interruptible).await?
        {
            return Ok(end);
        }
        progress.state.done = total - missing.len() as u32;
        while let Some(engine) = pool {
            progress.pace = Pace::new(self.host.now());
            let end = self.run_engine(&engine, &mut missing, &mut progress, interruptible).await?;
            self.tell_speed(&progress.pace);
            match end {
                End::EngineFailed(error) => {
                    drop(engine);
                    pool = self.replace_engine(&error).await?;
                }
                End::PictureFailed(Unread { problem, stored }) => {
                    if let Some(picture) = stored {
                        self.leave_out(picture).await?;
                    }
                    return Err(problem);
                }
                end => return Ok(end),
            }
        }
        Ok(End::Cancelled)
    }

    /// Whether the open project names this picture, where it is a project's.
    fn is_named(&self, picture: Option<PictureId>) -> bool {
        picture.is_none_or(|id| {
            self.project.as_ref().is_some_and(|open| open.project.pictures().any(|other| other.id == id))
        })
    }

    /// Whether there is room for the features of so many images, as far as the browser says.
    pub(super) async fn check_room(&mut self, images: usize) -> Result<(), Problem> {
        let needed = (images * self.ready()?.manifest.features.len() * size_of::<f16>()) as u64;
        let room = match self.store.room().await {
            Some(room) => Some(room),
            None => self.host.room().await,
        };
        match room {
            Some(room) if room < needed => {
                let detail = format!("{} MB are needed, {} MB are left", needed >> 20, room >> 20);
                Err(Problem::new(ProblemKind::TooLittleRoom, detail))
            }
            _ => Ok(()),
        }
    }

    /// Says once of a project that so many of its pictures were kept smaller than the network takes them: at the end,
    /// however often the person interrupts the computing of their features.
    fn tell_small(&mut self, count: usize, input: u32) {
        if count > 0 && !std::mem::replace(&mut self.told_small, true) {
            let problem =
                Problem::new(ProblemKind::PicturesSmall, format!("{count} pictures, input {input}"));
            self.host.emit(Event::Problem(problem.with("count", count).with("size", input)));
        }
    }

    fn tell_speed(&mut self, pace: &Pace) {
        let running = self.backbone.as_ref().and_then(|ready| ready.engine.as_ref());
        if let Some((&Running { engine, .. }, images_per_second)) = running.zip(pace.mean()) {
            self.learn_speed(engine, false, images_per_second);
        }
    }

    /// Sends `missing` through `pool` until all is stored, the person cancels, or the engine
    /// fails; what was not stored stands in `missing` again then. An interruptible extraction also
    /// ends where another command comes.
    async fn run_engine(
        &mut self,
        pool: &Rc<Pool<H::Launcher>>,
        missing: &mut VecDeque<(Place, Sample)>,
        progress: &mut Progress,
        interruptible: Interruptible,
    ) -> Result<End, Problem> {
        let ready = self.ready()?;
        let (space, row) = (ready.space.clone(), ready.manifest.features.len());
        let size = match ready.engine.as_ref().map(|running| running.engine) {
            Some(Engine::WebGpu) => WEBGPU_BATCH,
            _ => CPU_BATCH,
        };
        let Some(album) = self.data.as_ref().map(|data| data.album.clone()) else {
            return Ok(End::Cancelled);
        };
        // Pictures of a project that an earlier version of the page kept too small for this network.
        let (small, owned, input) =
            (Rc::clone(&self.small), self.project.is_some(), self.ready()?.manifest.input_size);
        let mut unwritten = Unwritten::default();
        unwritten.expect(missing.iter().map(|(place, _)| *place));
        let mut in_flight = FuturesUnordered::new();
        let mut end = None;
        loop {
            while end.is_none()
                && progress.state.phase == ExtractionPhase::Running
                && in_flight.len() < pool.width() + READ_AHEAD
                && !missing.is_empty()
            {
                let batch: Vec<_> = missing.drain(..size.min(missing.len())).collect();
                let (pool, album, small) = (Rc::clone(pool), album.clone(), Rc::clone(&small));
                in_flight.push(async move {
                    let (places, samples): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
                    let features = match album.read(&samples).await {
                        Ok(images) => {
                            small.set(small.get() + if owned { reduced_too_far(&images, input) } else { 0 });
                            let features = pool.extract(&images).await;
                            let fit = |features: &Vec<f16>| features.len() == images.len() * row;
                            let unfit = || BackboneError::Run("its features have another shape".to_owned());
                            let features =
                                features.and_then(|features| Some(features).filter(fit).ok_or_else(unfit));
                            features.map_err(Failed::Engine)
                        }
                        Err(unread) => Err(Failed::Picture(unread)),
                    };
                    (places, samples, features)
                });
            }
            let idle = in_flight.is_empty();
            let due = unwritten.due(self.host.now(), idle);
            if let Some(write) = due.filter(|_| progress.state.phase != ExtractionPhase::DiskFull) {
                match self.cache.write(&space, &write.hashes, &write.values, &write.replacing).await {
                    Ok(record) => {
                        unwritten.written(&write, record);
                        self.tell_cache().await?;
                    }
                    // Several records are as good as one, only slower.
                    Err(StoreError::Full | StoreError::Memory) if write.stored => {
                        unwritten.written(&write, 0)
                    }
                    Err(StoreError::Full) => {
                        progress.state.phase = ExtractionPhase::DiskFull;
                        self.host.emit(Event::Problem(StoreError::Full.into()));
                        self.host.emit(Event::Extraction(progress.state));
                    }
                    Err(error) => return Err(error.into()),
                }
                continue;
            }
            // With a full disk, what came back last waits for room or for the person's word.
            if idle && (unwritten.is_empty() || end.is_some()) {
                match end.take() {
                    Some(end) => return Ok(end),
                    None if missing.is_empty() => {
                        self.tell_small(small.take(), input);
                        return Ok(End::Complete);
                    }
                    None => {}
                }
            }
            select_biased! {
                word = self.steering.heard(Job::Work).fuse() => {
                    match word {
                        Word::Pause => progress.state.phase = ExtractionPhase::Paused,
                        Word::Resume => progress.resume(self.host.now()),
                        Word::End => end = Some(End::Cancelled),
                        Word::Brief(command) => self.carry_out_beside(command).await,
                        Word::Waits => {}
                    }
                    // Other pictures are missing then, or the next command comes first.
                    let gives_way = self.eager || self.steering.is_waited_for();
                    if gives_way && interruptible == Interruptible::Yes && end.is_none() {
                        end = Some(End::Interrupted);
                    }
                    self.host.emit(Event::Extraction(progress.state));
                }
                (places, samples, features) = in_flight.select_next_some() => match features {
                    Ok(features) => {
                        self.ready()?.failed.clear();
                        let now = self.host.now();
                        progress.count(places.len(), now);
                        self.fresh.extend(places.iter().map(|place| place.hash));
                        for (place, values) in places.into_iter().zip(features.chunks_exact(row)) {
                            unwritten.push(place, values, now);
                        }
                        self.host.emit(Event::Extraction(progress.state));
                    }
                    // Those that were taken out of the project meanwhile are not missed.
                    Err(Failed::Picture(unread)) if !self.is_named(unread.stored) => {
                        let batch = places.into_iter().zip(samples);
                        missing.extend(batch.filter(|(_, sample)| self.is_named(sample.pixels.stored())));
                    }
                    Err(failed) => {
                        missing.extend(places.into_iter().zip(samples));
                        end = Some(match failed {
                            Failed::Picture(unread) => End::PictureFailed(unread),
                            Failed::Engine(error) => End::EngineFailed(error),
                        });
                    }
                },
            }
        }
    }
}

/// Where the image of this number stands, of which the first `train` are trained on: those and the
/// exam's have blocks of their own, as training and exam read them.
fn place(hash: ImageHash, number: usize, train: usize) -> Place {
    let (number, blocks_before) = match number.checked_sub(train) {
        None => (number, 0),
        Some(number) => (number, train.div_ceil(BLOCK)),
    };
    Place { hash, block: (blocks_before + number / BLOCK) as u32, row: number % BLOCK }
}
