//! Datasets: CIFAR-10's files, whole and broken, and the built-in sample.

use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use bottleneck::backbone::cpu::CpuNetwork;
use bottleneck::backbone::local::Local;
use bottleneck::backbone::{Backbone, FeatureShape};
use bottleneck::dataset::{
    Around, Dataset, DatasetError, Files, InMemory, Opened, Sample, So, Source, read_files, sample,
};
use bottleneck::head::{Settings, most_probable};
use bottleneck::random::Random;
use flate2::{Compression, write::GzEncoder};
use futures::executor::block_on;
use half::f16;
use onnx_prepare::prepare::{Storage, prepare};

use crate::head::Training;
use crate::shared;

fn read(name: &str, bytes: &[u8]) -> Result<Dataset, DatasetError> {
    read_together(&[(name, bytes)])
}

fn read_together(files: &[(&str, &[u8])]) -> Result<Dataset, DatasetError> {
    block_on(read_files(Files::in_memory(files), &mut InMemory::default())).map(|(dataset, _)| dataset)
}

/// The pixels of an image that is kept in memory.
fn pixels(sample: &Sample) -> &[u8] {
    sample.image().unwrap().pixels()
}

/// Hears how far a reading is, and ends it after so many pictures.
struct Listener {
    heard: Vec<So>,
    most: u32,
}

impl Around for Listener {
    type Piece = Vec<u8>;

    async fn goes_on(&mut self, so: So) -> Result<(), DatasetError> {
        self.heard.push(so);
        if so.pictures < self.most { Ok(()) } else { Err(DatasetError::Cancelled) }
    }

    fn put_away(&mut self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        Ok(bytes.to_vec())
    }

    fn joined(&mut self, pieces: Vec<Vec<u8>>) -> std::io::Result<Opened> {
        Ok(Box::new(Cursor::new(pieces.concat())))
    }
}

/// A batch whose image number `i` has label `i % 10` and shows its number and `salt`.
fn batch(images: usize, salt: u8) -> Vec<u8> {
    (0..images)
        .flat_map(|i| {
            let planes = [i as u8, salt, 7].into_iter().flat_map(|value| std::iter::repeat_n(value, 1024));
            std::iter::once((i % 10) as u8).chain(planes)
        })
        .collect()
}

fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn small_archive() -> Vec<u8> {
    archive(&[
        ("cifar-10-batches-bin/test_batch.bin", batch(4, 9)),
        ("cifar-10-batches-bin/data_batch_2.bin", batch(3, 2)),
        ("cifar-10-batches-bin/readme.html", b"<html>".to_vec()),
        ("cifar-10-batches-bin/data_batch_1.bin", batch(5, 1)),
    ])
}

#[test]
fn an_archive_gives_its_batches_in_order() {
    let mut listener = Listener { heard: Vec::new(), most: u32::MAX };
    let bytes = small_archive();
    let files = Files::in_memory(&[("cifar.tar.gz", &bytes)]);
    let (dataset, _) = block_on(read_files(files, &mut listener)).unwrap();
    assert_eq!((dataset.source, dataset.classes[0].as_str()), (Source::Cifar10, "airplane"));
    let salts: Vec<u8> = dataset.train.iter().map(|sample| pixels(sample)[1]).collect();
    assert_eq!(salts, [1, 1, 1, 1, 1, 2, 2, 2]);
    assert_eq!(dataset.test.len(), 4);
    assert_eq!(dataset.train[3].label, 3);
    assert_eq!(pixels(&dataset.train[3])[..6], [3, 1, 7, 3, 1, 7]);
    assert_eq!(listener.heard.last(), Some(&So { bytes: bytes.len() as u64, pictures: 12 }));
    assert!(listener.heard.is_sorted_by_key(|so| so.bytes));
}

#[test]
fn single_batches_are_taken_in_any_order() {
    let files = [
        ("test_batch.bin", batch(2, 9)),
        ("data_batch_2.bin", batch(1, 2)),
        ("data_batch_1.bin", batch(1, 1)),
    ];
    let dataset = read_named(&files).unwrap();
    assert_eq!((dataset.train.len(), dataset.test.len()), (2, 2));
    assert_eq!(pixels(&dataset.train[0])[1], 1);
    let alone = read("my images.bin", &batch(12, 0)).unwrap();
    assert_eq!((alone.train.len(), alone.test.len()), (10, 2), "the last sixth tests");
}

fn read_named(files: &[(&str, Vec<u8>)]) -> Result<Dataset, DatasetError> {
    read_together(&files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect::<Vec<_>>())
}

