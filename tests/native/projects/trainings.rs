//! Finished trainings of a project: they go with it, wherever it goes.

use super::*;

#[test]
fn they_leave_with_the_project_s_file_and_come_with_it() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 5);
    visit.train();
    visit.about_trainings(TrainingsCommand::Rename { id: 1, name: "the first".into() });
    visit.send(Command::TrainLeaky);
    assert!(visit.last(|event| matches!(event, Event::Leaky { .. }).then_some(())).is_some());
    assert_eq!(visit.rows().len(), 1, "a split that cheats makes none");
    visit.tell(ProjectCommand::Export);
    let (name, bytes) = visit.world.saved.borrow_mut().pop().expect("a file");

    let elsewhere = SharedStore::default();
    let mut other = Visit::new(&elsewhere);
    other.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    let import = file(&other, 1, &name, bytes);
    other.tell(ProjectCommand::Import(import));
    assert_eq!((other.problem(), other.rows()), (None, visit.rows()));
    other.train();
    assert_eq!(other.rows().iter().map(|row| row.id).collect::<Vec<_>>(), [1, 2]);
}

/// The project's file `bytes` with another list of trainings, or none.
fn with_list(bytes: &[u8], list: Option<&[u8]>) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    use std::io::{Cursor, Read, Write};
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).unwrap();
        let (name, mut content) = (entry.name().unwrap().to_string(), Vec::new());
        entry.read_to_end(&mut content).unwrap();
        if name == "trainings.bin" {
            let Some(list) = list else { continue };
            content = list.to_vec();
        }
        if name == "project.json" {
            let mut index: serde_json::Value = serde_json::from_slice(&content).unwrap();
            match list {
                Some(list) => {
                    let sha256: String =
                        Sha256::digest(list).iter().map(|byte| format!("{byte:02x}")).collect();
                    index["sha256"]["trainings.bin"] = sha256.into();
                }
                None => {
                    index.as_object_mut().unwrap().remove("trainings").expect("it was there");
                    index["sha256"].as_object_mut().unwrap().remove("trainings.bin");
                }
            }
            content = serde_json::to_vec(&index).unwrap();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&content).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn files_without_a_list_or_with_an_older_one_are_taken_and_damaged_ones_refused() {
    let mut visit = Visit::with_project(&SharedStore::default());
    visit.record(3, 4);
    visit.train();
    visit.tell(ProjectCommand::Export);
    let (name, bytes) = visit.world.saved.borrow_mut().pop().expect("a file");
    let cases: [(Option<&[u8]>, _); 4] = [
        (None, None),
        (Some(&[0, 1, 2, 3]), None),
        (Some(&[1, 200, 200]), Some(ProblemKind::ProjectDamaged)),
        (Some(&[]), Some(ProblemKind::ProjectDamaged)),
    ];
    for (list, problem) in cases {
        let elsewhere = SharedStore::default();
        let mut other = Visit::new(&elsewhere);
        other.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
        let import = file(&other, 1, &name, with_list(&bytes, list));
        other.tell(ProjectCommand::Import(import));
        assert_eq!(other.problem(), problem, "{list:?}");
        match problem {
            None => assert_eq!((other.rows(), other.project().is_some()), (vec![], true)),
            Some(_) => assert!(other.project().is_none()),
        }
    }
}

#[test]
fn they_are_deleted_with_the_project() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 3);
    visit.train();
    let id = visit.project().unwrap().id;
    assert_eq!(store.0.heads_named("trainings:").len(), 1);
    visit.tell(ProjectCommand::Delete(id));
    assert_eq!(store.0.heads_named("").len(), 0);
    // A new project of the same number has none of its rows.
    let classes = ["a".to_owned(), "b".to_owned()];
    visit.world.randoms.set(id - 1);
    visit.tell(ProjectCommand::Create { name: "Newer".into(), classes });
    assert_eq!((visit.project().map(|info| info.id), visit.rows()), (Some(id), vec![]));
}

#[test]
fn a_row_of_before_a_picture_moved_is_still_compared_fairly() {
    let mut visit = Visit::with_project(&SharedStore::default());
    // Each take has 15 pictures, so that an exam has 30.
    visit.record(3, 15);
    visit.train();
    let trained = visit.trained().expect("a head");
    visit.train();
    visit.about_trainings(TrainingsCommand::Compare([1, 2]));
    let compared = |visit: &Visit| {
        visit.last(|event| match event {
            Event::Compared(found) => Some(*found),
            _ => None,
        })
    };
    let found = compared(&visit).expect("a comparison");
    assert_eq!((found.images, found.correct), (30, [trained.correct(); 2]));
    // More takes: some of the images of the earlier exam may be learnt from by now, and do not count then.
    visit.record(2, 15);
    visit.train();
    visit.about_trainings(TrainingsCommand::Compare([1, 3]));
    let found = compared(&visit).expect("a comparison");
    let rows = visit.rows();
    assert!(found.images <= rows[0].test && rows[2].train > rows[0].train);
}
