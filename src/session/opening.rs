//! Opening a backbone: the first one, and others in its place.

use std::rc::Rc;

use futures::future::join_all;

use crate::backbone::choose::{self, Candidate};
use crate::backbone::{BackboneError, LIGHT, Manifest, OFFERED};
use crate::features::{FeatureSpace, FeatureStore};
use crate::project::ProjectStore;
use crate::protocol::{
    BackboneInfo, BackboneReason, Command, EngineRequest, EngineStatus, Event, Problem, ProblemKind,
};

use super::{Found, Host, Ready, Session, unless_cancelled};

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Opens a backbone, the best one where none is named. What is in use stays in use, with that
    /// backbone's features and head.
    pub(super) async fn open(
        &mut self,
        named: Option<String>,
        request: EngineRequest,
    ) -> Result<(), Problem> {
        // Who asks for one wants it for projects too.
        let for_projects = named.is_none();
        let host = Rc::clone(&self.host);
        let choice = async {
            match named {
                Some(address) => {
                    let found = host.manifest(&address).await?;
                    Ok((address, found.manifest, BackboneReason::Named))
                }
                None => best(&*host).await,
            }
        };
        let Some(choice) = unless_cancelled(&mut self.commands, &mut self.later, choice).await else {
            // Another one may be asked for.
            let another = matches!(self.later.back(), Some(Command::Open { .. }));
            return match self.backbone {
                None if !another => Err(Problem::new(ProblemKind::ServerSilent, "the wait was cancelled")),
                _ => Ok(()),
            };
        };
        let (address, manifest, reason) = choice?;
        self.use_backbone(address, manifest, request, reason).await;
        self.for_projects = for_projects;
        self.tell_cache().await?;
        self.tell_projects().await?;
        match self.project {
            Some(_) => self.show_project().await?,
            None => self.tell_dataset().await?,
        }
        self.restore_head().await
    }

    /// Changes to the backbone that projects begin with, where it can be had and nobody named another.
    pub(super) async fn use_backbone_for_projects(&mut self) -> Result<(), Problem> {
        let Ready { address, request, .. } = self.ready()?;
        let request = *request;
        if address == LIGHT || !self.for_projects {
            return Ok(());
        }
        // A site may have none.
        let Ok(found) = self.host.manifest(LIGHT).await else { return Ok(()) };
        if !is_at_hand(&*self.host, &found).await {
            return Ok(());
        }
        self.use_backbone(LIGHT.to_owned(), found.manifest, request, BackboneReason::Project).await;
        self.for_projects = false;
        self.tell_dataset().await
    }

    /// Puts a backbone in the place of the one before, whose engine and head go with it.
    async fn use_backbone(
        &mut self,
        address: String,
        manifest: Manifest,
        request: EngineRequest,
        reason: BackboneReason,
    ) {
        self.host.emit(Event::Backbone(info_of(&address, &manifest), reason));
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
        let is_open = |address| self.backbone.as_ref().is_some_and(|ready| ready.address == address);
        let others = OFFERED.into_iter().filter(|address| !is_open(*address));
        let found =
            join_all(others.map(|address| async move { (address, self.host.manifest(address).await) }));
        let info = |(address, found): (_, Result<Found, _>)| Some(info_of(address, &found.ok()?.manifest));
        let infos = found.await.into_iter().filter_map(info).collect();
        self.host.emit(Event::OtherBackbones(infos));
    }
}

/// The best of the site's backbones that can be used now, and why it is that one. All are asked for at once: a
/// site that is silent costs no more than one wait.
async fn best(host: &impl Host) -> Result<(String, Manifest, BackboneReason), BackboneError> {
    let found = join_all(OFFERED.map(|address| async move {
        let found = host.manifest(address).await?;
        let at_hand = is_at_hand(host, &found).await;
        Ok((Candidate { address, purpose: found.manifest.purpose, at_hand }, found.manifest))
    }));
    let (mut candidates, mut manifests, mut failure) = (Vec::new(), Vec::new(), None);
    for found in found.await {
        match found {
            Ok((candidate, manifest)) => {
                candidates.push(candidate);
                manifests.push(manifest);
            }
            Err(error) => drop(failure.get_or_insert(error)),
        }
    }
    match choose::backbone(&candidates) {
        Some((at, reason)) => Ok((candidates[at].address.to_owned(), manifests.swap_remove(at), reason)),
        None => Err(failure.unwrap_or_else(|| BackboneError::Manifest("the site has none".to_owned()))),
    }
}

/// Whether a backbone's file is kept here or can come in.
async fn is_at_hand(host: &impl Host, found: &Found) -> bool {
    (found.answered && host.online()) || host.kept(&found.manifest).await.is_kept()
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
