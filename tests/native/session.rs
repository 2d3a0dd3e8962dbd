//! A whole session with a fake engine and a store in memory: what a visitor does, step by step.

use bottleneck::backbone::choose::Adapter;
use bottleneck::protocol::*;

use crate::visit::{FAKE, SharedStore, Visit};

#[path = "session/curve.rs"]
mod curve;
#[path = "session/device_check.rs"]
mod device_check;
#[path = "session/epochs.rs"]
mod epochs;
#[path = "session/exchange.rs"]
mod exchange;
#[path = "session/feature_map.rs"]
mod feature_map;
#[path = "session/first.rs"]
mod first;
#[path = "session/interrupted.rs"]
mod interrupted;
#[path = "session/keep.rs"]
mod keep;
#[path = "session/rename.rs"]
mod rename;
#[path = "session/site_data.rs"]
mod site_data;
#[path = "session/steering.rs"]
mod steering;
#[path = "session/trainings.rs"]
mod trainings;

fn computed_some(event: &Event) -> bool {
    matches!(event, Event::Extraction(state) if state.computed >= 16 && state.phase == ExtractionPhase::Running)
}

const TWO_EPOCHS: Command = Command::Train(TrainingOptions { epochs: 2, ..TrainingOptions::notebook() });

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
fn a_camera_s_picture_is_classified_and_each_stage_timed() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    let frame = || bottleneck::pixels::RgbImage::from_fn(60, 40, |x, y| [x as u8, y as u8, 0]);
    visit.send(Command::ClassifyFrame(frame()));
    assert_eq!(visit.problem(), Some(ProblemKind::NoHead));
    visit.send(Command::Extract);
    visit.send(TWO_EPOCHS);
    visit.send(Command::ClassifyFrame(frame()));
    let classified = visit.last(|event| match event {
        Event::Classified(classified) => Some(classified.clone()),
        _ => None,
    });
    let classified = classified.expect("an answer");
    assert!(classified.live);
    // As it would be learnt: the network's size is only made from there.
    assert_eq!((classified.image.width(), classified.image.height()), (40, 40));
    assert!((classified.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    // Each look at the fake clock takes 10 ms, and the engine's start is looked at too.
    assert_eq!(classified.stages, Stages { prepare: 10.0, features: 10.0, head: 10.0 });
    assert_eq!(classified.milliseconds, 40.0);
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
fn features_that_will_not_fit_are_not_begun() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    // 130 images of 27 values in two bytes each.
    visit.world.room.set(Some(130 * 27 * 2 - 1));
    visit.send(Command::Extract);
    assert_eq!(visit.problem(), Some(ProblemKind::TooLittleRoom));
    assert_eq!(visit.world.extracted.get(), 0);
    visit.world.room.set(Some(130 * 27 * 2));
    visit.send(Command::Extract);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
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
    assert_eq!(ready(&visit), (Engine::Cpu, EngineReason::WebGpuFailed));
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
    visit.send(Command::Train(TrainingOptions { epochs: 1_000, ..TrainingOptions::notebook() }));
    let trained = visit.trained().expect("a head");
    assert!(!trained.epochs.is_empty() && trained.epochs.len() < 1_000, "{}", trained.epochs.len());
    let test = trained.test();
    let told = visit.all(|event| match event {
        Event::Epoch(_) => Some(None),
        Event::Measuring { done, total } => Some(Some((*done, *total))),
        _ => None,
    });
    let first = told.iter().position(Option::is_some).expect("it is told that the epochs are over");
    assert_eq!(told[first], Some((0, test)), "at once, before any of the exam is done");
    assert_eq!(told.last(), Some(&Some((test, test))));
    assert!(told[first..].iter().all(Option::is_some), "no epoch after it");
}

#[test]
fn files_that_are_none_get_a_sentence_and_break_nothing() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit.send(TWO_EPOCHS);
    let cases: [(&str, &[u8], ProblemKind); 2] = [
        ("text.png", b"this is no picture", ProblemKind::ImageFormat),
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
    visit.send(Command::Open { backbone: Some("models/other.json".into()), engine: EngineRequest::Auto });
    assert_eq!(visit.problem(), Some(ProblemKind::Backbone));
}

#[test]
fn a_training_that_is_stopped_at_once_ends_visibly() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::Extract);
    let stop = |event: &Event| matches!(event, Event::TrainingStarted { .. });
    visit.on(stop, vec![Command::StopTraining]);
    visit.send(Command::Train(TrainingOptions { epochs: 1_000, ..TrainingOptions::notebook() }));
    let last = visit.last(|event| (!matches!(event, Event::Interrupted(_))).then(|| event.clone()));
    assert!(matches!(last, Some(Event::Extraction(_) | Event::Trained(_))), "{last:?}");
}

