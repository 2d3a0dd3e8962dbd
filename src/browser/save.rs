//! Files that the page gives to the person.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

/// Saves a file under `name` where the browser puts downloads. A browser that refuses shows so itself.
pub fn file(name: &str, bytes: &[u8]) {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let Ok(blob) = Blob::new_with_u8_array_sequence(&parts) else { return };
    let Ok(address) = Url::create_object_url_with_blob(&blob) else { return };
    if let Ok(link) = document.create_element("a").map(JsCast::unchecked_into::<HtmlAnchorElement>) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // The download has its own hold on the blob once the click was handled.
    let _ = Url::revoke_object_url(&address);
}
