//! What only a browser can measure: the store, the training of a head on stored features, and the engines
//! beside others.
//!
//! ```text
//! cargo run -p e2e --bin bench -- store [IMAGES]
//! cargo run -p e2e --bin bench -- head [IMAGES]
//! cargo run -p e2e --bin bench -- engines [ROUNDS]
//! ```

mod engines;
mod peers;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use e2e::{Browser, Synthetic, write_batch};
use serde_json::json;

const BACKBONE: &str = "inception_v3.json";
/// Filters, places of the convolution, taps and channels of the notebook's head.
const SHAPE: [f64; 4] = [100.0, 4.0, 4.0, 2048.0];
/// Rounds of each, taken in turn; the median counts.
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let number = arguments.next().map(|number| number.parse::<u32>()).transpose()?;
    match task.as_str() {
        "store" => store(number.unwrap_or(10_000)).await,
        "head" => head(number.unwrap_or(5_000)).await,
        "engines" => engines::run(number.map_or(ROUNDS, |rounds| rounds.max(1) as usize)).await,
        _ => bail!("`store`, `head` or `engines`"),
    }
}

/// Writing and reading features of full size through the product's store.
async fn store(images: u32) -> anyhow::Result<()> {
    let synthetic = Synthetic::start(BACKBONE).await?;
    let (mut written, mut read) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        synthetic.run(json!({ "task": "clear" })).await?;
        written.push(synthetic.fill(images).await?);
        read.push(synthetic.read(images).await?);
    }
    println!("| the store, {images} images of 3 x 3 x 2048 | images a second |");
    println!("| --- | --- |");
    println!("| written | {:.0} |", median(&mut written));
    println!("| read | {:.0} |", median(&mut read));
    synthetic.browser.close().await
}

/// An epoch of the notebook's head with one worker, with two, and in Keras.
async fn head(images: u32) -> anyhow::Result<()> {
    let mut synthetic = Synthetic::start(BACKBONE).await?;
    let mut peaks = Vec::new();
    for _ in 0..ROUNDS {
        peaks.push(synthetic.run(json!({ "task": "peak" })).await?["gflops"].as_f64().context("no peak")?);
    }
    let peak = median(&mut peaks);
    let mut batches = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (workers, batches) in (1..).zip(&mut batches) {
            let task = json!({ "task": "head", "images": 1000, "workers": workers });
            batches.push(synthetic.run(task).await?["batch"].as_f64().context("no batch")?);
        }
    }
    let batches = batches.map(|mut batches| median(&mut batches));
    println!("a batch of 50 from memory: {:.1} ms with one worker, {:.1} with two", batches[0], batches[1]);
    // A last block for the exam.
    synthetic.fill(images + 256).await?;
    let folder = tempfile::tempdir()?;
    let [train, test] = ["data_batch_1.bin", "test_batch.bin"].map(|name| folder.path().join(name));
    write_batch(&train, 0, images)?;
    write_batch(&test, images, images + 256)?;
    let (mut epochs, mut keras) = ([Vec::new(), Vec::new()], Vec::new());
    for _ in 0..ROUNDS {
        for (workers, epochs) in (1..).zip(&mut epochs) {
            synthetic.to_page(&format!("?lang=en&workers={workers}&engine=cpu")).await?;
            epochs.extend(train_epochs(&synthetic.browser, &[&train, &test], 3).await?);
        }
        keras.extend(keras_epoch(images)?);
    }
    let mut stops = Vec::new();
    for batch in [50, 1024] {
        synthetic.to_page("?lang=en&workers=2&engine=cpu").await?;
        stops.push((batch, stop(&synthetic.browser, &[&train, &test], batch).await?));
    }
    let trained = f64::from(images) * 0.8;
    let [filters, places, taps, channels] = SHAPE;
    // Forward and for the kernel's gradient; a multiplication and an addition each.
    let operations = trained * filters * places * taps * channels * 2.0 * 2.0;
    println!("| an epoch, {images} images, a fifth of them validated | s | GFLOP/s | of the peak |");
    println!("| --- | --- | --- | --- |");
    let medians = epochs.map(|mut epochs| median(&mut epochs));
    for (workers, seconds) in (1..).zip(medians) {
        let rate = operations / seconds / 1e9;
        let share = 100.0 * rate / peak / f64::from(workers);
        println!("| {workers} workers | {seconds:.2} | {rate:.1} | {share:.0} % |");
    }
    if keras.is_empty() {
        println!("Keras was not measured: `make setup-tensorflow` installs it");
    } else {
        let seconds = median(&mut keras);
        println!("| Keras, natively, all cores | {seconds:.2} | {:.1} | |", operations / seconds / 1e9);
        println!("an epoch with two workers takes {:.2} of Keras' time", medians[1] / seconds);
    }
    for (batch, milliseconds) in stops {
        println!("with batches of {batch}, the training has stopped {milliseconds:.0} ms after the click");
    }
    println!(
        "two workers are {:.2} times one; one core's peak is {peak:.1} GFLOP/s",
        medians[0] / medians[1]
    );
    synthetic.browser.close().await
}

