//! What the page remembers from visit to visit by itself, in the browser's `localStorage`.

use gloo::storage::{LocalStorage, Storage};

use super::state::Speeds;
use crate::protocol::Speed;

const SPEEDS: &str = "bottleneck.speeds";

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
