//! Learning curves in a session: they leave nothing behind, and can be ended.

use bottleneck::learning_curve::Point;

use super::*;

const CURVE: Command = Command::LearningCurve(TrainingOptions {
    preset: Preset::Quick,
    epochs: 2,
    batch: 20,
    ..TrainingOptions::notebook()
});

impl Visit {
    fn points(&self) -> Vec<Point> {
        self.all(|event| match event {
            Event::Curve(CurveEvent::Measured(point)) => Some(*point),
            _ => None,
        })
    }

    fn curve_is_over(&self) -> bool {
        self.last(|event| matches!(event, Event::Curve(CurveEvent::Over)).then_some(())).is_some()
    }
}

fn ready(store: &SharedStore) -> Visit {
    let mut visit = Visit::with_sample(store, EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit
}

#[test]
fn a_curve_measures_more_and_more_images_and_leaves_all_as_it_was() {
    let store = SharedStore::default();
    let mut visit = ready(&store);
    visit.send(TWO_EPOCHS);
    let (trained, rows) = (visit.trained().expect("a head"), visit.rows());
    let kept = store.0.heads_named("").len();
    visit.send(CURVE);
    assert_eq!((visit.problem(), visit.curve_is_over()), (None, true));
    let points = visit.points();
    let sizes = visit.last(|event| match event {
        Event::Curve(CurveEvent::Begun { sizes, .. }) => Some(sizes.clone()),
        _ => None,
    });
    assert_eq!(points.iter().map(|point| point.images).collect::<Vec<_>>(), sizes.expect("the sizes"));
    assert!(points.windows(2).all(|two| two[0].images < two[1].images));
    assert!(points.iter().all(|point| point.test == 30));
    let all = points.last().expect("all images");
    assert_eq!((all.share, all.images), (1.0, 100));
    assert_eq!((visit.rows(), store.0.heads_named("").len()), (rows, kept));
    assert_eq!(visit.trained(), Some(trained.clone()), "no other head was told");
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    // The head is still there, and its exam can be looked at.
    visit.send(Command::ShowExam { label: 0, answer: 0 });
    assert_eq!(visit.problem(), None);

    // Its last point is the head that such a training makes, but for the images that chance has put in front.
    let Command::LearningCurve(options) = CURVE else { unreachable!() };
    visit.send(Command::Train(options));
    let same = visit.trained().expect("a head");
    assert_eq!((all.correct, all.test), (same.correct(), same.test()));
    // Once more: the same points.
    visit.send(CURVE);
    assert_eq!(visit.points()[points.len()..], points);
}

#[test]
fn a_curve_ends_where_the_person_ends_it_and_other_commands_wait() {
    let store = SharedStore::default();
    let mut visit = ready(&store);
    visit.send(TWO_EPOCHS);
    for end in [Command::StopTraining, Command::Cancel] {
        let before = visit.points().len();
        let frame = bottleneck::pixels::RgbImage::from_fn(8, 8, |_, _| [9; 3]);
        visit.on(
            |event| matches!(event, Event::Curve(CurveEvent::Measured(_))),
            vec![Command::ClassifyFrame(frame), end],
        );
        visit.send(CURVE);
        let points = visit.points().len() - before;
        assert!((1..5).contains(&points), "{points}");
        assert!(visit.curve_is_over());
        assert_eq!(visit.problem(), None);
        let last = visit.last(|event| match event {
            Event::Classified(_) => Some(true),
            Event::Curve(_) => Some(false),
            _ => None,
        });
        assert_eq!(last, Some(true), "the picture was classified afterwards, by the head in use");
    }
    // In the middle of a head, too.
    let before = visit.points().len();
    visit.on(|event| matches!(event, Event::TrainingStarted { .. }), vec![Command::StopTraining]);
    visit.send(CURVE);
    assert_eq!(visit.points().len(), before);
    assert_eq!(visit.rows().len(), 1);
}

#[test]
fn without_features_or_with_wrong_settings_there_is_no_curve() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(CURVE);
    assert_eq!((visit.problem(), visit.curve_is_over()), (Some(ProblemKind::FeaturesMissing), true));
    visit.send(Command::LearningCurve(TrainingOptions { epochs: 0, ..TrainingOptions::notebook() }));
    assert_eq!(visit.problem(), Some(ProblemKind::Setting));
    let mut project = Visit::with_project(&SharedStore::default());
    project.send(CURVE);
    assert_eq!(project.problem(), Some(ProblemKind::TooFewTakes));
}

#[test]
fn in_a_project_takes_stay_whole_and_those_that_validate_do() {
    let mut visit = Visit::with_project(&SharedStore::default());
    visit.record(8, 4);
    visit.send(CURVE);
    assert_eq!(visit.problem(), None);
    let points = visit.points();
    assert!(points.len() >= 3, "{points:?}");
    assert!(points.iter().all(|point| point.images % 4 == 0 && point.test == points[0].test));
    // With three takes a class there is one to learn from: one point, and the rest is left out.
    let mut few = Visit::with_project(&SharedStore::default());
    few.record(3, 4);
    few.send(CURVE);
    assert_eq!(few.points().len(), 1);
    let left_out = few.last(|event| match event {
        Event::Curve(CurveEvent::Begun { left_out, .. }) => Some(left_out.clone()),
        _ => None,
    });
    assert_eq!(left_out, Some(vec![0.1, 0.2, 0.4, 0.7]));
}
