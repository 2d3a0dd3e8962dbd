//! The backbone's file on its way: one download, whoever waits for it.

use std::cell::Cell;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};

use crate::backbone::BackboneError;
use crate::backbone::pieces::Download;
use crate::features::FeatureStore;
use crate::project::ProjectStore;
use crate::protocol::{Event, Problem, ProblemKind};

use super::{Host, Ready, Session};

/// A download that has begun, and may have ended.
pub(super) struct Coming<H: Host> {
    file: Shared<LocalBoxFuture<'static, Result<H::Model, BackboneError>>>,
    /// Whether it goes on though nobody waits.
    alone: Rc<Cell<bool>>,
    /// How much was here when it last told.
    last: Rc<Cell<Download>>,
    /// Whether the page hears how it goes.
    heard: Rc<Cell<bool>>,
}

impl<H: Host> Clone for Coming<H> {
    fn clone(&self) -> Self {
        let Self { file, alone, last, heard } = self;
        Self { file: file.clone(), alone: Rc::clone(alone), last: Rc::clone(last), heard: Rc::clone(heard) }
    }
}

impl<H: Host> Coming<H> {
    /// Whether the file is here.
    pub(super) fn is_there(&self) -> bool {
        matches!(self.file.peek(), Some(Ok(_)))
    }

    /// The file, once it is here.
    pub(super) async fn wait(&self) -> Result<H::Model, BackboneError> {
        self.file.clone().await
    }
}

impl<H: Host> Ready<H> {
    /// The backbone's file: here, on its way, or asked for now. A download that failed is begun
    /// again.
    pub(super) fn model(&mut self, host: &Rc<H>) -> Coming<H> {
        if let Some(coming) = &self.model
            && !matches!(coming.file.peek(), Some(Err(_)))
        {
            return coming.clone();
        }
        let (host, address, manifest) = (Rc::clone(host), self.address.clone(), self.manifest.clone());
        let last = Rc::new(Cell::new(Download::default()));
        let heard = Rc::new(Cell::new(true));
        let (told, listening) = (Rc::clone(&last), Rc::clone(&heard));
        let work = async move {
            let tell = |download| {
                told.set(download);
                if listening.get() {
                    host.emit(Event::Download(download));
                }
            };
            let outcome = host.model(&address, &manifest, &tell).await;
            tell(Download { running: false, ..told.get() });
            outcome
        };
        let coming = Coming { file: work.boxed_local().shared(), alone: Rc::default(), last, heard };
        self.model.insert(coming).clone()
    }

    /// Another backbone takes its place: a download that goes on alone does so unheard.
    pub(super) fn fall_silent(&self) {
        if let Some(coming) = &self.model {
            coming.heard.set(false);
        }
    }
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Tells the page how much of the backbone is kept from earlier visits.
    pub(super) async fn tell_kept(&self) {
        if let Some(ready) = &self.backbone {
            self.host.emit(Event::Download(self.host.kept(&ready.manifest).await));
        }
    }

    /// Brings and keeps the backbone's file beside everything else.
    pub(super) fn keep(&mut self) -> Result<(), Problem> {
        let host = Rc::clone(&self.host);
        let ready = self.ready()?;
        // It may be here without having been kept, where there was no room.
        if ready.model.as_ref().is_some_and(|coming| coming.is_there() && !coming.last.get().is_kept()) {
            ready.model = None;
        }
        let coming = ready.model(&host);
        if coming.alone.replace(true) {
            return Ok(());
        }
        let task = async move {
            let why = match coming.wait().await {
                Ok(_) if coming.last.get().is_kept() => return,
                Ok(_) => "the browser's store does not take it".to_owned(),
                Err(error) => error.to_string(),
            };
            host.emit(Event::Problem(Problem::new(ProblemKind::NotKept, why)));
        };
        self.host.spawn(task.boxed_local());
        Ok(())
    }

    /// Ends the download that nobody waits for any more; what has come is kept.
    pub(super) async fn abandon_model(&mut self) {
        let Some(ready) = &mut self.backbone else { return };
        if ready.model.as_ref().is_some_and(|coming| !coming.is_there() && !coming.alone.get()) {
            ready.model = None;
            self.tell_kept().await;
        }
    }
}
