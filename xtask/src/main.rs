//! Development tasks: `cargo xtask model`, `cargo xtask data`.
fn main() {}
