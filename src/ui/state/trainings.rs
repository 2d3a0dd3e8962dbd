//! The finished trainings of what is in use, as the page shows them.

use std::rc::Rc;

use crate::protocol::{Event, TrainingsInfo};
use crate::trainings::{Comparison, Summary};

/// What is known of the finished trainings of what is in use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finished {
    /// All of them.
    pub info: Rc<TrainingsInfo>,
    /// What the two that were compared last say of each other, as long as both are there.
    pub compared: Option<Comparison>,
}

impl Finished {
    /// The one of this number.
    pub fn row(&self, id: u32) -> Option<&Summary> {
        self.info.rows.iter().find(|row| row.id == id)
    }

    /// What `chosen` say of each other, in whatever order they were chosen.
    pub fn comparison_of(&self, chosen: &[u32]) -> Option<&Comparison> {
        let of_both =
            |found: &&Comparison| chosen.len() == 2 && found.of.iter().all(|id| chosen.contains(id));
        self.compared.as_ref().filter(of_both)
    }

    /// Takes in what the session said about them.
    pub(super) fn apply(&mut self, event: Event) {
        match event {
            Event::Trainings(info) => {
                let made =
                    |info: &TrainingsInfo, id| info.rows.iter().find(|row| row.id == id).map(|row| row.made);
                // Another dataset's have the same numbers.
                let same = |id: &u32| made(&self.info, *id) == made(&info, *id);
                let there = |id: &u32| made(&info, *id).is_some() && same(id);
                self.compared = self.compared.filter(|found| found.of.iter().all(there));
                self.info = Rc::new(info);
            }
            Event::Compared(comparison) => self.compared = Some(comparison),
            _ => {}
        }
    }
}
