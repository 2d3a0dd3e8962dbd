//! The notebook's scale: features of full size, more of them than should be in memory at once.

use std::time::Duration;

use e2e::{Synthetic, write_batch};
use serde_json::json;

/// Images to train on: 737 MB of features.
const IMAGES: u32 = 20_000;
/// Images of the exam.
const EXAM: u32 = 256;
/// Bytes that all WebAssembly memories may have together.
const MEMORY: u64 = 1_000_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_images_are_trained_on_without_being_in_memory() {
    let mut synthetic = Synthetic::start("inception_v3.json").await.unwrap();
    synthetic.fill(IMAGES + EXAM).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [train, test] = ["data_batch_1.bin", "test_batch.bin"].map(|name| folder.path().join(name));
    write_batch(&train, 0, IMAGES).unwrap();
    write_batch(&test, IMAGES, IMAGES + EXAM).unwrap();

    // The page, opened after they were stored.
    synthetic.to_page("?lang=en&engine=cpu").await.unwrap();
    let browser = &synthetic.browser;
    browser.choose("dataset-input", &[&train, &test]).await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 120, |phase| phase == "complete").await.unwrap();
    let computed = browser.attribute("extract-progress", "data-computed").await.unwrap();
    assert_eq!(computed.as_deref(), Some("0"), "all of them are found");
    browser.fill("epochs", "2").await.unwrap();
    browser.click("train-start").await.unwrap();
    let stop = "document.querySelector('[data-testid=train-stop]').hidden";
    browser.until("it runs", &format!("!{stop}")).await.unwrap();
    // By then all workers have begun, and no memory of theirs ever shrinks.
    let rows = "document.querySelectorAll('[data-testid=epoch-row]').length";
    browser.until("an epoch is over", &format!("{rows} >= 1 && !{stop}")).await.unwrap();
    let (mut most, mut of_what) = (0, String::new());
    while browser.script(&format!("return {stop};")).await.unwrap() != json!(true) {
        // Attached anew each time: the training's workers come and go.
        if let Ok(memories) = browser.workers().await.unwrap().memories().await {
            let sum = memories.values().flatten().sum();
            if sum > most {
                (most, of_what) = (sum, format!("{memories:?}"));
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    println!("at most {} MB of WebAssembly memory: {of_what}", most >> 20);
    assert!(of_what.contains("trainer") && of_what.contains("session"), "{of_what}");
    assert!(most < MEMORY, "{of_what}");
    let rows = browser.script(&format!("return {rows};")).await;
    assert_eq!(rows.unwrap(), json!(2));
    assert_eq!(browser.text("error").await.unwrap(), "");
    browser.wait_for("test-accuracy", "data-value", 30, |_| true).await.unwrap();
}
