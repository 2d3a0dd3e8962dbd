//! The built page in a real browser, driven through its WebDriver.

mod camera;
mod devtools;
mod display;
mod downloads;
mod folds;
mod kind;
mod planted;
mod scale;
mod site;
#[path = "../../native/skipped.rs"]
mod skipped;
mod synthetic;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use bottleneck::backbone::{LIGHT, Manifest, NOTEBOOK, Purpose};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use serve::{Folders, Requests};
use tokio::process::{Child, Command};

use display::Display;

pub use camera::By;
pub use devtools::Workers;
pub use kind::{Kind, tools};
pub use planted::Planted;
pub use scale::AtScale;
pub use site::{Asked, Site};
pub use synthetic::{Synthetic, write_batch};

/// How often a condition is looked at.
const POLL: Duration = Duration::from_millis(100);

/// The address of the view with the notebook's cells.
const NOTEBOOK_VIEW: &str = "#/notebook";

/// This checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The file `name` of the folder with real data, which may not be there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(name);
    if path.exists() {
        return path.canonicalize().ok();
    }
    skipped::skipped(&format!("{name} is not beside this checkout"));
    None
}

/// This checkout's page and backbones, without datasets, where the manifest of InceptionV3 says that its
/// weights are good for `purpose`, whatever they are here. The folder lasts as long as the second value.
///
/// # Errors
/// Where there are no backbones.
pub fn folders_where_notebook_is(purpose: Purpose) -> anyhow::Result<(Folders, tempfile::TempDir)> {
    let models = tempfile::tempdir()?;
    let copy = |address: &str, purpose: Option<Purpose>| -> anyhow::Result<()> {
        let from = root().join(address);
        let mut manifest = Manifest::parse(&std::fs::read(&from)?)?;
        manifest.purpose = purpose.unwrap_or(manifest.purpose);
        std::fs::copy(from.with_file_name(&manifest.file), models.path().join(&manifest.file))?;
        let name = from.file_name().context("a manifest has a name")?;
        Ok(std::fs::write(models.path().join(name), serde_json::to_vec(&manifest)?)?)
    };
    copy(NOTEBOOK, Some(purpose))?;
    copy(LIGHT, None)?;
    let data = root().join("no-data");
    let folders = Folders { data, models: models.path().to_owned(), ..Folders::checkout(&root()) };
    Ok((folders, models))
}

/// A browser with an empty profile that looks at this checkout's page.
pub struct Browser {
    /// The page's driver.
    pub client: Client,
    /// How often each path was asked for.
    pub requests: Requests,
    address: SocketAddr,
    /// Its profile and its downloads.
    folder: tempfile::TempDir,
    _driver: Child,
    /// Where it shows itself, if it cannot do without.
    _display: Option<Display>,
}

impl Browser {
    /// Serves the built page on a free port and starts Chromium.
    pub async fn start() -> anyhow::Result<Self> {
        Self::launch(Kind::Chromium, &[]).await
    }

    /// Serves the built page on a free port and starts a browser of this kind.
    pub async fn start_in(kind: Kind) -> anyhow::Result<Self> {
        Self::launch(kind, &[]).await
    }

    /// Serves the built page on a free port and starts Chromium with some more flags.
    pub async fn start_with(flags: &[String]) -> anyhow::Result<Self> {
        Self::launch(Kind::Chromium, flags).await
    }

    async fn launch(kind: Kind, flags: &[String]) -> anyhow::Result<Self> {
        let folders = Folders { data: root().join("no-data"), ..Folders::checkout(&root()) };
        let (app, requests) = serve::counted(serve::app(&folders).context("the page is not built")?);
        let listener = serve::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self::drive(kind, address, requests, flags).await
    }

    /// Starts Chromium, with some more flags, for a page that is served at `address` by others.
    pub async fn at(address: SocketAddr, flags: &[String]) -> anyhow::Result<Self> {
        Self::drive(Kind::Chromium, address, Requests::default(), flags).await
    }

    /// Starts a browser of this kind for a page that is served at `address` by others.
    pub async fn at_in(kind: Kind, address: SocketAddr) -> anyhow::Result<Self> {
        Self::drive(kind, address, Requests::default(), &[]).await
    }

