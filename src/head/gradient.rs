//! The head's loss on a batch, and its gradient, worked out by hand.
//!
//! With windows X (images · places x window), kernel W (filters x window), masks M and N of
//! the two dropouts, dense kernel D and P places:
//!
//! ```text
//! Y = X Wᵀ + b    G = mean over places of M Y    Z = (N G) D + d    p = softmax(Z)
//! dZ = (p - target) / images      dD = (N G)ᵀ dZ     dd = sum dZ
//! dG = N (dZ Dᵀ)                  dY = M dG / P      dW = dYᵀ X     db = sum dY
//! ```

use half::f16;

use super::windows::{cut_windows, places, widen};
use super::{Head, matmul, softmax};
use crate::random::Random;

/// Images of a batch: their features, one after the other, and their labels.
pub struct Batch<'a> {
    /// All features that the batch's images are among, each height x width x channels.
    pub features: &'a [f16],
    /// Labels of the same images.
    pub labels: &'a [u16],
    /// Which images are in the batch.
    pub images: &'a [u32],
}

/// The two dropouts' shares and their chance. Dropout is inverted: what is kept is scaled by
/// 1 / (1 - share), so that means stay what they are.
pub struct Dropout<'a> {
    /// Share dropped of the convolution's outputs.
    pub map: f32,
    /// Share dropped of the means.
    pub pooled: f32,
    /// Where the masks come from.
    pub random: &'a mut Random,
}

/// The loss's derivatives, laid out as the head's weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// Of the kernel.
    pub kernel: Vec<f32>,
    /// Of the bias.
    pub bias: Vec<f32>,
    /// Of the dense kernel.
    pub dense_kernel: Vec<f32>,
    /// Of the dense bias.
    pub dense_bias: Vec<f32>,
}

/// Room for a batch's intermediate values, kept from batch to batch.
pub struct Workspace {
    map: Vec<f32>,
    windows: Vec<f32>,
    conv: Vec<f32>,
    conv_mask: Vec<f32>,
    pooled: Vec<f32>,
    pooled_mask: Vec<f32>,
    scores: Vec<f32>,
    /// The gradient of the last batch.
    pub gradient: Gradient,
}

impl Workspace {
    /// Room for batches of up to `batch` images.
    pub fn new(head: &Head, batch: usize) -> Self {
        let rows = batch * places(head.shape);
        Self {
            map: vec![0.0; head.shape.len()],
            windows: vec![0.0; rows * head.window_len()],
            conv: vec![0.0; rows * head.filters],
            conv_mask: vec![0.0; rows * head.filters],
            pooled: vec![0.0; batch * head.filters],
            pooled_mask: vec![0.0; batch * head.filters],
            scores: vec![0.0; batch * head.classes],
            gradient: Gradient {
                kernel: vec![0.0; head.kernel.len()],
                bias: vec![0.0; head.filters],
                dense_kernel: vec![0.0; head.dense_kernel.len()],
                dense_bias: vec![0.0; head.classes],
            },
        }
    }

    /// Computes the gradient of the batch's mean cross-entropy. Returns the sum of the
    /// cross-entropies in nats and the number of right answers, both with dropout on.
    pub fn run(&mut self, head: &Head, batch: &Batch, dropout: Dropout) -> (f64, usize) {
        let images = batch.images.len();
        let (per_image, window, filters, classes) =
            (places(head.shape), head.window_len(), head.filters, head.classes);
        let rows = images * per_image;
        let Self { map, windows, conv, conv_mask, pooled, pooled_mask, scores, gradient } = self;
        let windows = &mut windows[..rows * window];
        let (conv, conv_mask) = (&mut conv[..rows * filters], &mut conv_mask[..rows * filters]);
        let (pooled, pooled_mask) = (&mut pooled[..images * filters], &mut pooled_mask[..images * filters]);
        let scores = &mut scores[..images * classes];

        let row = head.shape.len();
        for (&image, windows) in batch.images.iter().zip(windows.chunks_exact_mut(per_image * window)) {
            widen(&batch.features[image as usize * row..][..row], map);
            cut_windows(map, head.shape, windows);
        }
        matmul::a_bt(windows, &head.kernel, conv, [rows, window, filters]);
        fill_mask(conv_mask, dropout.map, dropout.random);
        fill_mask(pooled_mask, dropout.pooled, dropout.random);
        let share = 1.0 / per_image as f32;
        pooled.fill(0.0);
        for (at, (conv, mask)) in conv.chunks_exact(filters).zip(conv_mask.chunks_exact(filters)).enumerate()
        {
            let pooled = &mut pooled[at / per_image * filters..][..filters];
            for (((pooled, value), bias), mask) in pooled.iter_mut().zip(conv).zip(&head.bias).zip(mask) {
                *pooled += (value + bias) * mask * share;
            }
        }
        pooled.iter_mut().zip(&*pooled_mask).for_each(|(value, mask)| *value *= mask);
        matmul::a_b(pooled, &head.dense_kernel, scores, [images, filters, classes]);

        let (mut loss, mut correct) = (0.0, 0);
        for (&image, scores) in batch.images.iter().zip(scores.chunks_exact_mut(classes)) {
            scores.iter_mut().zip(&head.dense_bias).for_each(|(score, bias)| *score += bias);
            let label = usize::from(batch.labels[image as usize]);
            let of_label = scores[label];
            correct += usize::from(super::most_probable(scores) == label);
            loss += f64::from(softmax(scores) - of_label);
            scores[label] -= 1.0;
            scores.iter_mut().for_each(|score| *score /= images as f32);
        }

        // From here on `scores` is dZ, and each buffer is overwritten by its own derivative.
        matmul::at_b(pooled, scores, &mut gradient.dense_kernel, [filters, images, classes]);
        sum_rows(scores, &mut gradient.dense_bias);
        matmul::a_bt(scores, &head.dense_kernel, pooled, [images, classes, filters]);
        pooled.iter_mut().zip(&*pooled_mask).for_each(|(value, mask)| *value *= mask * share);
        for (at, (conv, mask)) in
            conv.chunks_exact_mut(filters).zip(conv_mask.chunks_exact(filters)).enumerate()
        {
            let pooled = &pooled[at / per_image * filters..][..filters];
            for ((conv, value), mask) in conv.iter_mut().zip(pooled).zip(mask) {
                *conv = value * mask;
            }
        }
        matmul::at_b(conv, windows, &mut gradient.kernel, [filters, rows, window]);
        sum_rows(conv, &mut gradient.bias);
        (loss, correct)
    }
}

/// Each entry is 0 with probability `share`, else 1 / (1 - share).
fn fill_mask(mask: &mut [f32], share: f32, random: &mut Random) {
    if share == 0.0 {
        mask.fill(1.0);
        return;
    }
    let kept = 1.0 / (1.0 - share);
    mask.iter_mut().for_each(|entry| *entry = if random.unit() < share { 0.0 } else { kept });
}

/// `sums` becomes the sum of all rows, each as long as `sums`.
fn sum_rows(rows: &[f32], sums: &mut [f32]) {
    sums.fill(0.0);
    for row in rows.chunks_exact(sums.len()) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
}
