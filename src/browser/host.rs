//! The session's world in a browser.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::io;
use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, MessageChannel};

use super::download::BrowserDepot;
use super::files::BlobReader;
use super::piece_store::PieceStore;
use super::remote::WorkerLauncher;
use super::team::BrowserTeam;
use super::{describe, download, gpu, port, site_data};
use crate::backbone::choose::{self, Adapter};
use crate::backbone::pieces::{self, AskError, Download};
use crate::backbone::{BackboneError, Manifest};
use crate::dataset::ReadSeek;
use crate::head::most_members;
use crate::protocol::{Engine, Event, FileRef, Problem, ProblemKind, SiteData};
use crate::session::{Found, Host};

/// The number under which the site's data set is held; the page counts from zero.
const DATA_FILE: u32 = u32::MAX;

/// Where a backbone is kept, the server has so many milliseconds to name a newer one.
const PATIENCE: u32 = 5_000;
/// So many milliseconds has the browser to give the largest network's bytes, which it holds.
const READING: u32 = 60_000;

/// Files that came with commands, by [`FileRef::id`].
pub type Files = Rc<RefCell<HashMap<u32, Blob>>>;

/// The browser as seen from the session worker.
pub struct BrowserHost {
    files: Files,
    /// `None` where the browser lets nothing be stored.
    pieces: Option<PieceStore>,
    /// What WebGPU offers, where it was asked and did not answer: it is not asked a second time.
    silent: Cell<Option<Adapter>>,
}

impl BrowserHost {
    /// A host that finds files in `files`, and backbones in `pieces` where anything can be stored.
    pub fn new(files: Files, pieces: Option<PieceStore>) -> Self {
        Self { files, pieces, silent: Cell::default() }
    }

    /// The SHA-256 of each piece of a backbone that is stored.
    async fn stored_pieces(&self) -> HashSet<String> {
        match &self.pieces {
            // A store that cannot be read is as good as an empty one.
            Some(pieces) => pieces.stored().await.unwrap_or_default(),
            None => HashSet::new(),
        }
    }
}

impl Host for BrowserHost {
    type Launcher = WorkerLauncher;
    type Model = Blob;
    type Piece = Blob;
    type Team = BrowserTeam;

    fn emit(&self, event: Event) {
        port::reply(&event);
    }

    fn now(&self) -> f64 {
        super::now()
    }

    fn date(&self) -> f64 {
        js_sys::Date::now()
    }

    fn random(&self) -> u32 {
        (js_sys::Math::random() * (f64::from(u32::MAX) + 1.0)) as u32
    }

    /// A message to itself is the shortest way round the event loop: timers wait at least
    /// 4 ms once they are nested.
    async fn breathe(&self) {
        let Ok(channel) = MessageChannel::new() else { return };
        let (sender, receiver) = oneshot::channel();
        let on_message = Closure::once(move |_: JsValue| {
            // The receiver waits below.
            let _ = sender.send(());
        });
        channel.port1().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        if channel.port2().post_message(&JsValue::NULL).is_ok() {
            let _ = receiver.await;
        }
        channel.port1().close();
    }

    fn online(&self) -> bool {
        port::this_worker().navigator().on_line()
    }

    fn open(&self, file: &FileRef) -> io::Result<Box<dyn ReadSeek>> {
        let blob = self.files.borrow().get(&file.id).cloned();
        let blob = blob.ok_or_else(|| io::Error::other("the file did not come with the command"))?;
        Ok(Box::new(BlobReader::new(blob)?))
    }

    fn close(&self, files: &[FileRef]) {
        let mut held = self.files.borrow_mut();
        files.iter().for_each(|file| drop(held.remove(&file.id)));
    }

    async fn site_data(&self) -> Option<SiteData> {
        site_data::offered().await
    }

    async fn bring_site_data(&self, data: &SiteData, progress: &dyn Fn(u64)) -> Result<FileRef, String> {
        let blob = site_data::bring(data, progress).await?;
        let file = FileRef { id: DATA_FILE, name: data.name.clone(), size: blob.size() as u64 };
        self.files.borrow_mut().insert(DATA_FILE, blob);
        Ok(file)
    }

