//! Small files that are right, one or more of every kind that a parser knows.

use std::io::{Cursor, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bottleneck::backbone::pieces::{PIECE, Pieces, sha256};
use bottleneck::backbone::{KERAS_TF_SCALING, MANIFEST_VERSION, Manifest, Probe, Purpose};
use bottleneck::features::{FeatureSpace, ImageHash};
use bottleneck::interchange::features::{FeatureWriter, Part};
use bottleneck::npy::header;
use bottleneck::pixels::RgbImage;
use bottleneck::project::Project;
use bottleneck::project::archive::ArchiveWriter;
use flate2::Compression;
use flate2::write::GzEncoder;
use half::f16;
use onnx_prepare::prepare::{Storage, prepare};
use onnx_prepare::proto::{Attribute, Graph, Model, Node, OperatorSet, Tensor, ValueInfo};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::parse::SHAPE;

mod heads;
#[path = "../../native/pictures/jpeg.rs"]
pub mod jpeg;
mod pickles;

pub use heads::{messages, progress, safetensors};
pub use pickles::pickle;

/// Values of an image of CIFAR-10.
const PIXELS: usize = 3072;

/// A zip of these files, packed or not.
pub fn zipped(files: &[(&str, Vec<u8>)], packing: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(packing);
        zip.start_file(*name, options).expect("in memory");
        zip.write_all(bytes).expect("in memory");
    }
    zip.finish().expect("in memory").into_inner()
}

const PACKINGS: [CompressionMethod; 2] = [CompressionMethod::Stored, CompressionMethod::Deflated];

pub fn array(descr: &str, shape: &[u64], values: &[u8]) -> Vec<u8> {
    [header(descr, shape), values.to_vec()].concat()
}

pub fn npy() -> Vec<Vec<u8>> {
    let mut seeds = vec![header("<f4", &[50_000, 3, 3, 2048]), header("|u1", &[7]), header("<i8", &[])];
    // The longer length of version 2, and other ways to write the same literal.
    let text = b"{\"shape\": (0x2, 1_0,), 'fortran_order': True, u'descr': '<f8'}\n";
    seeds.push([b"\x93NUMPY\x02\x00".as_slice(), &(text.len() as u32).to_le_bytes(), text].concat());
    let text = b"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3, -1, 1e5, 2j), }";
    seeds.push([b"\x93NUMPY\x01\x00".as_slice(), &(text.len() as u16).to_le_bytes(), text].concat());
    seeds
}

pub fn npz_features() -> Vec<Vec<u8>> {
    let values: Vec<f16> = (0..3 * SHAPE.len()).map(|at| f16::from_f32(at as f32 / 8.0)).collect();
    let written = || -> Result<Vec<u8>, bottleneck::interchange::InterchangeError> {
        let mut writer = FeatureWriter::new(Part::Train, 3, SHAPE)?;
        Ok([writer.push(&values)?, writer.finish()?].concat())
    };
    let mut seeds = vec![written().expect("in memory")];
    for packing in PACKINGS {
        for (descr, width) in [("<f2", 2), ("<f4", 4), ("<f8", 8)] {
            let array = array(descr, &[3, 1, 2, 3], &vec![0; 3 * SHAPE.len() * width]);
            seeds.push(zipped(&[("a.npy", array.clone()), ("b.npy", array)], packing));
        }
    }
    seeds
}

pub fn npz_cifar() -> Vec<Vec<u8>> {
    let pixels: Vec<u8> = (0..2 * PIXELS).map(|at| (at % 7) as u8).collect();
    let files = |kind: &str, width: usize| {
        let labels = [1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0];
        let labels = [&labels[..width], &labels[8..][..width]].concat();
        vec![
            ("x_train.npy", array("|u1", &[2, 32, 32, 3], &pixels)),
            ("y_train.npy", array(kind, &[2, 1], &labels)),
            ("x_test.npy", array("|u1", &[2, 32, 32, 3], &pixels)),
            ("y_test.npy", array(kind, &[2], &labels)),
        ]
    };
    let kinds = [("|u1", 1), ("<i4", 4), ("<i8", 8)];
    let mut seeds: Vec<Vec<u8>> = kinds
        .iter()
        .zip(PACKINGS.iter().cycle())
        .map(|((kind, width), packing)| zipped(&files(kind, *width), *packing))
        .collect();
    seeds.extend(other_arrays().map(|files| zipped(&files, CompressionMethod::Stored)));
    seeds
}

