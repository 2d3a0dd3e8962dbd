//! The page's reducer: which event leads where, and what follows from it.

use bottleneck::backbone::{LIGHT, NOTEBOOK, Purpose};
use bottleneck::dataset::Source;
use bottleneck::features::StoreSize;
use bottleneck::project::Project;
use bottleneck::protocol::{
    BackboneReason, Classified, Command, Event, ExtractionPhase, Limits, Preset, Problem, ProblemKind,
    ProjectCommand, ProjectInfo, Stages, Thresholds, TrainingOptions,
};
use bottleneck::ui::query::QueryError;
use bottleneck::ui::state::{
    Action, Announcement, Cell, Classification, Difference, Notice, Phase, Standing, State, Wait, Work,
};

use crate::page_events::{
    after, backbone, complete, dataset, epoch, extraction, info, named, picture, problem, ready, train,
    trained,
};

#[test]
fn what_may_be_done_follows_the_work() {
    let open = || backbone(Purpose::ImageNet);
    let incomplete = || extraction(ExtractionPhase::Incomplete, 10, 0);
    let running = || extraction(ExtractionPhase::Running, 20, 10);
    let complete = || extraction(ExtractionPhase::Complete, 100, 0);
    let loads = || Event::TrainingLoads { done: 1, total: 100 };
    let started = || Event::TrainingStarted { epochs: 3 };
    let all = |wait| [Err(wait), Err(wait), Err(wait)];
    // Choosing data, extracting, training.
    let cases = [
        (vec![], all(Wait::Opening)),
        (vec![problem(ProblemKind::Backbone)], all(Wait::Closed)),
        (vec![open()], [Ok(()), Err(Wait::Data), Err(Wait::Data)]),
        (
            vec![open(), Event::DatasetProgress { done: 0, total: 9, pictures: 0, seconds_left: None }],
            all(Wait::Reading),
        ),
        (vec![open(), dataset()], [Ok(()), Err(Wait::Counting), Err(Wait::Counting)]),
        (vec![open(), dataset(), incomplete()], [Ok(()), Ok(()), Err(Wait::Features)]),
        (vec![open(), dataset(), running()], all(Wait::Extracting)),
        (vec![open(), dataset(), complete()], [Ok(()), Err(Wait::NothingMissing), Ok(())]),
        (vec![open(), dataset(), complete(), loads()], all(Wait::Training)),
        (vec![open(), dataset(), complete(), started()], all(Wait::Training)),
        (vec![open(), dataset(), complete(), problem(ProblemKind::SessionLost)], all(Wait::Closed)),
    ];
    for (events, expected) in cases {
        let state = after(events.clone());
        assert_eq!([state.can_use_data(), state.can_extract(), state.can_train()], expected, "{events:?}");
    }
}

#[test]
fn a_command_shows_at_once() {
    let mut state = complete();
    state.sent(&train());
    assert!(matches!(state.work(), Some(Work::Loading { total: 0, .. })));
    let mut state = complete();
    state.sent(&Command::UseSample);
    assert_eq!(state.can_extract(), Err(Wait::Reading));
    let mut state =
        after([backbone(Purpose::ImageNet), dataset(), extraction(ExtractionPhase::Incomplete, 10, 0)]);
    state.sent(&Command::Extract);
    assert_eq!(state.standing(Cell::Features), Standing::Busy);
    assert_eq!(state.can_pause(), Err(Wait::Engine), "the engine has to start first");
    state.apply(ready());
    assert_eq!(state.can_pause(), Ok(()));
}

#[test]
fn a_head_whose_class_is_renamed_keeps_all_else() {
    let mut state = complete();
    state.apply(trained(Source::Folders, 100, 20));
    state.apply(trained(Source::Folders, 100, 20));
    let names = |state: &State| {
        [&state.head, &state.before]
            .map(|head| head.as_ref().map(|head| head.classes.clone()).unwrap_or_default())
    };
    state.apply(Event::HeadClasses(vec!["disc".into(), "ring".into()]));
    assert_eq!(names(&state), [["disc", "ring"], ["disc", "ring"]]);
    assert_eq!(state.standing(Cell::Result), Standing::Done);
}

