//! What the camera sees, in headless Chromium, whose fake one shows a film that is drawn here.
//!
//! The page crops the centre square, so what stands in the film's margins is seen by this test
//! only: on the left the colour of the picture's class, on the right in black and white bands the
//! number of the scene.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bottleneck::dataset::sample;
use bottleneck::pixels::RgbImage;
use bottleneck::random::Random;
use e2e::{Browser, By};
use serde_json::{Value, json};

const LIGHT: &str = "backbone=models/efficientnet_lite0.json&engine=cpu";
/// Width and height of the film, and width of its margins.
const FILM: (u32, u32, u32) = (640, 480, 80);
/// Bands in the right margin: a bit each.
const BANDS: u32 = 4;
/// The bit that says that a scene is nearly over.
const LATE: usize = 8;
pub const RED: [u8; 3] = [220, 30, 30];
pub const GREEN: [u8; 3] = [30, 200, 30];

/// A frame of a film: the square picture in the middle, the margins as said above.
pub fn film_frame(picture: &RgbImage, colour: [u8; 3], number: usize) -> Vec<u8> {
    let (width, height, margin) = FILM;
    let large = picture.resize_square(height);
    let whole = RgbImage::from_fn(width, height, |x, y| {
        if x < margin {
            colour
        } else if x >= width - margin {
            [if number >> (y * BANDS / height) & 1 == 1 { 255 } else { 0 }; 3]
        } else {
            let at = ((y * height + x - margin) * 3) as usize;
            std::array::from_fn(|channel| large.pixels()[at + channel])
        }
    });
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.encode(whole.pixels(), width, height, image::ExtendedColorType::Rgb8).unwrap();
    bytes
}

/// Writes a film, JPEG pictures one after the other, and starts a browser whose camera shows it
/// over and over, 30 a second, and which asks nobody.
pub async fn with_film(folder: &Path, frames: impl Iterator<Item = Vec<u8>>) -> Browser {
    let file: PathBuf = folder.join("film.mjpeg");
    fs::write(&file, frames.flatten().collect::<Vec<u8>>()).unwrap();
    let flags = [
        "--use-fake-device-for-media-stream".to_owned(),
        "--use-fake-ui-for-media-stream".to_owned(),
        format!("--use-file-for-fake-video-capture={}", file.display()),
    ];
    Browser::start_with(&flags).await.unwrap()
}

/// A picture of one of two classes that a network tells apart: never twice the same.
pub fn moving(green: bool, random: &mut Random) -> RgbImage {
    let (x, y) = (8.0 + random.below(48) as f32, 8.0 + random.below(48) as f32);
    let ground = 60 + random.below(60) as u8;
    RgbImage::from_fn(64, 64, |column, row| {
        let (dx, dy) = ((column as f32 - x).abs(), (row as f32 - y).abs());
        let inside = if green { dx.max(dy) < 14.0 } else { dx.hypot(dy) < 14.0 };
        match (inside, green) {
            (true, true) => GREEN,
            (true, false) => RED,
            (false, _) => [ground; 3],
        }
    })
}

/// Gives the page `scene()`: the number in the margin of what a camera on the page shows now, -1
/// where none does, and `green()`: whether the picture's class is the green one.
pub async fn watch_the_film(browser: &Browser) {
    let code = "const bands = arguments[0];
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [64, 48];
        const context = canvas.getContext('2d', { willReadFrequently: true });
        const column = x => {
            const video = [...document.querySelectorAll('[data-testid=camera-video]')]
                .find(video => video.dataset.state === 'running');
            if (!video) return null;
            context.clearRect(0, 0, 64, 48);
            context.drawImage(video, 0, 0, 64, 48);
            return context.getImageData(x, 0, 1, 48).data;
        };
        window.scene = () => {
            const data = column(60);
            if (!data) return -1;
            let number = 0;
            for (let bit = 0; bit < bands; bit += 1) {
                if (data[Math.floor((bit + 0.5) * 48 / bands) * 4] > 127) number |= 1 << bit;
            }
            return number;
        };
        window.green = () => { const data = column(3); return !!data && data[1] > data[0]; };";
    browser.client.execute(code, vec![json!(BANDS)]).await.unwrap();
}

