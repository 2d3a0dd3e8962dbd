//! All that crosses a thread: the page's commands, the session's events, and the
//! engines' requests and replies. Encoded with postcard; what cannot be decoded is refused.

use half::f16;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::backbone::pieces::Download;
use crate::backbone::{BackboneError, FeatureShape, Manifest, Purpose};
use crate::dataset::{Sample, Source};
use crate::features::{ImageHash, StoreSize};
pub use crate::head::{Contributions, Doubt, Judged, Preset, Settings as TrainingOptions, Thresholds};
use crate::metrics::{ConfusionMatrix, Reliability};
use crate::pixels::RgbImage;
use crate::project::{PictureId, Project};

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

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Engine {
    /// rten in WebAssembly, one worker per core.
    Cpu,
    /// wonnx on WebGPU.
    WebGpu,
}

impl Engine {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Cpu, Self::WebGpu];

    /// Its name in links, in tests and in what is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::WebGpu => "webgpu",
        }
    }
}

/// Why an engine was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EngineReason {
    /// The person asked for it.
    Asked,
    /// `auto`: there is a hardware adapter.
    HardwareAdapter,
    /// `auto`: the only adapter computes on the CPU anyway, and slower.
    SoftwareAdapter,
    /// The browser has no WebGPU, or gives no adapter.
    NoWebGpu,
    /// WebGPU was tried and failed its probe or its start.
    WebGpuFailed,
    /// The CPU was tried and failed.
    CpuFailed,
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
        /// Address of the manifest, relative to the page.
        backbone: String,
        /// The engine asked for.
        engine: EngineRequest,
    },
    /// As soon as a project comes into use, change to the backbone whose manifest is here, if it can
    /// be had; until another `Open`.
    ProjectsBeginWith(String),
    /// Draw the built-in sample and use it.
    UseSample,
    /// Use what was put into the `data` folder by `make data`, where there is something.
    UseLocalData,
    /// Use these files (a zip of class folders, a CIFAR-10 archive, or its single `.bin` files).
    UseFiles(Vec<FileRef>),
    /// Use only the first images.
    Limit(Limits),
    /// Compute the features that are not stored yet.
    Extract,
    /// Hold the extraction after the batches in flight. *At once.*
    Pause,
    /// Go on with a held extraction. *At once.*
    Resume,
    /// End the extraction; what is stored stays. *At once.*
    Cancel,
    /// Bring the backbone's whole file and keep it for visits without the internet. Goes on
    /// beside whatever else is done.
    Keep,
    /// Forget all stored features.
    ClearCache,
    /// Train a new head on the stored features.
    Train(TrainingOptions),
    /// End the training and keep its best epoch. *At once.*
    StopTraining,
    /// Show the test images of class `label` that got `answer`.
    ShowExam {
        /// A place among the classes.
        label: u16,
        /// Likewise.
        answer: u16,
    },
    /// An image of the exam is of another class than its label says. The head stays as it is.
    Correct {
        /// The image.
        image: ImageHash,
        /// What it is, a place among the head's classes.
        label: u16,
    },
    /// Measure what a split that tears takes apart would have claimed of the open project, with the
    /// options of its trained head. *Once.*
    TrainLeaky,
    /// Classify an image with the trained head.
    Classify(FileRef),
    /// Classify a picture of the camera with the trained head.
    ClassifyFrame(RgbImage),
    /// Do something about projects of one's own.
    Project(ProjectCommand),
}

/// What is done about projects of one's own. All but the first four are about the open one.
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
    /// Add pictures of files to a class; a file's frames are a take.
    AddFiles {
        /// The class's number.
        class: u32,
        /// The files.
        files: Vec<FileRef>,
    },
    /// Add the pictures of a zip of folders to the classes of those names, new ones where there are
    /// none.
    AddFolders(FileRef),
    /// The same with the files of a folder.
    AddFolder(Vec<FileRef>),
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
    /// Take back the last deletion or move.
    Undo,
    /// Give the project as one file.
    Export,
}

