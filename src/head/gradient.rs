//! The loss on a batch of a head that learns by gradients, and its gradient, worked out by hand.
//!
//! With features F (images · places x channels), windows X (images · places of the convolution x
//! window), kernel W (filters x window), masks M and N of the two dropouts, dense kernel D, P
//! places of the convolution, and `norm(F) = γ F̂ + β` where F̂ has mean 0 and variance 1 in every
//! channel:
//!
//! ```text
//! notebook: Y = windows(F) Wᵀ + b          G = mean over places of M Y
//! strong:   Y = windows(M norm(F)) Wᵀ + b  G = mean over places of [Y > 0] Y
//! quick:                                   G = norm(mean over places of F)
//! all:      Z = (N G) D + d    p = softmax(Z)
//!
//! dZ = (p - target) / images      dD = (N G)ᵀ dZ     dd = sum dZ     dG = N (dZ Dᵀ)
//! dY = M dG / P or [Y > 0] dG / P      dW = dYᵀ X    db = sum dY     dX = dY W
//! dR = M fold(dX) or dG                dγ = sum dR F̂               dβ = sum dR
//! ```
//!
//! Nothing in front of batch norm is learnt, so that no derivative passes through it.

use half::f16;

use super::windows::{cut_windows, fold_windows, mean_place, places, widen, window_len};
use super::{Head, Statistics, Weights, matmul, softmax};
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
    /// Share dropped of the convolution's outputs, or of its inputs behind batch norm.
    pub map: f32,
    /// Share dropped of the means.
    pub pooled: f32,
    /// Where the masks come from.
    pub random: &'a mut Random,
}

/// Room for a batch's intermediate values, kept from batch to batch. What a kind of head does not
/// have is empty.
pub struct Workspace {
    /// One image's features.
    map: Vec<f32>,
    /// F, or its means; F̂ where there is batch norm.
    inputs: Vec<f32>,
    /// `norm` of them, later its derivative.
    signal: Vec<f32>,
    /// M where it masks `signal`.
    signal_mask: Vec<f32>,
    windows: Vec<f32>,
    conv: Vec<f32>,
    /// What a convolution's output is multiplied by: M, or whether it is above zero.
    gate: Vec<f32>,
    pooled: Vec<f32>,
    pooled_mask: Vec<f32>,
    scores: Vec<f32>,
    /// The gradient of the last batch.
    pub gradient: Weights,
    /// Mean and variance of the last batch.
    pub statistics: Statistics,
}

impl Workspace {
    /// Room for batches of up to `batch` images.
    pub fn new(head: &Head, batch: usize) -> Self {
        let preset = head.preset;
        let room = |wanted: bool, length: usize| vec![0.0; if wanted { batch * length } else { 0 }];
        let (norm, convolution) = (preset.has_norm(), preset.has_convolution());
        let rows = if convolution { places(head.shape) } else { 0 };
        let width = head.pooled_len();
        let input = input_len(head);
        Self {
            map: vec![0.0; head.shape.len()],
            inputs: room(true, input),
            signal: room(norm, input),
            signal_mask: room(norm && convolution, input),
            windows: room(convolution, rows * window_len(head.shape)),
            conv: room(convolution, rows * width),
            gate: room(convolution, rows * width),
            pooled: room(true, width),
            pooled_mask: room(true, width),
            scores: room(true, head.classes),
            gradient: head.weights.zeros(),
            statistics: Statistics::initial(preset, head.shape.channels),
        }
    }