#[test]
fn images_computed_are_counted_over_all_extractions_of_a_visit() {
    let mut state =
        after([backbone(Purpose::ImageNet), dataset(), extraction(ExtractionPhase::Incomplete, 40, 0)]);
    let steps = [
        (ExtractionPhase::Running, 40, 0, 0),
        (ExtractionPhase::Running, 50, 10, 10),
        (ExtractionPhase::Paused, 60, 20, 20),
        // The session has forgotten its count after a cancel, the page has not.
        (ExtractionPhase::Incomplete, 60, 0, 20),
        (ExtractionPhase::Running, 60, 0, 20),
        (ExtractionPhase::Running, 100, 40, 60),
        (ExtractionPhase::Complete, 100, 0, 60),
    ];
    for (phase, done, computed, expected) in steps {
        state.apply(extraction(phase, done, computed));
        assert_eq!(state.computed, expected, "{phase:?} {done}");
    }
}

#[test]
fn the_time_left_follows_the_speed() {
    let mut state = complete();
    assert_eq!(state.seconds_left(), None);
    state.apply(extraction(ExtractionPhase::Running, 20, 20));
    assert_eq!(state.seconds_left(), Some(20.0));
    state.apply(extraction(ExtractionPhase::Paused, 20, 20));
    assert_eq!(state.seconds_left(), None);
}

#[test]
fn a_training_shows_its_epochs_and_ends_with_a_head() {
    let mut state = complete();
    state.sent(&train());
    state.apply(Event::TrainingStarted { epochs: 3 });
    state.apply(Event::TrainingProgress { done: 1, total: 2 });
    state.apply(Event::Epoch(epoch(1)));
    assert_eq!(state.epochs().len(), 1);
    let run = state.run().unwrap();
    assert_eq!((run.epochs, run.done, run.total), (3, 0, 2));
    assert_eq!(state.standing(Cell::Result), Standing::Busy);
    assert_eq!(state.result(), None);
    state.apply(Event::Measuring { done: 5, total: 20 });
    let run = state.run().unwrap();
    assert_eq!((run.measuring, run.done, run.total, run.rows.len()), (true, 5, 20, 1));
    state.apply(trained(Source::Drawn, 80, 20));
    assert_eq!(state.run(), None);
    assert_eq!(state.epochs().len(), 2);
    assert_eq!(state.result().map(|head| head.correct()), Some(10));
    for cell in [Cell::Training, Cell::Result] {
        assert_eq!(state.standing(cell), Standing::Done);
    }
    assert_eq!((state.can_train(), state.can_classify()), (Ok(()), Ok(())));
    // The next one is broken off: going on with it is the person's turn, until it is done with.
    state.apply(Event::Interrupted(Some((TrainingOptions::notebook(), 1))));
    assert_eq!(
        [Cell::Training, Cell::Result].map(|cell| state.standing(cell)),
        [Standing::Ready, Standing::Done]
    );
    state.apply(Event::Interrupted(None));
    assert_eq!(state.standing(Cell::Training), Standing::Done);
}

#[test]
fn a_training_that_was_stopped_too_early_leaves_the_page_usable() {
    let mut state = complete();
    state.sent(&train());
    state.apply(Event::TrainingStarted { epochs: 3 });
    state.apply(extraction(ExtractionPhase::Complete, 100, 0));
    assert_eq!(state.can_train(), Ok(()));
}

#[test]
fn a_problem_ends_what_was_running() {
    let mut state = complete();
    state.sent(&train());
    state.apply(Event::TrainingStarted { epochs: 3 });
    state.apply(problem(ProblemKind::Diverged));
    assert_eq!(state.can_train(), Ok(()));
    // What it was trained with is offered again, only slower; not where it was for something else.
    let Command::Train(options) = train() else { panic!("a training") };
    assert_eq!(state.notices, [Notice::Diverged(options)]);
    state.sent(&Command::TrainLeaky);
    state.apply(problem(ProblemKind::Diverged));
    assert!(matches!(&state.notices[..], [Notice::Problem(_)]));

    // A dataset that was coming in is gone, and so is the one before.
    let mut state = complete();
    state.sent(&Command::UseFiles(Vec::new()));
    state.apply(problem(ProblemKind::NotADataset));
    assert_eq!((state.data(), state.can_use_data()), (None, Ok(())));

    let mut state = complete();
    state.apply(extraction(ExtractionPhase::Running, 20, 0));
    state.apply(problem(ProblemKind::Engine));
    assert_eq!(state.can_extract(), Ok(()));

    let mut state = complete();
    state.apply(trained(Source::Drawn, 80, 20));
    state.sent(&picture());
    assert_eq!(state.can_classify(), Err(Wait::Classifying));
    state.apply(problem(ProblemKind::NotAnImage));
    assert_eq!((state.can_classify(), &state.classification), (Ok(()), &Classification::None));
}

