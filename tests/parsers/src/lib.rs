//! Every parser of bytes that may come from anywhere: what it is fed, and what must hold.
//!
//! [`Parser::feed`] is what cargo-fuzz calls (`fuzz/target.rs`) and what the smaller run in
//! `tests/mutated.rs` calls. A parser may give anything for its input but a panic, and it may not take
//! more memory than [`allowance`] says.

use peak_alloc::PeakAlloc;

pub mod bombs;
pub mod mutate;
mod parse;
#[path = "../../../xtask/src/pytorch.rs"]
mod pytorch;
mod seeds;

/// Counts what is allocated; a vector that grows counts twice while it moves, as in WebAssembly.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// A parser of the product, entered where the product enters it.
pub struct Parser {
    /// Its name, which is that of cargo-fuzz's target.
    pub name: &'static str,
    /// Files that are right, small ones, and a few that claim too much.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Parses the bytes as the product does, once [`Parser::feed`] has begun to watch.
    parse: fn(&[u8]),
}

/// All of them.
pub const ALL: [Parser; 20] = [
    Parser { name: "npy", seeds: seeds::npy, parse: parse::npy },
    Parser { name: "npz_features", seeds: seeds::npz_features, parse: parse::npz_features },
    Parser { name: "npz_cifar", seeds: seeds::npz_cifar, parse: parse::dataset },
    Parser { name: "npy_pictures", seeds: seeds::npy_pictures, parse: parse::npy_pictures },
    Parser { name: "tar", seeds: seeds::tar, parse: parse::dataset },
    Parser { name: "gzip", seeds: seeds::gzip, parse: parse::dataset },
    Parser { name: "cifar", seeds: seeds::cifar, parse: parse::cifar },
    Parser { name: "pickle", seeds: seeds::pickle, parse: parse::dataset },
    Parser { name: "zip", seeds: seeds::zip, parse: parse::dataset },
    Parser { name: "picture", seeds: seeds::picture, parse: parse::picture },
    Parser { name: "project_file", seeds: seeds::project_file, parse: parse::project_file },
    Parser { name: "project_index", seeds: seeds::project_index, parse: parse::project_index },
    Parser { name: "safetensors", seeds: seeds::safetensors, parse: parse::safetensors },
    Parser { name: "progress", seeds: seeds::progress, parse: parse::progress },
    Parser { name: "messages", seeds: seeds::messages, parse: parse::messages },
    Parser { name: "manifest", seeds: seeds::manifest, parse: parse::manifest },
    Parser { name: "onnx", seeds: seeds::onnx, parse: parse::onnx },
    Parser { name: "hdf5", seeds: seeds::hdf5, parse: parse::hdf5 },
    Parser { name: "tfjs", seeds: seeds::tfjs, parse: parse::tfjs },
    Parser { name: "pytorch", seeds: seeds::pytorch, parse: parse::pytorch },
];

/// Bytes that parsing so many bytes may take at a time, the result included.
pub fn allowance(input: usize) -> usize {
    4 * input + (64 << 20)
}

impl Parser {
    /// The parser of this name.
    ///
    /// # Panics
    /// Where there is none.
    pub fn named(name: &str) -> &'static Self {
        let found = ALL.iter().find(|parser| parser.name == name);
        found.unwrap_or_else(|| panic!("there is no parser `{name}`"))
    }

    /// Lets the parser have `bytes`.
    ///
    /// # Panics
    /// Where the parser does, or takes more memory than it may.
    pub fn feed(&self, bytes: &[u8]) {
        (self.parse)(bytes);
    }
}

/// What `work` gives, and the bytes that it took at a time above those that were taken before.
pub fn peak_of<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let given = work();
    (given, MEMORY.peak_usage().saturating_sub(before))
}

/// Watches the memory while `parse` has `bytes`.
fn watch<T>(bytes: &[u8], parse: impl FnOnce(&[u8]) -> T) {
    watch_within(allowance(bytes.len()), bytes, parse);
}

/// The same where so many bytes are `allowed`.
fn watch_within<T>(allowed: usize, bytes: &[u8], parse: impl FnOnce(&[u8]) -> T) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    drop(parse(bytes));
    let taken = MEMORY.peak_usage() - before;
    assert!(taken <= allowed, "{taken} bytes of memory for {} bytes; {allowed} are allowed", bytes.len());
}
