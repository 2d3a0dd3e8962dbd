//! The page's main jobs in the browsers beside Chromium, without a window and with the CPU engine.

use std::fs;
use std::path::{Path, PathBuf};

use bottleneck::dataset::sample;
use e2e::{Browser, Kind, Site, root};
use serde_json::json;
use serve::Folders;

const QUERY: &str = "?lang=es&backbone=models/efficientnet_lite0.json&train=200&test=50";

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, bytes).unwrap();
    file
}

async fn has(browser: &Browser, id: &str, name: &str, value: &str) {
    let found = browser.attribute(id, name).await.unwrap();
    assert_eq!(found.as_deref(), Some(value), "{id} {name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_is_learnt_and_stays_in_firefox() {
    the_sample_is_learnt_and_stays(Kind::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_is_learnt_and_stays_in_webkit() {
    the_sample_is_learnt_and_stays(Kind::WebKit).await;
}

/// The sample to an accuracy, a reload that computes nothing, and a picture of one's own.
async fn the_sample_is_learnt_and_stays(kind: Kind) {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start_in(kind).await.unwrap();
    for computed in ["250", "0"] {
        browser.open(QUERY).await.unwrap();
        browser.click("dataset-sample").await.unwrap();
        browser.wait_for("dataset-summary", "data-train", 30, |train| train == "200").await.unwrap();
        // What is stored is found without being asked for.
        if computed != "0" {
            browser.click("extract-start").await.unwrap();
            browser.wait_for("engine-status", "data-state", 120, |state| state == "ready").await.unwrap();
            has(&browser, "engine-status", "data-engine", "cpu").await;
        }
        browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
        has(&browser, "extract-progress", "data-computed", computed).await;
    }
    has(&browser, "engine-status", "data-state", "idle").await;
    browser.fill("epochs", "8").await.unwrap();
    browser.click("train-start").await.unwrap();
    let accuracy = browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    println!("accuracy {accuracy}");
    // Ten classes: chance is 0.1.
    assert!(accuracy.parse::<f32>().unwrap() > 0.3, "{accuracy}");

    let drawn = sample::draw(2);
    let picture = written(folder.path(), "picture.png", &drawn.test[7].image().unwrap().to_png().unwrap());
    browser.choose("classify-input", &[&picture]).await.unwrap();
    browser
        .wait_for("classify-result", "data-class", 60, |class| {
            drawn.classes.iter().any(|known| known == class)
        })
        .await
        .unwrap();
    let text = written(folder.path(), "text.png", b"no picture");
    browser.choose("classify-input", &[&text]).await.unwrap();
    browser.wait_for_problem("problem-image-format", 30).await.unwrap();
    assert!(browser.text("error").await.unwrap().contains("text.png"));

    // The head is kept too.
    browser.open(QUERY).await.unwrap();
    assert_eq!(browser.wait_for("test-accuracy", "data-value", 30, |_| true).await.unwrap(), accuracy);
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_dataset_get_a_sentence_in_firefox() {
    files_that_are_no_dataset_get_a_sentence(Kind::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_dataset_get_a_sentence_in_webkit() {
    files_that_are_no_dataset_get_a_sentence(Kind::WebKit).await;
}

async fn files_that_are_no_dataset_get_a_sentence(kind: Kind) {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start_in(kind).await.unwrap();
    browser.open(QUERY).await.unwrap();
    let cut = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3];
    let cases = [
        ("broken.tar.gz", &cut[..], "problem-cut-download"),
        ("empty.tar.gz", b"", "problem-empty-file"),
        ("notes.png", b"plain text", "problem-not-a-dataset"),
    ];
    for (name, bytes, kind) in cases {
        browser.choose("dataset-input", &[&written(folder.path(), name, bytes)]).await.unwrap();
        browser.wait_for("error", "data-kind", 30, |shown| shown == kind).await.unwrap();
        assert!(browser.text("error").await.unwrap().contains(name), "{name}");
        browser.dismiss_errors().await.unwrap();
    }
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "200").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_works_without_its_server_in_firefox() {
    the_page_works_without_its_server(Kind::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_works_without_its_server_in_webkit() {
    the_page_works_without_its_server(Kind::WebKit).await;
}

/// Once kept, the page opens and computes where its server is gone.
async fn the_page_works_without_its_server(kind: Kind) {
    const SMALL: &str = "?lang=es&backbone=models/efficientnet_lite0.json&train=40&test=10";
    let folders = Folders { data: root().join("no-data"), ..Folders::checkout(&root()) };
    let mut site = Site::start(&folders).unwrap();
    let browser = Browser::at_in(kind, site.address()).await.unwrap();
    browser.open(SMALL).await.unwrap();
    browser.click("offline-keep").await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "ready").await.unwrap();
    has(&browser, "offline-status", "data-missing", "0").await;

    site.stop();
    browser.open(SMALL).await.unwrap();
    browser.wait_for("offline-status", "data-state", 60, |state| state == "ready").await.unwrap();
    let isolated = browser.script("return crossOriginIsolated;").await.unwrap();
    assert_eq!(isolated, json!(true), "the headers came out of the cache");
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "40").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    has(&browser, "extract-progress", "data-computed", "50").await;
    browser.train("preset-notebook").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_left_stops_working_in_firefox() {
    a_page_that_is_left_stops_working(Kind::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_left_stops_working_in_webkit() {
    a_page_that_is_left_stops_working(Kind::WebKit).await;
}

/// Browsers keep a page that is left, with its worker stopped in the middle of what it did, for the way back. If
/// that was a transaction, the next page would wait for it for ever. So the worker ends with its page, and the way
/// back opens the page anew.
async fn a_page_that_is_left_stops_working(kind: Kind) {
    let browser = Browser::start_in(kind).await.unwrap();
    let shown = "!window.earlier && !!document.querySelector('main')";
    for started in [false, true] {
        browser.load(QUERY).await.unwrap();
        if started {
            browser.until("the page has started", shown).await.unwrap();
        }
        browser.script("window.earlier = true;").await.unwrap();
        browser.load("?lang=en").await.unwrap();
        browser.client.back().await.unwrap();
        browser.until("the page is opened anew", shown).await.unwrap();
    }
    browser.go("#/notebook").await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "200").await.unwrap();
    browser.close().await.unwrap();
}
