//! A whole session with a fake engine and a store in memory: what a visitor does, step by step.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::rc::Rc;

use bottleneck::backbone::choose::Adapter;
use bottleneck::backbone::pieces::{Download, Pieces};
use bottleneck::backbone::pool::Launcher;
use bottleneck::backbone::{
    Backbone, BackboneError, FeatureShape, KERAS_TF_SCALING, MANIFEST_VERSION, Manifest, Probe, Purpose,
};
use bottleneck::dataset::ReadSeek;
use bottleneck::features::memory::MemoryStore;
use bottleneck::features::{FeatureSpace, FeatureStore, ImageHash, Location, StoreError, StoreSize};
use bottleneck::pixels::RgbImage;
use bottleneck::protocol::*;
use bottleneck::session::{Host, Session};
use futures::channel::{mpsc, oneshot};
use futures::executor::{LocalPool, LocalSpawner};
use futures::future::LocalBoxFuture;
use futures::task::LocalSpawnExt;
use half::f16;

#[path = "session/keep.rs"]
mod keep;

const SHAPE: FeatureShape = FeatureShape { height: 3, width: 3, channels: 3 };

fn manifest() -> Manifest {
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

type OnEvent = Box<dyn FnMut(&Event)>;

/// What can go wrong, and what was done; shared between a test and its session.
#[derive(Default)]
struct World {
    events: RefCell<Vec<Event>>,
    clock: Cell<f64>,
    extracted: Cell<u32>,
    launched: RefCell<Vec<Engine>>,
    downloads: Cell<u32>,
    /// What the next download waits for; it breaks where that is dropped.
    gate: RefCell<Option<oneshot::Receiver<()>>>,
    /// Whether the backbone's file cannot be kept.
    no_room: Cell<bool>,
    spawner: RefCell<Option<LocalSpawner>>,
    adapter: Cell<Option<Adapter>>,
    /// Engines that do not start.
    broken: RefCell<Vec<Engine>>,
    /// Batches until a worker dies; then it is used up.
    dies_after: Cell<Option<u32>>,
    files: RefCell<HashMap<u32, Vec<u8>>>,
    /// Called with each event, to steer in the middle of things.
    on_event: RefCell<Option<OnEvent>>,
}

#[derive(Clone)]
struct FakeHost(Rc<World>);

struct FakeWorker(Rc<World>);

struct FakeLauncher(Rc<World>, Engine);

impl Backbone for FakeWorker {
    /// The mean colour of each ninth of the image.
    async fn extract(&self, images: &[RgbImage]) -> Result<Vec<f16>, BackboneError> {
        match self.0.dies_after.get() {
            Some(0) => {
                self.0.dies_after.set(None);
                return Err(BackboneError::Lost);
            }
            left => self.0.dies_after.set(left.map(|left| left - 1)),
        }
        self.0.extracted.set(self.0.extracted.get() + images.len() as u32);
        Ok(images.iter().flat_map(ninths).collect())
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
    sums.iter().map(|sum| f16::from_f32(sum / pixels / 255.0)).collect()
}

impl Launcher for FakeLauncher {
    type Worker = FakeWorker;

    async fn launch(&self) -> Result<(FakeWorker, f32), BackboneError> {
        if self.0.broken.borrow().contains(&self.1) {
            return Err(BackboneError::Probe { error: 0.5 });
        }
        self.0.launched.borrow_mut().push(self.1);
        Ok((FakeWorker(Rc::clone(&self.0)), 1e-6))
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

    fn emit(&self, event: Event) {
        if let Some(handle) = self.0.on_event.borrow_mut().as_mut() {
            handle(&event);
        }
        self.0.events.borrow_mut().push(event);
    }

    /// Each look at the clock takes 10 ms.
    fn now(&self) -> f64 {
        self.0.clock.set(self.0.clock.get() + 10.0);
        self.0.clock.get()
    }

    async fn breathe(&self) {}

    fn open(&self, file: &FileRef) -> io::Result<Box<dyn ReadSeek>> {
        let bytes = self.0.files.borrow().get(&file.id).cloned();
        Ok(Box::new(io::Cursor::new(bytes.ok_or_else(|| io::Error::other("no such file"))?)))
    }

    async fn local_data(&self) -> Option<FileRef> {
        None
    }

    async fn manifest(&self, address: &str) -> Result<Manifest, BackboneError> {
        if address == "models/fake.json" {
            Ok(manifest())
        } else {
            Err(BackboneError::Manifest("404".into()))
        }
    }

    async fn kept(&self, manifest: &Manifest) -> Download {
        Download { done: 0, kept: 0, total: manifest.bytes, running: false }
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

    async fn adapter(&self) -> Adapter {
        self.0.adapter.get().unwrap_or(Adapter::None)
    }

    fn launcher(&self, engine: Engine, _: &Manifest, _: &()) -> (FakeLauncher, usize) {
        (FakeLauncher(Rc::clone(&self.0), engine), 2)
    }
}

/// The store outlives a session as the browser's outlives a page.
#[derive(Clone, Default)]
struct SharedStore(Rc<MemoryStore>);

impl FeatureStore for SharedStore {
    async fn index(&self, space: &FeatureSpace) -> Result<HashMap<ImageHash, Location>, StoreError> {
        self.0.index(space).await
    }
    async fn write(
        &self,
        space: &FeatureSpace,
        images: &[ImageHash],
        values: &[f16],
    ) -> Result<(), StoreError> {
        self.0.write(space, images, values).await
    }
    async fn read(&self, record: u64) -> Result<Vec<f16>, StoreError> {
        self.0.read(record).await
    }
    async fn forget(&self, record: u64) -> Result<(), StoreError> {
        self.0.forget(record).await
    }
    async fn size(&self) -> Result<StoreSize, StoreError> {
        self.0.size().await
    }
    async fn clear(&self) -> Result<(), StoreError> {
        self.0.clear().await
    }
    async fn write_head(&self, name: &str, head: &[u8]) -> Result<(), StoreError> {
        self.0.write_head(name, head).await
    }
    async fn read_head(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.read_head(name).await
    }
}

/// A page with its session worker.
struct Visit {
    world: Rc<World>,
    store: SharedStore,
    commands: mpsc::UnboundedSender<Command>,
    executor: LocalPool,
}

impl Visit {
    fn new(store: &SharedStore) -> Self {
        let world = Rc::new(World::default());
        let (commands, receiver) = mpsc::unbounded();
        let executor = LocalPool::new();
        let session = Session::new(FakeHost(Rc::clone(&world)), store.clone(), receiver);
        executor.spawner().spawn_local(session.run()).unwrap();
        *world.spawner.borrow_mut() = Some(executor.spawner());
        Self { world, store: store.clone(), commands, executor }
    }

    /// Opens the page with `engine` forced, and takes the sample's first images.
    fn with_sample(store: &SharedStore, engine: EngineRequest) -> Self {
        let mut visit = Self::new(store);
        visit.send(Command::Open { backbone: "models/fake.json".into(), engine });
        visit.send(Command::Limit(Limits { train: Some(100), test: Some(30) }));
        visit.send(Command::UseSample);
        visit
    }

    /// Sends a command and lets the session work until it waits for the next one.
    fn send(&mut self, command: Command) {
        self.commands.unbounded_send(command).unwrap();
        self.executor.run_until_stalled();
    }

    /// The last event for which `pick` gives something.
    fn last<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> Option<T> {
        self.world.events.borrow().iter().rev().find_map(pick)
    }

    fn extraction(&self) -> Extraction {
        self.last(|event| match event {
            Event::Extraction(state) => Some(*state),
            _ => None,
        })
        .expect("an extraction event")
    }

    fn problem(&self) -> Option<ProblemKind> {
        self.last(|event| match event {
            Event::Problem(problem) => Some(problem.kind),
            _ => None,
        })
    }

    fn trained(&self) -> Option<Trained> {
        self.last(|event| match event {
            Event::Trained(trained) => Some(trained.clone()),
            _ => None,
        })
    }

    /// At the first event for which `when` holds, sends `commands` as the page would.
    fn on(&mut self, when: impl Fn(&Event) -> bool + 'static, commands: Vec<Command>) {
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

fn computed_some(event: &Event) -> bool {
    matches!(event, Event::Extraction(state) if state.computed >= 16 && state.phase == ExtractionPhase::Running)
}

const TWO_EPOCHS: Command = Command::Train(TrainingOptions { epochs: 2, seed: 1 });

#[test]
fn from_sample_to_accuracy_and_back_after_a_reload() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Auto);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Incomplete);
    assert_eq!(visit.extraction().total, 130);
    visit.send(Command::Extract);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    assert_eq!(visit.world.extracted.get(), 130);
    visit.send(TWO_EPOCHS);
    let trained = visit.trained().expect("a head");
    assert_eq!((trained.train, trained.test(), trained.epochs.len()), (100, 30, 2));
    assert!(!trained.restored);
    assert_eq!(visit.problem(), None);

    // The same page, opened again: nothing is computed, no engine is started.
    let mut again = Visit::with_sample(&store, EngineRequest::Auto);
    assert_eq!(again.extraction().phase, ExtractionPhase::Complete);
    let restored = again.trained().expect("the stored head");
    assert!(restored.restored);
    assert_eq!(restored.exam, trained.exam);
    again.send(Command::Extract);
    again.send(TWO_EPOCHS);
    assert_eq!(again.world.extracted.get(), 0);
    assert_eq!(again.world.downloads.get(), 0);
    let repeated = again.trained().expect("a head");
    let losses =
        |trained: &Trained| trained.epochs.iter().map(|epoch| epoch.loss.to_bits()).collect::<Vec<_>>();
    assert_eq!(losses(&repeated), losses(&trained), "one seed, the same bits");
}

#[test]
fn the_images_behind_each_place_of_the_matrix_can_be_seen() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit.send(TWO_EPOCHS);
    let exam = visit.trained().expect("a head").exam;
    let mut shown = 0;
    for label in 0..10 {
        for answer in 0..10 {
            visit.send(Command::ShowExam { label, answer });
            let images = visit.last(|event| match event {
                Event::ExamImages(images) => Some(images.clone()),
                _ => None,
            });
            let images = images.expect("an answer");
            assert_eq!((images.label, images.answer), (label, answer));
            assert_eq!(images.images.len() as u32, exam.confusion.row(label.into())[usize::from(answer)]);
            shown += images.images.len();
        }
    }
    assert_eq!(shown, 30);
    // The surest first, and no more than there are.
    let wrong = exam.confusion.total() - exam.confusion.correct();
    assert_eq!(exam.mistakes.len() as u32, wrong.min(12));
    assert!(exam.mistakes.windows(2).all(|two| two[0].probability >= two[1].probability));
    assert!(exam.mistakes.iter().all(|mistake| mistake.label != mistake.answer));
    let answers: u32 = exam.reliability.bins().iter().map(|bin| bin.answers).sum();
    assert_eq!(answers, 30);

    // Other images in use, or another visit: their answers are not known.
    visit.send(Command::Limit(Limits { train: Some(100), test: Some(20) }));
    visit.send(Command::ShowExam { label: 0, answer: 0 });
    assert_eq!(visit.problem(), Some(ProblemKind::NoExam));
}

#[test]
fn only_what_is_missing_is_computed() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit.send(Command::Limit(Limits { train: Some(110), test: Some(30) }));
    assert_eq!(visit.extraction().phase, ExtractionPhase::Incomplete);
    visit.send(Command::Extract);
    assert_eq!(visit.world.extracted.get(), 140);
}

#[test]
fn training_without_features_says_so() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(TWO_EPOCHS);
    assert_eq!(visit.problem(), Some(ProblemKind::FeaturesMissing));
}

