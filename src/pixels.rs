//! Images as pixels: decoding, resizing, scaling.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::gif::GifDecoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::Orientation;
use image::{
    AnimationDecoder, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat, ImageReader,
    Limits,
};
use serde::{Deserialize, Serialize, Serializer};

use crate::backbone::Scaling;

mod hash;
pub mod resize;

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
    /// The bytes are no JPEG, PNG, WebP, GIF or BMP image, or a damaged one.
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
/// So many pixels any file may have, and so many more for each of its bytes. An empty drawing as PNG has 340
/// a byte; what has more was made to fill the memory.
const ALWAYS_PIXELS: u64 = 2_000_000;
const PIXELS_A_BYTE: u64 = 400;

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

    /// The image in a JPEG, PNG, WebP, GIF or BMP file, told apart by content: upright as its EXIF
    /// orientation says, and on white where it is transparent.
    ///
    /// A photograph becomes forty times as long when it is decoded, and its decoder may need as much again:
    /// memory is limited by the pixels (16 bytes each) and these by the file's bytes, but not to four times
    /// the file, as it is for all other files.
    ///
    /// # Errors
    /// [`PixelError::TooLarge`] before anything is decoded, [`PixelError::Unreadable`] for
    /// all other files.
    pub fn decode(bytes: &[u8]) -> Result<Self, PixelError> {
        let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(unreadable)?;
        let mut decoder = reader.into_decoder().map_err(unreadable)?;
        limit(&mut decoder, bytes.len())?;
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
        image.apply_orientation(orientation);
        Self::on_white(image)
    }

    /// The first frames, `most` at the most, of an animated GIF, each as its centre square no
    /// larger than `size`; of any other file the one image that [`RgbImage::decode`] finds.
    ///
    /// # Errors
    /// Those of [`RgbImage::decode`]; frames before a damaged one are kept.
    pub fn decode_frames(bytes: &[u8], size: u32, most: usize) -> Result<Vec<Self>, PixelError> {
        let square = |image: Self| image.center_square().reduced_to(size);
        if image::guess_format(bytes).ok() != Some(ImageFormat::Gif) {
            return Ok(vec![square(Self::decode(bytes)?)]);
        }
        let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(unreadable)?;
        limit(&mut decoder, bytes.len())?;
        let frames = decoder.into_frames().take(most).map_while(Result::ok);
        let frames = frames.map(|frame| Ok(square(Self::on_white(frame.into_buffer().into())?)));
        let frames: Vec<Self> = frames.collect::<Result<_, _>>()?;
        if frames.is_empty() { Err(unreadable("no frame")) } else { Ok(frames) }
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
            .map_err(unreadable)?;
        Ok(bytes)
    }

    fn on_white(image: DynamicImage) -> Result<Self, PixelError> {
        let (width, height) = (image.width(), image.height());
        let pixels = if image.color().has_alpha() {
            let over_white = |[red, green, blue, alpha]: [u8; 4]| {
                [red, green, blue].map(|value| {
                    let alpha = u32::from(alpha);
                    ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8
                })
            };
            image.into_rgba8().pixels().flat_map(|pixel| over_white(pixel.0)).collect()
        } else {
            image.into_rgb8().into_raw()
        };
        Self::new(width, height, pixels)
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

/// Refuses an image of too many pixels for a file of so many `bytes`, before anything of it is decoded.
fn limit(decoder: &mut impl ImageDecoder, bytes: usize) -> Result<(), PixelError> {
    let (width, height) = decoder.dimensions();
    let most = (ALWAYS_PIXELS + PIXELS_A_BYTE * bytes as u64).min(MAX_PIXELS);
    if u64::from(width) * u64::from(height) > most {
        return Err(PixelError::TooLarge { width, height });
    }
    let mut limits = Limits::default();
    // Eight bytes a pixel is the most that any of the formats decodes to, and as much
    // again may be needed on the way.
    limits.max_alloc = Some(most * 16);
    decoder.set_limits(limits).map_err(unreadable)
}

fn unreadable(cause: impl ToString) -> PixelError {
    PixelError::Unreadable(cause.to_string())
}

/// What a backbone takes: `image` resized to `size` x `size` and scaled, as float32
/// channels x height x width.
pub fn network_input(image: &RgbImage, size: u32, scaling: Scaling) -> Vec<f32> {
    let resized = resize::bilinear(image, size, size);
    let table: Vec<f32> = (0..=255_u8).map(|value| scaling.apply(value)).collect();
    let channel = |channel: usize| resized.pixels.iter().skip(channel).step_by(3);
    (0..3).flat_map(channel).map(|&value| table[usize::from(value)]).collect()
}
