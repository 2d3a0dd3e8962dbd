//! The shared folder's scripts, which make Chromium what other people's browsers are, where they are there. The
//! other files' tests do the same with scripts of their own.

use std::fs;

use e2e::{Browser, shared};
use serde_json::json;

const QUERY: &str = "?lang=en&backbone=models/efficientnet_lite0.json&train=40&test=10";

/// The code below the comment that begins with `name`. What is a comment as a whole is to be run as well.
fn part(script: &str, name: &str) -> String {
    let lines: Vec<&str> = script
        .lines()
        .skip_while(|line| !line.starts_with(&format!("// {name} ")))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .collect();
    let code: Vec<&str> = lines.iter().filter(|line| !line.starts_with("//")).copied().collect();
    let code = if code.is_empty() {
        lines.iter().map(|line| line.trim_start_matches("// ")).collect()
    } else {
        code
    };
    assert!(!code.is_empty(), "{name}");
    code.join("\n")
}

async fn take_sample(browser: &Browser) {
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "40").await.unwrap();
}

/// Computes what features are not stored, and says how many those were.
async fn extract(browser: &Browser) -> String {
    let phase =
        browser.wait_for("extract-progress", "data-phase", 30, |phase| phase != "running").await.unwrap();
    if phase != "complete" {
        browser.click("extract-start").await.unwrap();
        browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    }
    browser.attribute("extract-progress", "data-computed").await.unwrap().unwrap()
}

