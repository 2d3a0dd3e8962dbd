//! Files as people bring them, of every kind that is about archives, folders and names; and those in the shared
//! folder, where they are there.

use std::collections::BTreeMap;
use std::fs;

use bottleneck::dataset::notices::NoticeKind::{self, *};
use bottleneck::dataset::{Dataset, DatasetError, Files, InMemory, Pixels, Shelf, read_files};
use bottleneck::pixels::Format::Heic;
use bottleneck::pixels::ImageHash;
use bottleneck::protocol::{Problem, ProblemKind};
use futures::executor::block_on;
use zip::CompressionMethod;

use crate::containers::{gzip, tar, zipped};
use crate::shared;

fn read(files: &[(&str, Vec<u8>)]) -> Result<Dataset, DatasetError> {
    read_all(files).map(|(dataset, _)| dataset)
}

fn read_all(files: &[(&str, Vec<u8>)]) -> Result<(Dataset, Shelf), DatasetError> {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    block_on(read_files(Files::in_memory(&files), &mut InMemory::default()))
}

/// A PNG like no other of another number.
fn picture(number: u8) -> Vec<u8> {
    let colour = |x: u32, y: u32| [number, (x * 20) as u8, (y * 20) as u8];
    bottleneck::pixels::RgbImage::from_fn(8, 8, colour).to_png().unwrap()
}

/// A zip of pictures in folders: their name, how many, and the first one's number.
fn folders(of: &[(&str, u8, u8)]) -> Vec<u8> {
    zipped(&borrowed(&files(of)), CompressionMethod::Deflated)
}

fn files(of: &[(&str, u8, u8)]) -> Vec<(String, Vec<u8>)> {
    let all = of.iter().flat_map(|&(folder, count, first)| {
        (0..count).map(move |at| (format!("{folder}/{at}.png"), picture(first + at)))
    });
    all.collect()
}

fn borrowed(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect()
}

/// The classes with their images to learn from and for the exam, and the notices with their counts.
type Came = (Vec<(String, usize, usize)>, BTreeMap<NoticeKind, u32>);

fn came(dataset: &Dataset) -> Came {
    let of = |samples: &[bottleneck::dataset::Sample], class: usize| {
        samples.iter().filter(|sample| usize::from(sample.label) == class).count()
    };
    let classes = dataset
        .classes
        .iter()
        .enumerate()
        .map(|(class, name)| (name.clone(), of(&dataset.train, class), of(&dataset.test, class)));
    (classes.collect(), dataset.notices.iter().map(|notice| (notice.kind, notice.count)).collect())
}

fn expected(classes: &[(&str, usize, usize)], notices: &[(NoticeKind, u32)]) -> Came {
    let classes = classes.iter().map(|&(name, train, test)| (name.to_owned(), train, test)).collect();
    (classes, notices.iter().copied().collect())
}

fn problem(files: &[(&str, Vec<u8>)]) -> ProblemKind {
    Problem::from(read(files).unwrap_err()).kind
}

#[test]
fn several_archives_of_any_kind_are_one_dataset() {
    let [discs, bars, stars] = [("discs", 5, 0), ("bars", 5, 40), ("stars", 5, 80)].map(|one| files(&[one]));
    let deflated = |files: &[(String, Vec<u8>)]| zipped(&borrowed(files), CompressionMethod::Deflated);
    let nested = zipped(&[("set/stars.zip", &deflated(&stars))], CompressionMethod::Stored);
    let tgz = gzip(&tar(&borrowed(&[vec![("LICENSE.txt".into(), b"MIT".to_vec())], bars].concat())));
    let together = read(&[("1.zip", deflated(&discs)), ("2.tgz", tgz.clone()), ("3.zip", nested)]).unwrap();
    assert_eq!(came(&together), expected(&[("bars", 4, 1), ("discs", 4, 1), ("stars", 4, 1)], &[]));
    // CIFAR-10's files beside class folders are no dataset.
    let batch = vec![0; 3073];
    assert_eq!(problem(&[("1.zip", deflated(&discs)), ("data_batch_1.bin", batch)]), ProblemKind::MixedFiles);
    // Pictures without folders.
    assert_eq!(problem(&[("1.png", picture(1)), ("2.png", picture(2))]), ProblemKind::NoClassFolders);
    assert_eq!(problem(&[("a.tgz", tgz[..tgz.len() / 2].to_vec())]), ProblemKind::CutDownload);
}

