//! The whole page in headless Chromium.

use std::fs;
use std::path::PathBuf;

use bottleneck::backbone::{LIGHT, NOTEBOOK, Purpose};
use bottleneck::dataset::sample;
use bottleneck::pixels::RgbImage;
use e2e::{Browser, Site, folders_where_notebook_is, root, shared};
use serde_json::{Value, json};

use crate::mixed_8;

const FOLDERS: &str = "data/class-folders.zip";
const SUBSET: &str = "data/cifar-10-subset-binary.tar.gz";

/// A file made for one test.
fn temporary(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = root().join("target/e2e");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    fs::write(&file, bytes).unwrap();
    file.canonicalize().unwrap()
}

fn png(image: &RgbImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let buffer = image::RgbImage::from_raw(image.width(), image.height(), image.pixels().to_vec()).unwrap();
    buffer.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_sample_from_open_to_accuracy() {
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=es&train=200&test=50").await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "200").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("engine-status", "data-state", 120, |state| state == "ready").await.unwrap();
    // The only adapter here is a software one.
    assert_eq!(browser.attribute("engine-status", "data-engine").await.unwrap().as_deref(), Some("cpu"));
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    assert_eq!(browser.attribute("extract-progress", "data-computed").await.unwrap().as_deref(), Some("250"));
    browser.fill("epochs", "8").await.unwrap();
    browser.click("train-start").await.unwrap();
    let accuracy = browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    let accuracy: f32 = accuracy.parse().unwrap();
    // A network with development weights is what is left where no other could be made.
    let network = browser.attribute("backbone", "data-address").await.unwrap().unwrap();
    let least = if network == "models/efficientnet_lite0.json" { 0.8 } else { 0.2 };
    assert!((least..=1.0).contains(&accuracy), "{network}: {accuracy}");
    assert!(
        browser.attribute("epoch-row", "data-val-loss").await.unwrap().unwrap().parse::<f32>().unwrap() > 0.0
    );

    // A picture, and files that are none.
    let drawn = sample::draw(2);
    let picture = temporary("picture.png", &png(drawn.test[7].image().unwrap()));
    browser.drop_file("classify-input", &picture).await.unwrap();
    browser
        .wait_for("classify-result", "data-class", 60, |class| drawn.classes.contains(&class.to_owned()))
        .await
        .unwrap();
    for (name, bytes) in [("text.png", &b"no picture"[..]), ("empty.png", b"")] {
        browser.choose("classify-input", &[&temporary(name, bytes)]).await.unwrap();
        browser.wait_for("error", "data-kind", 30, |_| true).await.unwrap();
        browser.open("?lang=es").await.unwrap();
        browser.wait_for("test-accuracy", "data-value", 30, |_| true).await.unwrap();
    }
    browser.choose("classify-input", &[&picture]).await.unwrap();
    browser
        .wait_for("classify-result", "data-probability", 60, |value| value.parse::<f32>().is_ok())
        .await
        .unwrap();
    browser.close().await.unwrap();
}

/// The backbone that is open.
async fn opened(browser: &Browser) -> String {
    browser.wait_for("backbone", "data-address", 30, |_| true).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn development_weights_are_no_default_and_one_click_away() {
    let (folders, _models) = folders_where_notebook_is(Purpose::Development).unwrap();
    let site = Site::start(&folders).unwrap();
    let browser = Browser::at(site.address(), &[]).await.unwrap();
    let warned = "document.querySelector('[data-testid=development-weights]') !== null";
    for (lang, word) in [("es", "porque"), ("en", "because")] {
        browser.open(&format!("?lang={lang}&train=60&test=20")).await.unwrap();
        assert_eq!(opened(&browser).await, LIGHT);
        let reason = browser.attribute("backbone-chosen", "data-reason").await.unwrap();
        assert_eq!(reason.as_deref(), Some("chosen-development"));
        let sentence = browser.text("backbone-chosen").await.unwrap();
        assert!(sentence.contains("EfficientNet-Lite0") && sentence.contains(word), "{sentence}");
        assert_eq!(browser.script(&format!("return {warned};")).await.unwrap(), json!(false));
    }
    // Nobody chose it, so that the address keeps nothing.
    let in_address = "new URLSearchParams(location.search).get('backbone')";
    assert_eq!(browser.script(&format!("return {in_address};")).await.unwrap(), Value::Null);

    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("extract-progress", "data-total", 30, |total| total == "80").await.unwrap();
    browser.click("backbone-change").await.unwrap();
    browser.until("it is open and says what it is", warned).await.unwrap();
    assert_eq!(opened(&browser).await, NOTEBOOK);
    browser.until("the address", &format!("{in_address} === '{NOTEBOOK}'")).await.unwrap();
    assert_eq!(browser.attribute("backbone-chosen", "data-reason").await.unwrap(), None);
    let train = browser.wait_for("dataset-summary", "data-train", 30, |_| true).await.unwrap();
    assert_eq!(train, "60", "the data are still in use");
    // It was chosen: a reload keeps it.
    browser.client.refresh().await.unwrap();
    assert_eq!(opened(&browser).await, NOTEBOOK);
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn cifar_10_and_a_reload_that_computes_nothing() {
    let (Some(archive), Some(manifest)) = (shared(SUBSET), mixed_8()) else { return };
    let browser = Browser::start().await.unwrap();
    let query = "?lang=en&backbone=models/mixed_8.json&train=400&test=200";
    let model = format!("/models/{}", manifest.file);
    let mut accuracies = Vec::new();
    for visit in 0..2 {
        browser.open(query).await.unwrap();
        browser.choose("dataset-input", &[&archive]).await.unwrap();
        browser.wait_for("dataset-summary", "data-train", 60, |train| train == "400").await.unwrap();
        if visit == 0 {
            browser.click("extract-start").await.unwrap();
        }
        browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
        let computed = browser.attribute("extract-progress", "data-computed").await.unwrap();
        assert_eq!(computed.as_deref(), Some(if visit == 0 { "600" } else { "0" }));
        browser.fill("epochs", "6").await.unwrap();
        browser.click("train-start").await.unwrap();
        browser.wait_for("epoch-row", "data-epoch", 60, |_| true).await.unwrap();
        let accuracy = browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
        accuracies.push(accuracy.parse::<f32>().unwrap());
        let pieces = manifest.pieces.sha256.len() as u32;
        assert_eq!(browser.count(&model), pieces, "the backbone came once");
    }
    println!("accuracies {accuracies:?}");
    assert!(accuracies[0] > 0.5, "{accuracies:?}");

    // Any number of workers gives the same bits, and so does a training that a reload breaks off.
    let mut outcomes = Vec::new();
    for workers in 1..=2 {
        choose_again(&browser, &format!("{query}&workers={workers}"), &archive).await;
        browser.fill("epochs", LONG).await.unwrap();
        browser.click("train-start").await.unwrap();
        outcomes.push(outcome(&browser).await);
    }
    assert_eq!(outcomes[0], outcomes[1]);
    choose_again(&browser, query, &archive).await;
    browser.fill("epochs", LONG).await.unwrap();
    browser.click("train-start").await.unwrap();
    let many = "document.querySelectorAll('[data-testid=epoch-row]').length";
    browser.until("it is under way", &format!("!{STOP}.hidden && {many} > 20")).await.unwrap();
    assert_eq!(browser.script(&format!("return {STOP}.hidden;")).await.unwrap(), json!(false), "too late");
    choose_again(&browser, query, &archive).await;
    let go_on = browser.text("train-go-on").await.unwrap();
    println!("{go_on}");
    browser.click("train-go-on").await.unwrap();
    assert_eq!(outcome(&browser).await, outcomes[0]);
    browser.until("it is done with", "!document.querySelector('[data-testid=train-go-on]')").await.unwrap();
    browser.close().await.unwrap();
}

/// Epochs of a training that takes some seconds.
const LONG: &str = "60";
/// The button that stops a training; it is hidden where none runs.
const STOP: &str = "document.querySelector('[data-testid=train-stop]')";

/// Opens the page anew, with the same files.
async fn choose_again(browser: &Browser, query: &str, archive: &std::path::Path) {
    browser.open(query).await.unwrap();
    browser.choose("dataset-input", &[archive]).await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 60, |phase| phase == "complete").await.unwrap();
}

/// All figures of the training that runs now, to their last digit: every epoch's, and the accuracy.
async fn outcome(browser: &Browser) -> Value {
    browser.until("it runs", &format!("!{STOP}.hidden")).await.unwrap();
    browser.until("it is over", &format!("{STOP}.hidden")).await.unwrap();
    let code = "return [document.querySelector('[data-testid=test-accuracy]').dataset.value,
        [...document.querySelectorAll('[data-testid=epoch-row]')].map(row =>
            [row.dataset.epoch, row.dataset.loss, row.dataset.accuracy, row.dataset.valLoss,
             row.dataset.valAccuracy, row.dataset.best])];";
    let outcome = browser.script(code).await.unwrap();
    assert_eq!(outcome[1].as_array().map(Vec::len), LONG.parse().ok());
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_of_class_folders_makes_ones_own_classes() {
    let (Some(zip), Some(_)) = (shared(FOLDERS), mixed_8()) else { return };
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en&backbone=models/mixed_8.json").await.unwrap();
    browser.drop_file("dataset-input", &zip).await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 60, |train| train == "96").await.unwrap();
    let test = browser.attribute("dataset-summary", "data-test").await.unwrap();
    assert_eq!(test.as_deref(), Some("24"));
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 180, |phase| phase == "complete").await.unwrap();
    browser.fill("epochs", "10").await.unwrap();
    browser.click("train-start").await.unwrap();
    let accuracy = browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    println!("accuracy on {test:?} images of one's own {accuracy}");
    // Four classes: chance is 0.25.
    assert!(accuracy.parse::<f32>().unwrap() > 0.6, "{accuracy}");
    browser.close().await.unwrap();
}

