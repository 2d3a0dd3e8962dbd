//! Everything that touches the browser outside the page: threads, files, WebGPU.
//!
//! The engine workers' side ([`engine`], [`port`]) is all that the WebGPU engine's package
//! uses; the rest belongs to the page and the session worker.

pub mod engine;
pub mod port;
#[cfg(feature = "page")]
pub mod save;

#[cfg(feature = "page")]
pub mod download;
#[cfg(feature = "page")]
pub mod files;
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
pub mod thread;

use wasm_bindgen::{JsCast, JsValue};

/// What a value from JavaScript says of itself: an exception's message, or its debug form.
fn describe(value: &JsValue) -> String {
    match value.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => format!("{value:?}"),
    }
}
