//! The session worker's program.

use futures::channel::mpsc;
use futures::future;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, MessageEvent};

use super::host::{BrowserHost, Files};
use super::piece_store::PieceStore;
use super::port;
use crate::features::indexed_db::IndexedDb;
use crate::features::memory::MemoryStore;
use crate::protocol::{Command, Event, Problem, ProblemKind};
use crate::session::Session;

/// Runs a session for the page that started this worker, for as long as the page is there.
pub fn run() {
    std::panic::set_hook(Box::new(|panic| {
        port::reply(&Event::Problem(Problem::new(ProblemKind::SessionLost, panic)));
    }));
    let (sender, commands) = mpsc::unbounded();
    let files = Files::default();
    let arriving = Files::clone(&files);
    port::listen(move |event| match take_command(&event, &arriving) {
        // The receiver lives as long as the worker.
        Ok(command) => drop(sender.unbounded_send(command)),
        Err(detail) => port::reply(&Event::Problem(Problem::new(ProblemKind::SessionLost, detail))),
    });
    spawn_local(async move {
        let (store, pieces) = future::join(IndexedDb::open(), PieceStore::open()).await;
        let host = BrowserHost::new(files, pieces.ok());
        match store {
            Ok(store) => Session::new(host, store, commands).run().await,
            Err(error) => {
                port::reply(&Event::Problem(Problem::new(ProblemKind::StoreUnavailable, error)));
                Session::new(host, MemoryStore::of_a_tab(), commands).run().await;
            }
        }
    });
}

/// Decodes a command and keeps the files that came with it.
fn take_command(event: &MessageEvent, files: &Files) -> Result<Command, String> {
    let (command, attached): (Command, JsValue) = port::unpack(event).map_err(|error| error.to_string())?;
    let attached = attached.dyn_into::<Array>().unwrap_or_default();
    for (file, blob) in command.files().iter().zip(attached.iter()) {
        let blob = blob.dyn_into::<Blob>().map_err(|_: JsValue| "an attachment is no file".to_owned())?;
        files.borrow_mut().insert(file.id, blob);
    }
    Ok(command)
}
