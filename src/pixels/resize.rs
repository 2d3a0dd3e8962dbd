//! Pillow's bilinear resize on 8-bit channels, to the last bit.
//!
//! Pillow's filter is a triangle whose support grows with the factor of a reduction, applied
//! in two passes, first across and then down, with the result of each rounded to 8 bits.
//! Its weights are rounded to 22-bit fixed point (`PRECISION_BITS` in its `Resample.c`). No
//! crate does it so: `fast_image_resize` differs by 1 in 16 % of the values.

use super::RgbImage;

/// Fraction bits of a weight: 32, less 8 for the value and 2 against overflow.
const PRECISION: u32 = 32 - 8 - 2;

/// What one output pixel is made of: where its inputs begin, and their weights.
struct Taps {
    start: usize,
    weights: Vec<i32>,
}

/// The first pass: it makes rows narrower or wider, each by itself.
pub(super) struct Across(Vec<Taps>);

impl Across {
    /// From rows of `from` pixels to rows of `to`.
    pub fn new(from: u32, to: u32) -> Self {
        Self(taps(from, to))
    }

    /// Appends what becomes of `row` to `rows`.
    pub fn push(&self, row: &[u8], rows: &mut Vec<u8>) {
        for taps in &self.0 {
            let mut sums = [1 << (PRECISION - 1); 3];
            for (pixel, weight) in row[taps.start * 3..].chunks_exact(3).zip(&taps.weights) {
                for (sum, value) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(*value) * weight;
                }
            }
            rows.extend(sums.map(to_byte));
        }
    }
}

/// The second pass: rows of `width` pixels, `from` of them, become `height` rows.
pub(super) fn down(rows: &[u8], width: u32, from: u32, height: u32) -> RgbImage {
    let row = width as usize * 3;
    let mut pixels = vec![0; row * height as usize];
    let mut sums = vec![0; row];
    for (taps, output) in taps(from, height).iter().zip(pixels.chunks_exact_mut(row)) {
        sums.fill(1 << (PRECISION - 1));
        for (input, weight) in rows[taps.start * row..].chunks_exact(row).zip(&taps.weights) {
            sums.iter_mut().zip(input).for_each(|(sum, value)| *sum += i32::from(*value) * weight);
        }
        output.iter_mut().zip(&sums).for_each(|(output, sum)| *output = to_byte(*sum));
    }
    RgbImage { width, height, pixels: pixels.into() }
}

/// `image` at `width` x `height`.
pub fn bilinear(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    let across = Across::new(image.width, width);
    let mut narrow = Vec::with_capacity(width as usize * image.height as usize * 3);
    image.pixels.chunks_exact(image.width as usize * 3).for_each(|row| across.push(row, &mut narrow));
    down(&narrow, width, image.height, height)
}

/// Undoes the fixed point; the rounding half is in the sum already.
fn to_byte(sum: i32) -> u8 {
    (sum >> PRECISION).clamp(0, 255) as u8
}

/// The taps of each of `to` output pixels over `from` input pixels.
fn taps(from: u32, to: u32) -> Vec<Taps> {
    let scale = f64::from(from) / f64::from(to);
    // A reduction widens the triangle; an enlargement keeps its half-width of one pixel.
    let support = scale.max(1.0);
    (0..to)
        .map(|x| {
            let center = (f64::from(x) + 0.5) * scale;
            let start = (center - support + 0.5).max(0.0) as usize;
            let end = (center + support + 0.5).min(f64::from(from)) as usize;
            let triangle = |at: usize| (1.0 - ((at as f64 - center + 0.5) / support).abs()).max(0.0);
            let sum: f64 = (start..end).map(triangle).sum();
            let fixed = |weight: f64| (0.5 + weight / sum * f64::from(1 << PRECISION)) as i32;
            Taps { start, weights: (start..end).map(triangle).map(fixed).collect() }
        })
        .collect()
}
