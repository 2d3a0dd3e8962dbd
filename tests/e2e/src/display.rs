//! A display that nobody sees, for a browser that needs one.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// It is there in a tenth of a second, but for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// An X server that draws into memory. What shows itself there ends with it.
pub(crate) struct Display {
    /// Its name, for the variable `DISPLAY`.
    pub(crate) name: String,
    _server: Child,
}

impl Display {
    /// Starts one under a number that is free.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1600x1400x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("Xvfb does not start")?;
        let told = server.stdout.take().context("Xvfb tells no number")?;
        let mut number = String::new();
        tokio::time::timeout(PATIENCE, BufReader::new(told).read_line(&mut number))
            .await
            .context("Xvfb does not come up")??;
        ensure!(!number.trim().is_empty(), "Xvfb found no number that is free");
        Ok(Self { name: format!(":{}", number.trim()), _server: server })
    }
}
