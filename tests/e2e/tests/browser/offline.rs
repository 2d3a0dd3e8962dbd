//! The page without the internet, broken downloads, and updates, in headless Chromium.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bottleneck::backbone::pieces::sha256;
use bottleneck::backbone::{Manifest, NOTEBOOK};
use bottleneck::dataset::sample;
use e2e::{Asked, Browser, Site, root};
use serde_json::{Value, json};
use serve::Folders;

/// The larger backbone, which comes in many pieces.
const QUERY: &str = "?lang=en&backbone=models/inception_v3.json&train=60&test=20";

/// This checkout's page, without datasets.
fn folders(dist: PathBuf) -> Folders {
    Folders { dist, data: root().join("no-data"), ..Folders::checkout(&root()) }
}

fn built() -> Folders {
    folders(root().join("dist"))
}

fn manifest() -> Manifest {
    Manifest::parse(&fs::read(root().join(NOTEBOOK)).unwrap()).unwrap()
}

async fn browser(site: &Site, flags: &[String]) -> Browser {
    Browser::at(site.address(), flags).await.unwrap()
}

/// An image file of one test's own, that the drawn sample's head can tell.
fn picture(name: &str) -> PathBuf {
    let folder = root().join("target/e2e");
    fs::create_dir_all(&folder).unwrap();
    let drawn = sample::draw(2);
    let image = drawn.test[7].image().unwrap();
    let buffer = image::RgbImage::from_raw(image.width(), image.height(), image.pixels().to_vec()).unwrap();
    buffer.save(folder.join(name)).unwrap();
    folder.join(name).canonicalize().unwrap()
}

/// Opens the page and has everything kept.
async fn keep_everything(browser: &Browser) {
    browser.open(QUERY).await.unwrap();
    browser.click("offline-keep").await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "ready").await.unwrap();
    assert_eq!(browser.attribute("offline-status", "data-missing").await.unwrap().as_deref(), Some("0"));
}

/// Sample, features, training, classification.
async fn whole_job(browser: &Browser, picture: &Path) {
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "60").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    assert_eq!(browser.attribute("extract-progress", "data-computed").await.unwrap().as_deref(), Some("80"));
    browser.fill("epochs", "3").await.unwrap();
    browser.click("train-start").await.unwrap();
    let accuracy = browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    assert!((0.0..=1.0).contains(&accuracy.parse::<f32>().unwrap()), "{accuracy}");
    browser.choose("classify-input", &[picture]).await.unwrap();
    browser.wait_for("classify-result", "data-class", 60, |_| true).await.unwrap();
}

/// The requests for the backbone's file.
fn for_model(asked: &[Asked]) -> Vec<&Asked> {
    asked.iter().filter(|asked| asked.path.ends_with(".onnx")).collect()
}

/// How piece `at` is asked for.
fn range_of(manifest: &Manifest, at: u64) -> String {
    let piece = manifest.pieces.bytes;
    format!("bytes={}-{}", at * piece, ((at + 1) * piece).min(manifest.bytes) - 1)
}

/// Each file of the built page in `dist` with its SHA-256.
fn files(dist: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(dist).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file()).map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, sha256(&fs::read(path).unwrap()))
    });
    files.filter(|(name, _)| name != "service-worker.js").collect()
}

/// The same as the page gets them.
async fn files_of_page(browser: &Browser, names: impl Iterator<Item = &String>) -> BTreeMap<String, String> {
    let script = "const [names, done] = arguments;
        (async () => {
            const found = {};
            for (const name of names) {
                const bytes = await (await fetch(name)).arrayBuffer();
                const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
                found[name] = [...sum].map(byte => byte.toString(16).padStart(2, '0')).join('');
            }
            done(found);
        })().catch(error => done(String(error)));";
    let names: Vec<_> = names.collect();
    let found = browser.client.execute_async(script, vec![json!(names)]).await.unwrap();
    serde_json::from_value(found.clone()).unwrap_or_else(|_| panic!("{found}"))
}

