//! What a newcomer meets first: the doors, the addresses, and two classes of their own in ten actions.

use std::fs;
use std::path::Path;
use std::time::Instant;

use bottleneck::random::Random;
use e2e::{Browser, By};
use serde_json::json;

use crate::camera::{GREEN, RED, film_frame, moving, watch_the_film, with_film};

pub const QUERY: &str = "?lang=en&backbone=models/efficientnet_lite0.json&engine=cpu&train=20&test=10";

async fn view_is(browser: &Browser, view: &str) {
    browser.until("the address", &format!("location.hash === '{view}'")).await.unwrap();
}

/// The number of the open project, whose view is shown at its address.
async fn project_shown(browser: &Browser) -> String {
    let id = browser.wait_for("project", "data-id", 60, |_| true).await.unwrap();
    view_is(browser, &format!("#/project/{id}")).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doors_have_addresses_and_back_and_reload_work() {
    doors(Browser::start().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doors_in_webkit() {
    doors(Browser::start_in(e2e::Kind::WebKit).await.unwrap()).await;
}

async fn doors(browser: Browser) {
    browser.load(QUERY).await.unwrap();
    browser.find("door-teach").await.unwrap();
    view_is(&browser, "#/").await;
    browser.click("door-notebook").await.unwrap();
    browser.find("dataset-sample").await.unwrap();
    view_is(&browser, "#/notebook").await;
    browser.script("history.back();").await.unwrap();
    browser.find("door-teach").await.unwrap();

    browser.click("door-teach").await.unwrap();
    let id = project_shown(&browser).await;
    // Without pictures there is nothing to compute, and no button that would.
    let told = "document.querySelector('[data-testid=extract-progress]')";
    browser.until("its features are counted", &format!("{told} !== null")).await.unwrap();
    assert_eq!(browser.script(&format!("return {told}.checkVisibility();")).await.unwrap(), json!(false));
    browser.client.refresh().await.unwrap();
    assert_eq!(project_shown(&browser).await, id);
    // The step back does not make another one.
    browser.script("history.back();").await.unwrap();
    browser.wait_for("recent-project", "data-id", 30, |listed| listed == id).await.unwrap();
    browser.click("project-open").await.unwrap();
    assert_eq!(project_shown(&browser).await, id);
    // Nor does the link that a teacher hands out, as long as the project has no pictures.
    browser.go("#/teach").await.unwrap();
    assert_eq!(project_shown(&browser).await, id);
    // Without an address the page is where it was.
    browser.load(QUERY).await.unwrap();
    assert_eq!(project_shown(&browser).await, id);

    // A project of another device.
    browser.go("#/project/77").await.unwrap();
    browser.find("project-unknown").await.unwrap();
    assert!(browser.text("project-unknown").await.unwrap().contains("not on this device"));
    // Nobody loses their way by an address that is none.
    browser.go("#/nowhere").await.unwrap();
    browser.find("door-teach").await.unwrap();
    browser.close().await.unwrap();
}

/// Drops a file or a folder at the page's edge, where no zone is.
async fn drop_beside(browser: &Browser, file: &Path) {
    let data = json!({ "items": [], "files": [file], "dragOperationsMask": 1 });
    for kind in ["dragEnter", "dragOver", "drop"] {
        if kind == "drop" {
            browser.until("the page takes notice", "document.body.matches('.hovered')").await.unwrap();
        }
        let event = json!({ "type": kind, "x": 3, "y": 300, "data": data });
        browser.devtools("Input.dispatchDragEvent", event).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_dropped_anywhere_go_where_they_belong() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = bottleneck::dataset::sample::draw(3);
    let set = folder.path().join("set");
    for (number, sample) in drawn.train.iter().filter(|sample| sample.label < 2).take(16).enumerate() {
        let class = set.join(["circles", "triangles"][usize::from(sample.label)]);
        fs::create_dir_all(&class).unwrap();
        fs::write(class.join(format!("{number}.png")), sample.image().unwrap().to_png().unwrap()).unwrap();
    }
    let browser = Browser::start().await.unwrap();
    browser.load(QUERY).await.unwrap();
    browser.until("it can begin", "document.querySelector('#door-open')?.disabled === false").await.unwrap();
    // Beside every zone: a dataset for the notebook.
    drop_beside(&browser, &set).await;
    view_is(&browser, "#/notebook").await;
    let source = |source: &str| source == "data-source-folders";
    browser.wait_for("dataset-summary", "data-source", 60, source).await.unwrap();
    // At a project, they are for its classes.
    let _ = browser.make_project().await.unwrap();
    drop_beside(&browser, &set).await;
    let names = "JSON.stringify([...document.querySelectorAll('[data-testid=class-card]')]
        .map(card => card.dataset.name).sort())";
    browser.until("its classes", &format!("{names} === '[\"circles\",\"triangles\"]'")).await.unwrap();
    // A project's file is a project, wherever it falls.
    browser.click("project-export").await.unwrap();
    let file = folder.path().join("any name.zip");
    fs::copy(browser.downloaded("My_project.zip").await.unwrap(), &file).unwrap();
    let before = project_shown(&browser).await;
    drop_beside(&browser, &file).await;
    browser.until("another project", &format!("location.hash !== '#/project/{before}'")).await.unwrap();
    project_shown(&browser).await;
    browser.until("its classes", &format!("{names} === '[\"circles\",\"triangles\"]'")).await.unwrap();
    browser.close().await.unwrap();
}

/// Four scenes, each of which stays for three seconds: a class to record, the other one, and both again.
pub fn film(random: &mut Random) -> Vec<Vec<u8>> {
    let scenes = [false, true, false, true].into_iter().enumerate();
    let frames = scenes.flat_map(|(scene, green)| {
        let pictures: Vec<_> = (0..30).map(|_| moving(green, random)).collect();
        let colour = if green { GREEN } else { RED };
        pictures
            .into_iter()
            .flat_map(move |picture| std::iter::repeat_n(film_frame(&picture, colour, scene), 3))
    });
    frames.collect()
}

/// Two classes are recorded, trained and told apart, with so many actions.
async fn two_classes(by: By, width: u32) {
    let folder = tempfile::tempdir().unwrap();
    let browser = &with_film(folder.path(), film(&mut Random::new(9)).into_iter()).await;
    let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", size).await.unwrap();
    // An earlier visit has kept the network.
    browser.load(QUERY).await.unwrap();
    browser.click("offline-keep").await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "ready").await.unwrap();
    // The device's panel, which that has opened, closes again.
    browser.click("device-chip").await.unwrap();
    watch_the_film(browser).await;

    let mut actions = 0;
    let mut press = async |selector: &str| {
        actions += 1;
        browser.press_with(selector, by).await.unwrap();
    };
    press("[data-testid=door-teach]").await;
    project_shown(browser).await;
    let cards = "return [...document.querySelectorAll('[data-testid=class-card]')].map(card => card.dataset.classId);";
    let classes: Vec<String> = serde_json::from_value(browser.script(cards).await.unwrap()).unwrap();
    for (class, green) in classes.iter().zip([false, true]) {
        let card = format!("[data-class-id=\"{class}\"]");
        press(&format!("{card} [data-testid=class-record]")).await;
        browser.camera_runs().await.unwrap();
        for take in 1..=3 {
            browser.until("the scene", &format!("green() === {green}")).await.unwrap();
            // A press, not held: it takes a picture, and is a take.
            press(&format!("{card} [data-testid=record-shot]")).await;
            let stored = format!("document.querySelector('{card}').dataset.count === '{take}'");
            browser.until("it is stored", &stored).await.unwrap();
        }
    }
    // In a narrow window the same button stands below the classes.
    press(if width < 1100 { "[data-testid=train-next]" } else { "[data-testid=train-start]" }).await;
    let begun = Instant::now();
    assert!(actions <= 10, "{actions} actions");
    for (name, green) in [("Class 1", false), ("Class 2", true)] {
        let right = format!(
            "green() === {green} && document.querySelector('[data-testid=live-result]')?.dataset.class === '{name}'"
        );
        browser.until("it is right, live", &right).await.unwrap();
    }
    println!(
        "{actions} actions; {:.0} s from the last of them to both answers",
        begun.elapsed().as_secs_f32()
    );
    assert_eq!(browser.text("error").await.unwrap(), "");
    browser.client.clone().close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_classes_are_told_apart_after_ten_presses_of_the_mouse() {
    two_classes(By::Mouse, 1440).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_classes_are_told_apart_after_ten_presses_of_a_finger() {
    two_classes(By::Finger, 360).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_notebook_runs_with_one_press() {
    let browser = Browser::start().await.unwrap();
    browser.load(&QUERY.replace("train=20", "train=60")).await.unwrap();
    browser.click("door-notebook").await.unwrap();
    browser.click("notebook-run").await.unwrap();
    browser
        .wait_for("test-accuracy", "data-preset", 300, |preset| preset == "preset-notebook")
        .await
        .unwrap();
    assert_eq!(browser.attribute("dataset-summary", "data-train").await.unwrap().as_deref(), Some("60"));
    // What was run is not offered again.
    browser
        .until("it is over", "document.querySelector('[data-testid=notebook-run]') === null")
        .await
        .unwrap();
    browser.close().await.unwrap();
}
