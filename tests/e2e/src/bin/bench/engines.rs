//! The product's engines beside those that one would take otherwise: the same network, images and browser.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use bottleneck::backbone::Manifest;
use e2e::{Synthetic, root};
use serde_json::{Value, json};

use crate::{BACKBONE, median, peers};

/// Images of a measurement of the pace, and how many each engine gets at once.
const IMAGES: u32 = 64;
const BATCH: u32 = 8;
/// Turns of a round in which each engine computes those images, and one image alone.
const TURNS: [u32; 2] = [2, 9];
/// Single images on WebGPU, where each takes seconds.
const ON_WEBGPU: u32 = 2;
/// Images before those: until then V8 has optimised a WebAssembly program, which on one thread takes about ten.
const WARM_UP: u32 = 15;
/// Engines agree where no value is further off than this share of the largest one.
const TOLERANCE: f64 = 1e-3;

/// An engine, by what it is asked for: the product's own, or a peer.
struct Contestant {
    name: &'static str,
    peer: Option<&'static str>,
}

const CONTESTANTS: [Contestant; 3] = [
    Contestant { name: "bottleneck", peer: None },
    Contestant { name: "onnxruntime-web", peer: Some("onnxruntime") },
    Contestant { name: "TensorFlow.js", peer: Some("tensorflow") },
];

/// What was measured of one contestant, round by round: milliseconds, but for bytes.
#[derive(Default)]
struct Figures {
    load: Vec<f64>,
    /// From an open page to the first image's features.
    first: Vec<f64>,
    /// 64 images, from pixels to stored features.
    all: Vec<f64>,
    /// Each of some images alone, on one thread.
    single: Vec<f64>,
    memory: f64,
    download: u64,
}

impl Contestant {
    /// Starts it on the page that is open. Gives the milliseconds.
    async fn start(&self, page: &Synthetic, device: &str, threads: usize) -> anyhow::Result<f64> {
        let task = match self.peer {
            Some(peer) => json!({ "task": "start", "peer": peer, "device": device, "threads": threads }),
            None => {
                let engine = if device == "wasm" { "Cpu" } else { "WebGpu" };
                let manifest = format!("models/{BACKBONE}");
                json!({ "task": "start", "engine": engine, "workers": threads, "manifest": manifest })
            }
        };
        milliseconds(&page.run(task).await?)
    }

    async fn run(&self, page: &Synthetic, mut task: Value) -> anyhow::Result<Value> {
        if let Some(peer) = self.peer {
            task["peer"] = json!(peer);
        }
        page.run(task).await.with_context(|| self.name)
    }

    /// The features of the image of this number, and the milliseconds.
    async fn image(&self, page: &Synthetic, number: u32) -> anyhow::Result<(Vec<f64>, f64)> {
        let outcome = self.run(page, json!({ "task": "image", "number": number })).await?;
        Ok((serde_json::from_value(outcome["features"].clone())?, milliseconds(&outcome)?))
    }

    /// Bytes of the memories of all its WebAssembly programs.
    async fn memory(&self, page: &Synthetic) -> anyhow::Result<f64> {
        if self.peer.is_some() {
            let outcome = self.run(page, json!({ "task": "memory" })).await?;
            return outcome["bytes"].as_f64().context("no bytes");
        }
        let memories = page.browser.workers().await?.memories().await?;
        let engines = memories.iter().filter(|(name, _)| name.contains("engine"));
        Ok(engines.flat_map(|(_, bytes)| bytes).sum::<u64>() as f64)
    }
}

fn milliseconds(outcome: &Value) -> anyhow::Result<f64> {
    outcome["milliseconds"].as_f64().context("no time")
}

/// Bytes of the programs that came since the last call; networks are left out.
fn programs(page: &Synthetic) -> u64 {
    let asked = page.asked().into_iter().filter(|asked| {
        let ours = asked.path.starts_with("/engine_");
        let script = [".js", ".mjs", ".wasm"].iter().any(|end| asked.path.ends_with(end));
        script && (ours || asked.path.starts_with("/peers/"))
    });
    // Workers ask for the same file again, and the browser's cache answers most of them.
    let mut sizes = BTreeMap::new();
    for asked in asked {
        let size = sizes.entry(asked.path).or_insert(0);
        *size = asked.sent.max(*size);
    }
    sizes.values().sum()
}

/// The largest difference to what the product's engine gave, as a share of the largest value.
fn difference(ours: &[f64], theirs: &[f64]) -> anyhow::Result<f64> {
    if ours.len() != theirs.len() {
        bail!("{} values and {}", ours.len(), theirs.len());
    }
    let largest = ours.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let pairs = ours.iter().zip(theirs);
    Ok(pairs.fold(0.0, |most: f64, (ours, theirs)| most.max((ours - theirs).abs())) / largest)
}

