//! The convolution's windows on feature maps, and what is the same for all of them.

use half::f16;

use super::WINDOW;
use crate::FeatureShape;

/// float16 to float32 for finite values, without a branch, so that it becomes vector code:
/// the exponent's bias of 15 becomes 127 by a multiplication with 2^112, which is exact and
/// holds for subnormal values too.
pub fn widen(values: &[f16], wide: &mut [f32]) {
    const REBIAS: f32 = f32::from_bits((127 + 112) << 23);
    for (wide, value) in wide.iter_mut().zip(values) {
        let bits = u32::from(value.to_bits());
        let magnitude = f32::from_bits((bits & 0x7fff) << 13) * REBIAS;
        *wide = f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16);
    }
}

/// Places of a window on a map: one less than the map has, each way.
pub fn places(shape: FeatureShape) -> usize {
    (shape.height - WINDOW + 1) * (shape.width - WINDOW + 1)
}

/// Values of a window: 2 x 2 x channels.
pub fn window_len(shape: FeatureShape) -> usize {
    WINDOW * WINDOW * shape.channels
}

/// The mean over all places of each image: images x channels.
pub fn mean_places(features: &[f16], shape: FeatureShape) -> Vec<f32> {
    let (row, channels) = (shape.len(), shape.channels);
    let mut means = vec![0.0; features.len() / row * channels];
    let mut map = vec![0.0; row];
    for (features, mean) in features.chunks_exact(row).zip(means.chunks_exact_mut(channels)) {
        widen(features, &mut map);
        mean_place(&map, mean);
    }
    means
}

/// `mean` becomes the mean over all places of one image's features.
pub fn mean_place(map: &[f32], mean: &mut [f32]) {
    mean.fill(0.0);
    for place in map.chunks_exact(mean.len()) {
        mean.iter_mut().zip(place).for_each(|(mean, value)| *mean += value);
    }
    let share = 1.0 / (map.len() / mean.len()) as f32;
    mean.iter_mut().for_each(|mean| *mean *= share);
}

/// The mean window of each image: images x (2 x 2 x channels).
pub fn mean_windows(features: &[f16], shape: FeatureShape) -> Vec<f32> {
    let (row, channels) = (shape.len(), shape.channels);
    let share = 1.0 / places(shape) as f32;
    let mut means = vec![0.0; features.len() / row * WINDOW * WINDOW * channels];
    let mut map = vec![0.0; row];
    for (features, mean) in features.chunks_exact(row).zip(means.chunks_exact_mut(WINDOW * WINDOW * channels))
    {
        widen(features, &mut map);
        for (corner, mean) in mean.chunks_exact_mut(channels).enumerate() {
            let (dy, dx) = (corner / WINDOW, corner % WINDOW);
            for y in dy..=dy + shape.height - WINDOW {
                for x in dx..=dx + shape.width - WINDOW {
                    let start = (y * shape.width + x) * channels;
                    let place = &map[start..start + channels];
                    mean.iter_mut().zip(place).for_each(|(mean, value)| *mean += value);
                }
            }
            mean.iter_mut().for_each(|mean| *mean *= share);
        }
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widening_equals_the_crate_on_every_finite_value() {
        let values: Vec<f16> = (0..=u16::MAX).map(f16::from_bits).filter(|value| value.is_finite()).collect();
        let mut wide = vec![0.0; values.len()];
        widen(&values, &mut wide);
        for (value, wide) in values.iter().zip(wide) {
            assert_eq!(value.to_f32().to_bits(), wide.to_bits(), "{value}");
        }
    }
}
