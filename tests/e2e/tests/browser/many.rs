//! Sets of some hundred pictures: read while the page answers, ended in between, read again on demand.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use bottleneck::pixels::RgbImage;
use bottleneck::random::Random;
use e2e::Browser;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Pictures of each of the two classes.
const OF_CLASS: u32 = 200;

/// A zip of noise, so that reading it takes a while: 100 kB a picture.
fn noise(folder: &Path) -> PathBuf {
    let path = folder.join("noise.zip");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    let mut random = Random::new(4);
    for number in 0..2 * OF_CLASS {
        let class = ["bright", "dark"][number as usize % 2];
        zip.start_file(format!("noise/{class}/{number}.png"), SimpleFileOptions::default()).unwrap();
        let least = if class == "bright" { 100 } else { 0 };
        let image =
            RgbImage::from_fn(190, 190, |_, _| std::array::from_fn(|_| least + random.below(150) as u8));
        zip.write_all(&image.to_png().unwrap()).unwrap();
    }
    zip.finish().unwrap();
    path
}

/// Whether so many pictures are read, but not all.
fn some_read(least: u32) -> impl Fn(&str) -> bool {
    move |read: &str| read.parse().is_ok_and(|read: u32| read >= least)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_read_on_demand_and_its_reading_can_be_ended() {
    let folder = tempfile::tempdir().unwrap();
    let zip = noise(folder.path());
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en&train=12&test=6").await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-source", 60, |_| true).await.unwrap();
    let before = browser.attribute("dataset-summary", "data-source").await.unwrap();

    browser.choose("dataset-input", &[&zip]).await.unwrap();
    browser.wait_for("dataset-reading", "data-pictures", 60, some_read(1)).await.unwrap();
    browser.click("dataset-cancel").await.unwrap();
    browser.wait_for("dataset-summary", "data-source", 60, |_| true).await.unwrap();
    assert_eq!(browser.attribute("dataset-summary", "data-source").await.unwrap(), before);
    assert_eq!(browser.text("error").await.unwrap(), "");

    // Read to the end; the file is read again for the network.
    browser.choose("dataset-input", &[&zip]).await.unwrap();
    let folders = |source: &str| source == "data-source-folders";
    browser.wait_for("dataset-summary", "data-source", 120, folders).await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();

    // A file that changes afterwards: a sentence, and what is computed stays.
    browser.fill("limit-train", "14").await.unwrap();
    browser.wait_for("extract-progress", "data-total", 30, |total| total == "20").await.unwrap();
    fs::write(&zip, "gone").unwrap();
    browser.click("extract-start").await.unwrap();
    let kind = browser.wait_for("error", "data-kind", 120, |_| true).await.unwrap();
    assert_eq!(kind, "problem-picture-gone");
    assert_eq!(browser.attribute("extract-progress", "data-done").await.unwrap().as_deref(), Some("18"));
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_filled_in_part_and_shown_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let zip = noise(folder.path());
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en").await.unwrap();
    browser.make_project().await.unwrap();
    browser.choose("project-folders", &[&zip]).await.unwrap();
    let some = |done: &str| done.parse::<usize>().is_ok_and(|done| done > 0);
    browser.wait_for("project-adding", "data-done", 60, some).await.unwrap();
    browser.click("project-adding-cancel").await.unwrap();
    let kind = browser.wait_for("error", "data-kind", 60, |_| true).await.unwrap();
    assert_eq!(kind, "problem-adding-ended");
    browser.click("project-undo").await.unwrap();
    let counts = "JSON.stringify([...document.querySelectorAll('[data-testid=class-card]')]
        .map(card => card.dataset.count))";
    browser.until("nothing is left", &format!("{counts} === '[\"0\",\"0\"]'")).await.unwrap();

    browser.choose("project-folders", &[&zip]).await.unwrap();
    let all = format!("{counts} === '[\"{OF_CLASS}\",\"{OF_CLASS}\"]'");
    browser.until("all pictures", &all).await.unwrap();
    // Forty-eight of each class are shown, whichever they are.
    let shown =
        |count: usize| format!("document.querySelectorAll('[data-testid=thumbnail]').length === {count}");
    browser.until("the last ones", &shown(96)).await.unwrap();
    for _ in 0..4 {
        browser.click("class-earlier").await.unwrap();
    }
    browser.until("the first ones", &shown(48 + (OF_CLASS as usize - 4 * 48))).await.unwrap();
    // After a reload they are read from the store, and so are the pictures for the network.
    browser.client.refresh().await.unwrap();
    browser.until("the last ones again", &shown(96)).await.unwrap();
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}
