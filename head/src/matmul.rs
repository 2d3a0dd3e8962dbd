//! Matrix products of row-major float32 slices.
//!
//! Each function takes the sizes `[m, k, n]` of an m x k by k x n product; the slices' lengths must be those
//! sizes'. Every value is summed over k in the order of k, a stretch at a time, whatever m and n are: a row's
//! values are the same bits in any company and on any machine.
//!
//! Four rows by eight columns are computed at a time, for their sums, a row of b and a value of a fit into the
//! sixteen registers that V8 has for vectors. The crate rten-gemm takes eight by eight, which do not: a batch of the
//! notebook's head takes 0.78 of the time that it took with that crate (docs/benchmarks.md). There is no
//! intrinsic here: LLVM makes vectors of the arrays.

use std::array;
use std::ops::Range;

/// Rows and columns of a block.
const ROWS: usize = 4;
const COLUMNS: usize = 8;
/// A stretch of k: the eight columns, packed, then stay in the nearest cache (16 kB).
const DEPTH: usize = 512;

type Row = [f32; COLUMNS];

/// `out = a b`
pub fn a_b(a: &[f32], b: &[f32], out: &mut [f32], sizes: [usize; 3]) {
    let [_, _, n] = sizes;
    product(a, out, sizes, |panel, depths, columns| {
        for (packed, row) in panel.iter_mut().zip(b[depths.start * n..].chunks_exact(n)) {
            copy(&mut packed[..columns.len()], &row[columns.clone()]);
        }
    });
}

/// `out = a bᵀ`, where `b` lies as n x k.
pub fn a_bt(a: &[f32], b: &[f32], out: &mut [f32], sizes: [usize; 3]) {
    let [_, k, _] = sizes;
    product(a, out, sizes, |panel, depths, columns| {
        for (place, column) in columns.enumerate() {
            let values = &b[column * k..][depths.clone()];
            panel.iter_mut().zip(values).for_each(|(packed, value)| packed[place] = *value);
        }
    });
}

/// `out = aᵀ b`, where `a` lies as k x m.
pub fn at_b(a: &[f32], b: &[f32], out: &mut [f32], sizes: [usize; 3]) {
    let [m, _, _] = sizes;
    let turned: Vec<f32> = (0..m).flat_map(|row| a.iter().skip(row).step_by(m).copied()).collect();
    a_b(&turned, b, out, sizes);
}

/// `out` becomes the product of `a` and what `pack` puts into a panel: for some of k a row each, with the
/// values of some columns.
fn product(
    a: &[f32],
    out: &mut [f32],
    [m, k, n]: [usize; 3],
    pack: impl Fn(&mut [Row], &Range<usize>, Range<usize>),
) {
    if k == 0 {
        out.fill(0.0);
    }
    let mut panel = vec![[0.0; COLUMNS]; k.min(DEPTH)];
    for begin in (0..k).step_by(DEPTH) {
        let depths = begin..k.min(begin + DEPTH);
        let panel = &mut panel[..depths.len()];
        for first in (0..n).step_by(COLUMNS) {
            let columns = first..n.min(first + COLUMNS);
            // What stands in columns beyond the last one comes out in none.
            pack(panel, &depths, columns.clone());
            for row in (0..m).step_by(ROWS) {
                let rows = array::from_fn(|next| &a[(row + next).min(m - 1) * k..][depths.clone()]);
                let places =
                    (row..m.min(row + ROWS)).map(|row| row * n + columns.start..row * n + columns.end);
                for (sums, place) in block(panel, rows).iter().zip(places) {
                    let (out, sums) = (&mut out[place], &sums[..columns.len()]);
                    match begin {
                        0 => copy(out, sums),
                        _ => out.iter_mut().zip(sums).for_each(|(out, sum)| *out += sum),
                    }
                }
            }
        }
    }
}

/// Copies a whole row at once, where it is one.
fn copy(to: &mut [f32], from: &[f32]) {
    match (<&mut Row>::try_from(&mut *to), <&Row>::try_from(from)) {
        (Ok(to), Ok(from)) => *to = *from,
        _ => to.copy_from_slice(from),
    }
}

/// The products of some rows and a panel.
#[inline(never)]
fn block(panel: &[Row], [a0, a1, a2, a3]: [&[f32]; ROWS]) -> [Row; ROWS] {
    let mut sums = [[0.0; COLUMNS]; ROWS];
    for ((((b, a0), a1), a2), a3) in panel.iter().zip(a0).zip(a1).zip(a2).zip(a3) {
        for (sums, a) in sums.iter_mut().zip([a0, a1, a2, a3]) {
            sums.iter_mut().zip(b).for_each(|(sum, b)| *sum += a * b);
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn products_are_sums_in_the_order_of_k() {
        for [m, k, n] in [
            [1, 1, 1],
            [2, 0, 3],
            [0, 2, 3],
            [4, 512, 8],
            [5, 513, 9],
            [3, 1100, 17],
            [100, 50, 24],
            [7, 3, 2],
        ] {
            let mut random = Random::new(1);
            let mut values = |count: usize| -> Vec<f32> { (0..count).map(|_| random.unit() - 0.5).collect() };
            let (a, b) = (values(m * k), values(k * n));
            let turned = |values: &[f32], width: usize| -> Vec<f32> {
                (0..width).flat_map(|column| values.iter().skip(column).step_by(width).copied()).collect()
            };
            let wanted: Vec<f32> = (0..m * n)
                .map(|place| {
                    let product = |at: usize| a[place / n * k + at] * b[at * n + place % n];
                    let stretch = |begin: usize| (begin..k.min(begin + DEPTH)).map(product).sum::<f32>();
                    (0..k).step_by(DEPTH).map(stretch).fold(0.0, |sum, stretch| sum + stretch)
                })
                .collect();
            let mut out = vec![f32::NAN; m * n];
            a_b(&a, &b, &mut out, [m, k, n]);
            assert_eq!(out, wanted, "{m} {k} {n}");
            out.fill(f32::NAN);
            a_bt(&a, &turned(&b, n), &mut out, [m, k, n]);
            assert_eq!(out, wanted, "{m} {k} {n}");
            out.fill(f32::NAN);
            at_b(&turned(&a, k), &b, &mut out, [m, k, n]);
            assert_eq!(out, wanted, "{m} {k} {n}");
        }
    }
}
