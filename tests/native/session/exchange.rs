//! Heads, classifiers and features that go to other programs and come from them.

use bottleneck::backbone::{FeatureShape, NOTEBOOK};
use bottleneck::features::FeatureStore;
use bottleneck::head::Head;
use bottleneck::interchange::features::FeatureWriter;
use bottleneck::interchange::{keras, onnx};
use bottleneck::pixels::RgbImage;
use futures::channel::oneshot;
use futures::executor::block_on;
use half::f16;
use onnx_prepare::proto::{Attribute, Graph, Model, Node, OperatorSet, Tensor, ValueInfo};
use prost::Message;

use super::*;
use crate::visit::{SHAPE, manifest};

/// More than two blocks of training images.
const MANY: Limits = Limits { train: Some(600), test: Some(30) };

impl Visit {
    /// A visit whose images have their features.
    fn with_features(store: &SharedStore, limits: Limits) -> Self {
        let mut visit = Self::with_sample(store, EngineRequest::Cpu);
        visit.send(Command::Limit(limits));
        visit.send(Command::Extract);
        visit
    }

    /// The file that was given last.
    fn saved(&self) -> (String, Vec<u8>) {
        self.world.saved.borrow().last().cloned().expect("a file")
    }

    fn exported(&mut self, command: Command) -> (String, Vec<u8>) {
        self.world.saved.borrow_mut().clear();
        self.send(command);
        assert_eq!(self.problem(), None);
        self.saved()
    }

    /// Both files of the features in use.
    fn features(&mut self) -> Vec<(String, Vec<u8>)> {
        Part::ALL.map(|part| self.exported(Command::ExportFeatures(part))).into()
    }

    /// Has the page take features from these files.
    fn import(&mut self, files: &[(String, Vec<u8>)]) {
        let mut named = Vec::new();
        for (id, (name, bytes)) in files.iter().enumerate() {
            let id = id as u32;
            self.world.files.borrow_mut().insert(id, bytes.clone());
            named.push(FileRef { id, name: name.clone(), size: bytes.len() as u64 });
        }
        self.send(Command::UseFeatures(named));
    }

    fn dataset(&self) -> DatasetInfo {
        self.last(|event| match event {
            Event::Dataset(info) => Some(info.clone()),
            _ => None,
        })
        .expect("a dataset event")
    }

    /// Whether the last thing said of a head is that there is one.
    fn shows_a_head(&self) -> bool {
        self.last(|event| match event {
            Event::Trained(_) => Some(true),
            Event::Untrained => Some(false),
            _ => None,
        })
        .unwrap_or(false)
    }

    fn stored_images(&self) -> u64 {
        block_on(self.store.size()).unwrap().images
    }
}

fn frame() -> Command {
    Command::ClassifyFrame(RgbImage::from_fn(60, 40, |x, y| [x as u8, y as u8, 0]))
}

fn training(preset: Preset) -> Command {
    Command::Train(TrainingOptions { epochs: 2, filters: 4, ..TrainingOptions::of(preset) })
}

/// A file of features that says what `header` says; all values are `value`.
fn file_of(part: Part, images: u64, shape: FeatureShape, value: f32) -> (String, Vec<u8>) {
    let mut writer = FeatureWriter::new(part, images, shape).unwrap();
    let values = vec![f16::from_f32(value); images as usize * shape.len()];
    let mut bytes = writer.push(&values).unwrap();
    bytes.extend(writer.finish().unwrap());
    (part.file_name("models/other.json"), bytes)
}

/// A network of the fake backbone's shapes.
fn network() -> Vec<u8> {
    let kernel: Vec<f32> = (0..900).map(|at| (at % 7) as f32 / 10.0).collect();
    let attributes = vec![Attribute::ints("strides", &[11, 11])];
    Model {
        ir_version: 7,
        graph: Some(Graph {
            node: vec![Node::new("Conv", &["input", "kernel"], "features", attributes)],
            initializer: vec![Tensor::float("kernel", &[3, 3, 10, 10], &kernel)],
            input: vec![ValueInfo::float("input", &[1, 3, 32, 32])],
            output: vec![ValueInfo::float("features", &[1, 3, 3, 3])],
            ..Graph::default()
        }),
        opset_import: vec![OperatorSet { domain: String::new(), version: 13 }],
        ..Model::default()
    }
    .encode_to_vec()
}

