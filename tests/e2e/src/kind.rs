//! The browsers that the page is tested in, and where their drivers are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Value, json};

/// Chromium without a window, without any traffic of its own, and with WebGPU on the CPU.
const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--enable-unsafe-webgpu",
    "--hide-scrollbars",
    "--window-size=1440,1200",
    "--lang=es",
];

/// A browser. What is done by the DevTools protocol and the console are Chromium's only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chromium, by chromedriver.
    Chromium,
    /// Firefox, by geckodriver.
    Firefox,
}

impl Kind {
    pub(crate) fn driver(self) -> &'static str {
        match self {
            Self::Chromium => "chromedriver",
            Self::Firefox => "geckodriver",
        }
    }

    /// What the driver is asked for; `folder` takes the profile and the downloads.
    pub(crate) fn capabilities(self, folder: &Path, flags: &[String]) -> Value {
        let downloads = downloads(folder);
        match self {
            Self::Chromium => {
                let mut args = [&FLAGS.map(str::to_owned), flags].concat();
                args.push(format!("--user-data-dir={}", folder.join("profile").display()));
                json!({
                    "goog:chromeOptions": {
                        "args": args,
                        "prefs": { "download.default_directory": downloads },
                    },
                    "goog:loggingPrefs": { "browser": "ALL" },
                })
            }
            Self::Firefox => json!({
                "moz:firefoxOptions": {
                    "args": ["-headless", "--width=1440", "--height=1200"],
                    "prefs": {
                        "intl.accept_languages": "es",
                        "browser.download.folderList": 2,
                        "browser.download.dir": downloads,
                        // It would take the focus from the page.
                        "browser.download.alwaysOpenPanel": false,
                    },
                },
            }),
        }
    }
}

/// Where a browser puts its downloads.
pub(crate) fn downloads(folder: &Path) -> PathBuf {
    folder.join("downloads")
}

/// Where `scripts/setup.sh` puts what it installs.
///
/// # Errors
/// Where there is no home folder.
pub fn tools() -> anyhow::Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cache")));
    Ok(cache.context("there is no home folder")?.join("bottleneck"))
}

/// Where programs are looked for: among the tools first.
pub(crate) fn path() -> anyhow::Result<OsString> {
    let known = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(tools()?.join("bin")).chain(std::env::split_paths(&known));
    Ok(std::env::join_paths(folders)?)
}
