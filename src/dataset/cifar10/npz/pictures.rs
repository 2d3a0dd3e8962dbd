//! Pictures: images x height x width x channels, or the channels before the height, or grey ones without
//! channels; in C or Fortran order; whole numbers from 0 to 255 or those divided by 255, in whatever type.

use std::io::Read;

use super::{Array, Labelled, Told};
use crate::dataset::cifar10::MOST_IMAGES;
use crate::dataset::{Around, DatasetError, LARGEST_SIDE, Sample};
use crate::npy::Number;
use crate::pixels::RgbImage;
use crate::unpack::too_long;

/// Values that are read at a time.
const AT_ONCE: usize = 8_192;
/// Pictures after which the progress is told.
const TOLD_EVERY: usize = 100;
/// Height and width at the most.
const LONGEST_SIDE: u64 = 16_384;
/// How far a level divided by 255 may be from a whole one when it is multiplied again: float16 has 11 bits.
const CLOSE: f64 = 1e-3;
const CLOSE_IN_FLOAT16: f64 = 0.13;

/// The pictures in `array`, each with the label in its place; `labels` come with the name and shape of their
/// array. The values of all pictures are taken from `most`. Pictures of other sides than CIFAR-10's are kept
/// as those of folders are: the centre square, no larger than [`LARGEST_SIDE`].
///
/// # Errors
/// [`DatasetError`] where the array is of another type or shape, has other numbers than levels of
/// brightness, not as many pictures as labels, or ends too early.
pub async fn read<A: Around>(
    array: &mut Array<'_>,
    (labels, described): (Vec<i64>, &str),
    most: &mut u64,
    told: &mut Told<'_, A>,
) -> Result<Labelled, DatasetError> {
    let header = &array.header;
    if header.descr.ends_with('O') {
        return Err(DatasetError::ArrayObjects(array.described()));
    }
    let (Some(number), Some(layout)) = (Number::parse(&header.descr), Layout::of(&header.shape)) else {
        return Err(DatasetError::ArrayShape(array.described()));
    };
    if layout.images != labels.len() {
        return Err(DatasetError::ArrayCounts(format!("{}, {described}", array.described())));
    }
    let bytes = header.shape[0].saturating_mul(layout.area() as u64 * 3);
    *most = most.checked_sub(bytes).ok_or_else(too_long)?;
    let mut reader = Reader {
        levels: Levels::new(number),
        layout,
        piece: vec![0; AT_ONCE * number.width()],
        raw: Vec::new(),
        done: Vec::with_capacity(labels.len()),
    };
    match header.fortran_order {
        true => reader.in_fortran_order(array, told).await?,
        false => reader.in_c_order(array, told).await?,
    }
    Ok(reader.done.into_iter().zip(labels).collect())
}

/// Where each side of the array stands.
#[derive(Clone, Copy)]
struct Layout {
    images: usize,
    height: usize,
    width: usize,
    /// 3, or 1 for grey.
    channels: usize,
    channels_first: bool,
}

impl Layout {
    fn of(shape: &[u64]) -> Option<Self> {
        let (images, height, width, channels, channels_first) = match *shape {
            [images, height, width] => (images, height, width, 1, false),
            [images, height, width, channels @ (1 | 3)] => (images, height, width, channels, false),
            [images, channels @ (1 | 3), height, width] => (images, height, width, channels, true),
            _ => return None,
        };
        let is_side = |side: u64| (1..=LONGEST_SIDE).contains(&side);
        let fits = is_side(height) && is_side(width) && images <= MOST_IMAGES as u64;
        fits.then_some(Self {
            images: images as usize,
            height: height as usize,
            width: width as usize,
            channels: channels as usize,
            channels_first,
        })
    }

    /// Pixels of a picture.
    fn area(&self) -> usize {
        self.height * self.width
    }

    /// Values of a picture.
    fn values(&self) -> usize {
        self.area() * self.channels
    }

    /// The pixel and channel of a picture's value number `at` in C order.
    fn in_c_order(&self, at: usize) -> (usize, usize) {
        match self.channels_first {
            true => (at % self.area(), at / self.area()),
            false => (at / self.channels, at % self.channels),
        }
    }

    /// The same in Fortran order, where the numbers of a picture's values count over all pictures.
    fn in_fortran_order(&self, at: usize) -> (usize, usize) {
        let (channel, place) = match self.channels_first {
            true => (at % self.channels, at / self.channels),
            false => (at / self.area(), at % self.area()),
        };
        (place % self.height * self.width + place / self.height, channel)
    }
}

struct Reader {
    levels: Levels,
    layout: Layout,
    piece: Vec<u8>,
    /// Pictures that are not complete, or whose numbers do not say yet what they mean.
    raw: Vec<Vec<u8>>,
    done: Vec<Sample>,
}

