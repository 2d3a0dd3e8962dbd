//! Damaged files for every parser, some thousands each, and files that were made to hurt. `make fuzz` makes
//! up as many as wanted.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use bottleneck::random::Random;
use parsers::mutate::mutated;
use parsers::{ALL, Parser, bombs};

/// Damaged files for each parser.
const INPUTS: usize = 2_000;

/// Feeds the parser. A file that is too much for it stays in a folder, also where the memory or the stack
/// ends and nothing can be said any more.
fn feed(parser: &Parser, bytes: &[u8], what: &str) {
    let last = Path::new(env!("CARGO_TARGET_TMPDIR")).join(parser.name);
    fs::write(&last, bytes).unwrap();
    let outcome = catch_unwind(|| parser.feed(bytes));
    assert!(outcome.is_ok(), "{} does not stand {what}, which is kept as {}", parser.name, last.display());
    fs::remove_file(last).unwrap();
}

/// One test, for memory is counted for the whole program.
#[test]
fn no_file_makes_a_parser_panic_or_take_more_memory_than_it_may() {
    for parser in &ALL {
        let seeds = (parser.seeds)();
        seeds.iter().for_each(|seed| feed(parser, seed, "a file that is right"));
        let mut random = Random::new(1);
        for number in 0..INPUTS {
            feed(parser, &mutated(&seeds, &mut random), &format!("damaged file {number}"));
        }
    }
    for (name, what, file) in bombs::ALL {
        feed(Parser::named(name), &file(), what);
    }
}
