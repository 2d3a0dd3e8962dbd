//! A further point in a map that is done.

use crate::affinities::conditional;
use crate::{MapError, nearest};

/// Neighbours that a further point is placed by, where there are as many: three times openTSNE's perplexity for
/// further points, 5.
pub const PLACED_BY: usize = 15;
/// How many of them count, softly.
const PERPLEXITY: f64 = 5.0;

/// Where `asked` (width values) belongs in a map of `points` (n x width), whose `positions` are n x 2: at the mean
/// position of its [`PLACED_BY`] nearest points, each weighted by the probability that t-SNE's Gaussian kernel
/// with perplexity 5 gives it.
///
/// This is where openTSNE begins with further points (P. G. Poličar, M. Stražar and B. Zupan, Embedding to
/// reference t-SNE space addresses batch effects in single-cell classification, 2021), without the descent
/// that it lets follow. A point between two groups comes to lie between them, where nothing else may lie.
///
/// # Errors
/// [`MapError::Empty`] where there are no points; [`MapError`] as of [`nearest`], and where the positions are not
/// as many as the points.
pub fn place(points: &[f32], width: usize, positions: &[f32], asked: &[f32]) -> Result<[f32; 2], MapError> {
    let found = nearest(points, width, asked, PLACED_BY)?;
    if positions.len() != points.len() / width * 2 {
        return Err(MapError::Length { found: positions.len(), expected: points.len() / width * 2 });
    }
    if found.is_empty() {
        return Err(MapError::Empty);
    }
    let squared: Vec<f32> = found.iter().map(|(_, distance)| distance * distance).collect();
    let perplexity = PERPLEXITY.min(found.len() as f64 / 3.0).max(1.0);
    let mut place = [0.0_f64; 2];
    for ((point, _), share) in found.iter().zip(conditional(&squared, perplexity)) {
        let position = &positions[point * 2..][..2];
        place.iter_mut().zip(position).for_each(|(sum, value)| *sum += share * f64::from(*value));
    }
    Ok(place.map(|value| value as f32))
}
