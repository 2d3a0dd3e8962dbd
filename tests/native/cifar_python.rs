//! CIFAR-10 as Python and Keras have it, against the binary layout of the same images.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use bottleneck::dataset::{Dataset, DatasetError, Files, InMemory, So, Source, read_files};
use bottleneck::random::Random;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use futures::executor::block_on;
use tempfile::{TempDir, tempdir};

use crate::python;

fn made() -> TempDir {
    let folder = tempdir().unwrap();
    python::run(include_str!("../fixtures/make_cifar.py"), folder.path(), &[]);
    folder
}

fn read(name: &str, bytes: &[u8]) -> Result<Dataset, DatasetError> {
    read_told(name, bytes).map(|(dataset, _)| dataset)
}

/// The dataset, and how far the reading was when that was told last.
fn read_told(name: &str, bytes: &[u8]) -> Result<(Dataset, So), DatasetError> {
    let mut around = InMemory::default();
    let (dataset, _) = block_on(read_files(Files::in_memory(&[(name, bytes)]), &mut around))?;
    Ok((dataset, around.so_far))
}

/// The words that a file is refused with.
fn refused(name: &str, bytes: &[u8]) -> String {
    // A dataset is too long to be printed.
    read(name, bytes).map(|dataset| dataset.train.len()).unwrap_err().to_string()
}

fn read_file(folder: &Path, name: &str) -> Result<Dataset, DatasetError> {
    read(name, &fs::read(folder.join(name)).unwrap())
}

#[test]
fn every_layout_gives_the_same_images() {
    let folder = made();
    let binary = read_file(folder.path(), "binary.tar.gz").unwrap();
    assert_eq!((binary.train.len(), binary.test.len(), binary.source), (24, 10, Source::Cifar10));
    let mut names = vec!["cifar-10-python.tar.gz".to_owned()];
    for protocol in 2..=5 {
        names.extend(["text", "bytes"].map(|keys| format!("python3_{keys}_{protocol}.tar.gz")));
    }
    for packing in ["stored", "packed"] {
        for kind in ["uint8", "int32", "int64"] {
            names.extend(["column", "row"].map(|shape| format!("{packing}_{kind}_{shape}.npz")));
        }
    }
    for name in names {
        let bytes = fs::read(folder.path().join(&name)).unwrap();
        let (dataset, told) = read_told("whatever it is called", &bytes).unwrap();
        assert!(dataset == binary, "{name} gives other images");
        let told = told.bytes as usize;
        assert!((bytes.len() / 2..=bytes.len()).contains(&told), "{name}: {told} of {}", bytes.len());
    }
    let alone = read_file(folder.path(), "data_batch_1").unwrap();
    assert_eq!([&alone.train[..], &alone.test].concat(), binary.train[..13]);
    let train = read_file(folder.path(), "only_train.npz").unwrap();
    assert_eq!((&train.train[..], &train.test[..]), (&binary.train[..20], &binary.train[20..]));
}

#[test]
fn arrays_of_something_else_are_refused_in_words() {
    let folder = made();
    let words = |name: &str| refused(name, &fs::read(folder.path().join(name)).unwrap());
    assert!(words("fewer.npz").ends_with("x_train (24 × 32 × 32 × 3, uint8), y_train (23, int64)"));
    assert!(words("no_labels.npz").ends_with("x_train (24 × 32 × 32 × 3, uint8)"));
    assert!(words("features.npz").ends_with("atributos (3 × 3 × 3 × 8, float32)"));
    let plain = read_file(folder.path(), "only_train.npz").unwrap();
    let images = |dataset: &Dataset| -> Vec<_> {
        dataset.train.iter().chain(&dataset.test).map(|sample| sample.hash).collect()
    };
    for name in ["floats.npz", "planes.npz", "one_hot.npz"] {
        assert!(read_file(folder.path(), name).unwrap() == plain, "{name} gives other images");
    }
    for (name, first) in [("negative.npz", "-9"), ("hundred.npz", "91")] {
        let dataset = read_file(folder.path(), name).unwrap();
        assert_eq!((dataset.source, dataset.classes[0].as_str()), (Source::Arrays, first));
        assert_eq!(images(&dataset), images(&plain), "{name}");
    }
}

