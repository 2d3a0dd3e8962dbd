//! The rules of ARCHITECTURE.md about who may name whom, held against the source text.

use std::fs;
use std::path::{Path, PathBuf};

/// All Rust files below a folder of this repository, with their text, comments left out.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join(folder), &mut found);
    assert!(!found.is_empty());
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let code =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        (path.strip_prefix(root).unwrap().display().to_string(), code)
    };
    found.into_iter().map(read).collect()
}

/// Checks that only files whose path begins with one of `allowed` name one of `words`.
fn only_in(words: &[&str], allowed: &[&str]) {
    for (path, code) in ["src", "head/src", "projection/src"].into_iter().flat_map(sources) {
        if allowed.iter().any(|prefix| path.starts_with(prefix)) {
            continue;
        }
        for word in words {
            assert!(!code.contains(word), "{path} names {word}");
        }
    }
}

const BROWSER: [&str; 5] =
    ["src/browser", "src/ui", "src/bin", "src/features/indexed_db", "src/project/indexed_db.rs"];

#[test]
fn the_browser_is_named_in_few_places() {
    only_in(&["web_sys", "js_sys", "wasm_bindgen", "gloo::", "yew::", "idb::"], &BROWSER);
}

#[test]
fn the_page_s_state_is_pure() {
    for pure in [
        "src/ui/state",
        "src/ui/i18n",
        "src/ui/query",
        "src/ui/chart",
        "src/ui/device_check",
        "src/ui/map_view",
        "src/ui/model_card",
        "src/ui/phrase",
    ] {
        for (path, code) in sources("src/ui").into_iter().filter(|(path, _)| path.starts_with(pure)) {
            for word in ["web_sys", "js_sys", "wasm_bindgen", "gloo::", "yew::"] {
                assert!(!code.contains(word), "{path} names {word}");
            }
        }
    }
}

#[test]
fn each_engine_is_named_in_one_place() {
    only_in(&["wonnx"], &[]);
    only_in(&["convnet::"], &["src/backbone/cpu.rs"]);
}

#[test]
fn pure_modules_read_no_clock_and_no_file() {
    only_in(
        &["Instant", "SystemTime", "Date::now", "std::fs", "std::net", "std::thread", "println!"],
        &BROWSER,
    );
}

#[test]
fn nothing_on_the_left_knows_the_right() {
    let order = [
        "npy",
        "pixels",
        "dataset",
        "backbone",
        "features",
        "project",
        "head",
        "interchange",
        "metrics",
        "session",
    ];
    for (at, module) in order.iter().enumerate() {
        for (path, code) in sources("src") {
            let (file, folder) = (format!("src/{module}.rs"), format!("src/{module}/"));
            if path != file && !path.starts_with(&folder) {
                continue;
            }
            for right in order[at + 1..].iter().chain(&["ui", "browser"]) {
                // A scaling belongs to the manifest, which pixels are given.
                let named = code.contains(&format!("crate::{right}::"));
                assert!(!named || (*module == "pixels" && *right == "backbone"), "{path} names {right}");
            }
        }
    }
}

#[test]
fn files_stay_small() {
    for folder in [
        "src",
        "build-page/src",
        "bundle/src",
        "head/src",
        "onnx-prepare/src",
        "projection/src",
        "serve/src",
        "xtask/src",
        "engines/wonnx/src",
        "tests",
    ] {
        for (path, code) in sources(folder) {
            let lines = code.lines().count();
            assert!(lines <= 500, "{path} has {lines} lines");
        }
    }
}
