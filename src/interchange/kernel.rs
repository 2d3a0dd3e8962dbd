//! The convolution's kernel in the order of other programs. Here it is filters x (2 x 2 x channels).

use crate::head::WINDOW;

/// The places of a window.
const PLACES: usize = WINDOW * WINDOW;

/// `kernel` as filters x channels x 2 x 2, ONNX's and PyTorch's order.
pub fn filters_first(kernel: &[f32], channels: usize) -> Vec<f32> {
    let mut moved = Vec::with_capacity(kernel.len());
    for filter in kernel.chunks_exact(PLACES * channels) {
        for channel in 0..channels {
            moved.extend(filter.iter().skip(channel).step_by(channels));
        }
    }
    moved
}

/// `kernel` as 2 x 2 x channels x filters, Keras' order.
pub fn filters_last(kernel: &[f32], channels: usize) -> Vec<f32> {
    let window = PLACES * channels;
    let column = |at: usize| kernel.iter().skip(at).step_by(window);
    (0..window).flat_map(column).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weight_finds_its_place() {
        // Three filters of two channels: the value tells filter, row, column and channel.
        let value = |filter, y, x, channel| (filter * 1000 + y * 100 + x * 10 + channel) as f32;
        let mut kernel = Vec::new();
        let (mut first, mut last) = (vec![0.0; 24], vec![0.0; 24]);
        for filter in 0..3 {
            for (y, x) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                for channel in 0..2 {
                    let value = value(filter, y, x, channel);
                    kernel.push(value);
                    first[((filter * 2 + channel) * 2 + y) * 2 + x] = value;
                    last[((y * 2 + x) * 2 + channel) * 3 + filter] = value;
                }
            }
        }
        assert_eq!((filters_first(&kernel, 2), filters_last(&kernel, 2)), (first, last));
    }
}