/// The accuracy as it is shown is the one that is meant.
async fn accuracy_is_true(browser: &Browser) {
    let meant = browser.attribute("test-accuracy", "data-value").await.unwrap().unwrap();
    let percent = format!("{:.2}", meant.parse::<f64>().unwrap() * 100.0);
    let text = browser.text("test-accuracy").await.unwrap().replace(',', ".");
    assert!(text.contains(&percent), "{text} is not {percent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_translator_does_no_harm() {
    let Some(script) = shared("cases/c02_translate.js") else { return };
    let browser = Browser::start().await.unwrap();
    browser.open(&format!("{QUERY}&engine=cpu")).await.unwrap();
    take_sample(&browser).await;
    browser.script(&fs::read_to_string(script).unwrap()).await.unwrap();
    assert_eq!(extract(&browser).await, "50");
    for preset in ["preset-quick", "preset-nearest"] {
        browser.train(preset).await.unwrap();
        accuracy_is_true(&browser).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.png");
    fs::write(&file, b"plain text").unwrap();
    for language in ["es", "en"] {
        browser.click(&format!("lang-{language}")).await.unwrap();
        let changed = format!("document.documentElement.lang === '{language}'");
        browser.until("the language", &changed).await.unwrap();
        browser.choose("classify-input", &[&file]).await.unwrap();
        browser.until("a notice", "document.querySelector('[data-testid=error]') !== null").await.unwrap();
        browser.dismiss_errors().await.unwrap();
        accuracy_is_true(&browser).await;
    }
    let seen =
        browser.script("return [c02_errors, document.querySelectorAll('font').length];").await.unwrap();
    assert_eq!(seen, json!([[], 0]));
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_database_that_refuses_closes_or_does_not_open_costs_no_result() {
    let Some(script) = shared("cases/c27_to_c32_browser.js") else { return };
    let script = fs::read_to_string(script).unwrap();
    let query = format!("{QUERY}&engine=cpu");
    let browser = Browser::start().await.unwrap();
    {
        let _planted = browser.before_workers(&[("session", &part(&script, "c28"))]).await.unwrap();
        browser.open(&query).await.unwrap();
        take_sample(&browser).await;
        assert_eq!(extract(&browser).await, "50");
        browser.open(&query).await.unwrap();
        take_sample(&browser).await;
        assert_eq!(extract(&browser).await, "0", "the features were stored");
        browser.train("preset-quick").await.unwrap();
        assert_eq!(browser.text("error").await.unwrap(), "");
    }
    {
        let _planted = browser.before_workers(&[("session", &part(&script, "c29"))]).await.unwrap();
        browser.open(&query).await.unwrap();
        take_sample(&browser).await;
        assert_eq!(extract(&browser).await, "0");
        browser.workers().await.unwrap().run("session", "c29_close()").await.unwrap();
        browser.train("preset-nearest").await.unwrap();
        assert_eq!(browser.text("error").await.unwrap(), "");
    }
    let _planted = browser.before_workers(&[("session", &part(&script, "c30b"))]).await.unwrap();
    browser.open(&query).await.unwrap();
    browser.wait_for_problem("problem-store-unavailable", 60).await.unwrap();
    browser.dismiss_errors().await.unwrap();
    take_sample(&browser).await;
    assert_eq!(extract(&browser).await, "50", "in memory");
    browser.train("preset-quick").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_adapter_that_never_answers_counts_as_none() {
    let Some(script) = shared("cases/c27_to_c32_browser.js") else { return };
    let script = fs::read_to_string(script).unwrap();
    let browser = Browser::start().await.unwrap();
    let planted = browser.before_workers(&[("session", &part(&script, "c30a"))]).await.unwrap();
    browser.open(&format!("{QUERY}&engine=auto")).await.unwrap();
    take_sample(&browser).await;
    assert_eq!(extract(&browser).await, "50");
    assert_eq!(browser.attribute("engine-status", "data-engine").await.unwrap().as_deref(), Some("cpu"));
    let reason = browser.attribute("engine-reason", "data-reason").await.unwrap();
    assert_eq!(reason.as_deref(), Some("reason-silent-web-gpu"));
    drop(planted);
    // The last one, since nothing runs after it.
    browser.before_page(&part(&script, "c27")).await.unwrap();
    browser.open(QUERY).await.unwrap();
    browser
        .until("it says what it lacks", "document.documentElement.dataset.start === 'webassembly'")
        .await
        .unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_watchers_see_one_request_to_keep_and_the_chosen_camera() {
    let Some(script) = shared("cases/c27_to_c32_browser.js") else { return };
    let script = fs::read_to_string(script).unwrap();
    let two = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=2"];
    let browser = Browser::start_with(&two.map(str::to_owned)).await.unwrap();
    for name in ["c31", "c32"] {
        browser.before_page(&part(&script, name)).await.unwrap();
    }
    browser.open(&format!("{QUERY}&engine=cpu")).await.unwrap();
    let classes = browser.make_project().await.unwrap();
    browser.open_recorder(&classes[0]).await.unwrap();
    browser.camera_runs().await.unwrap();
    let choice = "document.querySelector('[data-testid=camera-choice]')";
    browser.until("there is a choice", &format!("{choice}?.options.length === 2")).await.unwrap();
    let choose = format!(
        "const choice = {choice}, now = document.querySelector('[data-testid=camera-video]').srcObject
            .getTracks()[0].getSettings().deviceId;
        choice.selectedIndex = [...choice.options].findIndex(option => option.value !== now);
        choice.dispatchEvent(new Event('change', {{ bubbles: true }}));
        return choice.value;"
    );
    let chosen = browser.script(&choose).await.unwrap();
    let runs = format!(
        "document.querySelector('[data-testid=camera-video]').srcObject?.getTracks()[0].getSettings().deviceId === {chosen}"
    );
    for (number, class) in classes.iter().enumerate() {
        if number > 0 {
            browser.open_recorder(class).await.unwrap();
        }
        browser.camera_runs().await.unwrap();
        browser.until("the chosen camera runs", &runs).await.unwrap();
        browser.click("record-shot").await.unwrap();
        let count = format!("document.querySelector('[data-class-id=\"{class}\"]').dataset.count === '1'");
        browser.until("its picture", &count).await.unwrap();
    }
    let seen = browser.script("return [c31.length, c32.at(-1)];").await.unwrap();
    assert_eq!(seen[0], json!(1), "asked once to keep the pictures");
    assert!(seen[1].as_str().unwrap().contains(chosen.as_str().unwrap()), "{seen}");
    browser.close().await.unwrap();
}
