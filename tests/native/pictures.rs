//! Files of pictures as people bring them: told apart by what is in them, read within a limit of memory, whole
//! or not at all, and always as the same square.

use std::io::Cursor;

use bottleneck::pixels::{Format, LARGEST_SIDE, PixelError, RgbImage};
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ExtendedColorType, GrayImage, ImageEncoder, ImageFormat, Luma, Rgba, RgbaImage};

use crate::shared;

#[path = "pictures/jpeg.rs"]
pub mod jpeg;

const READ: [ImageFormat; 5] =
    [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp];

/// A picture with many colours.
pub fn drawn(width: u32, height: u32, salt: u32) -> image::RgbImage {
    image::RgbImage::from_fn(width, height, |x, y| {
        let wave = |step: u32| ((x * step + y * (step + salt) + x * y / 7) % 256) as u8;
        image::Rgb([wave(3), wave(5 + salt), wave(11)])
    })
}

pub fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// An animation of these frames, which are of one size: GIF, PNG and WebP.
pub fn animations(frames: &[RgbaImage]) -> [Vec<u8>; 3] {
    let (width, height) = frames[0].dimensions();
    let mut gif = Vec::new();
    let frame = |frame: &RgbaImage| image::Frame::new(frame.clone());
    GifEncoder::new(&mut gif).encode_frames(frames.iter().map(frame)).unwrap();

    let mut apng = Vec::new();
    let mut encoder = png::Encoder::new(&mut apng, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(frames.len() as u32, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    frames.iter().for_each(|frame| writer.write_image_data(frame).unwrap());
    writer.finish().unwrap();

    let chunk = |name: &[u8; 4], body: &[u8]| {
        let padding = vec![0; body.len() % 2];
        [name.as_slice(), &(body.len() as u32).to_le_bytes(), body, &padding].concat()
    };
    let three = |number: u32| number.to_le_bytes()[..3].to_vec();
    let size = [three(width - 1), three(height - 1)].concat();
    // Transparency (0x10) and animation (0x02).
    let mut chunks = chunk(b"VP8X", &[vec![0x12, 0, 0, 0], size.clone()].concat());
    chunks.extend(chunk(b"ANIM", &[0; 6]));
    for frame in frames {
        // Behind the file's own header of 12 bytes: the picture's chunk.
        let still = encoded(frame.clone(), ImageFormat::WebP)[12..].to_vec();
        // At the corner, for 100 milliseconds, in the place of what was there.
        chunks
            .extend(chunk(b"ANMF", &[three(0), three(0), size.clone(), three(100), vec![2], still].concat()));
    }
    let webp = chunk(b"RIFF", &[b"WEBP".as_slice(), &chunks].concat());
    [gif, apng, webp]
}

/// A frame of one colour, opaque or not.
pub fn plain(width: u32, height: u32, colour: [u8; 4]) -> RgbaImage {
    RgbaImage::from_pixel(width, height, Rgba(colour))
}

/// Two halves.
pub fn halves(width: u32, height: u32, left: [u8; 3]) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, _| {
        let [red, green, blue] = if x < width / 2 { left } else { [9, 200, 40] };
        Rgba([red, green, blue, 255])
    })
}

