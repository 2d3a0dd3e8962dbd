//! The whole classifier as one ONNX file, run by ONNX Runtime on pictures, against our own way from the
//! same pictures to probabilities.

use std::fs;
use std::path::{Path, PathBuf};

use bottleneck::backbone::cpu::CpuNetwork;
use bottleneck::backbone::local::Local;
use bottleneck::backbone::{Backbone, FeatureShape, Manifest};
use bottleneck::dataset::sample;
use bottleneck::head::{Head, Preset, Settings};
use bottleneck::interchange::program::{About, Kind, Language, program};
use bottleneck::interchange::{InterchangeError, onnx};
use bottleneck::pixels::RgbImage;
use bottleneck::random::Random;
use futures::executor::block_on;
use half::f16;
use image::{Rgba, RgbaImage};
use onnx_prepare::prepare::{Storage, prepare};
use tempfile::tempdir;

use crate::backbone::{manifest, small_network};
use crate::head::{Training, check_close, fresh};
use crate::interchange_heads::{probabilities, run_programs};
use crate::python;

/// A backbone that `make native` makes.
fn backbone(name: &str) -> (Vec<u8>, Manifest) {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/models"));
    let read = |ending: &str| {
        let file = folder.join(name).with_extension(ending);
        fs::read(&file).unwrap_or_else(|_| panic!("there is no {}: `make {name}` makes it", file.display()))
    };
    (read("onnx"), Manifest::parse(&read("json")).unwrap())
}

/// Pictures of several sizes, some with transparent parts, as PNG files; their names.
fn pictures(folder: &Path) -> Vec<String> {
    let sizes = [(32, 32), (200, 150), (90, 301), (139, 128), (500, 400)];
    let draw = |(number, (width, height)): (usize, (u32, u32))| {
        let drawn = sample::draw(3);
        let sample = drawn.train[number * 7].image().unwrap();
        let large = RgbImage::from_fn(width, height, |x, y| {
            let at = ((y * 32 / height) * 32 + x * 32 / width) as usize * 3;
            [0, 1, 2].map(|channel| sample.pixels()[at + channel])
        });
        let image = RgbaImage::from_fn(width, height, |x, y| {
            let at = (y * width + x) as usize * 3;
            let transparent = number % 2 == 1 && x + y < 40;
            let [red, green, blue] = [0, 1, 2].map(|channel| large.pixels()[at + channel]);
            Rgba([red, green, blue, if transparent { 0 } else { 255 }])
        });
        let name = format!("foto {number}.png");
        image.save(folder.join(&name)).unwrap();
        name
    };
    sizes.into_iter().enumerate().map(draw).collect()
}

/// A head that has learnt the drawn sample's first images from real features.
fn learnt(preset: Preset, shape: FeatureShape, features: &[f16], labels: &[u16]) -> Head {
    let settings = Settings { epochs: 2, batch: 10, filters: 6, ..Settings::of(preset) };
    let mut training = Training::new(features.to_vec(), labels.to_vec(), shape, 10, settings).unwrap();
    training.run().unwrap();
    training.best().head
}

fn check(name: &str, images: usize, presets: &[Preset]) {
    let (bytes, manifest) = backbone(name);
    let network = CpuNetwork::load(bytes.clone(), &manifest).unwrap();
    let (local, _) = block_on(Local::new(network, &manifest)).unwrap();
    let drawn = sample::draw(1);
    let (some, labels): (Vec<_>, Vec<_>) =
        drawn.train.iter().take(images).map(|sample| (sample.image().unwrap().clone(), sample.label)).unzip();
    let features = block_on(local.extract(&some)).unwrap();
    let folder = tempdir().unwrap();
    let names = pictures(folder.path());
    let mut ours = Vec::new();
    for preset in presets {
        let head = learnt(*preset, manifest.features, &features, &labels);
        let file = onnx::classifier(&bytes, &manifest, &head, &drawn.classes).unwrap();
        let more = file.len() - bytes.len();
        let own = head.to_bytes().unwrap().len();
        assert!(more < own + 32_768, "{more} bytes more than the backbone, the head has {own}");
        let model = format!("{}.onnx", preset.name());
        fs::write(folder.path().join(&model), file).unwrap();
        let about = About {
            kind: Kind::Classifier,
            language: Language::Spanish,
            shape: manifest.features,
            input_size: manifest.input_size,
            settings: &Settings::of(*preset),
            classes: &drawn.classes,
            file: &model,
            features: "",
        };
        fs::write(folder.path().join(format!("{}.py", preset.name())), program(&about)).unwrap();
        // As the session classifies a file.
        let classify = |name: &String| {
            let image = RgbImage::kept(&fs::read(folder.path().join(name)).unwrap()).unwrap();
            head.probabilities(&block_on(local.extract(&[image])).unwrap()).unwrap()
        };
        ours.push((preset.name(), names.iter().flat_map(classify).collect::<Vec<f32>>()));
    }
    // One that is no picture does not stop the others.
    fs::write(folder.path().join("no picture.png"), b"text").unwrap();
    let mut arguments: Vec<&str> = names.iter().map(String::as_str).collect();
    arguments.insert(1, "no picture.png");
    let printed = run_programs(folder.path(), &arguments);
    assert!(names.iter().all(|name| printed.contains(name)), "{printed}");
    for (preset, ours) in ours {
        let theirs = probabilities(folder.path(), preset);
        let largest = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("{name} {preset}: off by {largest:e} at most");
        check_close(preset, &ours, &theirs, 1e-4);
        let sure = ours.chunks(10).filter(|row| row.iter().any(|value| *value > 0.9999)).count();
        assert!(sure < names.len(), "{preset} is too sure to be compared");
    }
}