#[test]
fn a_folder_is_read_like_an_archive_of_it() {
    let loose = |files: Vec<(String, Vec<u8>)>| -> Result<Dataset, DatasetError> {
        read(&files.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())).collect::<Vec<_>>())
    };
    let pictures = files(&[("set/discs", 5, 0), ("set/bars", 5, 40)]);
    let labels = vec![("set/labels.txt".to_owned(), b"discs, bars".to_vec())];
    let two = expected(&[("bars", 4, 1), ("discs", 4, 1)], &[]);
    // Each is read again when it is needed, and again.
    let (dataset, mut shelf) =
        read_all(&pictures.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())).collect::<Vec<_>>())
            .unwrap();
    for sample in dataset.train.iter().chain(&dataset.test).chain(&dataset.train) {
        let Pixels::OnShelf(place) = sample.pixels else { panic!("{sample:?}") };
        assert_eq!(ImageHash::of(&shelf.picture(place).unwrap()), sample.hash);
    }
    assert_eq!(came(&loose([pictures.clone(), labels.clone()].concat()).unwrap()), two);
    // A file beside them that is called like a batch is still no batch.
    let train = vec![("set/train".to_owned(), b"discs".to_vec())];
    assert_eq!(came(&loose([pictures, train].concat()).unwrap()), two);
    // A whole CIFAR-10, as it is unpacked.
    let batch = |label: u8| [vec![label], vec![label * 20; 3072]].concat().repeat(4);
    let cifar = |name: &str| format!("cifar-10-batches-bin/{name}");
    let mut batches: Vec<_> =
        (1..=5_u8).map(|at| (cifar(&format!("data_batch_{at}.bin")), batch(at))).collect();
    batches.push((cifar("test_batch.bin"), batch(7)));
    batches.push((cifar("readme.html"), b"<!DOCTYPE html>".to_vec()));
    let read = loose(batches).unwrap();
    assert_eq!((read.train.len(), read.test.len()), (20, 4));
    assert!(matches!(loose(labels), Err(DatasetError::NoImages)));
    assert!(matches!(loose(Vec::new()), Err(DatasetError::NoImages)));
}

#[test]
fn archives_in_a_folder_stand_where_they_lie() {
    let set = files(&[("pets/cats", 5, 0), ("pets/birds", 5, 40)]);
    let [whole, flat] = ["dogs/", ""].map(|folder| {
        let dogs: Vec<_> =
            (80..85).map(|number| (format!("{folder}{number}.png"), picture(number))).collect();
        zipped(&borrowed(&dogs), CompressionMethod::Stored)
    });
    let tarred: Vec<_> = (80..85).map(|number| (format!("dogs/{number}.png"), picture(number))).collect();
    let three = expected(&[("birds", 4, 1), ("cats", 4, 1), ("dogs", 4, 1)], &[]);
    for (name, archive) in
        [("pets/more.zip", whole), ("pets/dogs.zip", flat), ("pets/more.tgz", gzip(&tar(&borrowed(&tarred))))]
    {
        let all = [set.clone(), vec![(name.to_owned(), archive)]].concat();
        let all: Vec<_> = all.iter().map(|(path, bytes)| (path.as_str(), bytes.clone())).collect();
        assert_eq!(came(&read(&all).unwrap()), three, "{name}");
    }
}

#[test]
fn a_headline_is_true_of_all_that_there_is() {
    let heic = || b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    let film = || b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    let cut = || picture(1)[..40].to_vec();
    let zip = |files: &[(&str, Vec<u8>)]| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
        vec![("all.zip", zipped(&files, CompressionMethod::Stored))]
    };
    let cases = [
        ("films are no pictures", zip(&[("a/1.mp4", film()), ("b/2.mp4", film())]), ProblemKind::NotADataset),
        ("all are damaged", zip(&[("a/1.png", cut()), ("b/2.png", cut())]), ProblemKind::NoneRead),
        ("some are", zip(&[("a/1.png", cut()), ("b/2.heic", heic())]), ProblemKind::NoneRead),
        ("a photo by itself", vec![("photo.jpg", heic())], ProblemKind::NoneRead),
    ];
    for (what, files, expected) in cases {
        assert_eq!(problem(&files), expected, "{what}");
    }
    // Beside others it is named, and what systems add is no dataset of another kind.
    let mut all = vec![("photo.jpg", heic()), ("desktop.ini", b"[.ShellClassInfo]".to_vec())];
    all.push(("set.zip", folders(&[("discs", 5, 0), ("bars", 5, 40)])));
    let two = expected(&[("bars", 4, 1), ("discs", 4, 1)], &[(Format(Heic), 1)]);
    assert_eq!(came(&read(&all).unwrap()), two);
}

