//! Projects of one's own in browsers without a window.

use std::fs;
use std::path::PathBuf;

use bottleneck::backbone::{LIGHT, NOTEBOOK, Purpose};
use bottleneck::dataset::sample;
use bottleneck::pixels::RgbImage;
use bottleneck::random::Random;
use e2e::{Browser, Kind, Site, folders_where_notebook_is};
use serde_json::json;

/// Drawn pictures as files: so many of each of two of the sample's classes.
fn pictures(folder: &std::path::Path, per_class: usize) -> [Vec<PathBuf>; 2] {
    let drawn = sample::draw(3);
    [0_u16, 6].map(|label| {
        let of_class = drawn.train.iter().filter(|sample| sample.label == label).take(per_class);
        let file = |(number, picture): (usize, &bottleneck::dataset::Sample)| {
            let file = folder.join(format!("{label}-{number}.png"));
            fs::write(&file, picture.image().unwrap().to_png().unwrap()).unwrap();
            file
        };
        of_class.enumerate().map(file).collect()
    })
}

/// The numbers of the open project's classes, in their order.
async fn classes(browser: &Browser) -> Vec<String> {
    let script = "return [...document.querySelectorAll('[data-testid=class-card]')]
        .map(card => card.dataset.classId);";
    serde_json::from_value(browser.client.execute(script, vec![]).await.unwrap()).unwrap()
}

async fn add(browser: &Browser, class: &str, files: &[PathBuf]) {
    let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    browser.choose(&format!("class-files-{class}"), &files).await.unwrap();
}

/// Whether the address names this backbone, as a script.
fn in_address(backbone: &str) -> String {
    format!("new URLSearchParams(location.search).get('backbone') === '{backbone}'")
}

