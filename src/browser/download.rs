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
use web_sys::{AbortController, Blob, ReadableStreamDefaultReader, RequestCache, RequestInit, Response};

use super::piece_store::PieceStore;
use super::{describe, port};
use crate::backbone::pieces::{Answer, AskError, Depot};

/// A server that has sent nothing for so many milliseconds has broken off.
const SILENCE: u32 = 30_000;
/// HTTP's answer to a request for a part of a file.
const PARTIAL_CONTENT: u16 = 206;

/// Bytes of a file that come in before the browser is given them to hold.
const HELD: u64 = 4 << 20;

/// A request and what comes of it; dropping it ends the transfer, in whatever state it is.
struct Request(AbortController);

impl Drop for Request {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A file on its way. No wait for a part of it lasts longer than [`SILENCE`].
pub struct Arriving {
    /// Where in the file its first byte stands: where it was asked for, or at 0 from a server that knows no
    /// ranges.
    pub begin: u64,
    /// Bytes that the server has announced. It may send others.
    pub length: Option<u64>,
    body: ReadableStreamDefaultReader,
    _request: Request,
}

impl Request {
    /// Sends it, as `options` say, and waits for the answer.
    async fn send(address: &str, options: &RequestInit) -> Result<(Self, Response), AskError> {
        let broken = |why: String| AskError::Broken(format!("{address}: {why}"));
        let request = Self(AbortController::new().map_err(|error| broken(describe(&error)))?);
        options.set_signal(Some(&request.0.signal()));
        let answer = JsFuture::from(port::this_worker().fetch_with_str_and_init(address, options));
        let answer = within(SILENCE, answer).await.map_err(broken)?;
        let response: Response = answer.map_err(|error| broken(describe(&error)))?.unchecked_into();
        if response.ok() {
            return Ok((request, response));
        }
        let why = format!("{address}: {} {}", response.status(), response.status_text());
        // Who asks too often, and a server in trouble, may fare better later.
        let passes = response.status() >= 500 || matches!(response.status(), 408 | 425 | 429);
        Err(if passes { AskError::Broken(why) } else { AskError::Refused(why) })
    }
}

/// Bytes that a response announces.
fn announced(response: &Response) -> Option<u64> {
    response.headers().get("content-length").ok().flatten()?.parse().ok()
}

/// How many bytes the file at `address` has, where the server says so; nothing of it is downloaded.
///
/// # Errors
/// See [`ask`].
pub async fn length(address: &str) -> Result<Option<u64>, AskError> {
    let options = RequestInit::new();
    options.set_method("HEAD");
    let (_request, response) = Request::send(address, &options).await?;
    Ok(announced(&response))
}

/// Asks for the file at `address`, or for a `range` of it. Nothing waits longer than [`SILENCE`].
///
/// # Errors
/// [`AskError`] where the server does not have it, or gives no answer.
pub async fn ask(address: &str, range: Option<&Range<u64>>) -> Result<Arriving, AskError> {
    let broken = |error: JsValue| AskError::Broken(format!("{address}: {}", describe(&error)));
    let options = RequestInit::new();
    if let Some(range) = range {
        let headers = web_sys::Headers::new().map_err(broken)?;
        headers.set("range", &format!("bytes={}-{}", range.start, range.end - 1)).map_err(broken)?;
        options.set_headers(&headers);
        // Parts are stored already; the browser's own cache would hold them a second time.
        options.set_cache(RequestCache::NoStore);
    }
    let (request, response) = Request::send(address, &options).await?;
    let begin = range.filter(|_| response.status() == PARTIAL_CONTENT).map_or(0, |range| range.start);
    let body = response.body().ok_or_else(|| AskError::Broken(format!("{address}: empty")))?;
    Ok(Arriving {
        begin,
        length: announced(&response),
        body: body.get_reader().unchecked_into(),
        _request: request,
    })
}

impl Arriving {
    /// The next bytes, held by the browser; `None` at the end.
    async fn next_held(&mut self) -> Option<Result<Uint8Array, String>> {
        let read = match within(SILENCE, JsFuture::from(self.body.read())).await {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => return Some(Err(describe(&error))),
            Err(why) => return Some(Err(why)),
        };
        let part = Reflect::get(&read, &JsValue::from("value")).ok()?;
        part.dyn_into::<Uint8Array>().ok().map(Ok)
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// In words for the small print, where it broke off or nothing came for [`SILENCE`].
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, String>> {
        self.next_held().await.map(|part| part.map(|part| part.to_vec()))
    }
}

/// The file at `address`, held in memory.
///
/// # Errors
/// See [`ask`].
pub async fn bytes(address: &str) -> Result<Vec<u8>, AskError> {
    let mut arriving = ask(address, None).await?;
    let mut bytes = Vec::new();
    while let Some(part) = arriving.next().await {
        bytes.extend(part.map_err(|why| AskError::Broken(format!("{address}: {why}")))?);
    }
    Ok(bytes)
}

/// The file at `address`, held by the browser. `progress` hears of the bytes that have come, and of how many
/// there will be where that is known.
///
/// # Errors
/// See [`ask`].
pub async fn blob(address: &str, progress: &dyn Fn(u64, Option<u64>)) -> Result<Blob, AskError> {
    let broken = |why: String| AskError::Broken(format!("{address}: {why}"));
    let join = |parts: &Array| {
        Blob::new_with_blob_sequence(parts).map_err(|error| AskError::Broken(describe(&error)))
    };
    let mut arriving = ask(address, None).await?;
    let (whole, mut some) = (Array::new(), Array::new());
    let (mut done, mut held) = (0, 0);
    while let Some(part) = arriving.next_held().await {
        let part = part.map_err(broken)?;
        done += u64::from(part.length());
        some.push(&part);
        progress(done, arriving.length);
        if done - held >= HELD {
            whole.push(&join(&some)?.into());
            (some, held) = (Array::new(), done);
        }
    }
    whole.push(&join(&some)?.into());
    join(&whole)
}

/// What comes of `work`.
///
/// # Errors
/// In words for the small print, where it takes longer than so many milliseconds.
pub async fn within<T>(milliseconds: u32, work: impl Future<Output = T>) -> Result<T, String> {
    pin_mut!(work);
    match future::select(work, TimeoutFuture::new(milliseconds)).await {
        Either::Left((outcome, _)) => Ok(outcome),
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
        let arriving = ask(self.address, Some(&range)).await?;
        let begin = arriving.begin;
        let body =
            stream::unfold(arriving, |mut arriving| async move { Some((arriving.next().await?, arriving)) });
        Ok(Answer { begin, body: body.boxed_local() })
    }

    async fn sleep(&self, milliseconds: u32) {
        TimeoutFuture::new(milliseconds).await;
    }
}