#[test]
fn what_systems_add_is_no_class_and_the_content_decides_what_a_picture_is() {
    let mut all = files(&[
        ("a", 5, 0),
        ("b", 5, 20),
        ("@eaDir", 2, 40),
        ("a/.thumbnails", 2, 50),
        ("__MACOSX/a", 2, 60),
    ]);
    let [first, second, third] = [70, 71, 72].map(picture);
    all.extend([
        ("a/Thumbs.db".to_owned(), b"\xd0\xcf\x11\xe0".to_vec()),
        ("a/no ending".to_owned(), first),
        ("a/wrong.txt".to_owned(), second),
        ("b/old.jfif".to_owned(), third),
        ("labels.csv".to_owned(), b"file,label\n1.png,a\n".to_vec()),
        ("a/empty.jpg".to_owned(), Vec::new()),
        ("a/page.jpg".to_owned(), b"<!DOCTYPE html><p>Sign in".to_vec()),
        ("a/notes.png".to_owned(), b"plain text".to_vec()),
        ("b/phone.jpg".to_owned(), b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec()),
        ("b/film.mp4".to_owned(), b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec()),
    ]);
    let dataset = read(&[("a.zip", zipped(&borrowed(&all), CompressionMethod::Deflated))]).unwrap();
    let notices = [(Empty, 1), (WebPage, 1), (NoPicture, 1), (Other, 1), (Format(Heic), 1)];
    assert_eq!(came(&dataset), expected(&[("a", 6, 1), ("b", 5, 1)], &notices));
}

#[test]
fn parts_few_pictures_and_shared_ones_are_told() {
    let zip = |of: &[(&str, u8, u8)]| read(&[("a.zip", folders(of))]);
    let valid = [("train/a", 6, 0), ("train/b", 6, 20), ("valid/a", 3, 40), ("valid/b", 3, 60)];
    let dataset = zip(&valid).unwrap();
    assert_eq!(came(&dataset), expected(&[("a", 8, 1), ("b", 8, 1)], &[(NoTestPart, 2)]));
    assert_eq!(dataset.validation, Some(6));
    let flat = [("train/a", 6, 0), ("train/b", 6, 20), ("test", 4, 40)];
    assert_eq!(
        came(&zip(&flat).unwrap()),
        expected(&[("a", 5, 1), ("b", 5, 1)], &[(NoClass, 4), (NoTestPart, 2)])
    );
    let black = [("a", 6, 0), ("b", 6, 5), ("c", 1, 40)];
    let notices = [(InTwoClasses, 2), (TooFew, 1), (NotExamined, 1)];
    assert_eq!(came(&zip(&black).unwrap()), expected(&[("a", 4, 1), ("b", 4, 1), ("c", 1, 0)], &notices));
    assert!(matches!(zip(&[("a", 5, 0), ("b", 5, 0)]), Err(DatasetError::SamePictures(_))));
    assert!(matches!(zip(&[("a", 2, 0), ("b", 2, 9)]), Err(DatasetError::TooFewPictures(_))));
    let hollow = files(&[("a", 5, 0), ("b", 5, 20)]);
    let hollow = [borrowed(&hollow), vec![("c/", b"".as_slice())]].concat();
    let hollow = read(&[("a.zip", zipped(&hollow, CompressionMethod::Deflated))]).unwrap();
    assert_eq!(came(&hollow), expected(&[("a", 4, 1), ("b", 4, 1)], &[(EmptyClass, 1)]));
}

