//! RMSprop as in Keras 2, AdamW as in Keras 3.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::{Preset, Settings, Weights};

/// RMSprop's weight of the past in the running mean of squares (Keras' `rho`).
const DECAY: f32 = 0.9;
/// Adam's weight of the past in the running mean of gradients.
const BETA_1: f32 = 0.9;
/// Adam's weight of the past in the running mean of squares.
const BETA_2: f32 = 0.999;
/// Added to the root, not under it (Keras 3's RMSprop has it under the root).
const EPSILON: f32 = 1e-7;

/// How steps are made of gradients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Optimizer {
    /// Divides each step by the root of a running mean of its squared gradients:
    /// `v = 0.9 v + 0.1 g²`, `w = w - rate g / (sqrt(v) + 1e-7)`, with `v` zero at first.
    RmsProp {
        /// Factor of each step.
        learning_rate: f32,
        /// `v`
        squares: Weights,
    },
    /// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019) of every
    /// weight: first `w = w - rate decay w`, then, in step t,
    /// `m = 0.9 m + 0.1 g`, `v = 0.999 v + 0.001 g²`,
    /// `w = w - rate sqrt(1 - 0.999^t) / (1 - 0.9^t) m / (sqrt(v) + 1e-7)`.
    AdamW {
        /// Factor of the first step; it goes down along half a cosine, step by step.
        learning_rate: f32,
        /// Share of a weight that a step of rate 1 takes away.
        weight_decay: f32,
        /// Steps taken.
        step: u32,
        /// Steps after which the rate is zero.
        steps: u32,
        /// `m`
        means: Weights,
        /// `v`
        squares: Weights,
    },
}

impl Optimizer {
    /// An optimizer of `weights` that has seen no gradient yet, for so many `steps`.
    pub fn new(settings: &Settings, weights: &Weights, steps: u32) -> Self {
        let learning_rate = settings.learning_rate;
        let weight_decay = match settings.preset {
            Preset::Notebook | Preset::Nearest => {
                return Self::RmsProp { learning_rate, squares: weights.zeros() };
            }
            Preset::Quick => 0.01,
            Preset::Strong => 0.1,
        };
        let (means, squares) = (weights.zeros(), weights.zeros());
        Self::AdamW { learning_rate, weight_decay, step: 0, steps, means, squares }
    }

    /// The same optimizer of other weights: what it keeps beside its own becomes `change` of it.
    pub(super) fn with(mut self, mut change: impl FnMut(&Weights) -> Weights) -> Self {
        for kept in self.kept_mut() {
            *kept = change(kept);
        }
        self
    }

    /// The same optimizer of more weights, by `join` of what it keeps with what `others` keep. They must be
    /// of the same kind and have taken as many steps.
    pub(super) fn joined(mut self, others: &[&Self], join: impl Fn(Weights, &[&Weights]) -> Weights) -> Self {
        for (number, kept) in self.kept_mut().into_iter().enumerate() {
            let others: Vec<_> =
                others.iter().filter_map(|other| other.kept().get(number).copied()).collect();
            *kept = join(std::mem::take(kept), &others);
        }
        self
    }

    /// What is kept beside the weights, in their layout.
    pub(super) fn kept(&self) -> Vec<&Weights> {
        match self {
            Self::RmsProp { squares, .. } => vec![squares],
            Self::AdamW { means, squares, .. } => vec![means, squares],
        }
    }

    fn kept_mut(&mut self) -> Vec<&mut Weights> {
        match self {
            Self::RmsProp { squares, .. } => vec![squares],
            Self::AdamW { means, squares, .. } => vec![means, squares],
        }
    }

    /// Takes one step.
    pub fn step(&mut self, weights: &mut Weights, gradient: &Weights) {
        let parts = weights.parts_mut().into_iter().zip(gradient.parts());
        match self {
            Self::RmsProp { learning_rate, squares } => {
                for ((weights, gradient), squares) in parts.zip(squares.parts_mut()) {
                    rms_prop(weights, gradient, squares, *learning_rate);
                }
            }
            Self::AdamW { learning_rate, weight_decay, step, steps, means, squares } => {
                let gone = f64::from((*step).min(*steps)) / f64::from((*steps).max(1));
                let rate = *learning_rate * (0.5 * (1.0 + (PI * gone).cos())) as f32;
                *step += 1;
                let correction = |beta: f32| 1.0 - f64::from(beta).powf((*step).into());
                let alpha = rate * (correction(BETA_2).sqrt() / correction(BETA_1)) as f32;
                let kept = 1.0 - rate * *weight_decay;
                let moments = means.parts_mut().into_iter().zip(squares.parts_mut());
                for ((weights, gradient), (means, squares)) in parts.zip(moments) {
                    adam(weights, gradient, means, squares, [kept, alpha]);
                }
            }
        }
    }
}

fn rms_prop(weights: &mut [f32], gradient: &[f32], squares: &mut [f32], rate: f32) {
    for ((weight, gradient), square) in weights.iter_mut().zip(gradient).zip(squares) {
        *square = DECAY * *square + (1.0 - DECAY) * gradient * gradient;
        *weight -= rate * gradient / (square.sqrt() + EPSILON);
    }
}

fn adam(
    weights: &mut [f32],
    gradient: &[f32],
    means: &mut [f32],
    squares: &mut [f32],
    [kept, alpha]: [f32; 2],
) {
    let moments = means.iter_mut().zip(squares);
    for ((weight, gradient), (mean, square)) in weights.iter_mut().zip(gradient).zip(moments) {
        *mean = BETA_1 * *mean + (1.0 - BETA_1) * gradient;
        *square = BETA_2 * *square + (1.0 - BETA_2) * gradient * gradient;
        *weight = kept * *weight - alpha * *mean / (square.sqrt() + EPSILON);
    }
}
