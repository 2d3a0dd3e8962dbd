//! Which files of a folder may be seen from outside.

use std::fs::Metadata;
use std::future::Future;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::pin::Pin;

use tower_http::services::fs::{Backend, TokioBackend, TokioFile};

/// What a folder will give.
pub type Later<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

/// The files below one folder whose names are wanted.
///
/// A link is followed only to what lies in the folder too. Names that begin with a dot, and what
/// is neither file nor folder, do not exist.
#[derive(Clone, Debug)]
pub struct Inside {
    root: PathBuf,
    wanted: fn(&Path) -> bool,
}

impl Inside {
    /// What lies in `root` and has a name that is `wanted`. The folder need not exist.
    pub fn new(root: &Path, wanted: fn(&Path) -> bool) -> Self {
        Self { root: root.to_owned(), wanted }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where `path` really is.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] for everything that may not be seen, there or not.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        let nothing = || io::Error::from(io::ErrorKind::NotFound);
        // Asked anew each time: the folder may be made while the server runs.
        let root = self.root.canonicalize().map_err(|_| nothing())?;
        let path = path.canonicalize().map_err(|_| nothing())?;
        let inside = path.strip_prefix(&root).map_err(|_| nothing())?;
        let plain = |part: Component<'_>| matches!(part, Component::Normal(name) if !name.as_encoded_bytes().starts_with(b"."));
        let kind = path.metadata()?.file_type();
        let seen =
            inside.components().all(plain) && (kind.is_dir() || (kind.is_file() && (self.wanted)(inside)));
        seen.then_some(path).ok_or_else(nothing)
    }

    /// The names of the files that lie directly in the folder, sorted; none where it does not exist.
    pub fn list(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter(|entry| self.resolve(&entry.path()).is_ok_and(|path| path.is_file()))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| !name.starts_with('.') && (self.wanted)(Path::new(name)))
            .collect();
        names.sort();
        names
    }

    /// [`resolve`](Self::resolve) on a thread where it may wait for the disk.
    pub async fn resolve_aside(self, path: PathBuf) -> io::Result<PathBuf> {
        tokio::task::spawn_blocking(move || self.resolve(&path)).await.map_err(io::Error::other)?
    }
}

impl Backend for Inside {
    type File = TokioFile;
    type Metadata = Metadata;
    type OpenFuture = Later<TokioFile>;
    type MetadataFuture = Later<Metadata>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        let this = self.clone();
        Box::pin(async move { TokioBackend.open(this.resolve_aside(path).await?).await })
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        let this = self.clone();
        Box::pin(async move { TokioBackend.metadata(this.resolve_aside(path).await?).await })
    }
}