#[test]
fn a_new_head_and_its_training_put_earlier_results_away() {
    let mut state = complete();
    state.apply(trained(Source::Drawn, 80, 20));
    let image = bottleneck::pixels::RgbImage::new(1, 1, vec![0; 3]).unwrap();
    let (name, classes, probabilities) = (String::new(), Vec::new(), vec![1.0]);
    state.apply(Event::Classified(Classified {
        name,
        image,
        classes,
        probabilities,
        scores: vec![],
        distance: 0.0,
        contributions: vec![],
        milliseconds: 1.0,
        stages: Stages::default(),
        live: false,
        place: None,
    }));
    state.sent(&train());
    assert_eq!((state.result(), state.epochs().len()), (None, 0));
    state.apply(trained(Source::Drawn, 80, 20));
    assert_eq!(state.classification, Classification::None);
}

#[test]
fn a_full_disk_holds_the_extraction() {
    let mut state = complete();
    state.apply(extraction(ExtractionPhase::Running, 20, 0));
    state.apply(problem(ProblemKind::DiskFull));
    state.apply(extraction(ExtractionPhase::DiskFull, 20, 0));
    assert_eq!(state.standing(Cell::Features), Standing::Busy);
    assert_eq!(state.can_extract(), Err(Wait::Extracting));
    assert_eq!(state.announcement(), Announcement::Paused);
}

#[test]
fn a_lost_session_keeps_what_was_shown() {
    let mut state = complete();
    state.apply(trained(Source::Drawn, 80, 20));
    state.apply(problem(ProblemKind::SessionLost));
    assert_eq!(state.phase, Phase::Closed);
    assert!(state.head.is_some());
    assert_eq!((state.can_classify(), state.can_clear()), (Err(Wait::Closed), Err(Wait::Closed)));
    // What a dying worker still says does no harm.
    state.apply(extraction(ExtractionPhase::Running, 20, 0));
    state.apply(Event::Epoch(epoch(1)));
    assert_eq!(state.phase, Phase::Closed);
}

#[test]
fn notices_stay_until_dismissed_or_tried_again() {
    let link = QueryError::Engine("gpu".to_owned());
    let state = State::new(true, Limits::default(), vec![link.clone()]);
    let state = state.reduce(Action::Sent(Command::Limit(Limits::default())));
    let state = state.reduce(Action::Said(backbone(Purpose::ImageNet)));
    assert_eq!(state.notices, [Notice::Link(link)]);
    let state = state.reduce(Action::Said(problem(ProblemKind::EmptyFile)));
    let state = state.reduce(Action::Said(problem(ProblemKind::EmptyFile)));
    assert_eq!(state.notices.len(), 2, "the same problem twice is told once");
    let state = state.reduce(Action::Dismissed(0)).reduce(Action::Dismissed(7));
    assert!(matches!(&state.notices[..], [Notice::Problem(_)]));
    assert_eq!(state.reduce(Action::Sent(Command::UseSample)).notices, []);
}

#[test]
fn a_refused_backbone_opens_nothing() {
    let error = QueryError::Backbone("//elsewhere".to_owned());
    let state = State::new(false, Limits::default(), vec![error]);
    assert_eq!(state.can_use_data(), Err(Wait::Closed));
    assert_eq!(state.standing(Cell::Engine), Standing::Waits(Wait::Closed));
    assert_eq!(state.notices.len(), 1);
}

#[test]
fn the_store_can_be_cleared_when_it_holds_something() {
    let mut state = complete();
    assert_eq!(state.can_clear(), Err(Wait::EmptyCache));
    state.apply(Event::Cache(StoreSize { images: 1, bytes: 36_864 }));
    assert_eq!(state.can_clear(), Ok(()));
    state.apply(extraction(ExtractionPhase::Running, 20, 0));
    assert_eq!(state.can_clear(), Err(Wait::Extracting));
}

