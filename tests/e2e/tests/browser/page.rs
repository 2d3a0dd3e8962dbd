//! The whole page in headless Chromium.

use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bottleneck::backbone::{Manifest, Probe};
use bottleneck::dataset::sample;
use bottleneck::pixels::RgbImage;
use bottleneck::protocol::{EngineMessage, EngineReply, decode, encode};
use e2e::{Browser, root, shared};
use half::f16;
use serde_json::{Value, json};

use crate::xtask;

const REFERENCE: &str = "models/inception_v3_2015_mixed8_reference.npz";
const BACKBONE: &str = "models/inception_v3_2015_mixed8.onnx";
const FOLDERS: &str = "data/class-folders.zip";
const SUBSET: &str = "data/cifar-10-subset-binary.tar.gz";

/// Makes the backbone with real weights, where its source is there. Costs nothing the second time.
fn mixed_8() -> Option<Manifest> {
    // Tests run beside each other.
    static MAKING: Mutex<()> = Mutex::new(());
    let source = shared(BACKBONE)?;
    let _making = MAKING.lock().unwrap();
    let file = root().join("models/mixed_8.json");
    let made = || Manifest::parse(&fs::read(&file).ok()?).ok();
    // One of an earlier format is made again.
    if made().is_none() {
        let source = source.to_str().unwrap();
        xtask(&["model", "--name", "mixed_8", "--onnx", source]);
    }
    Some(made().expect("the backbone that was just made"))
}

/// A file made for one test.
fn temporary(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = root().join("target/e2e");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    fs::write(&file, bytes).unwrap();
    file.canonicalize().unwrap()
}

