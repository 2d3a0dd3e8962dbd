//! A server of one test's own: it can be stopped, started again, and made to break off.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use futures::StreamExt;
use serve::Folders;
use tokio::runtime::{Builder, Runtime};

/// Ending what is being sent takes no longer than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was asked for, and how much of it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `GET` or `HEAD`.
    pub method: String,
    /// The path, with its `/`.
    pub path: String,
    /// The value of the header `Range`.
    pub range: Option<String>,
    /// Bytes of the body that were handed out.
    pub sent: u64,
}

/// What a [`Site`] and its server share.
#[derive(Default)]
struct Record {
    asked: Vec<Asked>,
    /// How many of them were told.
    told: usize,
    /// So many bytes of `.onnx` files may still be sent before the connection breaks.
    budget: Option<u64>,
    /// So many bytes of `.gz` and `.onnx` files may still be sent before nothing more comes, without an end.
    patience: Option<u64>,
    /// Paths that get no answer.
    mute: Vec<String>,
    /// Whether answers go without the policy that keeps the page to its own files.
    lax: bool,
}

type Shared = Arc<Mutex<Record>>;

/// A server on one port.
pub struct Site {
    address: SocketAddr,
    record: Shared,
    running: Option<Runtime>,
}

impl Site {
    /// Serves `folders` on a free port.
    ///
    /// # Errors
    /// Where the page is not built.
    pub fn start(folders: &Folders) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut site = Self { address, record: Shared::default(), running: None };
        site.start_again(folders)?;
        Ok(site)
    }

    /// Serves `folders`, which may be others, on the port that it had.
    ///
    /// # Errors
    /// Where the page is not built, or somebody else took the port.
    pub fn start_again(&mut self, folders: &Folders) -> anyhow::Result<()> {
        self.stop();
        let app = serve::app(folders).context("the page is not built")?;
        let app = app.layer(from_fn_with_state(Arc::clone(&self.record), meddle));
        let listener = std::net::TcpListener::bind(self.address)?;
        listener.set_nonblocking(true)?;
        self.address = listener.local_addr()?;
        // A runtime of its own: its end closes the connections that are open as well.
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.spawn(async move { axum::serve(tokio::net::TcpListener::from_std(listener)?, app).await });
        self.running = Some(runtime);
        Ok(())
    }

    /// Stops answering, as if the machine had been switched off.
    pub fn stop(&mut self) {
        let Some(runtime) = self.running.take() else { return };
        // On a thread of its own: a test's may not wait for a runtime. It fails only by panicking.
        let _ = std::thread::spawn(|| runtime.shutdown_timeout(PATIENCE)).join();
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks the connection after so many more bytes of `.onnx` files; `None` for never.
    pub fn break_after(&self, bytes: Option<u64>) {
        lock(&self.record).budget = bytes;
    }

    /// Sends nothing more after so many more bytes of `.gz` and `.onnx` files, and keeps the connection, as on a
    /// line that stalls; `None` for never.
    pub fn hold_after(&self, bytes: Option<u64>) {
        lock(&self.record).patience = bytes;
    }

    /// Gives no answer to requests for these paths, with their `/`, and keeps their connections open.
    pub fn mute(&self, paths: &[&str]) {
        lock(&self.record).mute = paths.iter().map(|path| (*path).to_owned()).collect();
    }

    /// Answers without the policy that keeps the page to its own files, for other people's programs: some
    /// start their threads from memory.
    pub fn lift_policy(&self) {
        lock(&self.record).lax = true;
    }

    /// What was asked for since the last call.
    pub fn asked(&self) -> Vec<Asked> {
        let mut record = lock(&self.record);
        let news = record.asked.split_at(record.told).1.to_vec();
        record.told = record.asked.len();
        news
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A test that panicked elsewhere leaves the record as it was.
fn lock(record: &Shared) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn meddle(State(record): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let range = request.headers().get(header::RANGE);
    let range = range.and_then(|range| range.to_str().ok()).map(str::to_owned);
    let breakable = path.ends_with(".onnx");
    let holdable = breakable || path.ends_with(".gz");
    let method = request.method().to_string();
    let at = {
        let mut record = lock(&record);
        record.asked.push(Asked { method, path: path.clone(), range, sent: 0 });
        record.asked.len() - 1
    };
    if lock(&record).mute.contains(&path) {
        return std::future::pending().await;
    }
    let (mut head, body) = next.run(request).await.into_parts();
    if lock(&record).lax {
        head.headers.remove(header::CONTENT_SECURITY_POLICY);
    }
    let held = Arc::clone(&record);
    let body = body.into_data_stream().then(move |bytes| {
        let length = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        let mut record = lock(&held);
        let left = record.patience.map(|left| left.checked_sub(length));
        let holds = holdable && left == Some(None);
        if holdable && let Some(Some(left)) = left {
            record.patience = Some(left);
        }
        async move {
            if holds {
                futures::future::pending::<()>().await;
            }
            bytes
        }
    });
    let body = body.map(move |bytes| {
        let bytes = bytes.map_err(std::io::Error::other)?;
        let mut record = lock(&record);
        let length = bytes.len() as u64;
        if breakable && let Some(budget) = &mut record.budget {
            match budget.checked_sub(length) {
                Some(left) => *budget = left,
                None => return Err(std::io::Error::other("broken by a test")),
            }
        }
        if let Some(asked) = record.asked.get_mut(at) {
            asked.sent += length;
        }
        Ok(bytes)
    });
    Response::from_parts(head, Body::from_stream(body))
}
