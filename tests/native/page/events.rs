//! What a session tells the page, and a page that has heard some of it.

use bottleneck::backbone::{FeatureShape, NOTEBOOK, Purpose};
use bottleneck::dataset::Source;
use bottleneck::metrics::{ConfusionMatrix, Reliability};
use bottleneck::protocol::{
    BackboneInfo, BackboneReason, Command, DatasetInfo, Engine, EngineReason, EngineStatus, Epoch, Event,
    Exam, Extraction, ExtractionPhase, FileRef, Limits, Problem, ProblemKind, Thresholds, Trained,
    TrainingOptions,
};
use bottleneck::ui::state::State;

pub fn backbone(purpose: Purpose) -> Event {
    named(NOTEBOOK, purpose)
}

/// Somebody asked for a backbone, and it is open.
pub fn named(address: &str, purpose: Purpose) -> Event {
    Event::Backbone(info(address, purpose), BackboneReason::Named)
}

pub fn info(address: &str, purpose: Purpose) -> BackboneInfo {
    BackboneInfo {
        address: address.to_owned(),
        sha256: "ab".repeat(32),
        name: "InceptionV3".to_owned(),
        source: String::new(),
        licence: String::new(),
        purpose,
        bytes: 1,
        input_size: 139,
        features: FeatureShape { height: 3, width: 3, channels: 2048 },
    }
}

pub fn dataset() -> Event {
    Event::Dataset(DatasetInfo {
        source: Source::Drawn,
        classes: vec!["circle".to_owned(), "ring".to_owned()],
        train_available: 100,
        test_available: 20,
        train: 80,
        test: 20,
        per_class: vec![[50, 12], [30, 8]],
        examples: Vec::new(),
        notices: Vec::new(),
        foreign: false,
    })
}

pub fn extraction(phase: ExtractionPhase, done: u32, computed: u32) -> Event {
    Event::Extraction(Extraction { phase, done, total: 100, computed, images_per_second: 4.0 })
}

pub fn ready() -> Event {
    let (engine, reason) = (Engine::Cpu, EngineReason::NoWebGpu);
    Event::Engine(EngineStatus::Ready { engine, reason, workers: 2, probe_error: 0.0 })
}

pub fn epoch(number: u32) -> Epoch {
    Epoch {
        epoch: number,
        loss: 1.0,
        accuracy: 0.5,
        val_loss: 1.0,
        val_accuracy: 0.5,
        best: number == 1,
        seconds: 0.1,
    }
}

/// An exam of so many images, the first half of them right.
pub fn exam(test: u32) -> Exam {
    let mut confusion = ConfusionMatrix::new(2);
    (0..test).for_each(|image| confusion.add(0, usize::from(image >= test / 2)).unwrap());
    Exam { confusion, reliability: Reliability::default(), mistakes: Vec::new(), judged: Vec::new() }
}

pub fn trained(source: Source, train: u32, test: u32) -> Event {
    Event::Trained(Box::new(Trained {
        classes: vec!["circle".to_owned(), "ring".to_owned()],
        source,
        train,
        exam: exam(test),
        thresholds: Thresholds { confidence: 0.5, distance: 0.25 },
        epochs: vec![epoch(1), epoch(2)],
        options: TrainingOptions::notebook(),
        best_epoch: 1,
        restored: false,
    }))
}

pub fn problem(kind: ProblemKind) -> Event {
    Event::Problem(Problem::new(kind, "cause"))
}

pub fn picture() -> Command {
    Command::Classify(FileRef { id: 0, name: "a.png".to_owned(), size: 1 })
}

pub fn train() -> Command {
    Command::Train(TrainingOptions { epochs: 3, ..TrainingOptions::notebook() })
}

/// The state after all of `events`.
pub fn after(events: impl IntoIterator<Item = Event>) -> State {
    let mut state = State::new(true, Limits::default(), Vec::new());
    events.into_iter().for_each(|event| state.apply(event));
    state
}

/// A page on which all features are there.
pub fn complete() -> State {
    after([backbone(Purpose::ImageNet), dataset(), extraction(ExtractionPhase::Complete, 100, 0)])
}
