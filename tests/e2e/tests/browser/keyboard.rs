//! The main job and a project by keyboard alone: nothing is clicked, nothing gets the focus from a
//! script, and after every step one sees where one is.

use std::time::{Duration, Instant};

use bottleneck::random::Random;
use e2e::{Browser, Kind};
use serde_json::json;

use crate::camera::{watch_the_film, with_film};
use crate::first_minute;

/// The light backbone, and a parameter that the page says it cannot use.
const QUERY: &str = "?lang=en&backbone=models/efficientnet_lite0.json&engine=none&train=200&test=50";

const ENTER: &str = "\u{e007}";
const TAB: &str = "\u{e004}";
const SHIFT: &str = "\u{e008}";
const CONTROL: &str = "\u{e009}";
const UP: &str = "\u{e013}";
const DOWN: &str = "\u{e015}";
/// More stops than the page has.
const MOST_STOPS: usize = 200;

/// A person at the keyboard.
struct Person {
    browser: Browser,
}

impl Person {
    /// Presses these keys together.
    async fn press(&self, keys: &[&str]) {
        let keys: Vec<_> = keys.iter().flat_map(|key| key.chars()).collect();
        self.browser.press_together(&keys).await.unwrap();
    }

    /// Types a text over what stands in the field.
    async fn type_over(&self, text: &str) {
        self.press(&[CONTROL, "a"]).await;
        for letter in text.chars() {
            self.press(&[&letter.to_string()]).await;
        }
    }