#[test]
fn a_comparison_is_fair_only_with_the_notebook_s_data_and_network() {
    use Difference::{Development, Drawn, Images, Network, Own, Settings};
    let cases = [
        (NOTEBOOK, Purpose::ImageNet, Source::Cifar10, 50_000, 10_000, vec![]),
        (NOTEBOOK, Purpose::ImageNet, Source::Cifar10, 50_000, 2_000, vec![Images]),
        (NOTEBOOK, Purpose::Development, Source::Drawn, 1_000, 200, vec![Drawn, Images, Development]),
        (NOTEBOOK, Purpose::Custom, Source::Cifar10, 10_000, 2_000, vec![Images, Network]),
        (LIGHT, Purpose::ImageNet, Source::Cifar10, 50_000, 10_000, vec![Network]),
    ];
    for (address, purpose, source, train, test, expected) in cases {
        let state = after([named(address, purpose), trained(source, train, test)]);
        assert_eq!(state.differences(), expected, "{address} {purpose:?}");
    }
    let with = |source, change: fn(TrainingOptions) -> TrainingOptions| {
        let Event::Trained(mut head) = trained(source, 50_000, 10_000) else { panic!("no head") };
        head.options = change(head.options);
        after([backbone(Purpose::ImageNet), Event::Trained(head)]).differences()
    };
    let cifar = Source::Cifar10;
    assert_eq!(with(cifar, |options| TrainingOptions { seed: 9, ..options }), []);
    assert_eq!(with(cifar, |options| TrainingOptions { epochs: 9, ..options }), [Settings]);
    assert_eq!(with(cifar, |_| TrainingOptions::of(Preset::Quick)), [Settings]);
    let share = |options| TrainingOptions { validation_share: 0.3, ..options };
    assert_eq!(with(cifar, share), [Settings]);
    assert_eq!(with(Source::Project, share), [Own], "a project's takes decide");
}

#[test]
fn announcements_come_at_quarters_and_tens() {
    let mut state = complete();
    assert_eq!(state.announcement(), Announcement::Extracted);
    let quarters = [0, 1, 24, 25, 49, 50, 99].map(|done| {
        state.apply(extraction(ExtractionPhase::Running, done, 0));
        match state.announcement() {
            Announcement::Extracting(quarters) => quarters,
            other => panic!("{other:?}"),
        }
    });
    assert_eq!(quarters, [0, 0, 0, 1, 1, 2, 3]);
    state.apply(Event::TrainingStarted { epochs: 50 });
    let tens = [1, 9, 10, 19, 20].map(|count| {
        while state.epochs().len() < count {
            state.apply(Event::Epoch(epoch(1)));
        }
        match state.announcement() {
            Announcement::Training(epochs) => epochs,
            other => panic!("{other:?}"),
        }
    });
    assert_eq!(tens, [0, 0, 10, 10, 20]);
    state.apply(trained(Source::Drawn, 80, 20));
    assert!(matches!(state.announcement(), Announcement::Result(_)));
}

#[test]
fn the_most_probable_class_wins_and_the_first_of_equals() {
    let image = bottleneck::pixels::RgbImage::new(1, 1, vec![0; 3]).unwrap();
    let winner = |probabilities: Vec<f32>| {
        let classified = Classified {
            name: String::new(),
            image: image.clone(),
            classes: Vec::new(),
            probabilities,
            scores: Vec::new(),
            distance: 0.0,
            contributions: Vec::new(),
            milliseconds: 1.0,
            stages: Stages::default(),
            live: false,
            place: None,
        };
        classified.winner()
    };
    assert_eq!(winner(vec![0.2, 0.5, 0.3]), Some((1, 0.5)));
    assert_eq!(winner(vec![0.5, 0.5]), Some((0, 0.5)));
    assert_eq!(winner(Vec::new()), None);
}

#[test]
fn a_head_stands_beside_the_one_before_it_on_the_same_classes() {
    let mut state = State::new(true, Limits::default(), Vec::new());
    state.apply(backbone(Purpose::ImageNet));
    state.apply(trained(Source::Drawn, 80, 20));
    assert_eq!(state.before, None);
    state.apply(trained(Source::Drawn, 80, 10));
    assert_eq!(state.before.as_ref().map(|before| before.test()), Some(20));
    // Of other data there is nothing to compare.
    state.apply(trained(Source::Cifar10, 80, 10));
    assert_eq!(state.before, None);
    state.apply(trained(Source::Cifar10, 80, 10));
    assert!(state.before.is_some());
    state.apply(Event::Untrained);
    assert_eq!(state.before, None);
}

#[test]
fn thresholds_are_the_head_s_until_the_person_moves_them() {
    let state = State::new(true, Limits::default(), Vec::new());
    assert_eq!(state.thresholds, Thresholds::default());
    let state = state.reduce(Action::Said(trained(Source::Drawn, 80, 20)));
    let calibrated = Thresholds { confidence: 0.5, distance: 0.25 };
    assert_eq!(state.thresholds, calibrated);
    let moved = Thresholds { confidence: 0.9, distance: 0.25 };
    let state = state.reduce(Action::Set(moved));
    assert_eq!(state.thresholds, moved);
    let state = state.reduce(Action::Said(trained(Source::Drawn, 80, 20)));
    assert_eq!(state.thresholds, calibrated);
}

