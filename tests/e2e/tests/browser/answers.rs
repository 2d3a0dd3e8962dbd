//! Why a head answers what it answers, when it does not, and what a corrected label changes.

use std::fs;

use bottleneck::dataset::sample;
use bottleneck::pixels::RgbImage;
use e2e::Browser;
use serde_json::json;

const LIGHT: &str = "backbone=models/efficientnet_lite0.json&engine=cpu";

/// A number that the page tells in an attribute.
async fn number(browser: &Browser, id: &str, name: &str) -> f64 {
    let text = browser.attribute(id, name).await.unwrap();
    text.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no number in {id} {name}"))
}

/// Chooses an entry of a field, as a person who opens it.
async fn select(browser: &Browser, id: &str, value: &str) {
    let script = "const e = document.querySelector(`[data-testid=${arguments[0]}]`);
        e.value = arguments[1];
        e.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.client.execute(script, vec![json!(id), json!(value)]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_explained_or_withheld_and_a_label_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = sample::draw(1);
    let known = folder.path().join("known.png");
    fs::write(&known, drawn.test[0].image().unwrap().to_png().unwrap()).unwrap();
    // Noise, unlike anything that is drawn.
    let mut random = bottleneck::random::Random::new(1);
    let noise = RgbImage::from_fn(64, 64, |_, _| [0; 3].map(|_: u8| random.below(256) as u8));
    let strange = folder.path().join("strange.png");
    fs::write(&strange, noise.to_png().unwrap()).unwrap();

    let browser = Browser::start().await.unwrap();
    browser.open(&format!("?lang=en&{LIGHT}&train=300&test=100")).await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    browser.fill("epochs", "3").await.unwrap();
    browser.click("train-start").await.unwrap();
    browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();

    // A mistake of the exam is corrected to what the head says: the same training is then right once
    // more, for all else is the same.
    let answer = "const mistake = document.querySelector('[data-testid=mistake]');
        const said = mistake.querySelector('span').textContent;
        const field = mistake.querySelector('select');
        const option = [...field.options].find(option => said.endsWith(option.textContent));
        field.value = option.value;
        field.dispatchEvent(new Event('change', { bubbles: true }));
        return said;";
    println!("corrected: {}", browser.client.execute(answer, vec![]).await.unwrap());
    browser.wait_for("corrected", "data-count", 30, |count| count == "1").await.unwrap();
    browser.click("retrain").await.unwrap();
    browser.wait_for("before", "data-now", 120, |_| true).await.unwrap();
    let (before, now) =
        (number(&browser, "before", "data-before").await, number(&browser, "before", "data-now").await);
    assert!((now - before - 0.01).abs() < 1e-9, "{before} and {now}");

    // Each head's contributions sum up to each class's score; neighbours have none.
    for preset in ["preset-notebook", "preset-quick", "preset-strong"] {
        browser.train(preset).await.unwrap();
        browser.choose("classify-input", &[&known]).await.unwrap();
        let class = browser.wait_for("classify-result", "data-class", 60, |_| true).await.unwrap();
        assert_eq!(browser.attribute("why", "data-class").await.unwrap(), Some(class));
        for (place, name) in drawn.classes.iter().enumerate() {
            select(&browser, "why-class", &place.to_string()).await;
            browser.wait_for("why", "data-class", 10, |shown| shown == name).await.unwrap();
            let (sum, score) =
                (number(&browser, "why", "data-sum").await, number(&browser, "why", "data-score").await);
            assert!((sum - score).abs() < 1e-4, "{preset} {name}: {sum} and {score}");
        }
    }
    let near = number(&browser, "classify-result", "data-distance").await;

    // Thresholds withhold an answer, and are put back.
    let all = number(&browser, "doubt-tally", "data-answered").await;
    browser.fill("doubt-confidence", "1").await.unwrap();
    browser.wait_for("classify-result", "data-withheld", 10, |why| why == "unsure").await.unwrap();
    assert!(number(&browser, "doubt-tally", "data-answered").await < all);
    assert!(browser.text("classify-result").await.unwrap().contains("I don’t know"));
    browser.click("doubt-reset").await.unwrap();
    browser.fill("doubt-distance", "0").await.unwrap();
    browser.wait_for("classify-result", "data-withheld", 10, |why| why == "unfamiliar").await.unwrap();
    browser.click("doubt-reset").await.unwrap();
    let restored = "return document.querySelector('[data-testid=doubt-tally]').dataset.answered;";
    assert_eq!(browser.client.execute(restored, vec![]).await.unwrap(), json!(all.to_string()));
    browser.choose("classify-input", &[&strange]).await.unwrap();
    browser.wait_for("classify-result", "data-withheld", 60, |why| why == "unfamiliar").await.unwrap();
    let far = number(&browser, "classify-result", "data-distance").await;
    println!("a drawn image lies {near} away, noise {far}");
    assert!(far > near);
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}
