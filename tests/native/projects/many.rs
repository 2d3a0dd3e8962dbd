//! Many pictures: in groups, with progress, ended in between; older stores; pictures that are damaged later.

use std::io::{Cursor, Write};

use bottleneck::features::ImageHash;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// A zip of so many different pictures of two folders.
fn zip_of(pictures: u32) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..pictures {
        let folder = ["cats", "dogs"][number as usize % 2];
        zip.start_file(format!("all/{folder}/{number}.png"), SimpleFileOptions::default()).unwrap();
        let [low, high, ..] = number.to_le_bytes();
        let image = RgbImage::from_fn(4, 4, |x, _| [low, high, x as u8]);
        zip.write_all(&image.to_png().unwrap()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn stored(visit: &Visit, id: u32) -> Vec<(u32, Option<ImageHash>)> {
    futures::executor::block_on(visit.store.hashes(id)).unwrap()
}

fn counts(visit: &Visit) -> Vec<(String, usize)> {
    shown(visit).1
}

#[test]
fn adding_that_is_ended_keeps_what_came_and_can_be_taken_back() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let zip = file(&visit, 1, "many.zip", zip_of(500));
    visit.on(|event| matches!(event, Event::Adding { done, .. } if *done >= 200), vec![Command::Cancel]);
    visit.tell(ProjectCommand::AddFolders(vec![zip.clone()]));
    assert_eq!(visit.problem(), Some(ProblemKind::AddingEnded));
    let info = visit.project().unwrap();
    let added = info.project.pictures().count();
    assert!((200..500).contains(&added) && info.can_undo, "{added}");
    assert_eq!(stored(&visit, info.id).len(), added, "all that is shown is stored");
    assert_eq!(
        (visit.extraction().phase, visit.extraction().total),
        (ExtractionPhase::Complete, added as u32)
    );
    let left = visit.all(|event| match event {
        Event::Adding { seconds_left, .. } => *seconds_left,
        _ => None,
    });
    assert!(!left.is_empty() && left.iter().all(|seconds| *seconds > 0.0), "{left:?}");

    visit.tell(ProjectCommand::Undo);
    assert_eq!(counts(&visit), [("red".to_owned(), 0), ("green".to_owned(), 0)]);
    assert!(stored(&visit, info.id).is_empty(), "what was taken back leaves the store");
    // Whole, it can be taken back as well.
    *visit.world.on_event.borrow_mut() = None;
    let zip = file(&visit, 1, "many.zip", zip_of(300));
    visit.tell(ProjectCommand::AddFolders(vec![zip]));
    assert_eq!(counts(&visit), [("cats".to_owned(), 150), ("dogs".to_owned(), 150)]);
    assert!(visit.project().unwrap().can_undo);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
}

#[test]
fn a_full_disk_ends_the_adding_and_keeps_what_came() {
    let mut visit = Visit::with_project(&SharedStore::default());
    visit.store.0.set_capacity(Some(20_000));
    let zip = file(&visit, 1, "many.zip", zip_of(500));
    visit.tell(ProjectCommand::AddFolders(vec![zip]));
    let disk_full = |event: &Event| match event {
        Event::Problem(problem) => Some(problem.kind == ProblemKind::DiskFull),
        _ => None,
    };
    assert!(visit.all(disk_full).contains(&true));
    let info = visit.project().unwrap();
    let added = info.project.pictures().count();
    assert!((64..500).contains(&added) && info.can_undo, "{added}");
    assert_eq!(stored(&visit, info.id).len(), added);
}

#[test]
fn deleted_pictures_leave_the_store_with_the_next_change_or_opening() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 4);
    let info = visit.project().unwrap();
    let some: Vec<u32> = info.project.classes[0].pictures[..5].iter().map(|picture| picture.id).collect();
    visit.tell(ProjectCommand::DeletePictures(some.clone()));
    assert_eq!(stored(&visit, info.id).len(), 24, "it can be taken back");
    visit.tell(ProjectCommand::Undo);
    assert_eq!((stored(&visit, info.id).len(), visit.problem()), (24, None));
    assert_eq!(visit.project().unwrap().project.pictures().count(), 24);

    visit.tell(ProjectCommand::DeletePictures(some.clone()));
    let class = info.project.classes[0].id;
    visit.tell(ProjectCommand::AddFrame { class, recording: 99, image: frame(0, &mut Random::new(8)) });
    assert_eq!(stored(&visit, info.id).len(), 20);

    // Deleted, and the page was closed.
    let other: Vec<u32> = info.project.classes[1].pictures[..2].iter().map(|picture| picture.id).collect();
    visit.tell(ProjectCommand::DeletePictures(other));
    let mut again = Visit::new(&store);
    again.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    again.tell(ProjectCommand::Open(info.id));
    assert_eq!((stored(&again, info.id).len(), again.problem()), (18, None));
    assert_eq!(again.project().unwrap().project.pictures().count(), 18);
    // Whoever could still take it back learns that they cannot.
    visit.tell(ProjectCommand::Undo);
    assert_eq!(visit.problem(), Some(ProblemKind::ProjectChanged));
}

