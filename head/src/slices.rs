//! A map's channels in slices, so that several can share the work on a convolution.
//!
//! An output of a convolution is a sum over all channels. It is taken slice by slice, and the slices' sums
//! are added two neighbours at a time. Which slices there are depends on the channels alone: whoever
//! computes them, everything rounds alike.

use std::ops::Range;

use half::f16;

/// Most slices of a map. Each of InceptionV3's 2048 channels' then has 256.
const MOST_SLICES: usize = 8;

/// How many slices so many channels have: a power of two.
pub fn slices(channels: usize) -> usize {
    power_of_two(channels.min(MOST_SLICES))
}

/// The largest power of two up to `number`; 1 for 0.
fn power_of_two(number: usize) -> usize {
    1 << number.max(1).ilog2()
}

/// How many of `wanted` members can share the work on so many channels: each needs a slice.
pub fn most_members(channels: usize, wanted: usize) -> usize {
    wanted.clamp(1, slices(channels))
}

/// The first channel of a slice; for the number of slices the number of channels.
fn begin(channels: usize, slice: usize) -> usize {
    channels * slice / slices(channels)
}

/// A slice's channels.
pub fn channels_of(channels: usize, slice: usize) -> Range<usize> {
    begin(channels, slice)..begin(channels, slice + 1)
}

/// The number of channels of each slice.
pub fn widths(channels: usize) -> Vec<usize> {
    (0..slices(channels)).map(|slice| channels_of(channels, slice).len()).collect()
}

/// The sum over a range of slices, of a power of two, in the order that all sums have: first the left half,
/// then the right one, then both together. `whole` gives the sum over a range where it has it; of a single
/// slice it must. `None` where it has not.
pub fn total(
    range: Range<usize>,
    whole: &mut impl FnMut(&Range<usize>) -> Option<Vec<f32>>,
) -> Option<Vec<f32>> {
    if let Some(sum) = whole(&range) {
        return Some(sum);
    }
    let [left, right] = halves(&range)?;
    let mut sum = total(left, whole)?;
    let right = total(right, whole)?;
    sum.iter_mut().zip(right).for_each(|(sum, value)| *sum += value);
    Some(sum)
}

/// The largest ranges that [`total`] sums over on its way to `range` and that lie in `own`, from left to
/// right.
pub fn nodes(range: Range<usize>, own: &Range<usize>) -> Vec<Range<usize>> {
    if range.start >= own.end || range.end <= own.start {
        return Vec::new();
    }
    match halves(&range) {
        Some(halves) if range.start < own.start || range.end > own.end => {
            halves.into_iter().flat_map(|half| nodes(half, own)).collect()
        }
        _ => vec![range],
    }
}

fn halves(range: &Range<usize>) -> Option<[Range<usize>; 2]> {
    let middle = range.start + range.len() / 2;
    (range.len() > 1).then_some([range.start..middle, middle..range.end])
}

/// Of rows of one value a channel, some of the channels.
pub fn columns<'a, T: Copy>(
    values: &'a [T],
    channels: usize,
    own: Range<usize>,
) -> impl Iterator<Item = T> + use<'a, T> {
    values.chunks_exact(channels).flat_map(move |row| row[own.clone()].iter().copied())
}

/// The reverse of [`columns`]: rows put together of the parts, which have so many channels each.
pub fn side_by_side(parts: &[&[f32]], channels: &[usize]) -> Vec<f32> {
    let mut whole = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
    let mut rows: Vec<_> =
        parts.iter().zip(channels).map(|(part, channels)| part.chunks_exact(*channels)).collect();
    loop {
        let before = whole.len();
        rows.iter_mut().filter_map(Iterator::next).for_each(|row| whole.extend_from_slice(row));
        if whole.len() == before {
            return whole;
        }
    }
}

/// Features of images, slice by slice: of each all images' places with its channels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sliced {
    channels: usize,
    values: Vec<f16>,
}

impl Sliced {
    /// Features of images, places x channels each.
    pub fn of(features: &[f16], channels: usize) -> Self {
        let mut values = Vec::with_capacity(features.len());
        for slice in 0..slices(channels) {
            let own = channels_of(channels, slice);
            features.chunks_exact(channels).for_each(|place| values.extend_from_slice(&place[own.clone()]));
        }
        Self { channels, values }
    }

    /// All values.
    pub fn values(&self) -> &[f16] {
        &self.values
    }

    /// Where the values of these slices lie.
    pub fn of_slices(&self, own: &Range<usize>) -> Range<usize> {
        if self.channels == 0 {
            return 0..0;
        }
        let places = self.values.len() / self.channels;
        begin(self.channels, own.start) * places..begin(self.channels, own.end) * places
    }
}
