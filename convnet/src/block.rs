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

/// Weights as a block reads them: the columns in panels of eight, of each panel one row after the other.
/// Columns beyond the last one are zeros.
pub struct Panels {
    depth: usize,
    rows: Vec<Row>,
}

impl Panels {
    /// `depth` x `columns` weights; `weight(row, column)` is each of them.
    pub fn new(depth: usize, columns: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let mut rows = Vec::with_capacity(depth * columns.div_ceil(COLUMNS));
        for first in (0..columns).step_by(COLUMNS) {
            rows.extend((0..depth).map(|row| {
                array::from_fn(|next| if first + next < columns { weight(row, first + next) } else { 0.0 })
            }));
        }
        Self { depth, rows }
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

impl Panels {
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
                let last = rows.begins.len().saturating_sub(1);
                for first in (0..rows.begins.len()).step_by(ROWS) {
                    let begins = array::from_fn(|next| rows.begins[(first + next).min(last)]);
                    let sums = block(panel, values, *rows, begins);
                    for (next, sums) in sums.iter().enumerate().take(rows.begins.len() - first) {
                        put(part, first + next, index * COLUMNS, sums);
                    }
                }
            }
        }
    }
}

/// The products of four rows and a panel.
#[inline(never)]
fn block(panel: &[Row], values: &[f32], rows: Rows<'_>, begins: [usize; ROWS]) -> [Row; ROWS] {
    let mut sums = [[0.0; COLUMNS]; ROWS];
    for tap in rows.taps {
        let weights = &panel[tap.weight..][..rows.run];
        let [a0, a1, a2, a3] = begins.map(|begin| &values[begin + tap.value..][..rows.run]);
        for ((((b, a0), a1), a2), a3) in weights.iter().zip(a0).zip(a1).zip(a2).zip(a3) {
            for (sums, a) in sums.iter_mut().zip([a0, a1, a2, a3]) {
                sums.iter_mut().zip(b).for_each(|(sum, b)| *sum += a * b);
            }
        }
    }
    sums
}
