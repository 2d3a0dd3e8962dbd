//! The data set that the site offers, in headless Chromium.

use std::fs;
use std::path::PathBuf;

use e2e::{Browser, Site, root, write_batch};
use flate2::Compression;
use flate2::write::GzEncoder;
use serve::Folders;

const FILE: &str = "/data/cifar-10-binary.tar.gz";

/// A folder with an archive of 1,400 training and 600 test images, some 6 MB.
fn data() -> PathBuf {
    let folder = root().join("target/e2e/site-data");
    fs::create_dir_all(&folder).unwrap();
    let archive = fs::File::create(folder.join("cifar-10-binary.tar.gz")).unwrap();
    // Packed as little as photographs are.
    let mut tar = tar::Builder::new(GzEncoder::new(archive, Compression::none()));
    for (name, begin, end) in [("data_batch_1.bin", 0, 1_400), ("test_batch.bin", 1_400, 2_000)] {
        let batch = root().join("target/e2e").join(name);
        write_batch(&batch, begin, end).unwrap();
        tar.append_path_with_name(&batch, format!("cifar-10-batches-bin/{name}")).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
    folder
}

/// How often the archive was asked for in this way since the last look, and how much of it was sent.
fn asked(site: &Site, method: &str) -> (usize, u64) {
    let asked = site.asked();
    let asked: Vec<_> = asked.iter().filter(|asked| asked.path == FILE && asked.method == method).collect();
    (asked.len(), asked.iter().map(|asked| asked.sent).sum())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_offered_with_its_size_comes_on_demand_and_can_be_cancelled() {
    let data = data();
    let size = fs::metadata(data.join("cifar-10-binary.tar.gz")).unwrap().len();
    let folders = Folders { data, ..Folders::checkout(&root()) };
    let mut site = Site::start(&folders).unwrap();
    let browser = Browser::at(site.address(), &[]).await.unwrap();
    browser.open("?lang=en&train=200&test=50").await.unwrap();
    browser.wait_for("dataset-site", "data-bytes", 30, |bytes| bytes == size.to_string()).await.unwrap();
    let text = browser.text("dataset-site").await.unwrap();
    assert!(text.contains("from this site") && text.contains("6.1") && text.contains("MB"), "{text}");
    // Other data comes into use in the meantime.
    browser.click("dataset-sample").await.unwrap();
    browser
        .wait_for("dataset-summary", "data-source", 30, |source| source == "data-source-drawn")
        .await
        .unwrap();
    assert_eq!(asked(&site, "GET"), (0, 0), "nothing of it was downloaded");

    // A server that stops in the middle, and a person who does not wait for it.
    site.hold_after(Some(5_000_000));
    browser.click("dataset-site").await.unwrap();
    let comes = "/ of 6\\.1.MB/.test(document.querySelector('[data-testid=exchange-progress]')?.textContent)";
    browser.until("it comes", comes).await.unwrap();
    let source = browser.attribute("dataset-summary", "data-source").await.unwrap();
    assert_eq!(source.as_deref(), Some("data-source-drawn"), "what was in use is still shown");
    browser.click("exchange-cancel").await.unwrap();
    browser
        .until("it is cancelled", "!document.querySelector('[data-testid=exchange-progress]')")
        .await
        .unwrap();
    assert_eq!(browser.text("error").await.unwrap(), "");
    // The network is to come in whole.
    site.hold_after(None);
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();

    // A server that goes away. The browser kept what came before the cancelling and asks for the rest only, so
    // that less than the rest may come.
    site.hold_after(Some(500_000));
    browser.click("dataset-site").await.unwrap();
    browser.until("it comes", comes).await.unwrap();
    site.stop();
    browser.wait_for_problem("problem-site-data", 60).await.unwrap();
    browser.dismiss_errors().await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 30, |phase| phase == "complete").await.unwrap();
    site.start_again(&folders).unwrap();
    site.hold_after(None);
    browser.click("dataset-site").await.unwrap();
    browser
        .wait_for("dataset-summary", "data-source", 60, |source| source == "data-source-cifar")
        .await
        .unwrap();
    assert_eq!(browser.attribute("dataset-summary", "data-train").await.unwrap().as_deref(), Some("200"));
    browser.close().await.unwrap();
}
