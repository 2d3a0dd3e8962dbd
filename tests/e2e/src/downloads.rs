//! What the page gives to the person as files.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::{Browser, POLL, kind};

impl Browser {
    /// The file of this name among the downloads, waited for.
    pub async fn downloaded(&self, name: &str) -> anyhow::Result<PathBuf> {
        let file = kind::downloads(self.folder.path()).join(name);
        let begun = Instant::now();
        // Firefox makes the file before it fills it, and WebKit fills it in place.
        while !std::fs::metadata(&file).is_ok_and(|file| file.len() > 0) || is_open(&file) {
            if begun.elapsed() > Duration::from_secs(60) {
                let came = std::fs::read_dir(kind::downloads(self.folder.path()))?
                    .map(|entry| Ok(entry?.file_name()))
                    .collect::<anyhow::Result<Vec<_>>>()?;
                bail!("no file {name} came, but {came:?}");
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(file)
    }
}

/// Whether a program has the file open, where the system tells (Linux does).
fn is_open(file: &Path) -> bool {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let opened = processes.filter_map(|process| std::fs::read_dir(process.path().join("fd")).ok());
    // What ends meanwhile has nothing open.
    opened.flatten().flatten().any(|entry| std::fs::read_link(entry.path()).is_ok_and(|path| path == file))
}
