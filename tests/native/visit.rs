//! A page with its session and a fake engine.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::rc::Rc;
use std::task::Poll;

use bottleneck::backbone::choose::Adapter;
use bottleneck::backbone::pieces::{Download, Pieces, sha256};
use bottleneck::backbone::pool::Launcher;
use bottleneck::backbone::{
    Backbone, BackboneError, FeatureShape, KERAS_TF_SCALING, MANIFEST_VERSION, Manifest, Probe, Purpose,
};
use bottleneck::dataset::ReadSeek;
use bottleneck::head::{Division, LocalTeam, Sliced, Team, TeamError, TeamMessage, TeamReply, most_members};
use bottleneck::pixels::RgbImage;
use bottleneck::protocol::*;
use bottleneck::session::{Found, Host, Session};
use futures::channel::{mpsc, oneshot};
use futures::executor::{LocalPool, LocalSpawner};
use futures::future::LocalBoxFuture;
use futures::task::LocalSpawnExt;
use half::f16;

pub use crate::store::SharedStore;

/// Address of the backbone that is always there.
pub const FAKE: &str = "models/fake.json";

pub const SHAPE: FeatureShape = FeatureShape { height: 3, width: 3, channels: 3 };

pub fn manifest() -> Manifest {
    Manifest {
        version: MANIFEST_VERSION,
        name: "fake".into(),
        source: "made in a test".into(),
        licence: "MIT".into(),
        purpose: Purpose::Custom,
        file: "fake.onnx".into(),
        bytes: 100,
        sha256: "ab".repeat(32),
        pieces: Pieces::of(&[7; 100], 40),
        input: "input".into(),
        input_size: 32,
        scaling: KERAS_TF_SCALING,
        output: "features".into(),
        features: SHAPE,
        probe: Probe { positions: vec![0], values: vec![0.0], largest: 1.0 },
    }
}

/// The name of the data set that the site offers.
pub const SITE_DATA: &str = "cifar-10-binary.tar.gz";

pub type OnEvent = Box<dyn FnMut(&Event)>;

/// What can go wrong, and what was done; shared between a test and its session.
#[derive(Default)]
pub struct World {
    pub events: RefCell<Vec<Event>>,
    /// So many events are kept at the most, the last ones.
    pub remembers: Cell<Option<usize>>,
    pub clock: Cell<f64>,
    /// Random numbers that were given.
    pub randoms: Cell<u32>,
    pub extracted: Cell<u32>,
    pub launched: RefCell<Vec<Engine>>,
    pub downloads: Cell<u32>,
    /// What is in the backbone's file.
    pub model: RefCell<Vec<u8>>,
    /// What the next download waits for; it breaks where that is dropped.
    pub gate: RefCell<Option<oneshot::Receiver<()>>>,
    /// What the site offers as data, under [`SITE_DATA`].
    pub site_data: RefCell<Option<Vec<u8>>>,
    /// Whether the backbone's file cannot be kept.
    pub no_room: Cell<bool>,
    /// The backbones that the site has besides `FAKE`, and what their weights are good for.
    pub site: RefCell<BTreeMap<&'static str, Purpose>>,
    /// Addresses of backbones whose file was kept on an earlier visit.
    pub kept: RefCell<Vec<&'static str>>,
    /// Whether the browser knows that there is no internet.
    pub offline: Cell<bool>,
    /// Whether the server does not answer, which the browser does not know before it asks.
    pub silent: Cell<bool>,
    /// Height and width of [`FAKE`]'s input, where it is another one.
    pub input: Cell<Option<u32>>,
    /// Whether manifests that are asked for never come.
    pub mute: Cell<bool>,
    /// Bytes that the browser would still store.
    pub room: Cell<Option<u64>>,
    pub spawner: RefCell<Option<LocalSpawner>>,
    pub adapter: Cell<Option<Adapter>>,
    /// An engine whose images take a tenth of a second longer.
    pub slow: Cell<Option<Engine>>,
    /// Engines that do not start.
    pub broken: RefCell<Vec<Engine>>,
    /// Engines of which no batch comes back.
    pub failing: RefCell<Vec<Engine>>,
    /// An engine that gives a black image's answer to all images.
    pub frozen: Cell<Option<Engine>>,
    /// What comes in place of the first value of each answer.
    pub spoils: Cell<Option<f16>>,
    /// Batches until a worker dies; then it is used up.
    pub dies_after: Cell<Option<u32>>,
    /// How many workers a team may have; 0 for two.
    pub cores: Cell<usize>,
    /// How many members each team had.
    pub teams: RefCell<Vec<usize>>,
    /// So many teams lose a member with their first answer.
    pub lost_teams: Cell<u32>,
    pub files: RefCell<HashMap<u32, Vec<u8>>>,
    /// Files given to the person.
    pub saved: RefCell<Vec<(String, Vec<u8>)>>,
    /// Whether the session comes back from no break any more, as where its page goes away.
    pub stuck: Rc<Cell<bool>>,
    /// Called with each event, to steer in the middle of things.
    pub on_event: RefCell<Option<OnEvent>>,
}

