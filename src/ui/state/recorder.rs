//! How fast pictures of the camera may be recorded.

use super::State;
use crate::project::PictureId;

/// Pictures a second that can be chosen.
pub const FASTEST: u32 = 10;
/// Pictures a second at first.
pub const USUAL: u32 = 5;
/// Pictures that may be on their way to the store at once.
const AHEAD: u32 = 3;

/// Counts the pictures that were sent and are not stored yet, so that a slow disk slows the
/// recording down instead of making a queue.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    ahead: u32,
    /// The newest picture that is known to be stored.
    newest: Option<PictureId>,
    project: Option<u32>,
}

impl Pace {
    /// Whether a picture may be taken now.
    pub fn may_take(&mut self, state: &State) -> bool {
        let Some(open) = &state.projects.open else { return false };
        if self.project.replace(open.id) != Some(open.id) {
            (self.ahead, self.newest) = (0, open.project.pictures().map(|picture| picture.id).max());
        }
        // Numbers are never given twice, so what is deleted meanwhile does not count against it.
        let new = || open.project.pictures().map(|picture| picture.id).filter(|id| Some(*id) > self.newest);
        self.ahead = self.ahead.saturating_sub(new().count() as u32);
        self.newest = new().max().or(self.newest);
        self.ahead < AHEAD && state.can_edit().is_ok()
    }

    /// A picture was sent.
    pub fn taken(&mut self) {
        self.ahead += 1;
    }

    /// What was on its way may not come: something went wrong.
    pub fn forget(&mut self) {
        self.ahead = 0;
    }
}
