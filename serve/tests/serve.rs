//! The server over real sockets.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "serve/client.rs"]
mod client;
#[path = "serve/compressed.rs"]
mod compressed;
#[path = "serve/connections.rs"]
mod connections;
#[path = "serve/crowd.rs"]
mod crowd;
#[path = "serve/files.rs"]
mod files;
#[path = "serve/hosts.rs"]
mod hosts;
#[path = "serve/lan.rs"]
mod lan;
#[path = "serve/program.rs"]
mod program;