#[derive(Clone)]
pub struct FakeHost(pub Rc<World>);

pub struct FakeWorker(Rc<World>, Engine);

pub struct FakeLauncher(Rc<World>, Engine);

impl Backbone for FakeWorker {
    /// The mean colour of each ninth of the image.
    async fn extract(&self, images: &[RgbImage]) -> Result<Vec<f16>, BackboneError> {
        // As across threads, an answer never stands there at once.
        futures::future::poll_fn({
            let mut asked = false;
            move |context| {
                context.waker().wake_by_ref();
                if std::mem::replace(&mut asked, true) { Poll::Ready(()) } else { Poll::Pending }
            }
        })
        .await;
        match self.0.dies_after.get() {
            Some(0) => {
                self.0.dies_after.set(None);
                return Err(BackboneError::Lost);
            }
            left => self.0.dies_after.set(left.map(|left| left - 1)),
        }
        if self.0.failing.borrow().contains(&self.1) {
            return Err(BackboneError::Run("it fails".into()));
        }
        if self.0.slow.get() == Some(self.1) {
            self.0.clock.set(self.0.clock.get() + 100.0 * images.len() as f64);
        }
        self.0.extracted.set(self.0.extracted.get() + images.len() as u32);
        let mut features: Vec<f16> = images.iter().flat_map(ninths).collect();
        if self.0.frozen.get() == Some(self.1) {
            let black = RgbImage::from_fn(24, 24, |_, _| [0; 3]);
            features = images.iter().flat_map(|_| ninths(&black)).collect();
        }
        self.0.spoils.get().into_iter().for_each(|value| features[0] = value);
        Ok(features)
    }
}

fn ninths(image: &RgbImage) -> Vec<f16> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut sums = vec![0.0_f32; SHAPE.len()];
    for (i, value) in image.pixels().iter().enumerate() {
        let (x, y, channel) = (i / 3 % width, i / 3 / width, i % 3);
        sums[(y * 3 / height * 3 + x * 3 / width) * 3 + channel] += f32::from(*value);
    }
    let pixels = (width * height) as f32 / 9.0;
    // Not even of a black image all are zero.
    sums.iter().map(|sum| f16::from_f32(sum / pixels / 255.0).max(f16::MIN_POSITIVE)).collect()
}

impl Launcher for FakeLauncher {
    type Worker = FakeWorker;

    async fn launch(&self) -> Result<(FakeWorker, f32), BackboneError> {
        if self.0.broken.borrow().contains(&self.1) {
            return Err(BackboneError::Probe { error: 0.5 });
        }
        self.0.launched.borrow_mut().push(self.1);
        Ok((FakeWorker(Rc::clone(&self.0), self.1), 1e-6))
    }

    async fn sleep(&self, _milliseconds: u32) {
        futures::future::pending().await
    }

    fn now(&self) -> f64 {
        0.0
    }
}

impl Host for FakeHost {
    type Launcher = FakeLauncher;
    type Model = ();
    type Piece = Vec<u8>;
    type Team = FakeTeam;

    fn emit(&self, event: Event) {
        if let Some(handle) = self.0.on_event.borrow_mut().as_mut() {
            handle(&event);
        }
        let mut events = self.0.events.borrow_mut();
        events.push(event);
        let most = self.0.remembers.get().unwrap_or(usize::MAX);
        if events.len() > most {
            events.remove(0);
        }
    }

    /// Each look at the clock takes 10 ms.
    fn now(&self) -> f64 {
        self.0.clock.set(self.0.clock.get() + 10.0);
        self.0.clock.get()
    }

