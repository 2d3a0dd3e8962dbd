//! What the page asks of the session.

use serde::{Deserialize, Serialize};

use super::{Engine, Kind, MapCommand, Part, SiteData, Speed, TrainingOptions, TrainingsCommand};
use crate::features::ImageHash;
use crate::pixels::RgbImage;
use crate::project::PictureId;

/// A file that the person chose; its content stays with the browser and is read by number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Number under which the browser side holds the file.
    pub id: u32,
    /// The file's name, without folders; of a folder's files their paths in it, its own name first.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
}

/// Which engine the person asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineRequest {
    /// WebGPU on a hardware adapter, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// WebGPU, on a software adapter too.
    WebGpu,
}

/// How many of a dataset's images to use; `None` is all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The first so many training images.
    pub train: Option<u32>,
    /// The first so many test images.
    pub test: Option<u32>,
}

/// What the page asks of the session. A long job can be steered by the commands marked *at once*.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// First of all: which backbone, which engine. Sent again, what is in use stays in use, with the
    /// other backbone's features and head.
    Open {
        /// Address of the manifest, relative to the page. `None` leaves the choice to the session, and
        /// lets projects begin with the light one.
        backbone: Option<String>,
        /// The engine asked for.
        engine: EngineRequest,
    },
    /// Use at most so many workers of a kind, whatever the device has; at least one.
    Workers(u32),
    /// How fast backbones were on this device on earlier visits.
    Speeds(Vec<Speed>),
    /// Draw the built-in sample and use it.
    UseSample,
    /// Look whether the site offers a data set in its `data` folder, where `make data` puts one; nothing of it
    /// is downloaded.
    LookForSiteData,
    /// Download the data set that the site offers, and use it. Until it is here, what was in use stays in
    /// use. [`Command::Cancel`] ends the download.
    UseSiteData(SiteData),
    /// Use these files (archives with class folders or the files of a folder, a CIFAR-10 archive, its single
    /// batches, or NumPy's arrays).
    UseFiles(Vec<FileRef>),
    /// Do with these files what they are for: take a project's file, classify a picture where there is a head,
    /// use images. [`Event::FilesResolved`](super::Event::FilesResolved) tells which.
    OpenFiles {
        /// The files.
        files: Vec<FileRef>,
        /// Whether images are for the open project's classes.
        to_project: bool,
    },
    /// Use the features in these files, the notebook's two, for the images in use, instead of the
    /// backbone's own. [`Command::Cancel`] ends the reading.
    UseFeatures(Vec<FileRef>),
    /// Go back to the backbone's own features.
    UseOwnFeatures,
    /// Use only the first images.
    Limit(Limits),
    /// Give a class of the dataset in use another name. Where the head was trained on its classes, the head's has
    /// it, too. A project's classes have [`ProjectCommand::RenameClass`].
    RenameClass {
        /// A place among the dataset's classes.
        label: u16,
        /// Its new name.
        name: String,
    },
    /// Compute the features that are not stored yet.
    Extract,
    /// Give the features of the images in use as the notebook's file. [`Command::Cancel`] ends it.
    ExportFeatures(Part),
    /// Hold the extraction after the batches in flight. *At once.*
    Pause,
    /// Go on with a held extraction. *At once.*
    Resume,
    /// End the extraction, an exchange, or a reading; what is stored stays. *At once.*
    Cancel,
    /// Bring the backbone's whole file and keep it for visits without the internet. Goes on
    /// beside whatever else is done.
    Keep,
    /// Forget all stored features.
    ClearCache,
    /// Tell how much of the stored features nothing refers to.
    LookForUnused,
    /// Forget the stored features that nothing refers to.
    RemoveUnused,
    /// Train a new head on the stored features.
    Train(TrainingOptions),
    /// End the training and keep its best epoch. *At once.*
    StopTraining,
    /// Give the trained head as a file of this kind, or with the backbone as one. [`Command::Cancel`]
    /// ends a download for it.
    ExportHead(Kind),
    /// Show the validation images that the trained head's epoch of this number, counted from 1, got wrong.
    ShowEpoch(u32),
    /// Show the test images of class `label` that got `answer`.
    ShowExam {
        /// A place among the classes.
        label: u16,
        /// Likewise.
        answer: u16,
    },
    /// An image in use is of another class than its label says. The head stays as it is.
    Correct {
        /// The image.
        image: ImageHash,
        /// What it is, a place among the head's classes.
        label: u16,
    },
    /// Measure what a split that tears takes apart would have claimed of the open project, with the
    /// options of its trained head. *Once.*
    TrainLeaky,
    /// Train heads with these options on ever more of the training images, to see whether more would help; they are
    /// thrown away. [`Command::StopTraining`] and [`Command::Cancel`] end it.
    LearningCurve(TrainingOptions),
    /// Classify an image with the trained head.
    Classify(FileRef),
    /// Classify a picture of the camera with the trained head.
    ClassifyFrame(RgbImage),
    /// Do something with the map of the features.
    Map(MapCommand),
    /// Do something about projects of one's own.
    Project(ProjectCommand),
    /// Find out whether an engine works and how fast, and leave the one in use as it is.
    /// [`Event::EngineTried`](super::Event::EngineTried) tells; [`Command::EndTrial`] ends it.
    TryEngine {
        /// The engine.
        engine: Engine,
        /// Comes back with the answer.
        trial: u32,
    },
    /// End the trial of this number. *At once.*
    EndTrial(u32),
    /// Do something about the finished trainings of what is in use.
    Trainings(TrainingsCommand),
}

