//! How much points belong together: the probabilities P of t-SNE (L. van der Maaten and G. Hinton, Visualizing
//! Data using t-SNE, 2008), between nearest neighbours only (L. van der Maaten, Accelerating t-SNE using
//! Tree-Based Algorithms, 2014).

use std::ops::Range;

/// How near in nats the entropy must come to the perplexity's.
const NEAR: f64 = 1e-5;
/// Tries to find a kernel's width; halving an interval so often leaves nothing of it.
const TRIES: usize = 200;

/// The probabilities p(j | i) that a point would pick each neighbour, by their squared distances from it: they sum
/// to 1. The Gaussian kernel is as wide as gives them the `perplexity`, or as near as can be.
/// (van der Maaten and Hinton, equation 1.)
pub(crate) fn conditional(squared: &[f32], perplexity: f64) -> Vec<f64> {
    // Less the smallest distance, the nearest neighbour's weight is 1: the sum is never 0.
    let least = squared.iter().copied().fold(f32::INFINITY, f32::min);
    let further: Vec<f64> = squared.iter().map(|squared| f64::from(*squared) - f64::from(least)).collect();
    let mean = further.iter().sum::<f64>() / further.len().max(1) as f64;
    // The inverse of the kernel's doubled variance.
    let mut precision = if mean > 0.0 { 1.0 / mean } else { 1.0 };
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let mut weights = vec![0.0; further.len()];
    for _ in 0..TRIES {
        let excess = entropy(&further, precision, &mut weights) - perplexity.ln();
        if excess.abs() < NEAR {
            break;
        }
        if excess > 0.0 {
            low = precision;
        } else {
            high = precision;
        }
        precision = if high.is_finite() { (low + high) / 2.0 } else { precision * 2.0 };
    }
    let sum: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    weights
}

/// Writes the kernel's `weights`, and returns the entropy in nats of what they are probabilities of.
fn entropy(further: &[f64], precision: f64, weights: &mut [f64]) -> f64 {
    let (mut sum, mut moment) = (0.0, 0.0);
    for (weight, distance) in weights.iter_mut().zip(further) {
        *weight = (-precision * distance).exp();
        sum += *weight;
        moment += *weight * distance;
    }
    sum.ln() + precision * moment / sum
}

/// P: of each point the others with their probabilities p(ij) = (p(j | i) + p(i | j)) / 2n. All together sum to 1.
pub(crate) struct Joint {
    rows: Vec<Vec<(u32, f32)>>,
}

impl Joint {
    /// That of `n` points whose neighbours are to be added.
    pub fn new(n: usize) -> Self {
        Self { rows: vec![Vec::new(); n] }
    }

    /// Adds the neighbours of a point, each with its probability p(j | i).
    pub fn add(&mut self, point: usize, neighbours: impl Iterator<Item = (u32, f64)>) {
        let share = 0.5 / self.rows.len() as f64;
        for (other, probability) in neighbours {
            let half = (probability * share) as f32;
            self.rows[point].push((other, half));
            self.rows[other as usize].push((point as u32, half));
        }
    }

    /// Joins what was added to these points from both sides. Two points meet twice at the most, so that no
    /// order of additions is chosen here.
    pub fn settle(&mut self, points: Range<usize>) {
        for row in &mut self.rows[points] {
            row.sort_unstable_by_key(|(other, _)| *other);
            row.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                kept.1 += if same { next.1 } else { 0.0 };
                same
            });
        }
    }

    /// Of each point, the others in the order of their numbers.
    pub fn rows(&self) -> &[Vec<(u32, f32)>] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entropy_is_the_perplexity_s() {
        let squared: Vec<f32> = (0..90).map(|place| 1e3 + (place * place) as f32).collect();
        for perplexity in [2.0_f64, 5.0, 30.0, 80.0] {
            let probabilities = conditional(&squared, perplexity);
            assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let entropy: f64 = probabilities.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
            assert!((entropy.exp() / perplexity - 1.0).abs() < 1e-4, "{perplexity}");
        }
    }

    #[test]
    fn equal_distances_give_equal_probabilities() {
        for squared in [[0.0; 4], [1e24; 4], [1e-40; 4]] {
            assert_eq!(conditional(&squared, 2.0), [0.25; 4]);
        }
        assert_eq!(conditional(&[7.0], 1.0), [1.0]);
    }

    #[test]
    fn joint_probabilities_are_symmetric_and_sum_to_one() {
        let mut joint = Joint::new(3);
        let conditional = [vec![(1, 0.75), (2, 0.25)], vec![(0, 1.0)], vec![(0, 0.5), (1, 0.5)]];
        for (point, neighbours) in conditional.into_iter().enumerate() {
            joint.add(point, neighbours.into_iter());
        }
        joint.settle(0..3);
        let wanted: [&[(u32, f32)]; 3] =
            [&[(1, 1.75), (2, 0.75)], &[(0, 1.75), (2, 0.5)], &[(0, 0.75), (1, 0.5)]];
        for (row, wanted) in joint.rows().iter().zip(wanted) {
            assert_eq!(row.len(), wanted.len());
            for ((other, probability), (wanted, sixths)) in row.iter().zip(wanted) {
                assert_eq!(other, wanted);
                assert!((probability * 6.0 - sixths).abs() < 1e-6);
            }
        }
    }
}
