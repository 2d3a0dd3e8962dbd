//! A trained head with what is known about it, as it is kept in the store.

use std::fmt::Display;

use half::f16;
use serde::{Deserialize, Serialize};

use crate::features::{FeatureSpace, FeatureStore, ImageHash, project_suffix};
use crate::head::{self, Contributions, Head, HeadError};
use crate::project::ProjectStore;
use crate::protocol::{Event, Problem, ProblemKind, Trained, decode, encode};

use super::{Host, Session, interrupted};

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
    /// The images that it was measured on with their labels, in the order of its evaluation; none where that was on
    /// an earlier visit.
    pub(super) measured: Vec<(ImageHash, u16)>,
}

impl StoredHead {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, Problem> {
        let record = Record { version: VERSION, trained: self.trained.clone(), head: self.head.to_bytes()? };
        encode(&record).map_err(|error| Problem::new(ProblemKind::OutOfMemory, error))
    }

    /// The head in `bytes`; `None` where another version of the page has written it.
    ///
    /// # Errors
    /// [`ProblemKind::StoreDamaged`] where it is not what was written.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Option<Self>, Problem> {
        let damaged =
            |why: &dyn Display| Problem::new(ProblemKind::StoreDamaged, format!("the trained head: {why}"));
        // It stands first, in every version.
        let (version, _) = postcard::take_from_bytes::<u32>(bytes).map_err(|error| damaged(&error))?;
        if version != VERSION {
            return Ok(None);
        }
        let record: Record = decode(bytes).map_err(|error| damaged(&error))?;
        let head = Head::from_bytes(&record.head).map_err(|error| damaged(&error))?;
        let classes = [record.trained.classes.len(), record.trained.exam.confusion.classes()];
        match classes == [head.classes(); 2] {
            true => Ok(Some(Self { trained: record.trained, head, measured: Vec::new() })),
            false => Err(damaged(&"it has other classes than its record says")),
        }
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
        Ok(self.name_in(&self.space()?))
    }

    fn name_in(&self, space: &FeatureSpace) -> String {
        name_of(&space.backbone, self.project.as_ref().map(|open| open.id))
    }

    /// Takes a head into use, or none, and tells the page: the one place where that happens.
    pub(super) fn use_head(&mut self, head: Option<StoredHead>) {
        self.host.emit(match &head {
            Some(head) => Event::Trained(Box::new(head.trained.clone())),
            None => Event::Untrained,
        });
        self.head = head;
    }

    /// Takes a fresh head into use, and stores it.
    pub(super) async fn keep_head(&mut self, head: StoredHead) -> Result<(), Problem> {
        let (name, bytes) = (self.head_name()?, head.to_bytes()?);
        self.use_head(Some(head));
        Ok(self.store.write_head(&name, &bytes).await?)
    }

    /// Finds the head that was trained earlier on this backbone's features, for the open project where there is
    /// one. Where there is none, or none that can be read, none is in use; what is damaged is dropped.
    pub(super) async fn restore_head(&mut self) -> Result<(), Problem> {
        let found = self.stored_head().await;
        // Not the one that was in use before, whatever happened.
        let (head, done) = match found {
            Ok(head) => (head, Ok(())),
            Err(problem) => (None, Err(problem)),
        };
        self.use_head(head);
        done
    }

    /// The head that is stored for the data in use.
    async fn stored_head(&self) -> Result<Option<StoredHead>, Problem> {
        let (name, shape) = (self.head_name()?, self.backbone()?.manifest.features);
        let bytes = match self.store.read_head(&name).await? {
            None => self.earlier_head(&name).await?,
            bytes => bytes,
        };
        let Some(bytes) = bytes else { return Ok(None) };
        let other = || Problem::new(ProblemKind::StoreDamaged, "the trained head is one for other features");
        let found = match StoredHead::from_bytes(&bytes) {
            Ok(Some(head)) if head.head.shape() != shape => Err(other()),
            found => found,
        };
        if found.is_err() {
            self.store.drop_head(&name).await?;
        }
        Ok(found?.map(|mut head| {
            head.trained.restored = true;
            head
        }))
    }

    /// The head that an earlier version of the page stored for the data in use, from now on under `name`. What was
    /// kept of a training that such a version broke off goes: it is of other features, as far as anybody knows.
    async fn earlier_head(&self, name: &str) -> Result<Option<Vec<u8>>, Problem> {
        let Some(earlier) = self.space()?.earlier().map(|space| self.name_in(&space)) else {
            return Ok(None);
        };
        let found = self.store.read_head(&earlier).await?;
        // Where it cannot be written anew it stays where it is, and is in use all the same.
        if let Some(bytes) = &found
            && self.store.write_head(name, bytes).await.is_ok()
        {
            self.store.drop_head(&earlier).await?;
            self.store.drop_head(&interrupted::name_beside(&earlier)).await?;
        }
        Ok(found)
    }
}