    /// Fails where the focus is nowhere, or cannot be seen.
    async fn sees_the_focus(&self, step: &str) {
        let script = "const active = document.activeElement;
            if (!active || active === document.body) return 'it is nowhere';
            // A file field covers its zone, which shows the focus.
            const shown = active.type === 'file' ? active.closest('.drop') : active;
            const name = shown.outerHTML.slice(0, 200);
            if (shown.matches('main')) {
                // A line beside the whole view.
                const { content, width, backgroundColor } = getComputedStyle(shown, '::before');
                const line = content !== 'none' && parseFloat(width) >= 2 && !/, 0\\)$/.test(backgroundColor);
                if (!line) return `no line beside: ${name}`;
            } else {
                const { outlineStyle, outlineWidth } = getComputedStyle(shown);
                if (outlineStyle === 'none' || parseFloat(outlineWidth) === 0) return `no outline: ${name}`;
            }
            const { top, bottom, left, right } = shown.getBoundingClientRect();
            const inside = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
            return inside && bottom > top && right > left ? '' : `out of sight: ${name}`;";
        let begun = Instant::now();
        let problem = loop {
            let problem = self.browser.client.execute(script, vec![]).await.unwrap();
            // Firefox scrolls to what gets the focus with its next picture, not at once.
            let scrolls = problem.as_str().is_some_and(|problem| problem.starts_with("out of sight"));
            if !scrolls || begun.elapsed() > Duration::from_secs(2) {
                break problem;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert_eq!(problem, json!(""), "the focus after {step}");
    }

    /// Goes from stop to stop to the element that this selector finds.
    async fn go_to(&self, selector: &str) {
        let script = "const target = document.querySelector(arguments[0]);
            const active = document.activeElement;
            if (!target) return 'missing';
            if (target === active) return 'there';
            return target.compareDocumentPosition(active) & Node.DOCUMENT_POSITION_FOLLOWING ? 'back' : 'on';";
        for _ in 0..MOST_STOPS {
            let way = self.browser.client.execute(script, vec![json!(selector)]).await.unwrap();
            match way.as_str() {
                Some("there") => return,
                Some("on") => self.press(&[TAB]).await,
                Some("back") => self.press(&[SHIFT, TAB]).await,
                _ => panic!("{selector}: {way}"),
            }
            self.sees_the_focus(&format!("Tab on the way to {selector}")).await;
        }
        panic!("no way to {selector}");
    }

    async fn go_to_id(&self, id: &str) {
        self.go_to(&format!("[data-testid={id}]")).await;
    }

    /// Waits until the expression is true, and sees where the focus is then.
    async fn awaits(&self, step: &str, expression: &str) {
        self.browser.until(step, expression).await.unwrap();
        self.sees_the_focus(step).await;
    }

    async fn awaits_attribute(&self, id: &str, name: &str, wanted: &str) {
        self.browser.wait_for(id, name, 300, |value| value == wanted).await.unwrap();
        self.sees_the_focus(&format!("{id} {name} {wanted}")).await;
    }

    /// Fails where the focus is not on what the selector finds.
    async fn is_at(&self, selector: &str) {
        let script = "const active = document.activeElement;
            return active.matches(arguments[0]) ? '' : active.outerHTML.slice(0, 200);";
        let other = self.browser.client.execute(script, vec![json!(selector)]).await.unwrap();
        assert_eq!(other, json!(""), "the focus is not at {selector}");
    }
}

/// An expression: the names of the open project's classes, in their order.
fn classes_are(names: &[&str]) -> String {
    format!(
        "[...document.querySelectorAll('[data-testid=class-card]')].map(card => card.dataset.name).join()
            === '{}'",
        names.join(",")
    )
}

async fn the_job_by_keyboard(kind: Kind) {
    let browser = Browser::start_in(kind).await.unwrap();
    browser.open(QUERY).await.unwrap();
    browser.wait_for_problem("query-engine", 30).await.unwrap();
    // What is told of the networks comes last, and moves all that stands below it.
    let told = "document.querySelector('[data-testid=backbone-other]') !== null";
    browser.until("the networks are known", told).await.unwrap();
    let person = Person { browser };
    person.go_to_id("error-dismiss").await;
    person.press(&[ENTER]).await;
    person.awaits("the notice is gone", "document.querySelector('[data-testid=error]') === null").await;

    person.go_to_id("dataset-sample").await;
    person.press(&[ENTER]).await;
    person.awaits_attribute("dataset-summary", "data-train", "200").await;
    person.go_to_id("extract-start").await;
    person.press(&[" "]).await;
    person.awaits_attribute("extract-progress", "data-phase", "complete").await;

    person.go_to_id("preset-notebook").await;
    let there_and_back =
        [(DOWN, "quick"), (DOWN, "strong"), (DOWN, "nearest"), (UP, "strong"), (UP, "quick")];
    for (key, preset) in there_and_back {
        person.press(&[key]).await;
        person.is_at(&format!("[data-testid=preset-{preset}]")).await;
        person.sees_the_focus(preset).await;
    }
    person.go_to_id("epochs").await;
    person.type_over("4").await;
    person.go_to_id("train-start").await;
    person.press(&[ENTER]).await;
    let accuracy = person.browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    person.sees_the_focus("training").await;
    let shown = person.browser.text("test-accuracy").await.unwrap();
    println!("{accuracy} is shown as {shown}");
    assert!(shown.contains('%'), "{shown}");

    person.go_to("[data-testid=exam] > summary").await;
    person.press(&[ENTER]).await;
    person.go_to_id("confusion-cell").await;
    person.press(&[ENTER]).await;
    person.browser.wait_for("exam-images", "data-count", 30, |_| true).await.unwrap();
    person.is_at("[data-testid=confusion-cell]").await;

    // To the doors, and through one.
    person.go_to_id("home").await;
    person.press(&[ENTER]).await;
    person.awaits("the doors", "document.querySelector('[data-testid=door-teach]') !== null").await;
    person.go_to_id("door-teach").await;
    person.press(&[ENTER]).await;
    person.awaits("a project", &classes_are(&["Class 1", "Class 2"])).await;
    person.go_to_id("project-name").await;
    person.type_over("Fruit").await;
    person.press(&[ENTER]).await;
    let named = "document.querySelector('[data-testid=project-name]').value === 'Fruit'";
    person.awaits("its name", named).await;
    person.go_to_id("class-add-name").await;
    person.type_over("Pear").await;
    person.press(&[ENTER]).await;
    let three = classes_are(&["Class 1", "Class 2", "Pear"]);
    person.browser.until("a class", &three).await.unwrap();
    // For one more; the new class may have pushed it out of sight, until something is typed.
    person.is_at("[data-testid=class-add-name]").await;

    let id = "document.querySelector('[data-name=Pear]').dataset.classId";
    let id = person.browser.client.execute(&format!("return {id};"), vec![]).await.unwrap();
    let of_class = |name: &str| format!("[data-class-id='{}'] [data-testid={name}]", id.as_str().unwrap());
    person.go_to(&of_class("class-name")).await;
    person.type_over("Apple").await;
    person.press(&[ENTER]).await;
    person.awaits("the new name", &classes_are(&["Class 1", "Class 2", "Apple"])).await;
    person.is_at(&of_class("class-name")).await;

    person.go_to(&of_class("class-menu")).await;
    person.press(&[ENTER]).await;
    person.go_to(&of_class("class-up")).await;
    person.press(&[ENTER]).await;
    person.awaits("one up", &classes_are(&["Class 1", "Apple", "Class 2"])).await;
    person.is_at(&of_class("class-up")).await;
    person.press(&[ENTER]).await;
    person.awaits("two up", &classes_are(&["Apple", "Class 1", "Class 2"])).await;
    // Further up there is nothing, and one is still at the same class.
    person.is_at(&of_class("class-menu")).await;

    let delete = format!("class-delete-{}", id.as_str().unwrap());
    person.go_to_id(&delete).await;
    person.press(&[" "]).await;
    person.go_to_id(&format!("{delete}-confirm")).await;
    person.press(&[ENTER]).await;
    person.awaits("it is gone", &classes_are(&["Class 1", "Class 2"])).await;
    person.is_at(".column.classes").await;
    person.go_to_id("project-undo").await;
    person.press(&[ENTER]).await;
    person.awaits("it is back", &classes_are(&["Apple", "Class 1", "Class 2"])).await;
    person.browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_in_chromium() {
    the_job_by_keyboard(Kind::Chromium).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_in_firefox() {
    the_job_by_keyboard(Kind::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_in_webkit() {
    the_job_by_keyboard(Kind::WebKit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_classes_are_told_apart_by_keyboard_alone() {
    let folder = tempfile::tempdir().unwrap();
    let browser = with_film(folder.path(), first_minute::film(&mut Random::new(9)).into_iter()).await;
    // An earlier visit has kept the network.
    browser.load(first_minute::QUERY).await.unwrap();
    browser.click("offline-keep").await.unwrap();
    browser.wait_for("offline-status", "data-state", 120, |state| state == "ready").await.unwrap();
    browser.load(first_minute::QUERY).await.unwrap();
    watch_the_film(&browser).await;
    let person = Person { browser };
    let mut presses = 0;
    let mut press = async |selector: &str| {
        presses += 1;
        person.go_to(selector).await;
        person.press(&[ENTER]).await;
    };

    press("[data-testid=door-teach]").await;
    person.awaits("a project", &classes_are(&["Class 1", "Class 2"])).await;
    for (name, green) in [("Class 1", false), ("Class 2", true)] {
        let card = format!("[data-name='{name}']");
        press(&format!("{card} [data-testid=class-record]")).await;
        person.browser.camera_runs().await.unwrap();
        let shot = format!("{card} [data-testid=record-shot]");
        person.go_to(&shot).await;
        for take in 1..=3 {
            person.browser.until("the scene", &format!("green() === {green}")).await.unwrap();
            press(&shot).await;
            let stored = format!("document.querySelector(\"{card}\").dataset.count === '{take}'");
            person.awaits("it is stored", &stored).await;
        }
    }
    press("[data-testid=train-start]").await;
    assert!(presses <= 10, "{presses} presses");
    for (name, green) in [("Class 1", false), ("Class 2", true)] {
        let right = format!(
            "green() === {green} && document.querySelector('[data-testid=live-result]')?.dataset.class === '{name}'"
        );
        person.browser.until("it is right, live", &right).await.unwrap();
    }
    person.sees_the_focus("the answers").await;
    assert_eq!(person.browser.text("error").await.unwrap(), "");
    person.browser.client.clone().close().await.unwrap();
}
