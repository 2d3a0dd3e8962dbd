//! What the page remembers from visit to visit by itself, in the browser's `localStorage`.

use gloo::storage::{LocalStorage, Storage};

use super::state::{CameraChoice, CameraWish, Speeds};
use crate::protocol::Speed;

const SPEEDS: &str = "bottleneck.speeds";
const CAMERA: &str = "bottleneck.camera";

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
