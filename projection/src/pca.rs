//! Principal components, by subspace iteration with a random beginning.
//!
//! N. Halko, P.-G. Martinsson and J. A. Tropp, Finding Structure with Randomness, 2011, algorithm 4.4: a few
//! more directions than are wanted are multiplied with the covariance matrix and made orthonormal, some times.
//! The matrix itself, 2048 x 2048, is never made: a pass over the rows multiplies with them forth and back.
//! In the space that is left the components come from an exact decomposition (Rayleigh and Ritz).

use std::ops::Range;

use head::matmul;
use head::random::Random;
use nalgebra::DMatrix;

use crate::{LARGEST_VALUE, MapError, check};

/// Directions beyond those that are wanted, at least.
const FURTHER: usize = 14;
/// As many columns are multiplied at a time as at one.
const COLUMNS: usize = 8;
/// Passes that multiply with the covariance matrix: as many as scikit-learn's randomized solver has for few
/// components.
const PASSES: usize = 7;
/// Rows of a step: of 2048 values by 64 directions some 10 ms.
const ROWS: usize = 128;

/// Points by their principal components, the one with the largest variance first.
///
/// Components that the points do not have, for there are fewer points or values, are all zeros.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// n x components: the points' coordinates. Each column's mean is 0.
    pub coordinates: Vec<f32>,
    /// Of each component the share of the whole variance, in [0, 1]; zeros where there is no variance.
    pub explained: Vec<f32>,
    /// The points' mean, d values.
    pub mean: Vec<f32>,
    /// components x d: directions of length 1, at right angles to each other. The value of largest magnitude
    /// is positive, as scikit-learn has it (`svd_flip` with `u_based_decision=False`).
    pub axes: Vec<f32>,
}

impl Pca {
    /// The coordinates of a further point, one a component: (row - mean) · axis.
    ///
    /// # Errors
    /// [`MapError::Length`] where the row is not as long as the others, [`MapError::Value`] where a value is no
    /// number or too large.
    pub fn project(&self, row: &[f32]) -> Result<Vec<f32>, MapError> {
        if row.len() != self.mean.len() {
            return Err(MapError::Length { found: row.len(), expected: self.mean.len() });
        }
        check(row, 1, row.len(), LARGEST_VALUE)?;
        let centred: Vec<f32> = row.iter().zip(&self.mean).map(|(value, mean)| value - mean).collect();
        let mut coordinates = vec![0.0; self.explained.len()];
        let sizes = [1, row.len(), coordinates.len()];
        matmul::a_bt(&centred, &self.axes, &mut coordinates, sizes);
        Ok(coordinates)
    }
}

/// The first so many principal components of `rows`, n x d. The random beginning is the `seed`'s.
///
/// The leading components are those of an exact decomposition to float32's precision; where many follow with
/// almost the same variance, the last ones are approximate.
///
/// # Errors
/// [`MapError`] where `rows` are not n x d numbers, or `d` or `components` is 0.
pub fn pca(rows: &[f32], n: usize, d: usize, components: usize, seed: u64) -> Result<Pca, MapError> {
    Ok(Reduction::new(rows, n, d, components, seed)?.finish())
}

/// The search for principal components, a step at a time: a step takes some of the rows, and the rows are
/// passed some times.
pub struct Reduction<'a> {
    rows: &'a [f32],
    d: usize,
    components: usize,
    /// Passes that are done, and rows of the next one.
    pass: usize,
    row: usize,
    /// A power of two near the largest magnitude: rows are divided by it, so that no square leaves float32.
    unit: f32,
    mean: Vec<f32>,
    /// The rows' sums, and those of their squared distances from the mean.
    sums: Vec<f64>,
    squares: f64,
    /// Directions x d, orthonormal but for the beginning.
    directions: Vec<f32>,
    /// Directions x d: their products with the covariance matrix, as far as rows were passed.
    products: Vec<f32>,
    /// n x directions: the rows in those directions, in the last pass.
    projected: Vec<f32>,
    room: Room,
}

