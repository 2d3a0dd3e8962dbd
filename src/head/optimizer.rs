//! RMSprop as in Keras 2.

use super::{Gradient, Head};

/// Weight of the past in the running mean of squares (Keras' `rho`).
const DECAY: f32 = 0.9;
/// Added to the root, not under it (Keras 2; Keras 3 has it under the root).
const EPSILON: f32 = 1e-7;

/// Divides each step by the root of a running mean of its squared gradients:
/// `v = 0.9 v + 0.1 g²`, `w = w - rate g / (sqrt(v) + 1e-7)`, with `v` zero at first.
pub struct RmsProp {
    learning_rate: f32,
    squares: Gradient,
}

impl RmsProp {
    /// An optimizer for `head` that has seen no gradient yet.
    pub fn new(head: &Head, learning_rate: f32) -> Self {
        let squares = Gradient {
            kernel: vec![0.0; head.kernel.len()],
            bias: vec![0.0; head.bias.len()],
            dense_kernel: vec![0.0; head.dense_kernel.len()],
            dense_bias: vec![0.0; head.dense_bias.len()],
        };
        Self { learning_rate, squares }
    }

    /// Takes one step.
    pub fn step(&mut self, head: &mut Head, gradient: &Gradient) {
        let (rate, squares) = (self.learning_rate, &mut self.squares);
        update(&mut head.kernel, &gradient.kernel, &mut squares.kernel, rate);
        update(&mut head.bias, &gradient.bias, &mut squares.bias, rate);
        update(&mut head.dense_kernel, &gradient.dense_kernel, &mut squares.dense_kernel, rate);
        update(&mut head.dense_bias, &gradient.dense_bias, &mut squares.dense_bias, rate);
    }
}

fn update(weights: &mut [f32], gradient: &[f32], squares: &mut [f32], rate: f32) {
    for ((weight, gradient), square) in weights.iter_mut().zip(gradient).zip(squares) {
        *square = DECAY * *square + (1.0 - DECAY) * gradient * gradient;
        *weight -= rate * gradient / (square.sqrt() + EPSILON);
    }
}
