//! Zips, tar files, zips in zips, loose files: what stands in them, and what is said of those that cannot be read.

use std::io::{self, Cursor, Write};

use bottleneck::dataset::containers::names::{CodePage, composed};
use bottleneck::dataset::containers::{ContainerError, Containers, Content, Fault, Foreign, Listing, Place};
use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

type File = Cursor<Vec<u8>>;

pub fn containers(files: &[(&str, Vec<u8>)]) -> Containers<'static, File> {
    let (names, bytes): (Vec<String>, Vec<_>) =
        files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).unzip();
    Containers::new(names, Box::new(move |file| Ok(Cursor::new(bytes[file].clone()))))
}

/// All entries that are files, with what is in them.
fn contents(files: &[(&str, Vec<u8>)]) -> Result<Vec<(String, Place, Content)>, ContainerError> {
    let mut containers = containers(files);
    let mut found = Vec::new();
    while let Some(listed) = containers.next_entry()? {
        match listed.kind {
            Listing::File => {
                let content = containers.read(listed.place, &|head| !head.starts_with(b"no"))?;
                found.push((listed.path, listed.place, content));
            }
            Listing::Folder => {}
            Listing::Archive => found.push((listed.path, listed.place, Content::Other(b"archive".to_vec()))),
        }
    }
    assert!(containers.next_entry()?.is_none(), "it stays at its end");
    // Any of them once more, from the last to the first.
    for (path, place, content) in
        found.iter().rev().filter(|(.., content)| matches!(content, Content::Whole(_)))
    {
        assert_eq!(containers.read(*place, &|_| true)?, *content, "{path}");
    }
    Ok(found)
}

fn whole(files: &[(&str, Vec<u8>)]) -> Vec<(String, String)> {
    let text = |content| match content {
        Content::Whole(bytes) => String::from_utf8_lossy(&bytes[..bytes.len().min(20)]).into_owned(),
        other => format!("{other:?}"),
    };
    contents(files).unwrap().into_iter().map(|(path, _, content)| (path, text(content))).collect()
}

fn error(files: &[(&str, Vec<u8>)]) -> ContainerError {
    contents(files).unwrap_err()
}

pub fn zipped(files: &[(&str, &[u8])], packing: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(packing);
    for (name, bytes) in files {
        match name.ends_with('/') {
            true => zip.add_directory(*name, options).unwrap(),
            false => {
                zip.start_file(*name, options).unwrap();
                zip.write_all(bytes).unwrap();
            }
        }
    }
    zip.finish().unwrap().into_inner()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    zipped(files, CompressionMethod::Deflated)
}

pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// Changes the two bytes at these places of every local and every central header of a zip.
fn patched(mut zip: Vec<u8>, [local, central]: [usize; 2], change: impl Fn(u16) -> u16) -> Vec<u8> {
    for at in 0..zip.len() - 4 {
        let place = match &zip[at..at + 4] {
            b"PK\x03\x04" => at + local,
            b"PK\x01\x02" => at + central,
            _ => continue,
        };
        let value = change(u16::from_le_bytes([zip[place], zip[place + 1]])).to_le_bytes();
        zip[place..place + 2].copy_from_slice(&value);
    }
    zip
}

/// Places of a zip's flags and packings (PKWARE's APPNOTE, 4.3.7 and 4.3.12).
const FLAGS: [usize; 2] = [6, 8];
const PACKING: [usize; 2] = [8, 10];

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    for at in 0..=bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
    bytes
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn everything_dropped_together_is_read_one_after_the_other() {
    let files = [
        ("one.zip", zip(&[("discs/", b""), ("discs/1.jpg", b"one"), ("discs/2.txt", b"no picture")])),
        ("two.zip", zip(&[("bars\\1.jpg", b"two")])),
        ("three.tgz", gzip(&tar(&[("stars/1.jpg", b"three"), ("stars/2.jpg", b"four")]))),
        ("four.tar", tar(&[(&format!("{}/1.jpg", "long".repeat(60)), b"five")])),
        ("photos/loose/1.jpg", b"six".to_vec()),
        ("photos/empty.jpg", Vec::new()),
    ];
    let long = format!("{}/1.jpg", "long".repeat(60));
    let expected = pairs(&[
        ("discs/1.jpg", "one"),
        ("discs/2.txt", &format!("{:?}", Content::Other(b"no picture".to_vec()))),
        ("bars/1.jpg", "two"),
        ("stars/1.jpg", "three"),
        ("stars/2.jpg", "four"),
        (&long, "five"),
        ("photos/loose/1.jpg", "six"),
        ("photos/empty.jpg", ""),
    ]);
    assert_eq!(whole(&files), expected);
}

#[test]
fn a_zip_in_a_zip_is_read_and_one_deeper_is_told() {
    let cats = zip(&[("1.jpg", b"cat")]);
    let deep = zip(&[("dogs/1.jpg", b"dog"), ("dogs/deep.zip", &cats)]);
    let broken = &deep[..deep.len() - 30];
    let all = zip(&[
        ("set/cats.zip", &cats),
        ("set/more.zip", &deep),
        ("set/x.zip", broken),
        ("end/1.jpg", b"end"),
    ]);
    let archive = format!("{:?}", Content::Other(b"archive".to_vec()));
    assert_eq!(
        whole(&[("all.zip", all)]),
        pairs(&[
            ("set/cats/1.jpg", "cat"),
            ("dogs/1.jpg", "dog"),
            ("dogs/deep.zip", &archive),
            ("set/x.zip", &archive),
            ("end/1.jpg", "end"),
        ])
    );
}

