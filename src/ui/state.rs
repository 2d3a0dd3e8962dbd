//! What the page knows: a pure reducer of the session's events and the person's commands.
//!
//! The session carries out one command at a time, so the page is in one [`Phase`]; what
//! cannot be at the same time cannot be written. `state::questions` derives everything
//! else from it: which button may be pressed, what a cell waits for, what is read aloud.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::backbone::pieces::Download;
use crate::features::ImageHash;
use crate::protocol::{
    BackboneInfo, BackboneReason, Classified, Command, CurveEvent, DatasetInfo, EngineStatus, Epoch,
    EpochImages, Event, ExamImages, Exchange, Extraction, ExtractionPhase, Limits, MapCommand,
    ProjectCommand, SiteData, Thresholds, Trained, TrainingOptions,
};
use crate::ui::device_check::{Check, CheckChange};
use crate::ui::query::QueryError;

mod backbones;
mod camera;
mod curve;
mod exchange;
mod feature_map;
mod head;
mod live;
mod notices;
mod offline;
mod paste;
mod projects;
mod questions;
mod recorder;
mod run_all;
mod settings;
mod speeds;
mod step;
mod thumbnails;
mod trainings;
mod view_status;

pub use camera::{Camera, CameraChange, CameraChoice, CameraError, CameraWish, Device, Stand};
pub use curve::Curve;
pub use feature_map::{MapMethod, MapProgress, MapState};
pub use live::{Frame, Herald, Meter};
pub use notices::Notice;
pub use offline::{Offline, Site, may_keep, missing};
pub use paste::Paste;
pub use projects::{Adding, Projects};
pub use questions::{Announcement, Cell, Difference, Standing, Wait};
pub use recorder::{FASTEST, Pace, USUAL};
pub use run_all::RunAll;
pub use settings::{Field, Fields};
pub use speeds::Speeds;
pub use step::Step;
pub use thumbnails::{MOST_THUMBNAILS, Thumbnails, page};
pub use trainings::Finished;
pub use view_status::ViewStatus;

/// Everything the page shows.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// How far the page has come.
    pub phase: Phase,
    /// How much of the backbone's file is here, once that is known.
    pub download: Option<Download>,
    /// The site's other backbones.
    pub others: Rc<Vec<BackboneInfo>>,
    /// How fast backbones were on this device.
    pub speeds: Rc<Speeds>,
    /// What the store holds, once that is known.
    pub cache: Option<crate::features::StoreSize>,
    /// How much of it nothing refers to, as far as somebody has looked.
    pub unused: crate::features::StoreSize,
    /// Whether the browser stores nothing, so that all is gone with the tab.
    pub in_memory: bool,
    /// Images whose features were computed since the page was opened.
    pub computed: u32,
    /// The training of what is in use that was interrupted: its options, and the epochs it has done.
    pub interrupted: Option<(TrainingOptions, u32)>,
    /// The options of the training that was asked for last.
    pub tried: Option<TrainingOptions>,
    /// The trained head that classifies.
    pub head: Option<Rc<Trained>>,
    /// The head that was trained before it in this visit, on the same classes.
    pub before: Option<Rc<Trained>>,
    /// What the person said that images of the exam are, since the head was trained.
    pub corrections: BTreeMap<ImageHash, u16>,
    /// Where answers are withheld.
    pub thresholds: Thresholds,
    /// The test images that were asked for last.
    pub exam_images: Option<Rc<ExamImages>>,
    /// The validation images that the epoch that was asked for last got wrong.
    pub epoch_images: Option<Rc<EpochImages>>,
    /// The map of the features.
    pub map: MapState,
    /// The image that was given to classify.
    pub classification: Classification,
    /// The camera's picture that was given to classify.
    pub frame: Frame,
    /// How many of those were given: one may be answered and the next be answered too before the page is drawn.
    pub frames: u32,
    /// What leaves for another program or comes from one: how much of it is done, of how much.
    pub exchange: Option<(Exchange, u64, u64)>,
    /// The data set that the site offers.
    pub site_data: Option<SiteData>,
    /// Seconds until it is here, while it comes and once that can be said.
    pub site_data_left: Option<f32>,
    /// The learning curve of what is in use.
    pub curve: Rc<Curve>,
    /// The finished trainings of what is in use.
    pub finished: Finished,
    /// Projects of the visitor's own.
    pub projects: Projects,
    /// Which camera is wanted.
    pub camera: CameraChoice,
    /// How many images to use.
    pub limits: Limits,
    /// How far the run of the whole notebook is, cell after cell.
    pub run_all: RunAll,
    /// What a check of this device has found.
    pub check: Rc<Check>,
    /// What went wrong and was not dismissed, newest last.
    pub notices: Vec<Notice>,
}