#[test]
fn the_content_decides_what_a_file_is() {
    for (format, image) in
        [Format::Jpeg, Format::Png, Format::WebP, Format::Gif, Format::Bmp].into_iter().zip(READ)
    {
        assert_eq!(Format::of(&encoded(drawn(9, 7, 0), image)), Some(format));
        assert!(format.is_read() && format.is_picture());
    }
    let media = |brands: &[u8]| {
        [&(8 + brands.len() as u32).to_be_bytes(), b"ftyp".as_slice(), brands, &[0; 40]].concat()
    };
    // A directory of one entry: its tag.
    let tiff = |tags: &[u16]| {
        let mut bytes = b"II*\0\x08\0\0\0".to_vec();
        bytes.extend((tags.len() as u16).to_le_bytes());
        tags.iter().for_each(|tag| bytes.extend([&tag.to_le_bytes()[..], &[0; 10]].concat()));
        bytes
    };
    let cases: [(Vec<u8>, Format); 21] = [
        (media(b"heic\0\0\0\0mif1heic"), Format::Heic),
        (media(b"mif1\0\0\0\0mif1heic"), Format::Heic),
        (media(b"avif\0\0\0\0avifmif1"), Format::Avif),
        (media(b"mif1\0\0\0\0mif1avif"), Format::Avif),
        (media(b"crx \0\0\0\x01crx isom"), Format::Raw),
        (media(b"qt  \0\0\0\0qt  "), Format::Video),
        (media(b"isom\0\0\0\0isomavc1"), Format::Video),
        (tiff(&[0x100, 0x101]), Format::Tiff),
        (tiff(&[0x100, 0x10f, 0x14a]), Format::Raw),
        (tiff(&[0x100, 0xc612]), Format::Raw),
        (b"II*\0\x10\0\0\0CR\x02\0".to_vec(), Format::Raw),
        (b"MM\0*\0\0\0\x08\0\0".to_vec(), Format::Tiff),
        (b"FUJIFILMCCD-RAW 0201".to_vec(), Format::Raw),
        (b"\xff\x0a\xfa\x1f".to_vec(), Format::JpegXl),
        (b"8BPS\0\x01".to_vec(), Format::Psd),
        (b"%PDF-1.7\n".to_vec(), Format::Pdf),
        (b"<?xml version=\"1.0\"?>\n<!-- a cat -->\n<svg width=\"3\">".to_vec(), Format::Svg),
        (b"\n<!DOCTYPE html><html><body><svg></svg>".to_vec(), Format::Html),
        ("ñandú, a list of birds\n".into(), Format::Text),
        (b"BM is how this text begins, and it is no picture".to_vec(), Format::Text),
        (b"RIFF\x10\0\0\0AVI LIST".to_vec(), Format::Video),
    ];
    for (bytes, expected) in cases {
        assert_eq!(Format::of(&bytes), Some(expected), "{:?}", String::from_utf8_lossy(&bytes));
        assert_eq!(RgbImage::kept(&bytes), Err(PixelError::Format(expected)));
        assert!(!expected.is_read() && !expected.name().is_empty());
    }
    for bytes in [&b""[..], b"\0\0\0\0", b"\x80\x81\x82", b" \n"] {
        assert_eq!(RgbImage::kept(bytes), Err(PixelError::NoPicture), "{bytes:?}");
    }
}

#[test]
fn the_square_that_is_kept_is_cut_and_reduced_as_by_pillow() {
    for (width, height) in [(40, 30), (301, 900), (LARGEST_SIDE, 500), (1500, 801)] {
        let image = drawn(width, height, 3);
        let own = RgbImage::new(width, height, image.to_vec()).unwrap().center_square();
        let own = if own.width() > LARGEST_SIDE { own.resize_square(LARGEST_SIDE) } else { own };
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Bmp] {
            assert_eq!(RgbImage::kept(&encoded(image.clone(), format)), Ok(own.clone()), "{format:?}");
        }
        assert_eq!(RgbImage::new(width, height, image.to_vec()).unwrap().into_kept(), own);
    }
}

#[test]
fn photographs_are_decoded_at_a_reduced_scale_that_shows() {
    let smooth =
        image::RgbImage::from_fn(2_800, 2_100, |x, y| image::Rgb([(x / 11) as u8, (y / 9) as u8, 90]));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95).encode_image(&smooth).unwrap();
    let whole = RgbImage::decode(&bytes).unwrap().into_kept();
    let kept = RgbImage::kept(&bytes).unwrap();
    assert_eq!((kept.width(), kept.height()), (LARGEST_SIDE, LARGEST_SIDE));
    let off = kept.pixels().iter().zip(whole.pixels()).map(|(a, b)| a.abs_diff(*b)).max();
    assert!(off <= Some(2), "{off:?}");
}

#[test]
fn photographs_of_two_hundred_megapixels_are_read() {
    // As the largest phones take them, one grey for each block.
    let large = jpeg::greys(16_320, 12_240, [(2, 2), (1, 1), (1, 1)], |x, _| (x * 255 / 2_040) as u8);
    let kept = RgbImage::kept(&large).unwrap();
    let row: Vec<u8> = kept.pixels()[..kept.width() as usize * 3].iter().step_by(3).copied().collect();
    assert!(row.is_sorted() && row[0] < 60 && row[row.len() - 1] > 190, "{row:?}");
}

#[test]
fn rare_samplings_are_read() {
    let grey = |x: u32, y: u32| (40 + 60 * (x / 3 % 3) + y) as u8;
    let plain = RgbImage::decode(&jpeg::greys(96, 96, [(1, 1); 3], grey)).unwrap();
    for sampling in [(3, 1), (1, 3), (4, 1), (2, 1), (1, 2), (2, 2), (4, 2)] {
        let found = RgbImage::decode(&jpeg::greys(96, 96, [sampling, (1, 1), (1, 1)], grey));
        assert!(found.as_ref() == Ok(&plain), "{sampling:?}: {:?}", found.map(|_| "others"));
    }
}

