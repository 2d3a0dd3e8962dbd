//! The main job once, without a window: sample or file, features, training, test accuracy.
//!
//! Settings come from the environment: `DATA` (a CIFAR-10 archive; else the built-in sample),
//! `TRAIN` and `TEST` (the first so many images), `EPOCHS`, `BACKBONE` (a manifest, such as
//! `models/mixed_8.json`; else the page opens the best one it has), `SEEDS` (one training each, such as
//! `1,2,3`), `ENGINE`, `PAGE_LANG`, and `SHOT` (where the picture goes).

use std::env;
use std::io::{Write, stdout};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;
use e2e::{Browser, root};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let setting = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let mut query = format!("?lang={}", setting("PAGE_LANG").unwrap_or("en".to_owned()));
    for (parameter, name) in
        [("train", "TRAIN"), ("test", "TEST"), ("backbone", "BACKBONE"), ("engine", "ENGINE")]
    {
        if let Some(value) = setting(name) {
            query += &format!("&{parameter}={value}");
        }
    }
    let browser = Browser::start().await?;
    browser.open(&query).await?;
    browser.wait_for("backbone", "data-address", 60, |_| true).await?;
    println!("{}", browser.text("backbone").await?);
    // Nothing where it was given.
    println!("{}", browser.text("backbone-chosen").await?);
    match setting("DATA") {
        Some(file) => browser.choose("dataset-input", &[&Path::new(&file).canonicalize()?]).await?,
        None => browser.click("dataset-sample").await?,
    }
    browser.wait_for("dataset-summary", "data-train", 120, |_| true).await?;
    println!("{}", browser.text("dataset-summary").await?);

    let begun = Instant::now();
    browser.click("extract-start").await?;
    watch(&browser, "extract-progress", "data-phase", &["complete"], &["data-done", "data-total"]).await?;
    println!("\nfeatures: {:.0} s", begun.elapsed().as_secs_f32());

    if let Some(epochs) = setting("EPOCHS") {
        browser.fill("epochs", &epochs).await?;
    }
    let mut accuracies = Vec::new();
    for seed in setting("SEEDS").unwrap_or("1".to_owned()).split(',') {
        println!("seed {seed}");
        accuracies.push(train(&browser, seed).await?);
    }
    if accuracies.len() > 1 {
        let mean = accuracies.iter().sum::<f64>() / accuracies.len() as f64;
        println!("mean of {} seeds: {mean:.2} %", accuracies.len());
    }
    let shot = setting("SHOT").unwrap_or(root().join("target/screenshot.png").display().to_string());
    std::fs::write(&shot, browser.screenshot(1440).await?)?;
    println!("picture: {shot}");
    browser.close().await
}

/// Trains with a seed, epoch by epoch in the terminal. The test accuracy in percent.
async fn train(browser: &Browser, seed: &str) -> anyhow::Result<f64> {
    let begun = Instant::now();
    browser.fill("seed", seed).await?;
    // However short it is, it is seen: an earlier one's accuracy stands there until then.
    let stop = "document.querySelector('[data-testid=train-stop]')";
    let watch = format!(
        "window.begun = false;
        new MutationObserver(() => begun ||= {stop}?.hidden === false)
            .observe(document.body, {{ subtree: true, childList: true, attributes: true }});"
    );
    browser.script(&watch).await?;
    browser.click("train-start").await?;
    browser.until("the training begins", "begun").await?;
    let mut shown = 0;
    loop {
        let busy = browser.script(&format!("return {stop}?.hidden === false;")).await? == true;
        let script = "return [...document.querySelectorAll('[data-testid=epoch-row]')].map(row =>
            `epoch ${row.dataset.epoch}: loss ${row.dataset.loss} accuracy ${row.dataset.accuracy} ` +
            `val_loss ${row.dataset.valLoss} val_accuracy ${row.dataset.valAccuracy}`);";
        let mut rows: Vec<String> = serde_json::from_value(browser.script(script).await?)?;
        let number =
            |row: &String| row.trim_start_matches("epoch ").split(':').next().and_then(|n| n.parse().ok());
        rows.sort_by_key(|row| number(row).unwrap_or(0_u32));
        rows.iter().skip(shown).for_each(|row| println!("{row}"));
        shown = rows.len();
        let error = browser.text("error").await?;
        if !error.is_empty() {
            bail!("the page says: {error}");
        }
        if !busy {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    println!("training: {:.0} s", begun.elapsed().as_secs_f32());
    let accuracy = browser.wait_for("test-accuracy", "data-value", 30, |_| true).await?;
    let accuracy = accuracy.parse::<f64>()? * 100.0;
    println!("test accuracy: {accuracy:.2} %");
    Ok(accuracy)
}

/// Shows the attributes `shown` in one line until `name` has one of the values `until`.
async fn watch(
    browser: &Browser,
    id: &str,
    name: &str,
    until: &[&str],
    shown: &[&str],
) -> anyhow::Result<()> {
    loop {
        let mut line = Vec::new();
        for attribute in shown {
            line.push(browser.attribute(id, attribute).await?.unwrap_or_default());
        }
        print!("\r{}  ", line.join(" / "));
        stdout().flush()?;
        let value = browser.attribute(id, name).await?.unwrap_or_default();
        if until.contains(&value.as_str()) {
            return Ok(());
        }
        let error = browser.text("error").await?;
        if !error.is_empty() {
            bail!("the page says: {error}");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
