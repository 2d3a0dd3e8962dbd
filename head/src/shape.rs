//! What features look like.

use serde::{Deserialize, Serialize};

/// Shape of one image's features; their layout is height x width x channels, channels last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureShape {
    /// Rows of the map.
    pub height: usize,
    /// Columns of the map.
    pub width: usize,
    /// Values at each place.
    pub channels: usize,
}

impl FeatureShape {
    /// Values of one image.
    pub fn len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Whether there are no values at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
