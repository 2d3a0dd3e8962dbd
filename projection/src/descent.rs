//! The descent of t-SNE: from a beginning to a map, an iteration at a time.
//!
//! The gradient is van der Maaten's of 2014, with a tree for what points at a distance do; the steps are those
//! of Poličar, Stražar and Zupan's openTSNE (2019, 2024), whose rate of n / exaggeration is A. C. Belkina's and
//! others' (Automated optimized parameters for t-SNE, 2019).

use barnes_hut_tree::{BarnesHutTree, Dim, Morton};
use head::random::Random;

use crate::affinities::Joint;

/// P is multiplied by it in the first iterations (Linderman and Steinerberger 2019, Belkina 2019).
const EXAGGERATION: f32 = 12.0;
const MOMENTUM: f32 = 0.8;
const LEAST_GAIN: f32 = 0.01;
/// No point moves further than this at a time.
const LONGEST_STEP: f32 = 5.0;
/// A cell of the tree stands for its points where its half width is below so much of its distance.
const THETA: f32 = 0.5;
/// What two points weigh that make the tree's cells squares: nothing beside 1 in float32.
const CORNER: f32 = 1e-20;
/// The deviation of the map's first coordinate in the beginning (Kobak and Berens, The art of using t-SNE for
/// single-cell transcriptomics, 2019).
const BEGINNING: f64 = 1e-4;
/// What chance adds to that: it parts points that are alike.
const JITTER: f32 = 1e-6;

/// A map that moves.
pub(crate) struct Descent {
    /// n x 2.
    pub positions: Vec<f32>,
    velocities: Vec<[f32; 2]>,
    gains: Vec<[f32; 2]>,
    gradient: Vec<[f32; 2]>,
    tree: BarnesHutTree<f32, u64, 2>,
    /// What the tree is of: the positions and two corners, with their masses.
    bodies: Vec<f32>,
    masses: Vec<f32>,
}

impl Descent {
    /// Begins with the first two values of each point (width values each), scaled down, and a little chance.
    pub fn new(points: &[f32], width: usize, seed: u64) -> Self {
        let n = points.len() / width;
        let mut random = Random::new(seed);
        let mut jitter = || random.between(-JITTER, JITTER);
        let scale = (BEGINNING / deviation(points.iter().step_by(width))) as f32;
        let scale = if scale.is_finite() { scale } else { 0.0 };
        let first_two = |point: &[f32]| [point[0], point.get(1).copied().unwrap_or(0.0)];
        let begin = points.chunks_exact(width).flat_map(first_two);
        let mut positions: Vec<f32> = begin.map(|value| value * scale + jitter()).collect();
        centre(&mut positions);
        let gradient = vec![[0.0; 2]; n];
        Self {
            positions,
            velocities: gradient.clone(),
            gains: vec![[1.0; 2]; n],
            gradient,
            tree: BarnesHutTree::empty(),
            bodies: Vec::new(),
            masses: [vec![1.0; n], vec![CORNER; 2]].concat(),
        }
    }

    /// One iteration.
    pub fn step(&mut self, joint: &Joint, early: bool) {
        let exaggeration = if early { EXAGGERATION } else { 1.0 };
        self.repel(THETA);
        self.attract(joint, exaggeration);
        self.advance(self.gains.len() as f32 / exaggeration);
        centre(&mut self.positions);
        self.stretch();
    }

    /// Makes a map that is narrower than in the beginning so wide again. There all distances are far below 1 and
    /// the forces proportional to them, so that nothing changes but the scale; the exaggeration would draw points
    /// without structure together to where float32 is slow and inexact.
    fn stretch(&mut self) {
        let squares: f64 = self.positions.iter().map(|value| f64::from(*value).powi(2)).sum();
        let width = (squares / self.gains.len() as f64).sqrt();
        if width > 0.0 && width < BEGINNING {
            let factor = (BEGINNING / width) as f32;
            let velocities = self.velocities.iter_mut().flatten();
            self.positions.iter_mut().chain(velocities).for_each(|value| *value *= factor);
        }
    }

    /// Writes the gradient's second sum, by which all points repel each other: -Σ q(ij)² (y(i) - y(j)) / Z with
    /// q(ij) = 1 / (1 + |y(i) - y(j)|²) and Z = Σ q.
    fn repel(&mut self, theta: f32) {
        self.plant();
        let mut stack = <Dim<2> as Morton<2>>::empty_stack();
        let mut z = 0.0;
        for (point, gradient) in self.gradient.iter_mut().enumerate() {
            let mut sum = 0.0;
            *gradient = [0.0; 2];
            let (squared, bodies) = (theta * theta, &self.bodies);
            self.tree.compute_non_edge_forces(point, squared, bodies, gradient, &mut sum, stack.as_mut());
            z += f64::from(sum);
        }
        let share = if z > 0.0 { (-1.0 / z) as f32 } else { 0.0 };
        self.gradient.iter_mut().flatten().for_each(|value| *value *= share);
    }