#[test]
fn onnx_runtime_classifies_pictures_with_the_light_backbone_and_every_head() {
    check("efficientnet_lite0", 40, &Preset::ALL);
}

#[test]
fn onnx_runtime_classifies_pictures_with_the_notebook_s_backbone() {
    check("inception_v3", 10, &[Preset::Notebook]);
}

#[test]
fn a_classifier_says_what_it_is_and_takes_any_number_of_images() {
    let (bytes, manifest) = backbone("efficientnet_lite0");
    let head = fresh(Preset::Quick, manifest.features, 2, 1);
    let names = ["a", "ñ"].map(str::to_owned);
    let folder = tempdir().unwrap();
    let file = onnx::classifier(&bytes, &manifest, &head, &names).unwrap();
    assert_eq!(onnx::classifier(&bytes, &manifest, &head, &names).unwrap(), file, "the same bytes twice");
    fs::write(folder.path().join("all.onnx"), file).unwrap();
    let program = r#"
import json
import numpy as np
import onnxruntime
session = onnxruntime.InferenceSession("all.onnx", providers=["CPUExecutionProvider"])
(given,), (made,) = session.get_inputs(), session.get_outputs()
assert (given.name, given.type, given.shape) == ("image", "tensor(uint8)", ["N", 128, 128, 3]), given
assert (made.name, made.type, made.shape) == ("probabilities", "tensor(float)", ["N", 2]), made
images = np.random.default_rng(1).integers(0, 256, (5, 128, 128, 3), np.uint8)
together = session.run(None, {"image": images})[0]
alone = np.concatenate([session.run(None, {"image": image[None]})[0] for image in images])
assert together.shape == (5, 2) and np.abs(together - alone).max() < 1e-5
print(json.dumps(session.get_modelmeta().custom_metadata_map))
"#;
    let said: serde_json::Value = serde_json::from_str(&python::run(program, folder.path(), &[])).unwrap();
    assert_eq!(said["backbone_sha256"], manifest.sha256.as_str());
    assert_eq!(said["backbone_licence"], "Apache-2.0");
    assert_eq!((&said["head"], &said["classes"]), (&"quick".into(), &"[\"a\",\"ñ\"]".into()));
}

#[test]
fn files_that_are_no_backbone_are_refused() {
    let prepared = prepare(&small_network(), None, Storage::Float16).unwrap();
    let right = manifest(&prepared);
    let head = fresh(Preset::Notebook, right.features, 2, 1);
    let names = ["a", "b"].map(str::to_owned);
    let export = |bytes: &[u8], manifest: &Manifest| onnx::classifier(bytes, manifest, &head, &names);
    export(&prepared.bytes, &right).unwrap();
    let spoils: [fn(&mut Manifest); 5] = [
        |manifest| manifest.input = "other".into(),
        |manifest| manifest.output = "other".into(),
        |manifest| manifest.input_size = 32,
        |manifest| manifest.features.channels = 3,
        |manifest| manifest.features.width = 3,
    ];
    for spoil in spoils {
        let mut wrong = right.clone();
        spoil(&mut wrong);
        let found = export(&prepared.bytes, &wrong);
        assert!(matches!(found, Err(InterchangeError::Backbone(_))), "{found:?}");
    }
    // An operator that mixes the images of a batch.
    let at = prepared.bytes.windows(4).position(|window| window == b"Relu").unwrap();
    let mut other = prepared.bytes.clone();
    other[at..at + 4].copy_from_slice(b"Loop");
    let found = export(&other, &right).unwrap_err().to_string();
    assert!(found.contains("(Loop) may not compute each image by itself"), "{found}");
    let mut random = Random::new(1);
    for _ in 0..3_000 {
        let mut broken = prepared.bytes.clone();
        let at = random.below(broken.len() as u32) as usize;
        broken[at] = random.bits() as u8;
        drop(export(&broken, &right));
        drop(export(&broken[..at], &right));
    }
    assert!(matches!(export(b"", &right), Err(InterchangeError::Backbone(_))));
}
