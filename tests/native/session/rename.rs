//! Classes of a dataset that get other names.

use super::*;

#[test]
fn a_class_that_is_renamed_has_its_name_in_the_head_too_and_on_the_next_visit() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit.send(TWO_EPOCHS);
    let trained = visit.trained().expect("a head");
    let rename = |label, name: &str| Command::RenameClass { label, name: name.into() };
    visit.send(rename(2, "  Eulen "));
    assert_eq!(visit.problem(), None);
    let classes = |visit: &Visit| {
        visit.last(|event| match event {
            Event::Dataset(info) => Some(info.classes.clone()),
            _ => None,
        })
    };
    let mut expected = trained.classes.clone();
    expected[2] = "Eulen".to_owned();
    assert_eq!(classes(&visit).as_ref(), Some(&expected));
    let told = visit.last(|event| match event {
        Event::HeadClasses(classes) => Some(classes.clone()),
        _ => None,
    });
    assert_eq!(told.as_ref(), Some(&expected));
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete, "its features are the same");
    // The exam can still be looked at, and its mistakes corrected.
    let mistake = &trained.exam.mistakes[0];
    visit.send(Command::ShowExam { label: mistake.label, answer: mistake.answer });
    let shown = visit.last(|event| match event {
        Event::ExamImages(images) => Some(images.images.len()),
        _ => None,
    });
    assert_eq!((visit.problem(), shown.is_some_and(|images| images > 0)), (None, true));
    visit.send(Command::Correct { image: mistake.hash, label: 2 });
    assert_eq!(visit.problem(), None);

    let refused = [
        (2, String::new(), ProblemKind::ProjectName),
        (3, "Eulen".to_owned(), ProblemKind::ProjectName),
        (3, "x".repeat(61), ProblemKind::ProjectName),
        (99, "more".to_owned(), ProblemKind::ProjectChanged),
    ];
    for (label, name, problem) in refused {
        visit.send(rename(label, &name));
        assert_eq!(visit.problem(), Some(problem), "{label} {name}");
        assert_eq!(classes(&visit).as_ref(), Some(&expected));
    }
    let again = Visit::with_sample(&store, EngineRequest::Cpu);
    let found = again.trained().expect("the same head");
    assert_eq!((found.restored, found.classes), (true, expected));
    // The sample itself is drawn anew, with its own names: the head's are not touched by it.
    let mut other = again;
    other.send(rename(0, "another"));
    assert_eq!(other.problem(), None);
    assert_eq!(other.all(|event| matches!(event, Event::HeadClasses(_)).then_some(())), []);
}
