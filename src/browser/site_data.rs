//! The data set that the site offers in its `data` folder.

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, ReadableStreamDefaultReader, RequestInit, Response};

use super::download::{self, within};
use super::{describe, port};
use crate::protocol::SiteData;

/// The folder that `make data` fills.
const FOLDER: &str = "data/";
/// The list of what is in it, which the page's server makes.
const LIST: &str = "data.json";
/// A server that has sent nothing for so many milliseconds has broken off.
const SILENCE: u32 = 30_000;
/// Bytes that come in before the browser is given them to hold outside of this program's memory.
const HELD: u64 = 1 << 20;

/// A request; dropping it ends the transfer, in whatever state it is.
struct Request(AbortController);

impl Drop for Request {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Request {
    /// Asks for the file at `address` by `method`. Whoever drops the request ends the response as well.
    async fn send(address: &str, method: &str) -> Result<(Self, Response), String> {
        let request = Self(AbortController::new().map_err(|error| describe(&error))?);
        let options = RequestInit::new();
        options.set_method(method);
        options.set_signal(Some(&request.0.signal()));
        let answer = JsFuture::from(port::this_worker().fetch_with_str_and_init(address, &options));
        let answer = async { answer.await.map_err(|error| describe(&error)) };
        let response: Response = within(SILENCE, answer).await?.unchecked_into();
        match response.ok() {
            true => Ok((request, response)),
            false => Err(format!("{address}: {} {}", response.status(), response.status_text())),
        }
    }
}

/// What the site offers, and how large it is; nothing of it is downloaded.
pub async fn offered() -> Option<SiteData> {
    let list = within(SILENCE, download::bytes(LIST)).await.ok()?;
    let names: Vec<String> = serde_json::from_slice(&list).ok()?;
    let name = names.into_iter().find(|name| name.ends_with(".tar.gz"))?;
    let (_request, response) = Request::send(&format!("{FOLDER}{name}"), "HEAD").await.ok()?;
    let length = response.headers().get("content-length").ok().flatten();
    Some(SiteData { name, bytes: length.and_then(|length| length.parse().ok()).unwrap_or(0) })
}

/// Downloads it. `progress` hears how many bytes came.
///
/// # Errors
/// A sentence in English for the small print, where the server does not have it, breaks off, or sends nothing
/// for [`SILENCE`].
pub async fn bring(data: &SiteData, progress: &dyn Fn(u64)) -> Result<Blob, String> {
    let (_request, response) = Request::send(&format!("{FOLDER}{}", data.name), "GET").await?;
    let body = response.body().ok_or_else(|| format!("{}: empty", data.name))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let join = |parts: &Array| Blob::new_with_blob_sequence(parts).map_err(|error| describe(&error));
    let (whole, mut some) = (Array::new(), Array::new());
    let (mut done, mut held) = (0, 0);
    loop {
        let read = async { JsFuture::from(reader.read()).await.map_err(|error| describe(&error)) };
        let read = within(SILENCE, read).await?;
        // There is none at the end.
        let part = Reflect::get(&read, &JsValue::from("value")).map_err(|error| describe(&error))?;
        let Ok(part) = part.dyn_into::<Uint8Array>() else { break };
        done += u64::from(part.length());
        some.push(&part);
        progress(done);
        if done - held >= HELD {
            whole.push(&join(&some)?.into());
            (some, held) = (Array::new(), done);
        }
    }
    whole.push(&join(&some)?.into());
    join(&whole)
}
