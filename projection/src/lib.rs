//! Images' features on a plane: where many numbers an image have become two.
//!
//! - [`Reduction`] finds the principal components, a step at a time; [`pca`] does all steps. The first two
//!   are a map at once.
//! - [`Tsne`] makes a better map of them, an iteration a step, so that whoever calls can look up between two.
//! - [`place`] puts a further image into a map, [`nearest`] names the images that are most like it.
//!
//! # Layout
//!
//! Points lie row by row: `n` of them with `width` values each are `n * width` float32. A map has two values
//! a point, x and y. Everything depends on the arguments alone: the same ones give the same bits.

mod affinities;
mod descent;
mod neighbours;
mod pca;
mod place;
mod tsne;

pub use neighbours::nearest;
pub use pca::{Pca, Reduction, pca};
pub use place::{PLACED_BY, place};
pub use tsne::{Settings, Tsne};

/// The largest magnitude of values that components are found of.
const LARGEST_VALUE: f32 = 1e12;
/// The same of points, which may be coordinates of such values: sums of their squares stay within float32.
const LARGEST_COORDINATE: f32 = 1e15;

/// Why there is no map.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MapError {
    /// Values are not as many as they should be.
    #[error("{found} values where {expected} belong")]
    Length {
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A value of this point is no number, or its magnitude is above 1e12 (of a row of [`pca`]) or 1e15.
    #[error("a value of point {0} is not a number, or too large")]
    Value(usize),
    /// A setting is outside of its range.
    #[error("{0} is out of range")]
    Setting(&'static str),
    /// There is no point beside which another could be placed.
    #[error("there are no points")]
    Empty,
}

/// Refuses what is not `n` points of `width` values each, with no larger magnitude than `most`.
fn check(points: &[f32], n: usize, width: usize, most: f32) -> Result<(), MapError> {
    if width == 0 {
        return Err(MapError::Setting("width"));
    }
    if n.checked_mul(width) != Some(points.len()) {
        return Err(MapError::Length { found: points.len(), expected: n.saturating_mul(width) });
    }
    match points.iter().position(|value| !(-most..=most).contains(value)) {
        Some(place) => Err(MapError::Value(place / width)),
        None => Ok(()),
    }
}
