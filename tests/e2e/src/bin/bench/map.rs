//! The map of the features with as many points as it ever shows: how long it takes, and how smoothly it is pulled.

use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use e2e::{Synthetic, write_batch};
use serde_json::json;

use crate::{BACKBONE, ROUNDS, median};

/// Pulls the map round and round for two seconds, a step with each frame that the browser shows. Gives the frames
/// a second, and the longest time between two of them in milliseconds.
const PULL: &str = "const done = arguments[0];
    const map = document.querySelector('[data-testid=feature-map]');
    map.scrollIntoView({ block: 'center' });
    const send = (kind, turn) => {
        const box = map.getBoundingClientRect();
        map.dispatchEvent(new PointerEvent(kind, { bubbles: true, pointerId: 1, isPrimary: true, button: 0,
            buttons: 1, pointerType: 'mouse',
            clientX: box.x + box.width / 2 + 150 * Math.cos(turn),
            clientY: box.y + box.height / 2 + 100 * Math.sin(turn) }));
    };
    let frames = 0, longest = 0, begun, last;
    const step = now => {
        begun ??= now;
        longest = Math.max(longest, now - (last ?? now));
        last = now;
        if (now - begun > 2000) {
            send('pointerup', frames / 20);
            done([frames * 1000 / (now - begun), longest]);
        } else {
            frames += 1;
            send('pointermove', frames / 20);
            requestAnimationFrame(step);
        }
    };
    send('pointerdown', 0);
    requestAnimationFrame(step);";

/// So many images, a tenth of them test images.
pub async fn run(images: u32) -> anyhow::Result<()> {
    let mut synthetic = Synthetic::start(BACKBONE).await?;
    synthetic.fill(images).await?;
    let folder = tempfile::tempdir()?;
    let [train, test] = ["data_batch_1.bin", "test_batch.bin"].map(|name| folder.path().join(name));
    let tests = images / 10;
    write_batch(&train, 0, images - tests)?;
    write_batch(&test, images - tests, images)?;
    let files: [&Path; 2] = [&train, &test];
    synthetic.to_page("?lang=en&engine=cpu").await?;
    let browser = &synthetic.browser;
    browser.choose("dataset-input", &files).await?;
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await?;
    browser.train("preset-nearest").await?;
    let begun = Instant::now();
    browser.click("map-draw").await?;
    let points = browser.wait_for("feature-map", "data-points", 300, |_| true).await?;
    let drawn = begun.elapsed();
    browser.wait_for("feature-map", "data-moving", 300, |moving| moving == "false").await?;
    println!(
        "{points} points drawn after {:.1} s, moved after {:.1} s",
        drawn.as_secs_f32(),
        begun.elapsed().as_secs_f32()
    );
    let (mut rates, mut longest) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let pulled = browser.client.execute_async(PULL, vec![]).await?;
        rates.push(pulled[0].as_f64().context("no rate")?);
        longest.push(pulled[1].as_f64().context("no time")?);
    }
    println!("pulled: {:.1?} pictures a second, {:.0?} ms between two at the most", rates, longest);
    println!("{}", json!({ "points": points, "rate": median(&mut rates) }));
    synthetic.browser.close().await
}
