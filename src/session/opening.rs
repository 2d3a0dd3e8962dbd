//! Opening a backbone: the first one, and others in its place.

use std::rc::Rc;

use futures::future::join_all;
use futures::stream::FuturesOrdered;
use futures::{FutureExt, StreamExt};

use crate::backbone::choose::{self, Candidate};
use crate::backbone::{BackboneError, LIGHT, Manifest, OFFERED};
use crate::features::{FeatureSpace, FeatureStore};
use crate::project::ProjectStore;
use crate::protocol::{
    BackboneInfo, BackboneReason, EngineRequest, EngineStatus, Event, Problem, ProblemKind,
};

use super::steering::Job;
use super::{Found, Host, Ready, Session};

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
        let Some(choice) = self.beside_brief(Job::Backbone, choice).await else {
            return match self.backbone {
                None if !self.steering.opens_another() => {
                    Err(Problem::new(ProblemKind::ServerSilent, "the wait was cancelled"))
                }
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
        let Some(manifest) = self.light_for_projects().await? else { return Ok(()) };
        let request = self.ready()?.request;
        self.use_backbone(LIGHT.to_owned(), manifest, request, BackboneReason::Project).await;
        self.for_projects = false;
        self.tell_dataset().await
    }

    /// The backbone that a project would change to, where it is another one and can be had. The person may end
    /// the wait for a silent site, which is not asked again then.
    pub(super) async fn light_for_projects(&mut self) -> Result<Option<Manifest>, Problem> {
        if self.ready()?.address == LIGHT || !self.for_projects {
            return Ok(None);
        }
        let host = Rc::clone(&self.host);
        let asked = async {
            let found = host.manifest(LIGHT).await.ok()?;
            is_at_hand(&*host, &found).await.then_some(found.manifest)
        };
        let found = self.steering.unless_ended(Job::Backbone, asked).await;
        self.for_projects = found.is_some();
        Ok(found.flatten())
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
        self.use_head(None);
        self.foreign = None;
        self.drop_map();
        (self.small, self.told_small) = (Rc::default(), false);
        self.fresh.clear();
        let space = FeatureSpace::of(&manifest);
        let ready =
            Ready { address, manifest, space, request, model: None, engine: None, failed: Vec::new() };
        if let Some(before) = self.backbone.replace(ready) {
            before.fall_silent();
        }
        self.tell_others();
        self.tell_kept().await;
    }

    /// Tells the page which other backbones this site has, beside whatever else is done: a site may be silent. One
    /// that is missing is no fault.
    fn tell_others(&mut self) {
        let open = self.backbone.as_ref().map(|ready| ready.address.clone());
        // What is found out about an earlier one is not told any more.
        self.others = Rc::default();
        let still = Rc::downgrade(&self.others);
        let host = Rc::clone(&self.host);
        let look = async move {
            let others = OFFERED.into_iter().filter(|address| open.as_deref() != Some(*address));
            let found = join_all(others.map(async |address| (address, host.manifest(address).await))).await;
            let found: Vec<(_, Manifest)> = found
                .into_iter()
                .filter_map(|(address, found)| Some((address, found.ok()?.manifest)))
                .collect();
            let Some(others) = still.upgrade() else { return };
            // Without the internet the site may have more.
            *others.borrow_mut() =
                host.online().then(|| found.iter().map(|(_, manifest)| FeatureSpace::of(manifest)).collect());
            let info = |(address, manifest): &(&str, Manifest)| info_of(address, manifest);
            host.emit(Event::OtherBackbones(found.iter().map(info).collect()));
        };
        self.host.spawn(look.boxed_local());
    }
}

/// The best of the site's backbones that can be used now, and why it is that one. All are asked for at once: a
/// site that is silent costs no more than one wait. Once one will do, those after it are not waited for.
async fn best(host: &impl Host) -> Result<(String, Manifest, BackboneReason), BackboneError> {
    let asked = OFFERED.map(|address| async move {
        let found = host.manifest(address).await?;
        let at_hand = is_at_hand(host, &found).await;
        Ok((Candidate { address, purpose: found.manifest.purpose, at_hand }, found.manifest))
    });
    let mut asked: FuturesOrdered<_> = asked.into_iter().collect();
    let (mut candidates, mut manifests, mut failure) = (Vec::new(), Vec::new(), None);
    while let Some(found) = asked.next().await {
        match found {
            Ok((candidate, manifest)) => {
                candidates.push(candidate);
                manifests.push(manifest);
            }
            Err(error) => drop(failure.get_or_insert(error)),
        }
        if candidates.last().is_some_and(Candidate::will_do) {
            break;
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