/// What is done about projects of one's own. All but the first five are about the open one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ProjectCommand {
    /// Make a project with two empty classes, and open it.
    Create {
        /// Its name.
        name: String,
        /// The classes' names.
        classes: [String; 2],
    },
    /// Use a project's pictures.
    Open(u32),
    /// Delete a project with its pictures and heads.
    Delete(u32),
    /// Show the first pictures of these projects, small.
    Covers(Vec<u32>),
    /// Make a project of a file that [`ProjectCommand::Export`] gave, and open it.
    Import(FileRef),
    /// Give it another name.
    Rename(String),
    /// Add an empty class.
    AddClass(String),
    /// Give a class another name.
    RenameClass {
        /// The class's number.
        class: u32,
        /// Its new name.
        name: String,
    },
    /// Move a class in the order.
    MoveClass {
        /// The class's number.
        class: u32,
        /// Where it shall stand, from 0.
        place: u32,
    },
    /// Let a class take part in training or not.
    EnableClass {
        /// The class's number.
        class: u32,
        /// Whether it takes part.
        enabled: bool,
    },
    /// Delete a class with its pictures.
    DeleteClass(u32),
    /// Add pictures of files to a class; a file's frames are a take. Archives are opened; where they hold two
    /// class folders or more, it is the same as [`ProjectCommand::AddFolders`]. [`Command::Cancel`] ends
    /// it; what came until then stays.
    AddFiles {
        /// The class's number.
        class: u32,
        /// The files.
        files: Vec<FileRef>,
    },
    /// Add the pictures in folders, in archives or not, to the classes of the folders' names, new ones where
    /// there are none. [`Command::Cancel`] ends it.
    AddFolders(Vec<FileRef>),
    /// Add a picture of the camera to a class.
    AddFrame {
        /// The class's number.
        class: u32,
        /// Pictures of one press of the button have the same number here, others another one.
        recording: u32,
        /// The picture.
        image: RgbImage,
    },
    /// Move pictures to another class.
    MovePictures {
        /// The pictures.
        pictures: Vec<PictureId>,
        /// The class's number.
        class: u32,
    },
    /// Delete pictures.
    DeletePictures(Vec<PictureId>),
    /// Show how these pictures look, small.
    Look(Vec<PictureId>),
    /// Take back the last deletion, move, or adding of files.
    Undo,
    /// Give the project as one file. [`Command::Cancel`] ends it.
    Export,
}

impl ProjectCommand {
    /// See [`Command::is_brief`].
    fn is_brief(&self) -> bool {
        match self {
            Self::Create { .. }
            | Self::Open(_)
            | Self::Delete(_)
            | Self::Import(_)
            | Self::AddFiles { .. }
            | Self::AddFolders(_)
            | Self::Export => false,
            Self::Covers(_)
            | Self::Rename(_)
            | Self::AddClass(_)
            | Self::RenameClass { .. }
            | Self::MoveClass { .. }
            | Self::EnableClass { .. }
            | Self::DeleteClass(_)
            | Self::AddFrame { .. }
            | Self::MovePictures { .. }
            | Self::DeletePictures(_)
            | Self::Look(_)
            | Self::Undo => true,
        }
    }
}

impl Command {
    /// Whether it changes names, labels or pictures of what is in use.
    pub fn is_edit(&self) -> bool {
        match self {
            Self::Project(ProjectCommand::Look(_) | ProjectCommand::Covers(_)) => false,
            Self::Project(_) | Self::RenameClass { .. } | Self::Correct { .. } => true,
            _ => false,
        }
    }

    /// Whether it is carried out at once, whatever runs: it takes a moment, and changes neither which images nor which
    /// backbone are in use, but for pictures of the open project.
    pub fn is_brief(&self) -> bool {
        match self {
            Self::Project(command) => command.is_brief(),
            Self::Map(MapCommand::Look(_) | MapCommand::FindNeighbours(_))
            | Self::RenameClass { .. }
            | Self::Correct { .. }
            | Self::ShowEpoch(_)
            | Self::ShowExam { .. }
            | Self::Speeds(_)
            | Self::LookForUnused
            | Self::Trainings(_)
            | Self::Workers(_) => true,
            _ => false,
        }
    }

    /// The files that come with it.
    pub fn files(&self) -> &[FileRef] {
        match self {
            Self::UseFiles(files) | Self::UseFeatures(files) | Self::OpenFiles { files, .. } => files,
            Self::Project(ProjectCommand::AddFiles { files, .. } | ProjectCommand::AddFolders(files)) => {
                files
            }
            Self::Classify(file) | Self::Project(ProjectCommand::Import(file)) => std::slice::from_ref(file),
            _ => &[],
        }
    }
}