    /// A day, a minute further each time the clock says a second.
    fn date(&self) -> f64 {
        1.7e12 + self.0.clock.get() * 60.0
    }

    /// The numbers from 1 on.
    fn random(&self) -> u32 {
        self.0.randoms.set(self.0.randoms.get() + 1);
        self.0.randoms.get()
    }

    async fn breathe(&self) {
        if self.0.stuck.get() {
            futures::future::pending().await
        }
    }

    fn online(&self) -> bool {
        !self.0.offline.get()
    }

    fn open(&self, file: &FileRef) -> io::Result<Box<dyn ReadSeek>> {
        let bytes = self.0.files.borrow().get(&file.id).cloned();
        Ok(Box::new(io::Cursor::new(bytes.ok_or_else(|| io::Error::other("no such file"))?)))
    }

    fn close(&self, _: &[FileRef]) {}

    async fn site_data(&self) -> Option<SiteData> {
        let data = self.0.site_data.borrow();
        data.as_ref().map(|bytes| SiteData { name: SITE_DATA.into(), bytes: bytes.len() as u64 })
    }

    /// Comes in halves; the second one waits for the gate.
    async fn bring_site_data(&self, data: &SiteData, progress: &dyn Fn(u64)) -> Result<FileRef, String> {
        self.0.downloads.set(self.0.downloads.get() + 1);
        progress(data.bytes / 2);
        let gate = self.0.gate.borrow_mut().take();
        if let Some(gate) = gate {
            gate.await.map_err(|_| "it broke off".to_owned())?;
        }
        progress(data.bytes);
        let bytes = self.0.site_data.borrow().clone().unwrap_or_default();
        self.0.files.borrow_mut().insert(u32::MAX, bytes);
        Ok(FileRef { id: u32::MAX, name: data.name.clone(), size: data.bytes })
    }

    async fn manifest(&self, address: &str) -> Result<Found, BackboneError> {
        if self.0.mute.get() {
            return std::future::pending().await;
        }
        let manifest = match self.0.site.borrow().get(address) {
            Some(purpose) => {
                let sha256 = sha256(address.as_bytes());
                Manifest { name: address.into(), sha256, purpose: *purpose, ..manifest() }
            }
            None if address == FAKE => {
                let usual = manifest();
                Manifest { input_size: self.0.input.get().unwrap_or(usual.input_size), ..usual }
            }
            None => return Err(BackboneError::Manifest("404".into())),
        };
        Ok(Found { manifest, answered: !self.0.offline.get() && !self.0.silent.get() })
    }

    async fn kept(&self, manifest: &Manifest) -> Download {
        let is_kept = self.0.kept.borrow().iter().any(|address| manifest.name == *address);
        let kept = if is_kept { manifest.bytes } else { 0 };
        Download { done: kept, kept, total: manifest.bytes, running: false }
    }

    async fn model(
        &self,
        _: &str,
        manifest: &Manifest,
        progress: &dyn Fn(Download),
    ) -> Result<(), BackboneError> {
        self.0.downloads.set(self.0.downloads.get() + 1);
        let total = manifest.bytes;
        let gate = self.0.gate.borrow_mut().take();
        progress(Download { done: 0, kept: 0, total, running: true });
        if let Some(gate) = gate {
            gate.await.map_err(|_| BackboneError::File("it broke off".into()))?;
        }
        let kept = if self.0.no_room.get() { 0 } else { total };
        progress(Download { done: total, kept, total, running: true });
        Ok(())
    }

    fn spawn(&self, task: LocalBoxFuture<'static, ()>) {
        self.0.spawner.borrow().as_ref().unwrap().spawn_local(task).unwrap();
    }

    async fn room(&self) -> Option<u64> {
        self.0.room.get()
    }

    async fn bytes_of(&self, (): &()) -> Result<Vec<u8>, BackboneError> {
        Ok(self.0.model.borrow().clone())
    }

    fn piece(&self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        Ok(bytes.to_vec())
    }

