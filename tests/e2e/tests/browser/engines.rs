//! The engines in a real browser: what they compute, what they take, and which of them is taken.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bottleneck::backbone::{Manifest, NOTEBOOK, Probe};
use bottleneck::pixels::RgbImage;
use bottleneck::protocol::{EngineMessage, EngineReply, decode, encode};
use e2e::{Browser, root, shared};
use half::f16;
use serde_json::{Value, json};

use crate::mixed_8;

const REFERENCE: &str = "models/inception_v3_2015_mixed8_reference.npz";
/// Bytes that a CPU worker's WebAssembly memory may have, with InceptionV3.
const WORKER_MEMORY: u64 = 200_000_000;

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
                // The first one is the greeting.
                if (Array.isArray(event.data)) replies.push(text(event.data[0]));
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
async fn a_cpu_worker_stays_small_and_the_page_answers_meanwhile() {
    let browser = Browser::start().await.unwrap();
    // Long tasks are those of more than 50 ms. One of the page's own comes each time; one in which the machine
    // was busy with something else does not.
    let mut rounds = Vec::new();
    for round in 1..=3 {
        let query = format!("?lang=en&engine=cpu&backbone={NOTEBOOK}&train={}&test=10", 60 * round);
        browser.open(&query).await.unwrap();
        browser.click("dataset-sample").await.unwrap();
        browser.wait_for("dataset-summary", "data-train", 30, |_| true).await.unwrap();
        let watch = "window.longTasks = [];
            new PerformanceObserver(list => longTasks.push(...list.getEntries().map(task => task.duration)))
                .observe({ type: 'longtask' });";
        browser.script(watch).await.unwrap();
        browser.click("extract-start").await.unwrap();
        browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
        let computed = browser.attribute("extract-progress", "data-computed").await.unwrap().unwrap();
        assert!(computed.parse::<u32>().unwrap() >= 60, "{computed}");
        let tasks = browser.script("return longTasks;").await.unwrap();
        rounds.push(tasks.to_string());
        if tasks == json!([]) {
            break;
        }
    }
    println!("tasks of more than 50 ms on the page's thread, round by round: {rounds:?}");
    assert_eq!(rounds.last().map(String::as_str), Some("[]"), "{rounds:?}");
    let memories = browser.workers().await.unwrap().memories().await.unwrap();
    let engines = memories.iter().filter(|(name, _)| name.contains("engine"));
    let engines: Vec<u64> = engines.flat_map(|(_, bytes)| bytes.clone()).collect();
    println!("bytes of WebAssembly memory: {memories:?}");
    assert!(!engines.is_empty() && engines.iter().all(|bytes| *bytes <= WORKER_MEMORY), "{memories:?}");
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_faster_engine_is_kept_for_a_device() {
    // No machine here has a graphics processor: the only adapter says for once that it is one.
    let pretend = "const request = GPU.prototype.requestAdapter;
        GPU.prototype.requestAdapter = async function (options) {
            const adapter = await request.call(this, options);
            Object.defineProperty(adapter, 'isFallbackAdapter', { value: false });
            Object.defineProperty(adapter, 'info', { value: { architecture: 'pretended' } });
            return adapter;
        };";
    let watch = "window.states = [];
        const status = () => document.querySelector('[data-testid=engine-status]')?.dataset.state;
        new MutationObserver(() => states.push(status()))
            .observe(document.body, { subtree: true, childList: true, attributes: true });";
    let browser = Browser::start().await.unwrap();
    for (train, timed) in [(20, true), (40, false)] {
        let query = format!("?lang=en&backbone=models/efficientnet_lite0.json&train={train}&test=10");
        browser.open(&query).await.unwrap();
        browser.click("dataset-sample").await.unwrap();
        browser.wait_for("dataset-summary", "data-train", 30, |_| true).await.unwrap();
        browser.workers().await.unwrap().run_in_all("session", pretend).await.unwrap();
        browser.script(watch).await.unwrap();
        browser.click("extract-start").await.unwrap();
        browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
        let states = browser.script("return states;").await.unwrap();
        let states = states.as_array().unwrap();
        assert_eq!(states.contains(&json!("timing")), timed, "{states:?}");
        // Whatever it says it is, it computes on the processor.
        assert_eq!(browser.attribute("engine-status", "data-engine").await.unwrap().as_deref(), Some("cpu"));
        let reason = browser.attribute("engine-reason", "data-reason").await.unwrap();
        assert_eq!(reason.as_deref(), Some("reason-faster"));
        let mut speeds = Vec::new();
        for engine in ["data-cpu", "data-webgpu"] {
            let speed = browser.attribute("backbone-speed", engine).await.unwrap().unwrap();
            speeds.push(speed.parse::<f32>().unwrap());
        }
        println!("images per second on the CPU and on WebGPU: {speeds:?}");
        assert!(speeds[0] > speeds[1] && speeds[1] > 0.0, "{speeds:?}");
    }
    browser.close().await.unwrap();
}
