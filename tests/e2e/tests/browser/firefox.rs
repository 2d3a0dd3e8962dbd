//! The page in Firefox without a window, with the CPU engine.

use std::fs;
use std::path::{Path, PathBuf};

use bottleneck::dataset::sample;
use e2e::{Browser, Kind};

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
async fn the_built_in_sample_to_accuracy_and_a_reload_that_computes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start_in(Kind::Firefox).await.unwrap();
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
async fn files_that_are_no_dataset_get_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start_in(Kind::Firefox).await.unwrap();
    browser.open(QUERY).await.unwrap();
    let cut = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3];
    let cases = [
        ("broken.tar.gz", &cut[..], "problem-damaged-dataset"),
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
async fn the_page_is_kept_for_visits_without_the_internet() {
    let browser = Browser::start_in(Kind::Firefox).await.unwrap();
    browser.open(QUERY).await.unwrap();
    browser.click("offline-keep").await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "ready").await.unwrap();
    has(&browser, "offline-status", "data-missing", "0").await;
    browser.close().await.unwrap();
}
