//! Which step of a project the person is at.

use super::{State, Work};

/// A step of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Pictures of each class.
    Classes,
    /// A head learns.
    Train,
    /// What it says of new pictures.
    Try,
}

impl Step {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Classes, Self::Train, Self::Try];
}

impl State {
    /// The step that the person is at, as far as the open project shows: collecting until a training has begun,
    /// trying out once a head is there.
    pub fn step(&self) -> Step {
        match self.work() {
            Some(Work::Loading { .. } | Work::Training { .. }) => Step::Train,
            _ if self.head.is_some() => Step::Try,
            _ => Step::Classes,
        }
    }
}
