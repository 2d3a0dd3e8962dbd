//! What the page remembers from visit to visit by itself, in the browser's `localStorage`.

use gloo::storage::{LocalStorage, Storage};

use super::route::Route;
use super::state::{CameraChoice, CameraWish, Speeds};
use crate::protocol::Speed;

const SPEEDS: &str = "bottleneck.speeds";
const CAMERA: &str = "bottleneck.camera";
const VIEW: &str = "bottleneck.view";
const RECENT: &str = "bottleneck.recent";
/// So many projects are remembered in the order of their use.
const MOST_RECENT: usize = 100;

/// gloo panics where site data is blocked.
fn is_there() -> bool {
    web_sys::window().is_some_and(|window| matches!(window.local_storage(), Ok(Some(_))))
}

/// The speeds that were measured on earlier visits.
pub fn speeds() -> Speeds {
    if is_there() { LocalStorage::get(SPEEDS).unwrap_or_default() } else { Speeds::default() }
}

/// Remembers `speed` beside what is there, which another tab may have measured.
pub fn remember(speed: &Speed) {
    if is_there() {
        let mut speeds = speeds();
        speeds.measured(speed);
        // Without room for it, it is measured again.
        let _ = LocalStorage::set(SPEEDS, speeds);
    }
}

/// The camera that was chosen on an earlier visit.
pub fn camera() -> CameraChoice {
    if is_there() { LocalStorage::get(CAMERA).unwrap_or_default() } else { CameraChoice::default() }
}

/// Remembers what the person wants of the camera.
pub fn remember_camera(wish: CameraWish) {
    if is_there() {
        let known = camera();
        let next = known.clone().remembered_after(wish);
        if next != known {
            // Without room for it, it is chosen again.
            let _ = LocalStorage::set(CAMERA, next);
        }
    }
}

/// The view that was shown last.
pub fn view() -> Option<Route> {
    let hash: Option<String> = if is_there() { LocalStorage::get(VIEW).ok() } else { None };
    Route::of(&hash?)
}

/// Remembers the view, and which project was used last.
pub fn remember_view(route: Route) {
    // What makes a project is not to be done again by coming back.
    if !is_there() || route == Route::Teach {
        return;
    }
    // Without room for it, the next visit begins at the doors.
    let _ = LocalStorage::set(VIEW, route.to_string());
    if let Route::Project(project) = route {
        let mut projects = recent();
        projects.retain(|other| *other != project);
        projects.insert(0, project);
        projects.truncate(MOST_RECENT);
        let _ = LocalStorage::set(RECENT, projects);
    }
}

/// The projects' numbers, the one that was used last first.
pub fn recent() -> Vec<u32> {
    if is_there() { LocalStorage::get(RECENT).unwrap_or_default() } else { Vec::new() }
}
