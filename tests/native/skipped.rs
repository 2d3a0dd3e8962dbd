//! What is left out for want of something, told where somebody reads it: a test's own words are not shown while it
//! passes.

use std::fs::OpenOptions;
use std::io::Write;

/// Says why a test, or a part of one, is left out, in a line of the file that `SKIPPED` names, which `make test` shows.
pub fn skipped(why: &str) {
    println!("skipped: {why}");
    if let Some(file) = std::env::var_os("SKIPPED") {
        let file = OpenOptions::new().create(true).append(true).open(file);
        // In one piece: other tests write there, too.
        let written = file.and_then(|mut file| file.write_all(format!("{why}\n").as_bytes()));
        assert!(written.is_ok(), "{written:?}");
    }
}