    fn joined(&self, pieces: Vec<Vec<u8>>) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(io::Cursor::new(pieces.concat())))
    }

    fn save(&self, name: &str, pieces: Vec<Vec<u8>>) {
        self.0.saved.borrow_mut().push((name.to_owned(), pieces.concat()));
    }

    async fn adapter(&self) -> Adapter {
        self.0.adapter.get().unwrap_or(Adapter::None)
    }

    fn launcher(&self, engine: Engine, _: &Manifest, _: &()) -> (FakeLauncher, usize) {
        (FakeLauncher(Rc::clone(&self.0), engine), 2)
    }

    async fn team(&self, channels: usize, most: usize) -> FakeTeam {
        let cores = self.0.cores.get();
        let members = most_members(channels, most.min(if cores == 0 { 2 } else { cores }));
        self.0.teams.borrow_mut().push(members);
        let left = self.0.lost_teams.get().checked_sub(1);
        left.into_iter().for_each(|left| self.0.lost_teams.set(left));
        FakeTeam { members: LocalTeam::new(members), lost: left.is_some() }
    }
}

/// A team on this thread, which may have lost a member.
pub struct FakeTeam {
    members: LocalTeam,
    lost: bool,
}

impl Team for FakeTeam {
    fn members(&self) -> usize {
        self.members.members()
    }

    fn division(&self) -> &Division {
        self.members.division()
    }

    fn divide(&mut self, division: Division) {
        self.members.divide(division);
    }

    fn times(&mut self) -> Option<Vec<f64>> {
        self.members.times()
    }

    fn send(&mut self, member: usize, message: &TeamMessage) -> Result<(), TeamError> {
        self.members.send(member, message)
    }

    fn tell(&mut self, message: &TeamMessage, features: &Sliced) -> Result<(), TeamError> {
        self.members.tell(message, features)
    }

    async fn answer(&mut self, member: usize) -> Result<TeamReply, TeamError> {
        if self.lost {
            return Err(TeamError("a worker is gone".into()));
        }
        self.members.answer(member).await
    }
}

/// A page with its session worker.
pub struct Visit {
    pub world: Rc<World>,
    pub store: SharedStore,
    pub commands: mpsc::UnboundedSender<Command>,
    pub executor: LocalPool,
}

impl Visit {
    pub fn new(store: &SharedStore) -> Self {
        let world = Rc::new(World::default());
        let (commands, receiver) = mpsc::unbounded();
        let executor = LocalPool::new();
        let session = Session::new(FakeHost(Rc::clone(&world)), store.clone(), receiver);
        executor.spawner().spawn_local(session.run()).unwrap();
        *world.spawner.borrow_mut() = Some(executor.spawner());
        Self { world, store: store.clone(), commands, executor }
    }

    /// Opens the page with `engine` forced, and takes the sample's first images.
    pub fn with_sample(store: &SharedStore, engine: EngineRequest) -> Self {
        let mut visit = Self::new(store);
        visit.send(Command::Open { backbone: Some(FAKE.into()), engine });
        visit.send(Command::Limit(Limits { train: Some(100), test: Some(30) }));
        visit.send(Command::UseSample);
        visit
    }

    /// Sends a command and lets the session work until it waits for the next one.
    pub fn send(&mut self, command: Command) {
        self.commands.unbounded_send(command).unwrap();
        self.executor.run_until_stalled();
    }

    /// The last event for which `pick` gives something.
    pub fn last<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> Option<T> {
        self.world.events.borrow().iter().rev().find_map(pick)
    }

    pub fn all<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> Vec<T> {
        self.world.events.borrow().iter().filter_map(pick).collect()
    }

    pub fn extraction(&self) -> Extraction {
        self.last(|event| match event {
            Event::Extraction(state) => Some(*state),
            _ => None,
        })
        .expect("an extraction event")
    }

    pub fn problem(&self) -> Option<ProblemKind> {
        self.last(|event| match event {
            Event::Problem(problem) => Some(problem.kind),
            _ => None,
        })
    }

    pub fn trained(&self) -> Option<Trained> {
        self.last(|event| match event {
            Event::Trained(trained) => Some(trained.as_ref().clone()),
            _ => None,
        })
    }

    /// At the first event for which `when` holds, sends `commands` as the page would.
    pub fn on(&mut self, when: impl Fn(&Event) -> bool + 'static, commands: Vec<Command>) {
        let sender = self.commands.clone();
        let mut commands = Some(commands);
        *self.world.on_event.borrow_mut() = Some(Box::new(move |event| {
            if when(event) {
                for command in commands.take().into_iter().flatten() {
                    sender.unbounded_send(command).unwrap();
                }
            }
        }));
    }
}
