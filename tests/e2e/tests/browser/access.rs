//! Who cannot see well, or uses no mouse: axe-core's rules for WCAG 2.2 AA on every view.

use std::fs;
use std::path::{Path, PathBuf};

use bottleneck::backbone::{LIGHT as LIGHT_BACKBONE, Manifest, Purpose};
use bottleneck::dataset::sample;
use bottleneck::interchange::features::{FeatureWriter, Part};
use e2e::{Browser, Site, folders_where_notebook_is, root, tools};
use half::f16;
use serde_json::{Value, json};
use tempfile::TempDir;

const LIGHT: &str = "backbone=models/efficientnet_lite0.json&engine=cpu&train=200&test=50";
/// A camera without a camera, which everybody allows.
const FLAGS: [&str; 2] = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"];
/// A telephone's width in pixels, and a wide window's.
const NARROW: u32 = 360;
const WIDE: u32 = 1440;

/// The page in one browser, and what was found on it.
struct Checked {
    browser: Browser,
    axe: String,
    found: Vec<String>,
    passes: usize,
    // Served as long as they live.
    _site: Site,
    _models: TempDir,
}

impl Checked {
    async fn start() -> Self {
        let axe = tools().unwrap().join("axe-core/node_modules/axe-core/axe.min.js");
        let axe = fs::read_to_string(axe).expect("`make test` installs it");
        // Whatever the weights here are, there is most to be said of development weights.
        let (folders, models) = folders_where_notebook_is(Purpose::Development).unwrap();
        let site = Site::start(&folders).unwrap();
        let browser = Browser::at(site.address(), &FLAGS.map(str::to_owned)).await.unwrap();
        Self { browser, axe, found: Vec::new(), passes: 0, _site: site, _models: models }
    }

    /// Opens the page anew, until it is there.
    async fn open(&self, query: &str) {
        self.browser.open(query).await.unwrap();
        self.browser.wait_for("engine-status", "data-state", 30, |state| state == "idle").await.unwrap();
        self.browser.client.execute(&self.axe, vec![]).await.unwrap();
    }

    /// Unfolds everything.
    async fn unfold(&self) {
        let script = "document.querySelectorAll('details').forEach(details => details.open = true);";
        self.browser.client.execute(script, vec![]).await.unwrap();
    }

    /// Looks at what is shown: each two of both languages, light and dark, wide and narrow once.
    async fn check(&mut self, view: &str) {
        for (language, widths) in [("es", [WIDE, NARROW]), ("en", [NARROW, WIDE])] {
            self.browser.click(&format!("lang-{language}")).await.unwrap();
            self.browser
                .until("the language", &format!("document.documentElement.lang === '{language}'"))
                .await
                .unwrap();
            self.fit(&format!("{view}, {language}")).await;
            for (scheme, width) in ["light", "dark"].into_iter().zip(widths) {
                self.emulate(scheme, width).await;
                self.look(&format!("{view}, {language}, {scheme}, {width} px")).await;
            }
        }
    }

    /// Notes what sticks out of the page, a door, a cell or a column, in windows of all widths.
    async fn fit(&mut self, place: &str) {
        let script =
            "return [document.documentElement, ...document.querySelectorAll('.door, .cell, .column')]
            .filter(box => box.checkVisibility() && box.scrollWidth > box.clientWidth)
            .map(box => `${box.tagName} ${box.className} by ${box.scrollWidth - box.clientWidth} px`);";
        for width in (320..=1440).step_by(80) {
            self.emulate("light", width).await;
            let found = self.browser.script(script).await.unwrap();
            let found: Vec<String> = serde_json::from_value(found).unwrap();
            self.found
                .extend(found.into_iter().map(|found| format!("{place}, {width} px: too wide: {found}")));
        }
    }

    async fn emulate(&self, scheme: &str, width: u32) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.browser.devtools("Emulation.setDeviceMetricsOverride", size).await.unwrap();
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.browser.devtools("Emulation.setEmulatedMedia", features).await.unwrap();
    }

    /// Notes each violation with the elements that it is about, and whatever makes the page
    /// wider than its window.
    async fn look(&mut self, place: &str) {
        let script = "const done = arguments[0];
            const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
            const options = {
                runOnly: { type: 'tag', values: wcag },
                // Not on by themselves.
                rules: { 'target-size': { enabled: true } },
                resultTypes: ['violations'],
            };
            axe.run(document, options).then(
                result => done([
                    result.passes.length,
                    result.violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
                        `${id}: ${html.slice(0, 300)} ${failureSummary}`)),
                    document.documentElement.scrollWidth - innerWidth,
                ]),
                error => done(String(error)),
            );";
        let result = self.browser.client.execute_async(script, vec![]).await.unwrap();
        let Ok((passes, found, over)) = serde_json::from_value::<(usize, Vec<String>, i64)>(result.clone())
        else {
            panic!("{place}: axe-core says {result}");
        };
        // Rules that look at nothing would find nothing.
        assert!(passes > 10, "{place}: {passes} rules");
        self.passes += 1;
        self.found.extend(found.into_iter().map(|found| format!("{place}: {found}")));
        if over > 0 {
            self.found.push(format!("{place}: the page is {over} px wider than the window"));
        }
    }

    /// Ends the browser, and fails where anything was found.
    async fn end(self) {
        println!("{} passes", self.passes);
        self.browser.close().await.unwrap();
        assert!(self.found.is_empty(), "{} violations\n{}", self.found.len(), self.found.join("\n"));
    }
}

