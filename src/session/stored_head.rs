//! A trained head with what is known about it, as it is kept in the store.

use serde::{Deserialize, Serialize};

use crate::features::FeatureStore;
use crate::head::Head;
use crate::protocol::{Event, Problem, ProblemKind, Trained, decode, encode};

use super::{Host, Session};

/// Format of a stored head; one of another version is not read.
const VERSION: u32 = 2;

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
    fn to_bytes(&self) -> Result<Vec<u8>, Problem> {
        let record = Record { version: VERSION, trained: self.trained.clone(), head: self.head.to_bytes()? };
        encode(&record).map_err(|error| Problem::new(ProblemKind::StoreUnavailable, error))
    }

    /// The head in `bytes`, where they hold one that fits what is said about it.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let record: Record = decode(bytes).ok()?;
        let head = Head::from_bytes(&record.head).ok()?;
        let classes = [record.trained.classes.len(), record.trained.exam.confusion.classes()];
        let fits = record.version == VERSION && classes == [head.classes(); 2];
        fits.then_some(Self { trained: record.trained, head })
    }
}

impl<H: Host, S: FeatureStore> Session<H, S> {
    /// Keeps a fresh head, one for each backbone, and tells the page about it.
    pub(super) async fn keep_head(&mut self, head: StoredHead) -> Result<(), Problem> {
        let name = self.ready()?.space.backbone.clone();
        let bytes = head.to_bytes()?;
        self.host.emit(Event::Trained(Box::new(head.trained.clone())));
        self.head = Some(head);
        Ok(self.store.write_head(&name, &bytes).await?)
    }

    /// Finds the head that was trained on this backbone's features in an earlier visit.
    pub(super) async fn restore_head(&mut self) -> Result<(), Problem> {
        let ready = self.ready()?;
        let (name, shape) = (ready.space.backbone.clone(), ready.manifest.features);
        let Some(bytes) = self.store.read_head(&name).await? else { return Ok(()) };
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