    async fn manifest(&self, address: &str) -> Result<Found, BackboneError> {
        let mut kept = None;
        if let Some(store) = &self.pieces {
            let manifests = store.manifests(address).await.unwrap_or_default();
            kept = pieces::best_kept(manifests, &self.stored_pieces().await);
        }
        let answer = match kept {
            Some(_) => download::within(PATIENCE, download::bytes(address)).await,
            None => Ok(download::bytes(address).await),
        };
        let answer = match answer {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(AskError::Refused(why))) => Err(BackboneError::Manifest(why)),
            Ok(Err(AskError::Broken(why))) | Err(why) => Err(BackboneError::Silent(why)),
        };
        match (answer.and_then(|text| Ok((Manifest::parse(&text)?, text))), kept) {
            (Ok((manifest, text)), _) => {
                if let Some(store) = &self.pieces {
                    // Without it the next visit needs the internet, and the page says so.
                    let _ = store.remember(address, &manifest, &text).await;
                }
                Ok(Found { manifest, answered: true })
            }
            (Err(_), Some(manifest)) => Ok(Found { manifest, answered: false }),
            (Err(error), None) => Err(error),
        }
    }

    async fn kept(&self, manifest: &Manifest) -> Download {
        Download::of(manifest, &self.stored_pieces().await)
    }

    async fn model(
        &self,
        address: &str,
        manifest: &Manifest,
        progress: &dyn Fn(Download),
    ) -> Result<Blob, BackboneError> {
        let folder = address.rsplit_once('/').map_or("", |(folder, _)| folder);
        let separator = if folder.is_empty() { "" } else { "/" };
        let file = format!("{folder}{separator}{}", manifest.file);
        let depot = BrowserDepot::new(&file, self.pieces.as_ref());
        let parts: Array = pieces::bring(&depot, manifest, progress).await?.iter().collect();
        if let Some(store) = &self.pieces {
            // What is not dropped now will be after the next download.
            let _ = store.settle(address, manifest).await;
        }
        Blob::new_with_blob_sequence(&parts).map_err(|error| BackboneError::File(describe(&error)))
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        wasm_bindgen_futures::spawn_local(task);
    }

    async fn room(&self) -> Option<u64> {
        let navigator = port::this_worker().navigator();
        // Not there on a plain http address.
        let storage = js_sys::Reflect::get(&navigator, &"storage".into()).ok()?;
        storage.is_object().then_some(())?;
        let estimate = JsFuture::from(navigator.storage().estimate().ok()?);
        let estimate = download::within(PATIENCE, estimate).await.ok()?.ok()?;
        let number = |name: &str| js_sys::Reflect::get(&estimate, &name.into()).ok()?.as_f64();
        Some((number("quota")? - number("usage")?).max(0.0) as u64)
    }

    async fn bytes_of(&self, model: &Blob) -> Result<Vec<u8>, BackboneError> {
        let buffer = download::within(READING, JsFuture::from(model.array_buffer())).await;
        let buffer = buffer.map_err(BackboneError::File)?;
        let buffer = buffer.map_err(|error| BackboneError::File(describe(&error)))?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }

    fn piece(&self, bytes: &[u8]) -> io::Result<Blob> {
        let parts = Array::of1(&Uint8Array::from(bytes));
        Blob::new_with_u8_array_sequence(&parts).map_err(|error| io::Error::other(describe(&error)))
    }

    fn joined(&self, pieces: Vec<Blob>) -> io::Result<Box<dyn ReadSeek>> {
        let pieces: Array = pieces.iter().collect();
        let blob = Blob::new_with_blob_sequence(&pieces);
        let blob = blob.map_err(|error| io::Error::other(describe(&error)))?;
        Ok(Box::new(BlobReader::new(blob)?))
    }

    fn save(&self, name: &str, pieces: Vec<Blob>) {
        let pieces: Array = pieces.iter().collect();
        match Blob::new_with_blob_sequence(&pieces) {
            Ok(file) => port::reply_with(&Event::File(name.to_owned()), &file),
            Err(error) => {
                let problem = Problem::new(ProblemKind::NotExported, describe(&error));
                self.emit(Event::Problem(problem.about(name)));
            }
        }
    }

    async fn adapter(&self) -> Adapter {
        if let Some(adapter) = self.silent.get() {
            return adapter;
        }
        let adapter = gpu::adapter().await;
        self.silent.set((adapter == Adapter::Silent).then_some(adapter));
        adapter
    }

    fn launcher(&self, engine: Engine, manifest: &Manifest, model: &Blob) -> (WorkerLauncher, usize) {
        let width = match engine {
            Engine::WebGpu => 1,
            Engine::Cpu => cpu_workers(manifest.bytes),
        };
        (WorkerLauncher::new(engine, manifest.clone(), model.clone()), width)
    }

    async fn team(&self, channels: usize, most: usize) -> BrowserTeam {
        // They have some channels each of the network's last map, and no network.
        BrowserTeam::start(most_members(channels, cpu_workers(0).min(most))).await
    }
}

/// How many workers this device can have, each with a network whose file has so many bytes.
fn cpu_workers(network: u64) -> usize {
    let navigator = port::this_worker().navigator();
    let memory = js_sys::Reflect::get(&navigator, &"deviceMemory".into()).ok();
    let memory = memory.and_then(|gibibytes| gibibytes.as_f64());
    choose::cpu_workers(navigator.hardware_concurrency() as u32, memory, network) as usize
}
