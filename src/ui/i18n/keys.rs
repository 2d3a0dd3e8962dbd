//! Which text says what: the keys that belong to the values of enums.

use crate::dataset::Source;
use crate::dataset::notices::NoticeKind;
use crate::protocol::{BackboneReason, Engine, EngineReason, Preset, ProblemKind};
use crate::trainings::Column;
use crate::ui::query::QueryError;
use crate::ui::state::{CameraError, Difference, Field, MapMethod, Standing, Step, Wait};

/// What went wrong; the same key with `-next` says what to do.
pub fn problem(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Backbone => "problem-backbone",
        ProblemKind::ServerSilent => "problem-server-silent",
        ProblemKind::Download => "problem-download",
        ProblemKind::NotKept => "problem-not-kept",
        ProblemKind::Engine => "problem-engine",
        ProblemKind::SiteData => "problem-site-data",
        ProblemKind::NotADataset => "problem-not-a-dataset",
        ProblemKind::Classes => "problem-classes",
        ProblemKind::DamagedDataset => "problem-damaged-dataset",
        ProblemKind::CutDownload => "problem-cut-download",
        ProblemKind::ForeignArchive => "problem-foreign-archive",
        ProblemKind::WebPageFile => "problem-web-page-file",
        ProblemKind::LockedArchive => "problem-locked-archive",
        ProblemKind::StrangePacking => "problem-strange-packing",
        ProblemKind::NoClassFolders => "problem-no-class-folders",
        ProblemKind::TooFewPictures => "problem-too-few-pictures",
        ProblemKind::NoneRead => "problem-none-read",
        ProblemKind::SamePictures => "problem-same-pictures",
        ProblemKind::MixedFiles => "problem-mixed-files",
        ProblemKind::UnpacksTooFar => "problem-unpacks-too-far",
        ProblemKind::NoArray => "problem-no-array",
        ProblemKind::ArrayShape => "problem-array-shape",
        ProblemKind::ArrayObjects => "problem-array-objects",
        ProblemKind::ArrayValues => "problem-array-values",
        ProblemKind::ArrayCounts => "problem-array-counts",
        ProblemKind::LabelClasses => "problem-label-classes",
        ProblemKind::WhichBatch => "problem-which-batch",
        ProblemKind::SameBatch => "problem-same-batch",
        ProblemKind::MixedSets => "problem-mixed-sets",
        ProblemKind::EmptyFile => "problem-empty-file",
        ProblemKind::UnreadableFile => "problem-unreadable-file",
        ProblemKind::PictureGone => "problem-picture-gone",
        ProblemKind::NotAnImage => "problem-not-an-image",
        ProblemKind::ImageTooLarge => "problem-image-too-large",
        ProblemKind::TooFewImages => "problem-too-few-images",
        ProblemKind::FeaturesMissing => "problem-features-missing",
        ProblemKind::NoHead => "problem-no-head",
        ProblemKind::NoExam => "problem-no-exam",
        ProblemKind::ExamChanged => "problem-exam-changed",
        ProblemKind::NoMap => "problem-no-map",
        ProblemKind::OutOfMemory => "problem-out-of-memory",
        ProblemKind::DiskFull => "problem-disk-full",
        ProblemKind::StoreUnavailable => "problem-store-unavailable",
        ProblemKind::StoreLost => "problem-store-lost",
        ProblemKind::StoreTaken => "problem-store-taken",
        ProblemKind::StoreDamaged => "problem-store-damaged",
        ProblemKind::TooLittleRoom => "problem-too-little-room",
        ProblemKind::StoreMended => "problem-store-mended",
        ProblemKind::TrainingsDamaged => "problem-trainings-damaged",
        ProblemKind::TeamLost => "problem-team-lost",
        ProblemKind::FeatureArrays => "problem-feature-arrays",
        ProblemKind::FeatureShape => "problem-feature-shape",
        ProblemKind::FeatureCount => "problem-feature-count",
        ProblemKind::FeatureDamaged => "problem-feature-damaged",
        ProblemKind::FeatureForeign => "problem-feature-foreign",
        ProblemKind::NotExported => "problem-not-exported",
        ProblemKind::ProjectName => "problem-project-name",
        ProblemKind::ProjectFull => "problem-project-full",
        ProblemKind::AddingEnded => "problem-adding-ended",
        ProblemKind::ProjectChanged => "problem-project-changed",
        ProblemKind::ProjectForeign => "problem-project-foreign",
        ProblemKind::ProjectDamaged => "problem-project-damaged",
        ProblemKind::TooFewTakes => "problem-too-few-takes",
        ProblemKind::Setting => "problem-setting",
        ProblemKind::Diverged => "problem-diverged",
        ProblemKind::SessionLost => "problem-session-lost",
        ProblemKind::OtherBuild => "problem-other-build",
        ProblemKind::ImageFormat => "problem-image-format",
        ProblemKind::ImageCut => "problem-image-cut",
        ProblemKind::ImageDamaged => "problem-image-damaged",
        ProblemKind::ImageFileTooLarge => "problem-image-file-too-large",
        ProblemKind::PicturesSmall => "problem-pictures-small",
    }
}