impl Reader {
    async fn in_c_order<A: Around>(
        &mut self,
        array: &mut Array<'_>,
        told: &mut Told<'_, A>,
    ) -> Result<(), DatasetError> {
        let layout = self.layout;
        for image in 0..layout.images {
            self.raw.push(vec![0; layout.area() * 3]);
            let mut at = 0;
            while at < layout.values() {
                let some = AT_ONCE.min(layout.values() - at);
                self.fill(array, some)?;
                let last = self.raw.len() - 1;
                for value in 0..some {
                    let (pixel, channel) = layout.in_c_order(at + value);
                    self.put(array, value, last, pixel, channel)?;
                }
                at += some;
            }
            if self.levels.factor.is_some() {
                self.finish(array)?;
            }
            if (image + 1).is_multiple_of(TOLD_EVERY) {
                told.goes_on(TOLD_EVERY as u32, (image + 1) as f64 / layout.images as f64).await?;
            }
        }
        self.finish(array)
    }

    async fn in_fortran_order<A: Around>(
        &mut self,
        array: &mut Array<'_>,
        told: &mut Told<'_, A>,
    ) -> Result<(), DatasetError> {
        let layout = self.layout;
        self.raw = vec![vec![0; layout.area() * 3]; layout.images];
        for at in 0..layout.values() {
            let (pixel, channel) = layout.in_fortran_order(at);
            let mut image = 0;
            while image < layout.images {
                let some = AT_ONCE.min(layout.images - image);
                self.fill(array, some)?;
                for value in 0..some {
                    self.put(array, value, image + value, pixel, channel)?;
                }
                image += some;
            }
            if at.is_multiple_of(TOLD_EVERY) {
                told.goes_on(0, at as f64 / layout.values() as f64).await?;
            }
        }
        self.finish(array)
    }

    /// Reads the next `some` values. Where they are the first that say what the numbers mean, those before
    /// them are put right.
    fn fill(&mut self, array: &mut Array, some: usize) -> Result<(), DatasetError> {
        let width = self.levels.number.width();
        let piece = &mut self.piece[..some * width];
        array.file.read_exact(piece)?;
        if self.levels.factor.is_none() && self.levels.decide(piece) {
            self.raise();
        }
        Ok(())
    }

    /// Puts the value number `value` of what was read last where it belongs.
    fn put(
        &mut self,
        array: &Array,
        value: usize,
        image: usize,
        pixel: usize,
        channel: usize,
    ) -> Result<(), DatasetError> {
        let width = self.levels.number.width();
        let level = self.levels.level(&self.piece[value * width..][..width]);
        let level = level.ok_or_else(|| DatasetError::ArrayValues(array.described()))?;
        match self.layout.channels {
            1 => self.raw[image][pixel * 3..][..3].fill(level),
            _ => self.raw[image][pixel * 3 + channel] = level,
        }
        Ok(())
    }

    /// Makes white of the ones that stand there so far.
    fn raise(&mut self) {
        self.raw.iter_mut().flatten().for_each(|level| *level *= 255);
    }

    fn finish(&mut self, array: &Array) -> Result<(), DatasetError> {
        if self.levels.factor.is_none() {
            // Black and white, and nothing else.
            self.raise();
        }
        let (width, height) = (self.layout.width as u32, self.layout.height as u32);
        for pixels in self.raw.drain(..) {
            let image = RgbImage::new(width, height, pixels);
            let image = image.map_err(|error| super::other(&array.name, error.to_string()))?;
            self.done.push(Sample::here(image.center_square().reduced_to(LARGEST_SIDE), 0));
        }
        Ok(())
    }
}

/// What the numbers say about brightness.
struct Levels {
    number: Number,
    /// What a number is multiplied by; `None` as long as fractions may come, and all were 0 or 1.
    factor: Option<f64>,
}

impl Levels {
    fn new(number: Number) -> Self {
        let factor = match () {
            () if number.is_bool() => Some(255.0),
            () if number.is_float() => None,
            () => Some(1.0),
        };
        Self { number, factor }
    }

    /// Looks for a number that is neither 0 nor 1. Whether those before have to be multiplied by 255.
    fn decide(&mut self, bytes: &[u8]) -> bool {
        let mut numbers = bytes.chunks_exact(self.number.width()).map(|bytes| self.number.real(bytes));
        let telling = numbers.find(|number| *number != 0.0 && *number != 1.0);
        self.factor = telling.map(|number| if number < 1.0 { 255.0 } else { 1.0 });
        self.factor == Some(255.0)
    }

    /// The level from 0 to 255; `None` where it is none.
    fn level(&self, bytes: &[u8]) -> Option<u8> {
        if self.number.is_byte() {
            return bytes.first().copied();
        }
        let level = self.number.real(bytes) * self.factor.unwrap_or(1.0);
        let close = if self.number.width() == 2 { CLOSE_IN_FLOAT16 } else { CLOSE };
        let near = level.round();
        ((level - near).abs() <= close && (0.0..=255.0).contains(&near)).then_some(near as u8)
    }
}