/// What the session tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A backbone is open; no engine is loaded yet, and nothing is told of its features and head.
    Backbone(BackboneInfo),
    /// How much of the backbone's file is here.
    Download(Download),
    /// The site's other backbones.
    OtherBackbones(Vec<BackboneInfo>),
    /// What the engine is doing.
    Engine(EngineStatus),
    /// Bytes of the dataset read so far.
    DatasetProgress {
        /// Bytes read.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// A dataset is in use, or its limits have changed.
    Dataset(DatasetInfo),
    /// The extraction's state.
    Extraction(Extraction),
    /// How fast the features of many images were computed just now.
    Speed(Speed),
    /// What the store holds.
    Cache(StoreSize),
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
    /// A trained head is there: fresh from training, or found in the store.
    Trained(Box<Trained>),
    /// For what is in use now, no head is trained.
    Untrained,
    /// What a split that tears takes apart would have claimed of the open project.
    Leaky {
        /// Test images of that split.
        test: u32,
        /// Those it got right.
        correct: u32,
    },
    /// The test images that were asked for.
    ExamImages(ExamImages),
    /// The projects there are.
    Projects(Vec<ProjectSummary>),
    /// The open project has changed; `None` where other data is in use.
    Project(Option<ProjectInfo>),
    /// How pictures of the open project look, small.
    Thumbnails(Vec<(PictureId, RgbImage)>),
    /// A file for the person to keep.
    File {
        /// Its name.
        name: String,
        /// What is in it.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Pictures are being read into the open project: done, in all (0 where that is not known).
    Adding {
        /// Files or pictures done.
        done: u32,
        /// In all.
        total: u32,
    },
    /// An image was classified.
    Classified(Classified),
    /// Something went wrong; whatever was running has ended.
    Problem(Problem),
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

/// What the engine is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EngineStatus {
    /// Not needed so far.
    Idle,
    /// It waits for the backbone's file, of which [`Event::Download`] tells.
    Downloading,
    /// The network is being loaded and probed.
    Starting(Engine),
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
    /// One small picture of each class that has training images.
    pub examples: Vec<Sample>,
    /// Names of files that stood among the images and could not be read.
    pub skipped: Vec<String>,
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

/// One epoch's figures. Losses are mean cross-entropies in nats, accuracies shares from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: u32,
    /// Mean loss over the epoch's batches, dropout on, as Keras reports it.
    pub loss: f32,
    /// Accuracy over the epoch's batches, dropout on.
    pub accuracy: f32,
    /// Loss on the validation images, after the epoch.
    pub val_loss: f32,
    /// Accuracy on the validation images, after the epoch.
    pub val_accuracy: f32,
    /// Whether its validation loss is the lowest so far.
    pub best: bool,
    /// How long it took.
    pub seconds: f32,
}

/// A trained head and how good it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// The classes it knows.
    pub classes: Vec<String>,
    /// What it learnt from.
    pub source: Source,
    /// Training images, validation images included.
    pub train: u32,
    /// What the test images showed.
    pub exam: Exam,
    /// Where its answers begin to be withheld, as the validation images speak for.
    pub thresholds: Thresholds,
    /// How it was trained; the validation share is the one that was used.
    pub options: TrainingOptions,
    /// Every epoch's figures.
    pub epochs: Vec<Epoch>,
    /// The epoch whose weights were kept; 0 where the head needs none.
    pub best_epoch: u32,
    /// Whether it was found in the store, not trained just now.
    pub restored: bool,
}

impl Trained {
    /// Test images that the accuracy was measured on.
    pub fn test(&self) -> u32 {
        self.exam.confusion.total()
    }

    /// Test images it got right.
    pub fn correct(&self) -> u32 {
        self.exam.confusion.correct()
    }
}

/// What the test images showed of a head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exam {
    /// Which class was taken for which.
    pub confusion: ConfusionMatrix,
    /// Whether it is right as often as it claims.
    pub reliability: Reliability,
    /// The wrong answers it was surest of, the surest first.
    pub mistakes: Vec<Mistake>,
    /// All answers, in the order of the test images.
    pub judged: Vec<Judged>,
}

/// A test image that got a wrong answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// Which one it is.
    pub hash: ImageHash,
    /// The image, small.
    pub image: RgbImage,
    /// What it is, a place among the classes.
    pub label: u16,
    /// What it was taken for.
    pub answer: u16,
    /// The probability of that answer, from 0 to 1.
    pub probability: f32,
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
    /// Names of files of the last change that could not be read.
    pub skipped: Vec<String>,
}

/// Test images of one class that got one answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExamImages {
    /// What they are, a place among the classes.
    pub label: u16,
    /// What they were taken for.
    pub answer: u16,
    /// The first of them, small.
    pub images: Vec<(ImageHash, RgbImage)>,
}

/// A classified image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classified {
    /// The file's name.
    pub name: String,
    /// What the network saw, for showing.
    pub image: RgbImage,
    /// The classes' names.
    pub classes: Vec<String>,
    /// Probability of each class; they sum to 1.
    pub probabilities: Vec<f32>,
    /// Score of each class before the softmax.
    pub scores: Vec<f32>,
    /// How far the image lies from what the head has learnt ([`crate::head::Head::distances`]).
    pub distance: f32,
    /// What each place of the image adds to each class's score; empty where neighbours vote, and for
    /// pictures of the camera, which leave no time for it.
    pub contributions: Vec<Contributions>,
    /// How long it took from the file to the probabilities, in milliseconds; the first time with
    /// the engine's start.
    pub milliseconds: f32,
    /// Where that time went.
    pub stages: Stages,
    /// Whether it came from the camera.
    pub live: bool,
}

/// How long each stage of a classification took, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stages {
    /// From the file or the camera's picture to what the network sees.
    pub prepare: f32,
    /// The network.
    pub features: f32,
    /// The head.
    pub head: f32,
}

