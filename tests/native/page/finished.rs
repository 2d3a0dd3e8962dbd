//! Finished trainings, learning curves and epochs as the page knows them.

use bottleneck::learning_curve::Point;
use bottleneck::protocol::{
    Command, CurveEvent, EpochImages, Event, ExtractionPhase, Problem, ProblemKind, TrainingOptions,
    TrainingsInfo,
};
use bottleneck::trainings::{Comparison, Summary};
use bottleneck::ui::state::{State, Work};

use crate::page_events::{complete, dataset, epoch, extraction, trained};

fn row(id: u32, made: f64) -> Summary {
    Summary {
        id,
        name: String::new(),
        network: "a".into(),
        settings: TrainingOptions::notebook(),
        train: 80,
        test: 20,
        correct: 10,
        seconds: 1.0,
        made,
    }
}

fn told(rows: Vec<Summary>) -> Event {
    Event::Trainings(TrainingsInfo { rows, deleted: None, dropped: 0 })
}

fn compared(of: [u32; 2]) -> Event {
    Event::Compared(Comparison { of, images: 30, correct: [9, 8], alone: [2, 1], relabelled: 0 })
}

#[test]
fn a_comparison_stays_as_long_as_both_rows_do() {
    let mut state = complete();
    state.apply(told(vec![row(1, 1.0), row(2, 2.0), row(3, 3.0)]));
    state.apply(compared([1, 2]));
    assert!(state.finished.comparison_of(&[2, 1]).is_some(), "in whatever order they were chosen");
    for others in [&[1, 3][..], &[1], &[], &[1, 2, 3]] {
        assert_eq!(state.finished.comparison_of(others), None);
    }
    let mut renamed = row(1, 1.0);
    renamed.name = "another".into();
    state.apply(told(vec![renamed, row(2, 2.0)]));
    assert!(state.finished.comparison_of(&[1, 2]).is_some());
    // Another dataset has rows of the same numbers.
    let mut other = state.clone();
    other.apply(told(vec![row(1, 7.0), row(2, 8.0)]));
    assert_eq!(other.finished.compared, None);
    state.apply(told(vec![row(2, 2.0)]));
    assert_eq!(state.finished.compared, None);
    assert_eq!(state.finished.row(1), None);
}

#[test]
fn a_damaged_list_ends_nothing_that_runs() {
    let mut state = complete();
    state.sent(&Command::Train(TrainingOptions::notebook()));
    let before = state.clone();
    state.apply(Event::Problem(Problem::new(ProblemKind::TrainingsDamaged, "it is cut")));
    assert_eq!((state.phase, state.notices.len()), (before.phase, 1));
}

fn with_head() -> State {
    let mut state = complete();
    state.apply(trained(bottleneck::dataset::Source::Drawn, 80, 20));
    state
}

fn curve() -> Command {
    Command::LearningCurve(TrainingOptions::of(bottleneck::protocol::Preset::Quick))
}

fn measured(images: u32) -> Event {
    Event::Curve(CurveEvent::Measured(Point { share: 0.1, images, test: 20, correct: 9 }))
}

fn begun(sizes: &[u32]) -> Event {
    Event::Curve(CurveEvent::Begun { sizes: sizes.to_vec(), left_out: vec![0.1] })
}

#[test]
fn while_a_curve_is_measured_the_result_stays() {
    let mut state = with_head();
    let (result, epochs) = (state.result().cloned(), state.epochs().to_vec());
    state.sent(&curve());
    assert!(state.curve.running && matches!(state.work(), Some(Work::Loading { .. })));
    assert!(state.can_train().is_err() && state.can_use_data().is_err());
    state.apply(begun(&[8, 80]));
    for event in [Event::TrainingStarted { epochs: 12 }, Event::Epoch(epoch(1)), measured(8)] {
        state.apply(event);
        assert_eq!((state.result(), state.epochs()), (result.as_ref(), epochs.as_slice()));
    }
    state.apply(measured(80));
    assert!(!state.curve.is_whole());
    state.apply(Event::Curve(CurveEvent::Over));
    state.apply(extraction(ExtractionPhase::Complete, 100, 0));
    assert!(state.curve.is_whole() && state.can_train().is_ok());
    assert_eq!(state.result(), result.as_ref());
    // A training shows its own epochs again, and other images end what the curve said.
    state.sent(&Command::Train(TrainingOptions::notebook()));
    assert_eq!((state.result(), state.curve.points.len()), (None, 2));
    state.apply(dataset());
    assert_eq!(state.curve.points.len(), 2, "the same images, as where a class was renamed");
    let Event::Dataset(mut other) = dataset() else { panic!("no dataset") };
    other.train += 1;
    state.apply(Event::Dataset(other));
    assert_eq!((state.curve.points.len(), state.curve.settings), (0, None));
}

#[test]
fn a_curve_that_ends_early_is_not_whole() {
    let mut state = with_head();
    state.sent(&curve());
    state.apply(begun(&[8, 16, 80]));
    state.apply(Event::Curve(CurveEvent::LeftOut(0.1)));
    assert_eq!(
        (state.curve.sizes.as_slice(), state.curve.left_out.as_slice()),
        (&[16, 80][..], &[0.1, 0.1][..])
    );
    state.apply(measured(16));
    state.apply(Event::Curve(CurveEvent::Over));
    assert!(!state.curve.is_whole() && !state.curve.running);
    // A problem ends it too; asked for once more, it begins anew.
    state.apply(extraction(ExtractionPhase::Complete, 100, 0));
    state.sent(&curve());
    assert!(state.curve.running && state.curve.points.is_empty());
    state.apply(Event::Problem(Problem::new(ProblemKind::StoreLost, "gone")));
    assert!(!state.curve.running && state.result().is_some());
}

#[test]
fn what_an_epoch_got_wrong_goes_with_its_head() {
    let mut state = with_head();
    state.apply(Event::EpochImages(EpochImages { epoch: 1, wrong: Some((2, 16)), images: Vec::new() }));
    assert_eq!(state.epoch_images.as_ref().map(|shown| shown.epoch), Some(1));
    state.apply(trained(bottleneck::dataset::Source::Drawn, 80, 20));
    assert_eq!(state.epoch_images, None);
}
