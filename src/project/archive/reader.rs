//! Reading a project's file, which may be anything.

use std::collections::HashSet;
use std::io::{Read, Seek, SeekFrom};

use half::f16;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zip::ZipArchive;
use zip::read::ZipFile;

use super::{ArchiveError, FEATURE_BYTES, FORMAT, INDEX, Index, LONGEST_INDEX, MOST_QUOTES, VERSION};
use crate::backbone::pieces::{hexadecimal, sha256};
use crate::features::{FeatureSpace, ImageHash};
use crate::project::{PictureId, Project};
use crate::unpack;

/// An open file, whose index says a project. Every entry is checked as it is read: nothing may be used before
/// all of them were.
pub struct ArchiveReader<R> {
    zip: ZipArchive<R>,
    index: Index,
    /// Bytes that an entry may have.
    most: u64,
}

/// Whether `file` is a project's, of any version, as far as its index says so.
pub fn is_project<R: Read + Seek>(file: R) -> bool {
    !matches!(ArchiveReader::open(file), Err(ArchiveError::Foreign(_) | ArchiveError::Read(_)))
}

/// The part of the index that every version has.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

impl<R: Read + Seek> ArchiveReader<R> {
    /// Opens `file`. Each entry of it may have so many bytes as [`unpack::most`] says.
    ///
    /// # Errors
    /// [`ArchiveError`] where it is no project's file, or its index does not fit together.
    pub fn open(mut file: R) -> Result<Self, ArchiveError> {
        let most = unpack::most(file.seek(SeekFrom::End(0))?);
        let mut zip = ZipArchive::new(file).map_err(|error| ArchiveError::Foreign(error.to_string()))?;
        let Some(entry) = zip.index_for_name(INDEX) else {
            return Err(ArchiveError::Foreign(format!("there is no `{INDEX}`")));
        };
        let bytes = whole(&mut zip.by_index(entry)?, INDEX, most.min(LONGEST_INDEX))?;
        if bytes.iter().filter(|byte| **byte == b'"').count() > MOST_QUOTES {
            return Err(ArchiveError::Damaged(format!("`{INDEX}` says too much")));
        }
        let head: Head =
            serde_json::from_slice(&bytes).map_err(|error| ArchiveError::Foreign(error.to_string()))?;
        if head.format != FORMAT {
            return Err(ArchiveError::Foreign(format!("its format is `{}`", head.format)));
        }
        if head.version != VERSION {
            return Err(ArchiveError::Version(head.version));
        }
        let mut index: Index =
            serde_json::from_slice(&bytes).map_err(|error| ArchiveError::Damaged(error.to_string()))?;
        index.project = index.project.checked()?;
        let mut given: Vec<PictureId> = index.pictures.iter().map(|(id, _)| *id).collect();
        let mut named: Vec<PictureId> = index.project.pictures().map(|picture| picture.id).collect();
        given.sort_unstable();
        named.sort_unstable();
        if given != named {
            return Err(ArchiveError::Damaged("pictures and classes do not fit each other".to_owned()));
        }
        Ok(Self { zip, index, most })
    }

    /// The project.
    pub fn project(&self) -> &Project {
        &self.index.project
    }

    /// How many pictures there are.
    pub fn pictures(&self) -> usize {
        self.index.pictures.len()
    }

    /// The picture at place `at`: its number and its PNG file, as it was written.
    ///
    /// # Errors
    /// [`ArchiveError`] where it is not what was written, or there is none.
    pub fn picture(&mut self, at: usize) -> Result<(PictureId, Vec<u8>), ArchiveError> {
        let (id, file) = self.index.pictures.get(at).ok_or_else(|| nothing(at))?;
        Ok((*id, checked(&mut self.zip, &self.index, file, self.most)?))
    }

    /// The backbones for which there are heads.
    pub fn heads(&self) -> Vec<String> {
        self.index.heads.keys().cloned().collect()
    }

    /// The head that takes this backbone's features.
    ///
    /// # Errors
    /// [`ArchiveError`] where it is not what was written, or there is none.
    pub fn head(&mut self, backbone: &str) -> Result<Vec<u8>, ArchiveError> {
        let missing = || ArchiveError::Damaged("there is no such head".to_owned());
        let file = self.index.heads.get(backbone).ok_or_else(missing)?;
        checked(&mut self.zip, &self.index, file, self.most)
    }

    /// The list of finished trainings; `None` where there is none.
    ///
    /// # Errors
    /// [`ArchiveError`] where it is not what was written.
    pub fn trainings(&mut self) -> Result<Option<Vec<u8>>, ArchiveError> {
        let Some(file) = &self.index.trainings else { return Ok(None) };
        checked(&mut self.zip, &self.index, file, self.most).map(Some)
    }

    /// How many entries of features there are.
    pub fn feature_entries(&self) -> usize {
        self.index.features.len()
    }

