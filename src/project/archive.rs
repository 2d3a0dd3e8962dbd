//! A project as one .zip file: pictures, labels, features and trained heads.
//!
//! `project.json` says what the file is and holds the SHA-256 of every other entry, so that a
//! damaged or foreign file is refused whole. Pictures are PNG files that any program opens. A file may be
//! larger than the memory: it is written and read entry by entry, and features in blocks of some images.

mod reader;
mod writer;

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};
use zip::result::ZipError;

use super::{PictureId, Project, ProjectError};
use crate::features::{FeatureSpace, ImageHash};

pub use reader::{ArchiveReader, Features, is_project};
pub use writer::ArchiveWriter;

/// What [`Index::format`] says.
const FORMAT: &str = "bottleneck-project";
/// Format of the file; one of another version is not read.
const VERSION: u32 = 1;
const INDEX: &str = "project.json";
/// The index may have so many bytes: 50,000 pictures need about 12 MB, with long names 35 MB.
const LONGEST_INDEX: u64 = 48 << 20;
/// It may have so many quotation marks: 50,000 pictures need 500,000. A text in it takes up to 100 bytes.
const MOST_QUOTES: usize = 700_000;
/// Bytes of features that are written or read at once; an entry that is written holds no more.
const FEATURE_BYTES: usize = 8 << 20;

/// Why a file is no project that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// No zip, or a zip of something else.
    #[error("the file is no project of this page: {0}")]
    Foreign(String),
    /// Written by a newer program.
    #[error("the file is of version {0}; this page reads version {VERSION}")]
    Version(u32),
    /// An entry is missing, or is not what was written.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// The file cannot be read to its end.
    #[error("the file cannot be read: {0}")]
    Read(#[from] io::Error),
}

impl From<ZipError> for ArchiveError {
    fn from(error: ZipError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<ProjectError> for ArchiveError {
    fn from(error: ProjectError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// What `project.json` holds.
#[derive(Serialize, Deserialize)]
struct Index {
    format: String,
    version: u32,
    project: Project,
    pictures: Vec<(PictureId, String)>,
    features: Vec<FeatureEntry>,
    heads: BTreeMap<String, String>,
    /// The list of finished trainings, where there is one; older files have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trainings: Option<String>,
    /// SHA-256 of each entry, lower-case hexadecimal.
    sha256: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct FeatureEntry {
    space: FeatureSpace,
    images: Vec<ImageHash>,
    file: String,
}
