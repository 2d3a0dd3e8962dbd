//! Opening a backbone: the first one, and others in its place.

use crate::backbone::{Manifest, OFFERED};
use crate::features::{FeatureSpace, FeatureStore};
use crate::project::ProjectStore;
use crate::protocol::{BackboneInfo, EngineRequest, EngineStatus, Event, Problem};

use super::{Host, Ready, Session};

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Opens a backbone. What is in use stays in use, with that backbone's features and head.
    pub(super) async fn open(&mut self, address: String, request: EngineRequest) -> Result<(), Problem> {
        let manifest = self.host.manifest(&address).await?;
        self.use_backbone(address, manifest, request).await;
        // Who asks for one wants it for projects too.
        self.for_projects = None;
        self.tell_cache().await?;
        self.tell_projects().await?;
        match self.project {
            Some(_) => self.show_project().await?,
            None => self.tell_dataset().await?,
        }
        self.restore_head().await
    }

    /// Changes to the backbone that projects begin with, where there is one.
    pub(super) async fn use_backbone_for_projects(&mut self) -> Result<(), Problem> {
        let Some(address) = self.for_projects.clone() else { return Ok(()) };
        let request = self.ready()?.request;
        // A site may have none.
        let Ok(manifest) = self.host.manifest(&address).await else { return Ok(()) };
        if !self.host.online() && !self.host.kept(&manifest).await.is_kept() {
            return Ok(());
        }
        self.use_backbone(address, manifest, request).await;
        self.for_projects = None;
        self.tell_dataset().await
    }

    /// Puts a backbone in the place of the one before, whose engine and head go with it.
    async fn use_backbone(&mut self, address: String, manifest: Manifest, request: EngineRequest) {
        self.host.emit(Event::Backbone(info_of(&address, &manifest)));
        self.host.emit(Event::Engine(EngineStatus::Idle));
        self.head = None;
        self.foreign = None;
        self.answers.clear();
        let space = FeatureSpace::of(&manifest);
        let ready = Ready { address, manifest, space, request, model: None, engine: None };
        if let Some(before) = self.backbone.replace(ready) {
            before.fall_silent();
        }
        self.tell_others().await;
        self.tell_kept().await;
    }

    /// Tells the page which other backbones this site has; one that is missing is no fault.
    async fn tell_others(&self) {
        let mut others = Vec::new();
        for address in OFFERED {
            if self.backbone.as_ref().is_some_and(|ready| ready.address == address) {
                continue;
            }
            if let Ok(manifest) = self.host.manifest(address).await {
                others.push(info_of(address, &manifest));
            }
        }
        self.host.emit(Event::OtherBackbones(others));
    }
}

/// What the page tells about a backbone.
fn info_of(address: &str, manifest: &Manifest) -> BackboneInfo {
    BackboneInfo {
        address: address.to_owned(),
        sha256: manifest.sha256.clone(),
        name: manifest.name.clone(),
        source: manifest.source.clone(),
        licence: manifest.licence.clone(),
        purpose: manifest.purpose,
        bytes: manifest.bytes,
        input_size: manifest.input_size,
        features: manifest.features,
    }
}
