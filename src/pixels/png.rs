//! PNG pictures, row by row: their size does not matter for the memory, but where they are interlaced.

use std::io::{self, Cursor};

use png::{Decoder, DecodingError, Limits, Reader, Transformations};

use super::decode::{Still, check, orientation, turned};
use super::rows::{Rows, Wanted, to_rgb};
use super::{Format, MOST_MEMORY, PixelError};

/// Deflate makes at most so many bytes of one.
const DEFLATED: u64 = 1032;

/// The picture outside of any animation.
pub(super) fn decode(bytes: &[u8], wanted: Wanted) -> Result<Still, PixelError> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MOST_MEMORY as usize });
    // Eight bits a channel, no palette. Of sixteen bits the upper ones, as Pillow and browsers take them.
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(failed)?;
    let info = reader.info();
    let (width, height, interlaced) = (info.width, info.height, info.interlaced);
    let animated = info.animation_control.is_some();
    let orientation = orientation(info.exif_metadata.as_deref().unwrap_or_default());
    let packed = info.raw_row_length() as u64 * u64::from(height);
    let row = reader.output_line_size(width).ok_or(PixelError::CutShort(Format::Png))?;
    let all = row as u64 * u64::from(height);
    let beside = if interlaced { all } else { 2 * row as u64 };
    check(Format::Png, width, height, beside + Rows::memory(width, height, wanted))?;
    if packed / DEFLATED > bytes.len() as u64 {
        return Err(PixelError::CutShort(Format::Png));
    }

    let channels = reader.output_color_type().0.samples();
    let mut rows = Rows::new(width, height, wanted);
    let mut rgb = Vec::new();
    let mut push = |row: &[u8]| {
        to_rgb(row, channels, &mut rgb);
        rows.push(&rgb);
    };
    if interlaced {
        whole(&mut reader, all)?.chunks_exact(row).for_each(push);
    } else {
        for _ in 0..height {
            match reader.next_row().map_err(failed)? {
                Some(row) => push(row.data()),
                None => return Err(PixelError::CutShort(Format::Png)),
            }
        }
    }
    Ok(Still { picture: turned(rows.picture()?, orientation)?, animated })
}

fn whole(reader: &mut Reader<Cursor<&[u8]>>, bytes: u64) -> Result<Vec<u8>, PixelError> {
    let mut pixels = vec![0; bytes as usize];
    reader.next_frame(&mut pixels).map_err(failed)?;
    Ok(pixels)
}

fn failed(error: DecodingError) -> PixelError {
    match error {
        DecodingError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            PixelError::CutShort(Format::Png)
        }
        other => PixelError::Unreadable { format: Format::Png, why: other.to_string() },
    }
}
