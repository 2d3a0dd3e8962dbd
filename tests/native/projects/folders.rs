//! A folder of folders: the classes of its names, by the same rules as a zip of it.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::containers::{gzip, tar};

/// A notice about one file that is no picture.
fn left_out(name: &str) -> Notice {
    notice(NoticeKind::NoPicture, &[name])
}

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
        ("photos/dogs/small/1.png", picture()),
        ("photos/dogs/no ending", picture()),
    ]
}

fn zipped(contents: Vec<(&str, Vec<u8>)>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in contents {
        zip.start_file(path, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub fn add(visit: &mut Visit, contents: Vec<(&str, Vec<u8>)>) {
    let numbered = (1..).zip(contents);
    let files: Vec<FileRef> = numbered.map(|(id, (path, bytes))| file(visit, id, path, bytes)).collect();
    visit.tell(ProjectCommand::AddFolders(files));
}

pub fn classes(of: &[(&str, usize)]) -> Vec<(String, usize)> {
    of.iter().map(|&(name, count)| (name.to_owned(), count)).collect()
}

/// Different pictures in a folder.
pub fn pictures(folder: &str, count: usize, random: &mut Random) -> Vec<(String, Vec<u8>)> {
    (0..count).map(|at| (format!("{folder}/{at}.png"), frame(0, random).to_png().unwrap())).collect()
}

fn named(contents: &[(String, Vec<u8>)]) -> Vec<(&str, Vec<u8>)> {
    contents.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())).collect()
}

#[test]
fn a_folder_and_a_zip_of_it_make_the_same_classes() {
    let mut visit = Visit::with_project(&SharedStore::default());
    add(&mut visit, contents());
    assert_eq!(visit.problem(), None);
    assert_eq!(shown(&visit).1, classes(&[("cats", 2), ("dogs", 2)]));
    let info = visit.project().unwrap();
    let notices =
        vec![left_out("photos/cats/broken.jpg"), notice(NoticeKind::NoClass, &["photos/loose.png"])];
    assert_eq!((info.takes, info.notices), (vec![2, 2], notices));
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);

    let mut other = Visit::with_project(&SharedStore::default());
    let zip = file(&other, 1, "photos.zip", zipped(contents()));
    other.tell(ProjectCommand::AddFolders(vec![zip]));
    assert_eq!(other.project(), visit.project());

    // Once more, into the classes that are there.
    add(&mut visit, contents());
    assert_eq!(shown(&visit).1, classes(&[("cats", 4), ("dogs", 4)]));
}

#[test]
fn several_archives_are_added_together() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let mut random = Random::new(5);
    let [cats, dogs, birds] = ["cats", "dogs", "birds"].map(|class| pictures(class, 3, &mut random));
    let birds: Vec<(&str, &[u8])> =
        birds.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let archives = vec![
        ("drive-001.zip", zipped(named(&cats))),
        ("drive-002.zip", zipped(named(&dogs))),
        ("birds.tgz", gzip(&tar(&birds))),
    ];
    add(&mut visit, archives);
    let three = classes(&[("cats", 3), ("dogs", 3), ("birds", 3)]);
    assert_eq!((visit.problem(), shown(&visit).1), (None, three));
}

#[test]
fn one_name_in_two_forms_is_one_class_at_once_and_later() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let mut random = Random::new(11);
    let mut three = |folder: &str| pictures(folder, 3, &mut random);
    add(
        &mut visit,
        named(&[three("all/caf\u{e9}"), three("all/cafe\u{301}"), three("all/Caf\u{e9}")].concat()),
    );
    let kinds: Vec<NoticeKind> = visit.project().unwrap().notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(kinds, [NoticeKind::AlikeNames, NoticeKind::OneName]);
    add(&mut visit, named(&[three("all/cafe\u{301}"), three("all/t\u{e9}")].concat()));
    let expected = classes(&[("caf\u{e9}", 9), ("Caf\u{e9}", 3), ("t\u{e9}", 3)]);
    assert_eq!((visit.problem(), shown(&visit).1), (None, expected));
}

#[test]
fn a_flat_zip_on_a_class_fills_it() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let mut random = Random::new(6);
    let class = visit.project().unwrap().project.classes[0].id;
    let flat: Vec<_> =
        (0..5).map(|at| (format!("{at}.png"), frame(0, &mut random).to_png().unwrap())).collect();
    let zip = file(&visit, 1, "samples.zip", zipped(named(&flat)));
    visit.tell(ProjectCommand::AddFiles { class, files: vec![zip] });
    assert_eq!((visit.problem(), shown(&visit).1), (None, classes(&[("red", 5), ("green", 0)])));
    assert_eq!(visit.project().unwrap().takes, [5, 0]);

    // Folders of two classes know better than the card they fall on.
    let two = [pictures("cats", 2, &mut random), pictures("dogs", 2, &mut random)].concat();
    let zip = file(&visit, 2, "two.zip", zipped(named(&two)));
    visit.tell(ProjectCommand::AddFiles { class, files: vec![zip] });
    assert_eq!(shown(&visit).1, classes(&[("red", 5), ("cats", 2), ("dogs", 2)]));
}