    async fn drive(
        kind: Kind,
        address: SocketAddr,
        requests: Requests,
        flags: &[String],
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(kind::downloads(folder.path()))?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let display = if kind == Kind::WebKit { Some(Display::start().await?) } else { None };
        let driver = Command::new(kind.driver())
            .arg(format!("--port={port}"))
            .env("PATH", kind::path()?)
            .envs(display.iter().map(|display| ("DISPLAY", &display.name)))
            .envs(kind.variables(folder.path())?)
            .stdout(Stdio::null())
            // Firefox and WebKit tell a lot about themselves there.
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", kind.driver()))?;
        let capabilities = kind.capabilities(folder.path(), flags);
        let Value::Object(capabilities) = capabilities else { bail!("capabilities are an object") };
        let begun = Instant::now();
        let client = loop {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            match builder
                .capabilities(capabilities.clone())
                .connect(&format!("http://127.0.0.1:{port}"))
                .await
            {
                Ok(client) => break client,
                Err(error) if begun.elapsed() > Duration::from_secs(60) => return Err(error.into()),
                Err(_) => tokio::time::sleep(POLL).await,
            }
        };
        client
            .update_timeouts(fantoccini::wd::TimeoutConfiguration::new(
                Some(Duration::from_secs(600)),
                None,
                None,
            ))
            .await?;
        let browser = Self { client, requests, address, folder, _driver: driver, _display: display };
        match kind {
            Kind::Chromium => {
                // A Python program is otherwise kept back at times, until the person confirms it.
                let behaviour =
                    json!({ "behavior": "allow", "downloadPath": kind::downloads(browser.folder.path()) });
                browser.devtools("Browser.setDownloadBehavior", behaviour).await?;
            }
            Kind::Firefox => {}
            Kind::WebKit => browser.client.set_window_size(1440, 1200).await?,
        }
        Ok(browser)
    }

    /// Opens the page's notebook with `query`, such as `?lang=es`.
    pub async fn open(&self, query: &str) -> anyhow::Result<()> {
        self.load(query).await?;
        // An address that differs in this part only would not be loaded anew.
        self.go(NOTEBOOK_VIEW).await
    }

    /// Opens the page with `query`, at the view that it begins with.
    pub async fn load(&self, query: &str) -> anyhow::Result<()> {
        self.client.goto(&format!("http://{}/{query}", self.address)).await?;
        Ok(())
    }

    /// Goes to a view of the open page, such as `#/teach`.
    pub async fn go(&self, view: &str) -> anyhow::Result<()> {
        self.client.execute("location.hash = arguments[0];", vec![json!(view)]).await?;
        Ok(())
    }

    /// How often `path` was asked for.
    pub fn count(&self, path: &str) -> u32 {
        self.requests.lock().map_or(0, |requests| requests.get(path).copied().unwrap_or(0))
    }

    /// The element with this test id, waited for.
    pub async fn find(&self, id: &str) -> anyhow::Result<Element> {
        let selector = format!("[data-testid={id}]");
        let wait = self.client.wait().at_most(Duration::from_secs(30));
        wait.for_element(Locator::Css(&selector)).await.with_context(|| format!("no element `{id}`"))
    }

    /// An attribute of the first element with this test id; `None` where there is none.
    pub async fn attribute(&self, id: &str, name: &str) -> anyhow::Result<Option<String>> {
        let script = "const e = document.querySelector(`[data-testid=${arguments[0]}]`);
                      return e ? e.getAttribute(arguments[1]) : null;";
        let value = self.client.execute(script, vec![json!(id), json!(name)]).await?;
        Ok(value.as_str().map(str::to_owned))
    }

