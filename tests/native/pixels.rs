//! Decoding and resizing against Pillow.

use std::io::Cursor;

use bottleneck::backbone::KERAS_TF_SCALING;
use bottleneck::pixels::{Format, PixelError, RgbImage, network_input};
use image::{DynamicImage, ImageFormat};
use serde::Deserialize;

use crate::shared;

/// What tests/fixtures/make_resize_pillow.py wrote: an image by a formula, resized by Pillow.
#[derive(Deserialize)]
struct Resized {
    width: u32,
    height: u32,
    size: u32,
    pixels: Vec<u8>,
}

/// The formula that the script and this test share.
fn pattern(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        [0, 1, 2].map(|channel| {
            let at = (y * width + x) * 3 + channel;
            (at.wrapping_mul(2_654_435_769) >> 24) as u8
        })
    })
}

#[test]
fn any_size_is_resized_as_by_pillow() {
    let cases: Vec<Resized> = serde_json::from_str(include_str!("../fixtures/resize_pillow.json")).unwrap();
    assert!(cases.len() >= 5);
    for case in cases {
        let resized = pattern(case.width, case.height).resize_square(case.size);
        assert_eq!(resized.pixels(), case.pixels, "{} x {} to {}", case.width, case.height, case.size);
    }
}

#[test]
fn real_images_are_resized_and_scaled_as_by_pillow_and_keras() {
    let Some(path) = shared::file("models/inception_v3_2015_mixed8_reference.npz") else { return };
    let (shape, small) = shared::npz_array::<u8>(&path, "image_u8");
    let (_, large) = shared::npz_array::<u8>(&path, "resized_u8");
    assert_eq!(shape, [16, 32, 32, 3]);
    for (small, large) in small.chunks(32 * 32 * 3).zip(large.chunks(139 * 139 * 3)) {
        let image = RgbImage::new(32, 32, small.to_vec()).unwrap();
        assert_eq!(image.resize_square(139).pixels(), large);
        let input = network_input(&image, 139, KERAS_TF_SCALING);
        for (at, value) in large.iter().enumerate() {
            let keras = f32::from(*value) / 127.5 - 1.0;
            assert!((input[at % 3 * 139 * 139 + at / 3] - keras).abs() < 2e-7);
        }
    }
}

fn encode(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn formats_are_told_apart_by_content() {
    let picture = pattern(7, 5);
    let buffer = image::RgbImage::from_raw(7, 5, picture.pixels().to_vec()).unwrap();
    let picture_as = |format| encode(&DynamicImage::ImageRgb8(buffer.clone()), format);
    assert_eq!(RgbImage::decode(&picture_as(ImageFormat::Png)), Ok(picture.clone()));
    assert_eq!(RgbImage::decode(&picture_as(ImageFormat::WebP)), Ok(picture));
    let jpeg = RgbImage::decode(&picture_as(ImageFormat::Jpeg)).unwrap();
    assert_eq!((jpeg.width(), jpeg.height()), (7, 5));
}

#[test]
fn transparency_lies_on_white_and_grey_has_three_channels() {
    let glass =
        image::RgbaImage::from_fn(2, 1, |x, _| image::Rgba([0, 100, 200, if x == 0 { 0 } else { 255 }]));
    let decoded = RgbImage::decode(&encode(&glass.into(), ImageFormat::Png)).unwrap();
    assert_eq!(decoded.pixels(), [255, 255, 255, 0, 100, 200]);
    let grey = image::ImageBuffer::<image::Luma<u16>, _>::from_pixel(1, 1, image::Luma([0x8000]));
    let decoded = RgbImage::decode(&encode(&grey.into(), ImageFormat::Png)).unwrap();
    assert_eq!(decoded.pixels(), [128, 128, 128]);
}

#[test]
fn the_centre_square_is_cut() {
    let wide = RgbImage::from_fn(5, 2, |x, y| [x as u8, y as u8, 0]).center_square();
    assert_eq!(wide.pixels(), [1, 0, 0, 2, 0, 0, 1, 1, 0, 2, 1, 0]);
    let high = RgbImage::from_fn(1, 4, |_, y| [0, y as u8, 0]).center_square();
    assert_eq!(high.pixels(), [0, 1, 0]);
}

#[test]
fn what_is_no_image_is_refused() {
    let cases = [
        (&b""[..], PixelError::NoPicture),
        (b"plain text", PixelError::Format(Format::Text)),
        (b"\x89PNG\r\n\x1a\n", PixelError::CutShort(Format::Png)),
    ];
    for (bytes, expected) in cases {
        assert_eq!(RgbImage::decode(bytes), Err(expected), "{bytes:?}");
    }
    // A PNG header that claims 60,000 x 60,000 pixels costs nothing.
    let mut bomb = encode(&DynamicImage::new_rgb8(1, 1), ImageFormat::Png);
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let crc = crc32fast::hash(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&crc);
    let refused = RgbImage::decode(&bomb);
    assert!(
        matches!(refused, Err(PixelError::TooLarge { width: 60_000, height: 60_000, .. })),
        "{refused:?}"
    );
    assert!(RgbImage::new(2, 2, vec![0; 11]).is_err());
    assert!(RgbImage::new(0, 2, vec![]).is_err());
}
