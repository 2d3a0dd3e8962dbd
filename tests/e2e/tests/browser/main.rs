//! The built page in real browsers. One program, since linking one for each file took minutes.

mod access;
mod answers;
mod camera;
mod camera_device;
mod exchange;
mod firefox;
mod keyboard;
mod offline;
mod page;
mod projects;
mod scale;

use std::env;
use std::process::Command;

/// Runs one of the checkout's tasks, in the words that `make` has for it: it compiled them with the tests.
fn xtask(arguments: &[&str]) {
    let command = env::var("XTASK").unwrap_or_else(|_| "cargo xtask".to_owned());
    let mut words = command.split(' ');
    let mut command = Command::new(words.next().unwrap());
    let status = command.args(words).args(arguments).current_dir(e2e::root()).status();
    assert!(status.unwrap().success(), "the task {arguments:?} failed");
}