/// How far the page has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The backbone's manifest is being read.
    Opening,
    /// There is no backbone, or the session has died: nothing can be done any more.
    Closed,
    /// A backbone is known.
    Open {
        /// What is known of it.
        backbone: Rc<BackboneInfo>,
        /// Why it is this one.
        reason: BackboneReason,
        /// What its engine is doing.
        engine: EngineStatus,
        /// What is being done with the data.
        work: Work,
    },
}

/// What is being done with the data.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// No dataset so far.
    NoData,
    /// A dataset is coming in; all is 0 where nothing is known yet.
    Reading {
        /// Bytes read.
        done: u64,
        /// Bytes in all.
        total: u64,
        /// Pictures read.
        pictures: u32,
        /// How long it will take, where that is known.
        seconds_left: Option<f32>,
    },
    /// A dataset is in use; which of its features are stored is being looked up.
    Counting(Rc<DatasetInfo>),
    /// Nothing is running.
    Resting(Features),
    /// Features are being computed, or held in the middle.
    Extracting(Features),
    /// Stored features are being read for a training: images read, images in all.
    Loading {
        /// The dataset and its features.
        features: Features,
        /// Images read.
        done: u64,
        /// Images in all, 0 where nothing is known yet.
        total: u64,
    },
    /// A head is being trained.
    Training {
        /// The dataset and its features.
        features: Features,
        /// How far the training has come.
        run: Run,
    },
}

/// A dataset in use and how many of its features are stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// The dataset.
    pub data: Rc<DatasetInfo>,
    /// Its features.
    pub extraction: Extraction,
}

/// How far a training has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// Epochs in all.
    pub epochs: u32,
    /// Whether the epochs are over and the best one is measured.
    pub measuring: bool,
    /// Batches done in the current epoch; images of the exam where that is measured.
    pub done: u32,
    /// Batches of an epoch, or images of the exam; 0 where nothing is known yet.
    pub total: u32,
    /// The figures of the epochs that are over.
    pub rows: Vec<Epoch>,
}

/// The image that was given to classify.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Classification {
    /// None so far.
    #[default]
    None,
    /// The image of this name is on its way.
    Waiting(String),
    /// Classified.
    Done(Rc<Classified>),
}

/// What changes the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The session said something.
    Said(Event),
    /// A command went to the session.
    Sent(Command),
    /// The person dismissed the notice at this place.
    Dismissed(usize),
    /// A pasted picture has no place.
    NotPasted(Wait),
    /// Dropped files cannot be taken now.
    NotDropped(Wait),
    /// The person moved the thresholds.
    Set(Thresholds),
    /// The person wants a camera in this way, or got one.
    Camera(CameraWish),
    /// The person wants the whole notebook run.
    RunAll,
    /// The check of this device goes on.
    Check(CheckChange),
}

