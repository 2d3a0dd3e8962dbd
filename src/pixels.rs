//! Images as pixels: decoding, resizing, scaling.

use serde::{Deserialize, Serialize};

/// An 8-bit RGB image: height x width x 3 values, rows from the top, channels last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct RgbImage {
    width: u32,
    height: u32,
    #[serde(with = "serde_bytes")]
    pixels: Vec<u8>,
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
    /// The bytes are no JPEG, PNG or WebP image, or a damaged one.
    #[error("not a readable image: {0}")]
    Unreadable(String),
    /// The image is larger than [`MAX_PIXELS`].
    #[error("the image has {width}x{height} pixels, more than can be read here")]
    TooLarge {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
}

/// The most pixels a decoded image may have: 50 megapixels, 150 MB as RGB.
pub const MAX_PIXELS: u64 = 50_000_000;

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
        Ok(Self { width, height, pixels })
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
}
