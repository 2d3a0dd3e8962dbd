//! The product's own ways in.

use std::fs;
use std::io::{Cursor, Write};

use bottleneck::backbone::{FeatureShape, Manifest};
use bottleneck::dataset::{Files, InMemory, read_files};
use bottleneck::head::{Head, Progress, TeamMessage, TeamReply};
use bottleneck::interchange::InterchangeError;
use bottleneck::interchange::features::FeatureFile;
use bottleneck::npy::Header;
use bottleneck::pixels::{MOST_MEMORY, RgbImage};
use bottleneck::project::Project;
use bottleneck::project::archive::{ArchiveError, ArchiveReader};
use bottleneck::protocol::{self, Command, EngineMessage, EngineReply, Event};
use bottleneck::trainings::Trainings;
use futures::executor::block_on;
use onnx_prepare::prepare::{Storage, prepare};
use onnx_prepare::{embed, keras, packed, proto, tfjs};
use tempfile::NamedTempFile;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::{watch, watch_within};

/// Features of an image in the files that are fed here.
pub const SHAPE: FeatureShape = FeatureShape { height: 1, width: 2, channels: 3 };

pub fn npy(bytes: &[u8]) {
    watch(bytes, |mut bytes| Header::read(&mut bytes));
}

pub fn npz_features(bytes: &[u8]) {
    watch(bytes, |bytes| -> Result<(), InterchangeError> {
        let mut file = FeatureFile::open(Cursor::new(bytes))?;
        for array in file.arrays() {
            let Ok(mut reader) = file.features(&array, SHAPE) else { continue };
            while !reader.next_block(100)?.is_empty() {}
        }
        Ok(())
    });
}

/// Any file that is dropped on the page; which kind it is, its content says.
pub fn dataset(bytes: &[u8]) {
    read_as("data_batch_1", bytes);
}

/// An array of pictures or labels, dropped as either, beside the other.
pub fn npy_pictures(bytes: &[u8]) {
    let labels = [bottleneck::npy::header("|u1", &[4]), vec![0, 1, 0, 1]].concat();
    let pictures = [bottleneck::npy::header("|u1", &[4, 1, 1, 3]), vec![9; 12]].concat();
    for [pictures, labels] in [[bytes, &labels], [&pictures, bytes]] {
        let files = Files::in_memory(&[("x_train.npy", pictures), ("y_train.npy", labels)]);
        watch(bytes, |_| block_on(read_files(files, &mut InMemory::default())));
    }
}

/// A batch in the binary layout, which its name says.
pub fn cifar(bytes: &[u8]) {
    read_as("data_batch_1.bin", bytes);
}

fn read_as(name: &str, bytes: &[u8]) {
    let files = Files::in_memory(&[(name, bytes)]);
    watch(bytes, |_| block_on(read_files(files, &mut InMemory::default())));
}

pub fn picture(bytes: &[u8]) {
    watch_within(MOST_MEMORY as usize + (8 << 20), bytes, RgbImage::kept);
    watch_within(MOST_MEMORY as usize + (64 << 20), bytes, RgbImage::kept_frames);
}

pub fn project_file(bytes: &[u8]) {
    watch(bytes, |bytes| -> Result<(), ArchiveError> {
        let mut file = ArchiveReader::open(Cursor::new(bytes))?;
        for at in 0..file.pictures() {
            file.picture(at)?;
        }
        for backbone in file.heads() {
            file.head(&backbone)?;
        }
        if let Some(list) = file.trainings()? {
            // What it says is refused where it is used.
            let _ = Trainings::from_bytes(&list);
        }
        for at in 0..file.feature_entries() {
            let mut features = file.features(at)?;
            while features.next_block()?.is_some() {}
        }
        Ok(())
    });
}

/// The index of a project file: outside a zip, whose checksum would keep changed ones out.
pub fn project_index(bytes: &[u8]) {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("project.json", stored).and_then(|()| Ok(zip.write_all(bytes)?)).expect("in memory");
    project_file(zip.finish().expect("in memory").get_ref());
}

pub fn safetensors(bytes: &[u8]) {
    watch(bytes, Head::from_bytes);
}

pub fn progress(bytes: &[u8]) {
    watch(bytes, Progress::from_bytes);
}

/// All that is decoded of what other threads say and the browser's store holds. The first byte says as
/// what the others are taken.
pub fn messages(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    match kind % 8 {
        0 => watch(bytes, protocol::decode::<Command>),
        1 => watch(bytes, protocol::decode::<Event>),
        2 => watch(bytes, protocol::decode::<EngineMessage>),
        3 => watch(bytes, protocol::decode::<EngineReply>),
        4 => watch(bytes, protocol::decode::<TeamMessage>),
        5 => watch(bytes, protocol::decode::<TeamReply>),
        6 => watch(bytes, Project::from_bytes),
        _ => watch(bytes, Trainings::from_bytes),
    }
}

pub fn manifest(bytes: &[u8]) {
    watch(bytes, Manifest::parse);
}

pub fn onnx(bytes: &[u8]) {
    watch(bytes, |bytes| prepare(bytes, Some(16), Storage::Float16));
    watch(bytes, onnx_prepare::widen);
    watch(bytes, |bytes| {
        let mut network = convnet::Network::load(bytes.to_vec(), 2, 1 << 16).ok()?;
        let image = vec![0.5; network.input_shape().iter().product()];
        network.run(&vec![image; network.batch()])
    });
    watch(bytes, |bytes| packed::pack(bytes.to_vec()));
    watch(bytes, |bytes| {
        let graph = proto::Model::from_bytes(bytes).ok()?.graph?;
        embed::embed(graph, "inner/").ok()
    });
}

pub fn hdf5(bytes: &[u8]) {
    let owned = bytes.to_vec();
    watch(bytes, |_| keras::read(owned));
}

/// A module with the topology up to the first byte of 0, and a shard after it.
pub fn tfjs(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (model, shard) = text.split_once('\0').unwrap_or((text, ""));
    let shards = [shard.to_owned()];
    watch(bytes, |_| tfjs::inception_v3(model, &shards));
}

pub fn pytorch(bytes: &[u8]) {
    let file = NamedTempFile::new().expect("a file for the reader, which wants one");
    fs::write(file.path(), bytes).expect("a file for the reader, which wants one");
    watch(bytes, |_| crate::pytorch::read(file.path()));
}
