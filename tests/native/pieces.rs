//! A backbone's file from a server that breaks, a store that is damaged, and both together.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use bottleneck::backbone::pieces::{
    Answer, AskError, Depot, Download, Pieces, WAITS, best_kept, bring, sha256, unnamed,
};
use bottleneck::backbone::{
    BackboneError, FeatureShape, KERAS_TF_SCALING, MANIFEST_VERSION, Manifest, Probe, Purpose,
};
use futures::executor::block_on;
use futures::{StreamExt, stream};

/// Ten pieces of 100 bytes and one of 7.
const LENGTH: usize = 1_007;
const PIECE: u64 = 100;

fn file(salt: usize) -> Vec<u8> {
    (0..LENGTH).map(|at| ((at + salt) * 31 / 7) as u8).collect()
}

fn manifest(file: &[u8]) -> Manifest {
    Manifest {
        version: MANIFEST_VERSION,
        name: "test".into(),
        source: "made in a test".into(),
        licence: "MIT".into(),
        purpose: Purpose::Custom,
        file: "test.onnx".into(),
        bytes: file.len() as u64,
        sha256: sha256(file),
        pieces: Pieces::of(file, PIECE),
        input: "input".into(),
        input_size: 32,
        scaling: KERAS_TF_SCALING,
        output: "features".into(),
        features: FeatureShape { height: 1, width: 1, channels: 1 },
        probe: Probe { positions: vec![0], values: vec![0.0], largest: 1.0 },
    }
}

/// How a server meets one request.
#[derive(Clone, Copy)]
enum Mood {
    /// Sends what was asked for.
    Fine,
    /// Breaks off after so many bytes.
    Breaks(usize),
    /// Says that all is well and ends after so many bytes.
    Ends(usize),
    /// Turns one byte of what it sends.
    Damages(usize),
    /// Sends the whole file whatever was asked for.
    Whole,
    /// Sends from another place than was asked for.
    Elsewhere,
    /// Is not there.
    Down,
    /// Has no such file.
    Missing,
}

/// A store and a server; the server meets requests in the order of `moods`, then stays `Fine`.
struct World {
    file: Vec<u8>,
    store: RefCell<HashMap<String, Vec<u8>>>,
    room: Cell<usize>,
    moods: RefCell<Vec<Mood>>,
    asked: RefCell<Vec<Range<u64>>>,
    slept: RefCell<Vec<u32>>,
    progress: RefCell<Vec<Download>>,
}

impl World {
    fn new(moods: &[Mood]) -> Self {
        let mut moods = moods.to_vec();
        moods.reverse();
        Self {
            file: file(0),
            store: RefCell::default(),
            room: Cell::new(usize::MAX),
            moods: RefCell::new(moods),
            asked: RefCell::default(),
            slept: RefCell::default(),
            progress: RefCell::default(),
        }
    }

    fn bring(&self) -> Result<Vec<u8>, BackboneError> {
        let tell = |download| self.progress.borrow_mut().push(download);
        let parts = block_on(bring(self, &manifest(&self.file), &tell))?;
        Ok(parts.concat())
    }

    /// The file, which has to come whole.
    fn bring_whole(&self) {
        assert_eq!(self.bring(), Ok(self.file.clone()));
        let last = *self.progress.borrow().last().unwrap();
        assert_eq!(last.done, LENGTH as u64);
    }

    /// The pieces asked for since the last look.
    fn asked(&self) -> Vec<u64> {
        let ranges = self.asked.take();
        for range in &ranges {
            let end = (range.start + PIECE).min(LENGTH as u64);
            assert!(range.start % PIECE == 0 && range.end == end, "{range:?} is no piece");
        }
        ranges.iter().map(|range| range.start / PIECE).collect()
    }

    fn spoil(&self, piece: usize, bytes: &[u8]) {
        let sum = manifest(&self.file).pieces.sha256[piece].clone();
        self.store.borrow_mut().insert(sum, bytes.to_vec());
    }
}

impl Depot for World {
    type Part = Vec<u8>;

    async fn stored(&self) -> HashSet<String> {
        self.store.borrow().keys().cloned().collect()
    }

    async fn read(&self, sha256: &str) -> Option<Vec<u8>> {
        self.store.borrow().get(sha256).cloned()
    }