impl State {
    /// The page before anything has happened. Where `open` is false there will be no
    /// backbone at all.
    pub fn new(open: bool, limits: Limits, errors: Vec<QueryError>) -> Self {
        Self {
            phase: if open { Phase::Opening } else { Phase::Closed },
            download: None,
            others: Rc::default(),
            speeds: Rc::default(),
            cache: None,
            unused: crate::features::StoreSize::default(),
            in_memory: false,
            computed: 0,
            interrupted: None,
            tried: None,
            head: None,
            before: None,
            corrections: BTreeMap::new(),
            thresholds: Thresholds::default(),
            exam_images: None,
            epoch_images: None,
            map: MapState::default(),
            exchange: None,
            site_data: None,
            site_data_left: None,
            curve: Rc::default(),
            finished: Finished::default(),
            projects: Projects::default(),
            camera: CameraChoice::default(),
            classification: Classification::None,
            frame: Frame::default(),
            frames: 0,
            limits,
            run_all: RunAll::Off,
            check: Rc::default(),
            notices: errors.into_iter().map(Notice::Link).collect(),
        }
    }

    /// The state after `action`.
    pub fn reduce(&self, action: Action) -> Self {
        let mut next = self.clone();
        match action {
            Action::Said(event) => next.apply(event),
            Action::Sent(command) => next.sent(&command),
            Action::Dismissed(place) if place < next.notices.len() => {
                next.notices.remove(place);
            }
            Action::Dismissed(_) => {}
            Action::NotPasted(wait) => next.notice(Notice::Paste(wait)),
            Action::NotDropped(wait) => next.notice(Notice::Drop(wait)),
            Action::Set(thresholds) => next.thresholds = thresholds,
            Action::Camera(wish) => next.camera = next.camera.after(wish),
            Action::RunAll => next.run_all = RunAll::Asked,
            Action::Check(change) => next.check = Rc::new(next.check.after(change)),
        }
        next
    }