#[test]
fn a_head_leaves_in_every_form_it_can_take() {
    for preset in Preset::ALL {
        let mut visit =
            Visit::with_features(&SharedStore::default(), Limits { train: Some(100), test: Some(30) });
        *visit.world.model.borrow_mut() = network();
        visit.send(training(preset));
        let classes = visit.trained().expect("a head").classes;
        let names = |kind: Kind| kind.names("fake", preset)[0].clone();
        let (name, safetensors) = visit.exported(Command::ExportHead(Kind::Safetensors));
        assert_eq!(name, names(Kind::Safetensors));
        let head = Head::from_bytes(&safetensors).unwrap();
        assert_eq!((head.preset(), head.shape()), (preset, SHAPE));
        let found = visit.exported(Command::ExportHead(Kind::Onnx));
        assert_eq!(found, (names(Kind::Onnx), onnx::head(&head, &classes).unwrap()));
        let whole = onnx::classifier(network(), &manifest(), &head, &classes).unwrap();
        assert_eq!(visit.exported(Command::ExportHead(Kind::Classifier)), (names(Kind::Classifier), whole));
        assert_eq!(visit.world.downloads.get(), 1, "the engine's file serves");
        match Kind::Keras.suits(preset) {
            true => {
                let found = visit.exported(Command::ExportHead(Kind::Keras));
                assert_eq!(found, (names(Kind::Keras), keras::weights(&head).unwrap()));
            }
            false => {
                visit.send(Command::ExportHead(Kind::Keras));
                assert_eq!(visit.problem(), Some(ProblemKind::NotExported));
            }
        }
        assert_eq!(visit.last(|event| Some(*event == Event::Exchanged)), Some(preset.has_epochs()));
    }
}

#[test]
fn what_cannot_leave_is_told() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::ExportHead(Kind::Onnx));
    assert_eq!(visit.problem(), Some(ProblemKind::NoHead));
    visit.send(Command::ExportFeatures(Part::Train));
    assert_eq!(visit.problem(), Some(ProblemKind::FeaturesMissing));
    visit.send(Command::Extract);
    visit.send(TWO_EPOCHS);
    // A file that is no network.
    *visit.world.model.borrow_mut() = b"no network".to_vec();
    visit.send(Command::ExportHead(Kind::Classifier));
    assert_eq!(visit.problem(), Some(ProblemKind::NotExported));
    assert!(visit.world.saved.borrow().is_empty());

    // On another visit the network is not here yet, and its download can be ended.
    let mut visit = Visit::with_sample(&visit.store, EngineRequest::Cpu);
    let (_gate, receiver) = oneshot::channel();
    *visit.world.gate.borrow_mut() = Some(receiver);
    visit.send(Command::ExportHead(Kind::Classifier));
    assert!(matches!(visit.last(|event| Some(event.clone())), Some(Event::Download(_))));
    visit.send(Command::Cancel);
    assert_eq!(visit.last(|event| Some(event.clone())), Some(Event::Exchanged));
    assert!(visit.world.saved.borrow().is_empty());
    *visit.world.model.borrow_mut() = network();
    visit.exported(Command::ExportHead(Kind::Classifier));
}

