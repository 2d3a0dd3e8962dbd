//! Pictures of every view of the page, to be looked at: both languages, narrow and wide, light and
//! dark. They go to the folder that is named, else to `target/shots`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use bottleneck::dataset::sample;
use bottleneck::pixels::RgbImage;
use e2e::{Browser, root};
use serde_json::json;

const BACKBONE: &str = "backbone=models/efficientnet_lite0.json&engine=cpu";
const WIDTHS: [u32; 3] = [360, 768, 1440];
const SCHEMES: [&str; 2] = ["light", "dark"];
/// Keys, as WebDriver names them.
const ENTER: &str = "\u{e007}";
const RIGHT: &str = "\u{e014}";
/// The camera shows the browser's own test picture, and nobody is asked.
const FAKE_CAMERA: [&str; 2] = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = env::args().nth(1).map_or_else(|| root().join("target/shots"), PathBuf::from);
    fs::create_dir_all(&folder)?;
    // A browser takes no file by a path with dots.
    let folder = folder.canonicalize()?;
    for language in ["es", "en"] {
        let browser = Browser::start_with(&FAKE_CAMERA.map(str::to_owned)).await?;
        let shoot = async |view: &str| shoot(&browser, &folder.join(format!("{language}-{view}"))).await;
        let query = format!("?lang={language}&{BACKBONE}&train=300&test=100");
        browser.open(&query).await?;
        let closed = "document.querySelector('[data-testid=dataset-sample]')?.disabled ?? true";
        browser.until("it can begin", &format!("!({closed})")).await?;
        shoot("fresh").await?;
        browser.go("#/").await?;
        browser.find("door-teach").await?;
        shoot("home").await?;
        browser.go("#/notebook").await?;

        browser.click("dataset-sample").await?;
        browser.click("extract-start").await?;
        browser.wait_for("extract-progress", "data-phase", 600, |phase| phase == "complete").await?;
        browser.fill("epochs", "8").await?;
        browser.click("train-start").await?;
        browser.wait_for("test-accuracy", "data-value", 300, |_| true).await?;
        let drawn = sample::draw(1);
        let picture = png(&folder, "picture.png", drawn.test[3].image().context("drawn")?)?;
        browser.choose("classify-input", &[&picture]).await?;
        browser.wait_for("classify-result", "data-class", 60, |_| true).await?;
        shoot("trained").await?;
        unfold(&browser, "main details").await?;
        browser.click("confusion-cell").await?;
        browser.wait_for("exam-images", "data-count", 30, |_| true).await?;
        shoot("unfolded").await?;
        browser.fill("doubt-distance", "0").await?;
        browser.wait_for("classify-result", "data-withheld", 30, |_| true).await?;
        let correct = "const field = document.querySelector('[data-testid=relabel]');
            field.selectedIndex = (field.selectedIndex + 1) % field.options.length;
            field.dispatchEvent(new Event('change', { bubbles: true }));";
        browser.script(correct).await?;
        browser.wait_for("corrected", "data-count", 30, |_| true).await?;
        shoot("withheld-and-corrected").await?;
        browser.click("doubt-reset").await?;
        browser.script("document.querySelector('[data-testid=live-region]').scrollIntoView();").await?;
        browser.click("live-start").await?;
        browser.wait_for("live-rate", "data-value", 60, |_| true).await?;
        browser.press_on("live-region", "f").await?;
        shoot("live").await?;
        browser.click("live-stop").await?;
        browser.click("retrain").await?;
        browser.wait_for("before", "data-now", 300, |_| true).await?;
        shoot("before-and-after").await?;
        closer(&browser).await?;
        shoot("closer").await?;
        browser.press_on("model-card", ENTER).await?;
        browser.find("model-card-page").await?;
        shoot("model-card").await?;
        browser.click("model-card-close").await?;
        browser.click("glossary-open").await?;
        shoot_window(&browser, &folder.join(format!("{language}-glossary"))).await?;
        browser.click("glossary-close").await?;
        browser.click("device-check").await?;
        browser.wait_for("check", "data-state", 30, |state| state == "done").await?;
        shoot("device").await?;
        browser.click("device-chip").await?;

        // A training that a reload breaks off.
        browser.fill("epochs", "1000").await?;
        browser.click("train-start").await?;
        let rows = "document.querySelectorAll('[data-testid=epoch-row]').length";
        browser.until("it is under way", &format!("{rows} > 10")).await?;
        browser.open(&query).await?;
        browser.click("dataset-sample").await?;
        browser.find("train-go-on").await?;
        shoot("broken-off").await?;

        make_project(&browser, &folder).await?;
        browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await?;
        shoot("project").await?;
        let class = browser.attribute("class-card", "data-class-id").await?.context("no class")?;
        browser.open_recorder(&class).await?;
        browser.camera_runs().await?;
        shoot("recorder").await?;
        browser.go("#/notebook").await?;
        let broken = folder.join("broken.zip");
        fs::write(&broken, "no zip")?;
        browser.choose("dataset-input", &[&broken]).await?;
        browser.wait_for("error", "data-kind", 30, |_| true).await?;
        shoot("notice").await?;
        browser.close().await?;
    }
    println!("{}", folder.canonicalize()?.display());
    Ok(())
}

