//! Features of images that nobody computed: as many as a test or a measurement needs, put into the
//! browser's store by the product's own code.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use bottleneck::backbone::Manifest;
use bottleneck::features::FeatureSpace;
use serde_json::{Value, json};
use serve::Folders;

use crate::{Asked, Browser, Site, root};

/// A browser and a server on one port, which serves the measuring page or the product's.
pub struct Synthetic {
    /// The browser.
    pub browser: Browser,
    site: Site,
    /// Address of the backbone's manifest.
    backbone: String,
    space: FeatureSpace,
    row: usize,
}

impl Synthetic {
    /// Serves the measuring page to a fresh Chromium. Features will be those of the backbone `name`.
    ///
    /// # Errors
    /// Where one of the pages or the backbone is not built.
    pub async fn start(name: &str) -> anyhow::Result<Self> {
        Self::begin(name, |_| {}).await
    }

    /// The same with other people's programs allowed: see [`Site::lift_policy`].
    ///
    /// # Errors
    /// Those of [`Self::start`].
    pub async fn start_lax(name: &str) -> anyhow::Result<Self> {
        Self::begin(name, Site::lift_policy).await
    }

    async fn begin(name: &str, prepare: impl FnOnce(&Site)) -> anyhow::Result<Self> {
        let backbone = format!("models/{name}");
        let manifest = std::fs::read(root().join(&backbone)).context("no such backbone")?;
        let manifest = Manifest::parse(&manifest)?;
        let site = Site::start(&Folders { dist: root().join("target/bench"), ..folders() })?;
        prepare(&site);
        let browser = Browser::at(site.address(), &[]).await?;
        browser.open("").await?;
        let (space, row) = (FeatureSpace::of(&manifest), manifest.features.len());
        Ok(Self { browser, site, backbone, space, row })
    }

    /// Gives the measuring page a task, and waits for what comes of it.
    ///
    /// # Errors
    /// What the task says.
    pub async fn run(&self, task: Value) -> anyhow::Result<Value> {
        self.ask("run", task).await.and_then(succeeded)
    }

    /// Gives it a task that two of its workers do at the same time, and waits for what comes of both.
    ///
    /// # Errors
    /// What the task says.
    pub async fn run_twice(&self, task: Value) -> anyhow::Result<Vec<Value>> {
        let outcomes: Vec<Value> = serde_json::from_value(self.ask("runTwice", task).await?)?;
        outcomes.into_iter().map(succeeded).collect()
    }

    async fn ask(&self, function: &str, task: Value) -> anyhow::Result<Value> {
        let code = format!("const [task, done] = arguments; {function}(task).then(done);");
        Ok(self.browser.client.execute_async(&code, vec![task]).await?)
    }

    /// What the server was asked for since the last call.
    pub fn asked(&self) -> Vec<Asked> {
        self.site.asked()
    }

    /// Stores the features of so many images. Gives how many a second were written.
    ///
    /// # Errors
    /// Those of [`Self::run`].
    pub async fn fill(&self, images: u32) -> anyhow::Result<f64> {
        let task = json!({ "task": "fill", "images": images, "row": self.row, "space": self.space });
        rate(&self.run(task).await?)
    }

    /// Reads the features of so many images. Gives how many a second were read.
    ///
    /// # Errors
    /// Those of [`Self::run`].
    pub async fn read(&self, images: u32) -> anyhow::Result<f64> {
        rate(&self.run(json!({ "task": "read", "images": images, "space": self.space })).await?)
    }

    /// Serves the product's page from now on, and opens it with this backbone and the rest of the `query`.
    ///
    /// # Errors
    /// Where it is not built.
    pub async fn to_page(&mut self, query: &str) -> anyhow::Result<()> {
        self.site.start_again(&folders())?;
        self.browser.open(&format!("{query}&backbone={}", self.backbone)).await
    }
}

fn folders() -> Folders {
    Folders { data: root().join("no-data"), ..Folders::checkout(&root()) }
}

fn succeeded(outcome: Value) -> anyhow::Result<Value> {
    match outcome["error"].as_str() {
        Some(error) => bail!("{error}"),
        None => Ok(outcome),
    }
}

fn rate(outcome: &Value) -> anyhow::Result<f64> {
    outcome["images_per_second"].as_f64().context("no rate")
}

/// Writes images number `begin` to `end` as one of CIFAR-10's batches.
///
/// # Errors
/// Where the file cannot be written.
pub fn write_batch(file: &Path, begin: u32, end: u32) -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    for number in begin..end {
        let image = bench_page::image(number);
        out.write_all(&[bench_page::label(number)])?;
        for channel in 0..3 {
            let plane: Vec<u8> = image.pixels().iter().skip(channel).step_by(3).copied().collect();
            out.write_all(&plane)?;
        }
    }
    out.flush()
}
