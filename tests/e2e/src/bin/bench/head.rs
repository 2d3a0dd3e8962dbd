//! The training of the notebook's head with one worker, with two, and in Keras.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use e2e::{Browser, Synthetic, write_batch};
use serde_json::{Value, json};

use crate::{BACKBONE, ROUNDS, median};

/// Filters, places of the convolution, taps and channels of the notebook's head.
const SHAPE: [f64; 4] = [100.0, 4.0, 4.0, 2048.0];
/// Rounds at the most, until [`ROUNDS`] had the machine for themselves.
const MOST_ROUNDS: usize = 2 * ROUNDS;
/// From so many processors on both count as the machine's own.
const BOTH: f64 = 1.6;
/// How long is waited in all for both, and how long at a time.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(5);

/// How many processors a virtual machine of two really has at a time: what two trainings beside each other,
/// which share nothing, do for the best that one ever did alone. A processor whose other half works for
/// somebody else does half as much, and no clock of the machine tells it.
struct Processors {
    /// A browser of its own: the product's page, once open, would take the measuring page's place.
    page: Synthetic,
    /// Milliseconds a batch of the best training alone.
    best: f64,
    /// How long it still may wait for a better time.
    patience: Duration,
}

impl Processors {
    async fn start() -> anyhow::Result<Self> {
        let page = Synthetic::start(BACKBONE).await?;
        Ok(Self { page, best: f64::INFINITY, patience: PATIENCE })
    }

    async fn now(&mut self) -> anyhow::Result<f64> {
        let task = json!({ "task": "head", "images": 500, "workers": 1 });
        self.best = self.best.min(batch(&self.page.run(task.clone()).await?)?);
        let beside =
            self.page.run_twice(task).await?.iter().map(batch).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(2.0 * self.best / beside.into_iter().fold(0.0, f64::max))
    }

    /// The same, after waiting for both while there is patience.
    async fn awaited(&mut self) -> anyhow::Result<f64> {
        loop {
            let now = self.now().await?;
            if now >= BOTH || self.patience.is_zero() {
                return Ok(now);
            }
            tokio::time::sleep(PAUSE).await;
            self.patience = self.patience.saturating_sub(PAUSE);
        }
    }
}

/// What was measured of one thing, round by round.
#[derive(Default)]
struct Figures {
    /// While the machine had both processors.
    with_both: Vec<f64>,
    /// While it had not.
    disturbed: Vec<f64>,
}

impl Figures {
    /// `around` are the processors before and after.
    fn add(&mut self, value: f64, around: [f64; 2]) {
        let both = around.iter().all(|processors| *processors >= BOTH);
        if both { &mut self.with_both } else { &mut self.disturbed }.push(value);
    }

    fn are_enough(&self) -> bool {
        self.with_both.len() >= ROUNDS
    }

    /// Of the rounds with both processors; where there was none, of all.
    fn median(&self) -> f64 {
        let counted = if self.with_both.is_empty() { &self.disturbed } else { &self.with_both };
        median(&mut counted.clone())
    }

    /// How many rounds count.
    fn counted(&self) -> String {
        format!("{} of {}", self.with_both.len(), self.with_both.len() + self.disturbed.len())
    }
}

/// Milliseconds a batch.
fn batch(outcome: &Value) -> anyhow::Result<f64> {
    outcome["batch"].as_f64().context("no batch")
}

