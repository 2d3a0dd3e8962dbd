//! What never answers: the graphics adapter, and a server whose line stalls; in Chromium.

use std::time::{Duration, Instant};

use bottleneck::backbone::Manifest;
use e2e::{Asked, Browser, Site, root};
use serve::Folders;

const QUERY: &str = "?lang=en&backbone=models/efficientnet_lite0.json&train=20&test=10";
const MANIFEST: &str = "models/efficientnet_lite0.json";

/// The graphics driver hangs.
const SILENT: &str = "Object.defineProperty(navigator, 'gpu', {
        value: { requestAdapter: () => new Promise(() => {}) } });";

/// It gives an adapter, and no device.
const NO_DEVICE: &str = "GPUAdapter.prototype.requestDevice = () => new Promise(() => {});";

/// A worker of another build: it greets with that one's name.
const OTHER_BUILD: &str = "const post = self.postMessage;
    self.postMessage = (what, ...rest) => post.call(self, typeof what === 'string' ? 'another' : what, ...rest);";

async fn take_sample(browser: &Browser) {
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "20").await.unwrap();
}

async fn complete(browser: &Browser) {
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
}

/// Waits until the network's piece whose range begins so is asked for.
async fn asked_for(site: &Site, range: &str) {
    let begun = Instant::now();
    let is_it = |asked: &Asked| asked.range.as_deref().is_some_and(|asked| asked.starts_with(range));
    while !site.asked().iter().any(is_it) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{range} is not asked for");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_that_never_answers_counts_as_none() {
    let browser = Browser::start().await.unwrap();
    let _planted = browser.before_workers(&[("session", SILENT)]).await.unwrap();
    for engine in ["auto", "webgpu"] {
        browser.open(&format!("{QUERY}&engine={engine}")).await.unwrap();
        take_sample(&browser).await;
        if engine == "auto" {
            // Nobody has to wait for it.
            browser.click("extract-start").await.unwrap();
            let begun = Instant::now();
            browser.click("extract-cancel").await.unwrap();
            browser
                .wait_for("extract-progress", "data-phase", 5, |phase| phase == "incomplete")
                .await
                .unwrap();
            assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
            browser.click("extract-start").await.unwrap();
            complete(&browser).await;
        } else {
            let folder = tempfile::tempdir().unwrap();
            let picture = folder.path().join("shape.png");
            let image = bottleneck::dataset::sample::draw(2).test[0].image().unwrap().to_png().unwrap();
            std::fs::write(&picture, image).unwrap();
            browser.train("preset-quick").await.unwrap();
            browser.choose("classify-input", &[&picture]).await.unwrap();
            // The file is read before the engine starts.
            browser.wait_for("engine-status", "data-state", 120, |state| state == "ready").await.unwrap();
        }
        browser.wait_for("engine-status", "data-state", 120, |state| state == "ready").await.unwrap();
        let engine = browser.attribute("engine-status", "data-engine").await.unwrap();
        assert_eq!(engine.as_deref(), Some("cpu"));
        let reason = browser.attribute("engine-reason", "data-reason").await.unwrap();
        assert_eq!(reason.as_deref(), Some("reason-silent-web-gpu"));
    }
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_for_a_device_that_never_comes_can_be_cancelled() {
    let browser = Browser::start().await.unwrap();
    let _planted = browser.before_workers(&[("engine_webgpu", NO_DEVICE)]).await.unwrap();
    browser.open(&format!("{QUERY}&engine=webgpu")).await.unwrap();
    take_sample(&browser).await;
    browser.click("extract-start").await.unwrap();
    browser.wait_for("engine-status", "data-state", 60, |state| state == "starting").await.unwrap();
    browser.click("extract-cancel").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 5, |phase| phase == "incomplete").await.unwrap();
    browser.wait_for("engine-status", "data-state", 5, |state| state == "idle").await.unwrap();
    // The page goes on: another engine does it.
    browser.open(&format!("{QUERY}&engine=cpu")).await.unwrap();
    take_sample(&browser).await;
    browser.click("extract-start").await.unwrap();
    complete(&browser).await;
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_stalls_costs_time_and_nothing_else() {
    let folders = Folders { data: root().join("no-data"), ..Folders::checkout(&root()) };
    let site = Site::start(&folders).unwrap();
    let browser = Browser::at(site.address(), &[]).await.unwrap();
    let query = format!("{QUERY}&engine=cpu");

    // No answer at all.
    site.mute(&["/models/efficientnet_lite0.json"]);
    browser.open(&query).await.unwrap();
    browser.wait_for_problem("problem-server-silent", 60).await.unwrap();
    // The same for all networks, and nobody waits for the end.
    site.mute(&["/models/efficientnet_lite0.json", "/models/inception_v3.json"]);
    browser.open("?lang=en&engine=cpu").await.unwrap();
    browser.click("engine-cancel").await.unwrap();
    browser.wait_for_problem("problem-server-silent", 5).await.unwrap();
    site.mute(&[]);

    // A network that stops coming: cancelled at once, and brought the next time.
    let manifest = Manifest::parse(&std::fs::read(root().join(MANIFEST)).unwrap()).unwrap();
    let second = format!("bytes={}-", manifest.pieces.bytes);
    site.hold_after(Some(manifest.pieces.bytes + 1000));
    browser.open(&query).await.unwrap();
    take_sample(&browser).await;
    browser.click("extract-start").await.unwrap();
    browser.wait_for("engine-status", "data-state", 30, |state| state == "downloading").await.unwrap();
    asked_for(&site, &second).await;
    browser.click("extract-cancel").await.unwrap();
    browser.wait_for("engine-status", "data-state", 5, |state| state == "idle").await.unwrap();

    // The same without a cancel: after a while it is asked for again, and goes on where it stopped.
    browser.click("extract-start").await.unwrap();
    browser.wait_for("engine-status", "data-state", 30, |state| state == "downloading").await.unwrap();
    asked_for(&site, &second).await;
    site.hold_after(None);
    complete(&browser).await;
    let asked: Vec<_> = site.asked().into_iter().filter(|asked| asked.path.ends_with(".onnx")).collect();
    assert!(asked[0].range.as_deref().is_some_and(|range| range.starts_with(&second)), "{asked:?}");
    browser.close().await.unwrap();
}

/// The site was renewed while the page was open.
#[tokio::test(flavor = "multi_thread")]
async fn workers_of_another_build_are_not_talked_to() {
    let browser = Browser::start().await.unwrap();
    for worker in ["session", "engine_cpu"] {
        let planted = browser.before_workers(&[(worker, OTHER_BUILD)]).await.unwrap();
        browser.open(&format!("{QUERY}&engine=cpu")).await.unwrap();
        if worker == "engine_cpu" {
            take_sample(&browser).await;
            browser.click("extract-start").await.unwrap();
        }
        browser.wait_for_problem("problem-other-build", 60).await.unwrap();
        assert!(browser.text("error").await.unwrap().contains("Reload the page"), "{worker}");
        drop(planted);
    }
    // Reloaded, it works.
    browser.open(&format!("{QUERY}&engine=cpu")).await.unwrap();
    take_sample(&browser).await;
    browser.click("extract-start").await.unwrap();
    complete(&browser).await;
    browser.close().await.unwrap();
}
