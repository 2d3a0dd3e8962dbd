//! The layers' errors as sentences of the page.

use std::fmt::Display;
use std::io;

use crate::backbone::BackboneError;
use crate::dataset::DatasetError;
use crate::dataset::containers::{ContainerError, Foreign};
use crate::features::StoreError;
use crate::head::HeadError;
use crate::interchange::InterchangeError;
use crate::pixels::{MOST_FILE_BYTES, MOST_MEMORY, MOST_PIXELS, PixelError};
use crate::project::ProjectError;
use crate::project::archive::ArchiveError;
use crate::protocol::{Problem, ProblemKind};

impl Problem {
    /// A problem of `kind` with its technical cause.
    pub fn new(kind: ProblemKind, detail: impl Display) -> Self {
        Self { kind, file: None, detail: detail.to_string(), values: Vec::new() }
    }

    /// The same problem with `value` in its sentence where that says `name`.
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.values.push((name.to_owned(), value.to_string()));
        self
    }

    /// The same problem, said to be about `file`.
    pub fn about(mut self, file: &str) -> Self {
        self.file = Some(file.to_owned());
        self
    }
}

impl From<BackboneError> for Problem {
    fn from(error: BackboneError) -> Self {
        let kind = match error {
            BackboneError::Manifest(_) => ProblemKind::Backbone,
            BackboneError::Silent(_) => ProblemKind::ServerSilent,
            BackboneError::File(_) => ProblemKind::Download,
            BackboneError::OtherBuild => ProblemKind::OtherBuild,
            BackboneError::Start(_)
            | BackboneError::Probe { .. }
            | BackboneError::Run(_)
            | BackboneError::Lost => ProblemKind::Engine,
        };
        Problem::new(kind, error)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let kind = match error {
            StoreError::Full => ProblemKind::DiskFull,
            StoreError::Memory => ProblemKind::OutOfMemory,
            StoreError::Unavailable(_) => ProblemKind::StoreLost,
            StoreError::Taken => ProblemKind::StoreTaken,
            StoreError::Changed => ProblemKind::ProjectChanged,
            StoreError::Damaged(_) => ProblemKind::StoreDamaged,
        };
        Problem::new(kind, error)
    }
}

impl From<PixelError> for Problem {
    fn from(error: PixelError) -> Self {
        let detail = error.to_string();
        let problem = |kind| Problem::new(kind, &detail);
        match error {
            PixelError::NoPicture => problem(ProblemKind::NotAnImage),
            PixelError::Format(format) => problem(ProblemKind::ImageFormat).with("format", format.name()),
            PixelError::CutShort(_) => problem(ProblemKind::ImageCut),
            PixelError::Length { .. } | PixelError::Unreadable { .. } => problem(ProblemKind::ImageDamaged),
            PixelError::TooLarge { width, height, megabytes, .. } => problem(ProblemKind::ImageTooLarge)
                .with("size", format!("{width}\u{a0}×\u{a0}{height}"))
                .with("megabytes", megabytes)
                .with("limit", MOST_MEMORY >> 20)
                .with("pixels", MOST_PIXELS / 1_000_000),
            PixelError::FileTooLarge => {
                problem(ProblemKind::ImageFileTooLarge).with("limit", MOST_FILE_BYTES / 1_000_000)
            }
        }
    }
}

impl From<ProjectError> for Problem {
    fn from(error: ProjectError) -> Self {
        let kind = match error {
            ProjectError::Name(_) | ProjectError::SameName(_) => ProblemKind::ProjectName,
            ProjectError::TooManyClasses | ProjectError::TooManyPictures => ProblemKind::ProjectFull,
            ProjectError::Unknown(_) => ProblemKind::ProjectChanged,
            ProjectError::Damaged(_) => ProblemKind::StoreDamaged,
        };
        Problem::new(kind, error)
    }
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        let kind = match error {
            ArchiveError::Foreign(_) | ArchiveError::Version(_) => ProblemKind::ProjectForeign,
            ArchiveError::Damaged(_) => ProblemKind::ProjectDamaged,
            ArchiveError::Read(_) => ProblemKind::UnreadableFile,
        };
        Problem::new(kind, error)
    }
}

