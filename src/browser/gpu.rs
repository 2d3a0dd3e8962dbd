//! What the browser's WebGPU offers.
//!
//! Asked by name through `Reflect`: web-sys still counts WebGPU among its unstable
//! interfaces, and three properties do not need its hundred types.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::download::within;
use crate::backbone::choose::Adapter;

/// Architectures, as adapters call them, that are programs and not graphics processors.
const SOFTWARE: [&str; 3] = ["swiftshader", "llvmpipe", "lavapipe"];

/// A driver that hangs does not answer in more milliseconds either. One that wakes up takes a second or two.
const PATIENCE: u32 = 8_000;

/// Asks the browser for its adapter, in a page or a worker.
pub async fn adapter() -> Adapter {
    match within(PATIENCE, request_adapter()).await {
        Ok(Some(adapter)) if is_software(&adapter) => Adapter::Software,
        Ok(Some(_)) => Adapter::Hardware,
        Ok(None) => Adapter::None,
        Err(_) => Adapter::Silent,
    }
}

async fn request_adapter() -> Option<JsValue> {
    let gpu = get(&get(&js_sys::global(), "navigator")?, "gpu")?;
    let request = get(&gpu, "requestAdapter")?.dyn_into::<Function>().ok()?;
    let promise = request.call0(&gpu).ok()?.dyn_into::<Promise>().ok()?;
    let adapter = JsFuture::from(promise).await.ok()?;
    adapter.is_object().then_some(adapter)
}

fn is_software(adapter: &JsValue) -> bool {
    let info = get(adapter, "info").unwrap_or(JsValue::UNDEFINED);
    // The flag has moved from the adapter to its `info`; browsers have one or the other.
    let flagged = [adapter, &info]
        .into_iter()
        .any(|holder| get(holder, "isFallbackAdapter").is_some_and(|flag| flag.is_truthy()));
    let architecture = get(&info, "architecture").and_then(|name| name.as_string()).unwrap_or_default();
    flagged || SOFTWARE.contains(&architecture.as_str())
}

/// The property `name` of `object`; `None` where there is none.
fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}
