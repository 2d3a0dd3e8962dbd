//! A store in memory that outlives sessions as the browser's outlives pages, and whose operations can fail.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bottleneck::features::memory::MemoryStore;
use bottleneck::features::{FeatureSpace, FeatureStore, ImageHash, Record, StoreError};
use bottleneck::project::{Change, NewPicture, PictureId, ProjectStore};
use futures::channel::oneshot;
use half::f16;

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done, for the disk is full.
    Full,
    /// Nothing is done, for the browser takes the store away.
    Gone,
    /// It is done, and never answers: the page goes away.
    Last,
    /// Nothing is done, and it never answers: the page goes away.
    Silent,
}

impl Fault {
    pub const ALL: [Self; 4] = [Self::Full, Self::Gone, Self::Last, Self::Silent];

    /// Whether the page goes away with it.
    pub fn ends_the_visit(self) -> bool {
        matches!(self, Self::Last | Self::Silent)
    }
}

/// Which operation fails.
#[derive(Default)]
pub struct Faults {
    /// The operations so far.
    pub done: RefCell<Vec<&'static str>>,
    /// The place of the one that fails among them, and how.
    pub next: Cell<Option<(usize, Fault)>>,
    /// Where there is such a list, an operation stands in it until it is sent on.
    pub turns: RefCell<Option<Vec<oneshot::Sender<()>>>>,
}

#[derive(Clone, Default)]
pub struct SharedStore(pub Rc<MemoryStore>, pub Rc<Faults>);

impl SharedStore {
    /// A store of its own with the same content.
    pub fn copy(&self) -> Self {
        Self(Rc::new(MemoryStore::clone(&self.0)), Rc::default())
    }

    async fn run<T>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let turn = self.1.turns.borrow_mut().as_mut().map(|turns| {
            let (sender, turn) = oneshot::channel();
            turns.push(sender);
            turn
        });
        if let Some(turn) = turn {
            let _ = turn.await;
        }
        let place = self.1.done.borrow().len();
        self.1.done.borrow_mut().push(name);
        match self.1.next.get().filter(|(at, _)| *at == place) {
            None => work.await,
            Some((_, Fault::Full)) => Err(StoreError::Full),
            Some((_, Fault::Gone)) => Err(StoreError::Unavailable("it was taken away".into())),
            Some((_, Fault::Last)) => {
                let _ = work.await;
                futures::future::pending().await
            }
            Some((_, Fault::Silent)) => futures::future::pending().await,
        }
    }
}

impl FeatureStore for SharedStore {
    async fn records(&self) -> Result<Vec<Record>, StoreError> {
        self.run("records", self.0.records()).await
    }
    async fn write(
        &self,
        space: &FeatureSpace,
        images: &[ImageHash],
        values: &[f16],
        replacing: &[u64],
    ) -> Result<u64, StoreError> {
        self.run("write", self.0.write(space, images, values, replacing)).await
    }
    async fn read(&self, record: u64) -> Result<Vec<f16>, StoreError> {
        self.run("read", self.0.read(record)).await
    }
    async fn forget(&self, record: u64) -> Result<(), StoreError> {
        self.run("forget", self.0.forget(record)).await
    }
    async fn clear(&self) -> Result<(), StoreError> {
        self.run("clear", self.0.clear()).await
    }
    async fn write_head(&self, name: &str, head: &[u8]) -> Result<(), StoreError> {
        self.run("write_head", self.0.write_head(name, head)).await
    }
    async fn exchange_head(&self, name: &str, before: Option<&[u8]>, after: &[u8]) -> Result<(), StoreError> {
        self.run("exchange_head", self.0.exchange_head(name, before, after)).await
    }
    async fn drop_head(&self, name: &str) -> Result<(), StoreError> {
        self.run("drop_head", self.0.drop_head(name)).await
    }
    async fn read_head(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.run("read_head", self.0.read_head(name)).await
    }
}

impl ProjectStore for SharedStore {
    async fn projects(&self) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
        self.run("projects", self.0.projects()).await
    }
    async fn pictures(&self, project: u32, ids: &[PictureId]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.run("pictures", self.0.pictures(project, ids)).await
    }
    async fn hashes(&self, project: u32) -> Result<Vec<(PictureId, Option<ImageHash>)>, StoreError> {
        self.run("hashes", self.0.hashes(project)).await
    }
    async fn remember(&self, project: u32, hashes: &[(PictureId, ImageHash)]) -> Result<(), StoreError> {
        self.run("remember", self.0.remember(project, hashes)).await
    }
    async fn stage(&self, project: u32, pictures: &[NewPicture]) -> Result<(), StoreError> {
        self.run("stage", self.0.stage(project, pictures)).await
    }
    async fn drop_staged(&self) -> Result<(), StoreError> {
        self.run("drop_staged", self.0.drop_staged()).await
    }
    async fn change(&self, project: u32, change: &Change<'_>) -> Result<(), StoreError> {
        self.run("change", self.0.change(project, change)).await
    }
}