impl From<DatasetError> for Problem {
    fn from(error: DatasetError) -> Self {
        // What the sentence shows.
        let found = match &error {
            DatasetError::NoArray(found)
            | DatasetError::ArrayShape(found)
            | DatasetError::ArrayObjects(found)
            | DatasetError::ArrayValues(found)
            | DatasetError::ArrayCounts(found)
            | DatasetError::WhichBatch(found)
            | DatasetError::SameBatch(found)
            | DatasetError::MixedSets(found)
            | DatasetError::NoneRead(found)
            | DatasetError::SamePictures(found)
            | DatasetError::TooFewPictures(found) => Some(found.clone()),
            DatasetError::LabelClasses(count) => Some(count.to_string()),
            DatasetError::Foreign(_, foreign) => Some(foreign.name().to_owned()),
            _ => None,
        };
        let kind = match error {
            DatasetError::Empty => ProblemKind::EmptyFile,
            DatasetError::Unknown(_) | DatasetError::NoBatch | DatasetError::NoImages => {
                ProblemKind::NotADataset
            }
            DatasetError::NoArray(_) => ProblemKind::NoArray,
            DatasetError::ArrayShape(_) => ProblemKind::ArrayShape,
            DatasetError::ArrayObjects(_) => ProblemKind::ArrayObjects,
            DatasetError::ArrayValues(_) => ProblemKind::ArrayValues,
            DatasetError::ArrayCounts(_) => ProblemKind::ArrayCounts,
            DatasetError::LabelClasses(_) => ProblemKind::LabelClasses,
            DatasetError::WhichBatch(_) => ProblemKind::WhichBatch,
            DatasetError::SameBatch(_) => ProblemKind::SameBatch,
            DatasetError::MixedSets(_) => ProblemKind::MixedSets,
            DatasetError::Read(ref error) if error.kind() == io::ErrorKind::FileTooLarge => {
                ProblemKind::UnpacksTooFar
            }
            DatasetError::TooMany(_) => ProblemKind::OutOfMemory,
            DatasetError::Gone(_) => ProblemKind::PictureGone,
            DatasetError::NoneRead(_) => ProblemKind::NoneRead,
            DatasetError::Cut(_) => ProblemKind::CutDownload,
            DatasetError::Foreign(_, Foreign::WebPage) => ProblemKind::WebPageFile,
            DatasetError::Foreign(..) => ProblemKind::ForeignArchive,
            DatasetError::Locked => ProblemKind::LockedArchive,
            DatasetError::Packing(_) => ProblemKind::StrangePacking,
            DatasetError::Mixed => ProblemKind::MixedFiles,
            DatasetError::Classes(_) => ProblemKind::Classes,
            DatasetError::NoClassFolders(_) => ProblemKind::NoClassFolders,
            DatasetError::SamePictures(_) => ProblemKind::SamePictures,
            DatasetError::TooFewPictures(_) => ProblemKind::TooFewPictures,
            DatasetError::PartialRecord { .. }
            | DatasetError::Label { .. }
            | DatasetError::Zip(_)
            | DatasetError::Read(_) => ProblemKind::DamagedDataset,
            // Nobody is told what they asked for.
            DatasetError::Cancelled => ProblemKind::UnreadableFile,
        };
        let problem = Problem::new(kind, error);
        match found {
            Some(found) => problem.with("found", found),
            None => problem,
        }
    }
}

impl From<ContainerError> for Problem {
    fn from(error: ContainerError) -> Self {
        DatasetError::from(error).into()
    }
}

impl From<HeadError> for Problem {
    fn from(error: HeadError) -> Self {
        let kind = match error {
            HeadError::TooFew { .. } => ProblemKind::TooFewImages,
            HeadError::Diverged(_) => ProblemKind::Diverged,
            HeadError::Unreadable(_) => ProblemKind::StoreDamaged,
            HeadError::Setting(_) => ProblemKind::Setting,
            HeadError::Shape(..) | HeadError::Length { .. } | HeadError::Label(_) | HeadError::Slices(_) => {
                ProblemKind::Backbone
            }
        };
        Problem::new(kind, error)
    }
}

impl From<InterchangeError> for Problem {
    fn from(error: InterchangeError) -> Self {
        let kind = match error {
            InterchangeError::Zip(_) | InterchangeError::NoArray { .. } => ProblemKind::FeatureArrays,
            InterchangeError::Array { .. }
            | InterchangeError::Type { .. }
            | InterchangeError::Shape { .. } => ProblemKind::FeatureShape,
            InterchangeError::Value { .. } | InterchangeError::Length { .. } | InterchangeError::Read(_) => {
                ProblemKind::FeatureDamaged
            }
            InterchangeError::Classes { .. }
            | InterchangeError::Untrained
            | InterchangeError::NoWeights
            | InterchangeError::Hdf5(_)
            | InterchangeError::Backbone(_) => ProblemKind::NotExported,
        };
        Problem::new(kind, error)
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Problem::new(ProblemKind::UnreadableFile, error)
    }
}