#[test]
fn what_takes_too_much_memory_is_refused_with_the_figures() {
    // A progressive photograph's coefficients are all needed at once: 3 bytes a pixel.
    let claim = |width: u16, height: u16| {
        let mut bytes = jpeg::greys(16, 16, [(2, 2), (1, 1), (1, 1)], |_, _| 0);
        let frame = bytes.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
        bytes[frame + 1] = 0xc2;
        bytes[frame + 5..frame + 9].copy_from_slice(&[height.to_be_bytes(), width.to_be_bytes()].concat());
        bytes
    };
    let mut large = claim(16_320, 12_240);
    assert_eq!(RgbImage::kept(&large), Err(PixelError::CutShort(Format::Jpeg)), "it is too short for that");
    large.resize(700_000, 0);
    let Err(PixelError::TooLarge { width: 16_320, height: 12_240, megabytes, .. }) = RgbImage::kept(&large)
    else {
        panic!("{:?}", RgbImage::kept(&large));
    };
    assert!((570..600).contains(&megabytes), "{megabytes}");
    // Sixty million pixels of WebP, which is decoded whole.
    let mut webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f".to_vec();
    webp.extend((9_999_u32 | 5_999 << 14).to_le_bytes());
    webp.extend([0x07, 0x10, 0x11, 0x11, 0x88, 0x88, 0xfe, 0x07, 0]);
    let refused = RgbImage::kept(&webp);
    assert!(matches!(refused, Err(PixelError::TooLarge { format: Format::WebP, .. })), "{refused:?}");
}

#[test]
fn flat_drawings_with_long_sides_are_read() {
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 3_000, 2_000);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let rows = (0..2_000).flat_map(|y| [if y < 1_000 { 0xff } else { 0 }; 375]).collect::<Vec<u8>>();
    encoder.write_header().unwrap().write_image_data(&rows).unwrap();
    let (width, height) = (3_000_usize, 2_000_usize);
    let mut gif = Vec::new();
    let mut encoder =
        gif::Encoder::new(&mut gif, width as u16, height as u16, &[0, 0, 0, 255, 255, 255]).unwrap();
    let pixels = (0..width * height).map(|at| u8::from(at < width * height / 2)).collect::<Vec<u8>>();
    let frame = gif::Frame { width: 3_000, height: 2_000, buffer: pixels.into(), ..gif::Frame::default() };
    encoder.write_frame(&frame).unwrap();
    drop(encoder);
    for bytes in [png, gif] {
        assert!(bytes.len() < 60_000);
        let kept = RgbImage::kept(&bytes).unwrap();
        let last = kept.pixels().len() - 1;
        assert_eq!((kept.width(), kept.pixels()[0], kept.pixels()[last]), (LARGEST_SIDE, 255, 0));
    }
}

#[test]
fn a_bmp_of_which_nothing_would_be_seen_is_opaque() {
    let with_alpha = |alpha: [u8; 2]| {
        let image = RgbaImage::from_fn(6, 5, |x, y| {
            Rgba([40 * x as u8, 50 * y as u8, 7, alpha[usize::from(x == 3)]])
        });
        RgbImage::decode(&encoded(image, ImageFormat::Bmp)).unwrap()
    };
    assert_eq!(with_alpha([0, 0]), with_alpha([255, 255]));
    assert_eq!(with_alpha([0, 255]).pixels()[..3], [255; 3]);
}

