//! The built page in real browsers. One program, since linking one for each file took minutes.

mod access;
mod answers;
mod camera;
mod camera_device;
mod device_check;
mod engines;
mod exchange;
mod feature_map;
mod first_minute;
mod hosting;
mod keyboard;
mod layouts;
mod many;
mod model_card;
mod offline;
mod others;
mod page;
mod projects;
mod scale;
mod shared_scripts;
mod site_data;
mod stalls;
mod start;
mod stores;
mod trainings;

use std::env;
use std::fs;
use std::process::Command;
use std::sync::Mutex;

use bottleneck::backbone::Manifest;
use e2e::{root, shared};

/// A backbone with real weights, not the product's.
const REAL: &str = "models/inception_v3_2015_mixed8.onnx";

/// Makes the backbone with real weights, where its source is there. Costs nothing the second time.
fn mixed_8() -> Option<Manifest> {
    // Tests run beside each other.
    static MAKING: Mutex<()> = Mutex::new(());
    let source = shared(REAL)?;
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

/// Runs one of the checkout's tasks, in the words that `make` has for it: it compiled them with the tests.
fn xtask(arguments: &[&str]) {
    let command = env::var("XTASK").unwrap_or_else(|_| "cargo xtask".to_owned());
    let mut words = command.split(' ');
    let mut command = Command::new(words.next().unwrap());
    let status = command.args(words).args(arguments).current_dir(root()).status();
    assert!(status.unwrap().success(), "the task {arguments:?} failed");
}