#[test]
fn a_pause_holds_and_resuming_goes_on() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.on(computed_some, vec![Command::Pause]);
    visit.send(Command::Extract);
    let held = visit.extraction();
    assert_eq!(held.phase, ExtractionPhase::Paused);
    assert!(held.done < held.total);
    visit.send(Command::Resume);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    assert_eq!(visit.world.extracted.get(), 130);
}

#[test]
fn a_cancelled_extraction_keeps_what_it_has() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
    visit.on(computed_some, vec![Command::Cancel]);
    visit.send(Command::Extract);
    let cancelled = visit.extraction();
    assert_eq!(cancelled.phase, ExtractionPhase::Incomplete);
    assert!(cancelled.done >= 16 && cancelled.done < 130, "{cancelled:?}");
    let mut again = Visit::with_sample(&store, EngineRequest::Cpu);
    assert_eq!(again.extraction().done, cancelled.done);
    again.send(Command::Extract);
    assert_eq!(again.world.extracted.get(), 130 - cancelled.done);
}

#[test]
fn a_full_disk_holds_the_extraction_and_loses_nothing() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.store.0.set_capacity(Some(100));
    visit.send(Command::Extract);
    assert_eq!(visit.extraction().phase, ExtractionPhase::DiskFull);
    assert_eq!(visit.problem(), Some(ProblemKind::DiskFull));
    visit.store.0.set_capacity(None);
    visit.send(Command::Resume);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    assert_eq!(visit.world.extracted.get(), 130, "what had come back was kept");
}

