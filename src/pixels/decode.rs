//! From a picture's file to its pixels, within a limit of memory.
//!
//! What can be decoded row by row is (PNG), what can be decoded at a reduced scale is (JPEG); for the rest
//! the memory is known from the header, before any of it is taken.

use std::error::Error;
use std::io::{self, Cursor};
use std::iter;

use ::gif::DecodingError;
use image::codecs::bmp::BmpDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{AnimationDecoder, DynamicImage, Frames, ImageDecoder, ImageError, Limits};

use super::exif::{Directory, ORIENTATION};
use super::rows::{Rows, Wanted, to_rgb};
use super::{Format, MOST_FRAMES, MOST_MEMORY, MOST_PIXELS, PixelError, RgbImage};
use super::{gif, jpeg, png, webp};

/// Bytes a pixel that an animation takes: what is shown, the next frame twice, and what is made of it.
const ANIMATED: u64 = 16;

/// A picture, and whether others follow in the file.
pub(super) struct Still {
    pub picture: RgbImage,
    pub animated: bool,
}

/// The first picture of a file.
pub(super) fn still(bytes: &[u8], wanted: Wanted) -> Result<Still, PixelError> {
    let single = |picture| Still { picture, animated: false };
    match Format::of(bytes) {
        Some(Format::Jpeg) => jpeg::decode(bytes, wanted).map(single),
        Some(Format::Png) => png::decode(bytes, wanted),
        Some(Format::Gif) => gif::decode(bytes, wanted),
        Some(Format::WebP) => webp::decode(bytes, wanted),
        Some(Format::Bmp) => bmp(bytes, wanted).map(single),
        Some(other) => Err(PixelError::Format(other)),
        None => Err(PixelError::NoPicture),
    }
}

/// The pictures of a file, `most` at the most: of an animation its frames, each as its centre square no
/// larger than `size`. Frames of one colour only are left out, where there are others.
pub(super) fn pictures(bytes: &[u8], size: u32, most: usize) -> Result<Vec<RgbImage>, PixelError> {
    let wanted = Wanted::Square(size);
    let Still { picture: first, animated } = still(bytes, wanted)?;
    if !animated || most == 1 && !first.is_uniform() {
        return Ok(vec![first]);
    }
    let mut pictures = Vec::new();
    let (format, frames) = frames(bytes)?;
    for frame in frames.take(MOST_FRAMES) {
        let frame = frame.map_err(|error| failed(format, error))?.into_buffer();
        let mut rows = Rows::new(frame.width(), frame.height(), wanted);
        let mut rgb = Vec::new();
        frame.rows().for_each(|row| {
            let row: Vec<u8> = row.flat_map(|pixel| pixel.0).collect();
            to_rgb(&row, 4, &mut rgb);
            rows.push(&rgb);
        });
        let picture = rows.picture()?;
        if !picture.is_uniform() {
            pictures.push(picture);
        }
        if pictures.len() == most {
            break;
        }
    }
    if pictures.is_empty() {
        pictures.push(first);
    }
    Ok(pictures)
}

/// The frames of an animation.
fn frames(bytes: &[u8]) -> Result<(Format, Frames<'_>), PixelError> {
    let format = Format::of(bytes).ok_or(PixelError::NoPicture)?;
    let broken = |error| failed(format, error);
    let bytes = Cursor::new(bytes);
    let frames = match format {
        Format::Gif => limited(GifDecoder::new(bytes).map_err(broken)?, format)?.into_frames(),
        Format::WebP => limited(WebPDecoder::new(bytes).map_err(broken)?, format)?.into_frames(),
        _ => {
            let decoder = limited(PngDecoder::new(bytes).map_err(broken)?, format)?;
            decoder.apng().map_err(broken)?.into_frames()
        }
    };
    Ok((format, frames))
}

/// The decoder of an animation that fits into the memory, and whose frames have to.
fn limited<D: ImageDecoder>(mut decoder: D, format: Format) -> Result<D, PixelError> {
    let (width, height) = decoder.dimensions();
    check(format, width, height, ANIMATED * u64::from(width) * u64::from(height))?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    decoder.set_limits(limits).map_err(|error| failed(format, error))?;
    Ok(decoder)
}