/// What is said of a dataset.
pub fn data_notice(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Damaged => "data-notice-damaged",
        NoticeKind::NoPicture => "data-notice-no-picture",
        NoticeKind::WebPage => "data-notice-web-page",
        NoticeKind::Empty => "data-notice-empty",
        NoticeKind::TooLarge => "data-notice-too-large",
        NoticeKind::Password => "data-notice-password",
        NoticeKind::Packing => "data-notice-packing",
        NoticeKind::Unreadable => "data-notice-unreadable",
        NoticeKind::Nested => "data-notice-nested",
        NoticeKind::Other => "data-notice-other",
        NoticeKind::NoClass => "data-notice-no-class",
        NoticeKind::InTwoClasses => "data-notice-in-two-classes",
        NoticeKind::SharedPictures => "data-notice-shared-pictures",
        NoticeKind::PartsTogether => "data-notice-parts-together",
        NoticeKind::InTwoParts => "data-notice-in-two-parts",
        NoticeKind::EmptyClass => "data-notice-empty-class",
        NoticeKind::TooFew => "data-notice-too-few",
        NoticeKind::NotExamined => "data-notice-not-examined",
        NoticeKind::AlikeNames => "data-notice-alike-names",
        NoticeKind::OneName => "data-notice-one-name",
        NoticeKind::NoTestPart => "data-notice-no-test-part",
        NoticeKind::NoTrainPart => "data-notice-no-train-part",
        NoticeKind::NoTestFile => "data-notice-no-test-file",
        NoticeKind::Format(_) => "data-notice-format",
    }
}

/// What is wrong with the link; the same key with `-next` says what to do.
pub fn query_error(error: &QueryError) -> &'static str {
    match error {
        QueryError::Backbone(_) => "query-backbone",
        QueryError::Engine(_) => "query-engine",
        QueryError::Number { .. } => "query-number",
    }
}

/// Why a camera gives no pictures; the same key with `-next` says what to do.
pub fn camera_error(error: CameraError) -> &'static str {
    match error {
        CameraError::Insecure => "camera-insecure",
        CameraError::Refused => "camera-refused",
        CameraError::Missing => "camera-none",
        CameraError::Busy => "camera-busy",
        CameraError::Gone => "camera-gone",
    }
}

/// Why the session opened a backbone; `None` where it was told which one.
pub fn backbone_reason(reason: BackboneReason) -> Option<&'static str> {
    match reason {
        BackboneReason::Named | BackboneReason::Project => None,
        BackboneReason::Notebook => Some("chosen-notebook"),
        BackboneReason::Brought => Some("chosen-brought"),
        BackboneReason::Development => Some("chosen-development"),
        BackboneReason::Missing => Some("chosen-missing"),
        BackboneReason::Kept => Some("chosen-kept"),
        BackboneReason::NoneReal => Some("chosen-none-real"),
    }
}

/// Why an engine was taken.
pub fn reason(reason: EngineReason) -> &'static str {
    match reason {
        EngineReason::Asked => "reason-asked",
        EngineReason::Faster => "reason-faster",
        EngineReason::SoftwareAdapter => "reason-software-adapter",
        EngineReason::NoWebGpu => "reason-no-web-gpu",
        EngineReason::SilentWebGpu => "reason-silent-web-gpu",
        EngineReason::WebGpuFailed => "reason-web-gpu-failed",
        EngineReason::CpuFailed => "reason-cpu-failed",
    }
}

/// An engine's name in the middle of a sentence.
pub fn engine(engine: Engine) -> &'static str {
    match engine {
        Engine::Cpu => "engine-name-cpu",
        Engine::WebGpu => "engine-name-webgpu",
    }
}

/// Where a dataset comes from.
pub fn source(source: Source) -> &'static str {
    match source {
        Source::Drawn => "data-source-drawn",
        Source::Cifar10 => "data-source-cifar",
        Source::Folders => "data-source-folders",
        Source::Project => "data-source-project",
        Source::Cifar100 => "data-source-cifar100",
        Source::Arrays => "data-source-arrays",
    }
}

