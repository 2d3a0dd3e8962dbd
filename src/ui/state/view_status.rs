//! What has to be done before a view can be shown.

use super::{State, Wait};
use crate::ui::route::Route;

/// What has to be done before a view can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ViewStatus {
    /// Nothing: it can be shown.
    Ready,
    /// Take this project into use.
    Load(u32),
    /// Make a project.
    Create,
    /// Show the project of this number instead, which has no pictures yet.
    Redirect(u32),
    /// Wait; for what, where that is known.
    Waiting(Option<Wait>),
    /// There is no such project on this device.
    NotFound,
}

impl State {
    /// What has to be done before the view `route` can be shown.
    pub fn view_status(&self, route: Route) -> ViewStatus {
        let open = self.projects.open.as_ref();
        let number = match route {
            Route::Home | Route::Notebook => return ViewStatus::Ready,
            Route::Project(number) if open.is_some_and(|open| open.id == number) => return ViewStatus::Ready,
            Route::Project(number) => Some(number),
            Route::Teach => None,
        };
        let Some(list) = &self.projects.list else { return ViewStatus::Waiting(self.can_use_data().err()) };
        let empty = list.iter().find(|project| project.pictures == 0).map(|project| project.id);
        match (number, empty) {
            (Some(number), _) if list.iter().all(|project| project.id != number) => ViewStatus::NotFound,
            (None, Some(empty)) => ViewStatus::Redirect(empty),
            _ => match (self.can_use_data(), number) {
                (Err(wait), _) => ViewStatus::Waiting(Some(wait)),
                (Ok(()), Some(number)) => ViewStatus::Load(number),
                (Ok(()), None) => ViewStatus::Create,
            },
        }
    }
}
