//! The site's files, each compressed once.
//!
//! [`ServeDir`] looks for a file's compressed form beside it, under the same name with `.br` or `.gz` after it.
//! [`Compressed`] answers as if it lay there: it compresses a file when it is first asked for and keeps what came out
//! in memory, until the file changes.

use std::collections::HashMap;
use std::io::{self, Cursor, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::SystemTime;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tower_http::services::ServeDir;
use tower_http::services::fs::{self, Backend, DefaultServeDirFallback};

use crate::files::{Inside, Later};

/// Of brotli's 0 to 11. The whole page takes about half a second; level 6 makes it 1 % smaller, and level 9 2.5 % in
/// three times as long (docs/benchmarks.md).
const BROTLI: i32 = 5;
/// Files below this many bytes grow.
const SMALLEST: u64 = 32;

/// A file's forms beside the plain one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    Brotli,
    Gzip,
}

impl Form {
    /// Which one is asked for by this name.
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "br" => Some(Self::Brotli),
            "gz" => Some(Self::Gzip),
            _ => None,
        }
    }

    fn compress(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Brotli => {
                let mut small = Vec::new();
                let params =
                    BrotliEncoderParams { quality: BROTLI, size_hint: bytes.len(), ..Default::default() };
                brotli::BrotliCompress(&mut &*bytes, &mut small, &params)?;
                Ok(small)
            }
            Self::Gzip => {
                let mut small = GzEncoder::new(Vec::new(), Compression::default());
                small.write_all(bytes)?;
                small.finish()
            }
        }
    }
}

/// Whether a file of this name gets much smaller: text and programs, not weights (float16 values of a trained network
/// have few patterns), archives and pictures.
fn shrinks(path: &Path) -> bool {
    let Some(kind) = mime_guess::from_path(path).first_raw() else { return false };
    let programs = ["application/javascript", "application/json", "application/wasm", "image/svg+xml"];
    kind.starts_with("text/") || kind.ends_with("+json") || programs.contains(&kind)
}

/// When a file was changed last, and its length in bytes.
type Version = (SystemTime, u64);

/// A compressed form of one version of a file, as soon as somebody has made it.
#[derive(Debug)]
struct Kept {
    version: Version,
    bytes: OnceCell<axum::body::Bytes>,
}

/// The forms of files by where these really are.
type Forms = HashMap<(PathBuf, Form), Arc<Kept>>;

/// A folder's files, with their compressed forms.
#[derive(Clone, Debug)]
pub struct Compressed {
    files: Inside,
    kept: Arc<Mutex<Forms>>,
}

impl Compressed {
    /// The forms are made as they are asked for.
    pub fn new(files: Inside) -> Self {
        Self { files, kept: Arc::default() }
    }

    /// The compressed form of the file `plain`. However many ask for it at once, it is made once.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] where the file may not be seen or does not shrink.
    async fn form(self, plain: PathBuf, form: Form) -> io::Result<Opened> {
        let nothing = || io::Error::from(io::ErrorKind::NotFound);
        if !shrinks(&plain) {
            return Err(nothing());
        }
        let path = self.files.clone().resolve_aside(plain).await?;
        let about = tokio::fs::metadata(&path).await?;
        if !about.is_file() || about.len() < SMALLEST {
            return Err(nothing());
        }
        let changed = about.modified()?;
        let kept = self.kept(&path, form, (changed, about.len()));
        let make = || async {
            let make = move || {
                self.forget_what_is_gone();
                form.compress(&std::fs::read(path)?)
            };
            spawn_blocking(make).await.map_err(io::Error::other)?.map(Into::into)
        };
        let bytes = kept.bytes.get_or_try_init(make).await?.clone();
        let about = About { folder: false, changed: Some(changed), length: bytes.len() as u64 };
        Ok(Opened { bytes: Box::new(Cursor::new(bytes)), about })
    }