#[test]
fn broken_files_never_panic_and_cut_ones_are_never_taken() {
    let folder = made();
    let mut random = Random::new(1);
    for name in ["packed_uint8_row.npz", "stored_int64_column.npz", "cifar-10-python.tar.gz"] {
        let bytes = fs::read(folder.path().join(name)).unwrap();
        for length in (0..bytes.len() - 8).step_by(1_009) {
            assert!(read(name, &bytes[..length]).is_err(), "{name} cut after {length} bytes");
        }
        for _ in 0..300 {
            let mut broken = bytes.clone();
            let at = random.below(broken.len() as u32) as usize;
            broken[at] ^= 1 << random.below(8);
            drop(read(name, &broken));
        }
    }
    // Without the checksums around it.
    let pickle = fs::read(folder.path().join("data_batch_1")).unwrap();
    let whole = read("data_batch_1", &pickle).unwrap();
    for length in 0..2_000.min(pickle.len()) {
        assert!(read("data_batch_1", &pickle[..length]).is_err(), "cut after {length} bytes");
    }
    for _ in 0..20_000 {
        let mut broken = pickle.clone();
        // The end and the beginning are the program, between them are the pixels.
        let at = random.below(1_200) as usize;
        let at = if at < 600 { at } else { broken.len() - 1_200 + at };
        broken[at] = random.bits() as u8;
        if let Ok(dataset) = read("data_batch_1", &broken) {
            assert!(dataset.train.len() <= whole.train.len() + whole.test.len());
        }
    }
}

/// The words that a pickle is refused with that does `program`.
fn words(program: &[u8]) -> String {
    refused("data_batch_1", &[b"\x80\x04", program, b"."].concat())
}

#[test]
fn hostile_pickles_run_nothing_and_fill_nothing() {
    for call in [
        b"cos\nsystem\nX\x04\x00\x00\x00true\x85R".as_slice(),
        b"cbuiltins\neval\nX\x01\x00\x00\x001\x85R",
        b"\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R",
        b"cnumpy\nload\nX\x01\x00\x00\x00x\x85R",
        b"c_codecs\nencode\nX\x01\x00\x00\x00xX\x03\x00\x00\x00rot\x86R",
    ] {
        assert!(words(call).contains("nothing here is run"), "{}", words(call));
    }
    // Objects of other classes, the instance opcodes, extensions, persistent numbers, copies.
    for code in [b'i', b'o', 0x81, 0x92, 0x82, b'P', b'Q', b'2', b'\xff'] {
        assert!(words(&[b'(', b'N', code]).contains(&format!("opcode {code:#04x}")));
    }
    // Lengths that are not there.
    for code in
        [b"B\xff\xff\xff\xff".as_slice(), b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f", b"X\xff\xff\xff\xff"]
    {
        assert!(words(code).contains("unexpected end of file"), "{}", words(code));
    }
    // Values within values, more values than any batch has, and the same list again and again.
    assert!(words(&b"]".repeat(100)[..]).contains("no batch"));
    assert!(words(&[&b"N"[..], &b"\x85".repeat(100_000)].concat()).contains("nested too deeply"));
    assert!(
        words(&[&b"(".repeat(100_000)[..], &b"t".repeat(100_000)].concat()).contains("nested too deeply")
    );
    assert!(words(&[&b"]".repeat(100_000)[..], &b"a".repeat(99_999)].concat()).contains("nested too deeply"));
    assert!(words(&b"N".repeat(1_000_001)).contains("too many values"));
    assert!(words(&b"(".repeat(1_000_001)).contains("too many values"));
    let doubling = [&b"]q\x00"[..], &b"h\x00h\x00\x86q\x00".repeat(5_000)].concat();
    assert!(words(&doubling).contains("nested too deeply"));
    for broken in ["0", "a", "s", "t", "e", "u", "b", "R", "h\x07", "q\x00", "(a", "]Ka", "}(Nu", "N(t0b"] {
        assert!(!words(broken.as_bytes()).is_empty(), "{broken}");
    }
}

#[test]
fn batches_that_do_not_fit_themselves_are_refused() {
    let folder = made();
    let pickle = fs::read(folder.path().join("data_batch_1")).unwrap();
    let changed = |from: &[u8], to: &[u8]| {
        let at = pickle.windows(from.len()).position(|window| window == from).unwrap();
        let bytes = [&pickle[..at], to, &pickle[at + from.len()..]].concat();
        refused("data_batch_1", &bytes)
    };
    assert!(changed(b"U\x06labels", b"U\x06lapels").contains("no batch of CIFAR-10"));
    assert!(changed(b"U\x04data", b"U\x04dada").contains("no batch of CIFAR-10"));
    assert!(changed(b"U\x02u1", b"U\x02f4").contains("f4 for 13 labels"));
    assert!(changed(b"K\rM\x00\x0c", b"K\x0cM\x00\x0c").contains("pixels of [12, 3072]"));
    assert!(changed(b"(K\x01K\r", b"(K\r").contains("another form"));
    assert!(changed(b"tb\x89T", b"tb\x88T").contains("another form"));
    // An archive whose second batch is cut short inside the tar file.
    let mut tar = Vec::new();
    let packed = fs::read(folder.path().join("cifar-10-python.tar.gz")).unwrap();
    GzDecoder::new(packed.as_slice()).read_to_end(&mut tar).unwrap();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&tar[..tar.len() / 2]).unwrap();
    assert!(refused("a.tar.gz", &encoder.finish().unwrap()).contains("cannot be read"));
}
