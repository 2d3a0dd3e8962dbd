//! WebP pictures. They are decoded whole; how much that takes is known from their chunks.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;

use super::decode::{Still, failed, orientation, turned, whole};
use super::rows::Wanted;
use super::{Format, PixelError};

/// Bytes a pixel that the decoder takes beside the pixels: lossy pictures as luminance and colour, their
/// transparency as a picture of its own; lossless ones once more; frames on their own and on what was shown.
const LOSSY: u64 = 2;
const LOSSY_ALPHA: u64 = 7;
const LOSSLESS: u64 = 4;
const ANIMATED: u64 = 10;
/// Bytes before a frame's chunks in an animation.
const FRAME_HEADER: usize = 16;

/// The picture, of an animation the first.
pub(super) fn decode(bytes: &[u8], wanted: Wanted) -> Result<Still, PixelError> {
    let said = bytes.get(4..8).and_then(|length| length.try_into().ok()).map(u32::from_le_bytes);
    if said.is_none_or(|said| said as usize > bytes.len().saturating_sub(8)) {
        return Err(PixelError::CutShort(Format::WebP));
    }
    let decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(|error| failed(Format::WebP, error))?;
    let animated = decoder.has_animation();
    let (width, height) = decoder.dimensions();
    // The decoder believes a lossy chunk whatever size it claims.
    let chunks = Chunks::of(bytes.get(12..).unwrap_or_default(), (width, height), true);
    if !chunks.fit {
        let why = "a picture in it has another size than it should".to_owned();
        return Err(PixelError::Unreadable { format: Format::WebP, why });
    }
    let beside = match (animated, !chunks.lossy, decoder.color_type().has_alpha()) {
        (true, ..) => ANIMATED,
        (_, true, _) => LOSSLESS,
        (_, false, true) => LOSSY_ALPHA,
        (_, false, false) => LOSSY,
    };
    let (pixels, header) = whole(decoder, Format::WebP, beside, wanted)?;
    let picture = turned(header.picture(&pixels, wanted)?, orientation(chunks.exif))?;
    Ok(Still { picture, animated })
}

/// What is said in a file's chunks that its decoder does not look at, or believes.
struct Chunks<'a> {
    /// Whether there are lossy pictures, and all have the size that they should have.
    lossy: bool,
    fit: bool,
    exif: &'a [u8],
}

impl<'a> Chunks<'a> {
    /// Of these chunks, whose picture has this `size`, and of those `within` frames.
    fn of(mut rest: &'a [u8], size: (u32, u32), within: bool) -> Self {
        let mut found = Self { lossy: false, fit: true, exif: &[] };
        while let Some((&[a, b, c, d, length @ ..], after)) = rest.split_first_chunk::<8>() {
            let length = (u32::from_le_bytes(length) as usize).min(after.len());
            let body = &after[..length];
            match &[a, b, c, d] {
                // What it says of itself (RFC 6386, 9.1).
                b"VP8 " => {
                    found.lossy = true;
                    found.fit &=
                        number(body, 6, 2) & 0x3fff == size.0 && number(body, 8, 2) & 0x3fff == size.1;
                }
                b"EXIF" => found.exif = body,
                b"ANMF" if within => {
                    let size = (number(body, 6, 3) + 1, number(body, 9, 3) + 1);
                    let frame = Self::of(body.get(FRAME_HEADER..).unwrap_or_default(), size, false);
                    found.fit &= frame.fit;
                }
                _ => {}
            }
            rest = &after[(length + length % 2).min(after.len())..];
        }
        found
    }
}

/// The number of so many bytes at `at`, 0 where there are none.
fn number(bytes: &[u8], at: usize, length: usize) -> u32 {
    let bytes = bytes.get(at..at + length).unwrap_or_default();
    bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}
