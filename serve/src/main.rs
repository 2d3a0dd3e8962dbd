//! `serve [--port N]`: serves the page of this checkout until it is interrupted.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context, bail};
use lexopt::prelude::*;
use serve::Folders;

fn main() -> anyhow::Result<()> {
    let mut port = 8080;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => port = parser.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("no workspace")?;
    let [dist, models, data] = ["dist", "models", "data"].map(|folder| root.join(folder));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(Folders { dist, models, data }, port))
}

async fn run(folders: Folders, port: u16) -> anyhow::Result<()> {
    let (app, _) = serve::app(&folders).context("the page is not built: call `make run`")?;
    let Ok(listener) = serve::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await else {
        bail!("port {port} is taken: call `make run PORT=…` with another one");
    };
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(async {
            // Without a signal handler the server runs until it is killed, which is as good.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}
