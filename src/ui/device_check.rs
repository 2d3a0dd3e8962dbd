//! The check of a device before a lesson: how far it is, and what its findings mean. Pure; the page measures.

use crate::protocol::{Engine, Trial};
use crate::ui::state::{CameraError, Site};

mod assess;
mod report;

pub use assess::{Line, Verdict};
pub use report::{Row, report};

/// What is checked, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The engine on the processor.
    Cpu,
    /// The engine on the graphics card.
    WebGpu,
    /// Whether there is a camera that gives pictures.
    Camera,
    /// Whether anything can be stored, and how much.
    Storage,
    /// Whether the browser keeps what is stored.
    Persistence,
    /// Whether page and network are kept for use without the internet.
    Offline,
    /// Cores, memory, and whether threads can share it.
    Threads,
}

impl Part {
    /// All parts.
    pub const ALL: [Self; 7] = [
        Self::Cpu,
        Self::WebGpu,
        Self::Camera,
        Self::Storage,
        Self::Persistence,
        Self::Offline,
        Self::Threads,
    ];

    /// Its name in tests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::WebGpu => "webgpu",
            Self::Camera => "camera",
            Self::Storage => "storage",
            Self::Persistence => "persistence",
            Self::Offline => "offline",
            Self::Threads => "threads",
        }
    }

    /// The key of what it is called.
    pub fn key(self) -> &'static str {
        match self {
            Self::Cpu => "check-part-cpu",
            Self::WebGpu => "check-part-webgpu",
            Self::Camera => "check-part-camera",
            Self::Storage => "check-part-storage",
            Self::Persistence => "check-part-persistence",
            Self::Offline => "check-part-offline",
            Self::Threads => "check-part-threads",
        }
    }

    /// Milliseconds that it has. The engines come one after the other, all else beside them, so that the whole
    /// takes ten seconds at the most.
    pub fn limit(self) -> u32 {
        match self {
            Self::Cpu => 6_000,
            Self::WebGpu | Self::Camera | Self::Storage => 4_000,
            Self::Persistence | Self::Offline | Self::Threads => 2_000,
        }
    }

    /// The part that is about `engine`.
    pub fn of(engine: Engine) -> Self {
        match engine {
            Engine::Cpu => Self::Cpu,
            Engine::WebGpu => Self::WebGpu,
        }
    }

    fn engine(self) -> Option<Engine> {
        Engine::ALL.into_iter().find(|engine| Self::of(*engine) == self)
    }
}

/// Whether the page may use cameras, as far as the browser tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Without being asked again.
    Granted,
    /// Not at all.
    Denied,
    /// The person is asked, or the browser does not tell.
    Unknown,
}

/// What was found of cameras.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cameras {
    /// How many there are; `None` where the browser gives this page none.
    pub there: Option<u32>,
    /// Whether they may be used.
    pub permission: Permission,
    /// What came of opening one, where that was done.
    pub opened: Option<Result<(), CameraError>>,
}

/// What was found of a part.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// An engine was tried.
    Engine(Engine, Trial),
    /// Cameras were looked for.
    Camera(Cameras),
    /// Something was stored and read back.
    Storage {
        /// Whether what was read is what was written.
        written: bool,
        /// Bytes that the browser would still store, where it tells.
        room: Option<u64>,
    },
    /// Whether the browser keeps what is stored, where it tells.
    Persistence(Option<bool>),
    /// What is kept of the page; of the network [`Check::lines`] is told.
    Offline {
        /// Whether a service worker is active.
        worker: bool,
        /// The page's own files.
        site: Site,
    },
    /// What computes.
    Threads {
        /// Whether threads can share memory.
        shared: bool,
        /// Processor cores.
        cores: u32,
        /// Gigabytes of memory, where the browser tells; it tells no more than 8.
        memory: Option<f64>,
    },
}

impl Finding {
    /// What it is about.
    pub fn part(&self) -> Part {
        match self {
            Self::Engine(engine, _) => Part::of(*engine),
            Self::Camera(_) => Part::Camera,
            Self::Storage { .. } => Part::Storage,
            Self::Persistence(_) => Part::Persistence,
            Self::Offline { .. } => Part::Offline,
            Self::Threads { .. } => Part::Threads,
        }
    }
}

/// How a part stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Stand {
    /// Its turn comes.
    Waits,
    /// It is being looked at.
    Running,
    /// It is known.
    Known(Finding),
    /// It gave no answer in its time.
    Silent,
    /// The person did not wait for it.
    Skipped,
    /// The page was computing, and had no engine to spare.
    Busy,
}

/// A check of this device: none yet, one that runs, or one that is over.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Check {
    /// Counts the checks of this visit, so that what comes late is known to be late.
    pub number: u32,
    /// Counts the trials of engines.
    pub trial: u32,
    /// How each part stands, in the order of [`Part::ALL`]; empty before the first check.
    stands: Vec<Stand>,
}