/// How the page's cameras stand, what ails them and where they are in the window, in words.
async fn stands(browser: &Browser) -> String {
    let code = "return JSON.stringify([
        [...document.querySelectorAll('[data-testid=camera-video]')].map(video =>
            [video.dataset.state, video.readyState, Math.round(video.getBoundingClientRect().y)]),
        [...document.querySelectorAll('[data-testid=camera-error]')].map(error => error.dataset.kind),
        document.visibilityState, innerHeight]);";
    browser.script(code).await.unwrap().to_string()
}

/// What the card of this class says of itself.
fn card(class: &str, attribute: &str) -> String {
    format!("document.querySelector('[data-class-id=\"{class}\"]').dataset.{attribute}")
}

/// The colours of all pictures in the cards: of each its take, and whether it is green.
async fn colours(browser: &Browser) -> Vec<Vec<(String, bool)>> {
    let code = "return [...document.querySelectorAll('[data-testid=class-card]')].map(card =>
        [...card.querySelectorAll('[data-testid=thumbnail]')].map(thumbnail => {
            const canvas = thumbnail.querySelector('canvas');
            const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            let sums = [0, 0, 0];
            data.forEach((value, at) => { if (at % 4 < 3) sums[at % 4] += value; });
            return [thumbnail.dataset.take, sums[1] > sums[0]];
        }));";
    serde_json::from_value(browser.script(code).await.unwrap()).unwrap()
}