/// The salts of the training images and of the test images, in their order.
fn salts(files: &[(&str, Vec<u8>)]) -> Result<(Vec<u8>, Vec<u8>), DatasetError> {
    let dataset = read_named(files)?;
    let salts = |samples: &[Sample]| samples.iter().map(|sample| pixels(sample)[1]).collect();
    Ok((salts(&dataset.train), salts(&dataset.test)))
}

#[test]
fn a_batch_is_known_by_its_name_s_stem_whatever_stands_around_it() {
    let names: [[&str; 3]; 6] = [
        ["test_batch (1).bin", "data_batch_1 (1).bin", "data_batch_2 (1).bin"],
        ["TEST_BATCH.BIN", "DATA_BATCH_1.BIN", "Data_Batch_2.bin"],
        ["test_batch copia.bin", "Copia de data_batch_1.bin", "data_batch_2 - copia (3).bin"],
        ["cifar-10-batches-bin-test_batch.bin", "data-batch-1.bin", "data batch 2.bin"],
        ["a test_batch.bin.download", "z data_batch_1.bin.download", "b data_batch_2.bin.download"],
        ["test.bin", "data_batch_1.bin", "data_batch_2.bin"],
    ];
    for [test, first, second] in names {
        let files = [(test, batch(1, 9)), (second, batch(1, 2)), (first, batch(1, 1))];
        assert_eq!(salts(&files).unwrap(), (vec![1, 2], vec![9]), "{test}");
    }
}

#[test]
fn a_batch_without_a_name_is_known_by_what_is_left_and_never_by_the_sorting() {
    // Five are known, so that the sixth tests.
    let mut files: Vec<(&str, Vec<u8>)> = Vec::new();
    let names =
        ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];
    for (name, salt) in names.into_iter().zip(1..) {
        files.push((name, batch(1, salt)));
    }
    files.push(("a.bin", batch(1, 9)));
    assert_eq!(salts(&files).unwrap(), (vec![1, 2, 3, 4, 5], vec![9]));
    // The one for the exam is known.
    let files = [("b.bin", batch(1, 2)), ("test_batch.bin", batch(1, 9)), ("a.bin", batch(1, 1))];
    assert_eq!(salts(&files).unwrap(), (vec![2, 1], vec![9]));
    // Neither.
    for files in [
        vec![("a.bin", batch(1, 1)), ("b.bin", batch(1, 2))],
        vec![("a.bin", batch(5, 1)), ("b.bin", batch(1, 2))],
        vec![("data_batch_1.bin", batch(1, 1)), ("a.bin", batch(1, 3)), ("b.bin", batch(1, 2))],
    ] {
        let error = salts(&files).unwrap_err();
        assert!(matches!(&error, DatasetError::WhichBatch(names) if names == "a.bin, b.bin"), "{error}");
    }
    // The same file twice is no second batch, whatever it is called.
    let files = [("test_batch.bin", batch(3, 9)), ("data_batch_1.bin", batch(3, 9))];
    assert!(
        matches!(salts(&files), Err(DatasetError::SameBatch(names)) if names == "test_batch.bin, data_batch_1.bin")
    );
}

/// A batch of CIFAR-100: image number `i` has the fine label `i % 100`.
fn hundred(images: usize, salt: u8) -> Vec<u8> {
    let record = |image: usize| {
        let labels = [(image % 20) as u8, (image % 100) as u8];
        labels.into_iter().chain(std::iter::repeat_n(salt, 3072))
    };
    (0..images).flat_map(record).collect()
}

#[test]
fn cifar_100_is_read_as_what_it_is() {
    let files = [("train.bin", hundred(7, 1)), ("test.bin", hundred(3, 9))];
    let read = read_named;
    let archived = archive(&[
        ("cifar-100-binary/fine_label_names.txt", b"wrong\n".to_vec()),
        ("cifar-100-binary/test.bin", hundred(3, 9)),
        ("cifar-100-binary/train.bin", hundred(7, 1)),
    ]);
    for dataset in [read(&files).unwrap(), read(&[("cifar-100-binary.tar.gz", archived)]).unwrap()] {
        assert_eq!((dataset.source, dataset.train.len(), dataset.test.len()), (Source::Cifar100, 7, 3));
        assert_eq!(dataset.classes.len(), 100);
        assert_eq!((dataset.train[6].label, dataset.classes[6].as_str()), (6, "bee"));
        assert_eq!((dataset.classes[0].as_str(), dataset.classes[99].as_str()), ("apple", "worm"));
        assert!(dataset.classes.is_sorted());
    }
    // Its records have two labels, whatever the file is called.
    assert_eq!(read(&[("my images.bin", hundred(12, 1))]).unwrap().source, Source::Cifar100);
    let mixed = read(&[("data_batch_1.bin", batch(2, 1)), ("test.bin", hundred(3, 9))]).unwrap_err();
    assert!(
        matches!(&mixed, DatasetError::MixedSets(names) if names == "data_batch_1.bin, test.bin"),
        "{mixed}"
    );
}

