//! A training that a reload or a crash has ended, kept so that it can go on.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};

use crate::features::{FeatureSpace, FeatureStore};
use crate::head::Progress;
use crate::project::ProjectStore;
use crate::protocol::{Epoch, Event, Problem, ProblemKind, TrainingOptions, decode, encode};

use super::training::Examples;
use super::{Host, Session};

/// Format of a stored training; one of another version is not read.
const VERSION: u32 = 2;
/// What stands before the head's name in the store.
const PREFIX: &str = "training:";

/// What is written.
#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    about: [u8; 32],
    options: TrainingOptions,
    epochs: Vec<Epoch>,
    missed: Vec<ByteBuf>,
    #[serde(with = "serde_bytes")]
    progress: Vec<u8>,
}

/// A training that can go on.
pub(super) struct Interrupted {
    pub(super) options: TrainingOptions,
    pub(super) epochs: Vec<Epoch>,
    /// The validation images that each epoch got wrong, see [`crate::head::Trainer::missed`].
    pub(super) missed: Vec<ByteBuf>,
    pub(super) progress: Progress,
}

/// What a training is kept under whose head will be called like this.
pub(super) fn name_beside(head: &str) -> String {
    format!("{PREFIX}{head}")
}

/// Identity of a training: SHA-256 of all that its bits depend on.
pub(super) fn about(space: &FeatureSpace, examples: &Examples, options: &TrainingOptions) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(&space.backbone);
    hasher.update(space.preprocessing.to_le_bytes());
    // Encoding numbers cannot fail.
    hasher.update(encode(options).unwrap_or_default());
    hasher.update((examples.train.len() as u64).to_le_bytes());
    for (hash, label) in examples.train.iter().zip(&examples.train_labels) {
        hasher.update(hash.0);
        hasher.update(label.to_le_bytes());
    }
    hasher.finalize().into()
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    fn interrupted_name(&self) -> Result<String, Problem> {
        Ok(name_beside(&self.head_name()?))
    }

    /// Tells the page whether a training of the images in use was interrupted.
    pub(super) async fn tell_interrupted(&self) -> Result<(), Problem> {
        let mut found = None;
        if let Ok(space) = self.space() {
            let about = |options: &TrainingOptions| Some(about(&space, &self.examples().ok()?, options));
            found = self.interrupted(about).await?;
        }
        let told = found.map(|Interrupted { options, epochs, .. }| (options, epochs.len() as u32));
        self.host.emit(Event::Interrupted(told));
        Ok(())
    }

    /// The kept training of the data in use, where it is the one that `about` makes of its options.
    /// Nothing else is looked at where there is none, which is the usual case.
    pub(super) async fn interrupted(
        &self,
        about: impl Fn(&TrainingOptions) -> Option<[u8; 32]>,
    ) -> Result<Option<Interrupted>, Problem> {
        let Some(bytes) = self.store.read_head(&self.interrupted_name()?).await? else { return Ok(None) };
        // What is damaged or of an older version is as good as none: training begins anew.
        let Ok(record) = decode::<Record>(&bytes) else { return Ok(None) };
        let Record { version, about: found, options, epochs, missed, progress } = record;
        if version != VERSION || Some(found) != about(&options) {
            return Ok(None);
        }
        let Ok(progress) = Progress::from_bytes(&progress) else { return Ok(None) };
        let whole = [epochs.len(), missed.len()] == [progress.epochs as usize; 2];
        Ok(whole.then_some(Interrupted { options, epochs, missed, progress }))
    }

    pub(super) async fn write_interrupted(
        &self,
        about: &[u8; 32],
        options: &TrainingOptions,
        epochs: &[Epoch],
        missed: &[ByteBuf],
        progress: &Progress,
    ) -> Result<(), Problem> {
        let progress = progress.to_bytes()?;
        let record = Record {
            version: VERSION,
            about: *about,
            options: *options,
            epochs: epochs.to_vec(),
            missed: missed.to_vec(),
            progress,
        };
        let bytes = encode(&record).map_err(|error| Problem::new(ProblemKind::OutOfMemory, error))?;
        Ok(self.store.write_head(&self.interrupted_name()?, &bytes).await?)
    }

    /// Drops the kept training of the data in use: it has come to its end.
    pub(super) async fn forget_interrupted(&self) -> Result<(), Problem> {
        Ok(self.store.drop_head(&self.interrupted_name()?).await?)
    }
}
