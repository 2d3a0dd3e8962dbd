//! The map of the features: what is drawn, what moves it, what ends it, and what is asked of it.

use bottleneck::dataset::sample;
use bottleneck::features::{FeatureSpace, FeatureStore, ImageHash};
use bottleneck::protocol::*;
use futures::executor::block_on;

use crate::visit::{FAKE, SharedStore, Visit, manifest};

const DRAW: Command = Command::Map(MapCommand::Draw { asked: true });
const STOP: Command = Command::Map(MapCommand::Stop);
const TRAIN: Command =
    Command::Train(TrainingOptions { preset: Preset::Nearest, ..TrainingOptions::notebook() });

impl Visit {
    /// The sample's first images with their features, without a head.
    fn with_sample_features() -> Self {
        let mut visit = Self::with_sample(&SharedStore::default(), EngineRequest::Cpu);
        visit.send(Command::Extract);
        visit
    }

    fn map_events(&self) -> Vec<MapEvent> {
        self.all(|event| match event {
            Event::Map(event) => Some(event.clone()),
            _ => None,
        })
    }

    fn map(&self) -> Option<FeatureMap> {
        self.last(|event| match event {
            Event::Map(MapEvent::Drawn(map)) => Some(map.clone()),
            _ => None,
        })
    }

    /// Where t-SNE has moved the images, and whether it is done.
    fn moved(&self) -> Option<(Vec<f32>, bool)> {
        self.last(|event| match event {
            Event::Map(MapEvent::Moved { positions, done, total }) => {
                Some((positions.clone(), done == total))
            }
            _ => None,
        })
    }

