//! Large values: stored as blobs where the browser takes them, else as arrays, and read whichever they are.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::database::js_failure;
use crate::features::StoreError;
use crate::features::reopening::Form;

/// `bytes` in this form.
pub(super) fn of(bytes: &Uint8Array, form: Form) -> Result<JsValue, StoreError> {
    match form {
        Form::Array => Ok(bytes.into()),
        Form::Blob => {
            let blob = Blob::new_with_u8_array_sequence(&Array::of1(bytes));
            Ok(blob.map_err(|error| js_failure(&error))?.into())
        }
    }
}

/// The bytes of a stored `value`, which may be anything; they are `most` at the most.
///
/// # Errors
/// What is wrong, in words for the small print.
pub(crate) async fn bytes(value: JsValue, most: u64) -> Result<Uint8Array, &'static str> {
    let check = |length: f64| if length > most as f64 { Err("it is too long") } else { Ok(()) };
    let value = match value.dyn_into::<Blob>() {
        Ok(blob) => {
            check(blob.size())?;
            JsFuture::from(blob.array_buffer()).await.map_err(|_| "it cannot be read")?
        }
        Err(other) => other,
    };
    let bytes = match value.dyn_into::<ArrayBuffer>() {
        Ok(buffer) => Uint8Array::new(&buffer),
        Err(other) => other.dyn_into::<Uint8Array>().map_err(|_| "it holds no bytes")?,
    };
    check(bytes.length().into())?;
    Ok(bytes)
}
