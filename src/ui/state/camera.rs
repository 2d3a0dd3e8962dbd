//! A camera as the part of the page that uses it knows it.

use std::rc::Rc;

/// Why there are no pictures of a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CameraError {
    /// The page came by plain http from another machine, or the browser knows no cameras.
    #[error("the browser gives this page no camera")]
    Insecure,
    /// The person, or a setting, does not allow it.
    #[error("the camera is not allowed")]
    Refused,
    /// There is none, or not the one that was asked for.
    #[error("there is no camera")]
    Missing,
    /// It gives no pictures, mostly because another program has it.
    #[error("the camera gives no pictures")]
    Busy,
    /// It was taken away while it ran.
    #[error("the camera was taken away")]
    Gone,
}

impl CameraError {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Insecure, Self::Refused, Self::Missing, Self::Busy, Self::Gone];

    /// What an exception of this name means (Media Capture and Streams, `getUserMedia`).
    pub fn named(name: &str) -> Self {
        match name {
            "NotAllowedError" => Self::Refused,
            "NotFoundError" | "OverconstrainedError" => Self::Missing,
            // The first is thrown where the document may not ask, the second where it is not secure.
            "SecurityError" | "TypeError" => Self::Insecure,
            // NotReadableError and AbortError: the hardware failed, or somebody else has it.
            _ => Self::Busy,
        }
    }

    /// It in a word, for tests and styles.
    pub fn word(self) -> &'static str {
        match self {
            Self::Insecure => "insecure",
            Self::Refused => "refused",
            Self::Missing => "none",
            Self::Busy => "busy",
            Self::Gone => "gone",
        }
    }
}

/// A camera that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The browser's name for it.
    pub id: String,
    /// The person's name for it; empty where the browser does not tell.
    pub label: String,
}

/// How a camera stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stand {
    /// Off.
    #[default]
    Off,
    /// Asked for; no picture so far.
    Starting,
    /// Pictures come in.
    Running,
    /// It did not start, or ended by itself.
    Failed(CameraError),
}

/// A camera, and how its pictures are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Camera {
    /// How it stands.
    pub stand: Stand,
    /// The cameras there are, once one was allowed.
    pub devices: Rc<Vec<Device>>,
    /// The one in use; `None` leaves it to the browser.
    pub device: Option<String>,
    /// Whether it looks away from the person, as a phone's back one does.
    away: bool,
    /// What the person chose about mirroring.
    mirror: Option<bool>,
}

/// What changes a camera.
#[derive(Clone, Debug, PartialEq)]
pub enum CameraChange {
    /// It was asked for.
    Started(Option<String>),
    /// The browser gives it.
    Opened {
        /// Which one.
        device: Option<String>,
        /// Whether it looks away from the person.
        away: bool,
    },
    /// The cameras there are.
    Listed(Vec<Device>),
    /// The first picture is there.
    Seen,
    /// It was stopped.
    Stopped,
    /// It failed.
    Failed(CameraError),
    /// The person wants its pictures mirrored, or not.
    Mirrored(bool),
}

impl Camera {
    /// Whether it was asked for and has not ended.
    pub fn is_on(&self) -> bool {
        matches!(self.stand, Stand::Starting | Stand::Running)
    }

    /// Whether its pictures are mirrored: chosen, or because it looks at the person.
    pub fn is_mirrored(&self) -> bool {
        self.mirror.unwrap_or(!self.away)
    }

    /// The camera after `change`.
    pub fn reduce(&self, change: CameraChange) -> Self {
        let mut next = self.clone();
        match change {
            CameraChange::Started(device) => (next.stand, next.device) = (Stand::Starting, device),
            CameraChange::Opened { device, away } if self.is_on() => {
                (next.device, next.away) = (device, away);
            }
            CameraChange::Seen if self.is_on() => next.stand = Stand::Running,
            // What comes after it was stopped is late.
            CameraChange::Opened { .. } | CameraChange::Seen => {}
            CameraChange::Failed(error) if self.is_on() => {
                next.stand = Stand::Failed(error);
                // The next attempt takes what there is.
                next.device = None;
            }
            CameraChange::Failed(_) => {}
            CameraChange::Listed(devices) => next.devices = Rc::new(devices),
            CameraChange::Stopped if self.is_on() => next.stand = Stand::Off,
            CameraChange::Stopped => {}
            CameraChange::Mirrored(mirror) => next.mirror = Some(mirror),
        }
        next
    }
}
