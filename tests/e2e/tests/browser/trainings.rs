//! Finished trainings that stay, are compared, and looked into.

use e2e::Browser;
use serde_json::{Value, json};

const QUERY: &str = "?lang=en&backbone=models/efficientnet_lite0.json&engine=cpu&train=100&test=40";

/// What the table's rows hold in this attribute, from top to bottom.
async fn rows(browser: &Browser, name: &str) -> Vec<String> {
    let script = "return [...document.querySelectorAll('[data-testid=training-row]')]
        .map(row => row.getAttribute(arguments[0]));";
    let found = browser.client.execute(script, vec![json!(name)]).await.unwrap();
    serde_json::from_value(found).unwrap()
}

async fn until_rows(browser: &Browser, ids: &[u32]) {
    let condition = format!(
        "[...document.querySelectorAll('[data-testid=training-row]')].map(row => row.dataset.id).join() === '{}'",
        ids.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
    );
    browser.until("the rows", &condition).await.unwrap();
}

/// Does something to what the selector finds in the row of this number.
async fn in_row(browser: &Browser, id: u32, what: &str, act: &str) {
    let script = format!(
        "const e = document.querySelector('[data-testid=training-row][data-id=\"{id}\"] [data-testid={what}]');
         {act}"
    );
    browser.script(&script).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn finished_trainings_stay_and_are_compared() {
    let browser = Browser::start().await.unwrap();
    browser.open(QUERY).await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    browser.train("preset-quick").await.unwrap();
    until_rows(&browser, &[1]).await;
    browser.fill("seed", "2").await.unwrap();
    browser.click("train-start").await.unwrap();
    // The newest first.
    until_rows(&browser, &[2, 1]).await;
    let accuracy = browser.attribute("test-accuracy", "data-value").await.unwrap().unwrap();
    assert_eq!(rows(&browser, "data-accuracy").await[0], accuracy);

    // They are there after a reload, as soon as the images are.
    browser.client.refresh().await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    until_rows(&browser, &[2, 1]).await;
    assert_eq!(rows(&browser, "data-accuracy").await[0], accuracy);
    browser.wait_for("extract-progress", "data-phase", 60, |phase| phase == "complete").await.unwrap();

    for id in [1, 2] {
        in_row(&browser, id, "training-choose", "e.click();").await;
    }
    let verdict = browser.wait_for("compare-result", "data-verdict", 30, |_| true).await.unwrap();
    println!("{verdict}: {}", browser.text("compare-result").await.unwrap());
    assert_eq!(browser.attribute("compare-result", "data-images").await.unwrap().as_deref(), Some("40"));

    // Ordered by name, and back; the head of the column says so, and keeps the focus.
    let sorted = "document.querySelector('[data-testid=sort-name]').closest('th').ariaSort";
    browser.script("document.querySelector('[data-testid=compare]').open = true;").await.unwrap();
    browser.press_on("sort-name", "\u{e007}").await.unwrap();
    browser.until("ordered by name", &format!("{sorted} === 'ascending'")).await.unwrap();
    until_rows(&browser, &[1, 2]).await;
    let focus = browser.script("return document.activeElement.dataset.testid;").await.unwrap();
    assert_eq!(focus, json!("sort-name"));

    let rename = "e.value = '=the second'; e.dispatchEvent(new Event('input', { bubbles: true }));
        e.dispatchEvent(new Event('change', { bubbles: true }));";
    in_row(&browser, 2, "training-name", rename).await;
    let renamed =
        "document.querySelector('[data-testid=training-row][data-id=\"2\"]').dataset.name === '=the second'";
    browser.until("the new name", renamed).await.unwrap();
    // A spreadsheet does not run it.
    let saved = "const saved = []; const of = Blob;
        window.Blob = class extends of { constructor(parts, ...more) { super(parts, ...more); saved.push(parts); } };
        document.querySelector('[data-testid=trainings-csv]').click();
        window.Blob = of;
        return saved.flat().join('');";
    let text = browser.script(saved).await.unwrap();
    assert!(text.as_str().is_some_and(|text| text.contains("\r\n'=the second,")), "{text}");

    in_row(&browser, 2, "training-delete", "e.click();").await;
    until_rows(&browser, &[1]).await;
    browser.click("training-undo").await.unwrap();
    until_rows(&browser, &[2, 1]).await;

    // The epochs, one by one: each shows as many wrong images as its accuracy says.
    for epoch in ["1", "3"] {
        let place = (epoch.parse::<u32>().unwrap() - 1).to_string();
        browser.fill("epoch-scrubber", &place).await.unwrap();
        browser.wait_for("epoch-images", "data-epoch", 30, |shown| shown == epoch).await.unwrap();
        let same = format!(
            "(() => {{
                const shown = document.querySelector('[data-testid=epoch-images]').dataset;
                const row = document.querySelector('[data-testid=epoch-row][data-epoch=\"{epoch}\"]').dataset;
                return Math.abs((shown.of - shown.wrong) / shown.of - row.valAccuracy) < 1e-6;
            }})()"
        );
        assert_eq!(browser.script(&format!("return {same};")).await.unwrap(), Value::Bool(true));
    }

    browser.click("curve-start").await.unwrap();
    browser.wait_for("curve-says", "data-says", 120, |_| true).await.unwrap();
    let points = "return document.querySelectorAll('[data-testid=curve-row]').length;";
    assert!(browser.script(points).await.unwrap().as_u64().is_some_and(|points| points >= 4));
    assert_eq!(rows(&browser, "data-id").await.len(), 2, "a curve makes no rows");
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}