#[test]
fn features_come_back_and_teach_the_same_bit_for_bit() {
    let mut visit = Visit::with_features(&SharedStore::default(), MANY);
    let files = visit.features();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["fake_atributos_entrenamiento.npz", "fake_atributos_prueba.npz"]);
    assert_eq!(Part::Train.file_name(NOTEBOOK), "inception_atributos_entrenamiento.npz");
    visit.send(training(Preset::Notebook));
    let own = visit.trained().expect("a head");

    let store = SharedStore::default();
    let mut other = Visit::with_sample(&store, EngineRequest::Cpu);
    other.send(Command::Limit(MANY));
    // In whichever order they are chosen.
    other.import(&[files[1].clone(), files[0].clone()]);
    assert_eq!((other.problem(), other.extraction().phase), (None, ExtractionPhase::Complete));
    assert!(other.dataset().foreign);
    other.send(training(Preset::Notebook));
    let foreign = other.trained().expect("a head");
    assert_eq!(foreign.exam, own.exam);
    let bits = |trained: &Trained| -> Vec<_> {
        trained.epochs.iter().map(|epoch| [epoch.loss.to_bits(), epoch.val_loss.to_bits()]).collect()
    };
    assert_eq!(bits(&foreign), bits(&own));
    let (name, _) = other.exported(Command::ExportHead(Kind::Onnx));
    assert_eq!(name, "imported_notebook_head.onnx");

    // Nobody knows which network made them.
    for command in [frame(), Command::ExportHead(Kind::Classifier), Command::ExportFeatures(Part::Test)] {
        other.world.events.borrow_mut().clear();
        other.send(command);
        assert_eq!(other.problem(), Some(ProblemKind::FeatureForeign));
    }
    assert_eq!((other.world.extracted.get(), other.world.downloads.get()), (0, 0));
    other.send(Command::UseOwnFeatures);
    assert!(!other.dataset().foreign && !other.shows_a_head());
    assert_eq!(other.extraction().done, 0);

    // Chosen again, they are found, and the head with them; nothing is stored twice.
    let mut again = Visit::with_sample(&store, EngineRequest::Cpu);
    again.send(Command::Limit(MANY));
    assert!(!again.shows_a_head());
    let before = again.stored_images();
    again.import(&files);
    assert!(again.trained().is_some_and(|head| head.restored && head.exam == own.exam));
    assert_eq!((again.stored_images(), again.problem()), (before, None));
}

#[test]
fn foreign_features_never_take_the_place_of_the_own_ones() {
    let limits = Limits { train: Some(100), test: Some(30) };
    let files = [file_of(Part::Train, 100, SHAPE, 0.5), file_of(Part::Test, 30, SHAPE, 0.5)];
    let leave: [(&str, Vec<Command>); 4] = [
        ("own features", vec![Command::UseOwnFeatures]),
        ("other limits and back", vec![Command::Limit(MANY), Command::Limit(limits)]),
        ("the data anew", vec![Command::UseSample]),
        (
            "the backbone anew",
            vec![Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu }],
        ),
    ];
    for (how, commands) in leave {
        let mut visit = Visit::with_features(&SharedStore::default(), limits);
        visit.send(TWO_EPOCHS);
        let own = visit.trained().expect("a head");
        visit.import(&files);
        assert!(visit.dataset().foreign && !visit.shows_a_head(), "{how}");
        visit.send(TWO_EPOCHS);
        assert_ne!(visit.trained().expect("a head").exam, own.exam);
        // What is no dataset takes nothing out of use.
        visit.send(Command::UseFiles(vec![FileRef { id: 9, name: "x".into(), size: 1 }]));
        assert!(visit.dataset().foreign && visit.problem().is_some());
        commands.into_iter().for_each(|command| visit.send(command));
        let restored = visit.trained().expect("a head");
        assert!(restored.restored && restored.exam == own.exam, "{how}");
        visit.world.events.borrow_mut().clear();
        visit.send(frame());
        assert_eq!(visit.problem(), None, "{how}");
    }
}

