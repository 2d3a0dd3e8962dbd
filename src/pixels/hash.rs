//! What a picture is known by.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::RgbImage;

/// Identity of an image: the first half of the SHA-256 of its size and pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ImageHash(pub [u8; 16]);

impl ImageHash {
    /// The hash of `image`.
    pub fn of(image: &RgbImage) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(image.width().to_le_bytes());
        hasher.update(image.height().to_le_bytes());
        hasher.update(image.pixels());
        let mut half = [0; 16];
        half.copy_from_slice(&hasher.finalize()[..16]);
        Self(half)
    }
}
