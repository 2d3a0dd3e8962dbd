//! Zips of class folders: split, odd files, hostile archives.

use std::collections::HashSet;
use std::io::{Cursor, Write};

use bottleneck::dataset::notices::{Notice, NoticeKind};
use bottleneck::dataset::{
    Dataset, DatasetError, Files, InMemory, Pixels, Sample, Shelf, Source, read_files,
};
use bottleneck::pixels::{ImageHash, LARGEST_SIDE, RgbImage};
use bottleneck::random::Random;
use futures::executor::block_on;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::shared;

fn read_all(bytes: &[u8]) -> Result<(Dataset, Shelf), DatasetError> {
    block_on(read_files(Files::in_memory(&[("images.zip", bytes)]), &mut InMemory::default()))
}

fn read(bytes: &[u8]) -> Result<Dataset, DatasetError> {
    read_all(bytes).map(|(dataset, _)| dataset)
}

/// The picture of a sample, read again.
fn picture_of(sample: &Sample, shelf: &mut Shelf) -> RgbImage {
    let Pixels::OnShelf(spot) = sample.pixels else { panic!("{sample:?}") };
    shelf.picture(spot).unwrap()
}

/// A BMP file of one colour, `side` x `side`.
fn picture(side: u32, colour: [u8; 3]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = image::RgbImage::from_pixel(side, side, image::Rgb(colour));
    image.write_to(&mut bytes, image::ImageFormat::Bmp).unwrap();
    bytes.into_inner()
}

fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// `count` different pictures in the folder `folder`.
fn folder(folder: &str, count: u8, salt: u8) -> Vec<(String, Vec<u8>)> {
    (0..count).map(|at| (format!("{folder}/{at}.bmp"), picture(8, [at, salt, 3]))).collect()
}

/// A notice about so many things, all named.
pub fn notice(kind: NoticeKind, names: &[&str]) -> Notice {
    Notice { kind, count: names.len() as u32, names: names.iter().map(|&name| name.to_owned()).collect() }
}

/// Training and test images of each class.
fn counts(dataset: &Dataset) -> Vec<(usize, usize)> {
    let of = |samples: &[Sample], class: usize| {
        samples.iter().filter(|sample| usize::from(sample.label) == class).count()
    };
    (0..dataset.classes.len()).map(|class| (of(&dataset.train, class), of(&dataset.test, class))).collect()
}

#[test]
fn the_shared_folders_are_split_evenly() {
    let Some(path) = shared::file("data/class-folders.zip") else { return };
    let bytes = std::fs::read(path).unwrap();
    let dataset = read(&bytes).unwrap();
    assert_eq!((dataset.source, dataset.classes.len()), (Source::Folders, 4));
    assert!(dataset.classes.is_sorted());
    assert_eq!(counts(&dataset), [(24, 6); 4]);
    // The last fifth of the training images, which validates, holds every class.
    let last: HashSet<u16> = dataset.train[77..].iter().map(|sample| sample.label).collect();
    assert_eq!(last.len(), 4);
    assert_eq!(read(&bytes).unwrap(), dataset, "the same split every time");
}

#[test]
fn folders_above_the_classes_decide_the_split() {
    let mut files = folder("set/train/cats", 4, 1);
    files.extend(folder("set/Test/cats", 2, 2));
    files.extend(folder("set/train/dogs", 3, 3));
    files.extend(folder("set/Test/dogs", 1, 4));
    let (dataset, mut shelf) = read_all(&zip(&files)).unwrap();
    assert_eq!(dataset.classes, ["cats", "dogs"]);
    assert_eq!(counts(&dataset), [(4, 2), (3, 1)]);
    let mut salt = |sample| picture_of(sample, &mut shelf).pixels()[1];
    assert!(dataset.test.iter().all(|sample| [2, 4].contains(&salt(sample))));
}

/// `copy1/cats/1.bmp` as `cats/copy1/1.bmp`.
fn swapped(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    [parts[1], parts[0], parts[2]].join("/")
}

#[test]
fn equal_pictures_stay_on_one_side() {
    let mut files = Vec::new();
    for copy in 0..5 {
        files.extend(folder(&format!("copy{copy}/cats"), 6, 1));
        files.extend(folder(&format!("copy{copy}/dogs"), 6, 2));
    }
    // Copies of one dataset: below each class's folder, where they are of the class.
    files.iter_mut().for_each(|(path, _)| *path = swapped(path));
    let dataset = read(&zip(&files)).unwrap();
    assert_eq!(counts(&dataset), [(25, 5); 2]);
    let train: HashSet<ImageHash> = dataset.train.iter().map(|sample| sample.hash).collect();
    assert!(dataset.test.iter().all(|sample| !train.contains(&sample.hash)));
}

#[test]
fn what_is_no_picture_is_left_out_and_large_ones_are_reduced() {
    let mut files = folder("cats", 3, 1);
    files.extend(folder("dogs", 3, 2));
    files.push(("cats/broken.jpg".into(), b"plain text".to_vec()));
    files.push(("cats/notes.txt".into(), b"plain text".to_vec()));
    files.push(("cats/.hidden.bmp".into(), picture(8, [9; 3])));
    files.push(("__MACOSX/cats/0.bmp".into(), picture(8, [9; 3])));
    files.push(("outside.bmp".into(), picture(8, [9; 3])));
    files.push(("../../etc/up.bmp".into(), picture(8, [9; 3])));
    files.push(("dogs/large.bmp".into(), picture(600, [5; 3])));
    let (dataset, mut shelf) = read_all(&zip(&files)).unwrap();
    assert_eq!(dataset.classes, ["cats", "dogs"]);
    assert_eq!(counts(&dataset), [(2, 1), (3, 1)]);
    let outside = ["outside.bmp", "../../etc/up.bmp"];
    assert_eq!(
        dataset.notices,
        [notice(NoticeKind::NoPicture, &["cats/broken.jpg"]), notice(NoticeKind::NoClass, &outside),]
    );
    let all = dataset.train.iter().chain(&dataset.test);
    let widths: HashSet<u32> = all.map(|sample| picture_of(sample, &mut shelf).width()).collect();
    assert_eq!(widths, HashSet::from([8, LARGEST_SIDE]));
}

#[test]
fn zips_without_classes_are_refused() {
    let many: Vec<_> = (0..101).flat_map(|class| folder(&format!("class {class}"), 1, class)).collect();
    for (files, expected) in [(folder("cats", 3, 1), 1), (many, 101)] {
        let outcome = read(&zip(&files));
        assert!(matches!(outcome, Err(DatasetError::Classes(found)) if found == expected), "{outcome:?}");
    }
    let outcome = read(&zip(&[("notes/a.txt".into(), b"text".to_vec())]));
    assert!(matches!(outcome, Err(DatasetError::NoImages)), "{outcome:?}");
    assert!(matches!(read(&zip(&[])), Err(DatasetError::NoImages)));
}

#[test]
fn broken_zips_never_panic() {
    let mut files = folder("cats", 3, 1);
    files.extend(folder("dogs", 3, 2));
    let bytes = zip(&files);
    for length in (0..bytes.len()).step_by(7) {
        assert!(read(&bytes[..length]).is_err(), "cut after {length} bytes");
    }
    let mut random = Random::new(1);
    for _ in 0..2_000 {
        let mut broken = bytes.clone();
        let at = random.below(broken.len() as u32) as usize;
        broken[at] ^= 1 << random.below(8);
        drop(read(&broken));
    }
}
