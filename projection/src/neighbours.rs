//! Who lies near whom, by Euclidean distance.

use std::cmp::Ordering;
use std::ops::Range;

use head::matmul;

use crate::{LARGEST_COORDINATE, MapError, check};

/// The `count` of `points` (n x width) that lie nearest to `asked` (width values): each with its number and its
/// distance, the nearest first, the first of equals. Fewer where there are fewer.
///
/// # Errors
/// [`MapError`] where the points are not whole rows of `width` values, or `asked` is not one row of numbers.
pub fn nearest(
    points: &[f32],
    width: usize,
    asked: &[f32],
    count: usize,
) -> Result<Vec<(usize, f32)>, MapError> {
    check(asked, 1, width, LARGEST_COORDINATE)?;
    if !points.len().is_multiple_of(width) {
        return Err(MapError::Length { found: points.len(), expected: points.len() / width * width });
    }
    let squared = points.chunks_exact(width).map(|point| distance(point, asked));
    let mut found: Vec<(f32, u32)> = squared.zip(0..).collect();
    keep_nearest(&mut found, count);
    found.sort_unstable_by(nearer);
    Ok(found.into_iter().map(|(squared, point)| (point as usize, squared.sqrt())).collect())
}

/// For each of some `rows` of `points` (n x width), the `count` other points that lie nearest: each with its
/// squared distance and its number, the nearest first, the first of equals. `count` is below n.
///
/// `squares` are the points' squared lengths. They and a matrix product choose, with an error in the last
/// digits of the lengths; what was chosen is measured again.
pub(crate) fn nearest_others(
    points: &[f32],
    width: usize,
    squares: &[f32],
    rows: Range<usize>,
    count: usize,
) -> Vec<Vec<(f32, u32)>> {
    let n = squares.len();
    let mut products = vec![0.0; rows.len() * n];
    let asked = &points[rows.start * width..rows.end * width];
    matmul::a_bt(asked, points, &mut products, [rows.len(), width, n]);
    let point = |number: usize| &points[number * width..][..width];
    rows.zip(products.chunks_exact(n))
        .map(|(own, products)| {
            let squared = squares.iter().zip(products).map(|(square, product)| square - 2.0 * product);
            let others = squared.zip(0..).filter(|(_, other)| *other as usize != own);
            let mut found: Vec<(f32, u32)> = others.collect();
            keep_nearest(&mut found, count);
            let measured = |(_, other): &mut (f32, u32)| distance(point(own), point(*other as usize));
            found.iter_mut().for_each(|found| found.0 = measured(found));
            found.sort_unstable_by(nearer);
            found
        })
        .collect()
}

/// The squared lengths of `points`.
pub(crate) fn squares(points: &[f32], width: usize) -> Vec<f32> {
    points.chunks_exact(width).map(|point| point.iter().map(|value| value * value).sum()).collect()
}

/// The squared distance of two points.
fn distance(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| (one - other) * (one - other)).sum()
}

/// Leaves out all but the `count` nearest, in any order.
fn keep_nearest(found: &mut Vec<(f32, u32)>, count: usize) {
    if count < found.len() {
        found.select_nth_unstable_by(count, nearer);
        found.truncate(count);
    }
}

fn nearer(one: &(f32, u32), other: &(f32, u32)) -> Ordering {
    one.0.total_cmp(&other.0).then(one.1.cmp(&other.1))
}
