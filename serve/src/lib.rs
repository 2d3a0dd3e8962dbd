//! A small server for the page's own files, with the headers that the page wants.
//!
//! `/` is the built page, `/models/` the backbones, and `/data/` the datasets that were put
//! there, with a list of them at `/data.json`. Files only, read-only.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Json, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

/// What is served.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The built page.
    pub dist: PathBuf,
    /// The backbones.
    pub models: PathBuf,
    /// Datasets; need not exist.
    pub data: PathBuf,
}

/// How often each path was asked for.
pub type Requests = Arc<Mutex<BTreeMap<String, u32>>>;

/// The headers of every answer.
///
/// Cross-origin isolation, files that are asked for anew each time (with a short answer where
/// they have not changed), and no address but the page's own.
struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    fn new(index: &str) -> Self {
        let hashes: String =
            inline_scripts(index).map(|script| format!(" 'sha256-{}'", hash(script))).collect();
        let policy = format!(
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{hashes}; img-src 'self' blob: data:; \
             object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'"
        );
        let fixed = [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ];
        let mut headers: Vec<_> = fixed
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .into();
        headers.push((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")));
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.push((header::CONTENT_SECURITY_POLICY, policy));
        }
        Self(headers)
    }
}

/// The scripts that stand in the page itself: the one with which Trunk starts the program.
fn inline_scripts(index: &str) -> impl Iterator<Item = &str> {
    index.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(script)
    })
}

fn hash(script: &str) -> String {
    STANDARD.encode(Sha256::digest(script.as_bytes()))
}

/// The names of the files in `folder`; none where it does not exist.
fn list(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.') && !name.ends_with(".part"))
        .collect();
    names.sort();
    names
}

/// The service, and the count of what it was asked for.
///
/// # Errors
/// Where the page is not built.
pub fn app(folders: &Folders) -> io::Result<(Router, Requests)> {
    let index = std::fs::read_to_string(folders.dist.join("index.html"))?;
    let requests = Requests::default();
    let state = (Arc::new(Headers::new(&index)), Arc::clone(&requests));
    let data = folders.data.clone();
    let app = Router::new()
        .route("/data.json", get(move || async move { Json(list(&data)) }))
        .nest_service("/models", ServeDir::new(&folders.models))
        .nest_service("/data", ServeDir::new(&folders.data))
        .fallback_service(ServeDir::new(&folders.dist))
        .layer(from_fn_with_state(state, count_and_add_headers));
    Ok((app, requests))
}

async fn count_and_add_headers(
    State((headers, requests)): State<(Arc<Headers>, Requests)>,
    request: Request,
    next: Next,
) -> Response {
    if let Ok(mut requests) = requests.lock() {
        *requests.entry(request.uri().path().to_owned()).or_default() += 1;
    }
    let mut response = next.run(request).await;
    for (name, value) in &headers.0 {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response
}

/// Listens at `address`; port 0 takes a free one.
///
/// # Errors
/// Where the port is taken.
pub async fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}
