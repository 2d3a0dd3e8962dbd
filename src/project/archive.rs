//! A project as one .zip file: pictures, labels, features and trained heads.
//!
//! `project.json` says what the file is and holds the SHA-256 of every other entry, so that a
//! damaged or foreign file is refused whole. Pictures are PNG files that any program opens.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use bytemuck::Pod;
use half::f16;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::{PictureId, Project, ProjectError};
use crate::features::{FeatureSpace, ImageHash};
use crate::protocol::f16_to_bytes;
use crate::unpack;

/// What [`Index::format`] says.
const FORMAT: &str = "bottleneck-project";
/// Format of the file; one of another version is not read.
const VERSION: u32 = 1;
const INDEX: &str = "project.json";
/// The index may have so many bytes: 10,000 pictures need about 3 MB, with long names 8 MB.
const LONGEST_INDEX: u64 = 16 << 20;
/// It may have so many quotation marks: 10,000 pictures need 200,000. A text in it takes up to 100 bytes.
const MOST_QUOTES: usize = 400_000;

/// Everything a project file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Archive {
    /// The project.
    pub project: Project,
    /// Each of its pictures, as PNG file.
    pub pictures: Vec<(PictureId, Vec<u8>)>,
    /// Features of some or all of the pictures.
    pub features: Vec<Features>,
    /// Trained heads by the backbone whose features they take, as the store keeps them.
    pub heads: BTreeMap<String, Vec<u8>>,
}