    /// Computes the gradient of the batch's mean cross-entropy. Returns the sum of the
    /// cross-entropies in nats and the number of right answers, both with dropout on and with the
    /// batch's own statistics.
    pub fn run(&mut self, head: &Head, batch: &Batch, dropout: Dropout) -> (f64, usize) {
        let images = batch.images.len();
        let (width, classes, weights) = (head.pooled_len(), head.classes, &head.weights);
        self.load(head, batch);
        if head.preset.has_convolution() {
            self.convolve(head, images, dropout.map, dropout.random);
        } else {
            self.pooled[..images * width].copy_from_slice(&self.signal[..images * width]);
        }
        let pooled = &mut self.pooled[..images * width];
        let mask = &mut self.pooled_mask[..images * width];
        let scores = &mut self.scores[..images * classes];
        fill_mask(mask, dropout.pooled, dropout.random);
        pooled.iter_mut().zip(&*mask).for_each(|(value, mask)| *value *= mask);
        matmul::a_b(pooled, &weights.dense_kernel, scores, [images, width, classes]);

        let (mut loss, mut correct) = (0.0, 0);
        for (&image, scores) in batch.images.iter().zip(scores.chunks_exact_mut(classes)) {
            scores.iter_mut().zip(&weights.dense_bias).for_each(|(score, bias)| *score += bias);
            let label = usize::from(batch.labels[image as usize]);
            let of_label = scores[label];
            correct += usize::from(super::most_probable(scores) == label);
            loss += f64::from(softmax(scores) - of_label);
            scores[label] -= 1.0;
            scores.iter_mut().for_each(|score| *score /= images as f32);
        }

        // From here on `scores` is dZ, and each buffer is overwritten by its own derivative.
        matmul::at_b(pooled, scores, &mut self.gradient.dense_kernel, [width, images, classes]);
        sum_rows(scores, &mut self.gradient.dense_bias);
        matmul::a_bt(scores, &weights.dense_kernel, pooled, [images, classes, width]);
        if head.preset.has_convolution() {
            self.convolve_back(head, images);
        } else {
            let pooled = pooled.iter().zip(&*mask).map(|(value, mask)| value * mask);
            self.signal.iter_mut().zip(pooled).for_each(|(signal, value)| *signal = value);
        }
        if head.preset.has_norm() {
            self.norm_back(head, images);
        }
        (loss, correct)
    }

    /// Fills `inputs`, and `signal` where there is batch norm.
    fn load(&mut self, head: &Head, batch: &Batch) {
        let (shape, row) = (head.shape, head.shape.len());
        let input = input_len(head);
        let inputs = &mut self.inputs[..batch.images.len() * input];
        for (&image, values) in batch.images.iter().zip(inputs.chunks_exact_mut(input)) {
            let features = &batch.features[image as usize * row..][..row];
            if head.preset.has_convolution() {
                widen(features, values);
            } else {
                widen(features, &mut self.map);
                mean_place(&self.map, values);
            }
        }
        if !head.preset.has_norm() {
            return;
        }
        self.statistics.measure(inputs);
        let scale: Vec<f32> = self.statistics.inverse_deviation().collect();
        let signal = self.signal.chunks_exact_mut(shape.channels);
        for (values, signal) in inputs.chunks_exact_mut(shape.channels).zip(signal) {
            let statistics = values.iter_mut().zip(&self.statistics.mean).zip(&scale);
            statistics.for_each(|((value, mean), scale)| *value = (*value - mean) * scale);
            let learnt = head.weights.gamma.iter().zip(&head.weights.beta);
            for ((signal, value), (gamma, beta)) in signal.iter_mut().zip(&*values).zip(learnt) {
                *signal = value * gamma + beta;
            }
        }
    }