/// Opens all that looks closer at the result, with what takes a press of its own.
async fn closer(browser: &Browser) -> anyhow::Result<()> {
    browser.click("curve-start").await?;
    browser.wait_for("curve-says", "data-says", 300, |_| true).await?;
    browser.wait_for("feature-map", "data-moving", 60, |moving| moving == "false").await?;
    browser.press_on("feature-map", RIGHT).await?;
    browser.click("map-table-open").await?;
    browser.fill("epoch-scrubber", "0").await?;
    browser.wait_for("epoch-images", "data-epoch", 30, |epoch| epoch == "1").await?;
    for row in 0..2 {
        let choice = format!("document.querySelectorAll('[data-testid=training-choose]')[{row}]");
        browser.script(&format!("{choice}.click();")).await?;
        browser.until("it is chosen", &format!("{choice}.checked")).await?;
    }
    browser.wait_for("compare-result", "data-verdict", 30, |_| true).await?;
    unfold(browser, "main details").await
}

/// A project of two classes with some pictures.
async fn make_project(browser: &Browser, folder: &Path) -> anyhow::Result<()> {
    browser.make_project().await?;
    let drawn = sample::draw(3);
    let images = drawn.train.iter().filter(|sample| sample.label == 2).take(6);
    let mut files = Vec::new();
    for (number, sample) in images.enumerate() {
        files.push(png(folder, &format!("own-{number}.png"), sample.image().context("drawn")?)?);
    }
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let card = browser.attribute("class-card", "data-class-id").await?.context("no class")?;
    browser.choose(&format!("class-files-{card}"), &files).await?;
    browser.wait_for("class-card", "data-count", 60, |count| count == "6").await?;
    Ok(())
}

fn png(folder: &Path, name: &str, image: &RgbImage) -> anyhow::Result<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, image.to_png()?)?;
    Ok(path.canonicalize()?)
}

async fn unfold(browser: &Browser, selector: &str) -> anyhow::Result<()> {
    let script = "document.querySelectorAll(arguments[0]).forEach(details => { details.open = true; });";
    browser.client.execute(script, vec![json!(selector)]).await?;
    Ok(())
}

/// The whole page, as `name` with the width and the colour scheme at its end.
async fn shoot(browser: &Browser, name: &Path) -> anyhow::Result<()> {
    shoot_by(browser, name, async |width| browser.screenshot(width).await).await
}

/// The same of what is in sight: a dialog stands in the window's middle.
async fn shoot_window(browser: &Browser, name: &Path) -> anyhow::Result<()> {
    shoot_by(browser, name, async |width| {
        browser.client.set_window_size(width, 1200).await?;
        Ok(browser.client.screenshot().await?)
    })
    .await
}

async fn shoot_by(
    browser: &Browser,
    name: &Path,
    take: impl AsyncFn(u32) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<()> {
    for scheme in SCHEMES {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        browser.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await?;
        for width in WIDTHS {
            fs::write(format!("{}-{width}-{scheme}.png", name.display()), take(width).await?)?;
        }
    }
    Ok(())
}
