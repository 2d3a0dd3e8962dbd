//! Browsers that refuse to store, close what is stored, or never answer; in Chromium, which is made to.

use std::fs;
use std::path::PathBuf;

use bottleneck::dataset::sample;
use e2e::Browser;
use serde_json::{Value, json};

const QUERY: &str = "?lang=en&engine=cpu&backbone=models/efficientnet_lite0.json&train=40&test=10";

/// WebKit's private windows: IndexedDB takes no blobs.
const NO_BLOBS: &str = "const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, ...rest) {
        if (value instanceof Blob) throw new DOMException('BlobURLs are not yet supported', 'DataCloneError');
        return put.call(this, value, ...rest);
    };";

/// Gives the worker a function that closes its databases, as browsers do by themselves.
const CLOSABLE: &str = "const open = IDBFactory.prototype.open;
    globalThis.opened = [];
    IDBFactory.prototype.open = function (...all) {
        const request = open.apply(this, all);
        request.addEventListener('success', () => opened.push(request.result));
        return request;
    };
    globalThis.closeAll = () => { for (const database of opened) database.close(); };";

/// Safari at its first start: nothing comes of opening a database.
const NEVER_OPENS: &str = "IDBFactory.prototype.open = () => new EventTarget();";

/// Site data that a setting forbids.
const FORBIDDEN: &str =
    "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };";

/// The sample is taken, and all its features are there in the end; how many were computed.
async fn extract(browser: &Browser) -> String {
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "40").await.unwrap();
    // What is stored is found without being asked for.
    let phase =
        browser.wait_for("extract-progress", "data-phase", 30, |phase| phase != "running").await.unwrap();
    if phase != "complete" {
        browser.click("extract-start").await.unwrap();
        browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    }
    browser.attribute("extract-progress", "data-computed").await.unwrap().unwrap()
}

/// A picture that the sample's head can tell.
fn picture(folder: &tempfile::TempDir, number: usize) -> PathBuf {
    let file = folder.path().join(format!("{number}.png"));
    fs::write(&file, sample::draw(2).test[number].image().unwrap().to_png().unwrap()).unwrap();
    file
}

