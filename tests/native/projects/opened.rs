//! Projects in a list, and files of which the page does not know what they are for.

use super::folders::{classes, pictures};
use super::*;
use crate::containers::zipped;
use zip::CompressionMethod;

fn summaries(visit: &Visit) -> Vec<ProjectSummary> {
    let list = visit.last(|event| match event {
        Event::Projects(list) => Some(list.clone()),
        _ => None,
    });
    list.unwrap_or_default()
}

fn resolved(visit: &Visit) -> Option<Command> {
    visit.last(|event| match event {
        Event::FilesResolved(command) => Some((**command).clone()),
        _ => None,
    })
}

/// Two classes of different pictures as a zip.
fn set() -> Vec<u8> {
    let mut random = Random::new(12);
    let pictures = [pictures("cats", 5, &mut random), pictures("dogs", 5, &mut random)].concat();
    let pictures: Vec<(&str, &[u8])> =
        pictures.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    zipped(&pictures, CompressionMethod::Stored)
}

#[test]
fn projects_are_shown_by_the_first_picture_of_each_class() {
    let mut visit = Visit::with_project(&SharedStore::default());
    visit.record(1, 2);
    let first = summaries(&visit)[0].id;
    let pair = ["a".to_owned(), "b".to_owned()];
    visit.tell(ProjectCommand::Create { name: "Empty".into(), classes: pair });
    let all: Vec<u32> = summaries(&visit).iter().map(|project| project.id).collect();
    assert_eq!(all.len(), 2);
    visit.tell(ProjectCommand::Covers([all, vec![999]].concat()));
    let covers = visit.last(|event| match event {
        Event::Covers(covers) => Some(covers.clone()),
        _ => None,
    });
    let counts: Vec<(bool, usize)> =
        covers.unwrap().iter().map(|(id, images)| (*id == first, images.len())).collect();
    assert_eq!(counts, [(true, 2), (false, 0)]);
}

#[test]
fn a_number_is_not_given_twice() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let first = summaries(&visit)[0].id;
    visit.tell(ProjectCommand::Delete(first));
    let pair = ["a".to_owned(), "b".to_owned()];
    visit.tell(ProjectCommand::Create { name: "Next".into(), classes: pair });
    assert_ne!(summaries(&visit)[0].id, first);
    // Another visit's numbers begin where this one's did: what is taken is not given.
    let mut other = Visit::with_project(&visit.store.clone());
    other.tell(ProjectCommand::Covers(Vec::new()));
    let ids: Vec<u32> = summaries(&other).iter().map(|project| project.id).collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn files_are_opened_as_what_they_are() {
    let mut visit = Visit::with_project(&SharedStore::default());
    visit.record(3, 2);
    visit.tell(ProjectCommand::Export);
    let (_, exported) = visit.world.saved.borrow_mut().pop().unwrap();
    let picture = frame(0, &mut Random::new(13)).to_png().unwrap();
    let open = |visit: &mut Visit, bytes: &[u8], to_project: bool| {
        let files = vec![file(visit, 1, "called anything", bytes.to_vec())];
        visit.send(Command::OpenFiles { files, to_project });
        resolved(visit)
    };
    // Without a head a picture is no dataset, and the notice says what would be.
    assert!(matches!(open(&mut visit, &picture, false), Some(Command::UseFiles(_))));
    assert_eq!(visit.problem(), Some(ProblemKind::NoClassFolders));

    let project = open(&mut visit, &exported, false);
    assert!(matches!(project, Some(Command::Project(ProjectCommand::Import(_)))), "{project:?}");
    assert_eq!(shown(&visit).1, classes(&[("red", 6), ("green", 6)]));
    // One that is damaged is a project all the same, and is told to be damaged.
    let mut damaged = exported.clone();
    damaged[60..90].fill(1);
    let project = open(&mut visit, &damaged, false);
    assert!(matches!(project, Some(Command::Project(ProjectCommand::Import(_)))), "{project:?}");
    assert_eq!(visit.problem(), Some(ProblemKind::ProjectDamaged));

    visit.train();
    assert!(matches!(open(&mut visit, &picture, true), Some(Command::Classify(_))));
    // Class folders: into the open project where the person is at it, else as a dataset.
    let added = open(&mut visit, &set(), true);
    assert!(matches!(added, Some(Command::Project(ProjectCommand::AddFolders(_)))), "{added:?}");
    assert_eq!(shown(&visit).1, classes(&[("red", 6), ("green", 6), ("cats", 5), ("dogs", 5)]));
    assert!(matches!(open(&mut visit, &set(), false), Some(Command::UseFiles(_))));
    let images = visit.last(|event| match event {
        Event::Dataset(info) => Some(info.train + info.test),
        _ => None,
    });
    assert_eq!((images, visit.project()), (Some(10), None));
}
