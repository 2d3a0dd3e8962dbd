//! The Python world: programs that write files for us, and read ours.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Python with what scripts/python.txt names.
fn python() -> PathBuf {
    if let Some(path) = std::env::var_os("BOTTLENECK_PYTHON") {
        return path.into();
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache"))).unwrap();
    cache.join("bottleneck/python/bin/python")
}

/// Python, to be run in `folder`, which is its home, too.
pub fn command(folder: &Path) -> Command {
    let python = python();
    assert!(
        python.exists(),
        "there is no {}: `make setup-python` installs it, or BOTTLENECK_PYTHON names another",
        python.display()
    );
    let mut command = Command::new(python);
    command.current_dir(folder).env("HOME", folder).env_remove("XDG_CACHE_HOME");
    // By this ONNX Runtime takes the machine for a tester's, and is silent unasked.
    command.env_remove("CI");
    command.env("KERAS_BACKEND", "jax").env("PYTHONIOENCODING", "utf-8").env("PYTHONUTF8", "1");
    command
}

/// Runs `program` in `folder` with `arguments`, and returns what it prints.
pub fn run(program: &str, folder: &Path, arguments: &[&str]) -> String {
    let mut command = command(folder);
    command.arg("-c").arg(program).args(arguments).env("ORT_DISABLE_TELEMETRY", "1");
    let output = command.output().unwrap();
    let (out, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(output.status.success(), "{program}\n\n{error}");
    out.into_owned()
}

/// Checks that what ran in `folder` told ONNX Runtime to be silent before it was imported: else it has
/// kept a number there by which its maker tells machines apart.
pub fn check_silent(folder: &Path) {
    let kept = folder.join(".cache/Microsoft");
    assert!(!kept.exists(), "ONNX Runtime's telemetry was on: there is {}", kept.display());
}