/// Measures all contestants on the CPU, and then on WebGPU.
pub async fn run(rounds: usize) -> anyhow::Result<()> {
    let models = root().join("models");
    let manifest = Manifest::parse(&std::fs::read(models.join(BACKBONE))?)?;
    peers::lay_out(&manifest, &models, &root().join("dist"), &root().join("target/bench"))?;
    let page = Synthetic::start_lax(BACKBONE).await?;
    let threads = std::thread::available_parallelism()?.get();
    let cpu = measure(&page, "wasm", threads, rounds).await?;
    println!("| CPU | {} |", CONTESTANTS.map(|contestant| contestant.name).join(" | "));
    println!("| --- | --- | --- | --- |");
    let all = format!("{IMAGES} images, {threads} threads, pixels to stored features, ms an image");
    row(&all, &cpu, |figures| median(&mut figures.all.clone()) / f64::from(IMAGES));
    row("one image on one thread, ms", &cpu, |figures| median(&mut figures.single.clone()));
    common(&cpu);
    row("WebAssembly memory after that, MB", &cpu, |figures| figures.memory / 1e6);
    println!();
    let gpu = measure(&page, "webgpu", 1, rounds).await?;
    println!("| WebGPU | {} |", CONTESTANTS.map(|contestant| contestant.name).join(" | "));
    println!("| --- | --- | --- | --- |");
    row("an image, ms", &gpu, |figures| median(&mut figures.single.clone()));
    common(&gpu);
    page.browser.close().await
}

fn common(figures: &[Figures; 3]) {
    row("first image's features, from an open page, ms", figures, |figures| {
        median(&mut figures.first.clone())
    });
    row("of that until it is loaded, ms", figures, |figures| median(&mut figures.load.clone()));
    row("program's download, MB", figures, |figures| figures.download as f64 / 1e6);
}

/// A row of the table: each one's figure, and the product's as a share of the others'.
fn row(name: &str, figures: &[Figures; 3], figure: impl Fn(&Figures) -> f64) {
    let values = figures.each_ref().map(figure);
    let of = |value: f64| format!("{value:.1} ({:.2})", values[0] / value);
    println!("| {name} | {:.1} | {} | {} |", values[0], of(values[1]), of(values[2]));
}

/// What each contestant computes in turn where all stand ready on one page: a machine that is slow for a moment
/// is so for all of them.
///
/// They compute single images on one thread where `threads` is `None`.
async fn in_turn(page: &Synthetic, figures: &mut [Figures; 3], threads: Option<usize>) -> anyhow::Result<()> {
    page.browser.open("").await?;
    for contestant in &CONTESTANTS {
        contestant.start(page, "wasm", threads.unwrap_or(1)).await?;
        for number in 0..WARM_UP {
            contestant.image(page, number).await?;
        }
    }
    for turn in 0..TURNS[usize::from(threads.is_none())] {
        for (contestant, figures) in CONTESTANTS.iter().zip(figures.iter_mut()) {
            if threads.is_none() {
                figures.single.push(contestant.image(page, turn).await?.1);
            } else {
                let task = json!({ "task": "extract", "images": IMAGES, "batch": BATCH });
                figures.all.push(milliseconds(&contestant.run(page, task).await?)?);
            }
        }
    }
    Ok(())
}

/// One device's figures of all contestants, measured in turn.
async fn measure(
    page: &Synthetic,
    device: &str,
    threads: usize,
    rounds: usize,
) -> anyhow::Result<[Figures; 3]> {
    let mut figures = CONTESTANTS.map(|_| Figures::default());
    let mut ours = Vec::new();
    for round in 0..rounds {
        for (contestant, figures) in CONTESTANTS.iter().zip(&mut figures) {
            eprintln!("round {} of {rounds}: {} on {device}", round + 1, contestant.name);
            page.asked();
            page.browser.open("").await?;
            let load = contestant.start(page, device, threads).await?;
            let (features, first) = contestant.image(page, 0).await?;
            figures.load.push(load);
            figures.first.push(load + first);
            if round == 0 {
                figures.download = programs(page);
                if contestant.peer.is_none() {
                    ours.clone_from(&features);
                }
                let off = difference(&ours, &features)?;
                println!("{} on {device}: {off:.1e} off", contestant.name);
                if off > TOLERANCE {
                    bail!("{} computes something else: its times mean nothing", contestant.name);
                }
            }
            if device == "wasm" {
                let task = json!({ "task": "extract", "images": IMAGES, "batch": BATCH });
                contestant.run(page, task).await?;
                figures.memory = contestant.memory(page).await?;
            } else {
                for number in 1..=ON_WEBGPU {
                    figures.single.push(contestant.image(page, number).await?.1);
                }
            }
        }
        if device == "wasm" {
            in_turn(page, &mut figures, Some(threads)).await?;
            in_turn(page, &mut figures, None).await?;
        }
    }
    Ok(figures)
}
