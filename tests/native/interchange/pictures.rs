//! The Python programs read pictures as the page does: the same files, as the same pixels.

use std::fs;

use bottleneck::pixels::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, Rgb, Rgba, RgbaImage};
use tempfile::tempdir;

use crate::pictures::{animations, drawn, encoded, halves, jpeg, plain};
use crate::python;

const SCRIPT: &str = include_str!("../../../scripts/classify_folder.py");

/// Keeps every file of the folder as `NAME.kept`: height, width and values; or `NAME.error`.
const KEEP: &str = r#"
import os
for name in sorted(os.listdir("files")):
    try:
        kept = np.asarray(picture(os.path.join("files", name)))
        with open(name + ".kept", "wb") as file:
            file.write(np.array(kept.shape[:2], "<u4").tobytes() + kept.tobytes())
    except Exception as error:
        with open(name + ".error", "w") as file:
            file.write(str(error))
"#;

/// Files and by how much their values may differ, at the most and in the mean.
fn files() -> Vec<(String, Vec<u8>, u8, f64)> {
    let large = drawn(1_500, 801, 3);
    let mut files = Vec::new();
    let mut exact = |name: &str, bytes: Vec<u8>| files.push((name.to_owned(), bytes, 0, 0.0));
    let clear = RgbaImage::from_fn(500, 420, |x, y| Rgba([x as u8, y as u8, 80, (x * y % 256) as u8]));
    for (format, name) in [(ImageFormat::Png, "png"), (ImageFormat::WebP, "webp"), (ImageFormat::Bmp, "bmp")]
    {
        exact(&format!("large.{name}"), encoded(large.clone(), format));
        exact(&format!("clear.{name}"), encoded(clear.clone(), format));
        let small = encoded(drawn(40, 31, 2), format);
        exact(&format!("cut.{name}"), small[..small.len() * 2 / 3].to_vec());
        exact(&format!("small.{name}"), small);
    }
    let unseen = RgbaImage::from_fn(60, 50, |x, y| Rgba([x as u8, y as u8, 80, 0]));
    exact("unseen.bmp", encoded(unseen, ImageFormat::Bmp));
    let deep = ImageBuffer::<Luma<u16>, _>::from_fn(400, 330, |x, y| Luma([(x * 150 + y * 31) as u16]));
    exact("deep.png", encoded(DynamicImage::ImageLuma16(deep), ImageFormat::Png));
    let deep =
        ImageBuffer::<Rgb<u16>, _>::from_fn(40, 33, |x, y| Rgb([(x * 1_500) as u16, (y * 901) as u16, 7]));
    exact("deep colours.png", encoded(DynamicImage::ImageRgb16(deep), ImageFormat::Png));
    let frames = [plain(400, 380, [0; 4]), halves(400, 380, [200, 0, 0]), halves(400, 380, [0, 0, 200])];
    for (bytes, name) in animations(&frames).into_iter().zip(["gif", "png", "webp"]) {
        exact(&format!("frames.{name}"), bytes.clone());
        exact(&format!("cut frames.{name}"), bytes[..60].to_vec());
        exact(&format!("cut late frames.{name}"), bytes[..bytes.len() * 4 / 5].to_vec());
    }
    exact("text.png", b"no picture".to_vec());

    let mut jpeg = |name: &str, bytes: Vec<u8>, most: u8, mean: f64| {
        files.push((name.to_owned(), bytes, most, mean));
    };
    // One grey for each block: all decoders agree, but for a rounding.
    let grey = |x: u32, y: u32| (x * 7 + y * 3) as u8;
    jpeg("rare.jpg", jpeg::greys(96, 96, [(3, 1), (1, 1), (1, 1)], grey), 0, 0.0);
    jpeg(
        "huge.jpg",
        jpeg::greys(9_000, 6_000, [(2, 2), (1, 1), (1, 1)], |x, y| (x / 9 + y / 5) as u8),
        1,
        1.0,
    );
    let whole = {
        let mut bytes = Vec::new();
        let smooth = image::RgbImage::from_fn(3_000, 1_400, |x, y| Rgb([(x / 12) as u8, (y / 6) as u8, 90]));
        JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&smooth).unwrap();
        bytes
    };
    jpeg("cut.jpg", whole[..whole.len() / 2].to_vec(), 0, 0.0);
    jpeg("without its end.jpg", whole[..whole.len() - 2].to_vec(), 0, 0.0);
    jpeg("photo.jpg", whole, 8, 1.0);
    for kind in [3_u8, 4] {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        let exif =
            [b"II*\0\x08\0\0\0\x01\0\x12\x01", &[kind, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0][..]].concat();
        image::ImageEncoder::set_exif_metadata(&mut encoder, exif).unwrap();
        let image = image::RgbImage::from_fn(800, 401, |x, y| Rgb([(x / 4) as u8, (y / 2) as u8, 90]));
        encoder.encode_image(&image).unwrap();
        jpeg(&format!("lying {kind}.jpg"), bytes, 4, 0.7);
    }
    files
}

#[test]
fn python_keeps_the_picture_that_the_page_keeps() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("files")).unwrap();
    let files = files();
    for (name, bytes, ..) in &files {
        fs::write(folder.path().join("files").join(name), bytes).unwrap();
    }
    let (_, from) = SCRIPT.split_once("# What the page keeps of a picture").unwrap();
    let (part, _) = from.split_once("def prepare(").unwrap();
    let program = format!("import numpy as np\nfrom PIL import Image\n#{part}{KEEP}");
    python::run(&program, folder.path(), &[]);
    let (mut read, mut refused) = (0, 0);
    for (name, bytes, most, mean) in files {
        let ours = RgbImage::kept(&bytes);
        let Ok(theirs) = fs::read(folder.path().join(format!("{name}.kept"))) else {
            let error = fs::read_to_string(folder.path().join(format!("{name}.error"))).unwrap();
            assert!(ours.is_err(), "{name} is refused by Python only: {error}");
            refused += 1;
            continue;
        };
        let ours = ours.unwrap_or_else(|error| panic!("{name} is refused here only: {error}"));
        let sides = [ours.height(), ours.width()].map(u32::to_le_bytes).concat();
        assert_eq!(theirs[..8], sides, "{name}");
        let off: Vec<u8> = ours.pixels().iter().zip(&theirs[8..]).map(|(a, b)| a.abs_diff(*b)).collect();
        let largest = off.iter().copied().max().unwrap_or(0);
        let sum: u64 = off.iter().map(|off| u64::from(*off)).sum();
        println!("{name}: off by {largest} at most, {:.3} in the mean", sum as f64 / off.len() as f64);
        assert!(largest <= most, "{name} is off by {largest}");
        assert!(sum as f64 <= mean * off.len() as f64, "{name}: {sum} in {} values", off.len());
        read += 1;
    }
    assert!(read >= 18 && refused >= 8, "{read} are read and {refused} refused");
}
