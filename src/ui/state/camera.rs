//! A camera as the part of the page that uses it knows it.

use std::rc::Rc;

use serde::{Deserialize, Deserializer, Serialize};

/// Bytes that a camera's id or label may have; browsers' ids have 64.
const LONGEST: usize = 256;

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The browser's name for it.
    pub id: String,
    /// The person's name for it; empty where the browser does not tell.
    pub label: String,
}

impl Device {
    /// Whether it is the same camera: some browsers give them new ids from visit to visit.
    fn is(&self, other: &Self) -> bool {
        self.id == other.id || (!self.label.is_empty() && self.label == other.label)
    }

    fn can_be(&self) -> bool {
        !self.id.is_empty() && self.id.len() <= LONGEST && self.label.len() <= LONGEST
    }
}

/// Which camera is wanted wherever the page uses one, and how its pictures are shown. What is read of it may be
/// anything: a device that can be none is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CameraChoice {
    /// The camera; `None` leaves it to the browser.
    #[serde(deserialize_with = "believed")]
    pub device: Option<Device>,
    /// Whether it looks away from the person, as a phone's back one does; `None` where that is not known.
    pub away: Option<bool>,
    /// What the person wants of mirroring, where they said so.
    pub mirror: Option<bool>,
}

/// What changes the choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CameraWish {
    /// The person wants this one.
    Chosen(Device),
    /// The browser has given this one.
    Given {
        /// Which one.
        device: Device,
        /// Whether it looks away from the person.
        away: bool,
    },
    /// The person wants its pictures mirrored, or not.
    Mirrored(bool),
}

impl CameraChoice {
    /// The choice after `wish`: one that was given is kept where it is the chosen one, or none was chosen.
    pub fn after(mut self, wish: CameraWish) -> Self {
        match wish {
            CameraWish::Chosen(device) => (self.device, self.away) = (Some(device), None),
            CameraWish::Given { device, away } => {
                if self.device.as_ref().is_none_or(|chosen| chosen.is(&device)) {
                    (self.device, self.away) = (Some(device), Some(away));
                }
            }
            CameraWish::Mirrored(mirrored) => self.mirror = Some(mirrored),
        }
        self
    }

    /// The same for what is remembered for later visits: there the browser chooses until the person does.
    pub fn remembered_after(self, wish: CameraWish) -> Self {
        match (&wish, &self.device) {
            (CameraWish::Given { .. }, None) => self,
            _ => self.after(wish),
        }
    }

    /// The chosen camera among those there are, by its id, else by its label.
    pub fn among<'a>(&self, devices: &'a [Device]) -> Option<&'a Device> {
        let chosen = self.device.as_ref()?;
        let by_id = devices.iter().find(|device| device.id == chosen.id);
        by_id.or_else(|| devices.iter().find(|device| chosen.is(device)))
    }

    /// Whether pictures of a camera are mirrored that looks `away` from the person or not: chosen, or because it
    /// looks at them.
    pub fn is_mirrored(&self, away: bool) -> bool {
        self.mirror.unwrap_or(!away)
    }
}

fn believed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Device>, D::Error> {
    Ok(Option::<Device>::deserialize(deserializer)?.filter(Device::can_be))
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

/// A camera in a part of the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Camera {
    /// How it stands.
    pub stand: Stand,
    /// The cameras there are, once one was allowed.
    pub devices: Rc<Vec<Device>>,
    /// Id of the one in use, or that was asked for last; `None` leaves it to the browser.
    pub device: Option<String>,
    /// Whether it looks away from the person.
    pub away: bool,
    /// Whether it is another one than was chosen, which is gone.
    pub instead: bool,
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
        /// Whether it is another one than was asked for.
        instead: bool,
    },
    /// The cameras there are.
    Listed(Vec<Device>),
    /// The first picture is there.
    Seen,
    /// It was stopped.
    Stopped,
    /// It failed.
    Failed(CameraError),
}

impl Camera {
    /// Whether it was asked for and has not ended.
    pub fn is_on(&self) -> bool {
        matches!(self.stand, Stand::Starting | Stand::Running)
    }

    /// The camera after `change`.
    pub fn reduce(&self, change: CameraChange) -> Self {
        let mut next = self.clone();
        match change {
            CameraChange::Started(device) => {
                (next.stand, next.device, next.instead) = (Stand::Starting, device, false);
            }
            CameraChange::Opened { device, away, instead } if self.is_on() => {
                (next.device, next.away, next.instead) = (device, away, instead);
            }
            CameraChange::Seen if self.is_on() => next.stand = Stand::Running,
            // What comes after it was stopped is late.
            CameraChange::Opened { .. } | CameraChange::Seen => {}
            CameraChange::Failed(error) if self.is_on() => next.stand = Stand::Failed(error),
            CameraChange::Failed(_) => {}
            CameraChange::Listed(devices) => next.devices = Rc::new(devices),
            CameraChange::Stopped if self.is_on() => next.stand = Stand::Off,
            CameraChange::Stopped => {}
        }
        next
    }
}
