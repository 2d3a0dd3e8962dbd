//! Writes the seeds for cargo-fuzz: `parsers FOLDER` makes `FOLDER/PARSER/seed-N`.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let folder = PathBuf::from(std::env::args_os().nth(1).context("parsers FOLDER")?);
    for parser in &parsers::ALL {
        let folder = folder.join(parser.name);
        fs::create_dir_all(&folder)?;
        for (number, seed) in (parser.seeds)().iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
        println!("{}", parser.name);
    }
    Ok(())
}