/// Milliseconds from a click on the button that stops a training to its end, the median of some trainings: the
/// button is gone then, or says that what was learnt is measured.
async fn stop(browser: &Browser, files: &[&Path], batch: u32) -> anyhow::Result<f64> {
    browser.choose("dataset-input", files).await?;
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await?;
    browser.script("document.querySelector('[data-testid=settings]').open = true;").await?;
    browser.fill("batch", &batch.to_string()).await?;
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        browser.click("train-start").await?;
        let stop = "document.querySelector('[data-testid=train-stop]')";
        browser.until("it has begun", &format!("!{stop}.hidden && !{stop}.disabled")).await?;
        // Somewhere in an epoch, not always in the same place.
        tokio::time::sleep(Duration::from_millis(2_000 + 330 * round as u64)).await;
        let code = format!(
            "const done = arguments[0], stop = {stop}, begun = performance.now();
             const look = () =>
                 stop.hidden || stop.disabled ? done(performance.now() - begun) : setTimeout(look, 5);
             stop.click();
             look();"
        );
        times.push(browser.client.execute_async(&code, vec![]).await?.as_f64().context("no time")?);
        browser.until("it is over", &format!("{stop}.hidden")).await?;
    }
    Ok(median(&mut times))
}

/// Seconds of Keras' epoch on as many images, where it is installed.
fn keras_epoch(images: u32) -> anyhow::Result<Option<f64>> {
    let python = e2e::tools()?.join("tensorflow/bin/python");
    if !python.exists() {
        return Ok(None);
    }
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/keras_epoch.py");
    let output = Command::new(python).arg(program).arg(images.to_string()).output()?;
    if !output.status.success() {
        bail!("Keras: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(Some(String::from_utf8(output.stdout)?.trim().parse()?))
}

/// Trains so many epochs on the files. Gives their seconds, but for the first one's: it reads the
/// features.
async fn train_epochs(browser: &Browser, files: &[&Path], epochs: u32) -> anyhow::Result<Vec<f64>> {
    browser.choose("dataset-input", files).await?;
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await?;
    browser.fill("epochs", &epochs.to_string()).await?;
    browser.click("train-start").await?;
    let stop = "document.querySelector('[data-testid=train-stop]').hidden";
    browser.until("it has begun", &format!("!{stop}")).await?;
    let rows = "return [...document.querySelectorAll('[data-testid=epoch-row]')]
        .map(row => +row.dataset.seconds);";
    while browser.script(&format!("return {stop};")).await? != json!(true) {
        let error = browser.text("error").await?;
        if !error.is_empty() {
            bail!("the page says: {error}");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let seconds: Vec<f64> = serde_json::from_value(browser.script(rows).await?)?;
    if seconds.len() as u32 != epochs {
        bail!("{} epochs of {epochs}", seconds.len());
    }
    Ok(seconds[1..].to_vec())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
