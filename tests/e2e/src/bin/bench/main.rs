//! What only a browser can measure: the store, the training of a head on stored features, the notebook's whole
//! scale, the engines beside others, and the map of the features.
//!
//! ```text
//! cargo run -p e2e --bin bench -- store [IMAGES]
//! cargo run -p e2e --bin bench -- head [IMAGES]
//! cargo run -p e2e --bin bench -- scale [IMAGES]
//! cargo run -p e2e --bin bench -- engines [ROUNDS]
//! cargo run -p e2e --bin bench -- map [IMAGES]
//! ```

mod engines;
mod head;
mod map;
mod peers;

use anyhow::bail;
use e2e::Synthetic;
use serde_json::json;

const BACKBONE: &str = "inception_v3.json";
/// Rounds of each, taken in turn; the median counts.
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let number = arguments.next().map(|number| number.parse::<u32>()).transpose()?;
    match task.as_str() {
        "store" => store(number.unwrap_or(10_000)).await,
        "head" => head::run(number.unwrap_or(5_000)).await,
        "scale" => scale(number.unwrap_or(50_000)).await,
        "engines" => engines::run(number.map_or(ROUNDS, |rounds| rounds.max(1) as usize)).await,
        "map" => map::run(number.unwrap_or(5_000)).await,
        _ => bail!("`store`, `head`, `scale`, `engines` or `map`"),
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

/// Two epochs on so many images, with a fifth as many more for the exam: 60,000 are the notebook's.
async fn scale(images: u32) -> anyhow::Result<()> {
    let mut synthetic = Synthetic::start(BACKBONE).await?;
    let seen = synthetic.train_at_scale(images, images / 5, 2).await?;
    println!("{images} images, and {} of the exam, of 3 x 3 x 2048:", images / 5);
    println!("the first batch is done {:.2} s after the click", seen.begun);
    println!("epochs take {:.1?} s", seen.epochs);
    println!("at most {} MB of WebAssembly memory: {}", seen.memory.0 / 1_000_000, seen.memory.1);
    synthetic.browser.close().await
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
