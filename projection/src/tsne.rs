//! t-SNE (L. van der Maaten and G. Hinton, Visualizing Data using t-SNE, 2008) a step at a time.

use std::ops::Range;

use crate::affinities::{Joint, conditional};
use crate::descent::Descent;
use crate::neighbours::{nearest_others, squares};
use crate::{LARGEST_COORDINATE, MapError, check};

/// Points whose neighbours a step searches: among 5000 of 50 values some 10 ms.
const SEARCHED: usize = 64;
/// Points whose probabilities a step joins.
const JOINED: usize = 512;
/// Neighbours of a point for each unit of the perplexity (van der Maaten 2014).
const NEIGHBOURS: f32 = 3.0;

/// Points from which on there is something to do: for two, Q is P at any distance.
const ENOUGH: usize = 3;

/// How a map is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How many neighbours a point looks to, softly: 5 to 50 are usual, at least 1. Where there are fewer than three
    /// times as many other points, a third of their number.
    pub perplexity: f32,
    /// Iterations in all. Their number is the time that a map takes.
    pub iterations: usize,
    /// So many of them, the first ones, exaggerate how points belong together: groups find each other.
    pub early: usize,
    /// What the beginning's little chance is drawn from.
    pub seed: u64,
}

impl Default for Settings {
    /// openTSNE's: perplexity 30, 750 iterations, the first 250 of them exaggerated; seed 0.
    fn default() -> Self {
        Self { perplexity: 30.0, iterations: 750, early: 250, seed: 0 }
    }
}

/// A map under way. Who wants no more of it drops it between two steps.
pub struct Tsne {
    points: Vec<f32>,
    width: usize,
    squares: Vec<f32>,
    settings: Settings,
    joint: Joint,
    descent: Descent,
    done: usize,
}

impl Tsne {
    /// A map of `points`, `n` of `width` values each, that has not begun. Their first two values are the map's
    /// beginning: they should be coordinates by principal components ([`crate::Pca::coordinates`]), of which 50
    /// are enough.
    ///
    /// Any number of points makes a map; two and fewer stay where they begin. Equal points come to lie
    /// beside each other.
    ///
    /// # Errors
    /// [`MapError`] where `points` are not n x width numbers, the width is 0, or the perplexity is no number from
    /// 1 on.
    pub fn new(points: &[f32], n: usize, width: usize, settings: Settings) -> Result<Self, MapError> {
        check(points, n, width, LARGEST_COORDINATE)?;
        if !(settings.perplexity >= 1.0 && settings.perplexity.is_finite()) {
            return Err(MapError::Setting("perplexity"));
        }
        Ok(Self {
            points: points.to_vec(),
            width,
            squares: squares(points, width),
            descent: Descent::new(points, width, settings.seed),
            settings,
            joint: Joint::new(n),
            done: 0,
        })
    }

    /// Searches some points' neighbours, joins some probabilities or moves all points once. False where there is
    /// nothing left to do.
    pub fn step(&mut self) -> bool {
        let (done, total) = self.progress();
        if done == total {
            return false;
        }
        let (searches, joins) = self.preparations();
        if done < searches {
            self.search(self.some(SEARCHED, done));
        } else if done < searches + joins {
            self.joint.settle(self.some(JOINED, done - searches));
        } else {
            self.descent.step(&self.joint, done - searches - joins < self.settings.early);
        }
        self.done += 1;
        self.done < total
    }

    /// How many steps are done, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        match self.squares.len() {
            0..ENOUGH => (0, 0),
            _ => {
                let (searches, joins) = self.preparations();
                (self.done, searches + joins + self.settings.iterations)
            }
        }
    }

    /// n x 2: where the points are now; their mean is 0. Before the first iteration it is the beginning, some 1e-4
    /// wide, in the end some tens of units for thousands of points.
    pub fn positions(&self) -> &[f32] {
        &self.descent.positions
    }

    /// The points, n x width.
    pub fn points(&self) -> &[f32] {
        &self.points
    }

    /// Steps that search neighbours, and steps that join their probabilities.
    fn preparations(&self) -> (usize, usize) {
        let n = self.squares.len();
        (n.div_ceil(SEARCHED), n.div_ceil(JOINED))
    }

    /// The points of a step that takes so many.
    fn some(&self, points: usize, step: usize) -> Range<usize> {
        step * points..self.squares.len().min((step + 1) * points)
    }

    fn search(&mut self, rows: Range<usize>) {
        let others = self.squares.len() - 1;
        let perplexity = self.settings.perplexity.min(others as f32 / NEIGHBOURS).max(1.0);
        let count = others.min((NEIGHBOURS * perplexity) as usize);
        let found = nearest_others(&self.points, self.width, &self.squares, rows.clone(), count);
        for (point, found) in rows.zip(found) {
            let squared: Vec<f32> = found.iter().map(|(squared, _)| *squared).collect();
            let probabilities = conditional(&squared, f64::from(perplexity));
            self.joint.add(point, found.iter().map(|(_, other)| *other).zip(probabilities));
        }
    }
}