#[test]
fn of_two_nameless_files_the_number_of_records_says_which_is_for_the_exam() {
    let [train, test] = [batch(50_000, 1), batch(10_000, 9)];
    for files in [[("a.bin", &train), ("b.bin", &test)], [("a.bin", &test), ("b.bin", &train)]] {
        let dataset = read_together(&files.map(|(name, bytes)| (name, bytes.as_slice()))).unwrap();
        assert_eq!((dataset.train.len(), dataset.test.len()), (50_000, 10_000));
        assert_eq!((pixels(&dataset.train[0])[1], pixels(&dataset.test[0])[1]), (1, 9));
    }
}

#[test]
fn the_shared_second_download_is_known() {
    let Some(folder) = shared::file("cases/c17_cifar10_second_download") else { return };
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let named = |path: &std::path::PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let names: Vec<String> = files.iter().map(named).collect();
    let test = std::fs::read(&files[5]).unwrap();
    let bytes = files.iter().map(|path| std::fs::read(path).unwrap());
    let named: Vec<_> = names.iter().map(String::as_str).zip(bytes).collect();
    let dataset = read_named(&named).unwrap();
    assert_eq!((dataset.train.len(), dataset.test.len()), (100, 20));
    assert_eq!(pixels(&dataset.test[0])[..3], [test[1], test[1025], test[2049]]);
}

#[test]
fn what_is_no_dataset_is_refused() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    assert!(matches!(read("empty.tar.gz", b""), Err(DatasetError::Empty)));
    assert!(
        matches!(read("notes.txt", b"plain text"), Err(DatasetError::Unknown(name)) if name == "notes.txt")
    );
    assert!(matches!(read("text.bin", b"no batch"), Err(DatasetError::Unknown(_))));
    assert!(matches!(read("a.tar.gz", &gzip(b"plain text")), Err(DatasetError::Unknown(_))));
    let other = archive(&[("readme.txt", b"hello".to_vec())]);
    // A tar file without batches may hold class folders.
    assert!(matches!(read("a.tar.gz", &other), Err(DatasetError::NoImages)));
    let half = read("data_batch_1.bin", &batch(2, 0)[..4000]);
    assert!(matches!(half, Err(DatasetError::PartialRecord { left: 927, .. })), "{half:?}");
    let mut odd = batch(2, 0);
    odd[3073] = 10;
    assert!(matches!(read("data_batch_1.bin", &odd), Err(DatasetError::Label { label: 10, .. })));
}

#[test]
fn broken_archives_never_panic_and_cut_ones_are_never_taken() {
    let bytes = small_archive();
    for length in 1..bytes.len() - 8 {
        assert!(read("a.tar.gz", &bytes[..length]).is_err(), "cut after {length} bytes");
    }
    let mut random = Random::new(1);
    for _ in 0..2_000 {
        let mut broken = bytes.clone();
        let at = random.below(broken.len() as u32) as usize;
        broken[at] ^= 1 << random.below(8);
        drop(read("a.tar.gz", &broken));
    }
}

#[test]
fn the_shared_subset_is_read_whole() {
    let Some(path) = shared::file("data/cifar-10-subset-binary.tar.gz") else { return };
    let dataset = read("a.tar.gz", &std::fs::read(path).unwrap()).unwrap();
    assert_eq!((dataset.train.len(), dataset.test.len(), dataset.classes.len()), (10_000, 2_000, 10));
    let mean = |samples: &[Sample]| {
        let sum: u64 = samples.iter().flat_map(pixels).map(|value| u64::from(*value)).sum();
        sum as f64 / (samples.len() * 3072) as f64
    };
    // CIFAR-10's mean pixel is 120.7; its classes have 1,000 test images of 10,000 each.
    assert!((mean(&dataset.train) - 120.7).abs() < 1.5, "{}", mean(&dataset.train));
    for class in 0..10 {
        let count = dataset.test.iter().filter(|sample| sample.label == class).count();
        assert!((150..=250).contains(&count), "class {class}: {count}");
    }
}