#[test]
fn every_kind_of_head_is_trained_kept_and_found_again() {
    for preset in Preset::ALL {
        let store = SharedStore::default();
        let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
        visit.send(Command::Extract);
        let options =
            TrainingOptions { epochs: 3, seed: 4, patience: Some(2), ..TrainingOptions::of(preset) };
        visit.send(Command::Train(options));
        assert_eq!(visit.problem(), None);
        let trained = visit.trained().expect("a head");
        assert_eq!(trained.options, options);
        let epochs = if preset == Preset::Nearest { 0 } else { trained.epochs.len().max(1) };
        assert_eq!(trained.epochs.len(), epochs);
        assert!((trained.best_epoch as usize) <= epochs);
        let mut again = Visit::with_sample(&store, EngineRequest::Cpu);
        let found = again.trained().expect("the same head");
        assert_eq!((found.restored, found.options, found.exam), (true, options, trained.exam));
        again.send(Command::Train(TrainingOptions { batch: 0, ..options }));
        assert_eq!(again.problem(), Some(ProblemKind::Setting), "named and refused");
    }
}

#[test]
fn a_corrected_label_counts_in_the_next_exam() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit.send(TWO_EPOCHS);
    let first = visit.trained().expect("a head").exam;
    let mistakes: Vec<_> = first.mistakes.iter().map(|mistake| (mistake.hash, mistake.answer)).collect();
    assert!(mistakes.len() >= 2, "two epochs make mistakes");
    for &(image, label) in &mistakes[..2] {
        visit.send(Command::Correct { image, label });
        assert_eq!(visit.problem(), None);
    }
    // The same training: only the two labels differ.
    visit.send(TWO_EPOCHS);
    let second = visit.trained().expect("a head").exam;
    assert_eq!(second.confusion.correct(), first.confusion.correct() + 2);
    assert_eq!(second.judged.len(), first.judged.len());
    assert!(
        second.mistakes.iter().all(|mistake| !mistakes[..2].iter().any(|(hash, _)| *hash == mistake.hash))
    );
    visit.send(Command::Correct { image: mistakes[0].0, label: 99 });
    assert_eq!(visit.problem(), Some(ProblemKind::ExamChanged));
}

#[test]
fn an_answer_says_why_and_how_far_the_image_is_from_what_was_learnt() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit.send(TWO_EPOCHS);
    let trained = visit.trained().expect("a head");
    assert_eq!(trained.exam.judged.len() as u32, trained.test());
    let right = trained.exam.judged.iter().filter(|judged| judged.right).count();
    assert_eq!(right as u32, trained.correct());
    let image = bottleneck::pixels::RgbImage::from_fn(40, 40, |x, y| [x as u8 * 6, y as u8 * 6, 90]);
    visit.world.files.borrow_mut().insert(1, image.to_png().unwrap());
    let file = FileRef { id: 1, name: "mine.png".into(), size: 1 };
    visit.send(Command::Classify(file));
    let classified = visit.last(|event| match event {
        Event::Classified(classified) => Some(classified.clone()),
        _ => None,
    });
    let classified = classified.expect("an answer");
    assert_eq!((classified.contributions.len(), classified.scores.len()), (10, 10));
    for (contributions, score) in classified.contributions.iter().zip(&classified.scores) {
        assert!((contributions.score() - score).abs() <= 1e-4, "{} and {score}", contributions.score());
    }
    assert!(classified.distance > 0.0 && classified.distance <= 2.0);
    let strict = Thresholds { confidence: 1.1, distance: 2.0 };
    assert_eq!(classified.doubt(&strict), Some(Doubt::Unsure));
    let narrow = Thresholds { confidence: 0.0, distance: 0.0 };
    assert_eq!(classified.doubt(&narrow), Some(Doubt::Unfamiliar));
    assert_eq!(classified.doubt(&Thresholds::default()), None);
}

fn speeds(visit: &Visit) -> Vec<Speed> {
    let events = visit.world.events.borrow();
    let speeds = events.iter().filter_map(|event| match event {
        Event::Speed(speed) => Some(speed.clone()),
        _ => None,
    });
    speeds.collect()
}

