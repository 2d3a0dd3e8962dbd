//! The first picture of a GIF file, one byte a pixel until its rows are looked at.

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError};

use super::decode::{Still, check};
use super::rows::{Rows, Wanted};
use super::{Format, PixelError};

/// LZW makes at most so many pixels of a byte: a code of 12 bits stands for 4,095 at the most.
const UNPACKED: u64 = 2731;

/// The first frame, on white where it is transparent or does not reach.
pub(super) fn decode(bytes: &[u8], wanted: Wanted) -> Result<Still, PixelError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    let mut decoder: Decoder<&[u8]> = options.read_info(bytes).map_err(failed)?;
    let (width, height) = (u32::from(decoder.width()), u32::from(decoder.height()));
    let frame = decoder.next_frame_info().map_err(failed)?.ok_or(PixelError::CutShort(Format::Gif))?;
    let [left, top, wide, high] = [frame.left, frame.top, frame.width, frame.height].map(usize::from);
    let transparent = frame.transparent;
    let pixels = wide as u64 * high as u64;
    check(Format::Gif, width, height, pixels + Rows::memory(width, height, wanted))?;
    if pixels / UNPACKED > bytes.len() as u64 {
        return Err(PixelError::CutShort(Format::Gif));
    }
    let palette = decoder.palette().map_err(failed)?.to_vec();
    let mut indices = vec![0; decoder.buffer_size()];
    decoder.read_into_buffer(&mut indices).map_err(failed)?;

    let mut rows = Rows::new(width, height, wanted);
    for y in 0..height as usize {
        let mut row = vec![255; width as usize * 3];
        let found = y.checked_sub(top).filter(|y| *y < high).map(|y| &indices[y * wide..(y + 1) * wide]);
        let places = row.chunks_exact_mut(3).skip(left);
        for (place, &index) in places.zip(found.unwrap_or_default()) {
            if Some(index) != transparent {
                let colour = palette.get(usize::from(index) * 3..).and_then(|rest| rest.get(..3));
                place.copy_from_slice(colour.unwrap_or(&[0; 3]));
            }
        }
        rows.push(&row);
    }
    // What follows may be damaged: then it is told where the frames are wanted.
    let animated = !matches!(decoder.next_frame_info(), Ok(None));
    Ok(Still { picture: rows.picture()?, animated })
}

fn failed(error: DecodingError) -> PixelError {
    match error {
        DecodingError::UnexpectedEof => PixelError::CutShort(Format::Gif),
        DecodingError::Io(_) => PixelError::CutShort(Format::Gif),
        other => PixelError::Unreadable { format: Format::Gif, why: other.to_string() },
    }
}
