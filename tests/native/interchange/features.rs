//! Features as `.npz` files, written for NumPy and read from it.

use std::fs::{self, File};
use std::io::{Cursor, Seek, SeekFrom, Write};

use bottleneck::backbone::{FeatureShape, NOTEBOOK};
use bottleneck::interchange::InterchangeError;
use bottleneck::interchange::features::{FeatureFile, FeatureWriter, Part};
use bottleneck::npy::{Header, header};
use bottleneck::random::Random;
use half::f16;
use tempfile::tempdir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::python;

const SHAPE: FeatureShape = FeatureShape { height: 2, width: 3, channels: 5 };
/// InceptionV3's.
const SHAPE_OF_ALL: FeatureShape = FeatureShape { height: 3, width: 3, channels: 2048 };

/// Finite float16 values of all magnitudes, every sign and exponent among them.
fn values(images: usize, shape: FeatureShape) -> Vec<f16> {
    let mut random = Random::new(1);
    let any = |_| loop {
        let value = f16::from_bits(random.bits() as u16);
        if value.is_finite() {
            break value;
        }
    };
    (0..images * shape.len()).map(any).collect()
}

fn written(part: Part, shape: FeatureShape, features: &[f16], block: usize) -> Vec<u8> {
    let images = features.len() / shape.len();
    let mut writer = FeatureWriter::new(part, images as u64, shape).unwrap();
    let mut bytes = Vec::new();
    for block in features.chunks(block * shape.len()) {
        let piece = writer.push(block).unwrap();
        assert!(piece.len() <= block.len() * 4 + 512, "more than a block");
        bytes.extend(piece);
    }
    bytes.extend(writer.finish().unwrap());
    bytes
}

fn read(bytes: &[u8], array: &str, block: usize) -> Result<Vec<f16>, InterchangeError> {
    let mut file = FeatureFile::open(Cursor::new(bytes))?;
    let mut reader = file.features(array, SHAPE)?;
    let mut features = Vec::new();
    loop {
        let next = reader.next_block(block)?;
        if next.is_empty() {
            return Ok(features);
        }
        assert!(next.len() <= block * SHAPE.len());
        features.extend(next);
    }
}

#[test]
fn numpy_reads_what_is_written_bit_for_bit() {
    let folder = tempdir().unwrap();
    let features = values(7, SHAPE);
    let narrow: Vec<u8> = features.iter().flat_map(|value| value.to_le_bytes()).collect();
    fs::write(folder.path().join("expected.f16"), narrow).unwrap();
    for part in [Part::Train, Part::Test] {
        fs::write(folder.path().join(part.file_name(NOTEBOOK)), written(part, SHAPE, &features, 3)).unwrap();
    }
    let program = r#"
import numpy as np
expected = np.fromfile("expected.f16", "<f2").reshape(7, 2, 3, 5).astype(np.float32)
# As in the notebook.
atributos = np.load(open("inception_atributos_entrenamiento.npz", "rb"))["atributos"]
prueba = np.load(open("inception_atributos_prueba.npz", "rb"))["atributos_prueba"]
for array in [atributos, prueba]:
    assert array.dtype == np.dtype("<f4") and array.shape == (7, 2, 3, 5) and array.flags.c_contiguous
    assert np.array_equal(array.view(np.uint32), expected.view(np.uint32))
print(np.load("inception_atributos_prueba.npz").files)
"#;
    assert_eq!(python::run(program, folder.path(), &[]).trim(), "['atributos_prueba']");
}

