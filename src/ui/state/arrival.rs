//! What has to be done before a view can be shown.

use super::{State, Wait};
use crate::ui::route::Route;

/// What has to be done before a view can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Nothing.
    Here,
    /// Take this project into use.
    Open(u32),
    /// Make a project.
    Create,
    /// Show the project of this number instead, which has no pictures yet.
    Instead(u32),
    /// Wait; for what, where that is known.
    Wait(Option<Wait>),
    /// There is no such project on this device.
    Unknown,
}

impl State {
    /// What has to be done before the view `route` can be shown.
    pub fn arrival(&self, route: Route) -> Arrival {
        let open = self.projects.open.as_ref();
        let number = match route {
            Route::Home | Route::Notebook => return Arrival::Here,
            Route::Project(number) if open.is_some_and(|open| open.id == number) => return Arrival::Here,
            Route::Project(number) => Some(number),
            Route::Teach => None,
        };
        let Some(list) = &self.projects.list else { return Arrival::Wait(self.can_use_data().err()) };
        let empty = list.iter().find(|project| project.pictures == 0).map(|project| project.id);
        match (number, empty) {
            (Some(number), _) if list.iter().all(|project| project.id != number) => Arrival::Unknown,
            (None, Some(empty)) => Arrival::Instead(empty),
            _ => match (self.can_use_data(), number) {
                (Err(wait), _) => Arrival::Wait(Some(wait)),
                (Ok(()), Some(number)) => Arrival::Open(number),
                (Ok(()), None) => Arrival::Create,
            },
        }
    }
}
