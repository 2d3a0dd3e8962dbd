//! The browsers that the page is tested in, and where their drivers are.

use std::ffi::OsString;
use std::fs;
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
    /// WebKit, by `WebKitWebDriver`, which starts the browser that comes with it. Each session is as in a private
    /// window: nothing of it is left for the next.
    WebKit,
}

impl Kind {
    pub(crate) fn driver(self) -> &'static str {
        match self {
            Self::Chromium => "chromedriver",
            Self::Firefox => "geckodriver",
            Self::WebKit => "WebKitWebDriver",
        }
    }

    /// The variables that the driver, and so the browser, is started with. WebKit takes the place of its
    /// downloads from the home folder; the others are told by [`Kind::capabilities`].
    ///
    /// # Errors
    /// Where `folder` cannot be written.
    pub(crate) fn variables(self, folder: &Path) -> anyhow::Result<Vec<(&'static str, OsString)>> {
        if self != Self::WebKit {
            return Ok(Vec::new());
        }
        let settings = folder.join("settings");
        fs::create_dir(&settings)?;
        let downloads = format!("XDG_DOWNLOAD_DIR=\"{}\"\n", downloads(folder).display());
        fs::write(settings.join("user-dirs.dirs"), downloads)?;
        Ok(vec![
            ("HOME", folder.into()),
            ("XDG_CONFIG_HOME", settings.into()),
            // Not a window of the person whose machine this is.
            ("GDK_BACKEND", "x11".into()),
        ])
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
            Self::WebKit => json!({}),
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
