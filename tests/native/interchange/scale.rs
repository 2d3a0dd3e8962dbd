//! A folder of pictures through `scripts/classify_folder.py`, that is Ray Data and ONNX Runtime, against
//! our own way from the same pictures to probabilities.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use bottleneck::backbone::cpu::CpuNetwork;
use bottleneck::backbone::local::Local;
use bottleneck::backbone::{Backbone, FeatureShape};
use bottleneck::head::{Preset, Settings, most_probable};
use bottleneck::interchange::onnx;
use bottleneck::interchange::program::{About, Kind, Language, program};
use bottleneck::pixels::{MOST_FILE_BYTES, RgbImage};
use futures::executor::block_on;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, ImageBuffer, ImageEncoder, Luma, Rgba, RgbaImage};
use onnx_prepare::prepare::{Storage, prepare};
use tempfile::tempdir;

use crate::backbone::{manifest, small_network};
use crate::head::check_close;
use crate::interchange_heads::{names, trained};
use crate::python;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/classify_folder.py");

/// How many pictures there are, of which how many cannot be read.
const PICTURES: usize = 300;
const BROKEN: usize = 5;

/// The classifier as a file, and our own way from a picture's file to its probabilities.
fn classifier() -> (Vec<u8>, impl Fn(&[u8]) -> Option<Vec<f32>>) {
    let prepared = prepare(&small_network(), None, Storage::Float16).unwrap();
    let manifest = manifest(&prepared);
    let (head, _) = trained(Preset::Strong, manifest.features);
    let file = onnx::classifier(&prepared.bytes, &manifest, &head, &names()).unwrap();
    let network = CpuNetwork::load(prepared.bytes, &manifest).unwrap();
    let (local, _) = block_on(Local::new(network, &manifest)).unwrap();
    // As the session classifies a file.
    let classify = move |bytes: &[u8]| {
        let image = RgbImage::kept(bytes).ok()?;
        Some(head.probabilities(&block_on(local.extract(&[image])).unwrap()).unwrap())
    };
    (file, classify)
}

/// A picture by a formula, partly transparent where `number` is odd.
fn picture(number: u32) -> RgbaImage {
    let (width, height) = (9 + number * 7 % 60, 9 + number * 11 % 50);
    RgbaImage::from_fn(width, height, |x, y| {
        let wave = |step: u32| ((x * step + y * (number % 13) + number * 29) % 256) as u8;
        let alpha = if number % 2 == 1 && (x + y) % 7 < 3 { (x * 40 % 256) as u8 } else { 255 };
        Rgba([wave(3 + number % 9), wave(number % 17), wave(11), alpha])
    })
}

/// A photograph that lies on its side. Each block of 8 x 8 has one grey, so that all decoders agree.
fn lying() -> Vec<u8> {
    let image = GrayImage::from_fn(64, 40, |x, y| Luma([(x / 8 * 24 + y / 8 * 9) as u8]));
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
    // One entry, the orientation: turned by a quarter.
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    encoder.set_exif_metadata(exif.to_vec()).unwrap();
    encoder.write_image(&image, 64, 40, ExtendedColorType::L8).unwrap();
    bytes
}

/// Writes pictures in several formats and folders, and files that are none.
fn write_pictures(folder: &Path) {
    let endings = ["png", "bmp", "webp", "gif"];
    for number in 0..(PICTURES - 4 - BROKEN) as u32 {
        let place = folder.join(["", "perros, \"y\" ñ", "perros, \"y\" ñ/漢"][number as usize % 3]);
        fs::create_dir_all(&place).unwrap();
        let name = format!("{number}.{}", endings[number as usize % endings.len()]);
        picture(number).save(place.join(name)).unwrap();
    }
    // Names that programs like to leave out, and one without an ending.
    picture(1).save(folder.join("_DSC0001.PNG")).unwrap();
    picture(2).save(folder.join(".hidden.png")).unwrap();
    fs::write(folder.join("lying"), lying()).unwrap();
    let deep = |x, y| Luma([(x * 1_500 + y * 301) as u16]);
    ImageBuffer::<Luma<u16>, _>::from_fn(40, 30, deep).save(folder.join("deep.png")).unwrap();

    let whole = fs::read(folder.join("_DSC0001.PNG")).unwrap();
    fs::write(folder.join("cut.png"), &whole[..whole.len() / 2]).unwrap();
    fs::write(folder.join("empty.png"), b"").unwrap();
    fs::write(folder.join("notes.txt"), "no picture").unwrap();
    picture(1).save(folder.join("large.bmp")).unwrap();
    let mut large = fs::read(folder.join("large.bmp")).unwrap();
    // Its header's width and height.
    large[18..26].copy_from_slice(&[20_000_u32.to_le_bytes(), 12_000_u32.to_le_bytes()].concat());
    fs::write(folder.join("large.bmp"), large).unwrap();
    // Zeros, which a file system does not store.
    File::create(folder.join("video.mp4")).unwrap().set_len(300_000_000).unwrap();
}

/// The paths of all files in `folder`, seen from it.
fn paths(folder: &Path, from: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.join(from)).unwrap().map(Result::unwrap);
    let inside = |entry: fs::DirEntry| {
        let path = format!("{from}{}", entry.file_name().into_string().unwrap());
        if entry.path().is_dir() { paths(folder, &format!("{path}/")) } else { vec![path] }
    };
    entries.flat_map(inside).collect()
}

