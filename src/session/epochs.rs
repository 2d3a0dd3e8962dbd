//! Which validation images each epoch of the trained head got wrong, as it is kept in the store.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::features::FeatureStore;
use crate::project::ProjectStore;
use crate::protocol::{EpochImages, Event, Problem, ProblemKind, decode, encode};

use super::exam::MOST_SHOWN;
use super::interrupted::about;
use super::{Host, Session};

/// Format of a record; one of another version is not read.
const VERSION: u32 = 1;
/// What stands before the head's name in the store.
const PREFIX: &str = "epochs:";

/// What is written: a bit for each validation image and epoch.
#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    /// The training, see [`about`].
    about: [u8; 32],
    missed: Vec<ByteBuf>,
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    fn epochs_name(&self) -> Result<String, Problem> {
        Ok(format!("{PREFIX}{}", self.head_name()?))
    }

    /// Keeps what the epochs of a training got wrong, beside the head that comes of it. One without a name is thrown
    /// away.
    pub(super) async fn keep_missed(
        &self,
        about: Option<[u8; 32]>,
        missed: Vec<ByteBuf>,
    ) -> Result<(), Problem> {
        let Some(about) = about else { return Ok(()) };
        let bytes = encode(&Record { version: VERSION, about, missed });
        let bytes = bytes.map_err(|error| Problem::new(ProblemKind::OutOfMemory, error))?;
        match self.store.write_head(&self.epochs_name()?, &bytes).await.map_err(Problem::from) {
            // What cannot be kept costs the look at the epochs, and no head.
            Err(problem) if problem.kind == ProblemKind::DiskFull => Ok(()),
            written => written,
        }
    }

    /// Shows the validation images that this epoch of the trained head got wrong. Nothing is told of them where the
    /// images in use are not those of its training.
    pub(super) async fn show_epoch(&mut self, epoch: u32) -> Result<(), Problem> {
        let nothing = EpochImages { epoch, wrong: None, images: Vec::new() };
        let found = self.images_of_epoch(epoch).await;
        // Whoever asks waits for an answer.
        let shown = found.as_ref().ok().and_then(Option::clone).unwrap_or(nothing);
        self.host.emit(Event::EpochImages(shown));
        found.map(drop)
    }

    async fn images_of_epoch(&mut self, epoch: u32) -> Result<Option<EpochImages>, Problem> {
        let Some(stored) = self.store.read_head(&self.epochs_name()?).await? else { return Ok(None) };
        // What is damaged or of another version is as good as none.
        let Ok(Record { version: VERSION, about: found, missed }) = decode::<Record>(&stored) else {
            return Ok(None);
        };
        let (Some(head), Ok(examples)) = (&self.head, self.examples()) else { return Ok(None) };
        let options = head.trained.options;
        let at = (epoch as usize).checked_sub(1);
        let Some(missed) = at.and_then(|at| missed.get(at)) else { return Ok(None) };
        if found != about(&self.space()?, &examples, &options) {
            return Ok(None);
        }
        let images = examples.train.len();
        // As the trainer divides them.
        let learnt = (images as f64 * (1.0 - options.validation_share)).floor() as usize;
        let is_wrong =
            |number: &usize| missed.get(number / 8).is_some_and(|byte| byte >> (number % 8) & 1 == 1);
        let wrong: Vec<usize> = (0..images - learnt.min(images)).filter(is_wrong).collect();
        let Some(data) = &self.data else { return Ok(None) };
        let mut shown = Vec::new();
        for number in wrong.iter().take(MOST_SHOWN) {
            let Some(sample) = data.dataset.train.get(learnt + number) else { continue };
            let image = self.small_image(sample).await;
            shown.extend(image.map(|(hash, image)| (hash, sample.label, image)));
        }
        let counts = (wrong.len() as u32, (images - learnt) as u32);
        Ok(Some(EpochImages { epoch, wrong: Some(counts), images: shown }))
    }
}
