//! All that crosses a thread: the page's commands, the session's events, and the
//! engines' requests and replies. Encoded with postcard; what cannot be decoded is refused.

use serde::Serialize;
use serde::de::DeserializeOwned;

mod engine;
pub use engine::{Engine, EngineMessage, EngineReason, EngineReply, f16_to_bytes};

// What the page and the session say to each other; an engine's program does without.
#[cfg(feature = "session")]
mod command;
#[cfg(feature = "session")]
mod event;
#[cfg(feature = "session")]
mod feature_map;
#[cfg(feature = "session")]
mod problem;
#[cfg(feature = "session")]
mod results;
#[cfg(feature = "session")]
mod trainings;
#[cfg(feature = "session")]
mod trial;

#[cfg(feature = "session")]
pub use crate::head::{Contributions, Doubt, Judged, Preset, Settings as TrainingOptions, Thresholds};
#[cfg(feature = "session")]
pub use crate::interchange::features::Part;
#[cfg(feature = "session")]
pub use crate::interchange::program::Kind;
#[cfg(feature = "session")]
pub use command::{Command, EngineRequest, FileRef, Limits, ProjectCommand};
#[cfg(feature = "session")]
pub use event::{
    BackboneInfo, BackboneReason, CurveEvent, DatasetInfo, EngineStatus, Event, Exchange, Extraction,
    ExtractionPhase, ProjectInfo, ProjectSummary, SiteData, Speed,
};
#[cfg(feature = "session")]
pub use feature_map::{
    FeatureMap, MOST_MAP_PICTURES, MOST_MAPPED, MapCommand, MapEvent, MapPlace, MappedImage,
};
#[cfg(feature = "session")]
pub use problem::{Problem, ProblemKind};
#[cfg(feature = "session")]
pub use results::{Classified, Epoch, EpochImages, Exam, ExamImages, Mistake, Stages, Trained};
#[cfg(feature = "session")]
pub use trainings::{TrainingsCommand, TrainingsInfo};
#[cfg(feature = "session")]
pub use trial::Trial;

/// Which build this program is of. Programs of two builds do not talk to each other: what is sent has no version of
/// its own.
pub const BUILD: &str = env!("BUILD");

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