#[test]
fn files_that_do_not_fit_change_nothing() {
    let limits = Limits { train: Some(100), test: Some(30) };
    let (train, test) = (file_of(Part::Train, 100, SHAPE, 0.5), file_of(Part::Test, 30, SHAPE, 0.5));
    let spoilt = |change: fn(&mut Vec<u8>)| {
        let (name, mut bytes) = train.clone();
        change(&mut bytes);
        (name, bytes)
    };
    let flat = FeatureShape { height: 1, width: 1, channels: 3 };
    let cases = [
        (vec![train.clone()], ProblemKind::FeatureArrays, None),
        (vec![train.clone(), train.clone()], ProblemKind::FeatureArrays, None),
        (vec![("text".into(), b"no zip".to_vec()), test.clone()], ProblemKind::FeatureArrays, Some("text")),
        (vec![train.clone(), ("nothing".into(), Vec::new())], ProblemKind::FeatureArrays, Some("nothing")),
        (vec![file_of(Part::Train, 99, SHAPE, 0.5), test.clone()], ProblemKind::FeatureCount, Some(&train.0)),
        (vec![train.clone(), file_of(Part::Test, 31, SHAPE, 0.5)], ProblemKind::FeatureCount, Some(&test.0)),
        (vec![file_of(Part::Train, 100, flat, 0.5), test.clone()], ProblemKind::FeatureShape, Some(&train.0)),
        (
            vec![train.clone(), file_of(Part::Test, 30, SHAPE, f32::NAN)],
            ProblemKind::FeatureDamaged,
            Some(&test.0),
        ),
        // A value that is another than the checksum says, and an array of whole numbers.
        (vec![spoilt(|bytes| bytes[700] ^= 1), test.clone()], ProblemKind::FeatureDamaged, Some(&train.0)),
        (
            vec![
                spoilt(|bytes| {
                    let at = bytes.windows(3).position(|three| three == b"<f4").unwrap();
                    bytes[at + 1] = b'i';
                }),
                test.clone(),
            ],
            ProblemKind::FeatureShape,
            Some(&train.0),
        ),
    ];
    let mut visit = Visit::with_features(&SharedStore::default(), limits);
    visit.send(TWO_EPOCHS);
    let stored = visit.stored_images();
    for (number, (files, kind, about)) in cases.into_iter().enumerate() {
        visit.world.events.borrow_mut().clear();
        visit.import(&files);
        let problem = visit.last(|event| match event {
            Event::Problem(problem) => Some(problem.clone()),
            _ => None,
        });
        let problem = problem.unwrap_or_else(|| panic!("case {number} is taken"));
        assert_eq!((problem.kind, problem.file.as_deref()), (kind, about), "case {number}: {problem:?}");
        assert!(visit.last(|event| (*event == Event::Exchanged).then_some(())).is_some());
        assert_eq!(visit.stored_images(), stored);
        // The head and the features are the own ones still.
        visit.send(frame());
        assert!(visit.last(|event| matches!(event, Event::Classified(_)).then_some(())).is_some());
    }
    // Without images there are no labels.
    let mut fresh = Visit::new(&SharedStore::default());
    fresh.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    fresh.import(&[train, test]);
    assert_eq!(fresh.problem(), Some(ProblemKind::TooFewImages));
}

#[test]
fn a_long_exchange_tells_how_far_it_is_and_can_be_ended() {
    let exchanging =
        |wanted: u64| move |event: &Event| matches!(event, Event::Exchanging { done, .. } if *done == wanted);
    let mut visit = Visit::with_features(&SharedStore::default(), MANY);
    visit.on(exchanging(256), vec![Command::Cancel]);
    visit.send(Command::ExportFeatures(Part::Train));
    assert!(visit.world.saved.borrow().is_empty());
    assert_eq!(visit.last(|event| Some(event.clone())), Some(Event::Exchanged));
    let files = visit.features();
    let told: Vec<_> = visit
        .world
        .events
        .borrow()
        .iter()
        .filter_map(|event| match event {
            Event::Exchanging { what: Exchange::Features(Part::Train), done, total } => Some((*done, *total)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(0, 600), (256, 600), (0, 600), (256, 600), (512, 600)]);

    // While it is checked, and while it is stored.
    for (when, stored) in [(256, 0), (630 + 256, 512)] {
        let mut other = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
        other.send(Command::Limit(MANY));
        other.on(exchanging(when), vec![Command::Cancel]);
        other.import(&files);
        assert!(!other.dataset().foreign);
        assert_eq!((other.stored_images(), other.problem()), (stored, None));
        // It goes on where it was.
        other.import(&files);
        assert!(other.dataset().foreign);
        assert_eq!(other.stored_images(), 630);
    }
}

#[test]
fn foreign_features_that_are_damaged_cannot_be_computed_again() {
    let limits = Limits { train: Some(100), test: Some(30) };
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::Limit(limits));
    visit.import(&[file_of(Part::Train, 100, SHAPE, 0.5), file_of(Part::Test, 30, SHAPE, 0.5)]);
    visit.store.0.damage(1);
    visit.send(TWO_EPOCHS);
    assert_eq!(visit.problem(), Some(ProblemKind::StoreDamaged));
    assert!(!visit.dataset().foreign);
    assert_eq!((visit.extraction().done, visit.world.extracted.get()), (0, 0));

    // Where all that is stored is cleared, they go too.
    visit.import(&[file_of(Part::Train, 100, SHAPE, 0.5), file_of(Part::Test, 30, SHAPE, 0.5)]);
    assert!(visit.dataset().foreign);
    visit.send(Command::ClearCache);
    assert!(!visit.dataset().foreign);
    assert_eq!((visit.extraction().done, visit.stored_images()), (0, 0));
}
