//! Files that are dropped on the page beside its zones: they go where they belong.

use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DragEvent, Event, File};
use yew::prelude::*;

use super::address;
use super::port::Port;
use super::route::Route;
use super::state::State;
use crate::browser::folder;
use crate::protocol::Command;

/// Hears of everything that is dropped on the page. What misses every zone would replace the page otherwise.
#[hook]
pub fn use_drop(state: &Rc<State>, port: &Port) {
    let newest = use_mut_ref(|| Rc::clone(state));
    *newest.borrow_mut() = Rc::clone(state);
    let port = port.clone();
    use_effect_with((), move |()| {
        let document = web_sys::window().and_then(|window| window.document());
        let listeners = document.map(|document| {
            let options = EventListenerOptions::enable_prevent_default();
            // Zones have taken theirs.
            let over = EventListener::new_with_options(&document, "dragover", options, |event| {
                let files = has_files(event);
                hover(files && !event.default_prevented());
                if files {
                    event.prevent_default();
                }
            });
            let leave = EventListener::new(&document, "dragleave", |_| hover(false));
            let drop = EventListener::new_with_options(&document, "drop", options, move |event| {
                hover(false);
                if has_files(event) && !event.default_prevented() {
                    event.prevent_default();
                    take(event, &newest.borrow(), &port);
                }
            });
            [over, leave, drop]
        });
        move || drop(listeners)
    });
}

/// Whether it is files that are dragged, and not a text or a picture of the page.
fn has_files(event: &Event) -> bool {
    let transfer = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
    transfer.is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}

/// Shows that the whole page takes what is dragged over it.
fn hover(over: bool) {
    let body = web_sys::window().and_then(|window| window.document()).and_then(|document| document.body());
    body.into_iter().for_each(|body| body.set_class_name(if over { "hovered" } else { "" }));
}

fn take(event: &Event, state: &State, port: &Port) {
    let transfer = event.dyn_ref::<DragEvent>().and_then(DragEvent::data_transfer);
    let Some((files, folders)) = transfer.as_ref().map(folder::dropped) else { return };
    if files.is_empty() && folders.is_empty() {
        return;
    }
    if let Err(wait) = state.can_use_data() {
        return port.refuse_drop(wait);
    }
    let to_project = matches!(address::route(), Some(Route::Project(_)));
    let port = port.clone();
    spawn_local(async move {
        let mut all: Vec<(String, File)> = folder::files(folders).await;
        all.extend(files.into_iter().map(|file| (file.name(), file)));
        port.send_named(|files| Command::OpenFiles { files, to_project }, all);
    });
}