#[test]
fn the_orientation_is_a_short_or_a_long_number() {
    let image = GrayImage::from_fn(64, 40, |x, y| Luma([(x / 8 * 24 + y / 8 * 9) as u8]));
    let lying = |exif: &[u8]| {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
        encoder.set_exif_metadata(exif.to_vec()).unwrap();
        encoder.write_image(&image, 64, 40, ExtendedColorType::L8).unwrap();
        RgbImage::decode(&bytes).unwrap()
    };
    let short = lying(b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0");
    assert_eq!((short.width(), short.height()), (40, 64));
    assert_eq!(short.pixels()[0], 36, "the lower left corner is on top");
    assert_eq!(lying(b"II*\0\x08\0\0\0\x01\0\x12\x01\x04\0\x01\0\0\0\x06\0\0\0\0\0\0\0"), short);
    assert_eq!(lying(b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x04\0\0\0\x01\0\0\0\x06\0\0\0\0"), short);
    for odd in [&b""[..], b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff\x01\x12\0\x03\0\0\0\x02\0\x06"]
    {
        assert_eq!(lying(odd).width(), 64);
    }
}

#[test]
fn frames_of_an_animation_are_pictures_but_blank_ones() {
    let [red, blue] = [halves(30, 20, [250, 0, 0]), halves(30, 20, [0, 0, 250])];
    let square = |frame: &RgbaImage| {
        let rgb = DynamicImage::from(frame.clone()).into_rgb8().into_raw();
        RgbImage::new(30, 20, rgb).unwrap().into_kept()
    };
    for blank in [plain(30, 20, [0; 4]), plain(30, 20, [255; 4]), plain(30, 20, [0, 0, 0, 255])] {
        for bytes in animations(&[blank.clone(), red.clone(), blank.clone(), blue.clone()]) {
            let format = Format::of(&bytes);
            assert_eq!(RgbImage::kept(&bytes), Ok(square(&red)), "{format:?}");
            assert_eq!(RgbImage::kept_frames(&bytes), Ok(vec![square(&red), square(&blue)]), "{format:?}");
        }
        // Where there is nothing else, the first is the picture.
        for bytes in animations(&[blank.clone(), plain(30, 20, [9, 9, 9, 255])]) {
            let first = RgbImage::decode(&bytes).unwrap().into_kept();
            assert!(first.is_uniform());
            assert_eq!(RgbImage::kept_frames(&bytes), Ok(vec![first.clone()]));
            assert_eq!(RgbImage::kept(&bytes), Ok(first));
        }
    }
    let still = encoded(red.clone(), ImageFormat::Gif);
    assert_eq!(RgbImage::kept_frames(&still), Ok(vec![square(&red)]));
}

#[test]
fn a_file_cut_short_gives_its_whole_picture_or_none() {
    for format in READ {
        let bytes = encoded(drawn(60, 44, 1), format);
        let whole = RgbImage::kept(&bytes).unwrap();
        let mut refused = 0;
        for length in 0..bytes.len() {
            match RgbImage::kept(&bytes[..length]) {
                Ok(found) => assert_eq!(found, whole, "{format:?} after {length} of {} bytes", bytes.len()),
                Err(error) => {
                    let cut = matches!(error, PixelError::CutShort(_) | PixelError::NoPicture);
                    assert!(cut || length < 64, "{format:?} after {length} bytes: {error}");
                    refused += 1;
                }
            }
        }
        assert!(refused + 40 > bytes.len(), "{format:?}: {refused} of {}", bytes.len());
    }
    let frames = [halves(30, 20, [250, 0, 0]), halves(30, 20, [0, 0, 250])];
    for bytes in animations(&frames) {
        let cut = &bytes[..bytes.len() - bytes.len() / 5];
        assert!(
            matches!(RgbImage::kept_frames(cut), Err(PixelError::CutShort(_))),
            "{:?}",
            Format::of(&bytes)
        );
    }
}

/// What is right for the files of the shared folder: by their beginnings, whether they are read.
#[test]
fn the_shared_pictures_are_read_or_named() {
    let Some(folder) = shared::file("cases/pictures") else { return };
    let kept = |name: &str| RgbImage::kept(&std::fs::read(folder.join(name)).unwrap());
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 16);
    for name in &names {
        match name.as_str() {
            "c06_avif_named.jpg" => assert_eq!(kept(name), Err(PixelError::Format(Format::Avif))),
            _ if name.starts_with("c20_") => {
                assert!(matches!(kept(name), Err(PixelError::CutShort(_))), "{name}: {:?}", kept(name));
            }
            _ => assert!(!kept(name).unwrap().is_uniform(), "{name}"),
        }
    }
    for [one, other] in [
        ["c12_control_24bit.bmp", "c12_v3_bitfields_alpha0.bmp"],
        ["c12_control_24bit.bmp", "c12_v5_bitfields_alpha0.bmp"],
        ["c21_exif_6.jpg", "c21_exif_6_as_long.jpg"],
        ["c23_drawing_3000x2000.gif", "c23_drawing_3000x2000.png"],
    ] {
        assert!(kept(one) == kept(other), "{one} and {other}");
    }
    for name in names.iter().filter(|name| name.starts_with("c22_")) {
        let frames = RgbImage::kept_frames(&std::fs::read(folder.join(name)).unwrap()).unwrap();
        assert!(frames.len() > 1, "{name}: {} frames", frames.len());
    }
}