#[test]
fn the_mean_speed_of_many_images_is_told_and_breaks_do_not_count() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::Limit(Limits { train: Some(20), test: Some(11) }));
    visit.send(Command::Extract);
    assert_eq!(speeds(&visit), [], "31 images say little");
    visit.send(Command::Limit(Limits { train: Some(100), test: Some(30) }));
    visit.on(computed_some, vec![Command::Pause]);
    visit.send(Command::Extract);
    visit.world.clock.set(visit.world.clock.get() + 1e7);
    visit.send(Command::Resume);
    let [speed] = speeds(&visit).try_into().expect("one measure");
    assert_eq!((speed.backbone, speed.engine), ("ab".repeat(32), Engine::Cpu));
    assert!(speed.images_per_second > 1.0, "{}", speed.images_per_second);
}

#[test]
fn a_speed_is_that_of_the_engine_that_computed() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Auto);
    visit.world.adapter.set(Some(Adapter::Hardware));
    visit.send(Command::Extract);
    let engines: Vec<Engine> = speeds(&visit).iter().map(|speed| speed.engine).collect();
    assert_eq!(engines, [Engine::WebGpu, Engine::Cpu, Engine::WebGpu], "both timed, then one at work");
}

fn ready(visit: &Visit) -> (Engine, EngineReason) {
    let ready = |event: &Event| match event {
        Event::Engine(EngineStatus::Ready { engine, reason, .. }) => Some((*engine, *reason)),
        _ => None,
    };
    visit.last(ready).expect("an engine")
}

#[test]
fn both_engines_are_timed_once_for_a_device() {
    for (slow, faster) in [(Engine::WebGpu, Engine::Cpu), (Engine::Cpu, Engine::WebGpu)] {
        let mut first = Visit::with_sample(&SharedStore::default(), EngineRequest::Auto);
        first.world.adapter.set(Some(Adapter::Hardware));
        first.world.slow.set(Some(slow));
        first.send(Command::Extract);
        assert_eq!(ready(&first), (faster, EngineReason::Faster));
        assert_eq!(
            *first.world.launched.borrow(),
            [Engine::WebGpu, Engine::WebGpu, Engine::Cpu, Engine::Cpu]
        );
        assert_eq!(first.extraction().phase, ExtractionPhase::Complete);
        let mut measured = speeds(&first);
        let speed = |engine| measured.iter().find(|speed| speed.engine == engine).unwrap().images_per_second;
        assert!(speed(faster) > 2.0 * speed(slow), "{measured:?}");

        // What the page remembers spares the next visit both the time and the other engine's program. The pace
        // of large pictures from a slow disk says nothing of the engine.
        let slow_pictures = Speed { trial: false, images_per_second: 1e-3, ..measured[0].clone() };
        measured.push(Speed { engine: faster, ..slow_pictures });
        let mut second = Visit::new(&SharedStore::default());
        second.world.adapter.set(Some(Adapter::Hardware));
        second.send(Command::Speeds(measured));
        second.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Auto });
        second.send(Command::Limit(Limits { train: Some(100), test: Some(30) }));
        second.send(Command::UseSample);
        second.send(Command::Extract);
        assert_eq!(ready(&second), (faster, EngineReason::Faster));
        assert_eq!(*second.world.launched.borrow(), [faster, faster]);
    }
}

#[test]
fn an_engine_that_cannot_be_timed_leaves_the_other() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Auto);
    visit.world.adapter.set(Some(Adapter::Hardware));
    visit.world.broken.borrow_mut().push(Engine::Cpu);
    visit.send(Command::Extract);
    assert_eq!(ready(&visit), (Engine::WebGpu, EngineReason::CpuFailed));
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
}

#[test]
fn timing_ends_where_the_person_ends_it() {
    for (at, launched) in [(Engine::WebGpu, 2), (Engine::Cpu, 4)] {
        let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Auto);
        visit.world.adapter.set(Some(Adapter::Hardware));
        visit.on(
            move |event| matches!(event, Event::Engine(EngineStatus::Timing(engine)) if *engine == at),
            vec![Command::Cancel],
        );
        visit.send(Command::Extract);
        let status = |event: &Event| match event {
            Event::Engine(status) => Some(status.clone()),
            _ => None,
        };
        assert_eq!(visit.last(status), Some(EngineStatus::Idle));
        assert_eq!(visit.world.launched.borrow().len(), launched);
        assert_eq!(visit.extraction().computed, 0);
    }
}