/// What a cell or a button waits for.
pub fn wait(wait: Wait) -> &'static str {
    match wait {
        Wait::Opening => "wait-opening",
        Wait::Closed => "wait-closed",
        Wait::Data => "wait-data",
        Wait::Reading => "wait-reading",
        Wait::Counting => "wait-counting",
        Wait::Features => "wait-features",
        Wait::NothingMissing => "wait-nothing-missing",
        Wait::Extracting => "wait-extracting",
        Wait::Engine => "wait-engine",
        Wait::Training => "wait-training",
        Wait::Head => "wait-head",
        Wait::Classifying => "wait-classifying",
        Wait::EmptyCache => "wait-cache-empty",
        Wait::Settings => "wait-settings",
        Wait::Takes => "wait-takes",
        Wait::Exchange => "wait-exchange",
        Wait::OwnFeatures => "wait-own-features",
    }
}

/// What makes a result differ from the notebook's.
pub fn difference(difference: Difference) -> &'static str {
    match difference {
        Difference::Drawn => "differs-drawn",
        Difference::Own => "differs-own",
        Difference::Data => "differs-data",
        Difference::Images => "differs-images",
        Difference::Development => "differs-development",
        Difference::Network => "differs-network",
        Difference::Features => "differs-features",
        Difference::Settings => "differs-settings",
    }
}

/// A kind of head.
pub fn preset(preset: Preset) -> &'static str {
    match preset {
        Preset::Notebook => "preset-notebook",
        Preset::Quick => "preset-quick",
        Preset::Strong => "preset-strong",
        Preset::Nearest => "preset-nearest",
    }
}

/// What a kind of head is good for.
pub fn preset_note(preset: Preset) -> &'static str {
    match preset {
        Preset::Notebook => "preset-notebook-note",
        Preset::Quick => "preset-quick-note",
        Preset::Strong => "preset-strong-note",
        Preset::Nearest => "preset-nearest-note",
    }
}

/// A field's name in tests, its label, its explanation, and what is said of a fraction out of range.
pub fn field(field: Field) -> [&'static str; 4] {
    match field {
        Field::Epochs => ["epochs", "epochs-label", "epochs-note", "field-invalid"],
        Field::Seed => ["seed", "seed-label", "seed-note", "field-invalid"],
        Field::Batch => ["batch", "batch-label", "batch-note", "field-invalid"],
        Field::LearningRate => {
            ["learning-rate", "learning-rate-label", "learning-rate-note", "field-positive"]
        }
        Field::ValidationShare => {
            ["validation-share", "validation-share-label", "validation-share-note", "field-share"]
        }
        Field::DropoutMap => ["dropout-map", "dropout-map-label", "dropout-map-note", "field-dropout"],
        Field::DropoutPooled => {
            ["dropout-pooled", "dropout-pooled-label", "dropout-pooled-note", "field-dropout"]
        }
        Field::Patience => ["patience", "patience-label", "patience-note", "field-invalid"],
    }
}

/// How a cell stands, in a word or two.
pub fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Waits(_) => "cell-waits",
        Standing::Idle => "cell-idle",
        Standing::Ready => "cell-ready",
        Standing::Busy => "cell-busy",
        Standing::Done => "cell-done",
        Standing::Failed => "cell-failed",
    }
}

/// How the images of the map are placed.
pub fn map_method(method: MapMethod) -> &'static str {
    match method {
        MapMethod::Tsne => "map-method-tsne",
        MapMethod::Pca => "map-method-pca",
    }
}

/// A column of the table of finished trainings: its name in tests, and its head.
pub fn column(column: Column) -> [&'static str; 2] {
    match column {
        Column::Name => ["sort-name", "trainings-name"],
        Column::Network => ["sort-network", "trainings-network"],
        Column::Head => ["sort-head", "trainings-head"],
        Column::Settings => ["sort-settings", "trainings-settings"],
        Column::Train => ["sort-train", "trainings-train"],
        Column::Test => ["sort-test", "trainings-test"],
        Column::Accuracy => ["sort-accuracy", "trainings-accuracy"],
        Column::Time => ["sort-time", "trainings-time"],
        Column::Made => ["sort-made", "trainings-made"],
    }
}

/// A project's step.
pub fn step(step: Step) -> &'static str {
    match step {
        Step::Classes => "step-classes",
        Step::Train => "step-train",
        Step::Try => "step-try",
    }
}
