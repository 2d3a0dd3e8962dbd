//! The backbone that is open, why it is that one, and the way to another.

use super::{Phase, State};
use crate::backbone::{LIGHT, NOTEBOOK};
use crate::protocol::{BackboneInfo, BackboneReason};

impl State {
    /// The backbone.
    pub fn backbone(&self) -> Option<&BackboneInfo> {
        match &self.phase {
            Phase::Open { backbone, .. } => Some(backbone),
            Phase::Opening | Phase::Closed => None,
        }
    }

    /// Why it is that one.
    pub fn backbone_reason(&self) -> Option<BackboneReason> {
        match self.phase {
            Phase::Open { reason, .. } => Some(reason),
            Phase::Opening | Phase::Closed => None,
        }
    }

    /// The address of the backbone that a reload shall open again. One that the session chose stays out of
    /// the page's address: on the next visit there may be a better one.
    pub fn lasting_backbone(&self) -> Option<&str> {
        match self.backbone_reason()? {
            BackboneReason::Named | BackboneReason::Project => Some(&self.backbone()?.address),
            BackboneReason::Notebook
            | BackboneReason::Brought
            | BackboneReason::Development
            | BackboneReason::Missing
            | BackboneReason::Kept
            | BackboneReason::NoneReal => None,
        }
    }

    /// The notebook's backbone, where another one was opened because of its development weights.
    pub fn passed_over(&self) -> Option<&BackboneInfo> {
        self.backbone_reason().filter(|reason| *reason == BackboneReason::Development)?;
        self.notebook()
    }

    /// The notebook's backbone, where the open project is on the light one and would gain by a change.
    pub fn larger(&self) -> Option<&BackboneInfo> {
        self.projects.open.as_ref()?;
        self.backbone().filter(|backbone| backbone.address == LIGHT)?;
        self.notebook().filter(|notebook| notebook.purpose.is_real())
    }

    /// The notebook's backbone, where the site has it and another one is open.
    fn notebook(&self) -> Option<&BackboneInfo> {
        self.others.iter().find(|other| other.address == NOTEBOOK)
    }
}
