//! Where features are kept, and found again.

use std::collections::HashMap;

use half::f16;
use serde::{Deserialize, Serialize};

use crate::backbone::pieces::{hexadecimal, sha256};
use crate::backbone::{Manifest, Scaling};

pub use crate::pixels::ImageHash;

#[cfg(all(target_arch = "wasm32", feature = "page"))]
pub mod indexed_db;
#[cfg(feature = "session")]
pub mod memory;
#[cfg(feature = "session")]
pub mod reopening;

/// Version of everything between an image and the backbone's input. To be raised
/// whenever resizing or scaling changes a single bit.
pub const PREPROCESSING_VERSION: u32 = 1;

/// Features that may be compared and mixed: one backbone, one preprocessing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FeatureSpace {
    /// What a backbone's features depend on: SHA-256 of its file, then `+` and the beginning of that of how its
    /// manifest has it used, see [`FeatureSpace::of`]; of features that came from files, see
    /// [`FeatureSpace::of_files`].
    pub backbone: String,
    /// [`PREPROCESSING_VERSION`] at the time.
    pub preprocessing: u32,
}

impl FeatureSpace {
    /// The space of features that `manifest`'s backbone computes today. Scaling, input size and output are part of
    /// it: another one gives other features of the same file.
    pub fn of(manifest: &Manifest) -> Self {
        let Scaling { scale, offset } = manifest.scaling;
        let mut used =
            [scale.to_le_bytes(), offset.to_le_bytes(), manifest.input_size.to_le_bytes()].concat();
        used.extend(manifest.output.bytes());
        let used = &sha256(&used)[..16];
        Self { backbone: format!("{}{USED}{used}", manifest.sha256), preprocessing: PREPROCESSING_VERSION }
    }

    /// How earlier versions of the page called this space, where they knew it: after the backbone's file alone.
    pub fn earlier(&self) -> Option<Self> {
        let (file, _) = self.backbone.split_once(USED)?;
        Some(Self { backbone: file.to_owned(), ..self.clone() })
    }

    /// Whether `name` is this space's, today's or the earlier one.
    pub fn is_called(&self, name: &Self) -> bool {
        name == self || self.earlier().as_ref() == Some(name)
    }

    /// The space of features that came with a project's file, said to be of this one, until some of them were
    /// computed again.
    pub fn unchecked(&self) -> Self {
        Self { backbone: format!("unchecked:{}", self.backbone), ..self.clone() }
    }

    /// The space of features that came from files whose content has this SHA-256. No backbone's is
    /// named like it, so that nobody takes them for what a backbone computed.
    pub fn of_files(sha256: [u8; 32]) -> Self {
        Self { backbone: format!("files:{}", hexadecimal(&sha256)), preprocessing: PREPROCESSING_VERSION }
    }
}

/// What stands between a backbone's file and how it is used.
const USED: char = '+';

/// What a stored feature is found by: nothing of this can change without a miss.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FeatureKey {
    /// Backbone and preprocessing.
    pub space: FeatureSpace,
    /// The image.
    pub image: ImageHash,
}

/// Where an image's features stand: a record and a row in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The record's number in the store.
    pub record: u64,
    /// The image's place in the record.
    pub row: usize,
}

/// A record of features, without them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number in the store.
    pub number: u64,
    /// Backbone and preprocessing.
    pub space: FeatureSpace,
    /// The images, in the order of their rows.
    pub images: Vec<ImageHash>,
    /// Length of the features in bytes.
    pub bytes: u64,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreSize {
    /// Images with features, over all backbones.
    pub images: u64,
    /// Bytes of those features.
    pub bytes: u64,
}

impl<'a> FromIterator<&'a Record> for StoreSize {
    fn from_iter<I: IntoIterator<Item = &'a Record>>(records: I) -> Self {
        records.into_iter().fold(Self::default(), |size, record| Self {
            images: size.images + record.images.len() as u64,
            bytes: size.bytes + record.bytes,
        })
    }
}