/// Does something to one CPU worker while the sample's features are computed; all of them have
/// to come all the same.
async fn survives(script: &str) {
    let Some(_) = mixed_8() else { return };
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en&backbone=models/mixed_8.json&train=150&test=50").await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser
        .wait_for("extract-progress", "data-computed", 120, |done| {
            done.parse::<u32>().is_ok_and(|done| done >= 16)
        })
        .await
        .unwrap();
    browser.workers().await.unwrap().run("engine_cpu", script).await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 180, |phase| phase == "complete").await.unwrap();
    assert_eq!(browser.attribute("extract-progress", "data-computed").await.unwrap().as_deref(), Some("200"));
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_engine_worker_costs_nothing_but_time() {
    survives("setTimeout(() => { throw new Error('killed by a test') })").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_engine_worker_costs_nothing_but_time() {
    survives("setTimeout(() => { for (;;) {} })").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_pauses_and_loses_nothing() {
    let browser = Browser::start().await.unwrap();
    // Before anything is stored: a browser remembers for a while how much room there was.
    browser.limit_storage(Some(1_000_000)).await.unwrap();
    browser.open("?lang=en&train=150&test=50").await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "150").await.unwrap();
    browser.click("extract-start").await.unwrap();
    // There is no room to keep the network either, which is said as well.
    browser.wait_for_problem("problem-disk-full", 180).await.unwrap();
    let phase = browser.attribute("extract-progress", "data-phase").await.unwrap();
    assert_eq!(phase.as_deref(), Some("disk-full"));
    browser.limit_storage(None).await.unwrap();
    browser.dismiss_errors().await.unwrap();
    browser.click("extract-pause").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 180, |phase| phase == "complete").await.unwrap();
    // Each image once: what was waiting for room was not computed again.
    assert_eq!(browser.attribute("extract-progress", "data-computed").await.unwrap().as_deref(), Some("200"));
    assert_eq!(browser.attribute("cache-size", "data-images").await.unwrap().as_deref(), Some("200"));
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_dataset_get_a_sentence() {
    let browser = Browser::start().await.unwrap();
    let cut = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3];
    let cases = [
        ("broken.tar.gz", cut, "problem-cut-download"),
        ("empty.tar.gz", Vec::new(), "problem-empty-file"),
        ("text.bin", b"no batch".to_vec(), "problem-not-a-dataset"),
        ("data_batch_1.bin", vec![1; 4_000], "problem-damaged-dataset"),
        ("notes.png", b"plain text".to_vec(), "problem-not-a-dataset"),
    ];
    for (name, bytes, kind) in cases {
        browser.open("?lang=en").await.unwrap();
        browser.choose("dataset-input", &[&temporary(name, &bytes)]).await.unwrap();
        let shown = browser.wait_for("error", "data-kind", 30, |shown| shown == kind).await;
        shown.unwrap_or_else(|error| panic!("{name}: {error:#}"));
        assert!(browser.text("error").await.unwrap().contains(name), "{name}");
    }
    // The page goes on where the person dismisses the sentence.
    browser.dismiss_error().await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "1000").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_opens_without_errors_in_both_languages() {
    let browser = Browser::start().await.unwrap();
    for (lang, word) in [("es", "cuello de botella"), ("en", "bottleneck")] {
        browser.open(&format!("?lang={lang}")).await.unwrap();
        browser.wait_for("engine-status", "data-state", 30, |state| state == "idle").await.unwrap();
        let text = browser.client.execute("return document.body.textContent", vec![]).await.unwrap();
        assert!(text.as_str().unwrap().contains(word), "{lang}");
        let html = browser.client.execute("return document.documentElement.lang", vec![]).await.unwrap();
        assert_eq!(html, lang);
    }
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    let addresses = "return performance.getEntriesByType('resource').map(entry => new URL(entry.name).origin)
        .filter(origin => origin !== location.origin);";
    assert_eq!(browser.client.execute(addresses, vec![]).await.unwrap(), json!([]));
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_in_another_tab_gets_the_store() {
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en&engine=cpu&backbone=models/efficientnet_lite0.json").await.unwrap();
    browser.wait_for("cache-size", "data-images", 30, |images| images == "0").await.unwrap();
    // What a version to come would do first; it waits as long as this tab holds the store.
    let newer = "const done = arguments[0];
        const opening = indexedDB.open('bottleneck', 1000);
        opening.onsuccess = () => done('opened');
        opening.onerror = () => done('refused');";
    assert_eq!(browser.client.execute_async(newer, vec![]).await.unwrap(), json!("opened"));
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for_problem("problem-store-taken", 30).await.unwrap();
    assert!(browser.text("error").await.unwrap().contains("Reload this tab"));
    browser.close().await.unwrap();
}