#[test]
fn a_store_without_identities_is_read_once_and_remembers_them() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    let zip = file(&visit, 1, "many.zip", zip_of(200));
    visit.tell(ProjectCommand::AddFolders(vec![zip]));
    let (id, before) = (visit.project().unwrap().id, counts(&visit));
    store.0.forget_hashes();
    let open = |cancelled: bool| {
        let mut again = Visit::new(&store);
        again.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
        if cancelled {
            again.on(
                |event| matches!(event, Event::DatasetProgress { pictures: 64, .. }),
                vec![Command::Cancel],
            );
        }
        again.tell(ProjectCommand::Open(id));
        again
    };
    let ended = open(true);
    assert_eq!((ended.project(), ended.problem()), (None, None), "nothing was in use before");
    let known = stored(&visit, id).iter().filter(|(_, hash)| hash.is_some()).count();
    assert!((64..200).contains(&known), "{known}");
    let again = open(false);
    assert_eq!((counts(&again), again.problem()), (before, None));
    assert_eq!((again.extraction().phase, again.world.extracted.get()), (ExtractionPhase::Complete, 0));
    assert!(stored(&visit, id).iter().all(|(_, hash)| hash.is_some()));
    let pictures = |visit: &Visit| {
        visit.all(|event| match event {
            Event::DatasetProgress { pictures, .. } => Some(*pictures),
            _ => None,
        })
    };
    assert!(pictures(&open(false)).is_empty(), "nothing is read any more");
}

#[test]
fn pictures_that_are_damaged_are_left_out_and_told() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(4, 3);
    let info = visit.project().unwrap();
    let ids: Vec<u32> = info.project.pictures().map(|picture| picture.id).collect();
    // One is no picture any more, one is another picture than its identity says.
    store.0.damage_picture(info.id, ids[1], b"no picture");
    store.0.damage_picture(info.id, ids[2], &frame(2, &mut Random::new(1)).to_png().unwrap());
    visit.send(Command::ClearCache);
    visit.send(Command::Extract);
    let damaged = |event: &Event| match event {
        Event::Problem(problem) => Some(problem.kind),
        _ => None,
    };
    assert_eq!(visit.all(damaged), [ProblemKind::StoreDamaged; 2]);
    assert_eq!(visit.project().unwrap().project.pictures().count(), 22);
    assert_eq!((visit.extraction().phase, visit.extraction().total), (ExtractionPhase::Complete, 22));
    // It is not given to others either.
    store.0.damage_picture(info.id, ids[5], b"no picture");
    visit.tell(ProjectCommand::Export);
    assert_eq!(visit.problem(), Some(ProblemKind::StoreDamaged));
    assert!(visit.world.saved.borrow().is_empty());
    visit.tell(ProjectCommand::Export);
    assert_eq!(visit.world.saved.borrow().len(), 1, "without it");
}

#[test]
fn pictures_are_shown_when_they_are_asked_for() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let zip = file(&visit, 1, "many.zip", zip_of(130));
    visit.tell(ProjectCommand::AddFolders(vec![zip]));
    let ids: Vec<u32> = visit.project().unwrap().project.pictures().map(|picture| picture.id).collect();
    visit.world.events.borrow_mut().clear();
    visit.tell(ProjectCommand::Look([&ids[..70], &[9_999]].concat()));
    let looks: Vec<u32> = visit
        .all(|event| match event {
            Event::Thumbnails(new) => Some(new.iter().map(|(id, _)| *id).collect::<Vec<_>>()),
            _ => None,
        })
        .concat();
    assert_eq!(looks, &ids[..70]);
}

#[test]
fn giving_and_taking_can_be_ended_and_leave_nothing() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    let zip = file(&visit, 1, "many.zip", zip_of(300));
    visit.tell(ProjectCommand::AddFolders(vec![zip]));
    let project = visit.project().unwrap();
    let moving =
        |least: u64| move |event: &Event| matches!(event, Event::Exchanging { done, .. } if *done >= least);
    visit.on(moving(100), vec![Command::Cancel]);
    visit.tell(ProjectCommand::Export);
    assert_eq!((visit.world.saved.borrow().len(), visit.problem()), (0, None));
    *visit.world.on_event.borrow_mut() = None;
    visit.tell(ProjectCommand::Export);
    let (_, bytes) = visit.world.saved.borrow_mut().pop().expect("a file");

    for least in [100, 400] {
        let elsewhere = SharedStore::default();
        let mut other = Visit::with_project(&elsewhere);
        let before = other.project();
        let import = file(&other, 1, "project.zip", bytes.clone());
        other.on(moving(least), vec![Command::Cancel]);
        other.tell(ProjectCommand::Import(import.clone()));
        assert_eq!((other.project(), other.problem()), (before, None), "ended after {least}");
        assert_eq!(futures::executor::block_on(elsewhere.projects()).unwrap().len(), 1);
        assert!(stored(&other, 2).is_empty(), "nothing is left of it");
        // A full disk is told, and leaves nothing either.
        *other.world.on_event.borrow_mut() = None;
        elsewhere.0.set_capacity(Some(10_000));
        other.tell(ProjectCommand::Import(import.clone()));
        assert_eq!((other.problem(), stored(&other, 2)), (Some(ProblemKind::DiskFull), vec![]));
        elsewhere.0.set_capacity(None);
        other.tell(ProjectCommand::Import(import));
        assert_eq!(other.project().map(|info| info.project), Some(project.project.clone()));
    }
}