/// Why a store did not do its work. What was stored before is untouched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The disk, or the share of it that this site may use, is full.
    #[error("no room left for more features")]
    Full,
    /// The memory that takes the place of the browser's store is full.
    #[error("no memory left")]
    Memory,
    /// The browser gives no access to its store (private window, blocked by a setting), or none any more.
    #[error("the browser's store cannot be used: {0}")]
    Unavailable(String),
    /// A newer version of the page has taken the store over.
    #[error("another tab has opened a newer version of the store")]
    Taken,
    /// What shall be changed was changed elsewhere, as by another tab.
    #[error("what is stored was changed elsewhere")]
    Changed,
    /// A record is not what was written.
    #[error("a stored record is damaged: {0}")]
    Damaged(String),
}

/// What stands before a project's number in the names of its heads.
const SUFFIX: &str = "/project-";

/// How the names of the heads end that belong to a project, see [`FeatureStore::write_head`].
pub fn project_suffix(project: u32) -> String {
    format!("{SUFFIX}{project}")
}

/// The project that a head of this name belongs to; `None` for one of none.
pub fn project_of(head: &str) -> Option<u32> {
    head.rsplit_once(SUFFIX)?.1.parse().ok()
}

/// Where the features of the images of `space` are among these records.
pub fn index_of(records: &[Record], space: &FeatureSpace) -> HashMap<ImageHash, Location> {
    let of_space = records.iter().filter(|record| record.space == *space);
    let places = of_space.flat_map(|record| {
        let rows = record.images.iter().enumerate();
        rows.map(|(row, &image)| (image, Location { record: record.number, row }))
    });
    places.collect()
}

/// Keeps features (float16) under [`FeatureKey`]s, several images a record.
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait FeatureStore {
    /// All records whose description can be read, in the order in which they were written.
    async fn records(&self) -> Result<Vec<Record>, StoreError>;

    /// Where the features of every stored image of `space` are: those that were written last.
    async fn index(&self, space: &FeatureSpace) -> Result<HashMap<ImageHash, Location>, StoreError> {
        Ok(index_of(&self.records().await?, space))
    }

    /// Writes one record: `values` holds the features of `images`, one after the other. It takes the place
    /// of the records `replacing`. When this returns its number, they survive a crash.
    async fn write(
        &self,
        space: &FeatureSpace,
        images: &[ImageHash],
        values: &[f16],
        replacing: &[u64],
    ) -> Result<u64, StoreError>;

    /// Reads one record's features, in the order they were written.
    ///
    /// # Errors
    /// [`StoreError::Changed`] where the record is gone, for another tab may have removed it.
    async fn read(&self, record: u64) -> Result<Vec<f16>, StoreError>;

    /// Drops one record, for instance a damaged one.
    async fn forget(&self, record: u64) -> Result<(), StoreError>;

    /// How many bytes more it takes, where it knows that by itself.
    async fn room(&self) -> Option<u64> {
        None
    }

    /// How much is stored.
    async fn size(&self) -> Result<StoreSize, StoreError> {
        Ok(self.records().await?.iter().collect())
    }

    /// Forgets all features (and no trained head).
    async fn clear(&self) -> Result<(), StoreError>;

    /// Keeps a trained head under `name`, in place of an earlier one.
    ///
    /// # Errors
    /// [`StoreError::Changed`] where it is one of a project that is gone, see [`project_of`]: another tab may have
    /// deleted it.
    async fn write_head(&self, name: &str, head: &[u8]) -> Result<(), StoreError>;

    /// Keeps `after` under `name`, in place of `before`.
    ///
    /// # Errors
    /// [`StoreError::Changed`] where something else is kept there, for another tab may have changed it, and as with
    /// [`FeatureStore::write_head`].
    async fn exchange_head(&self, name: &str, before: Option<&[u8]>, after: &[u8]) -> Result<(), StoreError>;

    /// Forgets what is kept under `name`, if there is anything.
    async fn drop_head(&self, name: &str) -> Result<(), StoreError>;

    /// The head kept under `name`.
    async fn read_head(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;
}