/// Holds the button until so many pictures are taken, and gives how many were.
async fn record(browser: &Browser, by: By, least: u32) -> u32 {
    browser.hold("record-hold", by, true).await.unwrap();
    let many = |count: &str| count.parse::<u32>().is_ok_and(|count| count >= least);
    browser.wait_for("record-count", "data-count", 30, many).await.unwrap();
    browser.hold("record-hold", by, false).await.unwrap();
    let free = "document.querySelector('[data-testid=record-hold]').ariaPressed === 'false'";
    browser.until("it was let go", free).await.unwrap();
    browser.attribute("record-count", "data-count").await.unwrap().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_classes_are_recorded_trained_and_told_apart_live() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(7);
    // Three scenes of each class to record, then one of each that is not recorded. A picture
    // stays for three frames.
    let scenes = [false, false, false, true, true, true, false, true].into_iter().enumerate();
    let frames = scenes.flat_map(|(scene, green)| {
        let late = |number| scene < 6 && number >= 15;
        let random = &mut random;
        let pictures = (0..if scene < 6 { 50 } else { 40 }).flat_map(move |number| {
            let colour = if green { GREEN } else { RED };
            let number = scene + if late(number) { LATE } else { 0 };
            std::iter::repeat_n(film_frame(&moving(green, random), colour, number), 3)
        });
        pictures.collect::<Vec<_>>()
    });
    let browser = with_film(folder.path(), frames).await;
    browser.open(&format!("?lang=en&{LIGHT}")).await.unwrap();
    watch_the_film(&browser).await;
    let classes = browser.make_project().await.unwrap();

    browser.open_recorder(&classes[0]).await.unwrap();
    let mut taken = [Vec::new(), Vec::new()];
    for scene in 0..6 {
        let class = scene / 3;
        if scene == 3 {
            // The camera goes on by itself: it was allowed a moment ago.
            browser.open_recorder(&classes[class]).await.unwrap();
        }
        browser.camera_runs().await.unwrap();
        browser.fill("record-rate", "10").await.unwrap();
        // In the scene's beginning, so that the press ends before the scene does.
        browser.until("the scene", &format!("scene() === {scene}")).await.unwrap();
        let by = [By::Mouse, By::Finger, By::SpaceBar][scene % 3];
        taken[class].push(record(&browser, by, [4, 6, 8][scene % 3]).await);
        let now = browser.script("return scene() % 8;").await.unwrap();
        assert_eq!(now, json!(scene), "the scene was long enough; {}", stands(&browser).await);
        let sum: u32 = taken[class].iter().sum();
        let stored = format!("{} === '{sum}'", card(&classes[class], "count"));
        browser.until("all of them are stored", &stored).await.unwrap();
    }
    println!("taken: {taken:?}");
    // Each press is a take, and each picture is of its class.
    for (class, pictures) in colours(&browser).await.iter().enumerate() {
        assert!(pictures.iter().all(|(_, green)| *green == (class == 1)), "{class}: {pictures:?}");
        let mut sizes = BTreeMap::<u32, u32>::new();
        pictures.iter().for_each(|(take, _)| *sizes.entry(take.parse().unwrap()).or_default() += 1);
        assert_eq!(sizes.into_values().collect::<Vec<_>>(), taken[class]);
        let takes = browser.script(&format!("return {};", card(&classes[class], "takes"))).await.unwrap();
        assert_eq!(takes, json!("3"));
    }

    browser.wait_for("extract-progress", "data-phase", 120, |phase| phase == "complete").await.unwrap();
    // One whole take of each class is kept for the exam.
    let test = browser.attribute("dataset-summary", "data-test").await.unwrap().unwrap();
    let train = browser.attribute("dataset-summary", "data-train").await.unwrap().unwrap();
    let mut possible = taken[0].iter().flat_map(|red| taken[1].iter().map(move |green| red + green));
    let sum: u32 = taken.iter().flatten().sum();
    println!("split: {train} to learn from and validate with, {test} for the exam");
    assert!(possible.any(|possible| possible.to_string() == test), "{test} of {taken:?}");
    assert_eq!(train.parse::<u32>().unwrap() + test.parse::<u32>().unwrap(), sum);
    browser.fill("epochs", "12").await.unwrap();
    browser.click("train-start").await.unwrap();
    let accuracy = browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    println!("accuracy on a take of each class: {accuracy}");
    assert!(accuracy.parse::<f64>().unwrap() >= 0.75, "{accuracy}");

    // Live, in the scenes that were not recorded: the camera goes on by itself. There is one at a time.
    browser.wait_for("live-result", "data-class", 60, |_| true).await.unwrap();
    let one = "document.querySelectorAll('[data-testid=camera-video][data-state=running]').length === 1";
    browser.until("one camera", one).await.unwrap();
    let answers = "window.answers = [];
        const region = document.querySelector('[data-testid=live-region]');
        new MutationObserver(() => answers.push([scene(),
            region.querySelector('[data-testid=live-result]').dataset.class,
            [...region.querySelectorAll('[data-testid=class-bar]')].map(bar => +bar.dataset.probability)]))
            .observe(region, { subtree: true, childList: true, attributes: true, characterData: true });";
    browser.script(answers).await.unwrap();
    let names = ["Class 1", "Class 2"];
    for (scene, name) in [6, 7].into_iter().zip(names) {
        browser.until("the scene", &format!("scene() === {scene}")).await.unwrap();
        let class = "document.querySelector('[data-testid=live-result]').dataset.class";
        let right = format!("scene() === {scene} && {class} === '{name}'");
        browser.until("it is right", &right).await.unwrap();
        browser.script("answers.length = 0;").await.unwrap();
        browser.until("it is over", &format!("scene() !== {scene}")).await.unwrap();
        let seen = browser.script("return answers;").await.unwrap();
        let mut seen: Vec<(i32, String, Vec<f64>)> = serde_json::from_value(seen).unwrap();
        seen.retain(|answer| answer.0 == scene);
        let right = seen.iter().filter(|answer| answer.1 == name).count();
        println!("{name}: {right} of {} answers", seen.len());
        assert!(seen.len() >= 3 && right * 10 >= seen.len() * 9, "{name}: {seen:?}");
        assert!(seen.iter().all(|(.., bars)| bars.len() == 2 && (bars[0] + bars[1] - 1.0).abs() < 1e-3));
    }

    // Frozen, the answer stays while the film goes on; a key sends the picture to its class. (One of
    // a recorded scene may be equal to a recorded picture, and then belongs to that take.)
    let class = "document.querySelector('[data-testid=live-result]').dataset.class";
    let red = format!("scene() === 6 && {class} === '{}'", names[0]);
    browser.until("red is seen", &red).await.unwrap();
    browser.script("document.querySelector('[data-testid=live-region]').focus();").await.unwrap();
    browser.press("f").await.unwrap();
    let frozen = "document.querySelector('[data-testid=live-freeze]').ariaPressed === 'true'";
    browser.until("it is frozen", frozen).await.unwrap();
    let shown = "const e = document.querySelector('[data-testid=live-result]');
        return [e.dataset.class, e.dataset.probability];";
    let before = browser.script(shown).await.unwrap();
    assert_eq!(before[0], json!(names[0]));
    browser.until("the film goes on", "green()").await.unwrap();
    assert_eq!(browser.script(shown).await.unwrap(), before);
    browser.press("1").await.unwrap();
    let sum = taken[0].iter().sum::<u32>() + 1;
    let more = format!("{} === '{sum}'", card(&classes[0], "count"));
    browser.until("it was added", &more).await.unwrap();
    let four = format!("{} === '4'", card(&classes[0], "takes"));
    browser.until("it is a take of its own", &four).await.unwrap();
    assert!(colours(&browser).await[0].iter().all(|(_, green)| !green), "what was frozen was added");
    browser.press("f").await.unwrap();
    browser.until("it is live again", &format!("green() && {class} === '{}'", names[1])).await.unwrap();
    // Without freezing, what the camera sees now is added.
    browser.click(&format!("live-send-{}", classes[1])).await.unwrap();
    let sum = taken[1].iter().sum::<u32>() + 1;
    let more = format!("{} === '{sum}'", card(&classes[1], "count"));
    browser.until("it was added", &more).await.unwrap();
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}

