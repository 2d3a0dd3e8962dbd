//! A picture's rows, taken one after the other: what is kept of them is all that is held.

use super::resize::{Across, down};
use super::{PixelError, RgbImage};

/// What is to become of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// Its centre square, at most this high and wide.
    Square(u32),
}

/// Takes in rows from the top.
pub(super) struct Rows {
    wanted: Wanted,
    /// Pixels that are left out on the left, and rows at the top.
    left: usize,
    top: u32,
    /// What is used: width and height.
    width: u32,
    height: u32,
    /// Makes the rows narrower, where the picture is too large.
    across: Option<Across>,
    /// The rows so far.
    kept: Vec<u8>,
    seen: u32,
}

impl Rows {
    /// For a picture of `width` x `height`.
    pub fn new(width: u32, height: u32, wanted: Wanted) -> Self {
        let side = width.min(height);
        let (left, top, used) = match wanted {
            Wanted::Whole => (0, 0, (width, height)),
            Wanted::Square(_) => ((width - side) / 2, (height - side) / 2, (side, side)),
        };
        let memory = Self::memory(width, height, wanted) as usize;
        let across = match wanted {
            Wanted::Square(size) if side > size => Some(Across::new(side, size)),
            _ => None,
        };
        let kept = Vec::with_capacity(memory);
        Self { wanted, left: left as usize, top, width: used.0, height: used.1, across, kept, seen: 0 }
    }

    /// Bytes that the rows of a picture take which are kept until the last one is in.
    pub fn memory(width: u32, height: u32, wanted: Wanted) -> u64 {
        let (width, height) = (u64::from(width), u64::from(height));
        let side = width.min(height);
        match wanted {
            Wanted::Whole => width * height * 3,
            Wanted::Square(size) => side * side.min(u64::from(size)) * 3,
        }
    }

    /// Takes in the next row: red, green and blue of each pixel of the whole width.
    pub fn push(&mut self, row: &[u8]) {
        let used = (self.top..self.top + self.height).contains(&self.seen);
        self.seen += 1;
        let row = row.get(self.left * 3..(self.left + self.width as usize) * 3).filter(|_| used);
        match (row, &self.across) {
            (Some(row), Some(across)) => across.push(row, &mut self.kept),
            (Some(row), None) => self.kept.extend(row),
            (None, _) => {}
        }
    }

    /// What was wanted, when the last row is in.
    ///
    /// # Errors
    /// [`PixelError::Length`] where rows are missing.
    pub fn picture(self) -> Result<RgbImage, PixelError> {
        match (self.wanted, self.across) {
            (Wanted::Square(size), Some(_)) => {
                let wanted = u64::from(self.height) * u64::from(size) * 3;
                if self.kept.len() as u64 != wanted {
                    return Err(PixelError::Length {
                        width: size,
                        height: self.height,
                        pixels: self.kept.len(),
                    });
                }
                Ok(down(&self.kept, size, self.height, size))
            }
            _ => RgbImage::new(self.width, self.height, self.kept),
        }
    }
}

/// The row's pixels as red, green and blue, on white where they are transparent. `channels` says what a pixel
/// has: grey (1), grey and alpha (2), colour (3), colour and alpha (4).
pub(super) fn to_rgb(row: &[u8], channels: usize, rgb: &mut Vec<u8>) {
    rgb.clear();
    let pixels = row.chunks_exact(channels);
    match channels {
        1 => pixels.for_each(|pixel| rgb.extend([pixel[0]; 3])),
        2 => pixels.for_each(|pixel| rgb.extend([over_white(pixel[0], pixel[1]); 3])),
        4 => {
            pixels.for_each(|pixel| rgb.extend([0, 1, 2].map(|channel| over_white(pixel[channel], pixel[3]))))
        }
        _ => rgb.extend(row),
    }
}

fn over_white(value: u8, alpha: u8) -> u8 {
    let alpha = u32::from(alpha);
    ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}
