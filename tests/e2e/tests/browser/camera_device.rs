//! The camera as a device, in headless Chromium: it is refused, not there, in use by others, taken
//! away, chosen among several, and switched off where nobody looks at it.

use e2e::{Browser, By};
use serde_json::{Value, json};

const QUERY: &str = "?lang=en&backbone=models/efficientnet_lite0.json&engine=cpu";
const START: &str = "document.querySelector('[data-testid=camera-start]')";

/// A browser with so many cameras, which show Chromium's own test picture, and an open recorder.
async fn with_cameras(cameras: u32) -> (Browser, [String; 2]) {
    let flags = [format!("--use-fake-device-for-media-stream=device-count={cameras}")];
    let browser = Browser::start_with(&flags).await.unwrap();
    browser.open(QUERY).await.unwrap();
    let classes = browser.make_project().await.unwrap();
    browser.open_recorder(&classes[0]).await.unwrap();
    leave_off(&browser).await;
    (browser, classes)
}

/// Ends what the recorder began with: it asks for the camera at once.
async fn leave_off(browser: &Browser) {
    let state = "document.querySelector('[data-testid=camera-video]').dataset.state";
    browser.until("it has asked", &format!("{state} !== 'off'")).await.unwrap();
    browser.script("document.querySelector('[data-testid=camera-stop]')?.click();").await.unwrap();
    browser.until("it has ended", &format!("['off', 'failed'].includes({state})")).await.unwrap();
}

/// Answers for the person whether the page may use cameras.
async fn allow(browser: &Browser, setting: &str) {
    let parameters = json!({ "permission": { "name": "camera" }, "setting": setting });
    browser.devtools("Browser.setPermission", parameters).await.unwrap();
}

/// Starts the camera, which runs then, and keeps its track as `window.track`.
async fn start(browser: &Browser) {
    browser.script(&format!("{START}.focus();")).await.unwrap();
    browser.click("camera-start").await.unwrap();
    browser.camera_runs().await.unwrap();
    let focus = browser.script("return document.activeElement.dataset.testid;").await.unwrap();
    assert_eq!(focus, json!("camera-stop"), "the focus stays on the button");
    let code =
        "window.track = document.querySelector('[data-testid=camera-video]').srcObject.getTracks()[0];";
    browser.script(code).await.unwrap();
    assert_eq!(browser.text("camera-error").await.unwrap(), "", "what was said before is over");
}

/// Takes one picture, and waits until this class has `count`.
async fn shoot(browser: &Browser, class: &str, count: u32) {
    // The browser's test cameras show the same again each time they start: one picture in two classes teaches
    // nothing. Each is taken later after the start than all before it.
    let later = "(() => {
            const now = document.querySelector('.recorder video').currentTime;
            if (now < (window.shot ?? 0) + 0.5) return false;
            window.shot = now;
            return true;
        })()";
    browser.until("a frame like none before", later).await.unwrap();
    browser.click("record-shot").await.unwrap();
    let stored = format!("document.querySelector('[data-class-id=\"{class}\"]').dataset.count === '{count}'");
    browser.until("it is stored", &stored).await.unwrap();
}

/// Waits until the page says why there is no camera: what is the matter, and what to do. It can be
/// started again then.
async fn says(browser: &Browser, kind: &str, matter: &str, next: &str) {
    browser.wait_for("camera-error", "data-kind", 60, |shown| shown == kind).await.unwrap();
    let text = browser.text("camera-error").await.unwrap();
    assert!(text.contains(matter) && text.contains(next), "{text}");
    assert_eq!(browser.attribute("camera-video", "data-state").await.unwrap().as_deref(), Some("failed"));
    assert_eq!(browser.script(&format!("return {START}.disabled;")).await.unwrap(), json!(false));
    let off = "return document.querySelector('[data-testid=camera-video]').srcObject === null;";
    assert_eq!(browser.script(off).await.unwrap(), json!(true));
}

const ENDED: &str = "track.readyState === 'ended'";
const REFUSED: [&str; 3] =
    ["refused", "The page is not allowed to use the camera.", "Allow it for this page"];
