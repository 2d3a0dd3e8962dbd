//! Where the files are.

use std::path::{Path, PathBuf};

/// What is served. All but the page need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// The built page.
    pub dist: PathBuf,
    /// The backbones.
    pub models: PathBuf,
    /// Datasets.
    pub data: PathBuf,
    /// The licences of everything in a bundle.
    pub licences: PathBuf,
}

impl Folders {
    /// The folders of an unpacked bundle.
    pub fn bundle(root: &Path) -> Self {
        Self { dist: root.join("site"), ..Self::checkout(root) }
    }

    /// The folders of a checkout.
    pub fn checkout(root: &Path) -> Self {
        let [dist, models, data, licences] =
            ["dist", "models", "data", "licences"].map(|folder| root.join(folder));
        Self { dist, models, data, licences }
    }

    /// The bundle that the program `exe` lies in, else the checkout `otherwise`.
    pub fn find(exe: Option<&Path>, otherwise: &Path) -> Self {
        let beside = exe.and_then(Path::parent).map(Self::bundle);
        beside.filter(|bundle| bundle.dist.is_dir()).unwrap_or_else(|| Self::checkout(otherwise))
    }
}