    /// The entry for this version of a file; an older version's goes.
    fn kept(&self, path: &Path, form: Form, version: Version) -> Arc<Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = kept.entry((path.to_owned(), form));
        let empty = || Arc::new(Kept { version, bytes: OnceCell::new() });
        let entry = entry.or_insert_with(empty);
        if entry.version != version {
            *entry = empty();
        }
        Arc::clone(entry)
    }

    /// A page that is built again has files of other names.
    fn forget_what_is_gone(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(path, _), _| path.exists());
    }

    async fn find(self, path: PathBuf) -> io::Result<Opened> {
        match Form::of(&path) {
            Some(form) => self.form(path.with_extension(""), form).await,
            None => {
                let file = self.files.open(path).await?;
                let about = About::from(fs::File::metadata(&file).await?);
                Ok(Opened { bytes: Box::new(file), about })
            }
        }
    }

    async fn describe(self, path: PathBuf) -> io::Result<About> {
        match Form::of(&path) {
            Some(form) => Ok(self.form(path.with_extension(""), form).await?.about),
            None => Ok(About::from(self.files.metadata(path).await?)),
        }
    }
}

impl Backend for Compressed {
    type File = Opened;
    type Metadata = About;
    type OpenFuture = Later<Opened>;
    type MetadataFuture = Later<About>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        Box::pin(self.clone().find(path))
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        Box::pin(self.clone().describe(path))
    }
}

/// What an answer says of a file.
#[derive(Clone, Copy, Debug)]
pub struct About {
    folder: bool,
    changed: Option<SystemTime>,
    length: u64,
}

impl From<std::fs::Metadata> for About {
    fn from(about: std::fs::Metadata) -> Self {
        Self { folder: about.is_dir(), changed: about.modified().ok(), length: about.len() }
    }
}

impl fs::Metadata for About {
    fn is_dir(&self) -> bool {
        self.folder
    }

    fn modified(&self) -> io::Result<SystemTime> {
        self.changed.ok_or_else(|| io::ErrorKind::Unsupported.into())
    }

    fn len(&self) -> u64 {
        self.length
    }
}

/// On the disk or in memory.
trait Source: AsyncRead + AsyncSeek + Unpin + Send + Sync {}

impl<T: AsyncRead + AsyncSeek + Unpin + Send + Sync> Source for T {}

/// A file, or its compressed form.
pub struct Opened {
    bytes: Box<dyn Source>,
    about: About,
}

impl AsyncRead for Opened {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_read(context, into)
    }
}

impl AsyncSeek for Opened {
    fn start_seek(mut self: Pin<&mut Self>, to: SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.bytes).start_seek(to)
    }

    fn poll_complete(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.bytes).poll_complete(context)
    }
}

impl fs::File for Opened {
    type Metadata = About;
    type MetadataFuture<'a> = std::future::Ready<io::Result<About>>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        std::future::ready(Ok(self.about))
    }
}

/// The files of a folder, compressed for whoever understands it.
pub fn files(inside: Inside) -> ServeDir<DefaultServeDirFallback, Compressed> {
    let root = inside.root().to_owned();
    ServeDir::with_backend(root, Compressed::new(inside)).precompressed_br().precompressed_gzip()
}

/// `files`, whose answers have a compressed form, with what HTTP says of such answers.
pub fn layer(files: Router) -> Router {
    files.layer(from_fn(complete))
}

async fn complete(mut request: Request, next: Next) -> Response {
    // The compressed forms have no addresses of their own.
    let path: Vec<u8> = percent_decode_str(request.uri().path()).collect();
    if Form::of(Path::new(&*String::from_utf8_lossy(&path))).is_some() {
        return StatusCode::NOT_FOUND.into_response();
    }
    // Ranges are of the file itself.
    if request.headers().contains_key(header::RANGE) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    let mut response = next.run(request).await;
    if response.headers().contains_key(header::CONTENT_ENCODING) {
        response.headers_mut().remove(header::ACCEPT_RANGES);
    }
    // Caches learn from it as from the whole answer (RFC 9110, 15.4.5).
    if response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}