    /// The features of the entry at place `at`, to be read some at a time.
    ///
    /// # Errors
    /// [`ArchiveError`] where there is none, or it does not fit its images.
    pub fn features(&mut self, at: usize) -> Result<Features<'_, R>, ArchiveError> {
        let entry = self.index.features.get(at).ok_or_else(|| nothing(at))?;
        let wrong = |why: &str| ArchiveError::Damaged(format!("`{}` {why}", entry.file));
        let expected = self.index.sha256.get(&entry.file).ok_or_else(|| wrong("is not what was written"))?;
        let file = self.zip.by_name(&entry.file)?;
        let (bytes, images) = (file.size(), entry.images.len() as u64);
        if bytes > self.most {
            return Err(wrong("is too long"));
        }
        // A whole number of values an image, and none where there are no images.
        let fits = match images {
            0 => bytes == 0,
            images => bytes > 0 && bytes.is_multiple_of(images * size_of::<f16>() as u64),
        };
        if !fits {
            return Err(wrong("does not fit its images"));
        }
        let row = (bytes / images.max(1)) as usize / size_of::<f16>();
        let (space, images, name) = (&entry.space, entry.images.as_slice(), entry.file.as_str());
        Ok(Features { file, space, images, name, row, expected, hasher: Sha256::new() })
    }
}

/// Some images and their features, one image after the other.
pub type Block<'a> = (&'a [ImageHash], Vec<f16>);

/// Features of one space that are being read.
pub struct Features<'a, R: Read> {
    file: ZipFile<'a, R>,
    /// Backbone and preprocessing.
    pub space: &'a FeatureSpace,
    /// Whose features are still to come.
    images: &'a [ImageHash],
    name: &'a str,
    /// Values of an image.
    pub row: usize,
    expected: &'a str,
    hasher: Sha256,
}

impl<'a, R: Read> Features<'a, R> {
    /// The next images with their features; `None` behind the last one, where all of it was what was written.
    ///
    /// # Errors
    /// [`ArchiveError`] where it was not.
    pub fn next_block(&mut self) -> Result<Option<Block<'a>>, ArchiveError> {
        let wrong = |why: &str| ArchiveError::Damaged(format!("`{}` {why}", self.name));
        let at_once = (FEATURE_BYTES / (self.row * size_of::<f16>()).max(1)).max(1);
        let (images, left) = self.images.split_at(at_once.min(self.images.len()));
        if images.is_empty() {
            // The checksum is looked at where the file ends.
            return match self.file.read(&mut [0]) {
                Ok(0) if hexadecimal(&std::mem::take(&mut self.hasher).finalize()) == *self.expected => {
                    Ok(None)
                }
                Ok(0) => Err(wrong("is not what was written")),
                Ok(_) => Err(wrong("is longer than it says")),
                Err(error) => Err(wrong(&format!("cannot be read: {error}"))),
            };
        }
        let mut values = vec![f16::ZERO; images.len() * self.row];
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut values);
        self.file.read_exact(bytes).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
        self.hasher.update(bytes);
        self.images = left;
        Ok(Some((images, values)))
    }

    /// Whether an image is none of `known`.
    pub fn is_foreign_to(&self, known: &HashSet<ImageHash>) -> bool {
        self.images.iter().any(|image| !known.contains(image))
    }
}

fn nothing(at: usize) -> ArchiveError {
    ArchiveError::Damaged(format!("there is no entry {at}"))
}

/// What is in the entry `name`, as it was written.
fn checked(
    zip: &mut ZipArchive<impl Read + Seek>,
    index: &Index,
    name: &str,
    most: u64,
) -> Result<Vec<u8>, ArchiveError> {
    let bytes = whole(&mut zip.by_name(name)?, name, most)?;
    match index.sha256.get(name) {
        Some(expected) if *expected == sha256(&bytes) => Ok(bytes),
        _ => Err(ArchiveError::Damaged(format!("`{name}` is not what was written"))),
    }
}

/// What is in an entry of `most` bytes at the most; its CRC is checked on the way.
fn whole(file: &mut ZipFile<'_, impl Read>, name: &str, most: u64) -> Result<Vec<u8>, ArchiveError> {
    let damaged = |why: &str| ArchiveError::Damaged(format!("`{name}` {why}"));
    let length = usize::try_from(file.size()).map_err(|_| damaged("is too long"))?;
    if length as u64 > most {
        return Err(damaged("is too long"));
    }
    let mut bytes = vec![0; length];
    let read = file.read_exact(&mut bytes);
    // The checksum is looked at where the file ends.
    match read.and_then(|()| file.read(&mut [0])) {
        Ok(0) => Ok(bytes),
        Ok(_) => Err(damaged("is longer than it says")),
        Err(error) => Err(damaged(&format!("cannot be read: {error}"))),
    }
}