/// Runs the script: whether it ended well, and what it said.
fn classify_folder(folder: &Path, arguments: &[&str]) -> (bool, String) {
    // Ray makes sockets, whose paths must be short.
    let ray = tempfile::Builder::new().prefix("ray").tempdir_in("/tmp").unwrap();
    let mut command = python::command(folder);
    command.arg(SCRIPT).args(arguments).env("RAY_TMPDIR", ray.path());
    let output = command.output().unwrap();
    python::check_silent(folder);
    (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn a_folder_is_classified_by_two_workers_of_ray_as_here() {
    let folder = tempdir().unwrap();
    let pictures = folder.path().join("fotos");
    write_pictures(&pictures);
    let (file, classify) = classifier();
    fs::write(folder.path().join("all.onnx"), file).unwrap();
    let arguments = ["all.onnx", "fotos", "answers.csv", "--workers", "2", "--batch", "16"];
    let (well, said) = classify_folder(folder.path(), &arguments);
    assert!(well, "{said}");
    assert!(said.contains(&format!("{PICTURES} files in ")), "{said}");
    assert!(said.contains(&format!("; {BROKEN} without an answer")), "{said}");
    assert!(!folder.path().join("answers.csv.part").exists());

    let reader = r#"
import csv, json
print(json.dumps(list(csv.reader(open("answers.csv", newline="", encoding="utf-8")))))
"#;
    let table: Vec<Vec<String>> = serde_json::from_str(&python::run(reader, folder.path(), &[])).unwrap();
    assert_eq!(table[0], [&["path", "error", "class"].map(str::to_owned)[..], &names()].concat());
    let mut expected = paths(&pictures, "");
    expected.sort();
    let found: Vec<&str> = table[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!((found.len(), found), (PICTURES, expected.iter().map(String::as_str).collect()));

    let mut answers = Vec::new();
    let mut errors = BTreeMap::new();
    for row in &table[1..] {
        let (path, error, class) = (row[0].as_str(), row[1].as_str(), &row[2]);
        let Some(ours) = classify(&fs::read(pictures.join(path)).unwrap()) else {
            assert!(row[2..].iter().all(String::is_empty), "{row:?}");
            errors.insert(path, error);
            continue;
        };
        assert_eq!(error, "", "{path}");
        let theirs: Vec<f32> = row[3..].iter().map(|value| value.parse().unwrap()).collect();
        check_close(path, &ours, &theirs, 1e-4);
        let class = names().iter().position(|name| name == class).unwrap();
        assert!(ours[class] > ours[most_probable(&ours)] - 1e-4, "{path} is of class {class}: {ours:?}");
        answers.push(ours[0]);
    }
    let [least, most] = [f32::min, f32::max].map(|of| answers.iter().copied().reduce(of).unwrap());
    assert!(most - least > 0.2, "answers from {least} to {most} are too much alike to be compared");
    let words = [
        ("cut.png", "truncated"),
        ("empty.png", "no picture of a kind that can be read here"),
        ("large.bmp", "20000x12000 pixels, more than can be read here"),
        ("notes.txt", "no picture of a kind that can be read here"),
        ("video.mp4", "a file of 300000000 bytes is no picture"),
    ];
    assert!(errors.keys().eq(words.iter().map(|(path, _)| path)), "{errors:?}");
    assert!(words.iter().all(|(path, word)| errors[path].contains(word)), "{errors:?}");
}

#[test]
fn a_folder_that_cannot_be_classified_is_told() {
    let folder = tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("all.onnx", &classifier().0);
    let (head, _) = trained(Preset::Quick, FeatureShape { height: 2, width: 2, channels: 3 });
    write("head.onnx", &onnx::head(&head, &names()).unwrap());
    write("text.onnx", b"no network");
    for name in ["empty", "one"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    write("one/notes.txt", b"no picture");
    let cases: [(&[&str], &str); 6] = [
        (&["head.onnx", "one", "out.csv"], "it makes probabilities of features, not probabilities of images"),
        (&["text.onnx", "one", "out.csv"], "text.onnx is no classifier that the page exported"),
        (&["all.onnx", "none", "out.csv"], "the folder none cannot be read"),
        (&["all.onnx", "empty", "out.csv"], "there is no file in empty"),
        (&["all.onnx", "one", "none/out.csv"], "none/out.csv cannot be written"),
        (&["all.onnx", "one", "out.csv", "--workers", "9999"], "there is no room for 9999 workers"),
    ];
    for (arguments, expected) in cases {
        let (well, said) = classify_folder(folder.path(), arguments);
        assert!(!well && said.contains(expected) && !said.contains("Traceback"), "{arguments:?}: {said}");
        assert!(!folder.path().join("out.csv").exists());
    }
}

#[test]
fn the_script_prepares_pictures_as_the_programs_beside_the_exports_do() {
    let beside = program(&About {
        kind: Kind::Classifier,
        language: Language::English,
        shape: FeatureShape { height: 2, width: 2, channels: 3 },
        input_size: 16,
        settings: &Settings::of(Preset::Quick),
        classes: &names(),
        file: "all.onnx",
        features: "",
    });
    let part = |text: &str| {
        let (_, from) = text.split_once("# What the page keeps of a picture").unwrap();
        let (part, _) = from.split_once("def prepare(").unwrap();
        part.to_owned()
    };
    let script = fs::read_to_string(SCRIPT).unwrap();
    assert_eq!(part(&script), part(&beside));
    let limit = script.lines().find_map(|line| line.strip_prefix("MOST_FILE_BYTES = ")).unwrap();
    assert_eq!(limit.replace('_', "").parse(), Ok(MOST_FILE_BYTES));
}
