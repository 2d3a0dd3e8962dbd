//! Why a head answers what it answers: which places of an image speak for a class.

use half::f16;
use serde::{Deserialize, Serialize};

use super::windows::{places, widen, window_len};
use super::{Head, HeadError, WINDOW};

/// What each place adds to a class's score before the softmax.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contributions {
    /// Rows of places: of the feature map, or of the convolution's outputs (one less) where a ReLU
    /// stands between the two.
    pub height: usize,
    /// Columns of places, likewise.
    pub width: usize,
    /// Height x width values, row by row. Their sum and `bias` are the score.
    pub values: Vec<f32>,
    /// What every image gets, whatever is in it.
    pub bias: f32,
}

impl Contributions {
    /// The class's score before the softmax.
    pub fn score(&self) -> f32 {
        self.values.iter().sum::<f32>() + self.bias
    }
}

impl Head {
    /// The contributions of each place of one image to `class`'s score. Exact, for everything
    /// behind the places is linear up to the softmax. `None` where neighbours vote: that is about
    /// whole images.
    ///
    /// # Errors
    /// [`HeadError::Length`] where the features are not those of one image, [`HeadError::Label`]
    /// where there is no such class.
    pub fn contributions(&self, features: &[f16], class: u16) -> Result<Option<Contributions>, HeadError> {
        if features.len() != self.shape.len() {
            return Err(HeadError::Length { found: features.len(), expected: self.shape.len() });
        }
        if usize::from(class) >= self.classes {
            return Err(HeadError::Label(class));
        }
        if !self.preset.has_epochs() {
            return Ok(None);
        }
        let column: Vec<f32> =
            self.weights.dense_kernel.iter().skip(class.into()).step_by(self.classes).copied().collect();
        let mut map = vec![0.0; features.len()];
        widen(features, &mut map);
        let mut found = match (self.preset.has_convolution(), self.preset.has_norm()) {
            (true, true) => self.of_outputs(&map, &column),
            (true, false) => self.of_windows(&map, &column),
            (false, _) => self.of_means(&map, &column),
        };
        found.bias += self.weights.dense_bias[usize::from(class)];
        Ok(Some(found))
    }

    /// Without a convolution: each place has the same share in the means.
    fn of_means(&self, map: &[f32], column: &[f32]) -> Contributions {
        let (scale, shift) = self.folded_norm();
        let share = 1.0 / (self.shape.height * self.shape.width) as f32;
        let weights: Vec<f32> =
            scale.iter().zip(column).map(|(scale, weight)| scale * weight * share).collect();
        let values = map.chunks_exact(self.shape.channels).map(|place| dot(place, &weights)).collect();
        let (height, width) = (self.shape.height, self.shape.width);
        Contributions { height, width, values, bias: dot(&shift, column) }
    }

    /// With a linear convolution: each place speaks through every window that it is in.
    fn of_windows(&self, map: &[f32], column: &[f32]) -> Contributions {
        let (shape, channels) = (self.shape, self.shape.channels);
        let share = 1.0 / places(shape) as f32;
        let mut weights = vec![0.0; window_len(shape)];
        for (filter, weight) in self.weights.kernel.chunks_exact(weights.len()).zip(column) {
            weights.iter_mut().zip(filter).for_each(|(sum, value)| *sum += value * weight * share);
        }
        let mut values = Vec::with_capacity(shape.height * shape.width);
        for (at, place) in map.chunks_exact(channels).enumerate() {
            let (y, x) = (at / shape.width, at % shape.width);
            // The place is corner (dy, dx) of the window that begins dy above and dx to the left.
            let inside = |at: usize, by: usize, side: usize| at >= by && at - by + WINDOW <= side;
            let corners = weights.chunks_exact(channels).enumerate().filter(|(corner, _)| {
                inside(y, corner / WINDOW, shape.height) && inside(x, corner % WINDOW, shape.width)
            });
            values.push(corners.map(|(_, weights)| dot(place, weights)).sum());
        }
        let bias = dot(&self.weights.bias, column);
        Contributions { height: shape.height, width: shape.width, values, bias }
    }

    /// With a ReLU behind the convolution: its outputs are the last places there are.
    fn of_outputs(&self, map: &[f32], column: &[f32]) -> Contributions {
        let share = 1.0 / places(self.shape) as f32;
        let outputs = self.rectified(map);
        let values = outputs.chunks_exact(column.len()).map(|place| dot(place, column) * share).collect();
        let (height, width) = (self.shape.height - WINDOW + 1, self.shape.width - WINDOW + 1);
        Contributions { height, width, values, bias: 0.0 }
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