    fn ended(&self) -> usize {
        self.map_events().iter().filter(|event| **event == MapEvent::Ended).count()
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn it_shows_the_images_in_use_with_the_head_s_answers_and_the_same_bits_each_time() {
    let mut visit = Visit::with_sample_features();
    visit.send(DRAW);
    let map = visit.map().expect("a map");
    assert_eq!((map.images.len(), map.in_use, map.classes.len()), (130, 130, 10));
    assert_eq!(map.images.iter().filter(|image| image.test).count(), 30);
    assert!(map.images[..100].iter().all(|image| !image.test), "training images come first");
    assert!(map.images.iter().all(|image| image.answer.is_none()), "no head is trained");
    assert_eq!(map.components.len(), 260);
    assert!(map.explained[0] >= map.explained[1] && map.explained.iter().sum::<f32>() <= 1.0 + 1e-6);
    let (moved, done) = visit.moved().expect("t-SNE's positions");
    assert!(done && moved.len() == 260 && moved != map.components);
    assert_eq!(visit.problem(), None);

    visit.send(TRAIN);
    visit.send(DRAW);
    let (again, trained) = (visit.map().expect("a map"), visit.trained().expect("a head"));
    assert_eq!(bits(&again.components), bits(&map.components));
    assert_eq!(bits(&visit.moved().expect("positions").0), bits(&moved));
    let mistakes = again.images.iter().filter(|image| image.test && image.is_mistake()).count() as u32;
    assert_eq!(mistakes, trained.test() - trained.correct());
    let judged: Vec<u16> = trained.exam.judged.iter().map(|judged| judged.answer).collect();
    let answers: Vec<u16> =
        again.images.iter().filter(|image| image.test).filter_map(|image| image.answer).collect();
    assert_eq!(answers, judged);
}

#[test]
fn a_picture_that_is_classified_is_placed_where_the_same_image_lies() {
    let mut visit = Visit::with_sample_features();
    visit.send(TRAIN);
    let first = sample::draw(1).train.into_iter().next().expect("an image");
    let frame = first.image().expect("the sample's images are in memory").clone();
    let place = |visit: &Visit| {
        visit
            .last(|event| match event {
                Event::Classified(classified) => Some(classified.place),
                _ => None,
            })
            .expect("an answer")
    };
    visit.send(Command::ClassifyFrame(frame.clone()));
    assert_eq!(place(&visit), None, "there is no map yet");
    visit.send(DRAW);
    visit.send(Command::ClassifyFrame(frame.clone()));
    let (map, found) = (visit.map().expect("a map"), place(&visit).expect("a place"));
    let number = map.images.iter().position(|image| image.hash == ImageHash::of(&frame)).expect("in the map");
    let own = [map.components[2 * number], map.components[2 * number + 1]];
    for (found, own) in found.components.iter().zip(own) {
        assert!((found - own).abs() <= 1e-3 * own.abs().max(1.0), "{found} and {own}");
    }
    // Nearer to its own point than half of the others are to each other.
    let moved = visit.moved().expect("positions").0;
    let at = found.tsne.expect("a place among the neighbours");
    let apart = |a: [f32; 2], number: usize| (a[0] - moved[2 * number]).hypot(a[1] - moved[2 * number + 1]);
    let mut others: Vec<f32> =
        (0..130).map(|other| apart([moved[2 * number], moved[2 * number + 1]], other)).collect();
    others.sort_by(f32::total_cmp);
    assert!(apart(at, number) < others[65], "{} and {}", apart(at, number), others[65]);
}

#[test]
fn it_can_be_ended_in_each_part_and_other_commands_come_in_between() {
    let mut visit = Visit::with_sample_features();
    visit.send(TRAIN);
    // While features are read.
    visit.on(|event| matches!(event, Event::Map(MapEvent::Reading { .. })), vec![STOP]);
    visit.send(DRAW);
    assert_eq!((visit.map(), visit.ended()), (None, 1));

    // While t-SNE moves the images: what is there stays, and a picture is classified before the end.
    let frame = bottleneck::pixels::RgbImage::from_fn(40, 40, |x, y| [x as u8, y as u8, 0]);
    visit.on(
        |event| matches!(event, Event::Map(MapEvent::Moved { .. })),
        vec![Command::ClassifyFrame(frame.clone()), STOP],
    );
    visit.send(DRAW);
    assert!(visit.map().is_some());
    let (_, done) = visit.moved().expect("some positions");
    assert!(!done, "it was ended before");
    assert_eq!(visit.ended(), 2);
    let classified = visit.last(|event| match event {
        Event::Classified(classified) => Some(classified.place),
        _ => None,
    });
    assert!(classified.flatten().is_some(), "it has a place in the map as it is");
    // Nothing is left to be ended.
    visit.send(STOP);
    assert_eq!(visit.ended(), 2);

    // Where another one is ended, the one before stays for the camera.
    visit.on(|event| matches!(event, Event::Map(MapEvent::Reading { .. })), vec![Command::Cancel]);
    visit.send(DRAW);
    assert_eq!(visit.ended(), 3);
    visit.send(Command::ClassifyFrame(frame));
    let classified = visit.last(|event| match event {
        Event::Classified(classified) => Some(classified.place),
        _ => None,
    });
    assert!(classified.flatten().is_some());
}

#[test]
fn its_end_ends_nothing_else_and_the_end_of_something_else_does_not_end_it() {
    let mut visit = Visit::with_sample_features();
    visit.send(DRAW);
    let long = Command::Train(TrainingOptions { epochs: 2, ..TrainingOptions::notebook() });
    visit.on(|event| matches!(event, Event::Epoch(_)), vec![STOP]);
    visit.send(long);
    assert_eq!(visit.trained().map(|trained| trained.epochs.len()), Some(2), "it was trained to its end");
    // The other way round.
    visit.on(|event| matches!(event, Event::Map(MapEvent::Moved { .. })), vec![Command::Cancel]);
    visit.send(DRAW);
    assert!(visit.moved().expect("positions").1, "it came to its end");
}

#[test]
fn it_needs_all_features_and_says_so() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(DRAW);
    assert_eq!(visit.problem(), Some(ProblemKind::FeaturesMissing));
    assert_eq!((visit.map(), visit.ended()), (None, 1));

    let mut nothing = Visit::new(&SharedStore::default());
    nothing.send(DRAW);
    assert_eq!(nothing.problem(), Some(ProblemKind::TooFewImages));
}

/// The page draws a map by itself, and meanwhile a project without pictures may have been opened.
#[test]
fn what_nobody_asked_for_complains_to_nobody() {
    let unasked = Command::Map(MapCommand::Draw { asked: false });
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(unasked.clone());
    assert_eq!((visit.problem(), visit.map(), visit.ended()), (None, None, 1));

    let mut nothing = Visit::new(&SharedStore::default());
    nothing.send(unasked);
    assert_eq!((nothing.problem(), nothing.ended()), (None, 1));
}

#[test]
fn damaged_features_are_computed_again_for_it() {
    let mut visit = Visit::with_sample_features();
    let index = block_on(visit.store.index(&FeatureSpace::of(&manifest()))).unwrap();
    let record = index.values().map(|place| place.record).min().expect("a record");
    visit.store.0.damage(record);
    visit.send(DRAW);
    assert_eq!(visit.problem(), Some(ProblemKind::StoreMended));
    assert_eq!(visit.map().expect("a map").images.len(), 130);
}

#[test]
fn its_images_and_their_neighbours_can_be_seen() {
    let mut visit = Visit::with_sample_features();
    visit.send(DRAW);
    let map = visit.map().expect("a map");
    let hash = map.images[7].hash;
    visit.send(Command::Map(MapCommand::FindNeighbours(hash)));
    let Some(MapEvent::Neighbours { of, images }) = visit.map_events().pop() else { panic!("no neighbours") };
    assert_eq!((of, images.len()), (hash, 8));
    assert!(
        !images.contains(&hash)
            && images.iter().all(|near| map.images.iter().any(|image| image.hash == *near))
    );
    let unknown = ImageHash([9; 16]);
    visit.send(Command::Map(MapCommand::Look(vec![hash, unknown])));
    let Some(MapEvent::Pictures(pictures)) = visit.map_events().pop() else { panic!("no pictures") };
    assert_eq!(pictures.iter().map(|(hash, _)| *hash).collect::<Vec<_>>(), [hash]);
    visit.send(Command::Map(MapCommand::FindNeighbours(unknown)));
    assert_eq!(visit.map_events().pop(), Some(MapEvent::Neighbours { of: unknown, images: Vec::new() }));
}

#[test]
fn other_data_and_other_features_leave_none() {
    let gone = |visit: &Visit| visit.map_events().pop() == Some(MapEvent::Gone);
    let mut visit = Visit::with_sample_features();
    visit.send(DRAW);
    visit.send(Command::UseSample);
    assert!(gone(&visit));
    visit.send(DRAW);
    assert!(!gone(&visit));
    visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    assert!(gone(&visit));
    visit.send(DRAW);
    visit.send(Command::Project(ProjectCommand::Create {
        name: "own".into(),
        classes: ["a".into(), "b".into()],
    }));
    assert!(gone(&visit));
}

#[test]
fn of_very_many_images_it_shows_a_sample_of_all_classes() {
    let mut visit = Visit::new(&SharedStore::default());
    let image = |number: u32| {
        let pixel = move |at: u32| ((number * 7 + at * (number % 11)) % 256) as u8;
        std::iter::once((number % 10) as u8).chain((0..3072).map(pixel)).collect::<Vec<u8>>()
    };
    let mut files = Vec::new();
    for (id, name, numbers) in [(1, "data_batch_1.bin", 0..5_400), (2, "test_batch.bin", 5_400..6_000)] {
        let bytes: Vec<u8> = numbers.flat_map(image).collect();
        files.push(FileRef { id, name: name.into(), size: bytes.len() as u64 });
        visit.world.files.borrow_mut().insert(id, bytes);
    }
    visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    visit.send(Command::UseFiles(files));
    visit.send(Command::Extract);
    visit.on(|event| matches!(event, Event::Map(MapEvent::Drawn(_))), vec![STOP]);
    visit.send(DRAW);
    let map = visit.map().expect("a map");
    assert_eq!((map.images.len(), map.in_use), (MOST_MAPPED, 6_000));
    let tests = map.images.iter().filter(|image| image.test).count();
    assert!((400..600).contains(&tests), "{tests} of 600 test images");
    for class in 0..10 {
        let count = map.images.iter().filter(|image| image.label == class).count();
        assert!((430..570).contains(&count), "{count} of class {class}");
    }
}