const GONE: [&str; 3] = ["gone", "The camera is gone.", "what you recorded is kept"];

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_is_refused_or_taken_away_can_be_tried_again() {
    let (browser, classes) = with_cameras(1).await;
    let [kind, matter, next] = REFUSED;
    allow(&browser, "denied").await;
    for _ in 0..2 {
        browser.click("camera-start").await.unwrap();
        says(&browser, kind, matter, next).await;
    }

    // Allowed after all.
    allow(&browser, "granted").await;
    start(&browser).await;
    shoot(&browser, &classes[0], 1).await;

    // Forbidden while it runs.
    let [kind, matter, next] = GONE;
    allow(&browser, "denied").await;
    says(&browser, kind, matter, next).await;
    allow(&browser, "granted").await;
    start(&browser).await;
    shoot(&browser, &classes[0], 2).await;

    // Some browsers do not say that a camera was unplugged. It is noticed with the next picture,
    // and what was recorded stays.
    browser.script("track.stop();").await.unwrap();
    browser.click("record-shot").await.unwrap();
    says(&browser, kind, matter, next).await;
    start(&browser).await;
    shoot(&browser, &classes[0], 3).await;
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_is_not_there_or_in_use_can_be_tried_again() {
    let (browser, classes) = with_cameras(0).await;
    for _ in 0..2 {
        browser.click("camera-start").await.unwrap();
        says(&browser, "none", "No camera was found.", "Plug one in").await;
    }
    // Nothing can be plugged into this browser while it runs, so from here on the devices are the
    // test's.
    let busy = "navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException('in use', 'NotReadableError'));";
    browser.script(busy).await.unwrap();
    browser.click("camera-start").await.unwrap();
    says(&browser, "busy", "The camera sends no pictures.", "Another program or tab").await;

    let plugged = "const canvas = document.createElement('canvas');
        const context = canvas.getContext('2d');
        setInterval(() => context.fillRect(0, 0, 300, 150), 50);
        navigator.mediaDevices.getUserMedia = () => Promise.resolve(canvas.captureStream());";
    browser.script(plugged).await.unwrap();
    start(&browser).await;
    shoot(&browser, &classes[0], 1).await;
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_https_the_page_says_what_a_camera_needs() {
    let flags = [
        "--use-fake-device-for-media-stream".to_owned(),
        "--host-resolver-rules=MAP other.test 127.0.0.1".to_owned(),
    ];
    let browser = Browser::start_with(&flags).await.unwrap();
    browser.open(QUERY).await.unwrap();
    let port = browser.script("return location.port;").await.unwrap();
    let elsewhere = format!("http://other.test:{}/{QUERY}", port.as_str().unwrap());
    browser.client.goto(&elsewhere).await.unwrap();
    let classes = browser.make_project().await.unwrap();
    browser.open_recorder(&classes[0]).await.unwrap();
    for _ in 0..2 {
        browser.click("camera-start").await.unwrap();
        says(&browser, "insecure", "does not let this page use a camera", "Open the page by https").await;
    }
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_is_switched_off_where_nobody_looks_at_it() {
    let (browser, classes) = with_cameras(2).await;
    allow(&browser, "granted").await;
    start(&browser).await;

    // Another one is chosen: the first is switched off.
    let labels = "[...document.querySelectorAll('[data-testid=camera-choice] option')].map(o => o.label)";
    browser.until("there is a choice", &format!("{labels}.length === 2")).await.unwrap();
    let first = browser.script("return track.label;").await.unwrap();
    let labels = browser.script(&format!("return {labels};")).await.unwrap();
    assert!(labels.as_array().unwrap().contains(&first), "{labels}");
    let other = "const choice = document.querySelector('[data-testid=camera-choice]');
        choice.selectedIndex = 1 - choice.selectedIndex;
        choice.dispatchEvent(new Event('change', { bubbles: true }));";
    browser.script(other).await.unwrap();
    browser.until("the first is off", ENDED).await.unwrap();
    browser.camera_runs().await.unwrap();
    let now = "document.querySelector('[data-testid=camera-video]').srcObject?.getTracks()[0].label";
    let others = format!("!!{now} && {now} !== {first}");
    browser.until("the other one runs", &others).await.unwrap();
    shoot(&browser, &classes[0], 1).await;

    // Stopped, left for another class, closed, and scrolled away.
    let track =
        "window.track = document.querySelector('[data-testid=camera-video]').srcObject.getTracks()[0];";
    browser.script(track).await.unwrap();
    browser.click("camera-stop").await.unwrap();
    browser.until("it is off", ENDED).await.unwrap();
    start(&browser).await;
    browser.open_recorder(&classes[1]).await.unwrap();
    browser.until("the first class's is off", ENDED).await.unwrap();
    browser.camera_runs().await.unwrap();
    browser.script(track).await.unwrap();
    browser
        .script("document.querySelector('[data-testid=class-record][aria-expanded=true]').click();")
        .await
        .unwrap();
    browser.until("it is off", ENDED).await.unwrap();

    browser.open_recorder(&classes[1]).await.unwrap();
    browser.camera_runs().await.unwrap();
    browser.script(track).await.unwrap();
    let low = json!({ "width": 800, "height": 240, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", low).await.unwrap();
    browser
        .script("window.scrollTo({ top: document.body.scrollHeight, behavior: 'instant' });")
        .await
        .unwrap();
    browser.until("it is off", ENDED).await.unwrap();
    browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await.unwrap();
    browser.wait_for("camera-video", "data-state", 30, |state| state == "off").await.unwrap();
    // Back again, it starts when it is asked to.
    start(&browser).await;
    shoot(&browser, &classes[1], 1).await;
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_goes_on_out_of_sight_while_the_button_is_held() {
    let (browser, _) = with_cameras(1).await;
    allow(&browser, "granted").await;
    start(&browser).await;
    browser.fill("record-rate", "2").await.unwrap();
    browser.hold("record-hold", By::SpaceBar, true).await.unwrap();
    browser.wait_for("record-count", "data-count", 30, |count| count != "0").await.unwrap();
    browser
        .script("window.scrollTo({ top: document.body.scrollHeight, behavior: 'instant' });")
        .await
        .unwrap();
    let pictures = "[...document.querySelectorAll('[data-testid=thumbnail]')]
        .map(thumbnail => [thumbnail.dataset.take, thumbnail.querySelector('canvas').toDataURL()])";
    // Longer than a camera that nobody holds stays on.
    let time = "document.querySelector('[data-testid=camera-video]').currentTime";
    browser.script(&format!("window.begun = {time}; window.before = {pictures}.length;")).await.unwrap();
    browser
        .until("it goes on", &format!("{time} - begun > 7 && {pictures}.length > before + 3"))
        .await
        .unwrap();
    let taken = browser.script(&format!("return {pictures}.slice(before);")).await.unwrap();
    let taken: Vec<(String, Value)> = serde_json::from_value(taken).unwrap();
    assert!(taken.iter().any(|picture| picture.1 != taken[0].1), "the pictures differ");
    assert!(taken.iter().all(|picture| picture.0 == taken[0].0), "and are one take");
    browser.hold("record-hold", By::SpaceBar, false).await.unwrap();
    browser
        .until("it was let go", "document.querySelector('[data-testid=record-hold]').ariaPressed === 'false'")
        .await
        .unwrap();
    browser.close().await.unwrap();
}

/// Keeps what cameras are asked for as `window.asked`, the id of each that was asked for by it.
async fn watch_requests(browser: &Browser) {
    let code = "window.asked = [];
        const ask = MediaDevices.prototype.getUserMedia;
        MediaDevices.prototype.getUserMedia = function (wanted) {
            asked.push(wanted.video.deviceId?.exact ?? 'any');
            return ask.call(this, wanted);
        };";
    browser.script(code).await.unwrap();
}

/// Waits until this part of the page has a running camera, and checks that it is the one of this id, which was
/// asked for as often as that since the last time, and that it is no mirror.
async fn has_camera(browser: &Browser, part: &str, id: &Value, times: usize) {
    let video = format!("document.querySelector('{part} video')");
    browser.until("it runs", &format!("{video}.dataset.state === 'running'")).await.unwrap();
    let now = format!("return {video}.srcObject.getTracks()[0].getSettings().deviceId;");
    assert_eq!(browser.script(&now).await.unwrap(), *id);
    let asked = browser.script("return asked.splice(0);").await.unwrap();
    assert_eq!(asked, json!(vec![id.clone(); times]), "{part}");
    let mirror = format!(
        "return [document.querySelector('{part} [data-testid=camera-mirror]').checked,
            getComputedStyle({video}).scale, document.querySelector('{part} [data-testid=camera-choice]').value];"
    );
    assert_eq!(browser.script(&mirror).await.unwrap(), json!([false, "none", id]), "{part}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chosen_camera_is_kept_from_class_to_class_and_for_later_visits() {
    let (browser, classes) = with_cameras(2).await;
    allow(&browser, "granted").await;
    watch_requests(&browser).await;
    start(&browser).await;
    browser
        .until("there is a choice", "!!document.querySelector('[data-testid=camera-choice]')")
        .await
        .unwrap();
    assert_eq!(browser.script("return asked.splice(0);").await.unwrap(), json!(["any"]));
    let other = "const choice = document.querySelector('[data-testid=camera-choice]');
        choice.selectedIndex = 1 - choice.selectedIndex;
        choice.dispatchEvent(new Event('change', { bubbles: true }));
        return choice.value;";
    let id = browser.script(other).await.unwrap();
    let runs = "document.querySelector('.recorder video').srcObject?.getTracks()[0].getSettings().deviceId";
    browser.until("the other one runs", &format!("{runs} === {id}")).await.unwrap();
    browser.camera_runs().await.unwrap();
    browser.click("camera-mirror").await.unwrap();
    has_camera(&browser, ".recorder", &id, 1).await;
    for count in 1..=3 {
        shoot(&browser, &classes[0], count).await;
    }

    // Stopped and started, for the next class, which goes on with it, and after that was closed.
    browser.click("camera-stop").await.unwrap();
    start(&browser).await;
    has_camera(&browser, ".recorder", &id, 1).await;
    browser.open_recorder(&classes[1]).await.unwrap();
    has_camera(&browser, ".recorder", &id, 1).await;
    for count in 1..=3 {
        shoot(&browser, &classes[1], count).await;
    }
    browser.click("camera-stop").await.unwrap();
    browser.open_recorder(&classes[0]).await.unwrap();
    has_camera(&browser, ".recorder", &id, 1).await;

    // For the live camera, which goes on with it by itself.
    browser.wait_for("extract-progress", "data-phase", 120, |phase| phase == "complete").await.unwrap();
    browser.fill("epochs", "3").await.unwrap();
    browser.click("train-start").await.unwrap();
    browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    has_camera(&browser, ".live", &id, 1).await;

    // On another visit.
    let again = async || {
        browser.open(QUERY).await.unwrap();
        let classes = browser.make_project().await.unwrap();
        browser.open_recorder(&classes[0]).await.unwrap();
        leave_off(&browser).await;
        watch_requests(&browser).await;
    };
    again().await;
    start(&browser).await;
    has_camera(&browser, ".recorder", &id, 1).await;

    // It is gone: another one is taken, and the page says so until it is back.
    again().await;
    let code = format!(
        "const ask = MediaDevices.prototype.getUserMedia, list = MediaDevices.prototype.enumerateDevices;
        window.gone = true;
        MediaDevices.prototype.getUserMedia = function (wanted) {{
            if (gone && wanted.video.deviceId?.exact === {id}) {{
                return Promise.reject(new DOMException('gone', 'OverconstrainedError'));
            }}
            return ask.call(this, wanted);
        }};
        MediaDevices.prototype.enumerateDevices = async function () {{
            return (await list.call(this)).filter(device => !gone || device.deviceId !== {id});
        }};"
    );
    browser.script(&code).await.unwrap();
    start(&browser).await;
    assert_ne!(browser.script(&format!("return {runs};")).await.unwrap(), id);
    assert_eq!(browser.attribute("camera-status", "data-instead").await.unwrap().as_deref(), Some("true"));
    assert!(browser.text("camera-status").await.unwrap().contains("this is another one"));
    browser.click("camera-stop").await.unwrap();
    browser.script("gone = false; asked.length = 0;").await.unwrap();
    start(&browser).await;
    has_camera(&browser, ".recorder", &id, 1).await;
    assert_eq!(browser.text("camera-status").await.unwrap(), "");
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_never_answers_or_is_in_use_has_a_way_on() {
    let (browser, classes) = with_cameras(2).await;
    allow(&browser, "granted").await;
    let code = "window.answers = false;
        window.busy = null;
        const ask = MediaDevices.prototype.getUserMedia;
        MediaDevices.prototype.getUserMedia = function (wanted) {
            if (!answers) return new Promise(() => {});
            if (busy !== null && wanted.video.deviceId?.exact === busy) {
                return Promise.reject(new DOMException('in use', 'NotReadableError'));
            }
            return ask.call(this, wanted);
        };";
    browser.script(code).await.unwrap();
    for _ in 0..2 {
        browser.click("camera-start").await.unwrap();
        browser.wait_for("camera-video", "data-state", 30, |state| state == "starting").await.unwrap();
        assert!(browser.text("camera-status").await.unwrap().contains("cancel and start it again"));
        assert_eq!(browser.text("camera-stop").await.unwrap(), "Cancel");
        browser.click("camera-stop").await.unwrap();
        browser.wait_for("camera-video", "data-state", 30, |state| state == "off").await.unwrap();
    }
    browser.script("answers = true;").await.unwrap();
    start(&browser).await;
    shoot(&browser, &classes[0], 1).await;

    // The one in use is taken by another program: the other one can be chosen.
    let choice = "document.querySelector('[data-testid=camera-choice]')";
    browser.until("there is a choice", &format!("!!{choice}")).await.unwrap();
    browser.click("camera-stop").await.unwrap();
    browser.script("busy = track.getSettings().deviceId;").await.unwrap();
    browser.click("camera-start").await.unwrap();
    says(&browser, "busy", "The camera sends no pictures.", "Another program or tab").await;
    browser.until("another one can be chosen", &format!("{choice}?.options.length === 2")).await.unwrap();
    let other = format!(
        "{choice}.selectedIndex = [...{choice}.options].findIndex(option => option.value !== busy);
        {choice}.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    );
    browser.script(&other).await.unwrap();
    browser.camera_runs().await.unwrap();
    shoot(&browser, &classes[0], 2).await;
    browser.close().await.unwrap();
}
