//! Pasted pictures: they go where the person is.

use std::rc::Rc;

use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, Element, Event, File};
use yew::prelude::*;

use super::port::Port;
use super::state::{Paste, State};
use crate::protocol::{Command, ProjectCommand};

/// Hears of everything that is pasted on the page.
#[hook]
pub fn use_paste(state: &Rc<State>, port: &Port) {
    let newest = use_mut_ref(|| Rc::clone(state));
    *newest.borrow_mut() = Rc::clone(state);
    let port = port.clone();
    use_effect_with((), move |()| {
        let document = web_sys::window().and_then(|window| window.document());
        let listener = document.map(|document| {
            EventListener::new(&document, "paste", move |event| paste(event, &newest.borrow(), &port))
        });
        move || drop(listener)
    });
}

fn paste(event: &Event, state: &State, port: &Port) {
    let Some(mut images) = event.dyn_ref::<ClipboardEvent>().and_then(images) else { return };
    let at = event.target().and_then(|at| at.dyn_into::<Element>().ok());
    let card = at.and_then(|at| at.closest("[data-class-id]").ok()?);
    let class = card.and_then(|card| card.get_attribute("data-class-id")?.parse().ok());
    match state.paste(class) {
        Ok(Paste::Class(class)) => {
            let make = |files| Command::Project(ProjectCommand::AddFiles { class, files });
            port.send_files(make, images);
        }
        Ok(Paste::Classify) => {
            images.truncate(1);
            // There is one file, so there is one reference.
            port.send_files(|mut files| Command::Classify(files.swap_remove(0)), images);
        }
        Err(wait) => port.refuse_paste(wait),
    }
}

/// The pictures that are pasted, at least one. `None` where it is text, which goes to its field.
fn images(event: &ClipboardEvent) -> Option<Vec<File>> {
    let data = event.clipboard_data()?;
    let field = event.target()?.dyn_into::<Element>().ok()?.closest("input").ok()?;
    if field.is_some() && !data.get_data("text/plain").unwrap_or_default().is_empty() {
        return None;
    }
    let files = data.files()?;
    let files = (0..files.length()).filter_map(|place| files.get(place));
    let images: Vec<File> = files.filter(|file| file.type_().starts_with("image/")).collect();
    (!images.is_empty()).then_some(images)
}
