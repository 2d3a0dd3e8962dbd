//! Everything that touches the browser outside the page: threads, files, WebGPU, cameras.
//!
//! The engine workers' side ([`engine`], [`port`]) is all that the WebGPU engine's package
//! uses; the rest belongs to the page and the session worker.

pub mod engine;
pub mod port;
#[cfg(feature = "page")]
pub mod save;
pub mod trainer;

#[cfg(feature = "page")]
pub mod camera;
#[cfg(feature = "page")]
pub mod device;
#[cfg(feature = "page")]
pub mod download;
#[cfg(feature = "page")]
pub mod files;
#[cfg(feature = "page")]
pub mod folder;
#[cfg(feature = "page")]
pub mod gpu;
#[cfg(feature = "page")]
pub mod host;
#[cfg(feature = "page")]
pub mod piece_store;
#[cfg(feature = "page")]
pub mod remote;
#[cfg(feature = "page")]
pub mod session_link;
#[cfg(feature = "page")]
pub mod session_worker;
#[cfg(feature = "page")]
pub mod sight;
#[cfg(feature = "page")]
pub mod site_data;
#[cfg(feature = "page")]
pub mod team;
#[cfg(feature = "page")]
pub mod thread;

use wasm_bindgen::{JsCast, JsValue};

/// Milliseconds since this page or worker was started, with fractions; it never goes back.
#[cfg(feature = "page")]
pub fn now() -> f64 {
    // The clock has one name in windows and in workers; all browsers with workers have it.
    let global: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    global.performance().map_or_else(js_sys::Date::now, |clock| clock.now())
}

/// What a value from JavaScript says of itself: an exception's message, or its debug form.
fn describe(value: &JsValue) -> String {
    match value.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => format!("{value:?}"),
    }
}
