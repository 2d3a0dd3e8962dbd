//! What the session tells the page.

use serde::{Deserialize, Serialize};

use super::{
    Classified, Engine, EngineReason, Epoch, EpochImages, ExamImages, Kind, MapEvent, Part, Problem, Trained,
    TrainingOptions, TrainingsInfo, Trial,
};
use crate::backbone::pieces::Download;
use crate::backbone::{FeatureShape, Purpose};
use crate::dataset::notices::Notice;
use crate::dataset::{Example, Source};
use crate::features::StoreSize;
use crate::learning_curve::Point;
use crate::pixels::RgbImage;
use crate::project::{PictureId, Project};
use crate::trainings::Comparison;

/// What the session tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A backbone is open, and why this one; no engine is loaded yet, and nothing is told of its features
    /// and head.
    Backbone(BackboneInfo, BackboneReason),
    /// How much of the backbone's file is here.
    Download(Download),
    /// The site's other backbones.
    OtherBackbones(Vec<BackboneInfo>),
    /// What the engine is doing.
    Engine(EngineStatus),
    /// The site offers a data set.
    SiteData(SiteData),
    /// The data set that the site offers is being downloaded.
    BringingSiteData {
        /// Bytes that are here.
        done: u64,
        /// Bytes in all; 0 where that is not known.
        total: u64,
        /// Seconds that the rest will take, once that can be said.
        seconds_left: Option<f32>,
    },
    /// A dataset is being read.
    DatasetProgress {
        /// Bytes read.
        done: u64,
        /// Bytes in all.
        total: u64,
        /// Pictures read.
        pictures: u32,
        /// How long it will take, where that is known.
        seconds_left: Option<f32>,
    },
    /// Nothing came of the reading; what was in use stays in use, and is told again.
    NothingRead,
    /// A dataset is in use, or its limits have changed.
    Dataset(DatasetInfo),
    /// A class of the trained head has another name: the names of all of them.
    HeadClasses(Vec<String>),
    /// The extraction's state.
    Extraction(Extraction),
    /// How fast the features of many images were computed just now.
    Speed(Speed),
    /// What the store holds.
    Cache(StoreSize),
    /// How much of it nothing refers to: no project, nothing that is open, no network of the site.
    Unused(StoreSize),
    /// Features are being read for training: images read, images in all.
    TrainingLoads {
        /// Images read.
        done: u64,
        /// Images in all.
        total: u64,
    },
    /// A training has begun, of so many epochs.
    TrainingStarted {
        /// Epochs to come; 0 where the head needs none.
        epochs: u32,
    },
    /// Within an epoch: batches done, batches in all.
    TrainingProgress {
        /// Batches done.
        done: u32,
        /// Batches in all.
        total: u32,
    },
    /// An epoch is over.
    Epoch(Epoch),
    /// The training is over, at its end or because it was stopped; its best epoch is measured.
    Measuring {
        /// Images of the exam done.
        done: u32,
        /// Images of the exam.
        total: u32,
    },
    /// Whether a training of what is in use was interrupted: with which options, and the epochs it has
    /// done. Training with these options goes on with it.
    Interrupted(Option<(TrainingOptions, u32)>),
    /// A trained head is there: fresh from training, or found in the store.
    Trained(Box<Trained>),
    /// For what is in use now, no head is trained.
    Untrained,
    /// The finished trainings of what is in use.
    Trainings(TrainingsInfo),
    /// What two of them say of each other.
    Compared(Comparison),
    /// What a split that tears takes apart would have claimed of the open project.
    Leaky {
        /// Test images of that split.
        test: u32,
        /// Those it got right.
        correct: u32,
    },
    /// How far a learning curve is.
    Curve(CurveEvent),
    /// The test images that were asked for.
    ExamImages(ExamImages),
    /// The validation images that an epoch got wrong.
    EpochImages(EpochImages),
    /// The projects there are.
    Projects(Vec<ProjectSummary>),
    /// The open project has changed; `None` where other data is in use.
    Project(Option<ProjectInfo>),
    /// The first pictures of projects, small, by the projects' numbers.
    Covers(Vec<(u32, Vec<RgbImage>)>),
    /// What the files of [`Command::OpenFiles`](super::Command::OpenFiles) are for. This command is carried out.
    FilesResolved(Box<super::Command>),
    /// How pictures of the open project look, small.
    Thumbnails(Vec<(PictureId, RgbImage)>),
    /// A file for the person to keep, under this name; what is in it is attached.
    File(String),
    /// Something leaves for another program or comes from one: how much is done of it, and how much
    /// there is in all (0 where that is not known).
    Exchanging {
        /// What.
        what: Exchange,
        /// Images done.
        done: u64,
        /// In all.
        total: u64,
    },
    /// Nothing leaves or comes any more, however that ended.
    Exchanged,
    /// Pictures are being read into the open project: done, in all (0 where that is not known).
    Adding {
        /// Files or pictures done.
        done: u32,
        /// In all.
        total: u32,
        /// How long it will take, where that is known.
        seconds_left: Option<f32>,
    },
    /// What becomes of the map of the features.
    Map(MapEvent),
    /// An engine was tried.
    EngineTried {
        /// The number that came with [`Command::TryEngine`](super::Command::TryEngine).
        trial: u32,
        /// The engine.
        engine: Engine,
        /// What came of it.
        outcome: Trial,
    },
    /// An image was classified.
    Classified(Classified),
    /// Something went wrong; whatever was running has ended.
    Problem(Problem),
}

