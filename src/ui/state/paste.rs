//! Where a pasted picture goes.

use super::{State, Wait};

/// What is done with pasted pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paste {
    /// They are added to this class of the open project.
    Class(u32),
    /// The first one is classified.
    Classify,
}

impl State {
    /// Where pictures go that are pasted while the person is at the class `at` of the open project,
    /// or at none.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn paste(&self, at: Option<u32>) -> Result<Paste, Wait> {
        let classes = self.projects.open.iter().flat_map(|open| &open.project.classes);
        match at.filter(|at| classes.into_iter().any(|class| class.id == *at)) {
            Some(class) => self.can_edit().map(|()| Paste::Class(class)),
            None => self.can_classify().map(|()| Paste::Classify),
        }
    }
}