/// A BMP picture. Programs leave the fourth byte of a pixel at 0 and call it alpha: a picture of which
/// nothing would be seen has none.
fn bmp(bytes: &[u8], wanted: Wanted) -> Result<RgbImage, PixelError> {
    let decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(|error| failed(Format::Bmp, error))?;
    let (mut pixels, header) = whole(decoder, Format::Bmp, 0, wanted)?;
    if header.channels == 4 && pixels.chunks_exact(4).all(|pixel| pixel[3] == 0) {
        pixels.chunks_exact_mut(4).for_each(|pixel| pixel[3] = 255);
    }
    header.picture(&pixels, wanted)
}

/// What is known of a picture that is decoded whole.
pub(super) struct Header {
    width: u32,
    height: u32,
    channels: usize,
}

/// Decodes a picture whole, for which its decoder needs so many bytes a pixel beside the pixels.
pub(super) fn whole(
    decoder: impl ImageDecoder,
    format: Format,
    beside: u64,
    wanted: Wanted,
) -> Result<(Vec<u8>, Header), PixelError> {
    let (width, height) = decoder.dimensions();
    let channels = usize::from(decoder.color_type().channel_count());
    let bytes = decoder.total_bytes();
    let memory = bytes.saturating_add(beside * u64::from(width) * u64::from(height));
    check(format, width, height, memory.saturating_add(Rows::memory(width, height, wanted)))?;
    let mut pixels = vec![0; bytes as usize];
    decoder.read_image(&mut pixels).map_err(|error| failed(format, error))?;
    Ok((pixels, Header { width, height, channels }))
}

impl Header {
    /// What is wanted of the pixels.
    pub fn picture(&self, pixels: &[u8], wanted: Wanted) -> Result<RgbImage, PixelError> {
        let mut rows = Rows::new(self.width, self.height, wanted);
        let mut rgb = Vec::new();
        for row in pixels.chunks_exact(self.width as usize * self.channels) {
            to_rgb(row, self.channels, &mut rgb);
            rows.push(&rgb);
        }
        rows.picture()
    }
}

/// Refuses a picture that takes more memory than there is, or has more pixels than can be waited for.
pub(super) fn check(format: Format, width: u32, height: u32, memory: u64) -> Result<(), PixelError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS || memory > MOST_MEMORY {
        let megabytes = memory.max(if pixels > MOST_PIXELS { 3 * pixels } else { 0 }).div_ceil(1 << 20);
        return Err(PixelError::TooLarge { format, width, height, megabytes });
    }
    Ok(())
}

/// The picture as its orientation says that it lies.
pub(super) fn turned(picture: RgbImage, orientation: Orientation) -> Result<RgbImage, PixelError> {
    if orientation == Orientation::NoTransforms {
        return Ok(picture);
    }
    let (width, height) = (picture.width, picture.height);
    let buffer = image::RgbImage::from_raw(width, height, picture.pixels.to_vec());
    let buffer = buffer.ok_or(PixelError::Length { width, height, pixels: picture.pixels.len() })?;
    let mut image = DynamicImage::ImageRgb8(buffer);
    image.apply_orientation(orientation);
    RgbImage::new(image.width(), image.height(), image.into_rgb8().into_raw())
}

/// What a decoder's error means: one that came to the file's end says so, or one of its causes does.
pub(super) fn failed(format: Format, error: ImageError) -> PixelError {
    let ended = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
    let gif = |error: &DecodingError| matches!(error, DecodingError::UnexpectedEof);
    let mut causes = iter::successors(error.source(), |cause| (*cause).source());
    let ends =
        causes.any(|cause| cause.downcast_ref().is_some_and(ended) || cause.downcast_ref().is_some_and(gif));
    // An error of reading is not its own cause.
    match &error {
        ImageError::IoError(error) if ended(error) => PixelError::CutShort(format),
        _ if ends => PixelError::CutShort(format),
        _ => PixelError::Unreadable { format, why: error.to_string() },
    }
}

/// How the picture with these EXIF data lies, which may be anything. A short number is right for it; some
/// programs write a long one.
pub(super) fn orientation(exif: &[u8]) -> Orientation {
    // WebP files may have the name that JPEG files have before them.
    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let said = Directory::of(exif).and_then(|directory| directory.whole(ORIENTATION));
    let known = said.and_then(|number| Orientation::from_exif(u8::try_from(number).ok()?));
    known.unwrap_or(Orientation::NoTransforms)
}
