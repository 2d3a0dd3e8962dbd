//! A small server for the page's own files, with the headers that the page wants.
//!
//! `/` is the built page, `/models/` the backbones, `/licences/` the licences, and `/data/` the
//! datasets that were put there, with a list of them at `/data.json`. Files only, read-only.
//!
//! # Layout
//! [`folders`](Folders) says where they are, `files` which of them may be seen, `headers` what
//! every answer says, [`hosts`] under which names it answers, [`connections`] how many it answers and for how long.
//! For the other machines of a room (the feature `lan`), `lan` says how they get at the files, and `compress` makes
//! the files small on their way.

#[cfg(feature = "lan")]
mod compress;
pub mod connections;
mod files;
mod folders;
mod headers;
pub mod hosts;
#[cfg(feature = "lan")]
pub mod lan;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Json, Response};
use axum::routing::get;
use tokio::net::{TcpListener, TcpSocket};
use tower_http::services::ServeDir;
use tower_http::services::fs::{Backend, DefaultServeDirFallback};

#[cfg(feature = "lan")]
use compress::files;
use files::Inside;
pub use folders::Folders;
use headers::Headers;
#[cfg(not(feature = "lan"))]
use plain as files;

/// How many connections wait to be accepted.
const BACKLOG: u32 = 1024;
/// How many bytes of a connection the system holds for the reader, who shows only when a good part of them has gone
/// that it takes them: half, measured on Linux. A buffer that grows as the system likes had to lose more than 1 MB.
/// Large enough for 5 MB/s where a word takes 50 ms to come back.
const SEND_BUFFER: u32 = 256 * 1024;

/// How often each path was asked for.
pub type Requests = Arc<Mutex<BTreeMap<String, u32>>>;

/// The service.
///
/// # Errors
/// Where the page is not built.
pub fn app(folders: &Folders) -> io::Result<Router> {
    let index = std::fs::read_to_string(folders.dist.join("index.html"))?;
    let all = |_: &Path| true;
    let backbone = |path: &Path| path.extension().is_some_and(|end| end == "onnx" || end == "json");
    let complete = |path: &Path| path.extension().is_none_or(|end| end != "part");
    let data = Inside::new(&folders.data, complete);
    let listed = data.clone();
    let list = move || async move { tokio::task::spawn_blocking(move || listed.list()).await };
    let list = move || async move { list().await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR) };
    // A redirection to `//name/` would lead to another host.
    let page = files(Inside::new(&folders.dist, all)).redirect_to_trailing_slash(false);
    let site = Router::new()
        .nest_service("/models", without_pages(files(Inside::new(&folders.models, backbone))))
        .nest_service("/licences", without_pages(files(Inside::new(&folders.licences, all))))
        .fallback_service(page);
    #[cfg(feature = "lan")]
    let site = compress::layer(site);
    // Datasets are archives and pictures: they are sent as they are.
    let site = site.route("/data.json", get(list)).nest_service("/data", without_pages(plain(data)));
    Ok(site.layer(from_fn_with_state(Arc::new(Headers::new(&index)), add_headers)))
}

/// The files of a folder as they are.
fn plain(inside: Inside) -> ServeDir<DefaultServeDirFallback, Inside> {
    let root = inside.root().to_owned();
    ServeDir::with_backend(root, inside)
}

/// A folder without a page of its own.
fn without_pages<B: Backend>(
    files: ServeDir<DefaultServeDirFallback, B>,
) -> ServeDir<DefaultServeDirFallback, B> {
    files.append_index_html_on_directories(false)
}

async fn add_headers(State(headers): State<Arc<Headers>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    headers.add(&path, &mut response);
    response
}

/// The service with a count of what it is asked for. For tests: the count grows without a limit.
pub fn counted(app: Router) -> (Router, Requests) {
    let requests = Requests::default();
    (app.layer(from_fn_with_state(Arc::clone(&requests), count)), requests)
}

async fn count(State(requests): State<Requests>, request: Request, next: Next) -> Response {
    if let Ok(mut requests) = requests.lock() {
        *requests.entry(request.uri().path().to_owned()).or_default() += 1;
    }
    next.run(request).await
}

/// Listens at `address`; port 0 takes a free one.
///
/// # Errors
/// Where the port is taken, or the address is not this machine's.
pub async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Else the port of a server that has just ended is taken for a minute. On Windows it is not, and this would let
    // two servers have it.
    socket.set_reuseaddr(cfg!(not(windows)))?;
    // What is accepted here has it from here.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