impl Classified {
    /// Why the answer is withheld, if it is.
    pub fn doubt(&self, thresholds: &Thresholds) -> Option<Doubt> {
        thresholds.doubt(self.winner().map_or(0.0, |(_, probability)| probability), self.distance)
    }

    /// The most probable class's place and its probability; the first one of equals.
    pub fn winner(&self) -> Option<(usize, f32)> {
        let all = self.probabilities.iter().copied().enumerate();
        all.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

/// What went wrong, for a sentence on the page; `detail` is the technical cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which sentence.
    pub kind: ProblemKind,
    /// The file it is about, where there is one.
    pub file: Option<String>,
    /// The technical cause, for the small print.
    pub detail: String,
}

/// One sentence on the page each, with what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProblemKind {
    /// The manifest is missing or damaged.
    Backbone,
    /// The backbone's file did not come in whole.
    Download,
    /// The backbone's file could not be kept for visits without the internet; whatever else was
    /// running goes on.
    NotKept,
    /// No engine could be started, or all of them failed.
    Engine,
    /// The file is no zip of images, and neither an archive nor a `.bin` file of CIFAR-10.
    NotADataset,
    /// The zip's folders make fewer than 2 classes, or more than 100.
    Classes,
    /// The file is damaged or incomplete.
    DamagedDataset,
    /// The file is empty.
    EmptyFile,
    /// The browser could not read the file to its end.
    UnreadableFile,
    /// The file is no image.
    NotAnImage,
    /// The image is too large.
    ImageTooLarge,
    /// There are too few images to train with.
    TooFewImages,
    /// Not all images in use have features yet.
    FeaturesMissing,
    /// No head is trained yet.
    NoHead,
    /// The test images are not those that the head was measured on.
    NoExam,
    /// What is shown of the exam is not in use any more.
    ExamChanged,
    /// The features do not fit into memory.
    OutOfMemory,
    /// The disk is full.
    DiskFull,
    /// The browser's store cannot be used.
    StoreUnavailable,
    /// A stored record was damaged and has been dropped.
    StoreDamaged,
    /// A name in a project is empty, too long, or taken.
    ProjectName,
    /// A project has as many classes or pictures as it can have.
    ProjectFull,
    /// What was to be changed is not there any more, or was changed in another tab.
    ProjectChanged,
    /// The file is no project of this page, or of a newer version of it.
    ProjectForeign,
    /// The project's file is damaged.
    ProjectDamaged,
    /// Fewer than two classes take part, or one of them has too few takes for an honest exam.
    TooFewTakes,
    /// A setting of the training is out of range.
    Setting,
    /// The training went astray: a loss that is not a number.
    Diverged,
    /// A thread of the page died.
    SessionLost,
}

/// What a session asks of an engine worker.
#[allow(clippy::large_enum_variant, reason = "the large one is sent once in a worker's life")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EngineMessage {
    /// First of all, once, with the `.onnx` file's bytes attached.
    Load(Manifest),
    /// Compute the features of these images.
    Extract {
        /// Comes back with the answer.
        id: u32,
        /// The images, of any size.
        images: Vec<RgbImage>,
    },
}

/// What an engine worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EngineReply {
    /// The network is loaded and its probe came out right.
    Loaded {
        /// Largest probe error as a share of the output's largest value.
        probe_error: f32,
    },
    /// Features of all the batch's images.
    Extracted {
        /// The batch.
        id: u32,
        /// One image after the other, each height x width x channels.
        #[serde(with = "f16_bytes")]
        features: Vec<f16>,
    },
    /// The last message could not be carried out.
    Failed(BackboneError),
}

/// A message that cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message from another thread cannot be read: {0}")]
pub struct ProtocolError(String);

impl ProtocolError {
    /// An error with its cause.
    pub fn new(cause: impl Into<String>) -> Self {
        Self(cause.into())
    }
}

/// A message as bytes.
///
/// # Errors
/// Only where memory runs out.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, ProtocolError> {
    postcard::to_stdvec(message).map_err(|error| ProtocolError::new(error.to_string()))
}

/// The message in `bytes`.
///
/// # Errors
/// [`ProtocolError`] where the bytes are not a whole message of this type.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ProtocolError> {
    postcard::from_bytes(bytes).map_err(|error| ProtocolError::new(error.to_string()))
}

/// float16 values as bytes, little endian, in one piece.
mod f16_bytes {
    use half::f16;
    use serde::{Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(values: &[f16], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&super::f16_to_bytes(values))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f16>, D::Error> {
        let bytes: Vec<u8> = serde_bytes::deserialize(deserializer)?;
        super::f16_from_bytes(&bytes).ok_or_else(|| D::Error::custom("an odd number of bytes"))
    }
}

/// float16 values as little-endian bytes.
pub fn f16_to_bytes(values: &[f16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Little-endian bytes as float16 values; `None` where there is an odd number of them.
pub fn f16_from_bytes(bytes: &[u8]) -> Option<Vec<f16>> {
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    Some(pairs.map(|pair| f16::from_le_bytes([pair[0], pair[1]])).collect())
}