/// Small pictures of every layout that is read, each with labels of another type.
fn other_arrays() -> [Vec<(&'static str, Vec<u8>)>; 4] {
    let levels: Vec<u8> = (0..4 * 5 * 6 * 3).map(|at| (at % 251) as u8).collect();
    let floats = levels.iter().flat_map(|level| (f32::from(*level) / 255.0).to_le_bytes());
    let floats: Vec<u8> = floats.collect();
    let one_hot: Vec<u8> = (0..4 * 3).flat_map(|at| f32::from(u8::from(at % 4 == 0)).to_be_bytes()).collect();
    [
        vec![
            ("x_train.npy", array("|u1", &[4, 3, 5, 6], &levels)),
            ("y_train.npy", array(">f4", &[4, 3], &one_hot)),
        ],
        vec![
            ("X_train.npy", in_fortran_order(array("<f4", &[4, 5, 6, 3], &floats))),
            ("Y_train.npy", in_fortran_order(array("|b1", &[4, 2], &[1, 0, 1, 0, 0, 1, 0, 1]))),
        ],
        vec![
            ("train_images.npy", array("|u1", &[12, 5, 6], &levels)),
            ("train_labels.npy", array("|i1", &[12], &[0, 255, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1])),
            ("val_images.npy", array("|u1", &[12, 5, 6, 1], &levels)),
            ("val_labels.npy", array(">u2", &[12], &[0; 24])),
        ],
        vec![
            ("x_train.npy", array("|u1", &[4, 5, 6, 3], &levels)),
            ("y_train.npy", array("|O", &[4], b"\x80\x04N.")),
        ],
    ]
}

/// The same bytes, said to be in the other order.
fn in_fortran_order(array: Vec<u8>) -> Vec<u8> {
    let (from, to) = (b"'fortran_order': False", b"'fortran_order': True ");
    let at = array.windows(from.len()).position(|window| window == from).expect("a header");
    [&array[..at], to, &array[at + from.len()..]].concat()
}

/// An array of its own.
pub fn npy_pictures() -> Vec<Vec<u8>> {
    other_arrays().into_iter().flatten().map(|(_, array)| array).collect()
}

/// A batch in the binary layout.
fn batch(images: usize) -> Vec<u8> {
    (0..images * (1 + PIXELS))
        .map(|at| if at % (1 + PIXELS) == 0 { (at % 10) as u8 } else { (at / 99) as u8 })
        .collect()
}

/// A batch of CIFAR-100.
fn hundred(images: usize) -> Vec<u8> {
    batch(images).chunks(1 + PIXELS).flat_map(|record| [&[7], record].concat()).collect()
}

pub fn cifar() -> Vec<Vec<u8>> {
    vec![batch(2), batch(1), hundred(2)]
}

pub fn tar_of(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes.as_slice()).expect("in memory");
    }
    tar.into_inner().expect("in memory")
}

pub fn tar() -> Vec<Vec<u8>> {
    let pickle = pickle().swap_remove(0);
    let names = pickles::names();
    let long = format!("{}/data_batch_1.bin", "folder/".repeat(30));
    vec![
        tar_of(&[
            ("cifar-10-batches-bin/batches.meta.txt", b"apple\npear\n".to_vec()),
            ("cifar-10-batches-bin/data_batch_2.bin", batch(1)),
            ("cifar-10-batches-bin/test_batch.bin", batch(2)),
        ]),
        tar_of(&[
            ("cifar-100-binary/fine_label_names.txt", b"apple\npear\n".to_vec()),
            ("cifar-100-binary/train.bin", hundred(2)),
            ("cifar-100-binary/test.bin", hundred(1)),
        ]),
        tar_of(&[("py/batches.meta", names), ("py/data_batch_1", pickle.clone()), ("py/test_batch", pickle)]),
        // A name for which the format has a file of its own.
        tar_of(&[(&long, batch(1))]),
    ]
}

pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes).expect("in memory");
    gzip.finish().expect("in memory")
}

pub fn gzip() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = tar().iter().map(|tar| gzipped(tar)).collect();
    // Stored blocks, behind which the tar file lies open.
    let mut gzip = GzEncoder::new(Vec::new(), Compression::none());
    gzip.write_all(&tar()[0]).expect("in memory");
    seeds.push(gzip.finish().expect("in memory"));
    seeds
}

