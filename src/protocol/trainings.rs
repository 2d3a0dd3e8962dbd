//! The finished trainings of what is in use: what the page asks and what it is told.

use serde::{Deserialize, Serialize};

use crate::trainings::Summary;

/// What is done about the finished trainings of what is in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrainingsCommand {
    /// Give one another name.
    Rename {
        /// Its number.
        id: u32,
        /// Its new name.
        name: String,
    },
    /// Delete one.
    Delete(u32),
    /// Take back the last deletion.
    Restore,
    /// Compare two on the test images that both were measured on.
    Compare([u32; 2]),
}

/// The finished trainings of what is in use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingsInfo {
    /// All of them, oldest first.
    pub rows: Vec<Summary>,
    /// The one that was deleted last, as long as that can be taken back.
    pub deleted: Option<Summary>,
    /// The oldest ones that made room for newer ones, in this visit.
    pub dropped: u32,
}
