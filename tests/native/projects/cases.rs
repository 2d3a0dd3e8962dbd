//! The shared folder's archives and pictures in a project, where they are there.

use std::fs;

use NoticeKind::*;
use bottleneck::pixels::Format::Avif;

use super::folders::{add, classes};
use super::*;
use crate::shared;

/// What a project is after all of these were added: what was said instead, its classes with their pictures, and the
/// notices with their counts.
type Came = (Option<ProblemKind>, Vec<(String, usize)>, Vec<(NoticeKind, u32)>);

fn came(visit: &Visit) -> Came {
    let notices = visit.project().unwrap().notices;
    (visit.problem(), shown(visit).1, notices.iter().map(|notice| (notice.kind, notice.count)).collect())
}

fn file_of(name: &str) -> Option<(&str, Vec<u8>)> {
    let path = shared::file(&format!("cases/{name}"))?;
    Some((name, fs::read(path).unwrap()))
}

#[test]
fn the_shared_archives_come_out_right_in_a_project() {
    type Expected<'a> = (&'a str, &'a [(&'a str, usize)], &'a [(NoticeKind, u32)]);
    let bars_and_discs = [("discs", 8), ("bars", 8)];
    let read: &[Expected] = &[
        ("c01_black_frames.zip", &[("background", 6), ("thumbs_up", 4)], &[(SharedPictures, 5)]),
        ("c01_two_folders_with_the_same_pictures.zip", &[("cats", 6), ("dogs", 6)], &[(SharedPictures, 12)]),
        ("c04_flower_photos.tgz", &[("daisy", 8), ("tulips", 8)], &[]),
        ("c05_all_deflate_control.zip", &bars_and_discs, &[]),
        ("c05_explorer_over_2GB_deflate64.zip", &bars_and_discs, &[]),
        ("c06_class_of_jfif_only.zip", &[("discs", 6), ("bars", 6), ("stars", 6)], &[]),
        ("c07_class_folders_with_subfolders.zip", &[("cats", 10), ("dogs", 10)], &[]),
        ("c13_train_and_valid_without_test.zip", &[("cats", 12), ("dogs", 12)], &[(PartsTogether, 24)]),
        (
            "c14_kaggle_train_folders_and_flat_test.zip",
            &[("cat", 8), ("dog", 8)],
            &[(NoClass, 10), (PartsTogether, 16)],
        ),
        ("c15_an_empty_class_folder.zip", &[("discs", 6), ("bars", 6)], &[(EmptyClass, 1)]),
        ("c15_one_class_of_one_picture.zip", &[("discs", 10), ("bars", 10), ("rare", 1)], &[]),
        ("c15_one_picture_per_class.zip", &[("a", 1), ("b", 1), ("c", 1)], &[]),
        ("c15_only_a_train_folder.zip", &[("discs", 6), ("bars", 6)], &[(PartsTogether, 12)]),
        ("c15_two_pictures_per_class.zip", &[("discs", 2), ("bars", 2)], &[]),
        ("c16_cats_and_Cats.zip", &[("Cats", 4), ("cats", 4), ("dogs", 4)], &[(AlikeNames, 2)]),
        (
            "c16_emoji_quotes_and_commas.zip",
            &[("👍🏽 ok", 5), ("it's \"bad\", no", 5), ("=1+1", 5), ("مرحبا", 5)],
            &[],
        ),
        ("c16_macos_finder_nfd.zip", &[("pi\u{f1}as", 5), ("camiones", 5)], &[]),
        ("c16_nfc_and_nfd_of_one_name.zip", &[("pi\u{f1}as", 10), ("bars", 5)], &[(OneName, 1)]),
        ("c16_windows_cp850_spanish.zip", &[("\u{c1}rboles", 5), ("\u{cd}ndices", 5)], &[]),
        ("c19_empty_and_html_files.zip", &[("discs", 7), ("bars", 7)], &[(WebPage, 1), (Empty, 1)]),
        ("c19_one_crc_error_among_16.zip", &[("discs", 7), ("bars", 8)], &[(Damaged, 1)]),
        ("c26_6700_pictures_of_224x224.zip", &[("dogs", 3350), ("cats", 3350)], &[]),
    ];
    for &(name, of, notices) in read {
        let Some(file) = file_of(name) else { return };
        let mut visit = Visit::with_project(&SharedStore::default());
        add(&mut visit, vec![file]);
        assert_eq!(came(&visit), (None, classes(of), notices.to_vec()), "{name}");
    }
    let refused = [
        ("c06_iphone_only_heic.zip", ProblemKind::NoneRead),
        ("c14_teachable_machine_samples_flat.zip", ProblemKind::NoClassFolders),
        ("c19_download_cut_short.zip", ProblemKind::CutDownload),
        ("c19_rar_named.zip", ProblemKind::ForeignArchive),
    ];
    for (name, problem) in refused {
        let Some(file) = file_of(name) else { return };
        let mut visit = Visit::with_project(&SharedStore::default());
        add(&mut visit, vec![file]);
        assert_eq!(came(&visit), (Some(problem), classes(&[("red", 0), ("green", 0)]), vec![]), "{name}");
    }
    // What a cloud drive hands over in parts is dropped together.
    let parts =
        ["c03_drive-download-20260901T120000Z-001.zip", "c03_drive-download-20260901T120000Z-002.zip"];
    let [Some(first), Some(second)] = parts.map(file_of) else { return };
    let mut visit = Visit::with_project(&SharedStore::default());
    add(&mut visit, vec![first, second]);
    assert_eq!(came(&visit), (None, classes(&bars_and_discs), vec![]));
}

#[test]
fn the_shared_pictures_come_out_right_in_a_class() {
    let Some(folder) = shared::file("cases/pictures") else { return };
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut visit = Visit::with_project(&SharedStore::default());
    let read = |name: &String| fs::read(folder.join(name)).unwrap();
    let mut files: Vec<FileRef> =
        (1..).zip(&names).map(|(id, name)| file(&visit, id, name, read(name))).collect();
    // A class's samples as a flat zip, among the pictures.
    let Some((name, samples)) = file_of("c14_teachable_machine_samples_flat.zip") else { return };
    files.push(file(&visit, 99, name, samples.clone()));
    let class = visit.project().unwrap().project.classes[0].id;
    visit.tell(ProjectCommand::AddFiles { class, files });
    let samples = zip::ZipArchive::new(std::io::Cursor::new(samples)).unwrap().len();
    // Twelve pictures and the ten frames of three animations; two are cut short, one is an AVIF.
    let (problem, of, notices) = came(&visit);
    assert_eq!((problem, of), (None, classes(&[("red", 22 + samples), ("green", 0)])));
    assert_eq!(notices, [(Damaged, 2), (Format(Avif), 1)]);
    // Equal pictures count once (c06_photo.jfif is one of the samples), and the frames of an animation are one take.
    assert_eq!(visit.project().unwrap().takes, [8 + samples as u32, 0]);
}
