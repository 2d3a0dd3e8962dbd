//! What the page gives to Python and takes from it, with the real programs.

use std::fs;
use std::path::Path;

use bottleneck::backbone::{self, LIGHT};
use bottleneck::dataset::sample;
use e2e::{Browser, Kind};
use serde_json::json;

#[path = "../../../native/python.rs"]
mod python;

/// Which of the drawn test images is classified.
const CHOSEN: usize = 7;
/// As the page does, whoever computes.
const TOLERANCE: f64 = 1e-4;
const KINDS: [&str; 4] = ["classifier", "onnx", "safetensors", "keras"];

/// Presses what has this test id, as a person does: a browser gives one file for each press.
async fn press(browser: &Browser, id: &str) {
    browser.press_on(id, "\u{e007}").await.unwrap();
}

/// Unfolds these details.
async fn unfold(browser: &Browser, selector: &str) {
    let script = "document.querySelectorAll(arguments[0]).forEach(details => { details.open = true; });";
    browser.client.execute(script, vec![json!(selector)]).await.unwrap();
}

/// Presses a button that gives a file, and copies that into `folder`. Gives its name.
async fn save(browser: &Browser, id: &str, name: &str, folder: &Path) -> String {
    press(browser, id).await;
    let file = browser.downloaded(name).await.unwrap();
    fs::copy(file, folder.join(name)).unwrap();
    name.to_owned()
}

/// The name of the file that a button gives.
async fn file_of(browser: &Browser, id: &str) -> String {
    browser.attribute(id, "data-file").await.unwrap().unwrap()
}

async fn extract_sample(browser: &Browser) {
    browser.click("dataset-sample").await.unwrap();
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
}

/// The test accuracy of the notebook's head.
async fn accuracy(browser: &Browser) -> String {
    browser.train("preset-notebook").await.unwrap();
    browser.attribute("test-accuracy", "data-value").await.unwrap().unwrap()
}

/// The probabilities on the page, in the classes' order.
async fn shown(browser: &Browser) -> Vec<f64> {
    let script = "return [...document.querySelectorAll('[data-testid=class-bar]')]
        .map(bar => Number(bar.dataset.probability));";
    serde_json::from_value(browser.script(script).await.unwrap()).unwrap()
}