fn png(side: u32, salt: u8) -> Vec<u8> {
    RgbImage::from_fn(side, side + 3, |x, y| [x as u8, y as u8, salt]).to_png().expect("in memory")
}

pub fn zip() -> Vec<Vec<u8>> {
    let files = [
        ("train/a/1.png", png(9, 1)),
        ("train/b/2.png", png(5, 2)),
        ("test/a/3.png", png(4, 3)),
        ("test/b/4.bmp", bmp()),
    ];
    PACKINGS.map(|packing| zipped(&files, packing)).into()
}

/// Of 2 x 2 pixels.
fn bmp() -> Vec<u8> {
    let mut bytes = b"BM".to_vec();
    for number in [70_u32, 0, 54, 40, 2, 2, 0x0018_0001, 0, 16, 0, 0, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([7; 16]);
    bytes
}

/// Of 1 x 1 pixel, two frames.
fn gif() -> Vec<u8> {
    let frame =
        b"\x21\xf9\x04\x00\x05\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00";
    [b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff".as_slice(), frame, frame, b";"].concat()
}

/// One of every way of writing a picture that has a decoder of its own: tests/fixtures/make_pictures.py.
const WRITTEN: [&[u8]; 12] = [
    include_bytes!("../../fixtures/pictures/baseline.jpg"),
    include_bytes!("../../fixtures/pictures/progressive.jpg"),
    include_bytes!("../../fixtures/pictures/restarts.jpg"),
    include_bytes!("../../fixtures/pictures/inks.jpg"),
    include_bytes!("../../fixtures/pictures/palette.png"),
    include_bytes!("../../fixtures/pictures/lossy.webp"),
    include_bytes!("../../fixtures/pictures/lossless.webp"),
    include_bytes!("../../fixtures/pictures/alpha.bmp"),
    include_bytes!("../../fixtures/pictures/runs.bmp"),
    include_bytes!("../../fixtures/pictures/frames.gif"),
    include_bytes!("../../fixtures/pictures/frames.png"),
    include_bytes!("../../fixtures/pictures/frames.webp"),
];

pub fn picture() -> Vec<Vec<u8>> {
    let webp = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00";
    let mut seeds = vec![png(6, 1), bmp(), gif(), webp.to_vec()];
    seeds.extend(WRITTEN.map(<[u8]>::to_vec));
    seeds.push(jpeg::greys(40, 24, [(3, 1), (1, 1), (1, 1)], |x, y| (x * 30 + y * 9) as u8));
    seeds
}

fn project() -> Vec<u8> {
    let made = || -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let mut project = Project::new("Fruit", ["apple", "pear"])?;
        for class in [0, 1] {
            let id = project.classes[class].id;
            project.add_pictures(id, None, 2)?;
        }
        let mut writer = ArchiveWriter::new(&project);
        let mut images = Vec::new();
        for picture in project.pictures() {
            let image = RgbImage::from_fn(4, 4, |x, y| [x as u8, y as u8, picture.id as u8]);
            images.push(ImageHash::of(&image));
            writer.picture(picture.id, &image.to_png()?)?;
        }
        let space = FeatureSpace { backbone: "ab".repeat(32), preprocessing: 1 };
        writer.features(&space, &images, &vec![f16::ONE; images.len() * 3])?;
        writer.head(&space.backbone, &[1, 2, 3])?;
        writer.trainings(&heads::trainings())?;
        Ok(writer.finish()?)
    };
    made().expect("a project")
}

pub fn project_file() -> Vec<Vec<u8>> {
    vec![project()]
}

pub fn project_index() -> Vec<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(project())).expect("a zip");
    let mut index = Vec::new();
    let mut file = archive.by_name("project.json").expect("an index");
    std::io::copy(&mut file, &mut index).expect("in memory");
    vec![index]
}

