//! An engine worker seen from the session worker, and the launcher that starts it.

use std::cell::Cell;

use futures::channel::mpsc;
use futures::lock::Mutex;
use futures::{StreamExt, future};
use gloo::timers::future::TimeoutFuture;
use half::f16;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::thread::{Thread, ThreadError};
use crate::backbone::pool::Launcher;
use crate::backbone::{Backbone, BackboneError, Manifest};
use crate::pixels::RgbImage;
use crate::protocol::{Engine, EngineMessage, EngineReply};

/// Starting, loading and probing may take so many milliseconds: one image on a software adapter
/// takes up to 10 s, and a phone is several times slower than the machine that was on.
const LOAD_DEADLINE: u32 = 180_000;

/// An engine in a worker of its own; dropping it ends the worker.
pub struct RemoteBackbone {
    thread: Thread,
    replies: Mutex<mpsc::UnboundedReceiver<Result<EngineReply, BackboneError>>>,
    sent: Cell<u32>,
}

impl RemoteBackbone {
    /// Starts the worker whose program stands at `script`.
    fn start(script: &str) -> Result<Self, BackboneError> {
        let (sender, replies) = mpsc::unbounded();
        let thread = Thread::start(script, move |reply: Result<(EngineReply, _), ThreadError>| {
            let reply = reply.map(|(reply, _)| reply);
            // Nobody waits for the replies of a backbone that was dropped.
            let _ = sender.unbounded_send(reply.map_err(|error| match error {
                ThreadError::OtherBuild => BackboneError::OtherBuild,
                ThreadError::Failed(detail) => BackboneError::Run(detail),
            }));
        });
        let thread = thread.map_err(BackboneError::Start)?;
        Ok(Self { thread, replies: Mutex::new(replies), sent: Cell::new(0) })
    }

    async fn next_reply(&self) -> Result<EngineReply, BackboneError> {
        match self.replies.lock().await.next().await {
            Some(Ok(EngineReply::Failed(error))) => Err(error),
            Some(reply) => reply,
            None => Err(BackboneError::Lost),
        }
    }

    async fn reply_within(&self, milliseconds: u32) -> Result<EngineReply, BackboneError> {
        let (reply, deadline) = (self.next_reply(), TimeoutFuture::new(milliseconds));
        futures::pin_mut!(reply);
        match future::select(reply, deadline).await {
            future::Either::Left((reply, _)) => reply,
            future::Either::Right(_) => Err(BackboneError::Start("it did not answer in time".to_owned())),
        }
    }
}

impl Backbone for RemoteBackbone {
    async fn extract(&self, images: &[RgbImage]) -> Result<Vec<f16>, BackboneError> {
        let id = self.sent.get().wrapping_add(1);
        self.sent.set(id);
        let message = EngineMessage::Extract { id, images: images.to_vec() };
        self.thread.send(&message, &JsValue::UNDEFINED).map_err(BackboneError::Run)?;
        match self.next_reply().await? {
            EngineReply::Extracted { id: answered, features } if answered == id => Ok(features),
            _ => Err(BackboneError::Run("the answer belongs to no question".to_owned())),
        }
    }
}

/// Starts workers of one engine, all with the same network.
pub struct WorkerLauncher {
    engine: Engine,
    manifest: Manifest,
    model: Blob,
}

impl WorkerLauncher {
    /// A launcher of `engine`; `model` is the `.onnx` file that `manifest` describes.
    pub fn new(engine: Engine, manifest: Manifest, model: Blob) -> Self {
        Self { engine, manifest, model }
    }

    fn script(&self) -> &'static str {
        match self.engine {
            Engine::Cpu => "./engine_cpu_loader.js",
            Engine::WebGpu => "./engine_webgpu_loader.js",
        }
    }
}

impl Launcher for WorkerLauncher {
    type Worker = RemoteBackbone;

    async fn launch(&self) -> Result<(RemoteBackbone, f32), BackboneError> {
        let worker = RemoteBackbone::start(self.script())?;
        let load = EngineMessage::Load(self.manifest.clone());
        worker.thread.send(&load, &self.model).map_err(BackboneError::Start)?;
        match worker.reply_within(LOAD_DEADLINE).await? {
            EngineReply::Loaded { probe_error } => Ok((worker, probe_error)),
            _ => Err(BackboneError::Start("it answered something else".to_owned())),
        }
    }

    async fn sleep(&self, milliseconds: u32) {
        TimeoutFuture::new(milliseconds).await;
    }

    fn now(&self) -> f64 {
        super::now()
    }
}
