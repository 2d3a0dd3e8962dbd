//! Writing a project's file, whose bytes come out piece by piece.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use half::f16;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::{ArchiveError, FEATURE_BYTES, FORMAT, FeatureEntry, INDEX, Index, VERSION};
use crate::backbone::pieces::sha256;
use crate::features::{FeatureSpace, ImageHash};
use crate::project::{PictureId, Project};
use crate::protocol::f16_to_bytes;
use crate::written::Written;

/// Writes the file of a project. The same project gives the same bytes.
pub struct ArchiveWriter {
    zip: ZipWriter<StreamWriter<Written>>,
    pieces: Written,
    index: Index,
    /// Where each picture goes.
    places: HashMap<PictureId, String>,
}

impl ArchiveWriter {
    /// Begins the file of `project`.
    pub fn new(project: &Project) -> Self {
        let mut places = HashMap::new();
        for (at, class) in project.classes.iter().enumerate() {
            let letter = |letter: char| if letter.is_alphanumeric() { letter } else { '_' };
            let folder: String = class.name.chars().map(letter).collect();
            for picture in &class.pictures {
                places.insert(picture.id, format!("pictures/{:02}_{folder}/{:05}.png", at + 1, picture.id));
            }
        }
        let index = Index {
            format: FORMAT.to_owned(),
            version: VERSION,
            project: project.clone(),
            pictures: Vec::new(),
            features: Vec::new(),
            heads: BTreeMap::new(),
            trainings: None,
            sha256: BTreeMap::new(),
        };
        let pieces = Written::default();
        Self { zip: ZipWriter::new_stream(pieces.clone()), pieces, index, places }
    }

    /// Adds a picture's PNG file.
    ///
    /// # Errors
    /// [`ArchiveError::Damaged`] where the project has no such picture.
    pub fn picture(&mut self, id: PictureId, png: &[u8]) -> Result<(), ArchiveError> {
        let missing = || ArchiveError::Damaged(format!("there is no picture {id}"));
        let file = self.places.remove(&id).ok_or_else(missing)?;
        self.index.pictures.push((id, file.clone()));
        // It is packed already.
        self.entry(file, png, CompressionMethod::Stored)
    }

    /// Adds features of some images, one image after the other.
    ///
    /// # Errors
    /// [`ArchiveError`] only where memory runs out.
    pub fn features(
        &mut self,
        space: &FeatureSpace,
        images: &[ImageHash],
        values: &[f16],
    ) -> Result<(), ArchiveError> {
        let row = values.len() / images.len().max(1);
        let at_once = (FEATURE_BYTES / (row * size_of::<f16>()).max(1)).max(1);
        for (images, values) in images.chunks(at_once).zip(values.chunks((at_once * row).max(1))) {
            let file = format!("features/{}.f16", self.index.features.len() + 1);
            let entry = FeatureEntry { space: space.clone(), images: images.to_vec(), file: file.clone() };
            self.index.features.push(entry);
            self.entry(file, f16_to_bytes(values), CompressionMethod::Deflated)?;
        }
        Ok(())
    }

    /// Adds a trained head, as the store keeps it, of the backbone whose features it takes.
    ///
    /// # Errors
    /// [`ArchiveError`] only where memory runs out.
    pub fn head(&mut self, backbone: &str, bytes: &[u8]) -> Result<(), ArchiveError> {
        let file = format!("heads/{}.bin", self.index.heads.len() + 1);
        self.index.heads.insert(backbone.to_owned(), file.clone());
        self.entry(file, bytes, CompressionMethod::Stored)
    }

    /// Adds the list of finished trainings, as the store keeps it.
    ///
    /// # Errors
    /// [`ArchiveError`] only where memory runs out.
    pub fn trainings(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        let file = "trainings.bin".to_owned();
        self.index.trainings = Some(file.clone());
        self.entry(file, bytes, CompressionMethod::Deflated)
    }

    fn entry(&mut self, file: String, bytes: &[u8], packing: CompressionMethod) -> Result<(), ArchiveError> {
        self.zip.start_file(&file, SimpleFileOptions::default().compression_method(packing))?;
        self.zip.write_all(bytes)?;
        self.index.sha256.insert(file, sha256(bytes));
        Ok(())
    }

    /// Bytes that are ready and were not taken yet.
    pub fn ready(&self) -> usize {
        self.pieces.len()
    }

    /// Takes the bytes that are ready.
    pub fn take(&mut self) -> Vec<u8> {
        self.pieces.take()
    }

    /// The file's last bytes.
    ///
    /// # Errors
    /// [`ArchiveError::Damaged`] where a picture of the project is missing.
    pub fn finish(mut self) -> Result<Vec<u8>, ArchiveError> {
        if let Some(id) = self.places.keys().min() {
            return Err(ArchiveError::Damaged(format!("picture {id} is missing")));
        }
        let index =
            serde_json::to_vec(&self.index).map_err(|error| ArchiveError::Damaged(error.to_string()))?;
        self.zip.start_file(INDEX, SimpleFileOptions::default())?;
        self.zip.write_all(&index)?;
        self.zip.finish()?;
        Ok(self.pieces.take())
    }
}
