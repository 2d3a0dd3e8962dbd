//! The whole notebook with one press: cell after cell, until a head is trained or something goes wrong.

use super::State;
use crate::head::{Preset, Settings};
use crate::protocol::Command;

impl State {
    /// What the run of the whole notebook does next, where one is on and nothing is under way. It takes the images in
    /// use; where there are none, the site's CIFAR-10, else the built-in sample.
    pub fn next_of_run(&self) -> Option<Command> {
        if !self.runs_all {
            return None;
        }
        if self.data().is_none() {
            let site = self.site_data.clone().filter(|data| data.is_cifar10());
            let command = site.map_or(Command::UseSample, Command::UseSiteData);
            return self.can_use_data().is_ok().then_some(command);
        }
        if self.can_extract().is_ok() {
            return Some(Command::Extract);
        }
        self.can_train().is_ok().then(|| Command::Train(Settings::of(Preset::default())))
    }
}