/// The page's own version.
async fn version(browser: &Browser) -> String {
    let script = "return document.querySelector('meta[name=version]').content;";
    browser.client.execute(script, vec![]).await.unwrap().as_str().unwrap().to_owned()
}

/// A copy of the built page in which each of `changed` ends in a comment more.
fn changed_copy(name: &str, changed: &[&str], comment: &str) -> PathBuf {
    let copy = root().join("target/e2e").join(name);
    fs::remove_dir_all(&copy).ok();
    fs::create_dir_all(&copy).unwrap();
    for entry in fs::read_dir(root().join("dist")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    for file in changed {
        let text = fs::read_to_string(copy.join(file)).unwrap();
        fs::write(copy.join(file), format!("{text}\n{comment}\n")).unwrap();
    }
    let copy = copy.canonicalize().unwrap();
    build_page::precache::make(&root().join("www"), &copy).unwrap();
    copy
}

/// What pages and workers of `origin` asked the network for, by the browser's own log. (A browser
/// has errands of its own, such as asking what fields to fill in; those have no origin.)
fn addresses(log: &Path, origin: &str) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap();
    let events = text.lines().filter_map(|line| {
        serde_json::from_str::<Value>(line.trim_end_matches([',', ']', '}']))
            .or_else(|_| serde_json::from_str(line.trim_end_matches(',')))
            .ok()
    });
    let from_page = events.filter(|event| event["params"]["initiator"] == origin);
    from_page.filter_map(|event| event["params"]["url"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_job_without_a_server_and_no_request_to_others() {
    let mut site = Site::start(&built()).unwrap();
    let log = tempfile::NamedTempFile::new().unwrap();
    let browser = browser(&site, &[format!("--log-net-log={}", log.path().display())]).await;
    keep_everything(&browser).await;
    site.stop();

    // Another tab, with another query.
    let tab = browser.client.new_window(true).await.unwrap();
    browser.client.switch_to_window(tab.handle).await.unwrap();
    browser.open(QUERY).await.unwrap();
    browser.wait_for("offline-status", "data-state", 60, |state| state == "ready").await.unwrap();
    let isolated = browser.client.execute("return crossOriginIsolated;", vec![]).await.unwrap();
    assert_eq!(isolated, json!(true), "the headers came out of the cache");
    let script = "const done = arguments[0];
        fetch('./').then(answer => done(answer.headers.get('content-security-policy')));";
    let policy = browser.client.execute_async(script, vec![]).await.unwrap();
    assert!(policy.as_str().is_some_and(|policy| policy.contains("default-src 'self'")), "{policy}");
    whole_job(&browser, &picture("offline.png")).await;
    // What is stored is found again, still without a server: of the site's backbones the one that is kept is
    // opened, whatever its weights are.
    browser.open("?lang=es").await.unwrap();
    browser.wait_for("test-accuracy", "data-value", 60, |_| true).await.unwrap();
    assert_eq!(browser.attribute("backbone", "data-address").await.unwrap().as_deref(), Some(NOTEBOOK));
    browser.find("backbone-chosen").await.unwrap();

    let origin = format!("http://{}", site.address());
    let own = format!("{origin}/");
    let policy = browser
        .client
        .execute_async(
            "const done = arguments[0];
        fetch('http://127.0.0.1:9/').then(() => done('answered'), () => done('refused'));",
            vec![],
        )
        .await
        .unwrap();
    assert_eq!(policy, json!("refused"));
    browser.close().await.unwrap();
    let asked = addresses(log.path(), &origin);
    assert!(asked.iter().filter(|address| address.starts_with(&own)).count() > 20, "{asked:?}");
    let others: Vec<_> = asked.iter().filter(|address| !address.starts_with(&own)).collect();
    assert!(others.is_empty(), "{others:?}");
}

/// A server that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Unpacks what `make bundle` packed into `folder` and starts its server there, which is given
/// nothing of this machine.
fn start_bundle(folder: &Path) -> (Running, SocketAddr) {
    // The folder that Cargo builds into, two above the one of this program.
    let program = std::env::current_exe().unwrap();
    let target = program.ancestors().nth(3).unwrap();
    let files = fs::read_dir(target).unwrap().map(|entry| entry.unwrap().path());
    let bundles = files.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("bottleneck-") && name.ends_with(".zip")
    });
    let newest = bundles.max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap());
    let file = fs::File::open(newest.expect("`make bundle` comes first")).unwrap();
    zip::ZipArchive::new(file).unwrap().extract(folder).unwrap();
    let unpacked = folder.join("bottleneck");
    let mut running = Command::new(unpacked.join(format!("serve{}", std::env::consts::EXE_SUFFIX)))
        .args(["--port", "0"])
        .env_clear()
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("what was unpacked can be started");
    let mut address = String::new();
    BufReader::new(running.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let address = address.trim().strip_prefix("http://").expect("an address").parse().unwrap();
    (Running(running), address)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpacked_bundle_does_the_whole_job_without_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let (running, address) = start_bundle(folder.path());
    // Whatever is not this machine goes to a proxy that nobody has.
    let flags = ["--proxy-server=127.0.0.1:9", "--proxy-bypass-list=127.0.0.1"].map(str::to_owned);
    let browser = Browser::at(address, &flags).await.unwrap();
    keep_everything(&browser).await;
    drop(running);
    browser.open(QUERY).await.unwrap();
    browser.wait_for("offline-status", "data-state", 60, |state| state == "ready").await.unwrap();
    whole_job(&browser, &picture("bundle.png")).await;
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_download_fetches_only_what_is_missing() {
    let manifest = manifest();
    let (total, piece) = (manifest.bytes, manifest.pieces.bytes);
    let site = Site::start(&built()).unwrap();
    let browser = browser(&site, &[]).await;
    browser.open(QUERY).await.unwrap();
    site.break_after(Some(4 * piece + piece / 2));
    browser.click("offline-keep").await.unwrap();
    browser.wait_for("error", "data-kind", 120, |kind| kind == "problem-not-kept").await.unwrap();
    let asked = site.asked();
    let ranges: Vec<_> = for_model(&asked).iter().map(|asked| asked.range.clone().unwrap()).collect();
    // Four came; the fifth was tried again and again.
    let fifth = range_of(&manifest, 4);
    let first_four: Vec<_> = (0..4).map(|at| range_of(&manifest, at)).collect();
    assert_eq!(ranges[..4], first_four);
    assert!(ranges.len() > 5 && ranges[4..].iter().all(|range| *range == fifth), "{ranges:?}");
    let missing = (total - 4 * piece).to_string();
    browser.dismiss_error().await.unwrap();
    browser.wait_for("offline-status", "data-missing", 60, |bytes| bytes == missing).await.unwrap();

    // The laptop was closed in between, and one of the stored pieces is damaged.
    let damage = "const [sum, done] = arguments;
        const open = indexedDB.open('bottleneck-backbones');
        open.onsuccess = () => {
            const transaction = open.result.transaction('pieces', 'readwrite');
            transaction.objectStore('pieces').put(new Blob(['damaged']), sum);
            transaction.oncomplete = () => { open.result.close(); done(true); };
        };
        open.onerror = () => done(false);";
    let damaged = browser.client.execute_async(damage, vec![json!(manifest.pieces.sha256[1])]).await.unwrap();
    assert_eq!(damaged, json!(true));
    site.break_after(None);
    browser.open(QUERY).await.unwrap();
    browser.wait_for("offline-status", "data-missing", 60, |bytes| bytes == missing).await.unwrap();
    browser.click("offline-keep").await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "ready").await.unwrap();
    let asked = site.asked();
    let fetched: Vec<_> =
        for_model(&asked).iter().map(|asked| (asked.range.clone().unwrap(), asked.sent)).collect();
    let missing = [1].into_iter().chain(4..manifest.pieces.sha256.len() as u64);
    let expected: Vec<_> = missing.map(|at| range_of(&manifest, at)).collect();
    assert_eq!(fetched.iter().map(|(range, _)| range.clone()).collect::<Vec<_>>(), expected);
    assert_eq!(fetched.iter().map(|(_, sent)| sent).sum::<u64>(), total - 3 * piece);

    // It is the right file: the engine loads it, and nothing is fetched for that.
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("engine-status", "data-state", 120, |state| state == "ready").await.unwrap();
    assert_eq!(for_model(&site.asked()), Vec::<&Asked>::new());
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extraction_whose_download_broke_goes_on_when_asked_again() {
    let manifest = manifest();
    let piece = manifest.pieces.bytes;
    let site = Site::start(&built()).unwrap();
    site.break_after(Some(2 * piece + 1));
    let browser = browser(&site, &[]).await;
    browser.open(QUERY).await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("error", "data-kind", 120, |kind| kind == "problem-download").await.unwrap();
    site.asked();
    site.break_after(None);
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    let asked = site.asked();
    let ranges: Vec<_> = for_model(&asked).iter().map(|asked| asked.range.clone().unwrap()).collect();
    let missing = 2..manifest.pieces.sha256.len() as u64;
    assert_eq!(ranges, missing.map(|at| range_of(&manifest, at)).collect::<Vec<_>>());
    // What was needed once is kept.
    browser.wait_for("offline-status", "data-state", 60, |state| state == "ready").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_is_offered_and_never_mixed() {
    let old = built();
    let new = folders(changed_copy("new", &["session.js", "engine_cpu.js"], "// new"));
    let (old_files, new_files) = (files(&old.dist), files(&new.dist));
    assert_ne!(old_files, new_files);
    assert!(old_files.keys().eq(new_files.keys()));

    let mut site = Site::start(&old).unwrap();
    let browser = browser(&site, &[]).await;
    keep_everything(&browser).await;
    let old_version = version(&browser).await;
    site.start_again(&new).unwrap();
    browser.open(QUERY).await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "update").await.unwrap();
    assert_eq!(version(&browser).await, old_version);
    assert_eq!(files_of_page(&browser, old_files.keys()).await, old_files);

    // Another tab of the old version holds the new one up, and gets old files too.
    let first = browser.client.window().await.unwrap();
    let second = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(second).await.unwrap();
    browser.open(QUERY).await.unwrap();
    browser.wait_for("offline-status", "data-state", 60, |state| state == "update").await.unwrap();
    assert_eq!(version(&browser).await, old_version);
    browser.click("update-apply").await.unwrap();
    let text = "return document.querySelector('[data-testid=offline-status]').textContent.includes('Close the other tab');";
    let begun = Instant::now();
    while browser.client.execute(text, vec![]).await.unwrap() != json!(true) {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "{}",
            browser.text("offline-status").await.unwrap()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(files_of_page(&browser, old_files.keys()).await, old_files);
    browser.client.close_window().await.unwrap();
    browser.client.switch_to_window(first).await.unwrap();

    browser.click("update-apply").await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "ready").await.unwrap();
    assert_ne!(version(&browser).await, old_version);
    assert_eq!(files_of_page(&browser, new_files.keys()).await, new_files);
    let kept = "const done = arguments[0]; caches.keys().then(names => done(names.length));";
    assert_eq!(
        browser.client.execute_async(kept, vec![]).await.unwrap(),
        json!(1),
        "the old one is forgotten"
    );
    // The new page works, and without a server too.
    site.stop();
    browser.open(QUERY).await.unwrap();
    whole_job(&browser, &picture("update.png")).await;
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_is_not_whole_changes_nothing() {
    let old = built();
    let old_files = files(&old.dist);
    // The list was made, and then somebody put another file there.
    let broken = changed_copy("broken", &["session.js"], "// new");
    fs::write(broken.join("session.js"), "throw new Error('not in the list');").unwrap();

    let mut site = Site::start(&old).unwrap();
    let browser = browser(&site, &[]).await;
    keep_everything(&browser).await;
    site.start_again(&folders(broken)).unwrap();
    site.asked();
    browser.open(QUERY).await.unwrap();
    // The browser has tried the new version, and given it up.
    let begun = Instant::now();
    let mut tried = false;
    let idle = "const done = arguments[0]; navigator.serviceWorker.getRegistration()
        .then(known => done(!known.installing && !known.waiting));";
    while !tried || browser.client.execute_async(idle, vec![]).await.unwrap() != json!(true) {
        tried = tried || site.asked().iter().any(|asked| asked.path == "/session.js");
        assert!(begun.elapsed() < Duration::from_secs(60), "no new version was tried");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(browser.attribute("offline-status", "data-state").await.unwrap().as_deref(), Some("ready"));
    assert_eq!(files_of_page(&browser, old_files.keys()).await, old_files);
    browser.close().await.unwrap();
}

/// Lets the service worker's cache fail as a request for any file with `?broken=` in its address says: `full` keeps
/// nothing, `closed` cannot be opened.
const FAILING: &str = "let broken = '';
addEventListener('fetch', (event) => {
  broken = /broken=(\\w+)/.exec(event.request.url)?.[1] ?? broken;
});
const openCache = caches.open.bind(caches);
caches.open = async (name) => {
  if (broken === 'closed') throw new DOMException('closed', 'UnknownError');
  const cache = await openCache(name);
  if (broken === 'full') {
    cache.match = async () => undefined;
    cache.put = async () => { throw new DOMException('full', 'QuotaExceededError'); };
  }
  return cache;
};
";

#[tokio::test(flavor = "multi_thread")]
async fn where_the_cache_fails_the_server_answers() {
    let copy = changed_copy("failing", &[], "");
    let worker = copy.join("service-worker.js");
    let text = fs::read_to_string(&worker).unwrap();
    fs::write(&worker, format!("{FAILING}{text}")).unwrap();
    let whole = files(&copy);
    let site = Site::start(&folders(copy)).unwrap();
    let browser = browser(&site, &[]).await;
    keep_everything(&browser).await;
    for fault in ["full", "closed"] {
        let script = format!(
            "const done = arguments[0]; fetch('icon.svg?broken={fault}').then((icon) => done(icon.ok), () => done(false));"
        );
        assert_eq!(browser.client.execute_async(&script, vec![]).await.unwrap(), json!(true), "{fault}");
        site.asked();
        assert_eq!(files_of_page(&browser, whole.keys()).await, whole, "{fault}");
        let asked = site.asked().len();
        assert!(asked >= whole.len(), "{fault}: {asked} of {} came from the server", whole.len());
        browser.open(QUERY).await.unwrap();
    }
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_can_be_installed() {
    let site = Site::start(&built()).unwrap();
    let browser = browser(&site, &[]).await;
    keep_everything(&browser).await;
    let manifest = browser.devtools("Page.getAppManifest", json!({})).await.unwrap();
    assert_eq!(manifest["errors"], json!([]), "{manifest}");
    assert!(manifest["url"].as_str().is_some_and(|url| url.ends_with("/manifest.webmanifest")), "{manifest}");
    let errors = browser.devtools("Page.getInstallabilityErrors", json!({})).await.unwrap();
    assert_eq!(errors["installabilityErrors"], json!([]));
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_plain_http_address_it_says_so_and_keeps_the_network_all_the_same() {
    let site = Site::start(&built()).unwrap();
    let browser = browser(&site, &["--host-resolver-rules=MAP school.test 127.0.0.1".to_owned()]).await;
    let address = |train| {
        let query = format!("?lang=en&backbone={NOTEBOOK}&train={train}&test=20");
        format!("http://school.test:{}/{query}#/notebook", site.address().port())
    };
    browser.client.goto(&address(100)).await.unwrap();
    browser.wait_for("offline-status", "data-state", 60, |state| state == "unsupported").await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("engine-status", "data-state", 120, |state| state == "ready").await.unwrap();
    assert_eq!(for_model(&site.asked()).len(), manifest().pieces.sha256.len());
    browser.client.goto(&address(200)).await.unwrap();
    browser.wait_for("offline-status", "data-missing", 60, |bytes| bytes == "0").await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("engine-status", "data-state", 120, |state| state == "ready").await.unwrap();
    assert_eq!(for_model(&site.asked()).len(), 0, "it came out of the store");
    browser.close().await.unwrap();
}
