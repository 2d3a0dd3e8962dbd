//! The page's own address: what stands after the `?` and the `#`, and how it changes.

use gloo::events::EventListener;
use wasm_bindgen::JsValue;
use web_sys::Url;
use yew::prelude::*;

use super::route::Route;

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
    replace(&with_parameter(name, value));
}

fn replace(address: &str) {
    if let Some(history) = web_sys::window().and_then(|window| window.history().ok()) {
        // A browser that refuses (a sandboxed frame) keeps the old address: no harm.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

/// The view that the address names.
pub fn route() -> Option<Route> {
    Route::of(&current()?.hash())
}

/// Goes to a view; the one before is a step back.
pub fn go(route: Route) {
    if let Some(window) = web_sys::window() {
        // Refused to no page for what stands after the `#`.
        let _ = window.location().set_hash(&route.to_string());
    }
}

/// The view that the page shows, and how to put another one in its place, without a step back to it.
#[hook]
pub fn use_route(first: fn() -> Route) -> (Route, Callback<Route>) {
    let shown = use_state_eq(|| {
        route().unwrap_or_else(|| {
            let first = first();
            replace(&first.to_string());
            first
        })
    });
    use_effect_with((), {
        let shown = shown.clone();
        move |()| {
            let listener = web_sys::window().map(|window| {
                EventListener::new(&window, "hashchange", move |_| shown.set(route().unwrap_or_default()))
            });
            move || drop(listener)
        }
    });
    let put = {
        let shown = shown.setter();
        Callback::from(move |route: Route| {
            replace(&route.to_string());
            shown.set(route);
        })
    };
    (*shown, put)
}
