//! From a picture's file to its pixels, and back.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

#[cfg(doc)]
use super::MOST_MEMORY;
use super::decode::{pictures, still};
use super::rows::Wanted;
use super::{Format, LARGEST_SIDE, MOST_FRAMES, PixelError, RgbImage};

impl RgbImage {
    /// The whole image in a JPEG, PNG, WebP, GIF or BMP file, told apart by content: upright as its EXIF
    /// orientation says, and on white where it is transparent; of an animation the first frame.
    ///
    /// # Errors
    /// [`PixelError`], [`PixelError::TooLarge`] before anything is decoded.
    pub fn decode(bytes: &[u8]) -> Result<Self, PixelError> {
        still(bytes, Wanted::Whole).map(|found| found.picture)
    }

    /// What is kept of a picture's file, learnt and classified: its centre square, no larger than
    /// [`LARGEST_SIDE`]. Of an animation it is the first frame that is not of one colour all over.
    ///
    /// The square is cut and reduced before it is turned upright. A JPEG photograph is decoded at the
    /// smallest scale that leaves twice that side, so that 200 megapixels fit into [`MOST_MEMORY`].
    ///
    /// # Errors
    /// [`PixelError`], [`PixelError::TooLarge`] before anything is decoded.
    pub fn kept(bytes: &[u8]) -> Result<Self, PixelError> {
        pictures(bytes, LARGEST_SIDE, 1)?.pop().ok_or(PixelError::NoPicture)
    }

    /// The first frames of an animation, [`MOST_FRAMES`] at the most, each as [`RgbImage::kept`] has it;
    /// those of one colour are left out, unless all are. Of any other file the one picture.
    ///
    /// # Errors
    /// Those of [`RgbImage::kept`], also where a later frame is damaged.
    pub fn kept_frames(bytes: &[u8]) -> Result<Vec<Self>, PixelError> {
        pictures(bytes, LARGEST_SIDE, MOST_FRAMES)
    }

    /// The image as a PNG file, without any loss.
    ///
    /// # Errors
    /// [`PixelError::Unreadable`] only where memory runs out.
    pub fn to_png(&self) -> Result<Vec<u8>, PixelError> {
        let mut bytes = Vec::new();
        let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive);
        encoder
            .write_image(&self.pixels, self.width, self.height, ExtendedColorType::Rgb8)
            .map_err(|error| PixelError::Unreadable { format: Format::Png, why: error.to_string() })?;
        Ok(bytes)
    }
}
