//! A training on more features than should be in memory at once, for the test of it and the measurement.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::json;

use crate::{Synthetic, write_batch};

/// What was seen of such a training.
pub struct AtScale {
    /// Images whose features the page computed, of those that were stored.
    pub computed: String,
    /// Seconds from the click to the first batch that is done.
    pub begun: f64,
    /// Seconds of each epoch.
    pub epochs: Vec<f64>,
    /// Bytes that all WebAssembly memories had together, at the most, and which memory had how many then.
    pub memory: (u64, String),
}

impl Synthetic {
    /// Stores the features of so many images and of some more for the exam, opens the page and trains the
    /// notebook's head on them, for so many epochs.
    ///
    /// # Errors
    /// Where the page says one, or does not get there.
    pub async fn train_at_scale(&mut self, images: u32, exam: u32, epochs: u32) -> anyhow::Result<AtScale> {
        self.fill(images + exam).await?;
        let folder = tempfile::tempdir()?;
        let [train, test] = ["data_batch_1.bin", "test_batch.bin"].map(|name| folder.path().join(name));
        write_batch(&train, 0, images)?;
        write_batch(&test, images, images + exam)?;

        // The page, opened after they were stored.
        self.to_page("?lang=en&engine=cpu").await?;
        let browser = &self.browser;
        browser.choose("dataset-input", &[&train, &test]).await?;
        browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await?;
        let computed = browser.attribute("extract-progress", "data-computed").await?;
        browser.fill("epochs", &epochs.to_string()).await?;
        let begin = "const done = arguments[0], begun = performance.now();
            const look = () => document.querySelector('#training progress')?.value > 0
                ? done((performance.now() - begun) / 1000)
                : setTimeout(look, 5);
            document.querySelector('[data-testid=train-start]').click();
            look();";
        let begun = browser.client.execute_async(begin, vec![]).await?.as_f64().context("no time")?;
        let stopped = "return document.querySelector('[data-testid=train-stop]').hidden;";
        let mut memory = (0, String::new());
        while browser.script(stopped).await? != json!(true) {
            // Attached anew each time: the training's workers come and go, and no memory ever shrinks.
            if let Ok(memories) = browser.workers().await?.memories().await {
                let sum = memories.values().flatten().sum();
                if sum > memory.0 {
                    memory = (sum, format!("{memories:?}"));
                }
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let error = browser.text("error").await?;
        if !error.is_empty() {
            bail!("the page says: {error}");
        }
        browser.wait_for("test-accuracy", "data-value", 30, |_| true).await?;
        let rows = "return [...document.querySelectorAll('[data-testid=epoch-row]')]
            .map(row => +row.dataset.seconds);";
        let epochs = serde_json::from_value::<Vec<f64>>(browser.script(rows).await?)?;
        Ok(AtScale { computed: computed.unwrap_or_default(), begun, epochs, memory })
    }
}
