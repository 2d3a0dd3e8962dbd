//! JPEG photographs, decoded at the scale that is wanted of them.
//!
//! A cosine transform of an eighth, a quarter or half of its coefficients gives the picture at that scale: a
//! photograph of 200 megapixels never lies in memory whole.

use jpeg_decoder::{CodingProcess, Decoder, Error, PixelFormat};

use super::decode::{check, orientation, turned};
use super::rows::{Rows, Wanted, to_rgb};
use super::{Format, PixelError, RgbImage};

/// A scaled picture has this many times the side that is wanted: the bilinear filter still has something to
/// average.
pub(super) const SPARE: u32 = 2;

/// What the frame header says (ITU-T T.81, B.2.2).
struct Frame {
    width: u32,
    height: u32,
    progressive: bool,
    /// Blocks of 8 x 8 values, of all channels together.
    blocks: u64,
    channels: u64,
}

/// The picture. A photograph is reduced on the way where a square is wanted.
///
/// # Errors
/// [`PixelError`]; a file without its end marker counts as cut short.
pub(super) fn decode(bytes: &[u8], wanted: Wanted) -> Result<RgbImage, PixelError> {
    let Some(frame) = Frame::of(bytes) else { return Err(PixelError::CutShort(Format::Jpeg)) };
    // Each block takes a bit at least in a progressive file, two in others: what is shorter claims too much.
    let least = if frame.progressive { frame.blocks } else { 2 * frame.blocks } / 8;
    if (bytes.len() as u64) < least {
        return Err(PixelError::CutShort(Format::Jpeg));
    }
    let scale = match wanted {
        Wanted::Whole => 1,
        Wanted::Square(size) => scale(frame.width.min(frame.height), size),
    };
    let (width, height) = (frame.width.div_ceil(scale), frame.height.div_ceil(scale));
    let area = u64::from(scale * scale);
    let pixels = u64::from(width) * u64::from(height);
    let coefficients = if frame.progressive { frame.blocks * 128 } else { 0 };
    let memory = coefficients + frame.blocks * 64 / area + pixels * frame.channels;
    check(Format::Jpeg, frame.width, frame.height, memory + Rows::memory(width, height, wanted))?;

    let mut decoder = Decoder::new(bytes);
    let side = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
    decoder.scale(side(width), side(height)).map_err(failed)?;
    let unreadable = |why: &str| PixelError::Unreadable { format: Format::Jpeg, why: why.to_owned() };
    if decoder.info().is_none_or(|info| info.coding_process == CodingProcess::Lossless) {
        return Err(unreadable("lossless JPEG"));
    }
    let pixels = decoder.decode().map_err(failed)?;
    let info = decoder.info().ok_or_else(|| unreadable("no frame"))?;
    let channels = info.pixel_format.pixel_bytes();
    let mut rows = Rows::new(u32::from(info.width), u32::from(info.height), wanted);
    let mut rgb = Vec::new();
    for row in pixels.chunks_exact(usize::from(info.width) * channels) {
        match info.pixel_format {
            PixelFormat::CMYK32 => from_cmyk(row, &mut rgb),
            _ => to_rgb(row, channels, &mut rgb),
        }
        rows.push(&rgb);
    }
    turned(rows.picture()?, orientation(decoder.exif_data().unwrap_or_default()))
}

/// The largest of the scales 8, 4, 2 and 1 that leaves a side of [`SPARE`] times `size`; the same that
/// Pillow's draft mode finds.
fn scale(side: u32, size: u32) -> u32 {
    let most = side / (SPARE * size);
    [8, 4, 2].into_iter().find(|scale| most >= *scale).unwrap_or(1)
}

/// Pillow's way from four inks to three colours.
fn from_cmyk(row: &[u8], rgb: &mut Vec<u8>) {
    rgb.clear();
    for ink in row.chunks_exact(4) {
        let paper = u32::from(255 - ink[3]);
        let colour = |ink: u8| {
            let product = u32::from(ink) * paper + 128;
            paper.saturating_sub(((product >> 8) + product) >> 8) as u8
        };
        rgb.extend([colour(ink[0]), colour(ink[1]), colour(ink[2])]);
    }
}

fn failed(error: Error) -> PixelError {
    match error {
        Error::Io(_) => PixelError::CutShort(Format::Jpeg),
        other => PixelError::Unreadable { format: Format::Jpeg, why: other.to_string() },
    }
}

impl Frame {
    /// Finds the frame header. `None` where there is none to be found.
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut at = 2;
        loop {
            // Whatever stands between two segments is passed over, as by the decoder.
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
            at += bytes.get(at..)?.iter().position(|byte| *byte != 0xff)?;
            let marker = *bytes.get(at)?;
            at += 1;
            match marker {
                0xc4 | 0xc8 | 0xcc => {}
                0xc0..=0xcf => break,
                // Markers that stand alone.
                0 | 1 | 0xd0..=0xd9 => continue,
                _ => {}
            }
            at += usize::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
        }
        let progressive = matches!(bytes.get(at - 1)? & 0xf, 2 | 6 | 10 | 14);
        let header = bytes.get(at + 3..at + 8)?;
        let number = |at: usize| u32::from(header[at]) << 8 | u32::from(header[at + 1]);
        let (height, width, count) = (number(0), number(2), usize::from(header[4]));
        let channels = bytes.get(at + 8..at + 8 + 3 * count)?.chunks_exact(3);
        let factors: Vec<[u32; 2]> =
            channels.map(|channel| [channel[1] >> 4, channel[1] & 15].map(u32::from)).collect();
        let most = |of: usize| factors.iter().map(|factor| factor[of]).max().unwrap_or(1).max(1);
        let units = [width.div_ceil(8 * most(0)), height.div_ceil(8 * most(1))].map(u64::from);
        let blocks: u32 = factors.iter().map(|[across, down]| across * down).sum();
        Some(Self {
            width,
            height,
            progressive,
            blocks: units[0] * units[1] * u64::from(blocks),
            channels: count as u64,
        })
    }
}