fn png(image: &RgbImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let buffer = image::RgbImage::from_raw(image.width(), image.height(), image.pixels().to_vec()).unwrap();
    buffer.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Talks to an engine worker as the session does: the probe's error, and the images' features.
async fn ask_engine(script: &str, manifest: &Manifest, images: Vec<RgbImage>) -> (f32, Vec<f16>) {
    let browser = Browser::start().await.unwrap();
    browser.open("").await.unwrap();
    let messages = [EngineMessage::Load(manifest.clone()), EngineMessage::Extract { id: 1, images }];
    let messages = messages.map(|message| STANDARD.encode(encode(&message).unwrap()));
    let ask = "const [script, file, messages, done] = arguments;
        const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
        const text = bytes => { let all = ''; for (const byte of bytes) all += String.fromCharCode(byte); return btoa(all); };
        (async () => {
            const model = await (await fetch(file)).blob();
            const worker = new Worker(script, { type: 'module' });
            const replies = [];
            worker.onerror = error => done('error: ' + error.message);
            worker.onmessage = event => {
                if (event.data !== null) replies.push(text(event.data[0]));
                const next = messages.shift();
                if (next === undefined) done(replies);
                else worker.postMessage([bytes(next), model]);
            };
        })();";
    let file = format!("models/{}", manifest.file);
    let arguments = vec![json!(script), json!(file), json!(messages)];
    let replies = browser.client.execute_async(ask, arguments).await.unwrap();
    let Value::Array(replies) = replies else { panic!("{replies}") };
    let mut replies = replies
        .iter()
        .map(|reply| decode::<EngineReply>(&STANDARD.decode(reply.as_str().unwrap()).unwrap()).unwrap());
    let loaded = replies.next().unwrap();
    let EngineReply::Loaded { probe_error } = loaded else { panic!("{loaded:?}") };
    let extracted = replies.next().unwrap();
    let EngineReply::Extracted { id: 1, features } = extracted else { panic!("{extracted:?}") };
    browser.close().await.unwrap();
    (probe_error, features)
}

/// Compares an engine with ONNX Runtime on the first so many reference images.
async fn agrees_with_onnx_runtime(script: &str, count: usize) {
    let (Some(path), Some(manifest)) = (shared(REFERENCE), mixed_8()) else { return };
    let mut npz = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let pixels = npyz::NpyFile::new(npz.by_name("image_u8.npy").unwrap()).unwrap();
    let pixels: Vec<u8> = pixels.into_vec().unwrap();
    let expected = npyz::NpyFile::new(npz.by_name("features.npy").unwrap()).unwrap();
    let expected: Vec<f32> = expected.into_vec().unwrap();
    let images = pixels.chunks(32 * 32 * 3).take(count);
    let images = images.map(|pixels| RgbImage::new(32, 32, pixels.to_vec()).unwrap()).collect();
    let (probe_error, features) = ask_engine(script, &manifest, images).await;
    assert!(probe_error < 1e-3, "probe {probe_error}");
    let (places, channels) = (9, 1280);
    assert_eq!(features.len(), count * places * channels);
    let largest = expected.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let mut error = 0.0_f32;
    for (at, value) in features.iter().enumerate() {
        let (image, place, channel) = (at / (places * channels), at / channels % places, at % channels);
        error = error.max((value.to_f32() - expected[(image * channels + channel) * places + place]).abs());
    }
    println!("{script}: probe {probe_error:e}, largest error {:e} of the largest value", error / largest);
    // Weights and features are float16 here, and float32 in the reference.
    assert!(error / largest < 2e-3, "{}", error / largest);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cpu_engine_agrees_with_onnx_runtime() {
    agrees_with_onnx_runtime("./engine_cpu_loader.js", 16).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webgpu_engine_agrees_with_onnx_runtime() {
    agrees_with_onnx_runtime("./engine_webgpu_loader.js", 2).await;
}

/// A picture of 32 x 32 by a formula that the fixture's script shares.
fn formula_picture(number: usize) -> RgbImage {
    RgbImage::from_fn(32, 32, |x, y| {
        let (x, y) = (x as usize, y as usize);
        let rings = x.abs_diff(8 * number).pow(2) + y.abs_diff(11).pow(2);
        [0, 1, 2].map(|channel| ((rings * (channel + 1 + number) + 37 * x * channel) / 4 % 256) as u8)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_light_backbone_agrees_on_both_engines() {
    let manifest = fs::read(root().join("models/efficientnet_lite0.json")).expect("`make test` makes it");
    let manifest = Manifest::parse(&manifest).unwrap();
    let pictures = |fixture: &str| -> Vec<Probe> {
        let fixture: Value = serde_json::from_str(fixture).unwrap();
        serde_json::from_value(fixture["pictures"].clone()).unwrap()
    };
    let by_pytorch = pictures(include_str!("../../../fixtures/efficientnet_lite.json"));
    let by_onnx_runtime = pictures(include_str!("../../../fixtures/efficientnet_lite_ort.json"));
    let (places, channels) = (16, 1280);
    for script in ["./engine_cpu_loader.js", "./engine_webgpu_loader.js"] {
        let images = (0..by_pytorch.len()).map(formula_picture).collect();
        let (probe_error, features) = ask_engine(script, &manifest, images).await;
        assert!(probe_error < 1e-3, "{script}: probe {probe_error}");
        assert_eq!(features.len(), by_pytorch.len() * places * channels);
        let pictures = by_pytorch.iter().zip(&by_onnx_runtime);
        for (features, (by_pytorch, by_onnx_runtime)) in features.chunks(places * channels).zip(pictures) {
            // From channels last to the layout of the network's output.
            let output: Vec<f32> = (0..channels)
                .flat_map(|channel| (0..places).map(move |place| place * channels + channel))
                .map(|at| features[at].to_f32())
                .collect();
            let [pytorch, ort] = [by_pytorch, by_onnx_runtime].map(|expected| expected.error(&output));
            println!(
                "{script}: probe {probe_error:e}, of the largest value {pytorch:e} from PyTorch, {ort:e} from ORT"
            );
            // Features are float16 here. ONNX Runtime has the same float16 weights, PyTorch float32.
            assert!(ort < 1e-3, "{script}: {ort}");
            assert!(pytorch < 5e-3, "{script}: {pytorch}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_sample_from_open_to_accuracy() {
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=es&train=200&test=50").await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "200").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("engine-status", "data-state", 120, |state| state == "ready").await.unwrap();
    // The only adapter here is a software one.
    assert_eq!(browser.attribute("engine-status", "data-engine").await.unwrap().as_deref(), Some("cpu"));
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    assert_eq!(browser.attribute("extract-progress", "data-computed").await.unwrap().as_deref(), Some("250"));
    browser.fill("epochs", "8").await.unwrap();
    browser.click("train-start").await.unwrap();
    let accuracy = browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    let accuracy: f32 = accuracy.parse().unwrap();
    assert!((0.2..=1.0).contains(&accuracy), "{accuracy}");
    assert!(
        browser.attribute("epoch-row", "data-val-loss").await.unwrap().unwrap().parse::<f32>().unwrap() > 0.0
    );

    // A picture, and files that are none.
    let drawn = sample::draw(2);
    let picture = temporary("picture.png", &png(&drawn.test[7].image));
    browser.drop_file("classify-input", &picture).await.unwrap();
    browser
        .wait_for("classify-result", "data-class", 60, |class| drawn.classes.contains(&class.to_owned()))
        .await
        .unwrap();
    for (name, bytes) in [("text.png", &b"no picture"[..]), ("empty.png", b"")] {
        browser.choose("classify-input", &[&temporary(name, bytes)]).await.unwrap();
        browser.wait_for("error", "data-kind", 30, |_| true).await.unwrap();
        browser.open("?lang=es").await.unwrap();
        browser.wait_for("test-accuracy", "data-value", 30, |_| true).await.unwrap();
    }
    browser.choose("classify-input", &[&picture]).await.unwrap();
    browser
        .wait_for("classify-result", "data-probability", 60, |value| value.parse::<f32>().is_ok())
        .await
        .unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn cifar_10_and_a_reload_that_computes_nothing() {
    let (Some(archive), Some(manifest)) = (shared(SUBSET), mixed_8()) else { return };
    let browser = Browser::start().await.unwrap();
    let query = "?lang=en&backbone=models/mixed_8.json&train=400&test=200";
    let model = format!("/models/{}", manifest.file);
    let mut accuracies = Vec::new();
    for visit in 0..2 {
        browser.open(query).await.unwrap();
        browser.choose("dataset-input", &[&archive]).await.unwrap();
        browser.wait_for("dataset-summary", "data-train", 60, |train| train == "400").await.unwrap();
        if visit == 0 {
            browser.click("extract-start").await.unwrap();
        }
        browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
        let computed = browser.attribute("extract-progress", "data-computed").await.unwrap();
        assert_eq!(computed.as_deref(), Some(if visit == 0 { "600" } else { "0" }));
        browser.fill("epochs", "6").await.unwrap();
        browser.click("train-start").await.unwrap();
        browser.wait_for("epoch-row", "data-epoch", 60, |_| true).await.unwrap();
        let accuracy = browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
        accuracies.push(accuracy.parse::<f32>().unwrap());
        let pieces = manifest.pieces.sha256.len() as u32;
        assert_eq!(browser.count(&model), pieces, "the backbone came once");
    }
    println!("accuracies {accuracies:?}");
    assert!(accuracies[0] > 0.5, "{accuracies:?}");

    // Any number of workers gives the same bits, and so does a training that a reload breaks off.
    let mut outcomes = Vec::new();
    for workers in 1..=2 {
        choose_again(&browser, &format!("{query}&workers={workers}"), &archive).await;
        browser.fill("epochs", LONG).await.unwrap();
        browser.click("train-start").await.unwrap();
        outcomes.push(outcome(&browser).await);
    }
    assert_eq!(outcomes[0], outcomes[1]);
    choose_again(&browser, query, &archive).await;
    browser.fill("epochs", LONG).await.unwrap();
    browser.click("train-start").await.unwrap();
    let many = "document.querySelectorAll('[data-testid=epoch-row]').length";
    browser.until("it is under way", &format!("!{STOP}.hidden && {many} > 20")).await.unwrap();
    assert_eq!(browser.script(&format!("return {STOP}.hidden;")).await.unwrap(), json!(false), "too late");
    choose_again(&browser, query, &archive).await;
    let go_on = browser.text("train-go-on").await.unwrap();
    println!("{go_on}");
    browser.click("train-go-on").await.unwrap();
    assert_eq!(outcome(&browser).await, outcomes[0]);
    browser.until("it is done with", "!document.querySelector('[data-testid=train-go-on]')").await.unwrap();
    browser.close().await.unwrap();
}

/// Epochs of a training that takes some seconds.
const LONG: &str = "60";
/// The button that stops a training; it is hidden where none runs.
const STOP: &str = "document.querySelector('[data-testid=train-stop]')";

/// Opens the page anew, with the same files.
async fn choose_again(browser: &Browser, query: &str, archive: &std::path::Path) {
    browser.open(query).await.unwrap();
    browser.choose("dataset-input", &[archive]).await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 60, |phase| phase == "complete").await.unwrap();
}

/// All figures of the training that runs now, to their last digit: every epoch's, and the accuracy.
async fn outcome(browser: &Browser) -> Value {
    browser.until("it runs", &format!("!{STOP}.hidden")).await.unwrap();
    browser.until("it is over", &format!("{STOP}.hidden")).await.unwrap();
    let code = "return [document.querySelector('[data-testid=test-accuracy]').dataset.value,
        [...document.querySelectorAll('[data-testid=epoch-row]')].map(row =>
            [row.dataset.epoch, row.dataset.loss, row.dataset.accuracy, row.dataset.valLoss,
             row.dataset.valAccuracy, row.dataset.best])];";
    let outcome = browser.script(code).await.unwrap();
    assert_eq!(outcome[1].as_array().map(Vec::len), LONG.parse().ok());
    outcome
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_of_class_folders_makes_ones_own_classes() {
    let (Some(zip), Some(_)) = (shared(FOLDERS), mixed_8()) else { return };
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en&backbone=models/mixed_8.json").await.unwrap();
    browser.drop_file("dataset-input", &zip).await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 60, |train| train == "96").await.unwrap();
    let test = browser.attribute("dataset-summary", "data-test").await.unwrap();
    assert_eq!(test.as_deref(), Some("24"));
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 180, |phase| phase == "complete").await.unwrap();
    browser.fill("epochs", "10").await.unwrap();
    browser.click("train-start").await.unwrap();
    let accuracy = browser.wait_for("test-accuracy", "data-value", 120, |_| true).await.unwrap();
    println!("accuracy on {test:?} images of one's own {accuracy}");
    // Four classes: chance is 0.25.
    assert!(accuracy.parse::<f32>().unwrap() > 0.6, "{accuracy}");
    browser.close().await.unwrap();
}

/// Does something to one CPU worker while the sample's features are computed; all of them have
/// to come all the same.
async fn survives(script: &str) {
    let Some(_) = mixed_8() else { return };
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en&backbone=models/mixed_8.json&train=150&test=50").await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser
        .wait_for("extract-progress", "data-computed", 120, |done| {
            done.parse::<u32>().is_ok_and(|done| done >= 16)
        })
        .await
        .unwrap();
    browser.workers().await.unwrap().run("engine_cpu", script).await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 180, |phase| phase == "complete").await.unwrap();
    assert_eq!(browser.attribute("extract-progress", "data-computed").await.unwrap().as_deref(), Some("200"));
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_engine_worker_costs_nothing_but_time() {
    survives("setTimeout(() => { throw new Error('killed by a test') })").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hung_engine_worker_costs_nothing_but_time() {
    survives("setTimeout(() => { for (;;) {} })").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_pauses_and_loses_nothing() {
    let browser = Browser::start().await.unwrap();
    // Before anything is stored: a browser remembers for a while how much room there was.
    browser.limit_storage(Some(1_000_000)).await.unwrap();
    browser.open("?lang=en&train=150&test=50").await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "150").await.unwrap();
    browser.click("extract-start").await.unwrap();
    // There is no room to keep the network either, which is said as well.
    browser.wait_for_problem("problem-disk-full", 180).await.unwrap();
    let phase = browser.attribute("extract-progress", "data-phase").await.unwrap();
    assert_eq!(phase.as_deref(), Some("disk-full"));
    browser.limit_storage(None).await.unwrap();
    browser.dismiss_errors().await.unwrap();
    browser.click("extract-pause").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 180, |phase| phase == "complete").await.unwrap();
    // Each image once: what was waiting for room was not computed again.
    assert_eq!(browser.attribute("extract-progress", "data-computed").await.unwrap().as_deref(), Some("200"));
    assert_eq!(browser.attribute("cache-size", "data-images").await.unwrap().as_deref(), Some("200"));
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_dataset_get_a_sentence() {
    let browser = Browser::start().await.unwrap();
    let cut = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3];
    let cases = [
        ("broken.tar.gz", cut, "problem-damaged-dataset"),
        ("empty.tar.gz", Vec::new(), "problem-empty-file"),
        ("text.bin", b"no batch".to_vec(), "problem-damaged-dataset"),
        ("notes.png", b"plain text".to_vec(), "problem-not-a-dataset"),
    ];
    for (name, bytes, kind) in cases {
        browser.open("?lang=en").await.unwrap();
        browser.choose("dataset-input", &[&temporary(name, &bytes)]).await.unwrap();
        browser.wait_for("error", "data-kind", 30, |shown| shown == kind).await.unwrap();
        assert!(browser.text("error").await.unwrap().contains(name), "{name}");
    }
    // The page goes on where the person dismisses the sentence.
    browser.dismiss_error().await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "1000").await.unwrap();
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_opens_without_errors_in_both_languages() {
    let browser = Browser::start().await.unwrap();
    for (lang, word) in [("es", "cuello de botella"), ("en", "bottleneck")] {
        browser.open(&format!("?lang={lang}")).await.unwrap();
        browser.wait_for("engine-status", "data-state", 30, |state| state == "idle").await.unwrap();
        let text = browser.client.execute("return document.body.textContent", vec![]).await.unwrap();
        assert!(text.as_str().unwrap().contains(word), "{lang}");
        let html = browser.client.execute("return document.documentElement.lang", vec![]).await.unwrap();
        assert_eq!(html, lang);
    }
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    let addresses = "return performance.getEntriesByType('resource').map(entry => new URL(entry.name).origin)
        .filter(origin => origin !== location.origin);";
    assert_eq!(browser.client.execute(addresses, vec![]).await.unwrap(), json!([]));
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_in_another_tab_gets_the_store() {
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en&engine=cpu&backbone=models/efficientnet_lite0.json").await.unwrap();
    browser.wait_for("cache-size", "data-images", 30, |images| images == "0").await.unwrap();
    // What a version to come would do first; it waits as long as this tab holds the store.
    let newer = "const done = arguments[0];
        const opening = indexedDB.open('bottleneck', 1000);
        opening.onsuccess = () => done('opened');
        opening.onerror = () => done('refused');";
    assert_eq!(browser.client.execute_async(newer, vec![]).await.unwrap(), json!("opened"));
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for_problem("problem-store-taken", 30).await.unwrap();
    assert!(browser.text("error").await.unwrap().contains("Reload this tab"));
    browser.close().await.unwrap();
}
