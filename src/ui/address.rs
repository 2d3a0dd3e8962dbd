//! The page's own address: what stands after the `?`, and how it changes.

use wasm_bindgen::JsValue;
use web_sys::Url;

fn current() -> Option<Url> {
    let href = web_sys::window()?.location().href().ok()?;
    Url::new(&href).ok()
}

/// The decoded value of a parameter.
pub fn parameter(name: &str) -> Option<String> {
    current()?.search_params().get(name)
}

/// The page's address with one parameter changed, for a link; empty where there is none.
pub fn with_parameter(name: &str, value: &str) -> String {
    current().map_or_else(String::new, |url| {
        url.search_params().set(name, value);
        url.href()
    })
}

/// Changes one parameter in the address bar and loads nothing.
pub fn replace_parameter(name: &str, value: &str) {
    let address = with_parameter(name, value);
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        // A browser that refuses (a sandboxed frame) keeps the old address: no harm.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}
