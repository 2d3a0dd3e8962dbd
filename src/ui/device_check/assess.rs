//! What the findings mean for a lesson: a verdict, what was found, and what follows from it.

use crate::backbone::pieces::Download;
use crate::protocol::{Engine, Trial};
use crate::ui::i18n::keys;
use crate::ui::phrase::{Phrase, Value};
use crate::ui::state::{CameraError, Site};

use super::{Cameras, Check, Finding, Part, Permission, Stand};

/// Pictures by which the speed of an engine is told: three classes of some thirty each.
const LESSON: f64 = 100.0;
/// Images per second from which on a lesson's pictures take a minute at the most, and a camera's answers come
/// fluently enough.
const FLUENT: f32 = 2.0;
/// Bytes with which a class's projects find room: ten of 100 MB each, with their features.
const MUCH_ROOM: u64 = 1_000_000_000;
/// Bytes below which not even one project does.
const NO_ROOM: u64 = 100_000_000;
/// Cores from which on training is quick.
const CORES: u32 = 4;

/// What a part means for the lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, with limits.
    Fair,
    /// It does not work.
    Bad,
    /// Not there, and not needed.
    Spare,
    /// Not tried.
    Untried,
    /// No answer.
    Silent,
    /// Not known yet.
    Running,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Good, Self::Fair, Self::Bad, Self::Spare, Self::Untried, Self::Silent, Self::Running];

    /// Its name in tests and styles.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Bad => "bad",
            Self::Spare => "spare",
            Self::Untried => "untried",
            Self::Silent => "silent",
            Self::Running => "running",
        }
    }

    /// The key of its word.
    pub fn key(self) -> &'static str {
        match self {
            Self::Good => "check-good",
            Self::Fair => "check-fair",
            Self::Bad => "check-bad",
            Self::Spare => "check-spare",
            Self::Untried => "check-untried",
            Self::Silent => "check-silent",
            Self::Running => "check-running",
        }
    }

    /// A sign beside the word, told apart by its form.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Fair => "!",
            Self::Bad => "✗",
            Self::Spare => "–",
            Self::Untried => "○",
            Self::Silent => "?",
            Self::Running => "…",
        }
    }
}

/// A line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is about.
    pub part: Part,
    /// How it stands.
    pub verdict: Verdict,
    /// What was found.
    pub result: Phrase,
    /// What that means for the lesson, or what to do.
    pub advice: Phrase,
}

impl Check {
    /// The table's lines; none before the first check. `network` is how much of the network's file is here.
    pub fn lines(&self, network: Option<Download>) -> Vec<Line> {
        let line = |part: Part| {
            let (verdict, result, advice) = assess(part, self.stand(part)?, network);
            Some(Line { part, verdict, result, advice })
        };
        Part::ALL.into_iter().filter_map(line).collect()
    }
}

type Assessed = (Verdict, Phrase, Phrase);

/// A verdict with two sentences.
fn told(verdict: Verdict, result: &str, advice: &str) -> Assessed {
    (verdict, Phrase::new(result), Phrase::new(advice))
}

fn assess(part: Part, stand: &Stand, network: Option<Download>) -> Assessed {
    let missing = network.filter(|network| network.done < network.total);
    match (stand, missing) {
        (Stand::Waits | Stand::Running, _) => told(Verdict::Running, "check-moment", "check-moment-next"),
        (Stand::Skipped, _) => told(Verdict::Untried, "check-skipped", "check-skipped-next"),
        (Stand::Busy, _) => told(Verdict::Untried, "check-busy", "check-busy-next"),
        // It has waited for its network.
        (Stand::Silent, Some(network)) if part.engine().is_some() => {
            let left = Value::Bytes(network.total - network.done);
            let result = Phrase::new("check-no-network").with("missing", left);
            (Verdict::Silent, result, Phrase::new("check-no-network-next"))
        }
        (Stand::Silent, _) => {
            let seconds = Value::Seconds(f64::from(part.limit()) / 1000.0);
            let result = Phrase::new("check-no-answer").with("time", seconds);
            (Verdict::Silent, result, Phrase::new("check-no-answer-next"))
        }
        (Stand::Known(finding), _) => known(finding, network),
    }
}

