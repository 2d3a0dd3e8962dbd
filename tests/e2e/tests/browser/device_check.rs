//! The check of the device: it tries what a lesson needs, says so, and leaves everything as it was.

use std::fs;

use e2e::Browser;
use serde_json::json;

const QUERY: &str = "?lang=en&backbone=models/efficientnet_lite0.json&engine=cpu&train=20&test=10";

/// Answers for the person whether the page may use cameras.
async fn allow(browser: &Browser, setting: &str) {
    let parameters = json!({ "permission": { "name": "camera" }, "setting": setting });
    browser.devtools("Browser.setPermission", parameters).await.unwrap();
}

/// Checks the device, and gives the verdicts of all lines.
async fn check(browser: &Browser) -> Vec<(String, String)> {
    browser.click("device-check").await.unwrap();
    browser.wait_for("check", "data-state", 10, |state| state == "running").await.unwrap();
    browser.wait_for("check", "data-state", 20, |state| state == "done").await.unwrap();
    let rows = "return [...document.querySelectorAll('.device-check tbody tr')]
        .map(row => [row.dataset.testid.slice('check-'.length), row.dataset.verdict]);";
    serde_json::from_value(browser.script(rows).await.unwrap()).unwrap()
}

fn of<'a>(verdicts: &'a [(String, String)], part: &str) -> &'a str {
    let found = verdicts.iter().find(|(name, _)| name == part);
    &found.unwrap_or_else(|| panic!("no line for {part}: {verdicts:?}")).1
}

async fn engine(browser: &Browser) -> [Option<String>; 2] {
    let state = browser.attribute("engine-status", "data-state").await.unwrap();
    [state, browser.attribute("engine-status", "data-engine").await.unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_checked_and_left_as_it_was() {
    let flags = ["--use-fake-device-for-media-stream".to_owned()];
    let browser = Browser::start_with(&flags).await.unwrap();
    browser.open(QUERY).await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 60, |phase| phase == "complete").await.unwrap();
    let before = engine(&browser).await;
    assert_eq!(before, [Some("ready".to_owned()), Some("cpu".to_owned())]);

    // The camera is refused.
    allow(&browser, "denied").await;
    let refused = check(&browser).await;
    println!("refused: {refused:?}");
    assert_eq!(refused.len(), 7);
    assert_eq!(of(&refused, "camera"), "bad");
    let text = browser.text("check-camera").await.unwrap();
    assert!(text.contains("not allowed"), "{text}");
    assert!(["good", "fair"].contains(&of(&refused, "cpu")), "{refused:?}");
    assert!(!["running", "silent"].contains(&of(&refused, "webgpu")), "{refused:?}");
    assert!(["good", "fair", "bad"].contains(&of(&refused, "storage")), "{refused:?}");
    let text = browser.text("check-storage").await.unwrap();
    assert!(text.contains("stores and reads back"), "{text}");
    assert_eq!(engine(&browser).await, before);

    // It is given, gives a picture, and is off again.
    allow(&browser, "granted").await;
    let watch = "window.opened = [];
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async wanted => {
            const stream = await ask(wanted);
            opened.push(...stream.getTracks());
            return stream;
        };";
    browser.script(watch).await.unwrap();
    let given = check(&browser).await;
    println!("given: {given:?}");
    assert_eq!(of(&given, "camera"), "good");
    let closed = "return opened.length === 1 && opened[0].readyState === 'ended';";
    assert_eq!(browser.script(closed).await.unwrap(), json!(true), "the camera is off again");
    assert_eq!(engine(&browser).await, before);

    // The file holds what stands in the table.
    browser.click("device-check-save").await.unwrap();
    let file = fs::read_to_string(browser.downloaded("bottleneck-device.txt").await.unwrap()).unwrap();
    let rows = "return [...document.querySelectorAll('.device-check tbody tr')].map(row => {
            const text = selector => row.querySelector(selector).textContent;
            return `${text('th')}: ${text('strong')}. ${text('.found')} ${text('.advice')}`
                .split(/\\s+/).join(' ').trim();
        });";
    let rows: Vec<String> = serde_json::from_value(browser.script(rows).await.unwrap()).unwrap();
    let (about, lines) = file.split_once("\n\n").unwrap();
    let lines: Vec<String> =
        lines.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(lines, rows);
    for wanted in ["Date: 20", "Version of the page: ", "Browser: Mozilla"] {
        assert!(about.contains(wanted), "{about}");
    }
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}