/// Pictures of one of the drawn sample's classes, as files.
fn pictures(folder: &Path, label: u16, count: usize) -> Vec<PathBuf> {
    let drawn = sample::draw(5);
    let pictures = drawn.train.iter().filter(|sample| sample.label == label).take(count);
    let file = |(number, picture): (usize, &bottleneck::dataset::Sample)| {
        let file = folder.join(format!("{label}-{number}.png"));
        fs::write(&file, picture.image().unwrap().to_png().unwrap()).unwrap();
        file
    };
    pictures.enumerate().map(file).collect()
}

/// Files of features for so many images of training and exam, as a notebook might have them.
fn features(folder: &Path, images: [u64; 2]) -> [PathBuf; 2] {
    let manifest = fs::read(root().join("models/efficientnet_lite0.json")).expect("`make test` makes it");
    let shape = Manifest::parse(&manifest).unwrap().features;
    let file = |part: Part, images: u64| {
        let mut writer = FeatureWriter::new(part, images, shape).unwrap();
        let values = (0..images as usize * shape.len()).map(|at| f16::from_f32((at % 97) as f32 / 97.0));
        let mut bytes = writer.push(&values.collect::<Vec<_>>()).unwrap();
        bytes.extend(writer.finish().unwrap());
        let path = folder.join(part.file_name(LIGHT_BACKBONE));
        fs::write(&path, bytes).unwrap();
        path
    };
    [file(Part::Train, images[0]), file(Part::Test, images[1])]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fresh_page_and_its_notices_keep_wcag() {
    let mut page = Checked::start().await;
    page.open("?engine=cpu&train=200&test=50").await;
    page.browser.find("backbone-change").await.unwrap();
    // The site is kept, the network is not.
    let manifest = fs::read(root().join("models/efficientnet_lite0.json")).expect("`make test` makes it");
    let network = Manifest::parse(&manifest).unwrap().bytes.to_string();
    page.browser.wait_for("offline-status", "data-missing", 60, |missing| missing == network).await.unwrap();
    page.check("fresh").await;
    page.browser.go("#/").await.unwrap();
    page.browser.find("door-teach").await.unwrap();
    page.check("home").await;
    page.browser.go("#/notebook").await.unwrap();

    page.browser.click("offline-keep").await.unwrap();
    page.browser.wait_for("offline-status", "data-state", 60, |state| state == "ready").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("empty.tar.gz");
    fs::write(&file, b"").unwrap();
    page.browser.choose("dataset-input", &[&file]).await.unwrap();
    page.browser.wait_for("error", "data-kind", 30, |_| true).await.unwrap();
    page.browser.fill("limit-train", "0").await.unwrap();
    page.unfold().await;
    page.check("notice, kept, a field out of range").await;
    page.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trained_head_and_all_that_it_shows_keep_wcag() {
    let mut page = Checked::start().await;
    // All of the sample: enough to hold it on the way.
    page.open("?backbone=models/efficientnet_lite0.json&engine=cpu").await;
    page.browser.click("dataset-sample").await.unwrap();
    page.browser.click("extract-start").await.unwrap();
    page.browser.click("extract-pause").await.unwrap();
    page.browser.wait_for("extract-progress", "data-phase", 60, |phase| phase == "paused").await.unwrap();
    page.check("paused").await;

    page.open(&format!("?{LIGHT}")).await;
    page.browser.click("dataset-sample").await.unwrap();
    page.browser.wait_for("dataset-summary", "data-train", 30, |train| train == "200").await.unwrap();
    page.browser.click("extract-start").await.unwrap();
    page.browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();

    page.browser.fill("epochs", "6").await.unwrap();
    page.browser.click("train-start").await.unwrap();
    page.browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    page.unfold().await;
    page.browser.click("confusion-cell").await.unwrap();
    page.browser.wait_for("exam-images", "data-count", 30, |_| true).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let picture = &pictures(folder.path(), 4, 1)[0];
    page.browser.choose("classify-input", &[picture]).await.unwrap();
    page.browser.wait_for("classify-result", "data-class", 60, |_| true).await.unwrap();
    page.unfold().await;
    page.check("trained").await;

    for preset in ["preset-quick", "preset-strong", "preset-nearest"] {
        page.browser.click(preset).await.unwrap();
        page.unfold().await;
        page.check(preset).await;
    }
    let files = features(folder.path(), [200, 50]);
    page.browser.choose("features-input", &files.each_ref().map(PathBuf::as_path)).await.unwrap();
    page.browser.wait_for("foreign", "class", 60, |_| true).await.unwrap();
    page.browser.click("train-start").await.unwrap();
    page.browser.wait_for("result-foreign", "class", 120, |_| true).await.unwrap();
    page.unfold().await;
    page.check("features from files").await;
    page.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_and_its_recorder_keep_wcag() {
    let mut page = Checked::start().await;
    page.open(&format!("?{LIGHT}")).await;
    page.browser.make_project().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let script = "return document.querySelector('[data-testid=class-card]').dataset.classId;";
    let Value::String(class) = page.browser.client.execute(script, vec![]).await.unwrap() else {
        panic!("a class has a number");
    };
    let files = pictures(folder.path(), 3, 3);
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    page.browser.choose(&format!("class-files-{class}"), &files).await.unwrap();
    page.browser.wait_for("extract-progress", "data-done", 60, |done| done == "3").await.unwrap();
    page.unfold().await;
    page.browser.click("thumbnail").await.unwrap();
    page.browser.click("class-record").await.unwrap();
    page.check("project, recorder").await;
    page.browser.wait_for("camera-video", "data-state", 30, |state| state == "running").await.unwrap();
    page.check("project, camera").await;
    page.browser.click(&format!("class-delete-{class}")).await.unwrap();
    page.check("question").await;
    page.end().await;
}