/// The classes of the values in an object store of a database.
async fn stored(browser: &Browser, database: &str, store: &str) -> Vec<String> {
    let script = "const [database, store, done] = arguments;
        const request = indexedDB.open(database);
        request.onsuccess = () => {
            const all = request.result.transaction(store).objectStore(store).getAll();
            all.onsuccess = () => {
                request.result.close();
                done(all.result.map(value => value.constructor.name));
            };
        };";
    let found = browser.client.execute_async(script, vec![json!(database), json!(store)]).await.unwrap();
    serde_json::from_value(found).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_blobs_are_refused_arrays_are_stored_and_both_are_read() {
    let browser = Browser::start().await.unwrap();
    // A visit in which blobs are taken, one in which they are not, and one in which they are again.
    browser.open(&format!("{QUERY}&workers=1")).await.unwrap();
    assert_eq!(extract(&browser).await, "50");
    let planted = browser.before_workers(&[("session", NO_BLOBS)]).await.unwrap();
    browser.open(&QUERY.replace("train=40", "train=80")).await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "80").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    let computed = browser.attribute("extract-progress", "data-computed").await.unwrap();
    assert_eq!(computed.as_deref(), Some("40"), "the others were stored as blobs");
    browser.train("preset-quick").await.unwrap();
    drop(planted);

    browser.open(QUERY).await.unwrap();
    let forms = stored(&browser, "bottleneck", "records").await;
    assert!(forms.contains(&"Blob".to_owned()) && forms.contains(&"Uint8Array".to_owned()), "{forms:?}");
    assert_eq!(extract(&browser).await, "0");
    browser.train("preset-quick").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_is_kept_where_blobs_are_refused() {
    let browser = Browser::start().await.unwrap();
    let _planted = browser.before_workers(&[("session", NO_BLOBS)]).await.unwrap();
    browser.open(QUERY).await.unwrap();
    browser.click("offline-keep").await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "ready").await.unwrap();
    let forms = stored(&browser, "bottleneck-backbones", "pieces").await;
    assert!(!forms.is_empty() && forms.iter().all(|form| form == "Uint8Array"), "{forms:?}");
    browser.open(QUERY).await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "ready").await.unwrap();
    assert_eq!(extract(&browser).await, "50");
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_that_the_browser_closes_are_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start().await.unwrap();
    let _planted = browser.before_workers(&[("session", CLOSABLE)]).await.unwrap();
    browser.open(QUERY).await.unwrap();
    browser.find("extract-start").await.unwrap();
    let close = async || browser.workers().await.unwrap().run("session", "closeAll()").await.unwrap();
    close().await;
    assert_eq!(extract(&browser).await, "50");
    close().await;
    browser.train("preset-quick").await.unwrap();
    close().await;
    let [first, _] = browser.make_project().await.unwrap();
    close().await;
    browser.choose(&format!("class-files-{first}"), &[&picture(&folder, 0)]).await.unwrap();
    let count = format!("document.querySelector('[data-class-id=\"{first}\"]').dataset.count === '1'");
    browser.until("its picture", &count).await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "ready").await.unwrap();
    assert_eq!(browser.text("error").await.unwrap(), "");
    // It was stored, and not only shown.
    browser.open(QUERY).await.unwrap();
    browser.go("#/").await.unwrap();
    browser.wait_for("recent-project", "data-pictures", 30, |pictures| pictures == "1").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn site_data_that_is_cleared_costs_what_it_held_and_no_more() {
    let browser = Browser::start().await.unwrap();
    browser.open(QUERY).await.unwrap();
    assert_eq!(extract(&browser).await, "50");
    let origin = browser.script("return location.origin;").await.unwrap();
    let all = json!({ "origin": origin, "storageTypes": "indexeddb" });
    browser.devtools("Storage.clearDataForOrigin", all).await.unwrap();
    browser.click("train-start").await.unwrap();
    browser.wait_for_problem("problem-features-missing", 60).await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    browser.train("preset-quick").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_open_again_is_said_once() {
    let browser = Browser::start().await.unwrap();
    let _planted = browser.before_workers(&[("session", CLOSABLE)]).await.unwrap();
    browser.open(QUERY).await.unwrap();
    assert_eq!(extract(&browser).await, "50");
    let gone = format!("closeAll(); {FORBIDDEN}");
    browser.workers().await.unwrap().run("session", &gone).await.unwrap();
    browser.click("train-start").await.unwrap();
    browser.wait_for_problem("problem-store-lost", 60).await.unwrap();
    browser.open(QUERY).await.unwrap();
    assert_eq!(extract(&browser).await, "0");
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_be_stored_all_goes_on_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start().await.unwrap();
    for script in [NEVER_OPENS, FORBIDDEN] {
        let _planted = browser.before_workers(&[("session", script)]).await.unwrap();
        browser.open(QUERY).await.unwrap();
        browser.wait_for_problem("problem-store-unavailable", 60).await.unwrap();
        let notices = "return document.querySelectorAll('[data-testid=error]').length;";
        assert_eq!(browser.script(notices).await.unwrap(), json!(1));
        browser.dismiss_errors().await.unwrap();
        assert_eq!(extract(&browser).await, "50");
        assert!(browser.text("cache-size").await.unwrap().contains("this tab"));
        browser.train("preset-quick").await.unwrap();
        browser.choose("classify-input", &[&picture(&folder, 7)]).await.unwrap();
        browser.wait_for("classify-result", "data-class", 60, |_| true).await.unwrap();
        let [first, _] = browser.make_project().await.unwrap();
        browser.choose(&format!("class-files-{first}"), &[&picture(&folder, 0)]).await.unwrap();
        let count = format!("document.querySelector('[data-class-id=\"{first}\"]').dataset.count === '1'");
        browser.until("its picture", &count).await.unwrap();
        assert_eq!(browser.text("error").await.unwrap(), "", "it is said once");
    }
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_is_asked_once_to_keep_a_project_s_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start().await.unwrap();
    let watch = "globalThis.asked = 0;
        const persist = StorageManager.prototype.persist;
        StorageManager.prototype.persist = function () { asked += 1; return persist.call(this); };";
    browser.before_page(watch).await.unwrap();
    browser.open(QUERY).await.unwrap();
    let asked = async || browser.script("return asked;").await.unwrap();
    let [first, second] = browser.make_project().await.unwrap();
    assert_eq!(asked().await, json!(0), "there is nothing to be kept yet");
    for (class, number) in [(&first, 0), (&second, 1)] {
        browser.choose(&format!("class-files-{class}"), &[&picture(&folder, number)]).await.unwrap();
        let count = format!("document.querySelector('[data-class-id=\"{class}\"]').dataset.count === '1'");
        browser.until("its picture", &count).await.unwrap();
        assert_eq!(asked().await, Value::from(1));
    }
    browser.close().await.unwrap();
}