/// What changes a check.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckChange {
    /// The person wants one; `busy` where no engine can be tried now.
    Begun {
        /// Whether the page is computing.
        busy: bool,
    },
    /// An engine's turn has come.
    Trying(Engine),
    /// The session has tried an engine.
    Tried {
        /// The trial's number.
        trial: u32,
        /// The engine.
        engine: Engine,
        /// What came of it.
        outcome: Trial,
    },
    /// The check of this number has found something.
    Found(u32, Finding),
    /// A part of the check of this number gave no answer.
    Silent(u32, Part),
    /// The person agrees that the camera is opened.
    Asking,
    /// The person does not wait for this part.
    Skipped(Part),
    /// The person waits for nothing more.
    Stopped,
}

impl Check {
    /// How a part stands; `None` before the first check.
    pub fn stand(&self, part: Part) -> Option<&Stand> {
        self.stands.get(Part::ALL.iter().position(|other| *other == part)?)
    }

    /// Whether there was one, or one runs.
    pub fn has_begun(&self) -> bool {
        !self.stands.is_empty()
    }

    /// Whether anything is still to come.
    pub fn is_running(&self) -> bool {
        self.stands.iter().any(|stand| matches!(stand, Stand::Waits | Stand::Running))
    }

    /// The engine that is being tried, with the trial's number.
    pub fn trying(&self) -> Option<(u32, Engine)> {
        let running = |engine: &Engine| self.stand(Part::of(*engine)) == Some(&Stand::Running);
        Engine::ALL.into_iter().find(running).map(|engine| (self.trial, engine))
    }

    /// The engine whose turn it is: they are not tried beside each other, for that would tell how fast half a
    /// device is.
    pub fn next_engine(&self) -> Option<Engine> {
        let waits = |engine: &Engine| self.stand(Part::of(*engine)) == Some(&Stand::Waits);
        Engine::ALL.into_iter().find(waits).filter(|_| self.trying().is_none())
    }

    /// Whether the person may be asked to let the camera be opened: there may be one, and nothing forbids it.
    pub fn may_ask_for_camera(&self) -> bool {
        match self.stand(Part::Camera) {
            Some(Stand::Known(Finding::Camera(cameras))) => {
                cameras.there.is_some_and(|there| there > 0)
                    && cameras.permission != Permission::Denied
                    && cameras.opened != Some(Ok(()))
            }
            Some(Stand::Silent | Stand::Skipped) => true,
            _ => false,
        }
    }

    /// The check after `change`.
    #[must_use]
    pub fn after(&self, change: CheckChange) -> Self {
        let mut next = self.clone();
        match change {
            CheckChange::Begun { busy } => {
                next.number += 1;
                let begins = |part: &Part| match part.engine() {
                    Some(_) if busy => Stand::Busy,
                    Some(_) => Stand::Waits,
                    None => Stand::Running,
                };
                next.stands = Part::ALL.iter().map(begins).collect();
            }
            CheckChange::Trying(engine) => {
                next.trial += 1;
                next.put(Part::of(engine), |stand| *stand == Stand::Waits, Stand::Running);
            }
            CheckChange::Tried { trial, engine, outcome } if trial == self.trial => {
                next.found(Finding::Engine(engine, outcome));
            }
            CheckChange::Found(number, finding) if number == self.number => next.found(finding),
            CheckChange::Silent(number, part) if number == self.number => next.end(part, Stand::Silent),
            // What comes after another check has begun is late.
            CheckChange::Tried { .. } | CheckChange::Found(..) | CheckChange::Silent(..) => {}
            CheckChange::Asking if self.may_ask_for_camera() => {
                next.put(Part::Camera, |_| true, Stand::Running);
            }
            CheckChange::Asking => {}
            CheckChange::Skipped(part) => next.end(part, Stand::Skipped),
            CheckChange::Stopped => Part::ALL.into_iter().for_each(|part| next.end(part, Stand::Skipped)),
        }
        next
    }

    fn put(&mut self, part: Part, from: impl Fn(&Stand) -> bool, to: Stand) {
        let place = Part::ALL.iter().position(|other| *other == part);
        if let Some(stand) = place.and_then(|place| self.stands.get_mut(place)).filter(|stand| from(stand)) {
            *stand = to;
        }
    }

    /// Takes in what was found, where it is still waited for.
    fn found(&mut self, finding: Finding) {
        self.put(finding.part(), |stand| *stand == Stand::Running, Stand::Known(finding));
    }

    /// Ends a part that is not over.
    fn end(&mut self, part: Part, with: Stand) {
        self.put(part, |stand| matches!(stand, Stand::Waits | Stand::Running), with);
    }
}
