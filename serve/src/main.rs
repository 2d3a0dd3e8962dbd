//! Serves the page until it is interrupted: `serve --help` tells how.

use std::convert::Infallible;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use lexopt::prelude::*;
use serve::connections::{Connections, Limits};
use serve::{Folders, hosts};

const HELP: &str = "\
serve [--port N] [--lan [--lan-port N]] [--allow-host NAME]

ES  Sirve la página a este equipo, en http://127.0.0.1:8080.
    --port N      otro puerto
    --lan         también a los demás equipos de la red, por HTTPS
    --lan-port N  otro puerto para ellos (8443)
    --allow-host NOMBRE  responde también a ese nombre de equipo

EN  Serves the page to this machine, at http://127.0.0.1:8080.
    --port N      another port
    --lan         to the other machines in the network too, by HTTPS
    --lan-port N  another port for them (8443)
    --allow-host NAME  answers to that host name too";

const NO_PAGE: &str = "there is no page in {}
ES  Descomprima el archivo entero y arranque `serve` desde la carpeta descomprimida.
EN  Unpack the whole archive and start `serve` from the unpacked folder.
    In a checkout of the source: call `make run`, which builds the page.";

const OPEN: &str = "\
ES  Abra esa dirección en el navegador de este equipo. Ctrl+C termina.
EN  Open that address in this machine's browser. Ctrl+C ends.";

/// What is said of an address that this machine has and others cannot use.
#[cfg(feature = "lan")]
const NOT_THERE: &str = "\
ES  En {at} no se sirve la página ({error}): otro programa tiene ese puerto, o el equipo acaba de perder la dirección.
EN  The page is not served at {at} ({error}): another program has the port, or this machine has just lost the address.";

/// What the person asked for.
struct Options {
    port: u16,
    lan: Option<u16>,
    /// Names of this machine that it answers to beside its addresses.
    hosts: Vec<String>,
}

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("serve: {error:#}");
            if cfg!(windows) {
                // A double click opened this window, and it closes with the program.
                eprintln!("\nEnter / Intro");
                let _ = std::io::stdin().read_line(&mut String::new());
            }
            ExitCode::FAILURE
        }
    }
}

fn start() -> anyhow::Result<()> {
    let Some(options) = options()? else {
        println!("{HELP}");
        return Ok(());
    };
    // Cargo names the package's folder when it runs the program.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let checkout = package.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
    let folders = Folders::find(std::env::current_exe().ok().as_deref(), checkout);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(&folders, &options))
}

/// `None` where help is asked for.
fn options() -> anyhow::Result<Option<Options>> {
    let (mut port, mut lan, mut lan_port, mut hosts) = (8080, false, 8443, Vec::new());
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("port") => port = parser.value()?.parse().context("--port")?,
            Long("lan") => lan = true,
            Long("lan-port") => lan_port = parser.value()?.parse().context("--lan-port")?,
            Long("allow-host") => hosts.push(parser.value()?.parse().context("--allow-host")?),
            other => return Err(anyhow!("{}\n\n{HELP}", other.unexpected())),
        }
    }
    Ok(Some(Options { port, lan: lan.then_some(lan_port), hosts }))
}

async fn run(folders: &Folders, options: &Options) -> anyhow::Result<()> {
    let app =
        serve::app(folders).with_context(|| NO_PAGE.replace("{}", &folders.dist.display().to_string()))?;
    let local = serve::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port))).await;
    let local = local.map_err(|error| taken(options.port, &error, "--port"))?;
    say(&format!("http://{}\n{OPEN}", local.local_addr()?));
    // One count for both: the files that a program may hold open are one number, too.
    let connections = Connections::new(Limits::default());
    let own = hosts::only(app.clone(), options.hosts.clone());
    tokio::select! {
        never = connections.serve(local, own) => never,
        failed = room(options, app, &connections) => failed.map(|never| match never {}),
        // Files are all that is served, so nothing is lost where an answer is cut off.
        signal = tokio::signal::ctrl_c() => signal.context("Ctrl+C cannot be listened for"),
    }
}

/// Serves the other machines of the room, where that is wanted.
async fn room(options: &Options, app: axum::Router, connections: &Connections) -> anyhow::Result<Infallible> {
    match options.lan {
        None => std::future::pending().await,
        Some(port) => others(port, app, &options.hosts, connections).await,
    }
}

#[cfg(feature = "lan")]
async fn others(
    port: u16,
    app: axum::Router,
    names: &[String],
    connections: &Connections,
) -> anyhow::Result<Infallible> {
    use serve::lan;

    let open = lan::listen(&lan::addresses()?, port).await;
    if open.listeners.is_empty() {
        let (_, error) = open.refused.into_iter().next().context(lan::LanError::NoNetwork)?;
        return Err(taken(port, &error, "--lan-port"));
    }
    let identity = lan::Identity::new(&open.addresses, std::time::SystemTime::now())?;
    say(&format!("\n{}", lan::welcome(&open.addresses, open.port, &identity)?));
    for (address, error) in open.refused {
        let at = format!("{address}:{}", open.port);
        say(&format!("\n{}", NOT_THERE.replace("{at}", &at).replace("{error}", &error.to_string())));
    }
    let names = open.addresses.iter().map(ToString::to_string).chain(names.iter().cloned());
    lan::serve(open.listeners, &identity, hosts::only(app, names), connections).await
}

#[cfg(not(feature = "lan"))]
async fn others(_: u16, _: axum::Router, _: &[String], _: &Connections) -> anyhow::Result<Infallible> {
    Err(anyhow!(
        "this program was built without `--lan`: build it with `cargo build --release --package serve`"
    ))
}

/// Tells whoever reads along. Where nobody does any more, the page is served all the same.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// What is said where a port cannot be had, and what to do.
fn taken(port: u16, error: &std::io::Error, option: &str) -> anyhow::Error {
    let next = port.checked_add(1).unwrap_or(8081);
    anyhow!(
        "port {port} cannot be had ({error})\n\
         ES  Quizá ya está en marcha: ciérrelo, o pida otro puerto con `{option} {next}`.\n\
         EN  It may be running already: close that one, or ask for another port with `{option} {next}`."
    )
}