    async fn write(&self, sha256: &str, bytes: &[u8]) -> Result<(), String> {
        let room = self.room.get().checked_sub(bytes.len()).ok_or("the disk is full")?;
        self.room.set(room);
        self.store.borrow_mut().insert(sha256.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn part(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        Ok(bytes.to_vec())
    }

    async fn ask(&self, range: Range<u64>) -> Result<Answer, AskError> {
        self.asked.borrow_mut().push(range.clone());
        let mood = self.moods.borrow_mut().pop().unwrap_or(Mood::Fine);
        let mut bytes = self.file[range.start as usize..range.end as usize].to_vec();
        let mut begin = range.start;
        let mut end = None;
        match mood {
            Mood::Fine => {}
            Mood::Breaks(after) => {
                bytes.truncate(after);
                end = Some(Err("the connection was reset".to_owned()));
            }
            Mood::Ends(after) => bytes.truncate(after),
            Mood::Damages(at) => bytes[at] ^= 1,
            Mood::Whole => (begin, bytes) = (0, self.file.clone()),
            Mood::Elsewhere => begin += 1,
            Mood::Down => return Err(AskError::Broken("nobody answers".to_owned())),
            Mood::Missing => return Err(AskError::Refused("404".to_owned())),
        }
        let chunks: Vec<_> = bytes.chunks(33).map(|chunk| Ok(chunk.to_vec())).chain(end).collect();
        Ok(Answer { begin, body: stream::iter(chunks).boxed_local() })
    }

    async fn sleep(&self, milliseconds: u32) {
        self.slept.borrow_mut().push(milliseconds);
    }
}

#[test]
fn one_visit_brings_the_whole_file_and_the_next_asks_nobody() {
    let world = World::new(&[]);
    world.bring_whole();
    assert_eq!(world.asked(), (0..=10).collect::<Vec<_>>());
    let told: Vec<_> = world.progress.take().iter().map(|download| download.kept).collect();
    assert_eq!(told, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1007]);
    // The server is down, and nobody notices.
    world.moods.borrow_mut().push(Mood::Down);
    world.bring_whole();
    assert!(world.asked().is_empty());
    assert_eq!(world.progress.borrow()[0].kept, 1_007, "what was there already counts at once");
}

#[test]
fn a_download_goes_on_where_it_broke() {
    for mood in [Mood::Breaks(60), Mood::Ends(60), Mood::Ends(0), Mood::Damages(60)] {
        let world = World::new(&[Mood::Fine, Mood::Fine, mood]);
        world.bring_whole();
        assert_eq!(world.asked(), [0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(*world.slept.borrow(), WAITS[..1]);
    }
}

#[test]
fn waits_grow_and_begin_anew_once_something_came() {
    let world = World::new(&[Mood::Down, Mood::Down, Mood::Fine, Mood::Breaks(50), Mood::Down]);
    world.bring_whole();
    assert_eq!(*world.slept.borrow(), [WAITS[0], WAITS[1], WAITS[0], WAITS[1]]);
}

#[test]
fn a_closed_laptop_loses_one_piece_at_most() {
    let moods = [&[Mood::Fine; 7][..], &[Mood::Breaks(77)], &[Mood::Down; WAITS.len()]].concat();
    let world = World::new(&moods);
    let error = world.bring().unwrap_err();
    assert!(matches!(&error, BackboneError::File(why) if why.contains("nobody answers")), "{error}");
    assert_eq!(*world.slept.borrow(), WAITS);
    assert_eq!(world.store.borrow().len(), 7);
    // The next visit asks for the rest only.
    world.asked();
    world.bring_whole();
    assert_eq!(world.asked(), [7, 8, 9, 10]);
}

#[test]
fn a_server_without_ranges_serves_too() {
    let world = World::new(&[Mood::Whole]);
    world.bring_whole();
    assert_eq!(world.asked(), [0], "the rest came with it");
    // It broke after the second piece, and begins anew.
    let world = World::new(&[Mood::Fine, Mood::Fine, Mood::Breaks(50), Mood::Whole]);
    world.bring_whole();
    assert_eq!(world.asked(), [0, 1, 2, 2]);
    world.bring_whole();
    assert!(world.asked().is_empty(), "all of it was stored");
}

#[test]
fn damaged_and_lost_pieces_are_fetched_again_and_no_others() {
    let world = World::new(&[]);
    world.bring_whole();
    world.asked();
    world.spoil(3, b"something else");
    world.spoil(10, b"");
    world.store.borrow_mut().remove(&manifest(&world.file).pieces.sha256[6]);
    world.progress.take();
    world.bring_whole();
    assert_eq!(world.asked(), [3, 6, 10]);
    let last = *world.progress.borrow().last().unwrap();
    assert!(last.is_kept(), "{last:?}");
    world.bring_whole();
    assert!(world.asked().is_empty());
}

#[test]
fn a_file_that_is_not_there_is_no_reason_to_wait() {
    let world = World::new(&[Mood::Missing]);
    assert_eq!(world.bring(), Err(BackboneError::File("404".into())));
    assert!(world.slept.borrow().is_empty());
}

#[test]
fn another_file_is_never_taken_for_the_right_one() {
    // A server that was given a new file while the page has the old manifest.
    let mut world = World::new(&[]);
    let old = manifest(&world.file);
    world.file = file(1);
    let tell = |_| {};
    let error = block_on(bring(&world, &old, &tell)).unwrap_err();
    assert!(error.to_string().contains("piece 0"), "{error}");
    assert!(world.store.borrow().is_empty());
    // Pieces that are right one by one, of a file that is said to be another one.
    let mut other = manifest(&world.file);
    other.sha256 = "ab".repeat(32);
    assert!(block_on(bring(&world, &other, &tell)).is_err());
    // A range that nobody asked for.
    let world = World::new(&[Mood::Fine, Mood::Elsewhere]);
    world.bring_whole();
    assert_eq!(world.asked()[..3], [0, 1, 1]);
}

#[test]
fn without_room_the_file_is_used_and_not_said_to_be_kept() {
    let world = World::new(&[]);
    world.room.set(250);
    world.bring_whole();
    let last = *world.progress.borrow().last().unwrap();
    // Two long pieces, and the short last one.
    assert_eq!((last.done, last.kept, last.total), (1_007, 207, 1_007));
    assert!(!last.is_kept());
}

#[test]
fn pieces_that_nothing_names_are_dropped() {
    let (old, new) = (manifest(&file(0)), manifest(&file(1)));
    let stored: HashSet<String> = old.pieces.sha256.iter().chain(&new.pieces.sha256).cloned().collect();
    assert_eq!(unnamed(&stored, &[old.clone(), new.clone()]), Vec::<String>::new());
    let dropped: HashSet<String> = unnamed(&stored, std::slice::from_ref(&new)).into_iter().collect();
    assert_eq!(dropped, old.pieces.sha256.iter().cloned().collect());
    // Without the internet the one that is here serves.
    let stored = old.pieces.sha256.iter().cloned().collect();
    assert_eq!(best_kept(vec![new, old.clone()], &stored), Some(old));
    assert_eq!(best_kept(Vec::new(), &stored), None);
}
