//! What follows from the state: what may be done, what waits for what, what is read aloud.

use std::rc::Rc;

use crate::backbone::{NOTEBOOK, Purpose};
use crate::dataset::Source;
use crate::protocol::{
    BackboneInfo, DatasetInfo, EngineStatus, Epoch, ExtractionPhase, Trained, TrainingOptions,
};

use super::{Classification, Features, Phase, Run, State, Work};

/// Training and test images of the whole of CIFAR-10.
const NOTEBOOK_IMAGES: (u32, u32) = (50_000, 10_000);
/// Epochs between two announcements.
const ANNOUNCED_EPOCHS: usize = 10;

/// The notebook's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// 1: the engine.
    Engine,
    /// 2: the images.
    Data,
    /// 3: their features.
    Features,
    /// 4: the training.
    Training,
    /// 5: the test accuracy.
    Result,
    /// 6: a picture of one's own.
    Classify,
}

/// How a cell stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It cannot run yet.
    Waits(Wait),
    /// It comes by itself when it is needed.
    Idle,
    /// It is the person's turn.
    Ready,
    /// Something is running in it.
    Busy,
    /// It has its result.
    Done,
    /// It did not work.
    Failed,
}

/// What something waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The backbone's manifest.
    Opening,
    /// Nothing: there is no backbone.
    Closed,
    /// A dataset.
    Data,
    /// The end of the dataset's reading.
    Reading,
    /// The look at what is stored.
    Counting,
    /// All features.
    Features,
    /// Nothing: all features are there.
    NothingMissing,
    /// The extraction's end.
    Extracting,
    /// The engine's start.
    Engine,
    /// The training's end.
    Training,
    /// A trained head.
    Head,
    /// The end of another classification.
    Classifying,
    /// Nothing: nothing is stored.
    EmptyCache,
    /// Settings that are in range.
    Settings,
    /// Two classes or more with takes enough each.
    Takes,
    /// The end of what leaves for another program or comes from one.
    Exchange,
    /// A head that learnt from the network's own features.
    OwnFeatures,
}

/// What makes a result differ from the notebook's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Drawn figures instead of photos.
    Drawn,
    /// A person's own images instead of CIFAR-10.
    Own,
    /// Another data set.
    Data,
    /// Fewer images.
    Images,
    /// Development weights.
    Development,
    /// Another backbone.
    Network,
    /// Features from files.
    Features,
    /// Another head, or other settings.
    Settings,
}

/// What a screen reader says; it changes at sensible intervals only.
#[derive(Clone, Debug, PartialEq)]
pub enum Announcement {
    /// Nothing.
    Silence,
    /// A dataset is being read.
    Reading,
    /// A dataset is in use.
    Data,
    /// Features are being computed: quarters done, 0 to 4.
    Extracting(u32),
    /// The extraction is held.
    Paused,
    /// All features are there.
    Extracted,
    /// A training runs; epochs done in tens.
    Training(usize),
    /// There is a fresh result.
    Result(Rc<Trained>),
    /// An image was classified.
    Classified(Rc<crate::protocol::Classified>),
}

impl Work {
    /// The dataset in use.
    pub fn data(&self) -> Option<&Rc<DatasetInfo>> {
        match self {
            Self::NoData | Self::Reading { .. } => None,
            Self::Counting(data) => Some(data),
            Self::Resting(features)
            | Self::Extracting(features)
            | Self::Loading { features, .. }
            | Self::Training { features, .. } => Some(&features.data),
        }
    }
}

impl State {
    /// What is being done with the data, once there is a backbone.
    pub fn work(&self) -> Option<&Work> {
        match &self.phase {
            Phase::Open { work, .. } => Some(work),
            Phase::Opening | Phase::Closed => None,
        }
    }

    /// The dataset in use.
    pub fn data(&self) -> Option<&DatasetInfo> {
        self.work().and_then(Work::data).map(Rc::as_ref)
    }

    /// The dataset with its features.
    pub fn features(&self) -> Option<&Features> {
        match self.work()? {
            Work::NoData | Work::Reading { .. } | Work::Counting(_) => None,
            Work::Resting(features)
            | Work::Extracting(features)
            | Work::Loading { features, .. }
            | Work::Training { features, .. } => Some(features),
        }
    }

    /// The training that runs.
    pub fn run(&self) -> Option<&Run> {
        match self.work()? {
            Work::Training { run, .. } => Some(run),
            _ => None,
        }
    }

    /// The head whose result is to be shown: none while another one is being trained.
    pub fn result(&self) -> Option<&Trained> {
        match self.work() {
            // The heads of a learning curve are thrown away.
            Some(Work::Loading { .. } | Work::Training { .. }) if !self.curve.running => None,
            _ => self.head.as_deref(),
        }
    }

    /// The epochs to show: of the training that runs, else of the trained head.
    pub fn epochs(&self) -> &[Epoch] {
        match self.work() {
            Some(Work::Training { run, .. }) if !self.curve.running => &run.rows,
            Some(Work::Loading { .. }) if !self.curve.running => &[],
            _ => self.head.as_ref().map_or(&[], |head| &head.epochs),
        }
    }