#[test]
fn corrections_are_remembered_until_the_next_head() {
    let image = bottleneck::features::ImageHash([7; 16]);
    let mut state = State::new(true, Limits::default(), Vec::new());
    state.apply(backbone(Purpose::ImageNet));
    state.apply(trained(Source::Drawn, 80, 20));
    state.sent(&Command::Correct { image, label: 1 });
    assert_eq!(state.corrections.get(&image), Some(&1));
    // One that the session refused did not happen.
    let (kind, file, detail) = (ProblemKind::ExamChanged, None, String::new());
    state.apply(Event::Problem(Problem { kind, file, detail, values: Vec::new() }));
    assert!(state.corrections.is_empty());
    state.sent(&Command::Correct { image, label: 1 });
    state.apply(trained(Source::Drawn, 80, 20));
    assert!(state.corrections.is_empty());
}

#[test]
fn another_backbone_puts_results_away_and_keeps_what_comes_in() {
    let mut state = complete();
    state.apply(trained(Source::Drawn, 80, 20));
    state.apply(Event::Leaky { test: 20, correct: 19 });
    state.sent(&picture());
    state.apply(named(LIGHT, Purpose::ImageNet));
    assert_eq!((&state.head, &state.classification), (&None, &Classification::None));
    assert_eq!((state.projects.leaky, state.data()), (None, None));
    // A project brings its backbone with it.
    let classes = ["a".to_owned(), "b".to_owned()];
    state.sent(&Command::Project(ProjectCommand::Create { name: "Own".to_owned(), classes }));
    state.apply(named(NOTEBOOK, Purpose::ImageNet));
    assert_eq!(state.can_use_data(), Err(Wait::Reading));
}

#[test]
fn the_larger_backbone_is_offered_to_a_project_on_the_light_one() {
    let project = Project::new("Own", ["a", "b"]).unwrap();
    let own = ProjectInfo { id: 1, project, takes: vec![0, 0], can_undo: false, notices: Vec::new() };
    let others = |address| Event::OtherBackbones(vec![info(address, Purpose::ImageNet)]);
    let worse = || Event::OtherBackbones(vec![info(NOTEBOOK, Purpose::Development)]);
    let light = || named(LIGHT, Purpose::ImageNet);
    let opened = || Event::Project(Some(own.clone()));
    let cases = [
        (vec![light(), others(NOTEBOOK)], None),
        (vec![light(), others(NOTEBOOK), opened()], Some(NOTEBOOK)),
        (vec![light(), opened()], None),
        (vec![light(), worse(), opened()], None),
        (vec![backbone(Purpose::ImageNet), others(LIGHT), opened()], None),
    ];
    for (events, expected) in cases {
        let state = after(events.clone());
        assert_eq!(state.larger().map(|larger| larger.address.as_str()), expected, "{events:?}");
    }
}

#[test]
fn only_a_backbone_that_somebody_asked_for_stays_in_the_address() {
    use BackboneReason::{Brought, Development, Kept, Missing, Named, NoneReal, Notebook, Project};
    assert_eq!(after([]).lasting_backbone(), None);
    for reason in [Named, Project, Notebook, Brought, Development, Missing, Kept, NoneReal] {
        let state = after([Event::Backbone(info(LIGHT, Purpose::ImageNet), reason)]);
        let lasting = matches!(reason, Named | Project).then_some(LIGHT);
        assert_eq!(state.lasting_backbone(), lasting, "{reason:?}");
    }
}

#[test]
fn the_notebook_s_backbone_is_one_click_away_where_its_weights_were_the_reason() {
    let opened = |reason| Event::Backbone(info(LIGHT, Purpose::ImageNet), reason);
    let others = || Event::OtherBackbones(vec![info(NOTEBOOK, Purpose::Development)]);
    let cases = [
        (vec![opened(BackboneReason::Development)], None),
        (vec![opened(BackboneReason::Development), others()], Some(NOTEBOOK)),
        (vec![opened(BackboneReason::Kept), others()], None),
        (vec![opened(BackboneReason::Named), others()], None),
    ];
    for (events, expected) in cases {
        let state = after(events.clone());
        assert_eq!(state.passed_over().map(|other| other.address.as_str()), expected, "{events:?}");
    }
}
