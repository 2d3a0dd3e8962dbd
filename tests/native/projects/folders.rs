//! A folder of folders: the classes of its names, by the same rules as a zip of it.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

/// What stands in a folder, by its paths.
fn contents() -> Vec<(&'static str, Vec<u8>)> {
    let mut random = Random::new(4);
    let mut picture = || frame(0, &mut random).to_png().unwrap();
    vec![
        ("photos/.git/cats/a.png", picture()),
        ("photos/cats/.hidden.png", picture()),
        ("photos/cats/1.png", picture()),
        ("photos/cats/2.PNG", picture()),
        ("photos/cats/broken.jpg", b"text".to_vec()),
        ("photos/cats/notes.txt", b"text".to_vec()),
        ("photos/loose.png", picture()),
        ("photos/test/dogs/1.png", picture()),
        ("photos/train/dogs/2.png", picture()),
    ]
}

fn add(visit: &mut Visit, contents: Vec<(&str, Vec<u8>)>) {
    let numbered = (1..).zip(contents);
    let files: Vec<FileRef> = numbered.map(|(id, (path, bytes))| file(visit, id, path, bytes)).collect();
    visit.tell(ProjectCommand::AddFolder(files));
}

#[test]
fn a_folder_and_a_zip_of_it_make_the_same_classes() {
    let mut visit = Visit::with_project(&SharedStore::default());
    add(&mut visit, contents());
    assert_eq!(visit.problem(), None);
    let classes = [("cats", 2), ("photos", 1), ("dogs", 2)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(shown(&visit).1, classes);
    let info = visit.project().unwrap();
    assert_eq!((info.takes, info.skipped), (vec![2, 1, 2], vec!["photos/cats/broken.jpg".to_owned()]));
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in contents() {
        zip.start_file(path, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    let mut other = Visit::with_project(&SharedStore::default());
    let zip = file(&other, 1, "photos.zip", zip.finish().unwrap().into_inner());
    other.tell(ProjectCommand::AddFolders(zip));
    assert_eq!(other.project(), visit.project());

    // Once more, into the classes that are there.
    add(&mut visit, contents());
    assert_eq!(shown(&visit).1.iter().map(|(_, count)| *count).sum::<usize>(), 10);
}

#[test]
fn a_file_that_is_gone_costs_no_other() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let mut random = Random::new(4);
    let here = file(&visit, 1, "photos/cats/1.png", frame(0, &mut random).to_png().unwrap());
    let gone = FileRef { id: 2, name: "photos/dogs/1.png".into(), size: 9 };
    visit.tell(ProjectCommand::AddFolder(vec![gone, here]));
    let info = visit.project().unwrap();
    assert_eq!((info.project.pictures().count(), info.skipped), (1, vec!["photos/dogs/1.png".to_owned()]));
    assert_eq!(visit.problem(), None);
}

#[test]
fn folders_that_make_no_classes_change_nothing() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let before = visit.project();
    let mut random = Random::new(4);
    let picture = frame(0, &mut random).to_png().unwrap();
    let paths: Vec<String> = (0..101).map(|class| format!("all/{class}/a.png")).collect();
    let many = paths.iter().map(|path| (path.as_str(), picture.clone())).collect();
    let cases = [
        (vec![], ProblemKind::NotADataset),
        (vec![("notes/a.txt", b"text".to_vec())], ProblemKind::NotADataset),
        (vec![("a.png", picture.clone())], ProblemKind::NotADataset),
        (many, ProblemKind::ProjectFull),
    ];
    for (contents, expected) in cases {
        add(&mut visit, contents);
        assert_eq!((visit.problem(), visit.project()), (Some(expected), before.clone()));
    }
}
