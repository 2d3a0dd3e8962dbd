//! What the page can find out about the device: room and whether it lasts, cameras, cores and memory.

use gloo::timers::future::TimeoutFuture;
use idb::TransactionMode;
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlVideoElement, Navigator};

use super::camera::{Grabber, Stream, Wanted};
use crate::features::StoreError;
use crate::features::indexed_db::{Database, Schema, Transaction, bytes, failure};
use crate::ui::device_check::{Finding, Permission};
use crate::ui::state::CameraError;

/// The object store in which something is written and read back.
const TRIAL: &str = "trial";
/// A database of its own, so that nothing that is stored can suffer.
const SCHEMA: Schema =
    Schema { name: "bottleneck-trial", version: 1, stores: &[(TRIAL, false)], strict: &[] };
/// A few bytes.
const WRITTEN: [u8; 5] = [b't', b'r', b'i', b'a', b'l'];
/// Milliseconds between two looks at a camera that has begun.
const LOOK_EVERY: u32 = 50;
/// So many looks has it for its first picture: three seconds.
const LOOKS: u32 = 60;

fn navigator() -> Option<Navigator> {
    Some(web_sys::window()?.navigator())
}

/// A property of an object, where it is there.
fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// What a method of `object` promises; `None` where there is no such method, or it breaks its promise. web-sys has
/// no binding for some of them.
async fn promised(object: &JsValue, method: &str, arguments: &Array) -> Option<JsValue> {
    let method = get(object, method)?.dyn_into::<Function>().ok()?;
    let promise = method.apply(object, arguments).ok()?.dyn_into::<Promise>().ok()?;
    JsFuture::from(promise).await.ok()
}

/// The browser's storage; `None` on a plain http address.
fn storage() -> Option<JsValue> {
    get(&navigator()?.into(), "storage")
}

/// Bytes that the browser would still store for this page, where it tells.
pub async fn room() -> Option<u64> {
    let estimate = promised(&storage()?, "estimate", &Array::new()).await?;
    let number = |name: &str| get(&estimate, name)?.as_f64();
    Some((number("quota")? - number("usage")?).max(0.0) as u64)
}

/// Whether the browser keeps what is stored when the disk is full, where it tells.
pub async fn persisted() -> Option<bool> {
    promised(&storage()?, "persisted", &Array::new()).await?.as_bool()
}

/// Whether a few bytes can be stored and read back.
pub async fn stores() -> bool {
    matches!(write_and_read().await, Ok(true))
}

async fn write_and_read() -> Result<bool, StoreError> {
    let database = Database::open(&SCHEMA).await?;
    let key = JsValue::from(TRIAL);
    let write = {
        let key = key.clone();
        async move |at: &Transaction| {
            let [store] = at.stores()?;
            let value = at.value(&Uint8Array::from(&WRITTEN[..]))?;
            store.put(&value, Some(&key)).map_err(failure)?.await.map(drop).map_err(failure)
        }
    };
    database.run(&[TRIAL], TransactionMode::ReadWrite, write).await?;
    let read = {
        let key = key.clone();
        async move |at: &Transaction| {
            let [store] = at.stores()?;
            match store.get(key.clone()).map_err(failure)?.await.map_err(failure)? {
                Some(value) => Ok(bytes(value, WRITTEN.len() as u64).await.ok()),
                None => Ok(None),
            }
        }
    };
    let read = database.run(&[TRIAL], TransactionMode::ReadOnly, read).await?;
    let delete = async move |at: &Transaction| {
        let [store] = at.stores()?;
        store.delete(key.clone()).map_err(failure)?.await.map_err(failure)
    };
    database.run(&[TRIAL], TransactionMode::ReadWrite, delete).await?;
    Ok(read.is_some_and(|read| read.to_vec() == WRITTEN))
}

/// Whether this page may use cameras.
pub async fn camera_permission() -> Permission {
    let asked = async {
        let permissions = get(&navigator()?.into(), "permissions")?;
        let name = Object::new();
        Reflect::set(&name, &"name".into(), &"camera".into()).ok()?;
        let status = promised(&permissions, "query", &Array::of1(&name)).await?;
        get(&status, "state")?.as_string()
    };
    match asked.await.as_deref() {
        Some("granted") => Permission::Granted,
        Some("denied") => Permission::Denied,
        _ => Permission::Unknown,
    }
}

/// Opens the browser's choice of a camera until a picture came, and closes it.
///
/// # Errors
/// [`CameraError`], in particular where the person says no.
pub async fn try_camera() -> Result<(), CameraError> {
    // Closed where it is dropped, and so where nobody waits any more.
    let stream = Stream::open(Wanted::Any, || {}).await?;
    let document = web_sys::window().and_then(|window| window.document());
    let video = document.and_then(|document| document.create_element("video").ok());
    let (Some(video), Some(grabber)) = (video, Grabber::new()) else { return Err(CameraError::Busy) };
    let video: HtmlVideoElement = video.unchecked_into();
    stream.show_in(&video);
    for _ in 0..LOOKS {
        if grabber.grab(&video, false).is_some() {
            video.set_src_object(None);
            return Ok(());
        }
        TimeoutFuture::new(LOOK_EVERY).await;
    }
    video.set_src_object(None);
    Err(CameraError::Busy)
}

/// Cores, memory, and whether threads share it.
pub fn threads() -> Finding {
    let global = js_sys::global();
    let shared = get(&global, "crossOriginIsolated").is_some_and(|isolated| isolated.is_truthy())
        && get(&global, "SharedArrayBuffer").is_some();
    let navigator = navigator();
    let cores = navigator.as_ref().map_or(1.0, Navigator::hardware_concurrency);
    let memory = navigator.and_then(|navigator| get(&navigator.into(), "deviceMemory")?.as_f64());
    Finding::Threads { shared, cores: cores.max(1.0) as u32, memory }
}

/// What the browser calls itself.
pub fn browser_name() -> String {
    navigator().and_then(|navigator| navigator.user_agent().ok()).unwrap_or_default()
}

/// Whether a service worker is active, which gives this page its files.
pub fn has_service_worker() -> bool {
    let worker = || get(&get(&navigator()?.into(), "serviceWorker")?, "controller");
    worker().is_some()
}

/// Date and time as they are written here, such as 2026-03-01 09:30.
pub fn date() -> String {
    let now = js_sys::Date::new_0();
    format!(
        "{}-{:02}-{:02} {:02}:{:02}",
        now.get_full_year(),
        now.get_month() + 1,
        now.get_date(),
        now.get_hours(),
        now.get_minutes()
    )
}
