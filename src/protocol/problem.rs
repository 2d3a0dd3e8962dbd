//! What went wrong.

use serde::{Deserialize, Serialize};

/// What went wrong, for a sentence on the page; `detail` is the technical cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which sentence.
    pub kind: ProblemKind,
    /// The file it is about, where there is one.
    pub file: Option<String>,
    /// The technical cause, for the small print.
    pub detail: String,
    /// What is filled into the sentence and what to do next: the names that stand there, and their values.
    pub values: Vec<(String, String)>,
}

/// One sentence on the page each, with what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProblemKind {
    /// The manifest is missing or damaged.
    Backbone,
    /// The server does not answer.
    ServerSilent,
    /// The backbone's file did not come in whole.
    Download,
    /// The backbone's file could not be kept for visits without the internet; whatever else was
    /// running goes on.
    NotKept,
    /// No engine could be started, or all of them failed.
    Engine,
    /// The data set that the site offers did not come in whole; what was in use stays in use.
    SiteData,
    /// The file is no zip of images, and neither an archive nor a `.bin` file of CIFAR-10.
    NotADataset,
    /// The zip's folders make fewer than 2 classes, or more than 100.
    Classes,
    /// The file is damaged or incomplete.
    DamagedDataset,
    /// The archive's end is missing.
    CutDownload,
    /// The file is an archive or a document of another kind.
    ForeignArchive,
    /// The file is a web page in the place of an archive.
    WebPageFile,
    /// A password keeps all images of the archive closed.
    LockedArchive,
    /// The archive is packed in a way that is not read.
    StrangePacking,
    /// There are images, but no folders that name their classes.
    NoClassFolders,
    /// Fewer than two classes have images enough to learn from and to be examined.
    TooFewPictures,
    /// There are images, but none that can be read.
    NoneRead,
    /// All pictures of a class stand in another one too.
    SamePictures,
    /// Files of different kinds were chosen together.
    MixedFiles,
    /// The file unpacks to far more than it is.
    UnpacksTooFar,
    /// NumPy's arrays hold no pictures with labels.
    NoArray,
    /// An array is of another shape or type.
    ArrayShape,
    /// An array holds Python's objects.
    ArrayObjects,
    /// An array of pictures holds numbers that are no levels of brightness.
    ArrayValues,
    /// There are not as many pictures as labels.
    ArrayCounts,
    /// The labels make too few classes, or too many.
    LabelClasses,
    /// Which batch of CIFAR-10 is for the exam cannot be known.
    WhichBatch,
    /// Two files are there for the same thing.
    SameBatch,
    /// Files of CIFAR-10 and of CIFAR-100.
    MixedSets,
    /// The file is empty.
    EmptyFile,
    /// The browser could not read the file to its end.
    UnreadableFile,
    /// A picture of the data in use cannot be read any more.
    PictureGone,
    /// The file is no image.
    NotAnImage,
    /// The image takes too much memory: how much, the `limit`, and its `size` fill the sentence.
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
    /// No map can be drawn of the features.
    NoMap,
    /// The features do not fit into memory.
    OutOfMemory,
    /// The disk is full.
    DiskFull,
    /// The browser's store cannot be used: everything is held in memory in its place.
    StoreUnavailable,
    /// The browser's store was in use, and cannot be used any more.
    StoreLost,
    /// A newer version of the page has taken the browser's store over.
    StoreTaken,
    /// The features to come are larger than what the browser would still store.
    TooLittleRoom,
    /// A stored record was damaged and has been dropped.
    StoreDamaged,
    /// A stored record was damaged; what it held is being computed again, and whatever was running goes
    /// on then.
    StoreMended,
    /// The list of finished trainings was damaged and has been dropped; whatever was running goes on.
    TrainingsDamaged,
    /// The workers that train were lost again and again.
    TeamLost,
    /// The files do not hold the notebook's arrays of features.
    FeatureArrays,
    /// The features in a file are of another shape or type than the backbone's.
    FeatureShape,
    /// A file has more or fewer features than there are images in use.
    FeatureCount,
    /// A file of features is damaged, or holds what is no number.
    FeatureDamaged,
    /// What learnt from a file's features has no backbone to see pictures with.
    FeatureForeign,
    /// The file for another program could not be made.
    NotExported,
    /// A name in a project is empty, too long, or taken.
    ProjectName,
    /// A project has as many classes or pictures as it can have.
    ProjectFull,
    /// The person has ended the adding of pictures: so many of so many are in the project.
    AddingEnded,
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
    /// A thread of the page is of another build than the page, for the site was renewed meanwhile.
    OtherBuild,
    /// The file is of a format that is not read here: its `format` fills the sentence.
    ImageFormat,
    /// The image's file ends before the image does.
    ImageCut,
    /// The image is damaged, or written in a way that is not read here.
    ImageDamaged,
    /// The image's file has more bytes than are read.
    ImageFileTooLarge,
    /// An earlier version of the page kept so many of a project's pictures (`count`) smaller than the network
    /// takes them (`size`); whatever was running goes on.
    PicturesSmall,
}
