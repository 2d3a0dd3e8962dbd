//! The products that convolutions are made of: rows of maps by columns of weights.
//!
//! Four rows by eight columns are computed at a time, for their sums, a row of weights and a value of a map
//! fit into the sixteen registers that V8 has for vectors. There is no intrinsic here: LLVM makes vectors of
//! the arrays. A value is summed in the order of its terms, whatever is computed beside it.

use std::array;

/// Rows of a block.
const ROWS: usize = 4;
/// Columns of a block: channels of the output.
pub const COLUMNS: usize = 8;

/// Eight columns side by side.
pub type Row = [f32; COLUMNS];

/// Stores as many of eight values as `to` has room for, all at once where it has for all.
#[inline(always)]
pub fn store(values: &Row, to: &mut [f32]) {
    match <&mut Row>::try_from(&mut *to) {
        Ok(to) => *to = *values,
        Err(_) => to.copy_from_slice(&values[..to.len()]),
    }
}

/// Weights as a block reads them: the columns in panels of eight, of each panel one row after the other.
/// Columns beyond the last one are zeros.
pub struct Panels {
    depth: usize,
    rows: Vec<Row>,
}

impl Panels {
    /// Weights of `places` x `channels` rows and `columns` columns; `weight(place, channel, column)` is each of
    /// them.
    pub fn new(
        [places, channels]: [usize; 2],
        columns: usize,
        weight: impl Fn(usize, usize, usize) -> f32,
    ) -> Self {
        let depth = places * channels;
        let mut rows = Vec::with_capacity(depth * columns.div_ceil(COLUMNS));
        for first in (0..columns).step_by(COLUMNS) {
            for place in 0..places {
                let row = |channel| {
                    let of = |column| if column < columns { weight(place, channel, column) } else { 0.0 };
                    array::from_fn(|next| of(first + next))
                };
                rows.extend((0..channels).map(row));
            }
        }
        Self { depth, rows }
    }

    /// Multiplies all `rows` of `values` by all columns. `put(rows, row, column, values)` takes the eight
    /// products, of a row of some of the `rows`, that begin with a column; those beyond the last column mean
    /// nothing.
    #[inline(always)]
    pub fn multiply(
        &self,
        values: &[f32],
        rows: &[Rows<'_>],
        mut put: impl FnMut(usize, usize, usize, &Row),
    ) {
        for (index, panel) in self.rows.chunks_exact(self.depth).enumerate() {
            for (part, rows) in rows.iter().enumerate() {
                for (first, begins) in rows.begins.chunks(ROWS).enumerate() {
                    let sums = match *begins {
                        [a] => spread(few(panel, values, *rows, [a])),
                        [a, b] => spread(few(panel, values, *rows, [a, b])),
                        [a, b, c] => spread(few(panel, values, *rows, [a, b, c])),
                        _ => block(panel, values, *rows, array::from_fn(|next| begins[next])),
                    };
                    for (next, sums) in sums.iter().enumerate().take(begins.len()) {
                        put(part, first * ROWS + next, index * COLUMNS, sums);
                    }
                }
            }
        }
    }
}

/// Values that stand side by side, and the weights that they meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tap {
    /// Where they are, from the row's beginning.
    pub value: usize,
    /// The row of the first of the weights.
    pub weight: usize,
}

/// Rows of a map that meet the same weights: each begins at one of `begins`, and consists of the `run` values at
/// each of the `taps` behind that.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    pub begins: &'a [usize],
    pub taps: &'a [Tap],
    pub run: usize,
}

/// The products of four rows and a panel.
#[inline(never)]
fn block(panel: &[Row], values: &[f32], rows: Rows<'_>, begins: [usize; ROWS]) -> [Row; ROWS] {
    let mut sums = [[0.0; COLUMNS]; ROWS];
    for tap in rows.taps {
        let weights = &panel[tap.weight..][..rows.run];
        let row = |row: usize| &values[begins[row] + tap.value..][..rows.run];
        for ((((weights, a), b), c), d) in weights.iter().zip(row(0)).zip(row(1)).zip(row(2)).zip(row(3)) {
            for (sums, value) in sums.iter_mut().zip([a, b, c, d]) {
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
            }
        }
    }
    sums
}

/// The same of fewer rows, which a map's end may leave.
#[inline(never)]
fn few<const N: usize>(panel: &[Row], values: &[f32], rows: Rows<'_>, begins: [usize; N]) -> [Row; N] {
    let mut sums = [[0.0; COLUMNS]; N];
    for tap in rows.taps {
        let weights = &panel[tap.weight..][..rows.run];
        let rows: [&[f32]; N] = array::from_fn(|row| &values[begins[row] + tap.value..][..rows.run]);
        for (depth, weights) in weights.iter().enumerate() {
            for (sums, row) in sums.iter_mut().zip(rows) {
                let value = row[depth];
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
            }
        }
    }
    sums
}

/// The products of fewer rows in the place of four.
fn spread<const N: usize>(sums: [Row; N]) -> [Row; ROWS] {
    array::from_fn(|row| sums.get(row).copied().unwrap_or([0.0; COLUMNS]))
}