/// Runs the program of this name, as `python NAME ARGUMENTS` would: its probabilities of an image.
fn run(folder: &Path, name: &str, arguments: &[&str], image: usize) -> Vec<f64> {
    let program = "
import json, os, runpy, sys
# It is to say this itself.
del os.environ['ORT_DISABLE_TELEMETRY']
name, image = sys.argv[1], int(sys.argv[2])
sys.argv = [name, *sys.argv[3:]]
probabilities = runpy.run_path(name, run_name='__main__')['probabilities']
print(json.dumps(probabilities[image].tolist()))
";
    let image = image.to_string();
    let arguments: Vec<&str> = [name, &image].into_iter().chain(arguments.iter().copied()).collect();
    let printed = python::run(program, folder, &arguments);
    python::check_silent(folder);
    serde_json::from_str(printed.lines().last().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_and_classifiers_answer_in_python_as_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("picture.png");
    fs::write(&picture, sample::draw(1).test[CHOSEN].image().unwrap().to_png().unwrap()).unwrap();
    let browser = Browser::start().await.unwrap();
    browser.open(&format!("?lang=en&backbone={LIGHT}&engine=cpu&train=200&test=50")).await.unwrap();
    extract_sample(&browser).await;
    // What the heads' programs read, and the same image among it.
    unfold(&browser, "#features > details, [data-testid=feature-exchange]").await;
    save(&browser, "features-save-test", "efficientnet_lite0_atributos_prueba.npz", folder.path()).await;
    for (preset, kinds) in [("preset-notebook", &KINDS[..]), ("preset-nearest", &KINDS[..3])] {
        browser.train(preset).await.unwrap();
        browser.choose("classify-input", &[&picture]).await.unwrap();
        browser.wait_for("classify-result", "data-probability", 60, |_| true).await.unwrap();
        let ours = shown(&browser).await;
        assert_eq!(ours.len(), 10);
        unfold(&browser, "[data-testid=python], [data-testid=python] details").await;
        for kind in kinds {
            let [export, program] = [format!("export-{kind}"), format!("program-save-{kind}")];
            let name = file_of(&browser, &export).await;
            assert!(name.starts_with("efficientnet_lite0_"), "{name}");
            save(&browser, &export, &name, folder.path()).await;
            let name = file_of(&browser, &program).await;
            let program = save(&browser, &program, &name, folder.path()).await;
            let text = fs::read_to_string(folder.path().join(&program)).unwrap();
            assert_eq!(browser.text(&format!("program-{kind}")).await.unwrap().trim(), text.trim());
            assert!(text.contains("Classifies"), "the page is English");
            let theirs = match *kind {
                "classifier" => run(folder.path(), &program, &["picture.png"], 0),
                _ => run(folder.path(), &program, &[], CHOSEN),
            };
            let far = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            println!("{preset} {kind}: off by {far:e} at most");
            assert!(theirs.len() == 10 && far < TOLERANCE, "{preset} {kind}: {ours:?} {theirs:?}");
        }
        let offered = browser.attribute("export-keras", "data-file").await.unwrap().is_some();
        assert_eq!(offered, kinds.contains(&"keras"));
    }
    // The programs speak the page's language.
    browser.click("lang-es").await.unwrap();
    browser.until("the language", "document.documentElement.lang === 'es'").await.unwrap();
    assert!(browser.text("program-classifier").await.unwrap().contains("Clasifica imágenes"));
    assert_eq!(browser.text("error").await.unwrap(), "");
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}

/// Reads the page's files as the notebook does, and writes them as it does.
const NOTEBOOK: &str = "
import sys
import numpy as np
height, width, channels = map(int, sys.argv[3:])
for path, name, images in [(sys.argv[1], 'atributos', 60), (sys.argv[2], 'atributos_prueba', 20)]:
    array = np.load(open(path, 'rb'))[name]
    assert array.shape == (images, height, width, channels) and array.dtype == np.float32, array.shape
    assert np.isfinite(array).all() and array.any(axis=(1, 2, 3)).all()
    np.savez(open('notebook_' + path, 'wb'), **{name: array})
    if images == 20:
        np.savez('others.npz', **{name: array[:19]})
";

/// To the notebook and back: the features that come from its files teach what the page's own do.
async fn features_go_and_come(
    kind: Kind,
    backbone: &str,
    [train_file, test_file]: [&str; 2],
    shape: [&str; 3],
) {
    let folder = tempfile::tempdir().unwrap();
    let browser = Browser::start_in(kind).await.unwrap();
    browser.open(&format!("?lang=en&engine=cpu&backbone={backbone}&train=60&test=20")).await.unwrap();
    extract_sample(&browser).await;
    let before = accuracy(&browser).await;
    let losses = "return [...document.querySelectorAll('[data-testid=epoch-row]')].map(row =>
        [row.dataset.loss, row.dataset.accuracy, row.dataset.valLoss, row.dataset.valAccuracy]);";
    let own = browser.script(losses).await.unwrap();
    assert_eq!(own.as_array().map(Vec::len), Some(3), "{own}");
    unfold(&browser, "#features details").await;
    save(&browser, "features-save-train", train_file, folder.path()).await;
    save(&browser, "features-save-test", test_file, folder.path()).await;
    python::run(NOTEBOOK, folder.path(), &[&[train_file, test_file], &shape[..]].concat());
    let from = |name: &str| folder.path().join(name);
    let files = [from(&format!("notebook_{test_file}")), from(&format!("notebook_{train_file}"))];

    // One of the two is not enough, and the numbers of images must be the same.
    browser.choose("features-input", &[&files[0]]).await.unwrap();
    browser.wait_for_problem("problem-feature-arrays", 30).await.unwrap();
    browser.choose("features-input", &[&files[1], &from("others.npz")]).await.unwrap();
    browser.wait_for_problem("problem-feature-count", 30).await.unwrap();
    browser.dismiss_errors().await.unwrap();
    assert_eq!(browser.attribute("foreign", "class").await.unwrap(), None);
    assert_eq!(browser.attribute("test-accuracy", "data-value").await.unwrap(), Some(before.clone()));

    browser.choose("features-input", &[&files[0], &files[1]]).await.unwrap();
    browser.wait_for("foreign", "class", 60, |_| true).await.unwrap();
    let gone = "document.querySelector('[data-testid=test-accuracy]') === null";
    browser.until("the own head is out of use", gone).await.unwrap();
    assert_eq!(accuracy(&browser).await, before);
    assert_eq!(browser.script(losses).await.unwrap(), own, "the same features give the same bits");
    browser.find("result-foreign").await.unwrap();
    let refused = "return document.querySelector('[data-testid=export-classifier]') === null
        && document.querySelector('[data-testid=export-onnx]') !== null
        && ['features-save-train', 'classify-input', 'live-start'].every(id =>
            document.querySelector(`[data-testid=${id}]`).disabled);";
    assert_eq!(browser.script(refused).await.unwrap(), json!(true));

    // Back to the own features: the own head is there, and classifies.
    browser.click("foreign-leave").await.unwrap();
    browser.until("they are left", "document.querySelector('[data-testid=foreign]') === null").await.unwrap();
    let picture = from("picture.png");
    fs::write(&picture, sample::draw(1).test[CHOSEN].image().unwrap().to_png().unwrap()).unwrap();
    browser.choose("classify-input", &[&picture]).await.unwrap();
    browser.wait_for("classify-result", "data-probability", 60, |_| true).await.unwrap();
    assert_eq!(browser.attribute("test-accuracy", "data-value").await.unwrap(), Some(before));
    assert_eq!(browser.attribute("extract-progress", "data-computed").await.unwrap().as_deref(), Some("80"));
    assert_eq!(browser.text("error").await.unwrap(), "");
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn features_go_to_a_notebook_and_come_back() {
    let names = ["inception_atributos_entrenamiento.npz", "inception_atributos_prueba.npz"];
    features_go_and_come(Kind::Chromium, backbone::NOTEBOOK, names, ["3", "3", "2048"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn features_of_the_light_backbone_go_and_come_back_in_firefox() {
    light_features_go_and_come(Kind::Firefox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn features_of_the_light_backbone_go_and_come_back_in_webkit() {
    light_features_go_and_come(Kind::WebKit).await;
}

async fn light_features_go_and_come(kind: Kind) {
    let names = ["efficientnet_lite0_atributos_entrenamiento.npz", "efficientnet_lite0_atributos_prueba.npz"];
    features_go_and_come(kind, LIGHT, names, ["4", "4", "1280"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cifar_10_comes_in_python_s_and_keras_own_files() {
    let folder = tempfile::tempdir().unwrap();
    python::run(include_str!("../../../fixtures/make_cifar.py"), folder.path(), &[]);
    let browser = Browser::start().await.unwrap();
    browser.open("?lang=en").await.unwrap();
    let taken = async |train: &str| {
        let source = browser.wait_for("dataset-summary", "data-train", 30, |shown| shown == train).await;
        source.unwrap();
        let source = browser.attribute("dataset-summary", "data-source").await.unwrap();
        assert_eq!(source.as_deref(), Some("data-source-cifar"));
    };
    browser.choose("dataset-input", &[&folder.path().join("cifar-10-python.tar.gz")]).await.unwrap();
    taken("24").await;
    browser.choose("dataset-input", &[&folder.path().join("only_train.npz")]).await.unwrap();
    taken("20").await;
    browser.drop_file("dataset-input", &folder.path().join("packed_int64_column.npz")).await.unwrap();
    taken("24").await;
    // Features are none, and the page says where they belong.
    browser.choose("dataset-input", &[&folder.path().join("features.npz")]).await.unwrap();
    browser.wait_for_problem("problem-no-array", 30).await.unwrap();
    browser.close().await.unwrap();
}