#[test]
fn a_dead_worker_costs_its_batch_and_nothing_else() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.world.dies_after.set(Some(5));
    visit.send(Command::Extract);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    assert_eq!(visit.world.extracted.get(), 130);
    assert_eq!(visit.world.launched.borrow().len(), 3, "two workers and one in place of the dead");
    assert_eq!(visit.problem(), None);
}

#[test]
fn an_engine_that_fails_its_probe_is_replaced_visibly() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Auto);
    visit.world.adapter.set(Some(Adapter::Hardware));
    visit.world.broken.borrow_mut().push(Engine::WebGpu);
    visit.send(Command::Extract);
    let ready = visit.last(|event| match event {
        Event::Engine(EngineStatus::Ready { engine, reason, .. }) => Some((*engine, *reason)),
        _ => None,
    });
    assert_eq!(ready, Some((Engine::Cpu, EngineReason::WebGpuFailed)));
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    assert_eq!(visit.world.downloads.get(), 1, "the file is fetched once for both");
}

#[test]
fn no_engine_at_all_is_a_sentence() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Auto);
    visit.world.broken.borrow_mut().push(Engine::Cpu);
    visit.send(Command::Extract);
    assert_eq!(visit.problem(), Some(ProblemKind::Engine));
    assert_eq!(visit.extraction().phase, ExtractionPhase::Incomplete);
}