#[test]
fn deflate64_is_read() {
    // Without repetitions of 258 bytes both ways of packing write the same.
    let text = "a text with a few, a few repetitions".repeat(2);
    let zip = patched(zip(&[("a/1.txt", text.as_bytes())]), PACKING, |_| 9);
    assert_eq!(contents(&[("a.zip", zip)]).unwrap()[0].2, Content::Whole(text.into_bytes()));
}

#[test]
fn names_are_read_in_the_code_page_that_has_letters() {
    let zip = zip(&[("#rboles/1.jpg", b"1"), ("%ndices/1.jpg", b"2"), ("pi&as/1.jpg", b"3")]);
    let zip = replaced(&zip, b"#rboles", b"\xb5rboles");
    let zip = replaced(&replaced(&zip, b"%ndices", b"\xd6ndices"), b"pi&as", b"pi\xa4as");
    let paths: Vec<String> = whole(&[("a.zip", zip)]).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["Árboles/1.jpg", "Índices/1.jpg", "piñas/1.jpg"]);
    // Box-drawing was drawn, too, and Greek is none of the two's.
    assert_eq!(CodePage::of([b"\x82t\x82".as_slice()].into_iter()), CodePage::Cp437);
    assert_eq!(CodePage::Cp437.text(b"\x82t\x82"), "été");
    assert_eq!(composed("pin\u{303}as"), "piñas");
}

#[test]
fn one_bad_entry_costs_no_other() {
    let stored = zipped(
        &[("a/1.jpg", b"first"), ("a/2.jpg", b"second"), ("a/3.jpg", b"third")],
        CompressionMethod::Stored,
    );
    let damaged = whole(&[("a.zip", replaced(&stored, b"second", b"seldom"))]);
    let fault = |fault| format!("{:?}", Content::Faulty(fault));
    let expected = [("a/1.jpg", "first"), ("a/2.jpg", &fault(Fault::Damaged)), ("a/3.jpg", "third")];
    assert_eq!(damaged, pairs(&expected));

    let locked = patched(zip(&[("a/1.jpg", b"secret")]), FLAGS, |flags| flags | 1);
    assert_eq!(whole(&[("a.zip", locked)]), pairs(&[("a/1.jpg", &fault(Fault::Password))]));
    let strange = patched(zip(&[("a/1.jpg", b"strange")]), PACKING, |_| 14);
    assert_eq!(whole(&[("a.zip", strange)]), pairs(&[("a/1.jpg", &fault(Fault::Packing))]));
    let bomb = zip(&[("a/1.jpg", &vec![0; 14 << 20])]);
    assert_eq!(whole(&[("a.zip", bomb)]), pairs(&[("a/1.jpg", &fault(Fault::TooLong))]));
}

#[test]
fn what_is_no_archive_is_called_by_its_name() {
    let files: Vec<u8> = (0..200_u32).flat_map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let whole_zip = zip(&[("a/1.jpg", &files), ("b/1.jpg", &files)]);
    let whole_tgz = gzip(&tar(&[("a/1.jpg", &files)]));
    for cut in [
        &whole_zip[..whole_zip.len() - 30],
        &whole_zip[..500],
        &whole_tgz[..whole_tgz.len() - 9],
        &whole_tgz[..90],
    ] {
        assert!(matches!(error(&[("a.zip", cut.to_vec())]), ContainerError::Cut), "{}", cut.len());
    }
    let plain = tar(&[("a/1.jpg", &files)]);
    assert!(matches!(error(&[("a.tar", plain[..700].to_vec())]), ContainerError::Cut));
    let mut wrong = plain;
    wrong[1024 + 512..][..9].copy_from_slice(b"no header");
    assert!(matches!(error(&[("a.tar", wrong)]), ContainerError::Damaged(_)));
    for (bytes, expected) in [
        (b"Rar!\x1a\x07\x01\0".as_slice(), Foreign::Rar),
        (b"7z\xbc\xaf\x27\x1c\0\x04", Foreign::SevenZip),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", Foreign::WebPage),
        (b"%PDF-1.7", Foreign::Pdf),
        (b"BZh91AY", Foreign::Packed("bzip2")),
    ] {
        let error = error(&[("images.zip", bytes.to_vec())]);
        assert!(matches!(error, ContainerError::Foreign(found) if found == expected), "{error:?}");
    }
    assert!(matches!(error(&[("images.zip", Vec::new())]), ContainerError::Empty));
    assert!(matches!(error(&[("images.zip", b"who knows".to_vec())]), ContainerError::Unknown));
    assert!(matches!(error(&[("labels.csv.gz", gzip(b"a,b"))]), ContainerError::Unknown));
    // Where nothing says that it is an archive, it is just no picture.
    assert_eq!(whole(&[("page", b"<html>".to_vec())]).len(), 1);
}

#[test]
fn a_loose_file_that_is_gone_costs_no_other() {
    let names = ["a/1.jpg", "a/2.jpg"].map(str::to_owned).to_vec();
    let open = |file| match file {
        0 => Err(io::Error::other("gone")),
        _ => Ok(Cursor::new(b"here".to_vec())),
    };
    let mut containers = Containers::new(names, Box::new(open));
    let first = containers.next_entry().unwrap().unwrap();
    assert_eq!(containers.read(first.place, &|_| true).unwrap(), Content::Faulty(Fault::Unreadable));
    let second = containers.next_entry().unwrap().unwrap();
    assert_eq!(containers.read(second.place, &|_| true).unwrap(), Content::Whole(b"here".to_vec()));
    assert_eq!(containers.done(), 4);
}
