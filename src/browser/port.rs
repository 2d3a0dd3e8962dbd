//! Messages between threads: encoded bytes, and beside them what only the browser can carry.

use js_sys::{Array, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::protocol::{BUILD, ProtocolError, decode, encode};

/// A message as it goes over a port: `[Uint8Array, attachment]`.
///
/// # Errors
/// Where the message cannot be encoded.
pub fn pack<T: Serialize>(message: &T, attachment: &JsValue) -> Result<Array, ProtocolError> {
    let bytes = Uint8Array::from(encode(message)?.as_slice());
    Ok(Array::of2(&bytes, attachment))
}

/// The message and the attachment of `event`; the sender is not trusted.
///
/// # Errors
/// Where the event carries no message of this type.
pub fn unpack<T: DeserializeOwned>(event: &MessageEvent) -> Result<(T, JsValue), ProtocolError> {
    let data = event.data();
    let parts = data.dyn_ref::<Array>().ok_or_else(|| ProtocolError::new("not an array"))?;
    let bytes = parts.get(0);
    let bytes = bytes.dyn_ref::<Uint8Array>().ok_or_else(|| ProtocolError::new("no bytes"))?;
    Ok((decode(&bytes.to_vec())?, parts.get(1)))
}

/// The thread that this worker's code runs on.
pub fn this_worker() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Sends `message` from this worker to the thread that started it.
pub fn reply<T: Serialize>(message: &T) {
    reply_with(message, &JsValue::UNDEFINED);
}

/// The same, with what only the browser can carry.
pub fn reply_with<T: Serialize>(message: &T, attachment: &JsValue) {
    // Both can only fail where memory is exhausted; the other side's deadline then notices.
    if let Ok(packed) = pack(message, attachment) {
        let _ = this_worker().post_message(&packed);
    }
}

/// Whether `event` only says that a worker of this build listens now.
pub fn is_greeting(event: &MessageEvent) -> bool {
    event.data().as_string().as_deref() == Some(BUILD)
}

/// Calls `handle` with each message that comes to this worker, for as long as it lives, and
/// tells the other side that messages will be heard from now on.
pub fn listen(handle: impl FnMut(MessageEvent) + 'static) {
    let handle = Closure::<dyn FnMut(MessageEvent)>::new(handle);
    this_worker().set_onmessage(Some(handle.as_ref().unchecked_ref()));
    handle.forget();
    let _ = this_worker().post_message(&BUILD.into());
}
