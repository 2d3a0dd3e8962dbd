//! The whole notebook with one press: cell after cell, until a head is trained or something goes wrong.

use super::State;
use crate::head::{Preset, Settings};
use crate::protocol::{Command, ProjectCommand};

/// How far a run of the whole notebook is. Each step is taken once: what it sets off may look undone for a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunAll {
    /// None is on.
    #[default]
    Off,
    /// It was asked for.
    Asked,
    /// The images were asked for.
    Data,
    /// The features were asked for.
    Features,
    /// The training was asked for.
    Training,
}

impl RunAll {
    /// How far it is after this command.
    pub(super) fn after(self, command: &Command) -> Self {
        let reached = match command {
            _ if self == Self::Off => return self,
            Command::Cancel
            | Command::StopTraining
            | Command::Project(
                ProjectCommand::Open(_) | ProjectCommand::Create { .. } | ProjectCommand::Import(_),
            ) => return Self::Off,
            Command::UseSample | Command::UseSiteData(_) | Command::UseFiles(_) => Self::Data,
            Command::Extract => Self::Features,
            Command::Train(_) => Self::Training,
            _ => self,
        };
        self.max(reached)
    }
}

impl State {
    /// What the run of the whole notebook does next, where one is on and nothing is under way. It takes the images in
    /// use; where there are none but a project's, the site's CIFAR-10, else the built-in sample.
    pub fn next_of_run(&self) -> Option<Command> {
        let done = self.run_all;
        if matches!(done, RunAll::Off | RunAll::Training) {
            return None;
        }
        if self.data().is_none() || self.projects.open.is_some() {
            let site = self.site_data.clone().filter(|data| data.is_cifar10());
            let command = site.map_or(Command::UseSample, Command::UseSiteData);
            return (done < RunAll::Data && self.can_use_data().is_ok()).then_some(command);
        }
        if self.can_extract().is_ok() {
            return (done < RunAll::Features).then_some(Command::Extract);
        }
        self.can_train().is_ok().then(|| Command::Train(Settings::of(Preset::default())))
    }
}