/// Features of one space.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// Backbone and preprocessing.
    pub space: FeatureSpace,
    /// Whose features they are.
    pub images: Vec<ImageHash>,
    /// One image after the other.
    pub values: Vec<f16>,
}

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
    /// SHA-256 of each entry, lower-case hexadecimal.
    sha256: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct FeatureEntry {
    space: FeatureSpace,
    images: Vec<ImageHash>,
    file: String,
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Archive {
    /// The file. The same project gives the same bytes.
    ///
    /// # Errors
    /// [`ArchiveError`] only where memory runs out.
    pub fn to_zip(&self) -> Result<Vec<u8>, ArchiveError> {
        let mut entries: Vec<(String, Vec<u8>)> = Vec::new();
        let by_id: HashMap<_, _> = self.pictures.iter().map(|(id, bytes)| (id, bytes)).collect();
        let mut pictures = Vec::new();
        for (at, class) in self.project.classes.iter().enumerate() {
            let folder: String = class
                .name
                .chars()
                .map(|letter| if letter.is_alphanumeric() { letter } else { '_' })
                .collect();
            for picture in &class.pictures {
                let file = format!("pictures/{:02}_{folder}/{:05}.png", at + 1, picture.id);
                let missing = || ArchiveError::Damaged(format!("picture {} is missing", picture.id));
                let bytes = by_id.get(&picture.id).ok_or_else(missing)?;
                pictures.push((picture.id, file.clone()));
                entries.push((file, bytes.to_vec()));
            }
        }
        let mut features = Vec::new();
        for (at, Features { space, images, values }) in self.features.iter().enumerate() {
            let file = format!("features/{}.f16", at + 1);
            features.push(FeatureEntry { space: space.clone(), images: images.clone(), file: file.clone() });
            entries.push((file, f16_to_bytes(values).to_vec()));
        }
        let mut heads = BTreeMap::new();
        for (at, (backbone, bytes)) in self.heads.iter().enumerate() {
            let file = format!("heads/{}.bin", at + 1);
            heads.insert(backbone.clone(), file.clone());
            entries.push((file, bytes.clone()));
        }
        let index = Index {
            format: FORMAT.to_owned(),
            version: VERSION,
            project: self.project.clone(),
            pictures,
            features,
            heads,
            sha256: entries.iter().map(|(file, bytes)| (file.clone(), sha256(bytes))).collect(),
        };
        let index =
            serde_json::to_vec_pretty(&index).map_err(|error| ArchiveError::Damaged(error.to_string()))?;
        let length = entries.iter().fold(index.len(), |length, (_, bytes)| length + bytes.len());
        let packed = zip_of(&index, &entries, CompressionMethod::Deflated)?;
        // Features of drawings may shrink so far that the file would not be taken again.
        match length as u64 > unpack::most(packed.len() as u64) {
            true => zip_of(&index, &entries, CompressionMethod::Stored),
            false => Ok(packed),
        }
    }

    /// What is in `file`, which may be anything. All that is in it may have so many bytes as
    /// [`unpack::most`] says.
    ///
    /// # Errors
    /// [`ArchiveError`] where it is no whole project file; nothing may be used of it then.
    pub fn from_zip(mut file: impl Read + Seek) -> Result<Self, ArchiveError> {
        let mut room = unpack::most(file.seek(SeekFrom::End(0))?);
        let mut zip = ZipArchive::new(file).map_err(|error| ArchiveError::Foreign(error.to_string()))?;
        let bytes = match entry::<u8>(&mut zip, INDEX, &mut room.min(LONGEST_INDEX)) {
            Err(ArchiveError::Damaged(why)) if zip.index_for_name(INDEX).is_none() => {
                return Err(ArchiveError::Foreign(why));
            }
            bytes => bytes?,
        };
        if bytes.iter().filter(|byte| **byte == b'"').count() > MOST_QUOTES {
            return Err(ArchiveError::Damaged(format!("`{INDEX}` says too much")));
        }
        room = room.saturating_sub(bytes.len() as u64);
        let head: Head =
            serde_json::from_slice(&bytes).map_err(|error| ArchiveError::Foreign(error.to_string()))?;
        if head.format != FORMAT {
            return Err(ArchiveError::Foreign(format!("its format is `{}`", head.format)));
        }
        if head.version != VERSION {
            return Err(ArchiveError::Version(head.version));
        }
        let index: Index =
            serde_json::from_slice(&bytes).map_err(|error| ArchiveError::Damaged(error.to_string()))?;
        let check = |file: &str, bytes: &[u8]| match index.sha256.get(file) {
            Some(expected) if *expected == sha256(bytes) => Ok(()),
            _ => Err(ArchiveError::Damaged(format!("`{file}` is not what was written"))),
        };
        let mut read = |file: &str| -> Result<Vec<u8>, ArchiveError> {
            let bytes = entry(&mut zip, file, &mut room)?;
            check(file, &bytes).map(|()| bytes)
        };
        let mut pictures = Vec::new();
        for (id, file) in &index.pictures {
            pictures.push((*id, read(file)?));
        }
        let mut heads = BTreeMap::new();
        for (backbone, file) in &index.heads {
            heads.insert(backbone.clone(), read(file)?);
        }
        let mut features = Vec::new();
        for FeatureEntry { space, images, file } in &index.features {
            let values: Vec<f16> = entry(&mut zip, file, &mut room)?;
            check(file, f16_to_bytes(&values))?;
            // A whole number of values an image, and none where there are no images.
            let fits = match images.len() {
                0 => values.is_empty(),
                images => !values.is_empty() && values.len().is_multiple_of(images),
            };
            if !fits {
                return Err(ArchiveError::Damaged(format!("`{file}` does not fit its images")));
            }
            features.push(Features { space: space.clone(), images: images.clone(), values });
        }
        let project = index.project.checked()?;
        let mut given: Vec<PictureId> = pictures.iter().map(|(id, _)| *id).collect();
        let mut named: Vec<PictureId> = project.pictures().map(|picture| picture.id).collect();
        given.sort_unstable();
        named.sort_unstable();
        if given != named {
            return Err(ArchiveError::Damaged("pictures and classes do not fit each other".to_owned()));
        }
        Ok(Self { project, pictures, features, heads })
    }
}

/// The part of the index that every version has.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

/// An entry's values as they lie in memory; its CRC is checked on the way. They are taken off the `room` that
/// is left, in bytes.
fn entry<T: Pod>(
    zip: &mut ZipArchive<impl Read + Seek>,
    name: &str,
    room: &mut u64,
) -> Result<Vec<T>, ArchiveError> {
    let damaged = |why: &str| ArchiveError::Damaged(format!("`{name}` {why}"));
    let mut file = zip.by_name(name)?;
    *room = room.checked_sub(file.size()).ok_or_else(|| damaged("is too long"))?;
    let length = usize::try_from(file.size()).map_err(|_| damaged("is too long"))?;
    if !length.is_multiple_of(size_of::<T>()) {
        return Err(damaged("ends within a value"));
    }
    let mut values = vec![T::zeroed(); length / size_of::<T>()];
    let read = file.read_exact(bytemuck::cast_slice_mut(&mut values));
    // The checksum is looked at where the file ends.
    match read.and_then(|()| file.read(&mut [0])) {
        Ok(0) => Ok(values),
        Ok(_) => Err(damaged("is longer than it says")),
        Err(error) => Err(damaged(&format!("cannot be read: {error}"))),
    }
}

/// The file of these entries. Pictures are not packed again.
fn zip_of(
    index: &[u8],
    entries: &[(String, Vec<u8>)],
    packing: CompressionMethod,
) -> Result<Vec<u8>, ArchiveError> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.start_file(INDEX, options.compression_method(CompressionMethod::Deflated))?;
    writer.write_all(index)?;
    for (file, bytes) in entries {
        let packing = if file.ends_with(".png") { CompressionMethod::Stored } else { packing };
        writer.start_file(file, options.compression_method(packing))?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}
