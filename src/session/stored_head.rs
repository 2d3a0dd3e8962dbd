//! A trained head with what is known about it, as it is kept in the store.

use half::f16;
use serde::{Deserialize, Serialize};

use crate::features::FeatureStore;
use crate::head::{self, Contributions, Head, HeadError};
use crate::project::{ProjectStore, project_suffix};
use crate::protocol::{Event, Problem, ProblemKind, Trained, decode, encode};

use super::{Host, Session};

/// Format of a stored head; one of another version is not read.
const VERSION: u32 = 4;

/// What is written.
#[derive(Serialize, Deserialize)]
struct Record {
    version: u32,
    trained: Trained,
    #[serde(with = "serde_bytes")]
    head: Vec<u8>,
}

/// A head that can classify.
pub(super) struct StoredHead {
    pub(super) trained: Trained,
    pub(super) head: Head,
}

impl StoredHead {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Problem> {
        let record = Record { version: VERSION, trained: self.trained.clone(), head: self.head.to_bytes()? };
        encode(&record).map_err(|error| Problem::new(ProblemKind::OutOfMemory, error))
    }

    /// The head in `bytes`, where they hold one that fits what is said about it.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let record: Record = decode(bytes).ok()?;
        let head = Head::from_bytes(&record.head).ok()?;
        let classes = [record.trained.classes.len(), record.trained.exam.confusion.classes()];
        let fits = record.version == VERSION && classes == [head.classes(); 2];
        fits.then_some(Self { trained: record.trained, head })
    }
}

/// What a head says of one image, as in [`crate::protocol::Classified`].
pub(super) struct Answer {
    pub(super) probabilities: Vec<f32>,
    pub(super) scores: Vec<f32>,
    pub(super) distance: f32,
    pub(super) contributions: Vec<Contributions>,
}

impl StoredHead {
    /// What the head says of the image with these features, and where `why` is asked for, why.
    pub(super) fn answer(&self, features: &[f16], why: bool) -> Result<Answer, HeadError> {
        let classes = if why { self.head.classes() as u16 } else { 0 };
        let contributions = (0..classes).map(|class| self.head.contributions(features, class));
        let scores = self.head.logits(features)?;
        let mut probabilities = scores.clone();
        head::softmax(&mut probabilities);
        Ok(Answer {
            probabilities,
            scores,
            distance: self.head.distances(features)?.first().copied().unwrap_or_default(),
            contributions: contributions.filter_map(Result::transpose).collect::<Result<_, _>>()?,
        })
    }
}

/// What a head is stored under: one for each backbone, and one for each project on each backbone.
pub(super) fn name_of(backbone: &str, project: Option<u32>) -> String {
    match project {
        Some(project) => format!("{backbone}{}", project_suffix(project)),
        None => backbone.to_owned(),
    }
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// What the head of the data in use is stored under.
    pub(super) fn head_name(&self) -> Result<String, Problem> {
        let project = self.project.as_ref().map(|open| open.id);
        Ok(name_of(&self.space()?.backbone, project))
    }

    /// Keeps a fresh head and tells the page about it.
    pub(super) async fn keep_head(&mut self, head: StoredHead) -> Result<(), Problem> {
        let name = self.head_name()?;
        let bytes = head.to_bytes()?;
        self.host.emit(Event::Trained(Box::new(head.trained.clone())));
        self.head = Some(head);
        Ok(self.store.write_head(&name, &bytes).await?)
    }

    /// Finds the head that was trained earlier on this backbone's features, for the open project
    /// where there is one.
    pub(super) async fn restore_head(&mut self) -> Result<(), Problem> {
        let (name, shape) = (self.head_name()?, self.ready()?.manifest.features);
        self.answers.clear();
        let Some(bytes) = self.store.read_head(&name).await? else {
            self.head = None;
            self.host.emit(Event::Untrained);
            return Ok(());
        };
        match StoredHead::from_bytes(&bytes).filter(|found| found.head.shape() == shape) {
            Some(mut found) => {
                found.trained.restored = true;
                self.host.emit(Event::Trained(Box::new(found.trained.clone())));
                self.head = Some(found);
                Ok(())
            }
            None => Err(Problem::new(ProblemKind::StoreDamaged, "the trained head cannot be read")),
        }
    }
}