#[test]
fn the_shared_cases_come_out_right() {
    let problems = [
        ("c01_two_folders_with_the_same_pictures.zip", ProblemKind::SamePictures),
        ("c01_black_frames.zip", ProblemKind::SamePictures),
        ("c14_teachable_machine_samples_flat.zip", ProblemKind::NoClassFolders),
        ("c15_one_picture_per_class.zip", ProblemKind::TooFewPictures),
        ("c15_two_pictures_per_class.zip", ProblemKind::TooFewPictures),
        ("c19_download_cut_short.zip", ProblemKind::CutDownload),
        ("c19_rar_named.zip", ProblemKind::ForeignArchive),
    ];
    let file = |name: &str| shared::file(&format!("cases/{name}")).map(|path| fs::read(path).unwrap());
    for (name, kind) in problems {
        let Some(bytes) = file(name) else { return };
        assert_eq!(problem(&[(name, bytes)]), kind, "{name}");
    }
    let eight = [("bars", 7, 1), ("discs", 7, 1)];
    let read_ones: &[(&str, Came)] = &[
        ("c04_flower_photos.tgz", expected(&[("daisy", 7, 1), ("tulips", 7, 1)], &[])),
        ("c05_all_deflate_control.zip", expected(&eight, &[])),
        ("c05_explorer_over_2GB_deflate64.zip", expected(&eight, &[])),
        ("c06_class_of_jfif_only.zip", expected(&[("bars", 5, 1), ("discs", 5, 1), ("stars", 5, 1)], &[])),
        ("c07_class_folders_with_subfolders.zip", expected(&[("cats", 8, 2), ("dogs", 8, 2)], &[])),
        (
            "c13_train_and_valid_without_test.zip",
            expected(&[("cats", 11, 1), ("dogs", 11, 1)], &[(NoTestPart, 2)]),
        ),
        (
            "c14_kaggle_train_folders_and_flat_test.zip",
            expected(&[("cat", 7, 1), ("dog", 7, 1)], &[(NoClass, 10), (NoTestPart, 2)]),
        ),
        ("c15_an_empty_class_folder.zip", expected(&[("bars", 5, 1), ("discs", 5, 1)], &[(EmptyClass, 1)])),
        (
            "c15_one_class_of_one_picture.zip",
            expected(&[("bars", 8, 2), ("discs", 8, 2), ("rare", 1, 0)], &[(TooFew, 1), (NotExamined, 1)]),
        ),
        ("c15_only_a_train_folder.zip", expected(&[("bars", 5, 1), ("discs", 5, 1)], &[(NoTestPart, 2)])),
        (
            "c16_cats_and_Cats.zip",
            expected(&[("Cats", 3, 1), ("cats", 3, 1), ("dogs", 3, 1)], &[(AlikeNames, 2)]),
        ),
        (
            "c16_emoji_quotes_and_commas.zip",
            expected(&[("=1+1", 4, 1), ("it's \"bad\", no", 4, 1), ("مرحبا", 4, 1), ("👍🏽 ok", 4, 1)], &[]),
        ),
        ("c16_macos_finder_nfd.zip", expected(&[("camiones", 4, 1), ("piñas", 4, 1)], &[])),
        ("c16_nfc_and_nfd_of_one_name.zip", expected(&[("bars", 4, 1), ("piñas", 8, 2)], &[(OneName, 1)])),
        ("c16_windows_cp850_spanish.zip", expected(&[("Árboles", 4, 1), ("Índices", 4, 1)], &[])),
        ("c19_one_crc_error_among_16.zip", expected(&[("bars", 7, 1), ("discs", 6, 1)], &[(Damaged, 1)])),
    ];
    for (name, came_out) in read_ones {
        let Some(bytes) = file(name) else { return };
        assert_eq!(came(&read(&[(name, bytes)]).unwrap()), *came_out, "{name}");
    }
    let parts = ["001", "002"].map(|part| format!("c03_drive-download-20260901T120000Z-{part}.zip"));
    let [Some(first), Some(second)] = [file(&parts[0]), file(&parts[1])] else { return };
    let both = read(&[(&parts[0], first), (&parts[1], second)]).unwrap();
    assert_eq!(came(&both), expected(&eight, &[]));
    // Some pages and empty files among the pictures, and nothing but HEIC.
    if let (Some(pages), Some(heic)) =
        (file("c19_empty_and_html_files.zip"), file("c06_iphone_only_heic.zip"))
    {
        let (_, notices) = came(&read(&[("pages.zip", pages)]).unwrap());
        assert!(notices.contains_key(&Empty) && notices.contains_key(&WebPage), "{notices:?}");
        let error = read(&[("heic.zip", heic)]).unwrap_err();
        assert!(
            matches!(&error, DatasetError::NoneRead(found) if found.starts_with("8 HEIC (")),
            "{error:?}"
        );
    }
}