/// Memory that every step uses.
#[derive(Default)]
struct Room {
    centred: Vec<f32>,
    scores: Vec<f32>,
    products: Vec<f32>,
}

impl<'a> Reduction<'a> {
    /// A search that has not begun; the arguments are those of [`pca`].
    ///
    /// # Errors
    /// [`MapError`] where `rows` are not n x d numbers, or `d` or `components` is 0.
    pub fn new(rows: &'a [f32], n: usize, d: usize, components: usize, seed: u64) -> Result<Self, MapError> {
        check(rows, n, d, LARGEST_VALUE)?;
        if components == 0 {
            return Err(MapError::Setting("components"));
        }
        let count = components.saturating_add(FURTHER).min(n).min(d);
        let count = count.next_multiple_of(COLUMNS).min(n).min(d);
        let mut random = Random::new(seed);
        Ok(Self {
            rows,
            d,
            components,
            pass: 0,
            row: 0,
            unit: power_of_two(largest(rows).abs()),
            mean: vec![0.0; d],
            sums: vec![0.0; d],
            squares: 0.0,
            directions: (0..count * d).map(|_| random.between(-1.0, 1.0)).collect(),
            products: vec![0.0; count * d],
            projected: Vec::new(),
            room: Room::default(),
        })
    }

    /// Takes some more rows. False where there is nothing left to do but [`Reduction::finish`].
    pub fn step(&mut self) -> bool {
        let (n, last) = (self.rows.len() / self.d, PASSES + 1);
        if n == 0 || self.pass > last {
            return false;
        }
        let rows = self.row..n.min(self.row + ROWS);
        self.row = rows.end;
        match self.pass {
            0 => self.sum(rows),
            pass if pass == last => self.project(rows),
            pass => self.multiply(rows, pass == 1),
        }
        if self.row == n {
            self.end_pass(n);
        }
        self.pass <= last
    }