#[test]
fn parts_are_taken_together_and_told() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let mut random = Random::new(7);
    let parts = ["train/cats", "train/dogs", "test/cats"].map(|folder| pictures(folder, 2, &mut random));
    let flat = pictures("test", 1, &mut random);
    add(&mut visit, named(&[parts.concat(), flat].concat()));
    assert_eq!(shown(&visit).1, classes(&[("cats", 4), ("dogs", 2)]));
    let together = Notice { kind: NoticeKind::PartsTogether, count: 6, names: Vec::new() };
    let notices = vec![notice(NoticeKind::NoClass, &["test/0.png"]), together];
    assert_eq!(visit.project().unwrap().notices, notices);
}

#[test]
fn long_names_stay_different_and_equal_pictures_are_told() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let mut random = Random::new(8);
    let long = "x".repeat(70);
    let [first, second] = [1, 2].map(|end| pictures(&format!("{long}{end}"), 4, &mut random));
    add(&mut visit, named(&[first.clone(), second].concat()));
    let info = visit.project().unwrap();
    assert_eq!((info.project.classes.len(), info.takes, info.notices), (2, vec![4, 4], vec![]));
    // The first class's pictures in a third class, too: there nothing is its own.
    let same: Vec<_> =
        first.iter().map(|(path, bytes)| (path.replace(&long, "third"), bytes.clone())).collect();
    let more = [same, pictures("fourth", 3, &mut random)].concat();
    add(&mut visit, named(&more));
    let info = visit.project().unwrap();
    assert_eq!(info.takes, [0, 4, 0, 3]);
    let shared = &info.notices[0];
    assert_eq!((shared.kind, shared.count), (NoticeKind::SharedPictures, 8));
    assert!(shared.names[1].starts_with("third1 (4)"), "{shared:?}");
}

#[test]
fn a_file_that_is_gone_costs_no_other() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let mut random = Random::new(4);
    let here = file(&visit, 1, "photos/cats/1.png", frame(0, &mut random).to_png().unwrap());
    let gone = FileRef { id: 2, name: "photos/dogs/1.png".into(), size: 9 };
    visit.tell(ProjectCommand::AddFolders(vec![gone, here]));
    let info = visit.project().unwrap();
    let notices = vec![
        notice(NoticeKind::Unreadable, &["photos/dogs/1.png"]),
        notice(NoticeKind::EmptyClass, &["dogs"]),
    ];
    assert_eq!((info.project.pictures().count(), info.notices), (1, notices));
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
    // It begins as a picture does, and is none.
    let broken = [&picture[..40], &[0; 40]].concat();
    let cases = [
        (vec![], ProblemKind::NotADataset),
        (vec![("notes/a.txt", b"text".to_vec())], ProblemKind::NotADataset),
        (vec![("a.png", picture.clone())], ProblemKind::NoClassFolders),
        (vec![("a/a.png", broken.clone()), ("b/a.png", broken)], ProblemKind::NoneRead),
        (vec![("a.zip", b"Rar!\x1a\x07\0".to_vec())], ProblemKind::ForeignArchive),
        (many, ProblemKind::ProjectFull),
    ];
    for (contents, expected) in cases {
        add(&mut visit, contents);
        let changed = visit.project().map(|info| (info.project.classes, info.notices));
        let unchanged = before.clone().map(|info| (info.project.classes, info.notices));
        assert_eq!((visit.problem(), changed), (Some(expected), unchanged));
    }
}

#[test]
fn folders_that_come_one_after_the_other_are_not_merged_and_parts_on_a_class_are_told() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let mut random = Random::new(9);
    let long = "x".repeat(70);
    for end in [1, 2] {
        let two = [format!("{long}{end}"), "cats".to_owned()].map(|folder| pictures(&folder, 2, &mut random));
        add(&mut visit, named(&two.concat()));
    }
    let (_, of) = shown(&visit);
    let mut counts: Vec<usize> = of.iter().map(|(_, count)| *count).collect();
    counts.sort_unstable();
    assert_eq!(counts, [2, 2, 4], "{of:?}");

    let parts = ["train/cats", "test/cats"].map(|folder| pictures(folder, 2, &mut random));
    let zip = file(&visit, 1, "cats.zip", zipped(named(&parts.concat())));
    let class = visit.project().unwrap().project.classes[0].id;
    visit.tell(ProjectCommand::AddFiles { class, files: vec![zip] });
    let together = Notice { kind: NoticeKind::PartsTogether, count: 4, names: Vec::new() };
    assert_eq!((visit.problem(), visit.project().unwrap().notices), (None, vec![together]));
}

#[test]
fn frames_and_formats_are_the_same_however_files_come() {
    use crate::pictures::{animations, halves};
    let mut random = Random::new(10);
    let [gif, ..] = animations(&[halves(40, 40, [200, 0, 0]), halves(40, 40, [0, 0, 200])]);
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    let files = [("cats/a.gif".to_owned(), gif), ("cats/b.jpg".to_owned(), heic)];
    let all = [files.to_vec(), pictures("dogs", 1, &mut random)].concat();
    let mut visit = Visit::with_project(&SharedStore::default());
    add(&mut visit, named(&all));
    let info = visit.project().unwrap();
    assert_eq!((shown(&visit).1, info.takes), (classes(&[("cats", 2), ("dogs", 1)]), vec![1, 1]));
    let format = notice(NoticeKind::Format(bottleneck::pixels::Format::Heic), &["cats/b.jpg"]);
    assert_eq!(info.notices, [format]);
}
