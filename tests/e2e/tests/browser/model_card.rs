//! The model card: it holds the result's figures, and prints as it is.

use e2e::Browser;
use fantoccini::wd::PrintConfiguration;
use serde_json::json;

const QUERY: &str = "?lang=en&backbone=models/efficientnet_lite0.json&engine=cpu&train=40&test=20";

#[tokio::test(flavor = "multi_thread")]
async fn a_model_card_holds_the_result_and_prints() {
    let browser = Browser::start().await.unwrap();
    browser.open(QUERY).await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 60, |phase| phase == "complete").await.unwrap();
    browser.train("preset-quick").await.unwrap();
    let accuracy = browser.text("test-accuracy").await.unwrap();

    // What is done has folded to a line, and what a person opens stays open.
    let open = "return document.querySelector('#data > details').open;";
    assert_eq!(browser.script(open).await.unwrap(), json!(false));
    let line = browser.text("data-line").await.unwrap();
    assert_eq!(line, "40 training and 20 test images");
    browser.click("data-fold").await.unwrap();
    browser.train("preset-nearest").await.unwrap();
    assert_eq!(browser.script(open).await.unwrap(), json!(true));
    browser.train("preset-quick").await.unwrap();

    browser.press_on("model-card", "\u{e007}").await.unwrap();
    let said = browser.text("card-accuracy").await.unwrap();
    assert!(said.contains(&accuracy) && said.contains("of 20 images right"), "{said} and {accuracy}");
    let sums = "const rows = [...document.querySelectorAll('[data-testid=card-class]')];
        const sum = name => rows.reduce((sum, row) => sum + Number(row.dataset[name]), 0);
        return [rows.length, sum('right'), sum('test')];";
    let sums: [u32; 3] = serde_json::from_value(browser.script(sums).await.unwrap()).unwrap();
    let correct: u32 = said.split(' ').next().unwrap().parse().unwrap();
    assert_eq!(sums, [10, correct, 20]);
    let text = browser.text("model-card-page").await.unwrap();
    for wanted in
        ["EfficientNet-Lite0", "Licence", "Not for decisions about people", "32 images for training, 8 for"]
    {
        assert!(text.contains(wanted), "{wanted} is missing: {text}");
    }
    let shown = "return getComputedStyle(document.querySelector('.page')).display;";
    assert_eq!(browser.script(shown).await.unwrap(), json!("none"), "it stands alone");

    // On paper it is black on white, in dark mode too.
    let dark = json!({ "media": "print", "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    browser.devtools("Emulation.setEmulatedMedia", dark).await.unwrap();
    let colours = "const card = document.querySelector('.card');
        return [getComputedStyle(card).color, getComputedStyle(document.documentElement).backgroundColor,
            getComputedStyle(card.querySelector('.buttons')).display];";
    let colours = browser.script(colours).await.unwrap();
    assert_eq!(colours, json!(["rgb(0, 0, 0)", "rgb(255, 255, 255)", "none"]));
    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "", "features": [] })).await.unwrap();
    let pdf = browser.client.print(PrintConfiguration::default()).await.unwrap();
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 5_000, "{} bytes", pdf.len());
    if let Ok(path) = std::env::var("CARD_PDF") {
        std::fs::write(path, &pdf).unwrap();
    }

    // Escape closes it, and the focus is where it was.
    browser.press("\u{e00c}").await.unwrap();
    browser.until("it is closed", "document.querySelector('.card') === null").await.unwrap();
    let focus = "document.activeElement.dataset.testid === 'model-card'";
    browser.until("the focus is back", focus).await.unwrap();
    browser.close().await.unwrap();
}