    /// How many steps are done, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        let steps = (self.rows.len() / self.d).div_ceil(ROWS);
        (self.pass * steps + self.row.div_ceil(ROWS), (PASSES + 2) * steps)
    }

    /// The components, after all steps that are left.
    pub fn finish(mut self) -> Pca {
        while self.step() {}
        let (count, n) = (self.directions.len() / self.d, self.rows.len() / self.d);
        let (variances, mut mixture) = self.decompose(count);
        let mut axes = vec![0.0; self.components * self.d];
        matmul::a_b(&mixture, &self.directions, &mut axes, [self.components, count, self.d]);
        for (axis, mixture) in axes.chunks_exact_mut(self.d).zip(mixture.chunks_exact_mut(count.max(1))) {
            if largest(axis) < 0.0 {
                axis.iter_mut().chain(mixture).for_each(|value| *value = -*value);
            }
        }
        let mut coordinates = vec![0.0; n * self.components];
        matmul::a_bt(&self.projected, &mixture, &mut coordinates, [n, count, self.components]);
        coordinates.iter_mut().for_each(|value| *value *= self.unit);
        let share = |variance: f64| if self.squares > 0.0 { variance / self.squares } else { 0.0 };
        let explained =
            variances.into_iter().map(|variance| share(variance).clamp(0.0, 1.0) as f32).collect();
        Pca { coordinates, explained, mean: self.mean, axes }
    }

    /// Adds rows to the sums that the mean is made of.
    fn sum(&mut self, rows: Range<usize>) {
        for row in self.rows[rows.start * self.d..rows.end * self.d].chunks_exact(self.d) {
            self.sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
        }
    }

    /// Adds what rows contribute to the directions' products with the covariance matrix.
    fn multiply(&mut self, rows: Range<usize>, first: bool) {
        let (some, count) = (rows.len(), self.directions.len() / self.d);
        self.centre(rows);
        if first {
            let squared = |row: &[f32]| f64::from(row.iter().map(|value| value * value).sum::<f32>());
            self.squares += self.room.centred.chunks_exact(self.d).map(squared).sum::<f64>();
        }
        let Room { centred, scores, products } = &mut self.room;
        scores.resize(some * count, 0.0);
        matmul::a_bt(centred, &self.directions, scores, [some, self.d, count]);
        products.resize(count * self.d, 0.0);
        matmul::at_b(scores, centred, products, [count, some, self.d]);
        self.products.iter_mut().zip(products).for_each(|(sum, product)| *sum += *product);
    }

    /// Keeps the rows in the directions that were found.
    fn project(&mut self, rows: Range<usize>) {
        let (some, count) = (rows.len(), self.directions.len() / self.d);
        self.centre(rows);
        let begin = self.projected.len();
        self.projected.resize(begin + some * count, 0.0);
        let scores = &mut self.projected[begin..];
        matmul::a_bt(&self.room.centred, &self.directions, scores, [some, self.d, count]);
    }

    /// Rows without their mean, in units.
    fn centre(&mut self, rows: Range<usize>) {
        let rows = self.rows[rows.start * self.d..rows.end * self.d].chunks_exact(self.d);
        let scale = 1.0 / self.unit;
        self.room.centred.clear();
        for row in rows {
            self.room.centred.extend(row.iter().zip(&self.mean).map(|(value, mean)| (value - mean) * scale));
        }
    }

    fn end_pass(&mut self, n: usize) {
        if self.pass == 0 {
            self.mean.iter_mut().zip(&self.sums).for_each(|(mean, sum)| *mean = (sum / n as f64) as f32);
        } else if self.pass <= PASSES {
            let products = std::mem::replace(&mut self.products, vec![0.0; self.directions.len()]);
            self.directions = orthonormal(products, self.d);
        }
        self.pass += 1;
        self.row = 0;
    }

    /// Of each component the sum of the squared coordinates, and what it has of the directions: components x
    /// directions.
    fn decompose(&self, count: usize) -> (Vec<f64>, Vec<f32>) {
        let (mut variances, mut mixture) = (vec![0.0; self.components], vec![0.0; self.components * count]);
        if count == 0 {
            return (variances, mixture);
        }
        let mut gram = DMatrix::<f64>::zeros(count, count);
        for row in self.projected.chunks_exact(count) {
            for (mut column, &factor) in gram.column_iter_mut().zip(row) {
                column
                    .iter_mut()
                    .zip(row)
                    .for_each(|(sum, value)| *sum += f64::from(factor) * f64::from(*value));
            }
        }
        let found = gram.symmetric_eigen();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| found.eigenvalues[*b].total_cmp(&found.eigenvalues[*a]));
        let rows = variances.iter_mut().zip(mixture.chunks_exact_mut(count));
        for ((variance, row), from) in rows.zip(order) {
            *variance = found.eigenvalues[from];
            let column = found.eigenvectors.column(from);
            row.iter_mut().zip(column.iter()).for_each(|(value, part)| *value = *part as f32);
        }
        (variances, mixture)
    }
}

/// Directions x d, orthonormal, that span the same space as `products`. Zeros give some directions too.
fn orthonormal(products: Vec<f32>, d: usize) -> Vec<f32> {
    let count = products.len() / d;
    // Rows of ours are columns of nalgebra's.
    DMatrix::from_vec(d, count, products).qr().q().as_slice().to_vec()
}

/// The value of largest magnitude, the first of equals.
fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |most: f32, value| if value.abs() > most.abs() { *value } else { most })
}

/// The largest power of two that is not above `value`; 1 for what is too small to be divided by.
fn power_of_two(value: f32) -> f32 {
    let exponent = f32::from_bits(value.to_bits() & f32::INFINITY.to_bits());
    if exponent > 0.0 { exponent } else { 1.0 }
}