fn count(class: &str, count: usize) -> String {
    format!("document.querySelector('[data-class-id=\"{class}\"]').dataset.count === '{count}'")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_from_files_to_a_head_and_over_to_another_machine() {
    from_files_to_another_machine(Kind::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_goes_over_to_another_machine_in_firefox() {
    from_files_to_another_machine(Kind::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_goes_over_to_another_machine_in_webkit() {
    from_files_to_another_machine(Kind::WebKit).await;
}

async fn from_files_to_another_machine(kind: Kind) {
    let folder = tempfile::tempdir().unwrap();
    let files = pictures(folder.path(), 12);
    let browser = Browser::start_in(kind).await.unwrap();
    browser.open("?lang=en").await.unwrap();
    browser.make_project().await.unwrap();
    // With whatever the page has opened, projects begin with the light backbone.
    browser.wait_for("backbone", "data-address", 30, |address| address == LIGHT).await.unwrap();
    let ids = classes(&browser).await;
    for (class, files) in ids.iter().zip(&files) {
        add(&browser, class, &files[..2]).await;
        browser.until("two pictures", &count(class, 2)).await.unwrap();
    }
    // Two takes a class make no honest exam.
    browser.wait_for("extract-progress", "data-phase", 120, |phase| phase == "complete").await.unwrap();
    browser
        .until("training waits", "document.querySelector('[data-testid=train-start]').disabled")
        .await
        .unwrap();
    for (class, files) in ids.iter().zip(&files) {
        add(&browser, class, &files[2..]).await;
        browser.until("all pictures", &count(class, 12)).await.unwrap();
    }
    browser.wait_for("extract-progress", "data-done", 120, |done| done == "24").await.unwrap();
    assert_eq!(browser.attribute("extract-progress", "data-computed").await.unwrap().as_deref(), Some("24"));

    // A picture is deleted, and comes back; nothing is computed again.
    let select = "document.querySelectorAll('[data-testid=thumbnail]')[0].click()";
    browser.client.execute(select, vec![]).await.unwrap();
    browser.click("pictures-delete").await.unwrap();
    browser.until("one is gone", &count(&ids[0], 11)).await.unwrap();
    browser.click("project-undo").await.unwrap();
    browser.until("it is back", &count(&ids[0], 12)).await.unwrap();

    browser.fill("epochs", "8").await.unwrap();
    browser.click("train-start").await.unwrap();
    let accuracy = browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    // The exam is a fifth of each class: four or six pictures.
    assert!(accuracy.parse::<f64>().unwrap() > 0.5, "{accuracy}");
    browser.click("leaky-start").await.unwrap();
    browser.wait_for("leaky-result", "data-value", 120, |_| true).await.unwrap();
    assert_eq!(browser.attribute("extract-progress", "data-computed").await.unwrap().as_deref(), Some("24"));

    let picture = folder.path().join("other.png");
    fs::write(&picture, sample::draw(4).train[0].image().unwrap().to_png().unwrap()).unwrap();
    browser.choose("classify-input", &[&picture]).await.unwrap();
    let answer = browser.wait_for("classify-result", "data-probability", 60, |_| true).await.unwrap();

    browser.click("project-export").await.unwrap();
    let file = folder.path().join("project.zip");
    fs::copy(browser.downloaded("My_project.zip").await.unwrap(), &file).unwrap();
    browser.close().await.unwrap();

    // Another machine: nothing is computed but the picture to classify.
    let other = Browser::start_in(kind).await.unwrap();
    other.load("?lang=en").await.unwrap();
    other.choose("door-open", &[&file]).await.unwrap();
    other.until("its address", "location.hash.startsWith('#/project/')").await.unwrap();
    other.wait_for("extract-progress", "data-phase", 60, |phase| phase == "complete").await.unwrap();
    assert_eq!(other.attribute("extract-progress", "data-computed").await.unwrap().as_deref(), Some("0"));
    assert_eq!(other.wait_for("test-accuracy", "data-value", 30, |_| true).await.unwrap(), accuracy);
    other.choose("classify-input", &[&picture]).await.unwrap();
    let again = other.wait_for("classify-result", "data-probability", 60, |_| true).await.unwrap();
    assert_eq!(again, answer, "bit for bit");

    // A damaged file changes nothing, and says so.
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 200].fill(7);
    let broken = folder.path().join("broken.zip");
    fs::write(&broken, bytes).unwrap();
    other.go("#/").await.unwrap();
    other.choose("door-open", &[&broken]).await.unwrap();
    let kind = other.wait_for("error", "data-kind", 30, |_| true).await.unwrap();
    assert_eq!(kind, "problem-project-damaged");
    other.dismiss_error().await.unwrap();
    let projects = "document.querySelectorAll('[data-testid=recent-project]').length === 1";
    other.until("one project", projects).await.unwrap();

    // After a reload it is there, opens without an engine, and can be deleted.
    other.load("?lang=en").await.unwrap();
    other.click("project-open").await.unwrap();
    other.wait_for("extract-progress", "data-phase", 60, |phase| phase == "complete").await.unwrap();
    assert_eq!(other.attribute("engine-status", "data-state").await.unwrap().as_deref(), Some("idle"));
    let id = other.attribute("project", "data-id").await.unwrap().unwrap();
    other.go("#/").await.unwrap();
    other.click(&format!("project-delete-{id}")).await.unwrap();
    other.click(&format!("project-delete-{id}-confirm")).await.unwrap();
    other
        .until("no project", "document.querySelectorAll('[data-testid=recent-project]').length === 0")
        .await
        .unwrap();
    other.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_begins_with_the_light_backbone_and_stays_open_with_the_larger() {
    let (folders, _models) = folders_where_notebook_is(Purpose::ImageNet).unwrap();
    let site = Site::start(&folders).unwrap();
    let browser = Browser::at(site.address(), &[]).await.unwrap();
    browser.open("?lang=en").await.unwrap();
    let reason = browser.wait_for("backbone-chosen", "data-reason", 30, |_| true).await.unwrap();
    assert_eq!(reason, "chosen-notebook");
    browser.make_project().await.unwrap();
    let id = browser.wait_for("project", "data-id", 30, |_| true).await.unwrap();
    // For the next visit of this address too.
    browser.until("the address", &in_address(LIGHT)).await.unwrap();
    browser.find("project-light").await.unwrap();
    let class = classes(&browser).await.swap_remove(0);
    let folder = tempfile::tempdir().unwrap();
    let [files, _] = pictures(folder.path(), 3);
    add(&browser, &class, &files).await;
    browser.wait_for("extract-progress", "data-done", 120, |done| done == "3").await.unwrap();

    browser.click("project-larger").await.unwrap();
    browser.until("the address", &in_address(NOTEBOOK)).await.unwrap();
    browser
        .until("no offer", "document.querySelector('[data-testid=project-larger]') === null")
        .await
        .unwrap();
    assert_eq!(browser.attribute("project", "data-id").await.unwrap(), Some(id));
    // Its features are other ones, and come by themselves.
    browser.click("extract-cancel").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn classes_are_arranged_by_keyboard_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(1);
    let noise = RgbImage::from_fn(16, 16, |_, _| std::array::from_fn(|_| random.below(256) as u8));
    let file = folder.path().join("noise.png");
    fs::write(&file, noise.to_png().unwrap()).unwrap();
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=es").await.unwrap();
    browser.wait_for("engine-status", "data-state", 30, |state| state == "idle").await.unwrap();
    browser.make_project().await.unwrap();
    browser.press_on("class-add-name", "Pera\u{e007}").await.unwrap();
    browser
        .until("three classes", "document.querySelectorAll('[data-testid=class-card]').length === 3")
        .await
        .unwrap();
    let ids = classes(&browser).await;
    add(&browser, &ids[2], std::slice::from_ref(&file)).await;
    browser.until("a picture", &count(&ids[2], 1)).await.unwrap();
    // Up twice: the third class becomes the first.
    for place in [2, 1] {
        let script = "const cards = document.querySelectorAll('[data-testid=class-card]');
            cards[arguments[0]].querySelector('.menu').open = true;
            cards[arguments[0]].querySelector('[data-testid=class-up]').focus();";
        browser.client.execute(script, vec![json!(place)]).await.unwrap();
        browser.press("\u{e007}").await.unwrap();
        let moved = format!(
            "[...document.querySelectorAll('[data-testid=class-card]')].findIndex(card =>
                card.dataset.classId === '{}') === {}",
            ids[2],
            place - 1
        );
        browser.until("it moved", &moved).await.unwrap();
    }
    // The picture is selected with the space bar and moved with the list.
    let script = "document.querySelector('[data-testid=thumbnail]').focus();";
    browser.client.execute(script, vec![]).await.unwrap();
    browser.press(" ").await.unwrap();
    browser.press_on("pictures-move", "Clase 1").await.unwrap();
    browser.until("it is in the other class", &count(&ids[0], 1)).await.unwrap();
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}

/// Two folders of drawn pictures in a folder, and what is no picture.
fn folder_of_folders(folder: &std::path::Path, per_class: usize) -> PathBuf {
    let [circles, dots] = pictures(folder, per_class);
    let all = folder.join("drawings");
    for (name, files) in [("circles", circles), ("others", dots)] {
        let class = all.join(name);
        fs::create_dir_all(&class).unwrap();
        for file in files {
            fs::rename(&file, class.join(file.file_name().unwrap())).unwrap();
        }
    }
    fs::write(all.join("circles/broken.png"), "text").unwrap();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_chosen_and_dropped_and_the_speed_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let drawings = folder_of_folders(folder.path(), 20);
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en").await.unwrap();
    assert_eq!(browser.attribute("backbone-speed", "data-cpu").await.unwrap(), None);
    browser.make_project().await.unwrap();
    browser.choose("project-folder", &[&drawings]).await.unwrap();
    let classes = "JSON.stringify([...document.querySelectorAll('[data-testid=class-card]')]
        .map(card => [card.dataset.name, card.dataset.count]).sort())";
    let both = |count: usize| {
        format!("{classes} === JSON.stringify([['circles', '{count}'], ['others', '{count}']])")
    };
    browser.until("the folders' classes", &both(20)).await.unwrap();
    assert!(browser.text("dataset-notices").await.unwrap().contains("drawings/circles/broken.png"));
    // Its forty pictures are enough to know the network's speed here.
    browser.wait_for("extract-progress", "data-done", 120, |done| done == "40").await.unwrap();
    let speed = browser.wait_for("backbone-speed", "data-cpu", 30, |_| true).await.unwrap();
    assert!(speed.parse::<f64>().unwrap() > 0.0, "{speed}");

    // Dropped on a class, it goes to the classes of its folders' names all the same.
    let ids = self::classes(&browser).await;
    browser.drop_file(&format!("class-files-{}", ids[0]), &drawings).await.unwrap();
    browser.until("twice the pictures", &both(40)).await.unwrap();
    assert_eq!(browser.text("error").await.unwrap(), "");

    // Where the notebook's network is open, the light one's speed is known.
    let notebook = format!("?lang=en&backbone={NOTEBOOK}");
    browser.open(&notebook).await.unwrap();
    let again = browser.wait_for("backbone-other-speed", "data-cpu", 30, |_| true).await.unwrap();
    assert!(again.parse::<f64>().unwrap() > 0.0, "{again}");
    // What is no speed is not believed.
    let script = "localStorage.setItem('bottleneck.speeds', '{\"x\": 1, \"'.repeat(9));";
    browser.client.execute(script, vec![]).await.unwrap();
    browser.open(&notebook).await.unwrap();
    browser.find("backbone-other-speed").await.unwrap();
    assert_eq!(browser.attribute("backbone-other-speed", "data-cpu").await.unwrap(), None);
    browser.close().await.unwrap();
}

/// Two tabs with one project tell each other, and go on by themselves when one of them leaves.
#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_with_one_project_know_of_each_other() {
    const TOLD: &str = "!!document.querySelector('[data-testid=other-tab]')";
    let browser = Browser::start().await.unwrap();
    browser.load("?lang=en").await.unwrap();
    browser.make_project().await.unwrap();
    let first = browser.client.window().await.unwrap();
    let view = browser.script("return location.hash;").await.unwrap();
    let view = view.as_str().unwrap();
    browser.until("the project has an address", "location.hash.startsWith('#/project/')").await.unwrap();
    assert_eq!(browser.script(&format!("return {TOLD};")).await.unwrap(), json!(false));

    let second = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(second.clone()).await.unwrap();
    browser.load(&format!("?lang=en{view}")).await.unwrap();
    browser.until("the second tab knows of the first one", TOLD).await.unwrap();
    browser.client.switch_to_window(first.clone()).await.unwrap();
    browser.until("the first tab knows of the second one", TOLD).await.unwrap();
    // Another view lets go of the project, and so does a tab that is closed.
    browser.client.switch_to_window(second).await.unwrap();
    browser.go("#/notebook").await.unwrap();
    browser.client.switch_to_window(first.clone()).await.unwrap();
    browser.until("the first tab is alone", &format!("!{TOLD}")).await.unwrap();
    let third = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(third).await.unwrap();
    browser.load(&format!("?lang=en{view}")).await.unwrap();
    browser.until("the third tab knows of the first one", TOLD).await.unwrap();
    browser.client.close_window().await.unwrap();
    browser.client.switch_to_window(first).await.unwrap();
    browser.until("the first tab is alone again", &format!("!{TOLD}")).await.unwrap();
    browser.close().await.unwrap();
}
