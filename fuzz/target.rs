//! Every target of cargo-fuzz: lets the parser that is called like it have what libFuzzer made up.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::Parser::named(env!("CARGO_BIN_NAME")).feed(bytes));
