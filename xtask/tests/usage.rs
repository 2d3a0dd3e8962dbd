//! The tasks as they are called.

#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn what_is_no_task_is_answered_with_the_tasks_there_are() {
    for arguments in [&[][..], &["modle"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("cargo xtask bundle"), "{arguments:?}: {said}");
    }
}