    /// From `inputs` or `signal` to `pooled`.
    fn convolve(&mut self, head: &Head, images: usize, drop: f32, random: &mut Random) {
        let (shape, per_image, filters) = (head.shape, places(head.shape), head.pooled_len());
        let (row, window, rows) = (shape.len(), window_len(shape), images * per_image);
        let (conv, gate) = (&mut self.conv[..rows * filters], &mut self.gate[..rows * filters]);
        let windows = &mut self.windows[..rows * window];
        let norm = head.preset.has_norm();
        let maps = if norm {
            let (signal, mask) = (&mut self.signal[..images * row], &mut self.signal_mask[..images * row]);
            fill_mask(mask, drop, random);
            signal.iter_mut().zip(&*mask).for_each(|(value, mask)| *value *= mask);
            &*signal
        } else {
            &self.inputs[..images * row]
        };
        for (map, windows) in maps.chunks_exact(row).zip(windows.chunks_exact_mut(per_image * window)) {
            cut_windows(map, shape, windows);
        }
        let bias = &head.weights.bias;
        matmul::a_bt(windows, &head.weights.kernel, conv, [rows, window, filters]);
        if norm {
            for (gate, conv) in gate.chunks_exact_mut(filters).zip(conv.chunks_exact(filters)) {
                for ((gate, value), bias) in gate.iter_mut().zip(conv).zip(bias) {
                    *gate = f32::from(u8::from(value + bias > 0.0));
                }
            }
        } else {
            fill_mask(gate, drop, random);
        }
        let share = 1.0 / per_image as f32;
        self.pooled.fill(0.0);
        for (at, (conv, gate)) in conv.chunks_exact(filters).zip(gate.chunks_exact(filters)).enumerate() {
            let pooled = &mut self.pooled[at / per_image * filters..][..filters];
            for (((pooled, value), bias), gate) in pooled.iter_mut().zip(conv).zip(bias).zip(gate) {
                *pooled += (value + bias) * gate * share;
            }
        }
    }

    /// From dZ Dᵀ in `pooled` to the convolution's gradient, and to `signal`'s where there is batch
    /// norm.
    fn convolve_back(&mut self, head: &Head, images: usize) {
        let (shape, per_image, filters) = (head.shape, places(head.shape), head.pooled_len());
        let (row, window, rows) = (shape.len(), window_len(shape), images * per_image);
        let (conv, windows) = (&mut self.conv[..rows * filters], &mut self.windows[..rows * window]);
        let share = 1.0 / per_image as f32;
        let pooled = self.pooled[..images * filters].iter_mut().zip(&self.pooled_mask);
        pooled.for_each(|(value, mask)| *value *= mask * share);
        let gates = self.gate.chunks_exact(filters);
        for (at, (conv, gate)) in conv.chunks_exact_mut(filters).zip(gates).enumerate() {
            let pooled = &self.pooled[at / per_image * filters..][..filters];
            for ((conv, value), gate) in conv.iter_mut().zip(pooled).zip(gate) {
                *conv = value * gate;
            }
        }
        matmul::at_b(conv, windows, &mut self.gradient.kernel, [filters, rows, window]);
        sum_rows(conv, &mut self.gradient.bias);
        if head.preset.has_norm() {
            matmul::a_b(conv, &head.weights.kernel, windows, [rows, filters, window]);
            let signal = &mut self.signal[..images * row];
            signal.fill(0.0);
            let windows = windows.chunks_exact(per_image * window);
            for (map, windows) in signal.chunks_exact_mut(row).zip(windows) {
                fold_windows(windows, shape, map);
            }
            signal.iter_mut().zip(&self.signal_mask).for_each(|(value, mask)| *value *= mask);
        }
    }

    /// From dR in `signal` and F̂ in `inputs` to batch norm's gradient.
    fn norm_back(&mut self, head: &Head, images: usize) {
        let channels = head.shape.channels;
        let used = images * input_len(head);
        sum_rows(&self.signal[..used], &mut self.gradient.beta);
        let gamma = &mut self.gradient.gamma;
        gamma.fill(0.0);
        let rows = self.signal[..used].chunks_exact(channels).zip(self.inputs.chunks_exact(channels));
        for (signal, input) in rows {
            for ((sum, signal), input) in gamma.iter_mut().zip(signal).zip(input) {
                *sum += signal * input;
            }
        }
    }
}

/// Values of one image that come first: its features, or their means.
fn input_len(head: &Head) -> usize {
    if head.preset.has_convolution() { head.shape.len() } else { head.shape.channels }
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