#[test]
fn what_numpy_writes_comes_back() {
    let folder = tempdir().unwrap();
    let features = values(7, SHAPE);
    let narrow: Vec<u8> = features.iter().flat_map(|value| value.to_le_bytes()).collect();
    fs::write(folder.path().join("values.f16"), narrow).unwrap();
    let program = r#"
import numpy as np
half = np.fromfile("values.f16", "<f2").reshape(7, 2, 3, 5)
for name in ["<f2", "<f4", "<f8"]:
    np.savez(open(f"stored_{name[1:]}.npz", "wb"), atributos=half.astype(name), other=np.arange(3))
    np.savez_compressed(f"packed_{name[1:]}.npz", atributos=half.astype(name))
wide = np.full((1, 2, 3, 5), 1 / 3)
np.savez("round.npz", atributos=wide)
bad = {"nan": np.nan, "infinite": np.inf, "large": 65520.0, "large4": np.float32(65520.0), "nan2": np.float16(np.nan)}
for name, value in bad.items():
    array = np.zeros((3, 2, 3, 5), np.asarray(value).dtype)
    array[1, 1, 2, 4] = value
    np.savez(f"{name}.npz", atributos=array)
np.savez("fortran.npz", atributos=np.asfortranarray(half))
np.savez("big.npz", atributos=half.astype(">f4"))
np.savez("flat.npz", atributos=half.reshape(7, 30))
np.savez("integers.npz", atributos=np.zeros((7, 2, 3, 5), np.int64))
np.savez("objects.npz", atributos=np.array([{}, 1], object))
np.savez("records.npz", atributos=np.zeros(7, [("a", "<f4", (2, 3)), ("b", "<i8")]))
np.savez("empty.npz", atributos=half[:0])
"#;
    python::run(program, folder.path(), &[]);
    let file = |name: &str| fs::read(folder.path().join(name)).unwrap();
    for packing in ["stored", "packed"] {
        for kind in ["f2", "f4", "f8"] {
            let bytes = file(&format!("{packing}_{kind}.npz"));
            for block in [1, 3, 100] {
                let found = read(&bytes, "atributos", block).unwrap();
                let equal = found.iter().zip(&features).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(equal && found.len() == features.len(), "{packing} {kind} by {block}");
            }
        }
    }
    assert_eq!(read(&file("round.npz"), "atributos", 1).unwrap(), vec![f16::from_f64(1.0 / 3.0); 30]);
    assert_eq!(read(&file("empty.npz"), "atributos", 1).unwrap(), []);
    for name in ["nan", "infinite", "large", "large4", "nan2"] {
        let found = read(&file(&format!("{name}.npz")), "atributos", 2);
        assert!(matches!(found, Err(InterchangeError::Value { image: 1, .. })), "{name}: {found:?}");
    }
    let words = |name: &str, array: &str| read(&file(name), array, 2).unwrap_err().to_string();
    assert_eq!(
        words("fortran.npz", "atributos"),
        "the array `atributos` cannot be used: it is in Fortran order; numpy.ascontiguousarray makes it readable"
    );
    assert_eq!(
        words("big.npz", "atributos"),
        "the array `atributos` is of type >f4; features are <f2, <f4 or <f8"
    );
    assert_eq!(
        words("flat.npz", "atributos"),
        "the array `atributos` is of shape [7, 30]; features here are N x 2 x 3 x 5"
    );
    assert!(words("integers.npz", "atributos").contains("<i8"));
    assert!(words("objects.npz", "atributos").contains("shape [2]"));
    assert!(words("records.npz", "atributos").contains("no plain array"));
    assert_eq!(
        words("stored_f4.npz", "atributos_prueba"),
        "there is no array `atributos_prueba` in the file, but [\"atributos\", \"other\"]"
    );
}

#[test]
fn a_file_above_four_gigabytes_is_whole() {
    // All of CIFAR-10 on InceptionV3's features. They are zeros, which a file system does not store.
    let (shape, images, block) = (SHAPE_OF_ALL, 60_000, 500);
    let folder = tempdir().unwrap();
    let mut file = File::create(folder.path().join("large.npz")).unwrap();
    let mut writer = FeatureWriter::new(Part::Train, images, shape).unwrap();
    let zeros = vec![f16::ZERO; block * shape.len()];
    let mut length = 0_u64;
    let mut add = |piece: &[u8]| {
        length += piece.len() as u64;
        match piece.len() == zeros.len() * 4 {
            true => drop(file.seek(SeekFrom::Current(piece.len() as i64)).unwrap()),
            false => file.write_all(piece).unwrap(),
        }
    };
    add(&writer.push(&[]).unwrap());
    for _ in 0..images / block as u64 {
        add(&writer.push(&zeros).unwrap());
    }
    add(&writer.finish().unwrap());
    assert!((4_423_680_000..4_423_681_000).contains(&length), "{length} bytes");
    let program = r#"
import zipfile
import numpy as np
archive = zipfile.ZipFile("large.npz")
entry, = archive.infolist()
assert entry.filename == "atributos.npy" and entry.compress_type == zipfile.ZIP_STORED
with archive.open(entry) as file:
    assert np.lib.format.read_magic(file) == (1, 0)
    print(np.lib.format.read_array_header_1_0(file), file.tell(), entry.file_size)
"#;
    let shape = "((60000, 3, 3, 2048), False, dtype('float32')) 128 4423680128";
    assert_eq!(python::run(program, folder.path(), &[]).trim(), shape);
    let mut file = FeatureFile::open(File::open(folder.path().join("large.npz")).unwrap()).unwrap();
    let mut reader = file.features("atributos", SHAPE_OF_ALL).unwrap();
    assert_eq!(reader.images(), images);
    assert_eq!(reader.next_block(2).unwrap(), zeros[..2 * SHAPE_OF_ALL.len()]);
}