    /// Takes in what the session said.
    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Backbone(info, reason) => self.open(info, reason),
            Event::Download(download) => self.download = Some(download),
            Event::OtherBackbones(others) => self.others = Rc::new(others),
            Event::Engine(status) => {
                // Ended before it could answer.
                if status == EngineStatus::Idle && self.frame == Frame::Waiting {
                    self.frame = Frame::Failed;
                }
                if let Phase::Open { engine, .. } = &mut self.phase {
                    *engine = status;
                }
            }
            Event::Speed(speed) => Rc::make_mut(&mut self.speeds).measured(&speed),
            Event::Cache(size) => self.cache = Some(size),
            Event::Unused(size) => self.unused = size,
            Event::Trained(trained) => self.trained(*trained),
            Event::HeadClasses(classes) => self.rename_head_classes(&classes),
            Event::Untrained => {
                self.replace_head(None);
                self.before = None;
            }
            Event::Leaky { .. } => {
                self.change_work(Work::rested);
                self.projects.apply(event);
            }
            Event::Project(None) => {
                // Where other data is on its way, that comes next.
                self.change_work(|work| match work {
                    Work::Reading { .. } => work,
                    _ => Work::NoData,
                });
                self.projects.apply(event);
            }
            // Given to the person by the port.
            Event::File(_) => {}
            Event::Exchanging { what, done, total } => self.exchange = Some((what, done, total)),
            Event::Exchanged => self.exchange = None,
            Event::SiteData(data) => self.site_data = Some(data),
            Event::BringingSiteData { done, total, seconds_left } => {
                self.exchange = Some((Exchange::SiteData, done, total));
                self.site_data_left = seconds_left;
            }
            Event::FilesResolved(command) => self.sent(&command),
            Event::Projects(_)
            | Event::Project(_)
            | Event::Covers(_)
            | Event::Thumbnails(_)
            | Event::Adding { .. } => self.projects.apply(event),
            Event::Curve(said) => {
                if said == CurveEvent::Over {
                    self.change_work(Work::rested);
                }
                Rc::make_mut(&mut self.curve).apply(said);
            }
            Event::Map(event) => self.map.apply(event),
            Event::Trainings(_) | Event::Compared(_) => self.finished.apply(event),
            Event::EpochImages(images) => self.epoch_images = Some(Rc::new(images)),
            Event::ExamImages(images) => self.exam_images = Some(Rc::new(images)),
            Event::Classified(classified) => {
                if classified.live {
                    self.frame = Frame::Answered;
                }
                self.classification = Classification::Done(Rc::new(classified));
            }
            Event::EngineTried { trial, engine, outcome } => {
                self.check = Rc::new(self.check.after(CheckChange::Tried { trial, engine, outcome }));
            }
            Event::Problem(problem) => self.fail(problem),
            Event::DatasetProgress { done, total, pictures, seconds_left } => {
                self.change_work(|_| Work::Reading { done, total, pictures, seconds_left });
            }
            Event::NothingRead => self.change_work(Work::rested),
            Event::Dataset(data) => {
                self.data_changed(&data);
                self.change_work(|_| Work::Counting(Rc::new(data)));
            }
            Event::Extraction(extraction) => self.extraction(extraction),
            Event::TrainingLoads { done, total } => self.with_features(|features, _| {
                // Told image by image; what was trained before is out of the way now.
                Work::Loading { features, done, total }
            }),
            Event::TrainingStarted { epochs } => self.with_features(|features, _| Work::Training {
                features,
                run: Run { epochs, ..Run::default() },
            }),
            Event::Interrupted(interrupted) => self.interrupted = interrupted,
            Event::TrainingProgress { done, total } => self
                .with_features(|features, run| Work::Training { features, run: Run { done, total, ..run } }),
            Event::Measuring { done, total } => self.with_features(|features, run| Work::Training {
                features,
                run: Run { measuring: true, done, total, ..run },
            }),
            Event::Epoch(epoch) => self.with_features(|features, mut run| {
                run.done = 0;
                run.rows.push(epoch);
                Work::Training { features, run }
            }),
        }
    }

    /// Takes in what the person asked of the session.
    pub fn sent(&mut self, command: &Command) {
        self.run_all = self.run_all.after(command);
        match command {
            Command::UseSample | Command::UseFiles(_) | Command::Project(ProjectCommand::Open(_)) => {
                self.change_work(|_| Work::BEGUN);
            }
            Command::Project(ProjectCommand::Create { .. }) => {
                self.projects.creating = true;
                self.change_work(|_| Work::BEGUN);
            }
            Command::Limit(limits) => {
                self.limits = *limits;
                return;
            }
            Command::Extract => self.with_features(|mut features, _| {
                features.extraction.phase = ExtractionPhase::Running;
                Work::Extracting(features)
            }),
            Command::Train(_) | Command::TrainLeaky | Command::LearningCurve(_) => {
                self.tried = match command {
                    Command::Train(options) => Some(*options),
                    _ => None,
                };
                if let Command::LearningCurve(settings) = command {
                    self.curve = Rc::new(Curve::begun(*settings));
                }
                self.with_features(|features, _| Work::Loading { features, done: 0, total: 0 });
            }
            Command::Classify(file) => self.classification = Classification::Waiting(file.name.clone()),
            Command::ClassifyFrame(_) => {
                self.frame = Frame::Waiting;
                self.frames = self.frames.wrapping_add(1);
                return;
            }
            Command::Project(
                ProjectCommand::AddFrame { .. } | ProjectCommand::Look(_) | ProjectCommand::Covers(_),
            ) => return,
            Command::Map(command) => {
                if matches!(command, MapCommand::Draw { .. }) {
                    self.map.progress = MapProgress::Reading(0, 0);
                }
                return;
            }
            Command::Project(ProjectCommand::Export) => self.exchange = Some((Exchange::ProjectOut, 0, 0)),
            Command::Project(ProjectCommand::Import(_)) => {
                self.projects.creating = true;
                self.exchange = Some((Exchange::ProjectIn, 0, 0));
            }
            Command::Correct { image, label } => {
                self.corrections.insert(*image, *label);
            }
            Command::ExportHead(kind) => self.exchange = Some((Exchange::Head(*kind), 0, 0)),
            Command::ExportFeatures(part) => self.exchange = Some((Exchange::Features(*part), 0, 0)),
            Command::UseSiteData(data) => self.exchange = Some((Exchange::SiteData, 0, data.bytes)),
            Command::UseFeatures(_) => self.exchange = Some((Exchange::Import, 0, 0)),
            Command::Resume
            | Command::OpenFiles { .. }
            | Command::UseOwnFeatures
            | Command::RenameClass { .. }
            | Command::Keep
            | Command::ClearCache
            | Command::LookForUnused
            | Command::RemoveUnused
            | Command::ShowExam { .. }
            | Command::Project(_) => {}
            Command::Cancel => {
                // Where it comes too late, the project is in the list.
                self.projects.creating = false;
                return;
            }
            Command::Open { .. }
            | Command::Workers(_)
            | Command::Speeds(_)
            | Command::LookForSiteData
            | Command::Pause
            | Command::TryEngine { .. }
            | Command::EndTrial(_)
            | Command::Trainings(_)
            | Command::ShowEpoch(_)
            | Command::StopTraining => return,
        }
        // Who tries again has read what went wrong.
        self.notices.clear();
    }

    /// A backbone is open, perhaps in the place of another one, whose results say nothing any more.
    fn open(&mut self, info: BackboneInfo, reason: BackboneReason) {
        // A project that is coming in has brought this backbone.
        let work = match self.work() {
            Some(Work::Reading { .. }) => Work::BEGUN,
            _ => Work::NoData,
        };
        self.phase = Phase::Open { backbone: Rc::new(info), reason, engine: EngineStatus::Idle, work };
        self.download = None;
        self.replace_head(None);
        self.before = None;
        self.projects.leaky = None;
    }

    fn extraction(&mut self, extraction: Extraction) {
        // The session counts from the start of each extraction, the page over all of them.
        let before = self.features().map_or(0, |features| features.extraction.computed);
        self.computed += extraction.computed.saturating_sub(before);
        self.change_work(|work| match work.data() {
            Some(data) => {
                let features = Features { data: Rc::clone(data), extraction };
                match extraction.phase {
                    ExtractionPhase::Running | ExtractionPhase::Paused | ExtractionPhase::DiskFull => {
                        Work::Extracting(features)
                    }
                    ExtractionPhase::Incomplete | ExtractionPhase::Complete => Work::Resting(features),
                }
            }
            None => work,
        });
    }

    fn change_work(&mut self, change: impl FnOnce(Work) -> Work) {
        if let Phase::Open { work, .. } = &mut self.phase {
            *work = change(std::mem::replace(work, Work::NoData));
        }
    }

    /// Changes the work where a dataset's features are known; the run is empty where no
    /// training has begun.
    fn with_features(&mut self, change: impl FnOnce(Features, Run) -> Work) {
        self.change_work(|work| match work {
            Work::Resting(features) | Work::Extracting(features) | Work::Loading { features, .. } => {
                change(features, Run::default())
            }
            Work::Training { features, run } => change(features, run),
            other @ (Work::NoData | Work::Reading { .. } | Work::Counting(_)) => other,
        });
    }
}

impl Work {
    /// A dataset that is coming in, of which nothing is known yet.
    const BEGUN: Self = Self::Reading { done: 0, total: 0, pictures: 0, seconds_left: None };

    /// The same work with nothing running. A dataset that was coming in is gone.
    fn rested(self) -> Self {
        match self {
            Self::Reading { .. } => Self::NoData,
            Self::Extracting(mut features) => {
                features.extraction.phase = ExtractionPhase::Incomplete;
                Self::Resting(features)
            }
            Self::Loading { features, .. } | Self::Training { features, .. } => Self::Resting(features),
            other @ (Self::NoData | Self::Counting(_) | Self::Resting(_)) => other,
        }
    }
}