#[test]
fn the_sample_is_drawn_the_same_everywhere() {
    let sample = sample::draw(1);
    assert_eq!((sample.train.len(), sample.test.len(), sample.classes.len()), (1_000, 200, 10));
    for (samples, per_class) in [(&sample.train, 100), (&sample.test, 20)] {
        for class in 0..10 {
            assert_eq!(samples.iter().filter(|sample| sample.label == class).count(), per_class);
        }
    }
    // The validation images, the last fifth, hold every class as often.
    assert!(
        (0..10).all(|class| sample.train[800..].iter().filter(|sample| sample.label == class).count() == 20)
    );
    let mut all = Vec::new();
    for sample in sample.train.iter().chain(&sample.test) {
        all.extend(sample.hash.0);
    }
    assert_eq!(crc32fast::hash(&all), 1_578_810_049, "stored features of the sample would not be found");
}

#[test]
fn raw_pixels_do_not_give_the_sample_away() {
    let sample = sample::draw(1);
    let distance = |a: &Sample, b: &Sample| -> u64 {
        pixels(a).iter().zip(pixels(b)).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum()
    };
    let nearest =
        |test: &Sample| sample.train.iter().min_by_key(|train| distance(test, train)).map(|near| near.label);
    let right = sample.test.iter().filter(|test| nearest(test) == Some(test.label)).count();
    assert!(right < 60, "the nearest neighbour is right on {right} of 200");
}

/// The accuracy on `test` of the notebook's head, trained on `train` for 15 epochs.
fn accuracy(
    train: &[Sample],
    test: &[Sample],
    shape: FeatureShape,
    features: impl Fn(&[Sample]) -> Vec<f16>,
) -> f64 {
    let labels = train.iter().map(|sample| sample.label).collect();
    let settings = Settings { epochs: 15, ..Settings::notebook() };
    let mut training = Training::new(features(train), labels, shape, 10, settings).unwrap();
    training.run().unwrap();
    let probabilities = training.best().head.probabilities(&features(test)).unwrap();
    let answers = probabilities.chunks(10).map(most_probable).zip(test);
    let right = answers.filter(|(answer, sample)| *answer == usize::from(sample.label)).count();
    right as f64 / test.len() as f64
}

#[test]
fn a_head_on_raw_pixels_stays_well_below_one_on_features() {
    let Some(path) = shared::file("models/inception_v3_2015_mixed8.onnx") else { return };
    let sample = sample::draw(1);
    let (train, test) = (&sample.train[..300], &sample.test[..100]);
    // Four places, so that the window of 2 x 2 sees every pixel.
    let places = FeatureShape { height: 2, width: 2, channels: 32 * 32 * 3 / 4 };
    let raw = accuracy(train, test, places, |samples| {
        let values = samples.iter().flat_map(pixels);
        values.map(|&value| f16::from_f32(f32::from(value) / 127.5 - 1.0)).collect()
    });
    let prepared = prepare(&std::fs::read(path).unwrap(), None, Storage::Float16).unwrap();
    let manifest = crate::backbone::manifest(&prepared);
    let network = CpuNetwork::load(prepared.bytes, &manifest).unwrap();
    let (backbone, _) = block_on(Local::new(network, &manifest)).unwrap();
    let learnt = accuracy(train, test, manifest.features, |samples| {
        let images: Vec<_> = samples.iter().map(|sample| sample.image().unwrap().clone()).collect();
        block_on(backbone.extract(&images)).unwrap()
    });
    println!("300 images: {raw:.3} on raw pixels, {learnt:.3} on features");
    assert!(learnt > raw + 0.5, "{raw:.3} on raw pixels, {learnt:.3} on features");
}

#[test]
fn examples_are_one_of_each_class() {
    let sample = sample::draw(1);
    assert_eq!(sample.firsts().len(), 10);
    assert_eq!(sample.firsts()[3], sample.train[3]);
}

/// A file that fails in the middle, as one on a stick that was pulled out.
struct Pulled(Cursor<Vec<u8>>);

impl Read for Pulled {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(std::io::Error::other("gone")),
            read => Ok(read),
        }
    }
}

impl Seek for Pulled {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_file_that_goes_away_is_an_error() {
    let open = |_| Ok(Box::new(Pulled(Cursor::new(batch(3, 0)))) as Opened);
    let files = Files { names: vec!["data_batch_1.bin".to_owned()], open: Box::new(open) };
    let result = block_on(read_files(files, &mut InMemory::default())).map(|(dataset, _)| dataset);
    assert!(matches!(result, Err(DatasetError::Read(_))), "{result:?}");
}

#[test]
fn a_reading_ends_where_the_person_ends_it() {
    let mut listener = Listener { heard: Vec::new(), most: 200 };
    let files = Files::in_memory(&[("data_batch_1.bin", &batch(900, 1))]);
    let result = block_on(read_files(files, &mut listener));
    assert!(matches!(result, Err(DatasetError::Cancelled)), "{result:?}");
    assert_eq!(listener.heard.last().map(|so| so.pictures), Some(200), "at once");
}