/// A convolution with all that may stand beside one.
fn network() -> Vec<u8> {
    let kernel: Vec<f32> = (0..54).map(|at| at as f32 / 54.0).collect();
    let same = Attribute { name: "auto_pad".to_owned(), s: b"SAME_UPPER".to_vec(), ..Attribute::default() };
    let pool = vec![Attribute::ints("kernel_shape", &[2, 2]), Attribute::ints("strides", &[2, 2])];
    let norm = ["gamma", "beta", "mean", "variance"];
    let vectors = norm.map(|name| Tensor::float(name, &[2], &[1.0, 0.5]));
    let mut initializer = vec![Tensor::float("kernel", &[2, 3, 3, 3], &kernel)];
    initializer.extend(vectors);
    Model {
        ir_version: 7,
        graph: Some(Graph {
            node: vec![
                Node::new(
                    "Conv",
                    &["image", "kernel"],
                    "sum",
                    vec![same, Attribute::ints("strides", &[1, 1])],
                ),
                Node::new(
                    "BatchNormalization",
                    &["sum", "gamma", "beta", "mean", "variance"],
                    "norm",
                    vec![Attribute::float("epsilon", 1e-3)],
                ),
                Node::new("Relu", &["norm"], "relu", vec![]),
                Node::new("Identity", &["relu"], "same", vec![]),
                Node::new("MaxPool", &["same"], "left", pool.clone()),
                Node::new("AveragePool", &["same"], "right", pool),
                Node::new("Concat", &["left", "right"], "both", vec![Attribute::int("axis", 1)]),
                Node::new("GlobalAveragePool", &["both"], "out", vec![]),
            ],
            initializer,
            input: vec![ValueInfo::float("image", &[1, 3, 16, 16])],
            output: vec![ValueInfo::float("out", &[1, 4, 1, 1])],
            ..Graph::default()
        }),
        opset_import: vec![OperatorSet { domain: String::new(), version: 13 }],
        ..Model::default()
    }
    .to_bytes()
}

/// The network as it is stored, with weights in float16.
fn stored_network() -> Vec<u8> {
    let kernel: Vec<f32> = (0..4_104).map(|at| at as f32 / 4_104.0).collect();
    let model = Model {
        graph: Some(Graph {
            node: vec![Node::new("Conv", &["image", "kernel"], "out", vec![])],
            initializer: vec![Tensor::float("kernel", &[1_368, 3, 1, 1], &kernel)],
            input: vec![ValueInfo::batch("image", 1, "N", &[3, 16, 16])],
            output: vec![ValueInfo::float("out", &[1, 1_368, 16, 16])],
            ..Graph::default()
        }),
        ..Model::default()
    };
    prepare(&model.to_bytes(), None, Storage::Float16).expect("a network").bytes
}

pub fn onnx() -> Vec<Vec<u8>> {
    vec![network(), stored_network()]
}

pub fn manifest() -> Vec<Vec<u8>> {
    let bytes = network();
    let manifest = Manifest {
        version: MANIFEST_VERSION,
        name: "test".into(),
        source: "made in a test".into(),
        licence: "MIT".into(),
        purpose: Purpose::Custom,
        file: "test.onnx".into(),
        bytes: bytes.len() as u64,
        sha256: sha256(&bytes),
        pieces: Pieces::of(&bytes, PIECE),
        input: "image".into(),
        input_size: 16,
        scaling: KERAS_TF_SCALING,
        output: "out".into(),
        features: SHAPE,
        probe: Probe { positions: vec![0], values: vec![0.5], largest: 1.0 },
    };
    vec![serde_json::to_vec(&manifest).expect("in memory")]
}

pub fn hdf5() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../fixtures/keras_small.h5").to_vec()]
}

pub fn pytorch() -> Vec<Vec<u8>> {
    vec![include_bytes!("../../fixtures/pytorch_small.pth").to_vec()]
}

pub fn tfjs() -> Vec<Vec<u8>> {
    let weight = |name: &str, shape: &str| {
        format!(
            "{{name:\"{name}\",shape:{shape},dtype:\"float32\",quantization:{{min:-1.5,scale:.01,dtype:'uint8'}}}}"
        )
    };
    let weights = [
        weight("conv2d_1/kernel", "[1,1,3,2]"),
        weight("batch_normalization_1/beta", "[2]"),
        weight("batch_normalization_1/moving_mean", "[2]"),
        weight("batch_normalization_1/moving_variance", "[0x2]"),
    ];
    let manifest = format!("a={{weightsManifest:[{{paths:[\"x\"],weights:[{}]}}]}};", weights.join(","));
    let shard = format!("exports=\"{}\"", STANDARD.encode([7; 12]));
    vec![format!("{manifest}\0{shard}").into_bytes()]
}
