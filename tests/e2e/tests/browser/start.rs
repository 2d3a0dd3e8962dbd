//! What a person sees where the page cannot run, does not start, or stops: a sentence in both languages with what to
//! do, never a blank page. And what becomes of the page where a translator changes it.

use std::fs;

use e2e::{Browser, Site, root};
use serde_json::{Value, json};
use serve::Folders;

const QUERY: &str = "?lang=en&backbone=models/efficientnet_lite0.json&engine=cpu&train=40&test=20";

/// Runs `script` before the page's own scripts, each time it is opened, and gives its name.
async fn before_the_page(browser: &Browser, script: &str) -> Value {
    let planted =
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await.unwrap();
    json!({ "identifier": planted["identifier"] })
}

/// The page says this and nothing else, with these words in each language, and fits a telephone.
async fn says(browser: &Browser, what: &str, spanish: &str, english: &str) {
    let shown = format!("document.documentElement.dataset.start === '{what}'");
    browser.until("the page says what is the matter", &shown).await.unwrap();
    let code = "const start = document.getElementById('start');
        const shown = [...start.children].filter(part => part.matches('section, div') && part.offsetHeight > 0);
        return [shown.map(part => part.id), ...['es', 'en'].map(language =>
            [...start.querySelectorAll(`[lang=${language}]`)]
                .filter(part => part.offsetHeight > 0).map(part => part.innerText).join(' '))];";
    let (parts, texts): (Vec<String>, [String; 2]) = {
        let seen = browser.script(code).await.unwrap();
        (
            serde_json::from_value(seen[0].clone()).unwrap(),
            [1, 2].map(|at| seen[at].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")),
        )
    };
    assert_eq!(parts, [format!("start-{what}")]);
    for (text, wanted) in texts.iter().zip([spanish, english]) {
        assert!(text.contains(wanted), "{what}: {text}");
    }
    let telephone = json!({ "width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", telephone).await.unwrap();
    let fits = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth;";
    assert_eq!(browser.script(fits).await.unwrap(), json!(true), "{what} is too wide");
    browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await.unwrap();
}

/// Opens the page, which starts.
async fn starts(browser: &Browser) {
    browser.open(QUERY).await.unwrap();
    browser.wait_for("engine-status", "data-state", 60, |state| state == "idle").await.unwrap();
    let code =
        "return [document.getElementById('start') === null, 'start' in document.documentElement.dataset];";
    assert_eq!(browser.script(code).await.unwrap(), json!([true, false]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_browser_lacks_is_said_in_both_languages() {
    let browser = Browser::start().await.unwrap();
    starts(&browser).await;
    let lacking = [
        ("delete globalThis.WebAssembly;", "webassembly", "modo de aislamiento", "Lockdown Mode"),
        (
            "WebAssembly.validate = () => false;",
            "old",
            "Le falta: WebAssembly SIMD",
            "It lacks: WebAssembly SIMD",
        ),
        (
            "globalThis.Worker = function (script) { this.terminate = () => {}; };",
            "old",
            "Le falta: module workers",
            "It lacks: module workers",
        ),
    ];
    for (script, what, spanish, english) in lacking {
        let planted = before_the_page(&browser, script).await;
        browser.open(QUERY).await.unwrap();
        says(&browser, what, spanish, english).await;
        // Nor does it start later.
        assert_eq!(browser.attribute("engine-status", "data-state").await.unwrap(), None);
        browser.devtools("Page.removeScriptToEvaluateOnNewDocument", planted).await.unwrap();
    }
    let file = root().join("dist/index.html").canonicalize().unwrap();
    browser.client.goto(&format!("file://{}", file.display())).await.unwrap();
    says(&browser, "file", "Haz doble clic en el programa serve", "Double-click the program serve").await;
    starts(&browser).await;
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_start_or_stops_says_so_and_can_be_loaded_again() {
    let browser = Browser::start().await.unwrap();
    browser.devtools("Network.enable", json!({})).await.unwrap();
    let (spanish, english) = ("La página no ha podido arrancar.", "The page could not start.");
    let unblocked = json!({ "urls": [] });
    for lost in ["*/app-*.js", "*/app-*_bg.wasm"] {
        browser.devtools("Network.setBlockedURLs", json!({ "urls": [lost] })).await.unwrap();
        browser.open(QUERY).await.unwrap();
        says(&browser, "failed", spanish, english).await;
        browser.devtools("Network.setBlockedURLs", unblocked.clone()).await.unwrap();
        browser.script("document.querySelector('#start-failed button').click();").await.unwrap();
        browser.wait_for("engine-status", "data-state", 60, |state| state == "idle").await.unwrap();
    }

    // It stops, wherever the person is on it.
    browser.script("scrollTo({ top: 500, behavior: 'instant' });").await.unwrap();
    let other =
        "dispatchEvent(new ErrorEvent('error', { error: new Error('not its own'), message: 'not its own' }));
        return document.getElementById('start');";
    assert_eq!(browser.script(other).await.unwrap(), Value::Null);
    // The program panics where the document does not take in what it inserts.
    let refuse = "const own = Node.prototype.insertBefore;
        Node.prototype.insertBefore = function () {
            Node.prototype.insertBefore = own;
            throw new DOMException('refused by a test', 'NotFoundError');
        };";
    browser.script(refuse).await.unwrap();
    browser.click("dataset-sample").await.unwrap();
    says(&browser, "stopped", "La página se ha detenido por un error.", "the page has stopped").await;
    let seen = "const box = document.getElementById('start').getBoundingClientRect();
        return box.top >= 0 && box.top < innerHeight;";
    assert_eq!(browser.script(seen).await.unwrap(), json!(true));
    browser.script("document.querySelector('#start-stopped button').click();").await.unwrap();
    browser.wait_for("engine-status", "data-state", 60, |state| state == "idle").await.unwrap();

    // A program that is no program.
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(root().join("dist")).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        let text = name.to_str().unwrap();
        let target = folder.path().join(&name);
        if text == "index.html" {
            let page = fs::read_to_string(path).unwrap();
            let mut parts = page.split(" integrity=\"");
            let first = parts.next().unwrap().to_owned();
            let page = parts.fold(first, |page, part| page + part.split_once('"').unwrap().1);
            fs::write(target, page).unwrap();
        } else if text.starts_with("app-") && text.ends_with(".js") {
            fs::write(target, "import {").unwrap();
        } else if path.is_file() {
            fs::copy(path, target).unwrap();
        }
    }
    let folders = Folders {
        dist: folder.path().to_owned(),
        data: root().join("no-data"),
        ..Folders::checkout(&root())
    };
    let site = Site::start(&folders).unwrap();
    browser.client.goto(&format!("http://{}/{QUERY}", site.address())).await.unwrap();
    says(&browser, "failed", spanish, english).await;
    browser.close().await.unwrap();
}

/// Puts an element in the place of each text, as browsers' translators do, with its words in ⟦ ⟧. `polite` ones leave
/// out what says that it is not to be translated. What is wrong with the page afterwards comes to `window.errors`.
async fn translate(browser: &Browser, polite: bool, way: &str) {
    let code = "const [polite, way] = arguments;
        window.errors ??= (addEventListener('error', event => errors.push(event.message)), []);
        const left = 'script, style, textarea, option, font' + (polite ? ', [translate=no], .notranslate' : '');
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const texts = [];
        while (walker.nextNode()) texts.push(walker.currentNode);
        let changed = 0;
        for (const text of texts) {
            const parent = text.parentElement;
            if (!text.data.trim() || parent.closest(left)) continue;
            const outer = document.createElement('font'), inner = document.createElement('font');
            outer.append(inner);
            changed += 1;
            if (way === 'replaced') text.replaceWith(outer);
            else if (way === 'removed') { parent.insertBefore(outer, text); text.remove(); }
            if (way === 'moved') { text.replaceWith(outer); inner.append(text); }
            else inner.textContent = `⟦${text.data}⟧`;
        }
        return changed;";
    let changed = browser.client.execute(code, vec![json!(polite), json!(way)]).await.unwrap();
    assert_eq!(changed.as_u64() == Some(0), polite, "{changed} texts by {way}");
    let own =
        "[document.querySelectorAll('font').length, document.body.innerText.includes('⟦'), errors.length]";
    let own = browser.script(&format!("return {own};")).await.unwrap();
    assert_eq!(own, json!([0, false, 0]), "{way}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_translator_does_no_harm() {
    let browser = Browser::start().await.unwrap();
    starts(&browser).await;
    let asked = "return [document.documentElement.translate,
        document.querySelector('meta[name=google]').content];";
    assert_eq!(browser.script(asked).await.unwrap(), json!([false, "notranslate"]));
    translate(&browser, true, "replaced").await;
    // The rest is a translator that does not ask.
    translate(&browser, false, "replaced").await;
    browser.click("dataset-sample").await.unwrap();
    browser.wait_for("dataset-summary", "data-train", 30, |train| train == "40").await.unwrap();
    translate(&browser, false, "removed").await;
    browser.click("extract-start").await.unwrap();
    browser.wait_for("extract-progress", "data-phase", 300, |phase| phase == "complete").await.unwrap();
    for way in ["moved", "replaced"] {
        translate(&browser, false, way).await;
        browser.train("preset-quick").await.unwrap();
        translate(&browser, false, way).await;
        browser.train("preset-nearest").await.unwrap();
    }
    translate(&browser, false, "replaced").await;
    let shown = browser.attribute("test-accuracy", "data-value").await.unwrap().unwrap();
    let percent = format!("{:.2}", shown.parse::<f64>().unwrap() * 100.0);
    let text = browser.text("test-accuracy").await.unwrap();
    assert!(text.contains(&percent), "{text} is not {percent}");
    // Another language, and back; a notice that comes and goes.
    browser.click("lang-es").await.unwrap();
    browser.until("the language", "document.documentElement.lang === 'es'").await.unwrap();
    translate(&browser, false, "removed").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.png");
    fs::write(&file, b"plain text").unwrap();
    browser.choose("classify-input", &[&file]).await.unwrap();
    browser.until("a notice", "document.querySelector('[data-testid=error]') !== null").await.unwrap();
    translate(&browser, false, "replaced").await;
    browser.dismiss_errors().await.unwrap();
    browser.click("lang-en").await.unwrap();
    browser.until("the language", "document.documentElement.lang === 'en'").await.unwrap();
    let (text, errors) =
        (browser.text("test-accuracy").await.unwrap(), browser.script("return errors;").await.unwrap());
    assert!(text.contains(&percent) && errors == json!([]), "{text}, {errors}");
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
    browser.close().await.unwrap();
}