#[test]
fn a_training_that_is_stopped_keeps_its_best() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit.on(|event| matches!(event, Event::Epoch(_)), vec![Command::StopTraining]);
    visit.send(Command::Train(TrainingOptions { epochs: 1_000, seed: 1 }));
    let trained = visit.trained().expect("a head");
    assert!(!trained.epochs.is_empty() && trained.epochs.len() < 1_000, "{}", trained.epochs.len());
}

#[test]
fn files_that_are_none_get_a_sentence_and_break_nothing() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit.send(TWO_EPOCHS);
    let cases: [(&str, &[u8], ProblemKind); 2] = [
        ("text.png", b"this is no picture", ProblemKind::NotAnImage),
        ("empty.png", b"", ProblemKind::EmptyFile),
    ];
    for (id, (name, bytes, expected)) in cases.into_iter().enumerate() {
        let file = FileRef { id: id as u32, name: name.into(), size: bytes.len() as u64 };
        visit.world.files.borrow_mut().insert(file.id, bytes.to_vec());
        visit.send(Command::Classify(file.clone()));
        assert_eq!(visit.problem(), Some(expected), "{name} as a picture");
        visit.send(Command::UseFiles(vec![file]));
        let expected = if bytes.is_empty() { ProblemKind::EmptyFile } else { ProblemKind::NotADataset };
        assert_eq!(visit.problem(), Some(expected), "{name} as a dataset");
    }
    visit.send(Command::UseSample);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
}

#[test]
fn a_missing_manifest_is_a_sentence() {
    let mut visit = Visit::new(&SharedStore::default());
    visit.send(Command::Open { backbone: "models/other.json".into(), engine: EngineRequest::Auto });
    assert_eq!(visit.problem(), Some(ProblemKind::Backbone));
}

#[test]
fn a_training_that_is_stopped_at_once_ends_visibly() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::Extract);
    let stop = |event: &Event| matches!(event, Event::TrainingStarted { .. });
    visit.on(stop, vec![Command::StopTraining]);
    visit.send(Command::Train(TrainingOptions { epochs: 1_000, seed: 1 }));
    let last = visit.world.events.borrow().last().cloned();
    assert!(matches!(last, Some(Event::Extraction(_) | Event::Trained(_))), "{last:?}");
}
