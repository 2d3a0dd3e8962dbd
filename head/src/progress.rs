//! A training after a whole epoch, as it can be kept and gone on with.

use serde::{Deserialize, Serialize};

use super::{Head, HeadError, Optimizer, Weights};

/// Format of its bytes; one of another version is not read.
const VERSION: u32 = 2;

/// All that the next epoch depends on beside images, labels and settings. Chance is drawn anew for each
/// epoch and step, so that no generator stands here.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Whole epochs done.
    pub epochs: u32,
    /// The head after them.
    pub head: Head,
    /// What its optimizer keeps.
    pub(super) optimizer: Optimizer,
    /// The number of the epoch with the lowest validation loss, counted from 1, and the head after it.
    pub best: Option<(u32, Head)>,
    /// The best epoch's validation loss in nats.
    pub(super) lowest: f32,
}

/// What is written.
#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    epochs: u32,
    #[serde(with = "serde_bytes")]
    head: Vec<u8>,
    optimizer: Optimizer,
    best: Option<BestRecord>,
}

#[derive(Serialize, Deserialize)]
struct BestRecord {
    epoch: u32,
    #[serde(with = "serde_bytes")]
    head: Vec<u8>,
    val_loss: f32,
}

impl Progress {
    /// Before the first epoch.
    pub(super) fn before(head: Head, optimizer: Optimizer) -> Self {
        Self { epochs: 0, head, optimizer, best: None, lowest: f32::INFINITY }
    }

    /// Whether the optimizer is the head's.
    pub(super) fn check(&self) -> Result<(), HeadError> {
        for kept in self.optimizer.kept() {
            if !kept.is_like(&self.head.weights) {
                return Err(HeadError::Unreadable("the optimizer is another head's".to_owned()));
            }
        }
        Ok(())
    }

    /// It as bytes.
    ///
    /// # Errors
    /// [`HeadError::Unreadable`] only where a crate refuses its own input.
    pub fn to_bytes(&self) -> Result<Vec<u8>, HeadError> {
        let best = match &self.best {
            Some((epoch, head)) => {
                Some(BestRecord { epoch: *epoch, head: head.to_bytes()?, val_loss: self.lowest })
            }
            None => None,
        };
        let record = Record {
            version: VERSION,
            epochs: self.epochs,
            head: self.head.to_bytes()?,
            optimizer: self.optimizer.clone(),
            best,
        };
        postcard::to_stdvec(&record).map_err(|error| HeadError::Unreadable(error.to_string()))
    }

    /// What [`Progress::to_bytes`] made. The bytes may come from anywhere.
    ///
    /// # Errors
    /// [`HeadError`] where they are nothing of this version, or their parts do not fit each other.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HeadError> {
        let unreadable = |why: &str| HeadError::Unreadable(why.to_owned());
        let record: Record =
            postcard::from_bytes(bytes).map_err(|error| HeadError::Unreadable(error.to_string()))?;
        if record.version != VERSION {
            return Err(unreadable("another version"));
        }
        let head = Head::from_bytes(&record.head)?;
        let (mut best, mut lowest) = (None, f32::INFINITY);
        if let Some(record) = record.best {
            let found = Head::from_bytes(&record.head)?;
            let same = found.preset == head.preset && found.shape == head.shape;
            if !same || found.classes != head.classes || !record.val_loss.is_finite() {
                return Err(unreadable("the best head is another kind"));
            }
            (best, lowest) = (Some((record.epoch, found)), record.val_loss);
        }
        let parts = record.optimizer.kept().into_iter().flat_map(Weights::parts);
        if parts.flatten().any(|number| !number.is_finite()) {
            return Err(unreadable("the optimizer keeps what is no number"));
        }
        let progress = Self { epochs: record.epochs, head, optimizer: record.optimizer, best, lowest };
        progress.check()?;
        Ok(progress)
    }
}
