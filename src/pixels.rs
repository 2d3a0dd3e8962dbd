//! Images as pixels: decoding, resizing, scaling.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use crate::backbone::Scaling;

#[cfg_attr(not(feature = "session"), allow(dead_code))]
mod exif;
mod format;
mod hash;
pub mod resize;

#[cfg(feature = "session")]
mod decode;
#[cfg(feature = "session")]
mod files;
#[cfg(feature = "session")]
mod gif;
#[cfg(feature = "session")]
mod jpeg;
#[cfg(feature = "session")]
mod png;
#[cfg(feature = "session")]
mod rows;
#[cfg(feature = "session")]
mod webp;

pub use format::Format;
pub use hash::ImageHash;

/// An 8-bit RGB image: height x width x 3 values, rows from the top, channels last. A copy shares
/// its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct RgbImage {
    width: u32,
    height: u32,
    #[serde(serialize_with = "as_bytes")]
    pixels: Arc<[u8]>,
}

fn as_bytes<S: Serializer>(pixels: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(pixels)
}

/// What arrives from another thread before its length is checked.
#[derive(Deserialize)]
struct Unchecked {
    width: u32,
    height: u32,
    #[serde(with = "serde_bytes")]
    pixels: Vec<u8>,
}

impl TryFrom<Unchecked> for RgbImage {
    type Error = PixelError;

    fn try_from(raw: Unchecked) -> Result<Self, PixelError> {
        RgbImage::new(raw.width, raw.height, raw.pixels)
    }
}

/// Why bytes are not an image that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PixelError {
    /// The number of values does not fit the size.
    #[error("{pixels} values do not make a {width}x{height} RGB image")]
    Length {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// How many values there were.
        pixels: usize,
    },
    /// The bytes are of no format that is known here.
    #[error("it is no picture of a format that is known here")]
    NoPicture,
    /// They are of a format that is not read here.
    #[error("the format is {}, which is not read here", .0.name())]
    Format(Format),
    /// They end before the picture does. Half a picture is never used.
    #[error("the {} picture is cut short", .0.name())]
    CutShort(Format),
    /// The picture is damaged, or written in a way that is not read here.
    #[error("the {} picture cannot be read: {why}", .format.name())]
    Unreadable {
        /// The picture's format.
        format: Format,
        /// What its decoder says.
        why: String,
    },
    /// The picture takes more memory than [`MOST_MEMORY`], or has more pixels than [`MOST_PIXELS`].
    #[error(
        "{width}x{height} pixels of a {} picture take {megabytes} MB while they are decoded; at most \
         {} MB and {} megapixels are read", .format.name(), MOST_MEMORY >> 20, MOST_PIXELS / 1_000_000
    )]
    TooLarge {
        /// The picture's format.
        format: Format,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// What it would take.
        megabytes: u64,
    },
    /// The file is larger than [`MOST_FILE_BYTES`].
    #[error("a picture's file has at most {} MB here", MOST_FILE_BYTES / 1_000_000)]
    FileTooLarge,
}

/// Bytes that one picture may take while it is decoded, beside its file.
pub const MOST_MEMORY: u64 = 256 << 20;
/// The most pixels of a picture, whose decoding can be waited for.
pub const MOST_PIXELS: u64 = 1_000_000_000;
/// A picture's file may have so many bytes.
pub const MOST_FILE_BYTES: u64 = 200_000_000;
/// A picture is kept as its centre square, no larger than this: the largest input of the networks to come.
pub const LARGEST_SIDE: u32 = 331;
/// Frames of an animation that are looked at.
pub const MOST_FRAMES: usize = 100;

impl RgbImage {
    /// An image of `width` x `height` from channels-last RGB values.
    ///
    /// # Errors
    /// [`PixelError::Length`] where there are not `width * height * 3` values, or none at all.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, PixelError> {
        let wanted = u64::from(width) * u64::from(height) * 3;
        if wanted == 0 || pixels.len() as u64 != wanted {
            return Err(PixelError::Length { width, height, pixels: pixels.len() });
        }
        Ok(Self { width, height, pixels: pixels.into() })
    }

    /// An image whose pixel in column `x` of row `y` is `colour(x, y)`, asked row by row. A side of
    /// length 0 counts as 1.
    pub fn from_fn(width: u32, height: u32, mut colour: impl FnMut(u32, u32) -> [u8; 3]) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
        for y in 0..height {
            (0..width).for_each(|x| pixels.extend(colour(x, y)));
        }
        Self { width, height, pixels: pixels.into() }
    }

    /// Width in pixels, at least 1.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, at least 1.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The values: height x width x 3, rows from the top, channels last.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// What is kept of this image, as [`RgbImage::kept`] has it.
    pub fn into_kept(self) -> Self {
        self.center_square().reduced_to(LARGEST_SIDE)
    }

    /// Whether all pixels are alike.
    pub fn is_uniform(&self) -> bool {
        let mut pixels = self.pixels.chunks_exact(3);
        pixels.next().is_none_or(|first| pixels.all(|pixel| pixel == first))
    }

    /// The largest square around the centre.
    pub fn center_square(self) -> Self {
        let side = self.width.min(self.height);
        if self.width == self.height {
            return self;
        }
        let (left, top) = ((self.width - side) as usize / 2, (self.height - side) as usize / 2);
        let row = self.width as usize * 3;
        let rows = self.pixels.chunks_exact(row).skip(top).take(side as usize);
        let pixels = rows.flat_map(|row| row[left * 3..(left + side as usize) * 3].iter().copied()).collect();
        Self { width: side, height: side, pixels }
    }

    /// The same where the longer side is at most `size`; a larger image at `size` x `size`.
    pub fn reduced_to(self, size: u32) -> Self {
        if self.width.max(self.height) > size { self.resize_square(size) } else { self }
    }

    /// The image at `size` x `size`, by Pillow's bilinear filter, bit for bit.
    pub fn resize_square(&self, size: u32) -> Self {
        resize::bilinear(self, size, size)
    }
}

/// What a backbone takes: `image` resized to `size` x `size` and scaled, as float32
/// channels x height x width.
pub fn network_input(image: &RgbImage, size: u32, scaling: Scaling) -> Vec<f32> {
    let resized = resize::bilinear(image, size, size);
    let table: Vec<f32> = (0..=255_u8).map(|value| scaling.apply(value)).collect();
    let channel = |channel: usize| resized.pixels.iter().skip(channel).step_by(3);
    (0..3).flat_map(channel).map(|&value| table[usize::from(value)]).collect()
}