#[test]
fn more_or_fewer_features_than_said_are_refused() {
    let features = values(3, SHAPE);
    let mut writer = FeatureWriter::new(Part::Train, 2, SHAPE).unwrap();
    writer.push(&features[..SHAPE.len()]).unwrap();
    let found = writer.push(&features[SHAPE.len()..]);
    assert!(matches!(found, Err(InterchangeError::Length { found: 90, expected: 60 })), "{found:?}");
    let mut writer = FeatureWriter::new(Part::Train, 4, SHAPE).unwrap();
    writer.push(&features).unwrap();
    let found = writer.finish();
    assert!(matches!(found, Err(InterchangeError::Length { found: 90, expected: 120 })), "{found:?}");
    assert!(FeatureWriter::new(Part::Train, u64::MAX, SHAPE).is_err());
}

/// An `.npz` with one array of these bytes.
fn npz(npy: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file("atributos.npy", options).unwrap();
    zip.write_all(npy).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn hostile_headers_are_refused() {
    let refused = |version: &[u8], length: &[u8], text: &str| {
        let bytes = [b"\x93NUMPY", version, length, text.as_bytes()].concat();
        let found = read(&npz(&bytes), "atributos", 1_000);
        assert!(found.is_err(), "{text:.80}: {found:?}");
        found.unwrap_err().to_string()
    };
    let plain = |shape: &str| format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
    let short = |text: &str| refused(&[1, 0], &(text.len() as u16).to_le_bytes(), text);
    assert!(refused(&[2, 0], &u32::MAX.to_le_bytes(), "{}").contains("4294967295 bytes"));
    assert!(refused(&[3, 0], &10_001_u32.to_le_bytes(), &plain("()")).contains("10001 bytes"));
    assert!(refused(&[9, 9], &[2, 0], "{}").contains("version 9.9"));
    // Sides whose product leaves 64 bits, or is no number at all; a file that ends before it said.
    assert!(short(&plain("(4294967296, 4294967296, 4294967296)")).contains("shape"));
    assert!(short(&plain("(-1, 2, 3, 5)")).contains("no length"));
    assert!(short(&plain("(1e3, 2, 3, 5)")).contains("no length"));
    assert!(short(&plain(&format!("({}, 2, 3, 5)", "9".repeat(5_000)))).contains("no length"));
    assert!(short(&plain("(600000000000000000, 2, 3, 5)")).contains("to its end"));
    assert!(short(&plain("'(1, 2, 3, 5)'")).contains("no tuple"));
    // What a parser follows as deep as it is told to.
    for text in ["(".repeat(9_000), "[".repeat(9_000), "{".repeat(9_000), "-".repeat(9_000)] {
        short(&text);
    }
    short("__import__('os')");
    short("{'descr': '<f4', 'fortran_order': False}");
    short("");
}

#[test]
fn headers_of_any_pieces_never_panic() {
    const PIECES: [&str; 32] = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "'",
        "\"",
        ",",
        ":",
        " ",
        "\n",
        "'descr'",
        "'fortran_order'",
        "'shape'",
        "'<f4'",
        "True",
        "False",
        "None",
        "(1, 2, 3, 5)",
        "1",
        "-",
        "+",
        "0x",
        "1e999",
        "1j",
        "_",
        "\\x",
        "\\777",
        "\\N{a}",
        "b'\\777'",
        "99999999999999999999999999999999",
    ];
    let plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3, 5), }";
    let mut random = Random::new(2);
    let mut some = |text: &mut String| {
        for _ in 0..random.below(12) {
            let at = random.below(text.len() as u32 + 1) as usize;
            text.insert_str(at, PIECES[random.below(PIECES.len() as u32) as usize]);
        }
    };
    let mut read = 0;
    for round in 0..20_000 {
        let mut text = if round % 2 == 0 { plain.to_owned() } else { String::new() };
        some(&mut text);
        let bytes = [b"\x93NUMPY\x01\x00", &(text.len() as u16).to_le_bytes()[..], text.as_bytes()].concat();
        read += usize::from(Header::read(&mut bytes.as_slice()).is_ok());
    }
    // Where only spaces were put in, it is what it was.
    assert!((500..10_000).contains(&read), "{read} were headers");
    assert_eq!(Header::read(&mut header("<f4", &[7]).as_slice()).unwrap().shape, [7]);
}

#[test]
fn broken_files_never_panic_and_damaged_values_are_found() {
    let features = values(4, SHAPE);
    let bytes = written(Part::Train, SHAPE, &features, 2);
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length], "atributos", 2).is_err(), "cut after {length} bytes");
    }
    let mut random = Random::new(3);
    for _ in 0..5_000 {
        let mut broken = bytes.clone();
        let at = random.below(broken.len() as u32) as usize;
        broken[at] ^= 1 << random.below(8);
        if let Ok(found) = read(&broken, "atributos", 2) {
            let equal = found.iter().zip(&features).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(equal || at < 200, "the byte {at} of a value is another");
        }
    }
}
