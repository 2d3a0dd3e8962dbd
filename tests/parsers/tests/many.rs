//! Sets of pictures that are far larger than the memory: a whole visit with 25,000 of them.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, dead_code)]

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use bottleneck::pixels::RgbImage;
use bottleneck::protocol::*;
use parsers::peak_of;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

#[path = "../../native/skipped.rs"]
mod skipped;
#[path = "../../native/store.rs"]
mod store;
#[path = "../../native/visit.rs"]
mod visit;

use visit::{FAKE, SharedStore, Visit};

const PICTURES: u32 = 25_000;
const SIDE: u32 = 48;
/// Their pixels have 173 MB.
const ALL_PIXELS: usize = (PICTURES * SIDE * SIDE * 3) as usize;
/// What a step may take of it: the index of the zip, numbers and hashes, and the pictures of a few batches.
const MOST: usize = 90 << 20;

const _: () = assert!(ALL_PIXELS > MOST * 3 / 2);

/// Different pictures in two folders.
fn zip_of(pictures: u32) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..pictures {
        let folder = ["cats", "dogs"][number as usize % 2];
        zip.start_file(format!("all/{folder}/{number}.png"), SimpleFileOptions::default()).unwrap();
        let [low, high, ..] = number.to_le_bytes();
        let image = RgbImage::from_fn(SIDE, SIDE, |x, _| [low, high, (x / 16) as u8]);
        zip.write_all(&image.to_png().unwrap()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn file(visit: &Visit, id: u32, bytes: Vec<u8>) -> FileRef {
    let size = bytes.len() as u64;
    visit.world.files.borrow_mut().insert(id, bytes);
    FileRef { id, name: "many.zip".into(), size }
}

fn opened() -> Visit {
    let mut visit = Visit::new(&SharedStore::default());
    visit.world.remembers.set(Some(20));
    visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    visit
}

/// Sends a command, which may take so much memory and no more.
fn frugally(visit: &mut Visit, what: &str, command: Command) {
    let ((), taken) = peak_of(|| visit.send(command));
    println!("{what}: {} MB", taken >> 20);
    assert!(taken < MOST, "{what}: {} MB", taken >> 20);
}

fn pictures(visit: &Visit) -> usize {
    let project = visit.last(|event| match event {
        Event::Project(Some(info)) => Some(info.project.pictures().count()),
        _ => None,
    });
    project.unwrap_or_default()
}

/// One test, for memory is counted for the whole program.
#[test]
fn many_pictures_are_never_in_memory_together() {
    let zip = zip_of(PICTURES);
    let mut visit = opened();
    let set = file(&visit, 1, zip.clone());
    frugally(&mut visit, "a set is read", Command::UseFiles(vec![set]));
    let info = visit.last(|event| match event {
        Event::Dataset(info) => Some((info.train + info.test, info.examples.len())),
        _ => None,
    });
    assert_eq!((info, visit.problem()), (Some((PICTURES, 2)), None));
    frugally(&mut visit, "its features are computed", Command::Extract);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    assert_eq!(visit.world.extracted.get(), PICTURES);

    let classes = ["a".to_owned(), "b".to_owned()];
    visit.send(Command::Project(ProjectCommand::Create { name: "Many".into(), classes }));
    let set = file(&visit, 2, zip);
    frugally(&mut visit, "a project is filled", Command::Project(ProjectCommand::AddFolders(vec![set])));
    assert_eq!((pictures(&visit), visit.problem()), (PICTURES as usize, None));
    assert_eq!(visit.world.extracted.get(), PICTURES, "the same pictures");
    frugally(&mut visit, "it is opened", Command::Project(ProjectCommand::Open(1)));
    assert_eq!(pictures(&visit), PICTURES as usize);
    frugally(&mut visit, "it is given", Command::Project(ProjectCommand::Export));
    let (_, bytes) = visit.world.saved.borrow_mut().pop().expect("a file");
    let taken = file(&visit, 3, bytes);
    frugally(&mut visit, "it is taken", Command::Project(ProjectCommand::Import(taken)));
    assert_eq!((pictures(&visit), visit.problem()), (PICTURES as usize, None));
    drop(visit);

    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    let Ok(bytes) = fs::read(shared.join("c26_6700_pictures_of_224x224.zip")) else {
        return skipped::skipped("the shared pictures are not beside this checkout");
    };
    let mut visit = opened();
    let set = file(&visit, 1, bytes);
    frugally(&mut visit, "6,700 pictures of 224 x 224 are read", Command::UseFiles(vec![set]));
    let images = visit.last(|event| match event {
        Event::Dataset(info) => Some(info.train + info.test),
        _ => None,
    });
    assert_eq!((images, visit.problem()), (Some(6_700), None));
}
