//! Several workers as one [`Backbone`], and workers that die.
//!
//! A worker that traps, hangs or loses its device is thrown away with its thread; a fresh
//! one takes its place and gets the same batch again. Nothing else is lost. Where a device has not enough memory
//! for as many as were wanted, the pool goes on with those that it can have.

use std::cell::Cell;
use std::pin::pin;

use futures::channel::mpsc;
use futures::future::{Either, Fuse, FutureExt, select};
use futures::lock::Mutex;
use futures::stream::FuturesUnordered;
use futures::{StreamExt, pin_mut, select_biased};
use half::f16;

use super::{Backbone, BackboneError};
use crate::pixels::RgbImage;

/// Starts workers.
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait Launcher {
    /// A worker; dropping it ends its thread.
    type Worker: Backbone;

    /// Starts a worker and waits until its probe came out right. Also returns the probe's
    /// error, a share of the output's largest value.
    async fn launch(&self) -> Result<(Self::Worker, f32), BackboneError>;

    /// Resolves after so many milliseconds.
    async fn sleep(&self, milliseconds: u32);

    /// Milliseconds since some fixed moment.
    fn now(&self) -> f64;
}

/// How often a batch is tried before its failure is the pool's failure.
const ATTEMPTS: usize = 3;
/// An engine that has not given any batch yet may take so long for an image, in milliseconds:
/// three times the slowest first image measured on a software adapter.
const FIRST_IMAGE_DEADLINE: f64 = 30_000.0;
/// Nothing is given up before this, in milliseconds: a laptop lid may have been closed.
const SHORTEST_DEADLINE: f64 = 10_000.0;
/// A batch may take so many times as long as the slowest one so far, image for image, and the start of a worker
/// as long as the first one's.
const PATIENCE: f64 = 10.0;

/// Equal workers, each busy with one batch at a time.
pub struct Pool<L: Launcher> {
    launcher: L,
    width: Cell<usize>,
    probe_error: f32,
    slowest_image: Cell<f64>,
    release: mpsc::UnboundedSender<Option<L::Worker>>,
    idle: Mutex<mpsc::UnboundedReceiver<Option<L::Worker>>>,
}

impl<L: Launcher> Pool<L> {
    /// Starts `width` workers and keeps those that came up. Where none did, half as many are tried, and so on:
    /// fewer need less memory at a time.
    ///
    /// # Errors
    /// The last worker's error, where none came up.
    pub async fn start(launcher: L, width: usize) -> Result<Self, BackboneError> {
        let mut width = width.max(1);
        let started = loop {
            match launch_together(&launcher, width).await {
                Err(error) if width > 1 && !is_certain(&error) => width /= 2,
                started => break started?,
            }
        };
        let (release, idle) = mpsc::unbounded();
        let (width, mut probe_error) = (started.len(), 0.0_f32);
        for (worker, error) in started {
            probe_error = probe_error.max(error);
            // The receiver lives as long as the sender: this cannot fail.
            let _ = release.unbounded_send(Some(worker));
        }
        Ok(Self {
            launcher,
            width: Cell::new(width),
            probe_error,
            slowest_image: Cell::new(0.0),
            release,
            idle: Mutex::new(idle),
        })
    }

    /// How many batches can be worked on at once.
    pub fn width(&self) -> usize {
        self.width.get()
    }

    /// The largest probe error of the workers, a share of the output's largest value.
    pub fn probe_error(&self) -> f32 {
        self.probe_error
    }

    /// How long a batch of so many images may take, in milliseconds.
    fn deadline(&self, images: usize) -> u32 {
        let image = match self.slowest_image.get() {
            0.0 => FIRST_IMAGE_DEADLINE,
            slowest => slowest * PATIENCE,
        };
        (image * images as f64).max(SHORTEST_DEADLINE) as u32
    }