/// A batch and an epoch of the notebook's head with one worker, with two, and in Keras.
pub async fn run(images: u32) -> anyhow::Result<()> {
    let mut synthetic = Synthetic::start(BACKBONE).await?;
    let mut peaks = Vec::new();
    for _ in 0..ROUNDS {
        peaks.push(synthetic.run(json!({ "task": "peak" })).await?["gflops"].as_f64().context("no peak")?);
    }
    let peak = median(&mut peaks);
    let mut processors = Processors::start().await?;
    let batches = batches(&synthetic, &mut processors).await?;

    // A last block for the exam.
    synthetic.fill(images + 256).await?;
    let folder = tempfile::tempdir()?;
    let [train, test] = ["data_batch_1.bin", "test_batch.bin"].map(|name| folder.path().join(name));
    write_batch(&train, 0, images)?;
    write_batch(&test, images, images + 256)?;
    let files: [&Path; 2] = [&train, &test];
    let (epochs, keras) = epochs(&mut synthetic, &mut processors, &files, images).await?;
    let mut stops = Vec::new();
    for batch in [50, 1024] {
        synthetic.to_page("?lang=en&workers=2&engine=cpu").await?;
        stops.push((batch, stop(&synthetic.browser, &files, batch).await?));
    }

    println!("| a batch of 50 from memory | ms | rounds counted |");
    println!("| --- | --- | --- |");
    for (workers, figures) in (1..).zip(&batches) {
        println!("| {workers} workers | {:.1} | {} |", figures.median(), figures.counted());
    }
    println!(
        "\n| an epoch, {images} images, a fifth of them validated | s | GFLOP/s | of the peak | rounds counted |"
    );
    println!("| --- | --- | --- | --- | --- |");
    let [filters, places, taps, channels] = SHAPE;
    // Forward and for the kernel's gradient; a multiplication and an addition each.
    let operations = f64::from(images) * 0.8 * filters * places * taps * channels * 2.0 * 2.0;
    for (workers, figures) in (1..).zip(&epochs) {
        let (seconds, counted) = (figures.median(), figures.counted());
        let rate = operations / seconds / 1e9;
        let share = 100.0 * rate / peak / f64::from(workers);
        println!("| {workers} workers | {seconds:.2} | {rate:.1} | {share:.0} % | {counted} |");
    }
    let times = |[one, two]: &[Figures; 2]| one.median() / two.median();
    if let Some(keras) = keras {
        let (seconds, counted) = (keras.median(), keras.counted());
        println!("| Keras, natively | {seconds:.2} | {:.1} | | {counted} |", operations / seconds / 1e9);
        println!("\nan epoch with two workers takes {:.2} of Keras' time", epochs[1].median() / seconds);
    } else {
        println!("\nKeras was not measured: `make setup-tensorflow` installs it");
    }
    println!(
        "two workers do {:.2} times what one does on batches from memory, {:.2} times on epochs",
        times(&batches),
        times(&epochs)
    );
    for (batch, milliseconds) in stops {
        println!("with batches of {batch}, the training has stopped {milliseconds:.0} ms after the click");
    }
    println!("one processor's peak is {peak:.1} GFLOP/s");
    processors.page.browser.close().await?;
    synthetic.browser.close().await
}

/// Milliseconds a batch of images in memory, with one worker and with two.
async fn batches(synthetic: &Synthetic, processors: &mut Processors) -> anyhow::Result<[Figures; 2]> {
    let mut batches = [Figures::default(), Figures::default()];
    for _ in 0..MOST_ROUNDS {
        let before = processors.awaited().await?;
        let mut round = Vec::new();
        for workers in 1..=batches.len() {
            let task = json!({ "task": "head", "images": 1000, "workers": workers });
            round.push(batch(&synthetic.run(task).await?)?);
        }
        let after = processors.now().await?;
        eprintln!("a batch: {round:.1?} ms; processors: {before:.2}, {after:.2}");
        batches.iter_mut().zip(round).for_each(|(figures, value)| figures.add(value, [before, after]));
        if batches.iter().all(Figures::are_enough) {
            break;
        }
    }
    Ok(batches)
}

/// Seconds an epoch of stored images, with one worker, with two, and in Keras where it is installed.
async fn epochs(
    synthetic: &mut Synthetic,
    processors: &mut Processors,
    files: &[&Path],
    images: u32,
) -> anyhow::Result<([Figures; 2], Option<Figures>)> {
    let (mut epochs, mut keras) = ([Figures::default(), Figures::default()], Figures::default());
    for _ in 0..MOST_ROUNDS {
        for (workers, figures) in (1..).zip(&mut epochs) {
            let before = processors.awaited().await?;
            synthetic.to_page(&format!("?lang=en&workers={workers}&engine=cpu")).await?;
            let seconds = train_epochs(&synthetic.browser, files, 3).await?;
            let after = processors.now().await?;
            eprintln!("{workers} workers: {seconds:.2?} s; processors: {before:.2}, {after:.2}");
            figures.add(median(&mut seconds.clone()), [before, after]);
        }
        let before = processors.awaited().await?;
        let seconds = keras_epoch(images)?;
        let after = processors.now().await?;
        if let Some(seconds) = seconds {
            eprintln!("Keras: {seconds:.2} s; processors: {before:.2}, {after:.2}");
            keras.add(seconds, [before, after]);
        }
        if epochs.iter().all(Figures::are_enough) && (seconds.is_none() || keras.are_enough()) {
            break;
        }
    }
    let measured = !keras.with_both.is_empty() || !keras.disturbed.is_empty();
    Ok((epochs, measured.then_some(keras)))
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