fn known(finding: &Finding, network: Option<Download>) -> Assessed {
    match finding {
        Finding::Engine(engine, trial) => tried(*engine, trial),
        Finding::Camera(cameras) => camera(cameras),
        Finding::Storage { written: false, .. } => {
            told(Verdict::Bad, "check-storage-refused", "check-storage-refused-next")
        }
        Finding::Storage { room: None, .. } => {
            told(Verdict::Good, "check-storage-unsized", "check-storage-good")
        }
        Finding::Storage { room: Some(room), .. } => {
            let result = Phrase::new("check-storage-room").with("room", Value::Bytes(*room));
            let (verdict, advice) = match *room {
                MUCH_ROOM.. => (Verdict::Good, "check-storage-good"),
                NO_ROOM.. => (Verdict::Fair, "check-storage-little"),
                _ => (Verdict::Bad, "check-storage-none"),
            };
            (verdict, result, Phrase::new(advice))
        }
        Finding::Persistence(Some(true)) => told(Verdict::Good, "check-lasting", "check-lasting-next"),
        Finding::Persistence(Some(false)) => told(Verdict::Fair, "check-passing", "check-passing-next"),
        Finding::Persistence(None) => told(Verdict::Fair, "check-lasting-unknown", "check-passing-next"),
        Finding::Offline { worker, site } => offline(*worker, *site, network),
        Finding::Threads { shared, cores, memory } => threads(*shared, *cores, *memory),
    }
}

fn tried(engine: Engine, trial: &Trial) -> Assessed {
    match trial {
        Trial::Works { images_per_second, .. } => {
            let speed = *images_per_second;
            let digits = if speed < 10.0 { 1 } else { 0 };
            let result = Phrase::new("check-speed").with("speed", Value::Number(speed.into(), digits));
            let (verdict, advice) = match speed >= FLUENT {
                true => (Verdict::Good, "check-speed-good"),
                false => (Verdict::Fair, "check-speed-slow"),
            };
            let time = Value::Seconds((LESSON / f64::from(speed.max(f32::MIN_POSITIVE))).max(1.0));
            (verdict, result, Phrase::new(advice).with("time", time))
        }
        Trial::NoAdapter => told(Verdict::Spare, "check-no-adapter", "check-cpu-instead"),
        Trial::SilentAdapter => told(Verdict::Spare, "check-silent-adapter", "check-cpu-instead"),
        Trial::SoftwareAdapter => told(Verdict::Spare, "check-software-adapter", "check-cpu-instead"),
        Trial::Failed(cause) => {
            let (verdict, advice) = match engine {
                Engine::Cpu => (Verdict::Bad, "check-failed-next"),
                Engine::WebGpu => (Verdict::Spare, "check-cpu-instead"),
            };
            let result = Phrase::new("check-failed").with("cause", Value::Text(cause.clone()));
            (verdict, result, Phrase::new(advice))
        }
        Trial::Ended => told(Verdict::Untried, "check-skipped", "check-skipped-next"),
    }
}

fn camera(cameras: &Cameras) -> Assessed {
    let failed = |error: CameraError| {
        let key = keys::camera_error(error);
        told(Verdict::Bad, key, &format!("{key}-next"))
    };
    match (cameras.there, cameras.permission, cameras.opened) {
        (_, _, Some(Ok(()))) => told(Verdict::Good, "check-camera", "check-camera-next"),
        (_, _, Some(Err(error))) => failed(error),
        (None, ..) => failed(CameraError::Insecure),
        (_, Permission::Denied, _) => failed(CameraError::Refused),
        (Some(0), ..) => failed(CameraError::Missing),
        (Some(there), ..) => {
            let result = Phrase::new("check-cameras").with("cameras", Value::Count(there));
            (Verdict::Untried, result, Phrase::new("check-cameras-next"))
        }
    }
}

fn offline(worker: bool, site: Site, network: Option<Download>) -> Assessed {
    match (site, network) {
        (Site::Unsupported, _) => {
            told(Verdict::Fair, "check-offline-unsupported", "check-offline-unsupported-next")
        }
        (Site::Kept | Site::Update { .. }, Some(network)) if worker && network.is_kept() => {
            told(Verdict::Good, "check-offline", "check-offline-next")
        }
        (Site::Kept | Site::Update { .. }, Some(network)) if worker => {
            let left = Value::Bytes(network.total.saturating_sub(network.kept));
            let result = Phrase::new("check-offline-network").with("missing", left);
            (Verdict::Fair, result, Phrase::new("check-offline-network-next"))
        }
        _ => told(Verdict::Fair, "check-offline-site", "check-offline-site-next"),
    }
}

fn threads(shared: bool, cores: u32, memory: Option<f64>) -> Assessed {
    let result = Phrase::new(if shared { "check-threads" } else { "check-threads-apart" })
        .with("cores", Value::Count(cores))
        .with("memory", Value::Count(memory.map_or(0, |memory| memory.max(1.0) as u32)));
    let (verdict, advice) = match (shared, cores) {
        (false, _) => (Verdict::Fair, "check-threads-apart-next"),
        (true, CORES..) => (Verdict::Good, "check-threads-next"),
        (true, _) => (Verdict::Fair, "check-threads-few"),
    };
    (verdict, result, Phrase::new(advice))
}
