//! What leaves for Python and comes from it: when that may be, and what waits for it.

use bottleneck::backbone::Purpose;
use bottleneck::dataset::Source;
use bottleneck::protocol::*;
use bottleneck::ui::state::{Cell, Difference, Standing, State, Wait};

use crate::page_events::{after, backbone, dataset, extraction, problem, trained};

fn foreign() -> Event {
    match dataset() {
        Event::Dataset(info) => Event::Dataset(DatasetInfo { foreign: true, ..info }),
        other => other,
    }
}

/// A page with a trained head on these images and all their features.
fn page(data: Event) -> State {
    let complete = extraction(ExtractionPhase::Complete, 100, 0);
    after([backbone(Purpose::ImageNet), data, complete, trained(Source::Cifar10, 50_000, 10_000)])
}

/// Exporting a head, exporting features, taking features in.
fn may(state: &State) -> [Result<(), Wait>; 3] {
    [state.can_export_head(), state.can_export_features(), state.can_import_features()]
}

#[test]
fn what_may_leave_and_come_follows_the_work() {
    let open = || backbone(Purpose::ImageNet);
    let phase = |phase| extraction(phase, 10, 0);
    let head = || trained(Source::Drawn, 80, 20);
    let (data, started) = (Err(Wait::Data), Event::TrainingStarted { epochs: 3 });
    let cases = [
        (vec![], [Err(Wait::Opening); 3]),
        (vec![open(), head()], [Ok(()), data, data]),
        (
            vec![open(), dataset(), phase(ExtractionPhase::Incomplete)],
            [Err(Wait::Head), Err(Wait::Features), Ok(())],
        ),
        (vec![open(), dataset(), phase(ExtractionPhase::Running)], [Err(Wait::Extracting); 3]),
        (
            vec![open(), dataset(), phase(ExtractionPhase::Complete), head(), started],
            [Err(Wait::Training); 3],
        ),
    ];
    for (events, expected) in cases {
        assert_eq!(may(&after(events.clone())), expected, "{events:?}");
    }
    assert_eq!(may(&page(dataset())), [Ok(()); 3]);
}

#[test]
fn one_exchange_at_a_time_and_nothing_beside_it() {
    let commands = [
        Command::ExportHead(Kind::Classifier),
        Command::ExportFeatures(Part::Train),
        Command::UseFeatures(Vec::new()),
    ];
    for command in commands {
        let mut state = page(dataset());
        state.sent(&command);
        assert_eq!(may(&state), [Err(Wait::Exchange); 3]);
        let others = [state.can_use_data(), state.can_train(), state.can_classify(), state.can_clear()];
        assert_eq!(others, [Err(Wait::Exchange); 4], "{command:?}");
        // No cell unfolds for it but the one that reads.
        let standing =
            if matches!(command, Command::UseFeatures(_)) { Standing::Busy } else { Standing::Done };
        assert_eq!(state.standing(Cell::Features), standing);
        assert_eq!([Cell::Data, Cell::Training].map(|cell| state.standing(cell)), [Standing::Done; 2]);
        // What goes wrong is told first, and then that it is over.
        state.apply(problem(ProblemKind::FeatureDamaged));
        state.apply(Event::Exchanged);
        assert_eq!(may(&state), [Ok(()); 3]);
        assert_eq!(state.standing(Cell::Features), Standing::Done);
    }
    let mut state = page(dataset());
    state.sent(&Command::ExportFeatures(Part::Test));
    state.apply(problem(ProblemKind::SessionLost));
    assert_eq!(state.exchange, None, "nobody is left to tell its end");
}

#[test]
fn a_head_that_learnt_from_files_sees_no_pictures() {
    let own = page(dataset());
    assert!(!own.is_foreign());
    assert_eq!(own.can_classify(), Ok(()));
    assert_eq!(own.kinds(own.head.as_ref().unwrap()), Kind::ALL);
    let state = page(foreign());
    assert!(state.is_foreign());
    assert_eq!(state.can_classify(), Err(Wait::OwnFeatures));
    assert_eq!(may(&state), [Ok(()), Err(Wait::OwnFeatures), Ok(())]);
    assert_eq!(state.can_train(), Ok(()));
    let head = state.head.as_ref().unwrap();
    assert_eq!(state.kinds(head), [Kind::Onnx, Kind::Safetensors, Kind::Keras]);
    assert_eq!(state.differences(), [Difference::Features]);
    let nearest = Trained { options: TrainingOptions::of(Preset::Nearest), ..(**head).clone() };
    assert_eq!(state.kinds(&nearest), [Kind::Onnx, Kind::Safetensors]);
}

#[test]
fn files_have_names_that_tell_what_they_are() {
    let names = Kind::ALL.map(|kind| kind.names("inception_v3", Preset::Strong));
    let expected = [
        ["inception_v3_strong_classifier.onnx", "inception_v3_strong_classifier.py"],
        ["inception_v3_strong_head.onnx", "inception_v3_strong_head_onnx.py"],
        ["inception_v3_strong_head.safetensors", "inception_v3_strong_head_safetensors.py"],
        ["inception_v3_strong_head.weights.h5", "inception_v3_strong_head_keras.py"],
    ];
    assert_eq!(names, expected.map(|names| names.map(str::to_owned)));
}
