//! Pictures and labels as NumPy's arrays, as people really save them.

use std::fs;
use std::io::{Cursor, Write};

use bottleneck::dataset::notices::{Notice, NoticeKind};
use bottleneck::dataset::{Dataset, DatasetError, Files, InMemory, Sample, Source, read_files};
use bottleneck::npy::{Header, header};
use bottleneck::protocol::{Problem, ProblemKind};
use futures::executor::block_on;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::shared;

type Named = (&'static str, Vec<u8>);

fn npz(arrays: &[Named]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        zip.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read(arrays: &[Named]) -> Result<Dataset, DatasetError> {
    read_opened(&[("mine.npz", npz(arrays))])
}

fn read_opened(files: &[(&str, Vec<u8>)]) -> Result<Dataset, DatasetError> {
    let mut around = InMemory::default();
    let given: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let (dataset, _) = block_on(read_files(Files::in_memory(&given), &mut around))?;
    let length: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!((1..=length).contains(&(around.so_far.bytes as usize)), "{:?} of {length}", around.so_far);
    Ok(dataset)
}

/// The pixels of an image that is kept in memory.
fn pixels(sample: &Sample) -> &[u8] {
    sample.image().unwrap().pixels()
}

/// The problem that the page tells, and what its sentence shows.
fn told(arrays: &[Named]) -> (ProblemKind, String) {
    let problem = Problem::from(read(arrays).map(|dataset| dataset.train.len()).unwrap_err());
    let found = problem.values.iter().find(|(name, _)| name == "found").map(|(_, found)| found.clone());
    (problem.kind, found.unwrap_or_default())
}

fn array(descr: &str, shape: &[u64], bytes: impl IntoIterator<Item = u8>) -> Vec<u8> {
    header(descr, shape).into_iter().chain(bytes).collect()
}

/// The same values, given in Fortran order.
fn fortran(descr: &str, shape: &[u64], bytes: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let text = String::from_utf8(header(descr, shape)[10..].to_vec()).unwrap();
    let text = text.replace("'fortran_order': False", "'fortran_order': True ");
    let mut whole = header(descr, shape)[..10].to_vec();
    whole.extend(text.bytes());
    whole.extend(bytes);
    whole
}

const SIDE: usize = 4;

/// Level of a picture at a place.
fn level(image: usize, row: usize, column: usize, channel: usize) -> u8 {
    (image * 37 + row * 11 + column * 5 + channel * 80) as u8
}

/// All levels of so many pictures, in the order that `places` names them: picture, row, column, channel.
fn levels(images: usize, order: impl Fn(usize) -> [usize; 4]) -> Vec<u8> {
    (0..images * SIDE * SIDE * 3)
        .map(|at| {
            let [image, row, column, channel] = order(at);
            level(image, row, column, channel)
        })
        .collect()
}

fn channels_last(at: usize) -> [usize; 4] {
    [at / 48, at / 12 % 4, at / 3 % 4, at % 3]
}

fn channels_first(at: usize) -> [usize; 4] {
    [at / 48, at / 4 % 4, at % 4, at / 16 % 3]
}

/// Numbers as NumPy stores them.
fn bytes_of(descr: &str, numbers: impl IntoIterator<Item = f64>) -> Vec<u8> {
    let numbers = numbers.into_iter();
    let little = numbers.flat_map(|number| match &descr[1..] {
        "b1" | "u1" => vec![number as u8],
        "i1" => vec![number as i8 as u8],
        "u2" => (number as u16).to_le_bytes().to_vec(),
        "i2" => (number as i16).to_le_bytes().to_vec(),
        "u4" => (number as u32).to_le_bytes().to_vec(),
        "i4" => (number as i32).to_le_bytes().to_vec(),
        "u8" => (number as u64).to_le_bytes().to_vec(),
        "i8" => (number as i64).to_le_bytes().to_vec(),
        "f2" => half::f16::from_f64(number).to_le_bytes().to_vec(),
        "f4" => (number as f32).to_le_bytes().to_vec(),
        "f8" => number.to_le_bytes().to_vec(),
        other => panic!("{other}"),
    });
    let little: Vec<u8> = little.collect();
    let width = descr[2..].parse().unwrap();
    match descr.starts_with('>') {
        true => little.chunks(width).flat_map(|number| number.iter().rev().copied()).collect(),
        false => little,
    }
}

const LABELS: [f64; 6] = [3.0, 0.0, 3.0, 7.0, 0.0, 7.0];

/// Six pictures for training and as many for the exam.
fn set(pictures: Vec<u8>, labels: Vec<u8>) -> [Named; 4] {
    [("x_train", pictures.clone()), ("y_train", labels.clone()), ("x_test", pictures), ("y_test", labels)]
}

fn plain_pictures() -> Vec<u8> {
    array("|u1", &[6, 4, 4, 3], levels(6, channels_last))
}

fn plain_labels() -> Vec<u8> {
    array("<i8", &[6, 1], bytes_of("<i8", LABELS))
}

/// Whether these are the six pictures with their labels.
fn check(dataset: &Dataset, what: &str) {
    assert_eq!((dataset.source, dataset.validation), (Source::Arrays, None), "{what}");
    assert_eq!(dataset.classes, ["0", "3", "7"], "{what}");
    for side in [&dataset.train, &dataset.test] {
        let labels: Vec<u16> = side.iter().map(|sample| sample.label).collect();
        assert_eq!(labels, [1, 0, 1, 2, 0, 2], "{what}");
        for (number, sample) in side.iter().enumerate() {
            let image = sample.image().unwrap();
            assert_eq!((image.width(), image.height()), (4, 4), "{what}");
            let expected = levels(6, channels_last);
            assert_eq!(pixels(sample), &expected[number * 48..][..48], "{what}, picture {number}");
        }
    }
}

#[test]
fn labels_of_any_type_and_one_hot_ones_say_the_same() {
    let descrs = [
        "|u1", "|i1", "<u2", "<i2", ">i2", "<u4", "<i4", ">i4", "<u8", "<i8", ">i8", "<f2", "<f4", "<f8",
        ">f8",
    ];
    for descr in descrs {
        for shape in [&[6][..], &[6, 1]] {
            let dataset = read(&set(plain_pictures(), array(descr, shape, bytes_of(descr, LABELS)))).unwrap();
            check(&dataset, &format!("{descr} {shape:?}"));
        }
        let row = |label: f64| (0..8).map(move |class| f64::from(u8::from(f64::from(class) == label)));
        let rows = bytes_of(descr, LABELS.into_iter().flat_map(row));
        let dataset = read(&set(plain_pictures(), array(descr, &[6, 8], rows))).unwrap();
        check(&dataset, &format!("one-hot {descr}"));
        let columns =
            (0..8).flat_map(|class| LABELS.map(|label| f64::from(u8::from(f64::from(class) == label))));
        let dataset =
            read(&set(plain_pictures(), fortran(descr, &[6, 8], bytes_of(descr, columns)))).unwrap();
        check(&dataset, &format!("one-hot in Fortran order {descr}"));
    }
    let below: Vec<f64> = LABELS.iter().map(|label| label - 4.0).collect();
    let dataset = read(&set(plain_pictures(), array("<i4", &[6], bytes_of("<i4", below)))).unwrap();
    assert_eq!(dataset.classes, ["-4", "-1", "3"]);
}

#[test]
fn pictures_of_any_order_and_exact_numbers_are_the_same() {
    let last = levels(6, channels_last);
    let first = levels(6, channels_first);
    let in_fortran = |channels_first: bool| -> Vec<u8> {
        levels(6, |at| {
            let (image, rest) = (at % 6, at / 6);
            match channels_first {
                true => [image, rest / 3 % 4, rest / 12, rest % 3],
                false => [image, rest % 4, rest / 4 % 4, rest / 16],
            }
        })
    };
    let pictures = [
        ("plain", array("|u1", &[6, 4, 4, 3], last.clone())),
        ("channels first", array("|u1", &[6, 3, 4, 4], first.clone())),
        ("Fortran order", fortran("|u1", &[6, 4, 4, 3], in_fortran(false))),
        ("both", fortran("|u1", &[6, 3, 4, 4], in_fortran(true))),
    ];
    for (what, pictures) in pictures {
        check(&read(&set(pictures, plain_labels())).unwrap(), what);
    }
    for descr in ["<i2", "<i4", ">i4", "<i8", "<u2", "<f2", "<f4", "<f8", ">f4"] {
        let numbers =
            |factor: f64| bytes_of(descr, first.iter().map(move |level| f64::from(*level) / factor));
        let whole = array(descr, &[6, 3, 4, 4], numbers(1.0));
        check(&read(&set(whole, plain_labels())).unwrap(), &format!("{descr} to 255"));
        if descr.contains('f') {
            let divided = array(descr, &[6, 3, 4, 4], numbers(255.0));
            check(&read(&set(divided, plain_labels())).unwrap(), &format!("{descr} to 1"));
            let in_order: Vec<f64> = in_fortran(true).iter().map(|level| f64::from(*level) / 255.0).collect();
            let divided = fortran(descr, &[6, 3, 4, 4], bytes_of(descr, in_order));
            check(&read(&set(divided, plain_labels())).unwrap(), &format!("{descr} to 1 in Fortran order"));
        }
    }
}

#[test]
fn what_the_first_pictures_leave_open_the_later_ones_say() {
    // The first two pictures are of 0 and 1 only: black and white, or black and nearly black.
    for (white, later, expected) in [(1.0, 0.2, 255), (1.0, 51.0, 1)] {
        let numbers =
            (0..6 * 48).map(|at| if at < 96 { f64::from(u8::from(at % 2 == 1)) * white } else { later });
        let pictures = array("<f4", &[6, 4, 4, 3], bytes_of("<f4", numbers));
        let dataset = read(&set(pictures, plain_labels())).unwrap();
        assert_eq!(pixels(&dataset.train[0])[..4], [0, expected, 0, expected]);
        assert_eq!(pixels(&dataset.train[5])[0], 51);
    }
    let numbers = (0..6 * 48).map(|at| f64::from(u8::from(at % 2 == 1)));
    for descr in ["<f4", "|b1"] {
        let pictures = array(descr, &[6, 4, 4, 3], bytes_of(descr, numbers.clone()));
        assert_eq!(pixels(&read(&set(pictures, plain_labels())).unwrap().train[0])[..2], [0, 255]);
    }
}

#[test]
fn grey_pictures_and_other_names_are_read() {
    let grey: Vec<u8> = (0..6 * 28 * 28).map(|at| (at % 251) as u8).collect();
    for shape in [&[6, 28, 28][..], &[6, 28, 28, 1], &[6, 1, 28, 28]] {
        let dataset = read(&set(array("|u1", shape, grey.clone()), plain_labels())).unwrap();
        let image = dataset.train[1].image().unwrap();
        assert_eq!((image.width(), image.height()), (28, 28));
        let first = grey[28 * 28];
        assert_eq!(image.pixels()[..3], [first; 3], "{shape:?}");
    }
    let names =
        ["train_images", "train_labels", "val_images", "val_labels", "test_images", "test_labels", "notes"];
    let mut arrays: Vec<Named> = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        arrays.push((name, if at % 2 == 0 { plain_pictures() } else { plain_labels() }));
    }
    let dataset = read(&arrays).unwrap();
    assert_eq!((dataset.train.len(), dataset.validation, dataset.test.len()), (12, Some(6), 6));
    let other = Notice { kind: NoticeKind::Other, count: 1, names: vec!["notes.npy".to_owned()] };
    assert_eq!(dataset.notices, [other]);
    let upper: Vec<Named> = vec![("X_train", plain_pictures()), ("Y_train", plain_labels())];
    let dataset = read(&upper).unwrap();
    assert_eq!((dataset.train.len(), dataset.test.len()), (5, 1), "the last sixth tests");
}

#[test]
fn arrays_of_a_file_each_are_one_data_set() {
    let files = [
        ("y_test.npy", plain_labels()),
        ("x_train (1).npy", plain_pictures()),
        ("X_TEST.npy", plain_pictures()),
        ("y_train (1).npy", plain_labels()),
    ];
    check(&read_opened(&files).unwrap(), "four files");
    let alone = Problem::from(read_opened(&files[1..2]).map(drop).unwrap_err());
    assert_eq!(alone.kind, ProblemKind::NoArray);
    assert!(alone.values.iter().any(|(_, found)| found == "x_train (1) (6 × 4 × 4 × 3, uint8)"), "{alone:?}");
    let twice = Problem::from(
        read_opened(&[("x_train.npy", plain_pictures()), ("x_train (1).npy", plain_pictures())])
            .map(drop)
            .unwrap_err(),
    );
    assert_eq!(twice.kind, ProblemKind::SameBatch);
}

#[test]
fn what_cannot_be_read_is_named_with_its_shape() {
    use ProblemKind::{ArrayCounts, ArrayObjects, ArrayShape, ArrayValues, LabelClasses, NoArray};
    let x = plain_pictures;
    let y = plain_labels;
    let floats = |numbers: f64| array("<f4", &[6, 4, 4, 3], bytes_of("<f4", vec![numbers; 288]));
    let objects = array("|O", &[6], *b"\x80\x04.");
    let cases: Vec<(Vec<Named>, ProblemKind, &str)> = vec![
        (vec![("arr_0", x()), ("arr_1", y())], NoArray, "arr_0 (6 × 4 × 4 × 3, uint8), arr_1 (6 × 1, int64)"),
        (vec![("x_train", x())], NoArray, "x_train (6 × 4 × 4 × 3, uint8)"),
        (vec![("x_train", x()), ("y_train", objects)], ArrayObjects, "y_train (6, object)"),
        (
            vec![("x_train", x()), ("y_train", array("<U3", &[6], vec![0; 72]))],
            ArrayShape,
            "y_train (6, str)",
        ),
        (
            vec![("x_train", x()), ("y_train", array("<f4", &[6], bytes_of("<f4", [0.5; 6])))],
            ArrayShape,
            "y_train (6, float32)",
        ),
        (
            vec![("x_train", x()), ("y_train", array("|u1", &[6, 2], vec![1; 12]))],
            ArrayShape,
            "y_train (6 × 2, uint8)",
        ),
        (
            vec![("x_train", x()), ("y_train", array("|u1", &[6, 2], vec![0; 12]))],
            ArrayShape,
            "y_train (6 × 2, uint8)",
        ),
        (
            vec![("x_train", array("|u1", &[6, 48], vec![0; 288])), ("y_train", y())],
            ArrayShape,
            "x_train (6 × 48, uint8)",
        ),
        (
            vec![("x_train", array("|u1", &[6, 4, 4, 4], vec![0; 384])), ("y_train", y())],
            ArrayShape,
            "x_train (6 × 4 × 4 × 4, uint8)",
        ),
        (vec![("x_train", floats(-0.4)), ("y_train", y())], ArrayValues, "x_train (6 × 4 × 4 × 3, float32)"),
        (vec![("x_train", floats(0.333)), ("y_train", y())], ArrayValues, "x_train (6 × 4 × 4 × 3, float32)"),
        (
            vec![("x_train", floats(f64::NAN)), ("y_train", y())],
            ArrayValues,
            "x_train (6 × 4 × 4 × 3, float32)",
        ),
        (
            vec![("x_train", array("<i4", &[6, 4, 4, 3], bytes_of("<i4", [300.0; 288]))), ("y_train", y())],
            ArrayValues,
            "x_train (6 × 4 × 4 × 3, int32)",
        ),
        (
            vec![("x_train", x()), ("y_train", array("|u1", &[5], vec![0; 5]))],
            ArrayCounts,
            "x_train (6 × 4 × 4 × 3, uint8), y_train (5, uint8)",
        ),
        (vec![("x_train", x()), ("y_train", array("|u1", &[6], vec![4; 6]))], LabelClasses, "1"),
    ];
    for (arrays, kind, found) in cases {
        assert_eq!(told(&arrays), (kind, found.to_owned()));
    }
    // Damage is called damage.
    let mut cut = plain_pictures();
    cut.truncate(cut.len() - 1);
    let cases = [cut, [plain_pictures(), vec![0]].concat(), b"no array".to_vec()];
    for pictures in cases {
        assert_eq!(
            told(&[("x_train", pictures), ("y_train", plain_labels())]).0,
            ProblemKind::DamagedDataset
        );
    }
}

#[test]
fn sorted_classes_are_spread_and_others_keep_their_order() {
    let labels: Vec<u8> = (0..60).map(|at| at / 20).collect();
    let pictures = array("|u1", &[60, 4, 4, 3], (0..60).flat_map(|at| vec![at; 48]));
    let dataset = read(&[("x_train", pictures.clone()), ("y_train", array("|u1", &[60], labels))]).unwrap();
    for (part, least) in [(&dataset.test[..], 3), (&dataset.train[40..], 3)] {
        for class in 0..3 {
            assert!(part.iter().filter(|sample| sample.label == class).count() >= least, "{class}");
        }
    }
    let labels: Vec<u8> = (0..60).map(|at| at % 3).collect();
    let dataset = read(&[("x_train", pictures), ("y_train", array("|u1", &[60], labels))]).unwrap();
    let order: Vec<u8> = dataset.train.iter().chain(&dataset.test).map(|sample| pixels(sample)[0]).collect();
    assert!(order.is_sorted());
}

#[test]
fn only_the_labels_of_cifar_make_it_cifar() {
    let read = |classes: u8| {
        let images = 200;
        let pictures = array("|u1", &[images, 32, 32, 3], (0..images).flat_map(|at| vec![at as u8; 3072]));
        let labels = array("|u1", &[images, 1], (0..images).map(|at| at as u8 % classes));
        read(&[("x_train", pictures), ("y_train", labels)]).unwrap()
    };
    let named = |classes| {
        let dataset = read(classes);
        (dataset.source, dataset.classes.len(), dataset.classes[1].clone())
    };
    assert_eq!(named(10), (Source::Cifar10, 10, "automobile".to_owned()));
    assert_eq!(named(100), (Source::Cifar100, 100, "aquarium_fish".to_owned()));
    assert_eq!(named(9), (Source::Arrays, 9, "1".to_owned()));
    assert_eq!(named(11), (Source::Arrays, 11, "1".to_owned()));
}

#[test]
fn a_header_is_said_in_words() {
    let said = |descr: &str, shape: &[u64]| {
        Header::read_any(&mut header(descr, shape).as_slice()).unwrap().to_string()
    };
    assert_eq!(said("<f4", &[60, 32, 32, 3]), "60 × 32 × 32 × 3, float32");
    assert_eq!(said("|b1", &[]), "bool");
    assert_eq!(said("<U12", &[2]), "2, str");
    assert_eq!(said("<M8[ns]", &[2]), "2, M8[ns]");
}

#[test]
fn the_shared_arrays_are_read_or_named() {
    use ProblemKind::{ArrayObjects, NoArray};
    type Expected = Result<(Source, usize, usize), (ProblemKind, &'static str)>;
    let cases: [(&str, Expected); 7] = [
        ("c18_control_keras_cifar10.npz", Ok((Source::Cifar10, 60, 12))),
        ("c18_one_hot_labels.npz", Ok((Source::Cifar10, 60, 12))),
        ("c18_float32_divided_by_255.npz", Ok((Source::Cifar10, 60, 12))),
        ("c18_own_96x96_pictures.npz", Ok((Source::Arrays, 6, 4))),
        ("c18_object_labels.npz", Err((ArrayObjects, "y_train (60, object)"))),
        ("c18_positional_arr_0.npz", Err((NoArray, "arr_0 (60 × 32 × 32 × 3, uint8)"))),
        ("c18_x_train_alone.npy", Err((NoArray, "(60 × 32 × 32 × 3, uint8)"))),
    ];
    let mut first = None;
    for (name, expected) in cases {
        let Some(path) = shared::file(&format!("cases/{name}")) else { return };
        let found = read_opened(&[(name, fs::read(path).unwrap())]);
        match (found, expected) {
            (Ok(dataset), Ok(expected)) => {
                assert_eq!((dataset.source, dataset.train.len(), dataset.test.len()), expected, "{name}");
                if dataset.source == Source::Cifar10 {
                    let same = first.get_or_insert_with(|| dataset.clone());
                    assert!(*same == dataset, "{name} gives other images");
                }
            }
            (Err(error), Err((kind, words))) => {
                let problem = Problem::from(error);
                assert_eq!(problem.kind, kind, "{name}");
                assert!(problem.values.iter().any(|(_, found)| found.contains(words)), "{problem:?}");
            }
            (found, _) => panic!("{name}: {:?}", found.map(|dataset| dataset.train.len())),
        }
    }
}
