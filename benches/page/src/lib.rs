//! Images and features that are the same wherever they are made, and cost nothing to store elsewhere.

use bottleneck::pixels::RgbImage;
use half::f16;

/// Height and width of an image: CIFAR-10's.
pub const SIDE: u32 = 32;
/// Classes of the images, which come in turn.
pub const CLASSES: u32 = 10;

/// A whole number from 0 to 2047 for every `index`: the high bits of its product with 2^32 times the
/// golden ratio (Knuth, The Art of Computer Programming, volume 3, 6.4).
pub fn hash(index: u64) -> u32 {
    (index as u32).wrapping_mul(2_654_435_769) >> 21
}

/// The image of this number. No two of 2^32 are alike.
pub fn image(number: u32) -> RgbImage {
    let bytes = number.to_le_bytes();
    RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let at = u64::from(y * SIDE + x);
        match at {
            0 => [bytes[0], bytes[1], bytes[2]],
            1 => [bytes[3], 0, 0],
            _ => std::array::from_fn(|channel| hash(at * 3 + channel as u64) as u8),
        }
    })
}

/// The label of the image of this number.
pub fn label(number: u32) -> u8 {
    (number % CLASSES) as u8
}

/// Features of images, each value in [0, 1) with eleven bits, which float16 holds exactly.
pub struct Features {
    values: Vec<f16>,
}

impl Default for Features {
    fn default() -> Self {
        Self { values: (0..2048_u16).map(|value| f16::from_f32(f32::from(value) / 2048.0)).collect() }
    }
}

impl Features {
    /// The `row` values of the image of this number.
    pub fn of(&self, number: u32, row: usize) -> impl Iterator<Item = f16> {
        let begin = u64::from(number) * row as u64;
        (begin..begin + row as u64).map(|index| self.values[hash(index) as usize])
    }
}
