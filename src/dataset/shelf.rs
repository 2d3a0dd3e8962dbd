//! Files that stay open for as long as their pictures are in use.

use super::containers::{Containers, Content, Place};
use super::{DatasetError, Opened};
use crate::pixels::RgbImage;

/// Open files, from which each picture can be read at any time.
#[derive(Default)]
pub struct Shelf {
    containers: Option<Containers<'static, Opened>>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.containers.is_some() { "a shelf" } else { "an empty shelf" })
    }
}

impl Shelf {
    /// A shelf with these files on it.
    pub fn new(containers: Containers<'static, Opened>) -> Self {
        Self { containers: Some(containers) }
    }

    /// The picture at `place`, as it is kept.
    ///
    /// # Errors
    /// [`DatasetError::Gone`] where it cannot be read any more.
    pub fn picture(&mut self, place: Place) -> Result<RgbImage, DatasetError> {
        let gone = |why: String| DatasetError::Gone(why);
        let containers = self.containers.as_mut().ok_or_else(|| gone("there is no file".into()))?;
        match containers.read(place, &|_| true).map_err(|error| gone(error.to_string()))? {
            Content::Whole(bytes) => RgbImage::kept(&bytes).map_err(|error| gone(error.to_string())),
            Content::Other(_) => Err(gone("it is no picture any more".into())),
            Content::Faulty(fault) => Err(gone(format!("{fault:?}"))),
        }
    }
}