    /// The next place that is free.
    async fn place(&self) -> Place<'_, L::Worker> {
        let free = self.idle.lock().await.next().await;
        Place { worker: free.flatten(), release: Some(&self.release) }
    }

    /// Gives up a place whose worker is gone, unless it is the last one. Whether it did.
    fn give_up(&self, place: &mut Place<'_, L::Worker>) -> bool {
        let others = self.width.get() > 1;
        if others {
            self.width.set(self.width.get() - 1);
            place.release = None;
        }
        others
    }

    /// One attempt on one worker.
    async fn attempt(&self, worker: &L::Worker, images: &[RgbImage]) -> Result<Vec<f16>, BackboneError> {
        let begun = self.launcher.now();
        let work = worker.extract(images);
        let deadline = self.launcher.sleep(self.deadline(images.len()));
        pin_mut!(work, deadline);
        let features = match select(work, deadline).await {
            Either::Left((result, _)) => result?,
            Either::Right(_) => return Err(BackboneError::Lost),
        };
        check(&features, images.len())?;
        let image = (self.launcher.now() - begun) / images.len().max(1) as f64;
        self.slowest_image.set(self.slowest_image.get().max(image));
        Ok(features)
    }
}

/// Refuses an answer for so many images that no network gives: one of another length, with values that are no
/// numbers, or of zeros alone, as a graphics card leaves where its work was dropped.
fn check(features: &[f16], images: usize) -> Result<(), BackboneError> {
    let wrong = |why: &str| Err(BackboneError::Run(why.to_owned()));
    let row = features.len() / images.max(1);
    if images > 0 && (row == 0 || row * images != features.len()) {
        return wrong("an answer has a wrong length");
    }
    if !features.iter().all(|value| value.is_finite()) {
        return wrong("an answer holds values that are no numbers");
    }
    match features.chunks(row.max(1)).any(|row| row.iter().all(|value| *value == f16::ZERO)) {
        true => wrong("an answer is empty"),
        false => Ok(()),
    }
}

/// Starts `width` workers at the same time, and gives those that came up, each with its probe's error. Once the
/// first one is there, the others have ten times as long.
async fn launch_together<L: Launcher>(
    launcher: &L,
    width: usize,
) -> Result<Vec<(L::Worker, f32)>, BackboneError> {
    let begun = launcher.now();
    let mut coming: FuturesUnordered<_> = (0..width).map(|_| launcher.launch()).collect();
    let mut deadline = pin!(Fuse::terminated());
    let (mut started, mut failure) = (Vec::new(), BackboneError::Lost);
    while !coming.is_empty() {
        select_biased! {
            launched = coming.select_next_some() => match launched {
                Ok(worker) => {
                    if started.is_empty() {
                        let patience = (PATIENCE * (launcher.now() - begun)).max(SHORTEST_DEADLINE);
                        deadline.set(launcher.sleep(patience as u32).fuse());
                    }
                    started.push(worker);
                }
                Err(error) => failure = error,
            },
            () = deadline => break,
        }
    }
    if started.is_empty() { Err(failure) } else { Ok(started) }
}

/// Whether an engine that failed so fails with any number of workers.
fn is_certain(error: &BackboneError) -> bool {
    match error {
        BackboneError::Manifest(_)
        | BackboneError::Silent(_)
        | BackboneError::File(_)
        | BackboneError::OtherBuild
        | BackboneError::Probe { .. } => true,
        BackboneError::Start(_) | BackboneError::Run(_) | BackboneError::Lost => false,
    }
}

impl<L: Launcher> Backbone for Pool<L> {
    async fn extract(&self, images: &[RgbImage]) -> Result<Vec<f16>, BackboneError> {
        let mut place = self.place().await;
        let mut outcome = Err(BackboneError::Lost);
        let mut attempts = 0;
        while attempts < ATTEMPTS {
            let worker = match place.worker.take() {
                Some(worker) => worker,
                None => match self.launcher.launch().await {
                    Ok((fresh, _)) => fresh,
                    // The others go on without it, and one of them takes its batch.
                    Err(_) if self.give_up(&mut place) => {
                        place = self.place().await;
                        continue;
                    }
                    Err(error) => {
                        outcome = Err(error);
                        attempts += 1;
                        continue;
                    }
                },
            };
            attempts += 1;
            outcome = self.attempt(&worker, images).await;
            if outcome.is_ok() {
                place.worker = Some(worker);
                break;
            }
        }
        outcome
    }
}

/// A place in the pool while it is in use. It goes back to the pool whatever happens, if need
/// be without its worker: the next batch then starts a fresh one. Only one that was given up does not.
struct Place<'a, W> {
    worker: Option<W>,
    release: Option<&'a mpsc::UnboundedSender<Option<W>>>,
}

impl<W> Drop for Place<'_, W> {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // The receiver lives as long as the sender: this cannot fail.
            let _ = release.unbounded_send(self.worker.take());
        }
    }
}
