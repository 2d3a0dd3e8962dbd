//! Files of the page's own origin.

use js_sys::{Array, Reflect, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader, Response};

use super::{describe, port};

/// What came of asking for a file.
async fn fetch(address: &str) -> Result<Response, String> {
    let answer = JsFuture::from(port::this_worker().fetch_with_str(address)).await;
    let response: Response = answer.map_err(|error| describe(&error))?.unchecked_into();
    if response.ok() {
        Ok(response)
    } else {
        Err(format!("{address}: {} {}", response.status(), response.status_text()))
    }
}

/// The file at `address`, held in memory.
///
/// # Errors
/// A sentence in English for the small print.
pub async fn bytes(address: &str) -> Result<Vec<u8>, String> {
    let buffer = fetch(address).await?.array_buffer().map_err(|error| describe(&error))?;
    let buffer = JsFuture::from(buffer).await.map_err(|error| describe(&error))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// The file at `address`, held by the browser.
///
/// # Errors
/// A sentence in English for the small print.
pub async fn blob(address: &str) -> Result<Blob, String> {
    let blob = fetch(address).await?.blob().map_err(|error| describe(&error))?;
    let blob = JsFuture::from(blob).await.map_err(|error| describe(&error))?;
    Ok(blob.unchecked_into())
}

/// The file at `address`, held by the browser, if its SHA-256 is `sha256` (lower-case
/// hexadecimal). `progress` gets the bytes so far.
///
/// # Errors
/// A sentence in English for the small print.
pub async fn checked_blob(address: &str, sha256: &str, progress: &dyn Fn(u64)) -> Result<Blob, String> {
    let body = fetch(address).await?.body().ok_or_else(|| format!("{address}: empty"))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let (parts, mut hasher, mut done) = (Array::new(), Sha256::new(), 0);
    loop {
        let read = JsFuture::from(reader.read()).await.map_err(|error| describe(&error))?;
        let Ok(part) = Reflect::get(&read, &JsValue::from("value")) else { break };
        let Ok(part) = part.dyn_into::<Uint8Array>() else { break };
        hasher.update(part.to_vec());
        done += u64::from(part.length());
        parts.push(&part);
        progress(done);
    }
    let found: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if !found.eq_ignore_ascii_case(sha256) {
        return Err(format!("{address}: {done} bytes with SHA-256 {found} instead of {sha256}"));
    }
    Blob::new_with_u8_array_sequence(&parts).map_err(|error| describe(&error))
}