    /// Whether another dataset may be chosen, or its limits changed.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn can_use_data(&self) -> Result<(), Wait> {
        match self.open_work()? {
            _ if self.exchange.is_some() => Err(Wait::Exchange),
            Work::Reading { .. } => Err(Wait::Reading),
            // What goes on in the background gives way.
            Work::Extracting(_) if self.projects.open.is_none() => Err(Wait::Extracting),
            Work::Loading { .. } | Work::Training { .. } => Err(Wait::Training),
            Work::NoData | Work::Counting(_) | Work::Resting(_) | Work::Extracting(_) => Ok(()),
        }
    }

    /// Whether an extraction may be started.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn can_extract(&self) -> Result<(), Wait> {
        match self.resting()?.extraction.phase {
            ExtractionPhase::Complete => Err(Wait::NothingMissing),
            _ => self.nothing_exchanged(),
        }
    }

    /// Whether the extraction may be held: only once the engine computes.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn can_pause(&self) -> Result<(), Wait> {
        match &self.phase {
            Phase::Open { engine: EngineStatus::Ready { .. }, .. } => Ok(()),
            _ => Err(Wait::Engine),
        }
    }

    /// Whether a training may be started.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn can_train(&self) -> Result<(), Wait> {
        self.has_takes()?;
        match self.resting()?.extraction.phase {
            ExtractionPhase::Complete => self.nothing_exchanged(),
            _ => Err(Wait::Features),
        }
    }

    /// Whether an image may be classified.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn can_classify(&self) -> Result<(), Wait> {
        let work = self.open_work()?;
        match (&self.head, &self.classification, work) {
            (None, ..) => Err(Wait::Head),
            _ if self.is_foreign() => Err(Wait::OwnFeatures),
            _ if self.exchange.is_some() => Err(Wait::Exchange),
            (_, Classification::Waiting(_), _) => Err(Wait::Classifying),
            (_, _, Work::Reading { .. }) => Err(Wait::Reading),
            (_, _, Work::Extracting(_)) if self.projects.open.is_none() => Err(Wait::Extracting),
            (_, _, Work::Loading { .. } | Work::Training { .. }) => Err(Wait::Training),
            (_, _, Work::NoData | Work::Counting(_) | Work::Resting(_) | Work::Extracting(_)) => Ok(()),
        }
    }

    /// Whether the stored features may be cleared.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn can_clear(&self) -> Result<(), Wait> {
        self.can_use_data()?;
        match self.cache {
            Some(size) if size.images > 0 => Ok(()),
            _ => Err(Wait::EmptyCache),
        }
    }

    /// How a cell stands.
    pub fn standing(&self, cell: Cell) -> Standing {
        match cell {
            Cell::Engine => self.engine_standing(),
            Cell::Data => match self.open_work() {
                Err(wait) => Standing::Waits(wait),
                Ok(_) if self.is_bringing() => Standing::Busy,
                Ok(Work::NoData) => Standing::Ready,
                Ok(Work::Reading { .. } | Work::Counting(_)) => Standing::Busy,
                // A project is never finished: more pictures may come at any time.
                Ok(_) if self.projects.open.is_some() => Standing::Ready,
                // Until the features are there, another choice is still likely.
                Ok(Work::Resting(features)) if features.extraction.phase != ExtractionPhase::Complete => {
                    Standing::Ready
                }
                Ok(_) => Standing::Done,
            },
            Cell::Features => match (self.work(), self.can_extract()) {
                (Some(Work::Extracting(_)), _) => Standing::Busy,
                _ if self.is_importing() => Standing::Busy,
                (Some(Work::Loading { .. } | Work::Training { .. }), _) => Standing::Done,
                (_, Err(Wait::NothingMissing)) => Standing::Done,
                (_, Err(wait)) => Standing::Waits(wait),
                (_, Ok(())) => Standing::Ready,
            },
            // The heads of a learning curve are none of the person's trainings.
            Cell::Training | Cell::Result if self.curve.running => Standing::Done,
            Cell::Training => match (self.work(), self.can_train()) {
                (Some(Work::Loading { .. } | Work::Training { .. }), _) => Standing::Busy,
                // One that was broken off waits for the person, whatever was trained before.
                _ if self.head.is_some() && self.interrupted.is_none() => Standing::Done,
                (_, Err(wait)) => Standing::Waits(wait),
                (_, Ok(())) => Standing::Ready,
            },
            Cell::Result => match self.work() {
                Some(Work::Loading { .. } | Work::Training { .. }) => Standing::Busy,
                _ if self.head.is_some() => Standing::Done,
                _ => Standing::Waits(self.open_work().err().unwrap_or(Wait::Head)),
            },
            Cell::Classify => match (&self.classification, self.can_classify()) {
                (Classification::Waiting(_), _) => Standing::Busy,
                (_, Err(wait)) => Standing::Waits(wait),
                (_, Ok(())) => Standing::Ready,
            },
        }
    }

    /// The cell that the person goes on with, until there is a result: the last one whose turn it is.
    pub fn next_cell(&self) -> Option<Cell> {
        let turn = |cell: &Cell| matches!(self.standing(*cell), Standing::Ready | Standing::Busy);
        [Cell::Training, Cell::Features, Cell::Data].into_iter().find(turn)
    }

    /// What makes the head's result differ from the notebook's; empty for a fair comparison.
    pub fn differences(&self) -> Vec<Difference> {
        let Some(head) = &self.head else { return Vec::new() };
        let mut found = Vec::new();
        match head.source {
            Source::Cifar10 => {}
            Source::Drawn => found.push(Difference::Drawn),
            Source::Folders | Source::Project => found.push(Difference::Own),
            Source::Cifar100 | Source::Arrays => found.push(Difference::Data),
        }
        if (head.train, head.test()) != NOTEBOOK_IMAGES {
            found.push(Difference::Images);
        }
        match self.backbone() {
            _ if self.is_foreign() => found.push(Difference::Features),
            Some(BackboneInfo { purpose: Purpose::Development, .. }) => found.push(Difference::Development),
            Some(BackboneInfo { purpose: Purpose::ImageNet, address, .. }) if address == NOTEBOOK => {}
            Some(_) => found.push(Difference::Network),
            None => {}
        }
        let notebook = TrainingOptions { seed: head.options.seed, ..TrainingOptions::notebook() };
        // A project's takes decide how many images validate.
        let share = if head.source == Source::Project { head.options } else { notebook }.validation_share;
        if head.options != (TrainingOptions { validation_share: share, ..notebook }) {
            found.push(Difference::Settings);
        }
        found
    }

    /// Seconds until the extraction is complete, where its speed is known.
    pub fn seconds_left(&self) -> Option<f64> {
        let Some(Work::Extracting(features)) = self.work() else { return None };
        let extraction = &features.extraction;
        let running = extraction.phase == ExtractionPhase::Running;
        let left = f64::from(extraction.total.saturating_sub(extraction.done));
        (running && extraction.images_per_second > 0.0)
            .then(|| left / f64::from(extraction.images_per_second))
    }

    /// What a screen reader says now.
    pub fn announcement(&self) -> Announcement {
        match self.work() {
            _ if self.is_bringing() => Announcement::Reading,
            Some(Work::Reading { .. }) => Announcement::Reading,
            Some(Work::Extracting(features)) => match features.extraction.phase {
                ExtractionPhase::Paused | ExtractionPhase::DiskFull => Announcement::Paused,
                _ => {
                    let total = u64::from(features.extraction.total.max(1));
                    let quarters = u64::from(features.extraction.done) * 4 / total;
                    Announcement::Extracting(quarters.min(4) as u32)
                }
            },
            Some(Work::Loading { .. }) => Announcement::Training(0),
            Some(Work::Training { run, .. }) => {
                Announcement::Training(run.rows.len() / ANNOUNCED_EPOCHS * ANNOUNCED_EPOCHS)
            }
            Some(Work::NoData | Work::Counting(_) | Work::Resting(_)) => self.announced_result(),
            None => Announcement::Silence,
        }
    }

    fn announced_result(&self) -> Announcement {
        if let Classification::Done(classified) = &self.classification {
            // The camera's answers change all the time; its own part of the page says some of them.
            return match classified.live {
                true => Announcement::Silence,
                false => Announcement::Classified(Rc::clone(classified)),
            };
        }
        if let Some(head) = self.head.as_ref().filter(|head| !head.restored) {
            return Announcement::Result(Rc::clone(head));
        }
        match self.features() {
            Some(features) if features.extraction.phase == ExtractionPhase::Complete => {
                Announcement::Extracted
            }
            Some(_) => Announcement::Data,
            None => Announcement::Silence,
        }
    }

    fn engine_standing(&self) -> Standing {
        match &self.phase {
            Phase::Opening => Standing::Waits(Wait::Opening),
            Phase::Closed => Standing::Waits(Wait::Closed),
            Phase::Open { engine, .. } => match engine {
                EngineStatus::Idle => Standing::Idle,
                EngineStatus::Failed(_) => Standing::Failed,
                EngineStatus::Downloading | EngineStatus::Starting(_) | EngineStatus::Timing(_) => {
                    Standing::Busy
                }
                EngineStatus::Ready { .. } => Standing::Done,
            },
        }
    }

    /// What is being done with the data, or why nothing can be.
    pub(super) fn open_work(&self) -> Result<&Work, Wait> {
        match &self.phase {
            Phase::Opening => Err(Wait::Opening),
            Phase::Closed => Err(Wait::Closed),
            Phase::Open { work, .. } => Ok(work),
        }
    }

    /// The dataset's features while nothing is running, or what to wait for.
    pub(super) fn resting(&self) -> Result<&Features, Wait> {
        match self.open_work()? {
            Work::NoData => Err(Wait::Data),
            Work::Reading { .. } => Err(Wait::Reading),
            Work::Counting(_) => Err(Wait::Counting),
            Work::Resting(features) => Ok(features),
            Work::Extracting(_) => Err(Wait::Extracting),
            Work::Loading { .. } | Work::Training { .. } => Err(Wait::Training),
        }
    }
}
