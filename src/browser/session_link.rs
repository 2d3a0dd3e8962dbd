//! The page's end of the line to the session worker.

use std::cell::Cell;
use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::File;

use super::thread::{Thread, ThreadError};
use crate::protocol::{Command, Event, FileRef, Problem, ProblemKind};

/// So many milliseconds have the browser to start the worker and the server to send its program, which the browser
/// mostly has already.
const STARTING: u32 = 120_000;

/// A running session worker; dropping the link ends it.
pub struct SessionLink {
    thread: Rc<Thread>,
    _patience: Timeout,
    _leaving: Option<EventListener>,
    next_file: Cell<u32>,
    on_event: Rc<dyn Fn(Event, JsValue)>,
}

impl SessionLink {
    /// Starts the session worker; what happens in it comes to `on_event`, with what is attached.
    ///
    /// # Errors
    /// Where the browser cannot start workers.
    pub fn start(on_event: impl Fn(Event, JsValue) + 'static) -> Result<Self, String> {
        let on_event: Rc<dyn Fn(Event, JsValue)> = Rc::new(on_event);
        let receive = Rc::clone(&on_event);
        let thread = Thread::start("./session_loader.js", move |event| {
            let (event, attached) = event.unwrap_or_else(|error| (ended(&error), JsValue::UNDEFINED));
            receive(event, attached);
        })?;
        let thread = Rc::new(thread);
        let patience = Timeout::new(STARTING, {
            let (thread, on_event) = (Rc::downgrade(&thread), Rc::clone(&on_event));
            move || {
                if thread.upgrade().is_some_and(|thread| !thread.has_begun()) {
                    let why = format!("it did not start in {} s", STARTING / 1000);
                    on_event(lost(why), JsValue::UNDEFINED);
                }
            }
        });
        // A browser may keep a page that is left, for the way back, with its worker stopped in the middle of a
        // transaction: then no later page gets at the database. `www/start.js` opens such a page anew.
        let ending = Rc::clone(&thread);
        let window = web_sys::window();
        let leaving = window.map(|window| EventListener::new(&window, "pagehide", move |_| ending.end()));
        Ok(Self { thread, _patience: patience, _leaving: leaving, next_file: Cell::new(0), on_event })
    }

    /// Sends a command that concerns no file.
    pub fn send(&self, command: &Command) {
        self.post(command, &JsValue::UNDEFINED);
    }

    /// Sends the command that `make` makes of references to `files`, with the files, each after the
    /// name that it shall have.
    pub fn send_files(&self, make: impl FnOnce(Vec<FileRef>) -> Command, files: Vec<(String, File)>) {
        let references = files.iter().map(|(name, file)| {
            let id = self.next_file.get();
            self.next_file.set(id.wrapping_add(1));
            FileRef { id, name: name.clone(), size: file.size() as u64 }
        });
        let command = make(references.collect());
        let attached: Array = files.iter().map(|(_, file)| file).collect();
        self.post(&command, &attached);
    }

    fn post(&self, command: &Command, attachment: &JsValue) {
        if let Err(detail) = self.thread.send(command, attachment) {
            (self.on_event)(lost(detail), JsValue::UNDEFINED);
        }
    }
}

fn ended(error: &ThreadError) -> Event {
    match error {
        ThreadError::OtherBuild => Event::Problem(Problem::new(ProblemKind::OtherBuild, error)),
        ThreadError::Failed(detail) => lost(detail.clone()),
    }
}

fn lost(detail: String) -> Event {
    Event::Problem(Problem::new(ProblemKind::SessionLost, detail))
}