/// How far a learning curve is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CurveEvent {
    /// It begins: how many images each point learns from, and the shares that are left out.
    Begun {
        /// The smallest first.
        sizes: Vec<u32>,
        /// Shares of the images, from 0 to 1.
        left_out: Vec<f64>,
    },
    /// A point is measured.
    Measured(Point),
    /// The point of this share is left out: there are too few images to train with.
    LeftOut(f64),
    /// It is over, at its end or because the person has ended it.
    Over,
}

/// What leaves for other programs, or comes from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exchange {
    /// The trained head leaves.
    Head(Kind),
    /// Features leave.
    Features(Part),
    /// Features come in.
    Import,
    /// The site's data set comes in.
    SiteData,
    /// A project leaves as a file.
    ProjectOut,
    /// A project comes from a file.
    ProjectIn,
}

/// A data set that the site offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteData {
    /// Its file's name.
    pub name: String,
    /// Bytes; 0 where the server does not say.
    pub bytes: u64,
}

impl SiteData {
    /// Whether it is CIFAR-10, by its name.
    pub fn is_cifar10(&self) -> bool {
        self.name.starts_with("cifar-10-")
    }
}

/// What the page tells about the backbone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackboneInfo {
    /// Address of its manifest, relative to the page.
    pub address: String,
    /// SHA-256 of its file, its identity.
    pub sha256: String,
    /// Its name.
    pub name: String,
    /// Where the weights come from.
    pub source: String,
    /// Their licence.
    pub licence: String,
    /// What they are good for.
    pub purpose: Purpose,
    /// Size of the download in bytes.
    pub bytes: u64,
    /// Input height and width in pixels.
    pub input_size: u32,
    /// Features of one image.
    pub features: FeatureShape,
}

/// Why a backbone is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BackboneReason {
    /// The link or the person named it.
    Named,
    /// A project came into use, and those begin with the light one.
    Project,
    /// It is the notebook's, with ImageNet's weights.
    Notebook,
    /// Somebody put it in the place of the notebook's.
    Brought,
    /// It is the best one, for the notebook's has development weights here.
    Development,
    /// It is the best one, for the notebook's is not on this site or its manifest cannot be read.
    Missing,
    /// It is kept on this device, and the better ones cannot come in.
    Kept,
    /// Of all that are here none has real weights.
    NoneReal,
}

/// What the engine is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EngineStatus {
    /// Not needed so far.
    Idle,
    /// It waits for the backbone's file, of which [`Event::Download`] tells.
    Downloading,
    /// The network is being loaded and probed.
    Starting(Engine),
    /// It computes images to find out how fast it is.
    Timing(Engine),
    /// Ready for images.
    Ready {
        /// Which engine.
        engine: Engine,
        /// Why this one.
        reason: EngineReason,
        /// Workers that compute.
        workers: u32,
        /// Largest probe error as a share of the output's largest value.
        probe_error: f32,
    },
    /// No engine could be started.
    Failed(String),
}

/// The dataset in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetInfo {
    /// Where it comes from.
    pub source: Source,
    /// The classes' names.
    pub classes: Vec<String>,
    /// Training images in all.
    pub train_available: u32,
    /// Test images in all.
    pub test_available: u32,
    /// Training images in use.
    pub train: u32,
    /// Test images in use.
    pub test: u32,
    /// Training and test images in use of each class.
    pub per_class: Vec<[u32; 2]>,
    /// One small picture of each class that has training images.
    pub examples: Vec<Example>,
    /// What was left out, joined, or is learnt from otherwise than the folders say.
    pub notices: Vec<Notice>,
    /// Whether features from files stand in for the backbone's own.
    pub foreign: bool,
}

/// Where the extraction stands.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extraction {
    /// What is going on.
    pub phase: ExtractionPhase,
    /// Images with stored features.
    pub done: u32,
    /// Images in all.
    pub total: u32,
    /// Images whose features were computed since the extraction began.
    pub computed: u32,
    /// Images per second over the last while; 0 where nothing is known yet.
    pub images_per_second: f32,
}

/// How fast a backbone was on this device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Speed {
    /// SHA-256 of the backbone's file.
    pub backbone: String,
    /// The engine that computed.
    pub engine: Engine,
    /// Whether it was measured in a trial, for which both engines compute one and the same image, and not in
    /// an extraction, in which pictures are read and features written as well. Only trials can be compared.
    pub trial: bool,
    /// Images per second, from the first to the last.
    pub images_per_second: f32,
}

/// The extraction's phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExtractionPhase {
    /// Not running, something is missing.
    Incomplete,
    /// Running.
    Running,
    /// Held by the person.
    Paused,
    /// Held because the disk is full.
    DiskFull,
    /// Every image's features are stored.
    Complete,
}

/// A project as it stands in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectSummary {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Its pictures.
    pub pictures: u32,
}

/// The open project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectInfo {
    /// Its number.
    pub id: u32,
    /// Its classes and pictures.
    pub project: Project,
    /// How many takes each enabled class has, in their order.
    pub takes: Vec<u32>,
    /// Whether the last change can be taken back.
    pub can_undo: bool,
    /// What the last change left out, or what is to be said of the pictures.
    pub notices: Vec<Notice>,
}
