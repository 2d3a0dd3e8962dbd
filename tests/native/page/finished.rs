//! Finished trainings as the page knows them.

use bottleneck::protocol::{Command, Event, Problem, ProblemKind, TrainingOptions, TrainingsInfo};
use bottleneck::trainings::{Comparison, Summary};

use crate::page_events::complete;

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