/// Starts the live camera, which is scrolled to: it ends where nobody sees it.
async fn start_live(browser: &Browser) {
    let look = "document.querySelector('[data-testid=live-region]').scrollIntoView({ behavior: 'instant' });";
    browser.script(look).await.unwrap();
    browser.click("live-start").await.unwrap();
    // The recorder's may stand before it.
    let runs = "document.querySelector('.live video').dataset.state === 'running'";
    browser.until("the live camera runs", runs).await.unwrap();
}

/// Keeps the track of the live camera, to see whether it ends.
async fn keep_track(browser: &Browser) {
    let code = "window.track = document.querySelector('.live video').srcObject.getTracks()[0];";
    browser.script(code).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_still_picture_is_classified_live_while_the_page_answers() {
    let folder = tempfile::tempdir().unwrap();
    let drawn = sample::draw(5);
    let still = drawn.test.iter().find(|sample| sample.label == 6).unwrap();
    let film = std::iter::repeat_n(film_frame(still.image().unwrap(), RED, 0), 30);
    let browser = with_film(folder.path(), film).await;
    browser.open(&format!("?lang=en&{LIGHT}&train=400&test=100")).await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    browser.fill("epochs", "8").await.unwrap();
    browser.click("train-start").await.unwrap();
    browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();

    start_live(&browser).await;
    browser.wait_for("live-result", "data-class", 60, |class| class == "stripes").await.unwrap();
    // Answers come one after the other; what was shown never goes away in between.
    let watch = "const region = document.querySelector('[data-testid=live-region]');
        [window.answers, window.gone, window.tasks] = [0, 0, []];
        new PerformanceObserver(list => list.getEntries().forEach(entry => tasks.push(entry.duration)))
            .observe({ type: 'longtask' });
        new MutationObserver(() => {
            if (!document.querySelector('[data-testid=live-result]')) gone += 1;
            answers += 1;
        }).observe(region, { subtree: true, childList: true, characterData: true });";
    browser.script(watch).await.unwrap();
    browser.until("many answers", "answers >= 100").await.unwrap();
    assert_eq!(browser.script("return gone;").await.unwrap(), json!(0));
    let rate = browser.attribute("live-rate", "data-value").await.unwrap().unwrap();
    let tasks = browser.script("return tasks;").await.unwrap();
    let tasks: Vec<f64> = serde_json::from_value(tasks).unwrap();
    let longest = tasks.iter().copied().fold(0.0, f64::max);
    let stages = browser.text("live-stages").await.unwrap();
    println!("{rate} images per second; {stages}");
    println!("{} tasks of 50 ms or more on the page's thread, the longest {longest} ms", tasks.len());
    assert!(rate.parse::<f64>().unwrap() > 0.0, "{rate}");
    assert_eq!(stages.matches("\u{a0}ms").count(), 3, "{stages}");
    // So mild that a busy machine keeps it; a frozen page does not.
    assert!(longest < 1_000.0, "{tasks:?}");

    // Stopped, the camera is off and the last answer stays.
    keep_track(&browser).await;
    browser.click("live-stop").await.unwrap();
    browser.until("it is off", "track.readyState === 'ended'").await.unwrap();
    assert_eq!(browser.attribute("live-result", "data-class").await.unwrap().as_deref(), Some("stripes"));

    // Closing the cell switches it off too.
    start_live(&browser).await;
    keep_track(&browser).await;
    browser.script("document.querySelector('#classify summary').click();").await.unwrap();
    browser.until("it is off", "track.readyState === 'ended'").await.unwrap();
    browser.script("document.querySelector('#classify summary').click();").await.unwrap();

    // And so does looking at something else for a while.
    start_live(&browser).await;
    keep_track(&browser).await;
    browser.script("window.scrollTo({ top: 0, behavior: 'instant' });").await.unwrap();
    browser.until("it is off", "track.readyState === 'ended'").await.unwrap();
    let off = "document.querySelector('.live video').dataset.state === 'off'";
    browser.until("the page says so", off).await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_taken_as_the_preview_shows_them() {
    let folder = tempfile::tempdir().unwrap();
    let halves = RgbImage::from_fn(48, 48, |x, _| if x < 24 { RED } else { GREEN });
    let film = std::iter::repeat_n(film_frame(&halves, RED, 0), 30);
    let browser = with_film(folder.path(), film).await;
    browser.open(&format!("?lang=es&{LIGHT}")).await.unwrap();
    let classes = browser.make_project().await.unwrap();
    browser.open_recorder(&classes[0]).await.unwrap();
    browser.camera_runs().await.unwrap();
    // A camera that looks at the person is a mirror, until they want it otherwise.
    for (shot, first) in [(1, "green"), (2, "red")] {
        browser.click("record-shot").await.unwrap();
        let count = format!("document.querySelectorAll('[data-testid=thumbnail]').length === {shot}");
        browser.until("it is stored", &count).await.unwrap();
        let left = format!(
            "(() => {{
            const canvas = [...document.querySelectorAll('[data-testid=thumbnail] canvas')].at(-1);
            const size = canvas.width;
            const [red, green] = canvas.getContext('2d').getImageData(size / 4, size / 2, 1, 1).data;
            return Math.abs(red - green) > 100 && (red > green ? 'red' : 'green') === '{first}';
        }})()"
        );
        browser.until("its left is as in the preview", &left).await.unwrap();
        let mirrored = "return getComputedStyle(document.querySelector('[data-testid=camera-video]'))
            .scale === '-1 1';";
        assert_eq!(browser.script(mirrored).await.unwrap(), json!(shot == 1), "the preview");
        browser.click("camera-mirror").await.unwrap();
    }
    // A single picture is a take of its own.
    assert_eq!(browser.attribute("record-count", "data-count").await.unwrap().as_deref(), Some("1"));
    let two = format!("{} === '2'", card(&classes[0], "takes"));
    browser.until("two takes", &two).await.unwrap();

    // A pasted picture goes to the class that the person is at.
    let field = format!("[data-class-id=\"{}\"] [data-testid=class-name]", classes[1]);
    paste(&browser, json!(field)).await;
    browser.until("it is in the class", &format!("{} === '1'", card(&classes[1], "count"))).await.unwrap();
    // Elsewhere there is no head to classify it with.
    paste(&browser, json!("body")).await;
    browser.wait_for("error", "data-kind", 30, |kind| kind == "paste-nowhere").await.unwrap();
    browser.close().await.unwrap();
}

/// Pastes a picture where the person is at the element of this selector.
async fn paste(browser: &Browser, selector: Value) {
    let code = "const done = arguments[1];
        const canvas = new OffscreenCanvas(20, 20);
        canvas.getContext('2d').fillRect(0, 0, 20, 20);
        canvas.convertToBlob({ type: 'image/png' }).then(blob => {
            const data = new DataTransfer();
            data.items.add(new File([blob], 'image.png', { type: 'image/png' }));
            const at = document.querySelector(arguments[0]);
            at.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
            done();
        });";
    browser.client.execute_async(code, vec![selector]).await.unwrap();
}
