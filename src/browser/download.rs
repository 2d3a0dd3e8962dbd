//! Files of the page's own origin.

use std::collections::HashSet;
use std::future::Future;
use std::ops::Range;

use futures::future::{self, Either};
use futures::{StreamExt, pin_mut, stream};
use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader, RequestCache, RequestInit, Response};

use super::piece_store::PieceStore;
use super::{describe, port};
use crate::backbone::pieces::{Answer, AskError, Depot};

/// A server that has sent nothing for so many milliseconds has broken off.
const SILENCE: u32 = 30_000;
/// HTTP's answer to a request for a part of a file.
const PARTIAL_CONTENT: u16 = 206;

/// What came of asking for a file.
async fn fetch(address: &str) -> Result<Response, String> {
    let answer = JsFuture::from(port::this_worker().fetch_with_str(address)).await;
    let response: Response = answer.map_err(|error| describe(&error))?.unchecked_into();
    if response.ok() { Ok(response) } else { Err(refusal(address, &response)) }
}

fn refusal(address: &str, response: &Response) -> String {
    format!("{address}: {} {}", response.status(), response.status_text())
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

/// What comes of `work`, unless it takes longer than so many milliseconds.
pub async fn within<T>(
    milliseconds: u32,
    work: impl Future<Output = Result<T, String>>,
) -> Result<T, String> {
    pin_mut!(work);
    match future::select(work, TimeoutFuture::new(milliseconds)).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(_) => Err(format!("no answer in {} s", milliseconds / 1000)),
    }
}

/// The browser's store of pieces, and the server's file at one address.
pub struct BrowserDepot<'a> {
    address: &'a str,
    /// `None` where the browser lets nothing be stored.
    store: Option<&'a PieceStore>,
}

impl<'a> BrowserDepot<'a> {
    /// A depot for the file at `address`.
    pub fn new(address: &'a str, store: Option<&'a PieceStore>) -> Self {
        Self { address, store }
    }
}

impl Depot for BrowserDepot<'_> {
    type Part = Blob;

    async fn stored(&self) -> HashSet<String> {
        match self.store {
            Some(store) => store.stored().await.unwrap_or_default(),
            None => HashSet::new(),
        }
    }

    async fn read(&self, sha256: &str) -> Option<Vec<u8>> {
        self.store?.read(sha256).await.ok()?
    }

    async fn write(&self, sha256: &str, bytes: &[u8]) -> Result<(), String> {
        let store = self.store.ok_or_else(|| "nothing can be stored".to_owned())?;
        store.write(sha256, bytes).await.map_err(|error| error.to_string())
    }

    fn part(&self, bytes: &[u8]) -> Result<Blob, String> {
        let parts = Array::of1(&Uint8Array::from(bytes));
        Blob::new_with_u8_array_sequence(&parts).map_err(|error| describe(&error))
    }

    async fn ask(&self, range: Range<u64>) -> Result<Answer, AskError> {
        let broken = |error: JsValue| AskError::Broken(describe(&error));
        let headers = web_sys::Headers::new().map_err(broken)?;
        let bytes = format!("bytes={}-{}", range.start, range.end - 1);
        headers.set("range", &bytes).map_err(broken)?;
        let options = RequestInit::new();
        options.set_headers(&headers);
        // The pieces are stored already; the browser's own cache would hold them a second time.
        options.set_cache(RequestCache::NoStore);
        let request = port::this_worker().fetch_with_str_and_init(self.address, &options);
        let request = async { JsFuture::from(request).await.map_err(|error| describe(&error)) };
        let response: Response = within(SILENCE, request).await.map_err(AskError::Broken)?.unchecked_into();
        if !response.ok() {
            let why = refusal(self.address, &response);
            // Who asks too often, and a server in trouble, may fare better later.
            let passes = response.status() >= 500 || matches!(response.status(), 408 | 425 | 429);
            return Err(if passes { AskError::Broken(why) } else { AskError::Refused(why) });
        }
        let begin = if response.status() == PARTIAL_CONTENT { range.start } else { 0 };
        let body = response.body().ok_or_else(|| AskError::Broken(format!("{}: empty", self.address)))?;
        let body = Body(body.get_reader().unchecked_into());
        let body = stream::unfold(body, |body| async move { Some((body.next().await?, body)) });
        Ok(Answer { begin, body: body.boxed_local() })
    }

    async fn sleep(&self, milliseconds: u32) {
        TimeoutFuture::new(milliseconds).await;
    }
}

/// A response's body; dropping it ends the transfer.
struct Body(ReadableStreamDefaultReader);

impl Body {
    async fn next(&self) -> Option<Result<Vec<u8>, String>> {
        let read = async { JsFuture::from(self.0.read()).await.map_err(|error| describe(&error)) };
        let part = within(SILENCE, read).await.map(|read| {
            let part = Reflect::get(&read, &JsValue::from("value")).ok()?;
            Some(part.dyn_into::<Uint8Array>().ok()?.to_vec())
        });
        part.transpose()
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        // What comes of it does not matter: nobody reads on. A body that broke refuses it.
        let ended = self.0.cancel();
        wasm_bindgen_futures::spawn_local(async move { drop(JsFuture::from(ended).await) });
    }
}