    /// Builds the tree. Its cells have the shape of the box round all points: round a few that lie far out on one
    /// side they would be long and thin, stand for their points seldom and cost twenty times as much.
    fn plant(&mut self) {
        let values = self.positions.iter().copied();
        let (least, most) = (values.clone().fold(f32::MAX, f32::min), values.fold(f32::MIN, f32::max));
        self.bodies.clone_from(&self.positions);
        self.bodies.extend([least, least, most, most]);
        self.tree.rebuild(&self.bodies, &self.masses);
    }

    /// Adds the first sum, by which those attract each other that belong together: Σ p(ij) q(ij) (y(i) - y(j)).
    fn attract(&mut self, joint: &Joint, exaggeration: f32) {
        let (positions, _) = self.positions.as_chunks::<2>();
        for ((gradient, others), [x, y]) in self.gradient.iter_mut().zip(joint.rows()).zip(positions) {
            let mut sum = [0.0; 2];
            for (other, probability) in others {
                let other = &positions[*other as usize];
                let (right, down) = (x - other[0], y - other[1]);
                let force = probability / (1.0 + (right * right + down * down));
                sum[0] += force * right;
                sum[1] += force * down;
            }
            gradient[0] += exaggeration * sum[0];
            gradient[1] += exaggeration * sum[1];
        }
    }

    /// Moves the points with momentum and a gain each coordinate (R. A. Jacobs 1988, as van der Maaten has it).
    fn advance(&mut self, rate: f32) {
        let (positions, _) = self.positions.as_chunks_mut::<2>();
        let moving = self.velocities.iter_mut().zip(&mut self.gains).zip(&self.gradient);
        for (((velocity, gains), gradient), position) in moving.zip(positions) {
            for ((velocity, gain), slope) in velocity.iter_mut().zip(gains).zip(gradient) {
                let onward = (*slope > 0.0) != (*velocity > 0.0);
                *gain = if onward { *gain + 0.2 } else { (*gain * 0.8).max(LEAST_GAIN) };
                *velocity = MOMENTUM * *velocity - rate * *gain * slope;
            }
            let length = (velocity[0] * velocity[0] + velocity[1] * velocity[1]).sqrt();
            if length > LONGEST_STEP {
                velocity.iter_mut().for_each(|velocity| *velocity *= LONGEST_STEP / length);
            }
            position.iter_mut().zip(velocity).for_each(|(position, velocity)| *position += *velocity);
        }
    }
}

/// The standard deviation.
fn deviation<'a>(values: impl ExactSizeIterator<Item = &'a f32> + Clone) -> f64 {
    let n = values.len() as f64;
    let mean = values.clone().map(|value| f64::from(*value)).sum::<f64>() / n;
    (values.map(|value| (f64::from(*value) - mean).powi(2)).sum::<f64>() / n).sqrt()
}

/// Brings the mean to 0.
fn centre(positions: &mut [f32]) {
    let (positions, _) = positions.as_chunks_mut::<2>();
    let mut sums = [0.0_f64; 2];
    for position in positions.iter() {
        sums.iter_mut().zip(position).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    let means = sums.map(|sum| (sum / positions.len() as f64) as f32);
    for position in positions {
        position.iter_mut().zip(means).for_each(|(value, mean)| *value -= mean);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What [`Descent::repel`] is nearly, summed over all pairs.
    fn exact(positions: &[f32]) -> Vec<f64> {
        let (places, _) = positions.as_chunks::<2>();
        let (mut sums, mut z) = (vec![0.0; positions.len()], 0.0);
        for (one, sum) in places.iter().zip(sums.chunks_mut(2)) {
            for other in places.iter().filter(|other| *other != one) {
                let apart = [0, 1].map(|axis| f64::from(one[axis] - other[axis]));
                let q = 1.0 / (1.0 + apart[0] * apart[0] + apart[1] * apart[1]);
                z += q;
                sum.iter_mut().zip(apart).for_each(|(sum, apart)| *sum -= q * q * apart);
            }
        }
        sums.into_iter().map(|sum| sum / z).collect()
    }

    #[test]
    fn the_tree_s_repulsion_is_nearly_the_exact_one() {
        let mut random = Random::new(1);
        let points: Vec<f32> = (0..600).map(|_| random.between(-20.0, 20.0)).collect();
        let exact = exact(&points);
        let size = exact.iter().map(|value| value * value).sum::<f64>().sqrt();
        let mut descent = Descent::new(&points, 2, 1);
        descent.positions = points;
        for (theta, most) in [(0.0, 1e-5), (0.1, 0.01), (THETA, 0.1)] {
            descent.repel(theta);
            let pairs = descent.gradient.iter().flatten().zip(&exact);
            let error = pairs.map(|(ours, exact)| (f64::from(*ours) - exact).powi(2)).sum::<f64>().sqrt();
            assert!(error < most * size, "{theta}: {}", error / size);
        }
    }
}
