//! Several workers as one [`Backbone`], and workers that die.
//!
//! A worker that traps, hangs or loses its device is thrown away with its thread; a fresh
//! one takes its place and gets the same batch again. Nothing else is lost.

use std::cell::Cell;

use futures::channel::mpsc;
use futures::future::{Either, join_all, select};
use futures::lock::Mutex;
use futures::{StreamExt, pin_mut};
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
/// A batch may take so many times as long as the slowest one so far, image for image.
const PATIENCE: f64 = 10.0;

/// Equal workers, each busy with one batch at a time.
pub struct Pool<L: Launcher> {
    launcher: L,
    width: usize,
    probe_error: f32,
    slowest_image: Cell<f64>,
    release: mpsc::UnboundedSender<Option<L::Worker>>,
    idle: Mutex<mpsc::UnboundedReceiver<Option<L::Worker>>>,
}

impl<L: Launcher> Pool<L> {
    /// Starts `width` workers and keeps those that came up.
    ///
    /// # Errors
    /// The last worker's error, where none came up.
    pub async fn start(launcher: L, width: usize) -> Result<Self, BackboneError> {
        let (release, idle) = mpsc::unbounded();
        let (mut started, mut probe_error, mut failure) = (0, 0.0_f32, None);
        for launched in join_all((0..width).map(|_| launcher.launch())).await {
            match launched {
                Ok((worker, error)) => {
                    started += 1;
                    probe_error = probe_error.max(error);
                    // The receiver lives as long as the sender: this cannot fail.
                    let _ = release.unbounded_send(Some(worker));
                }
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(error) if started == 0 => Err(error),
            _ => Ok(Self {
                launcher,
                width: started,
                probe_error,
                slowest_image: Cell::new(0.0),
                release,
                idle: Mutex::new(idle),
            }),
        }
    }

    /// How many batches can be worked on at once.
    pub fn width(&self) -> usize {
        self.width
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
        let image = (self.launcher.now() - begun) / images.len().max(1) as f64;
        self.slowest_image.set(self.slowest_image.get().max(image));
        Ok(features)
    }
}

impl<L: Launcher> Backbone for Pool<L> {
    async fn extract(&self, images: &[RgbImage]) -> Result<Vec<f16>, BackboneError> {
        let free = self.idle.lock().await.next().await;
        let mut place = Place { worker: free.flatten(), release: &self.release };
        let mut outcome = Err(BackboneError::Lost);
        for _ in 0..ATTEMPTS {
            let worker = match place.worker.take() {
                Some(worker) => worker,
                None => match self.launcher.launch().await {
                    Ok((fresh, _)) => fresh,
                    Err(error) => {
                        outcome = Err(error);
                        continue;
                    }
                },
            };
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
/// be without its worker: the next batch then starts a fresh one.
struct Place<'a, W> {
    worker: Option<W>,
    release: &'a mpsc::UnboundedSender<Option<W>>,
}

impl<W> Drop for Place<'_, W> {
    fn drop(&mut self) {
        // The receiver lives as long as the sender: this cannot fail.
        let _ = self.release.unbounded_send(self.worker.take());
    }
}
