//! Files and texts that the page gives to the person.

use gloo::timers::callback::Timeout;
use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, HtmlAnchorElement, Url};

/// Milliseconds for which a file stays at its address, as in FileSaver.js.
const HOLD: u32 = 40_000;

/// Saves a text under `name`, as [`file()`] does.
pub fn text(name: &str, text: &str) {
    if let Ok(blob) = Blob::new_with_str_sequence(&Array::of1(&JsValue::from(text))) {
        file(name, &blob);
    }
}

/// Saves a file under `name` where the browser puts downloads. A browser that refuses shows so itself.
pub fn file(name: &str, blob: &Blob) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return };
    if let Ok(link) = document.create_element("a").map(JsCast::unchecked_into::<HtmlAnchorElement>) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // A browser may take hold of the blob some time after the click only, and says not when.
    Timeout::new(HOLD, move || drop(Url::revoke_object_url(&address))).forget();
}

/// Whether the browser has a clipboard for this page; it has none at a plain http address.
pub fn can_copy() -> bool {
    let navigator = web_sys::window().map(|window| window.navigator());
    let clipboard = navigator.and_then(|navigator| Reflect::get(&navigator, &"clipboard".into()).ok());
    clipboard.is_some_and(|clipboard| clipboard.is_object())
}

/// Puts `text` on the clipboard; whether the browser took it.
pub async fn copy(text: &str) -> bool {
    let Some(window) = web_sys::window().filter(|_| can_copy()) else { return false };
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok()
}