    /// The text of the first element with this test id, shown or folded away.
    pub async fn text(&self, id: &str) -> anyhow::Result<String> {
        let script = "const e = document.querySelector(`[data-testid=${arguments[0]}]`);
                      return e ? e.textContent : '';";
        let value = self.client.execute(script, vec![json!(id)]).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until the attribute is as `wanted` says, and gives it. Fails after `seconds`, and
    /// at once where the page shows a problem.
    pub async fn wait_for(
        &self,
        id: &str,
        name: &str,
        seconds: u64,
        wanted: impl Fn(&str) -> bool,
    ) -> anyhow::Result<String> {
        let begun = Instant::now();
        loop {
            let value = self.attribute(id, name).await?;
            if let Some(value) = value.as_ref().filter(|value| wanted(value)) {
                return Ok(value.clone());
            }
            let error = self.text("error").await?;
            if !error.is_empty() && id != "error" {
                bail!("while waiting for {id} {name}, the page says: {error}");
            }
            if begun.elapsed() > Duration::from_secs(seconds) {
                let log = self.console().await.unwrap_or_default();
                bail!("{id} has {name} {value:?} after {seconds} s; the console says: {log:?}");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Clicks the button with this test id once it can be clicked; what is folded around it is opened first.
    pub async fn click(&self, id: &str) -> anyhow::Result<()> {
        let script = format!(
            "{} const e = document.querySelector(`[data-testid=${{arguments[0]}}]`);
            if (!e || e.disabled || e.ariaDisabled === 'true') return false;
            open(e); e.click(); return true;",
            folds::OPEN
        );
        let begun = Instant::now();
        while self.client.execute(&script, vec![json!(id)]).await? != Value::Bool(true) {
            if begun.elapsed() > Duration::from_secs(30) {
                bail!("`{id}` cannot be clicked");
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Types into the number field with this test id, as a person who leaves it afterwards.
    pub async fn fill(&self, id: &str, value: &str) -> anyhow::Result<()> {
        self.enabled(id).await?;
        let script = "const e = document.querySelector(`[data-testid=${arguments[0]}]`);
                      e.value = arguments[1];
                      e.dispatchEvent(new Event('input', { bubbles: true }));
                      e.dispatchEvent(new Event('change', { bubbles: true }));";
        self.client.execute(script, vec![json!(id), json!(value)]).await?;
        Ok(())
    }

    /// Trains a head of this preset, for three epochs where it has epochs, and waits until the result is about it.
    pub async fn train(&self, preset: &str) -> anyhow::Result<()> {
        self.click(preset).await?;
        let has_epochs = preset != "preset-nearest";
        let shown = format!("(document.querySelector('[data-testid=epochs]') !== null) === {has_epochs}");
        self.until("the preset's settings", &shown).await?;
        if has_epochs {
            self.fill("epochs", "3").await?;
        }
        self.click("train-start").await?;
        self.wait_for("test-accuracy", "data-preset", 300, |shown| shown == preset).await?;
        Ok(())
    }

    /// What a script gives.
    pub async fn script(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, vec![]).await?)
    }

    /// Waits until an expression is true.
    pub async fn until(&self, what: &str, condition: &str) -> anyhow::Result<()> {
        let begun = Instant::now();
        while self.script(&format!("return {condition};")).await? != Value::Bool(true) {
            if begun.elapsed() > Duration::from_secs(120) {
                bail!("{what}: {condition}; the page says: {}", self.text("error").await?);
            }
            // Some of what is waited for does not last.
            tokio::time::sleep(POLL / 4).await;
        }
        Ok(())
    }

    /// Waits until the control with this test id can be used, and opens what is folded around it.
    async fn enabled(&self, id: &str) -> anyhow::Result<()> {
        self.unfold(id).await?;
        let script = "return !document.querySelector(`[data-testid=${arguments[0]}]`)?.disabled;";
        let begun = Instant::now();
        while self.client.execute(script, vec![json!(id)]).await? != Value::Bool(true) {
            if begun.elapsed() > Duration::from_secs(30) {
                bail!("`{id}` cannot be used");
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Gives files to the file field with this test id.
    pub async fn choose(&self, id: &str, files: &[&Path]) -> anyhow::Result<()> {
        self.enabled(id).await?;
        let paths: Vec<_> = files.iter().map(|path| path.display().to_string()).collect();
        self.find(id).await?.send_keys(&paths.join("\n")).await?;
        Ok(())
    }

    /// Moves the focus to the element with this test id and types there, as with a keyboard.
    pub async fn press_on(&self, id: &str, keys: &str) -> anyhow::Result<()> {
        self.enabled(id).await?;
        let script = "document.querySelector(`[data-testid=${arguments[0]}]`).focus();";
        self.client.execute(script, vec![json!(id)]).await?;
        self.press(keys).await
    }

    /// Types where the focus is.
    pub async fn press(&self, keys: &str) -> anyhow::Result<()> {
        self.client.active_element().await?.send_keys(keys).await?;
        Ok(())
    }

    /// Presses these keys one after the other and lets all of them go, wherever the focus is.
    pub async fn press_together(&self, keys: &[char]) -> anyhow::Result<()> {
        let down = keys.iter().map(|&value| KeyAction::Down { value });
        let up = keys.iter().rev().map(|&value| KeyAction::Up { value });
        let actions = down.chain(up).fold(KeyActions::new("keyboard".to_owned()), KeyActions::then);
        self.client.perform_actions(actions).await?;
        Ok(())
    }

    /// Waits until the page shows the problem `kind`, perhaps among others.
    pub async fn wait_for_problem(&self, kind: &str, seconds: u64) -> anyhow::Result<()> {
        let script = "return [...document.querySelectorAll('[data-testid=error]')].map(e => e.dataset.kind);";
        let begun = Instant::now();
        loop {
            let shown: Vec<String> = serde_json::from_value(self.client.execute(script, vec![]).await?)?;
            if shown.iter().any(|shown| shown == kind) {
                return Ok(());
            }
            if begun.elapsed() > Duration::from_secs(seconds) {
                bail!("the page shows {shown:?} and not {kind} after {seconds} s");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Puts every shown problem away.
    pub async fn dismiss_errors(&self) -> anyhow::Result<()> {
        while !self.text("error").await?.is_empty() {
            self.dismiss_error().await?;
        }
        Ok(())
    }

    /// Puts the first shown problem away.
    pub async fn dismiss_error(&self) -> anyhow::Result<()> {
        let script = "document.querySelector('[data-testid=error] button').click();";
        self.client.execute(script, vec![]).await?;
        Ok(())
    }

    /// Drops a file with the mouse on the middle of the drop zone with this test id.
    pub async fn drop_file(&self, id: &str, file: &Path) -> anyhow::Result<()> {
        let middle = "const e = document.querySelector(`[data-testid=${arguments[0]}]`);
                      e.scrollIntoView({ block: 'center', behavior: 'instant' });
                      const box = e.getBoundingClientRect();
                      return [box.x + box.width / 2, box.y + box.height / 2];";
        let hovered =
            "return document.querySelector(`[data-testid=${arguments[0]}]`).closest('.hovered') !== null;";
        self.enabled(id).await?;
        let data = json!({ "items": [], "files": [file], "dragOperationsMask": 1 });
        let drag = async |kind: &str, at: &Value| {
            let event = json!({ "type": kind, "x": at[0], "y": at[1], "data": data });
            self.client.issue_cmd(devtools::DevTools("Input.dispatchDragEvent", event)).await
        };
        let listen = "window.dropped = false;
                      document.querySelector(`[data-testid=${arguments[0]}]`).parentElement
                          .addEventListener('drop', () => { window.dropped = true; }, { once: true });";
        self.client.execute(listen, vec![json!(id)]).await?;
        let begun = Instant::now();
        loop {
            // What appears above the zone meanwhile moves it: a person would follow it.
            let at = self.client.execute(middle, vec![json!(id)]).await?;
            drag("dragEnter", &at).await?;
            drag("dragOver", &at).await?;
            if self.client.execute(hovered, vec![json!(id)]).await? == Value::Bool(true) {
                drag("drop", &at).await?;
                // It is a drop only where the zone has not moved away in this moment.
                let seen = Instant::now();
                while seen.elapsed() < Duration::from_secs(2) {
                    if self.client.execute("return window.dropped;", vec![]).await? == Value::Bool(true) {
                        return Ok(());
                    }
                    tokio::time::sleep(POLL).await;
                }
            }
            if begun.elapsed() > Duration::from_secs(30) {
                bail!("`{id}` takes no notice of what is dragged over it");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Lets the page store so many bytes in all; `None` is what the browser gives by itself.
    pub async fn limit_storage(&self, bytes: Option<u64>) -> anyhow::Result<()> {
        let mut limit = json!({ "origin": format!("http://{}", self.address) });
        if let Some(bytes) = bytes {
            limit["quotaSize"] = json!(bytes);
        }
        self.client.issue_cmd(devtools::DevTools("Storage.overrideQuotaForOrigin", limit)).await?;
        Ok(())
    }

    /// The result of a method of the DevTools protocol, called for the page.
    pub async fn devtools(&self, method: &'static str, parameters: Value) -> anyhow::Result<Value> {
        Ok(self.client.issue_cmd(devtools::DevTools(method, parameters)).await?)
    }

    /// What the page's console holds of errors.
    pub async fn console(&self) -> anyhow::Result<Vec<String>> {
        let entries = self.client.issue_cmd(devtools::ConsoleLog).await?;
        let entries = entries.as_array().cloned().unwrap_or_default();
        let severe = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        Ok(severe.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect())
    }

    /// A picture of the whole page at this width, as PNG.
    pub async fn screenshot(&self, width: u32) -> anyhow::Result<Vec<u8>> {
        self.client.set_window_size(width, 1200).await?;
        let script = "return document.documentElement.scrollHeight;";
        let height = self.client.execute(script, vec![]).await?.as_u64().unwrap_or(1200);
        self.client.set_window_size(width, height as u32 + 160).await?;
        Ok(self.client.screenshot().await?)
    }

    /// The browser's own debugging port.
    fn debugger(&self) -> anyhow::Result<&str> {
        let capabilities = self.client.capabilities().context("no session")?;
        let address =
            capabilities.get("goog:chromeOptions").and_then(|options| options["debuggerAddress"].as_str());
        address.context("no debugging port")
    }

    /// The page's threads.
    pub async fn workers(&self) -> anyhow::Result<Workers> {
        Workers::connect(self.debugger()?, &self.address.to_string()).await
    }

    /// Has each script run before the own code of every worker whose program's file name contains the name
    /// before it, of pages that are opened from now on. For as long as what it gives is there.
    pub async fn before_workers(&self, scripts: &[(&str, &str)]) -> anyhow::Result<Planted> {
        Planted::plant(self.debugger()?, scripts).await
    }

    /// Has the script run before the page's own code, from the next opening on.
    pub async fn before_page(&self, script: &str) -> anyhow::Result<()> {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await?;
        Ok(())
    }

    /// Ends the browser.
    pub async fn close(self) -> anyhow::Result<()> {
        self.client.clone().close().await?;
        Ok(())
    }
}
