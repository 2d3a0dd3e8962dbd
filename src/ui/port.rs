//! The components' way to the session.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::File;
use yew::prelude::*;

use super::address;
use super::device_check::CheckChange;
use super::memory;
use super::route::Route;
use super::site;
use super::state::{Action, CameraWish, State, Wait};
use crate::browser::save;
use crate::browser::session_link::SessionLink;
use crate::protocol::{Command, Event, FileRef, Problem, ProblemKind, ProjectCommand, Thresholds};

/// The state inside Yew's reducer.
#[derive(Clone, PartialEq)]
pub struct Model {
    /// What the page shows.
    pub state: Rc<State>,
}

impl Reducible for Model {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(Self { state: Rc::new(self.state.reduce(action)) })
    }
}

/// Sends commands to the session and tells the state about them. There is one, so any two
/// are equal.
#[derive(Clone)]
pub struct Port {
    link: Option<Rc<SessionLink>>,
    dispatcher: UseReducerDispatcher<Model>,
    recordings: Rc<Cell<u32>>,
}

impl PartialEq for Port {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Port {
    /// Starts the session. Where that fails, the state gets the problem.
    pub fn start(dispatcher: UseReducerDispatcher<Model>) -> Self {
        let said = dispatcher.clone();
        let link = match SessionLink::start(move |event, attached| match event {
            // The reducer is pure; a file goes to the person from here, a speed to the browser.
            Event::File(name) => attached.dyn_ref().into_iter().for_each(|file| save::file(&name, file)),
            event => {
                match &event {
                    Event::Speed(speed) => memory::remember(speed),
                    Event::FilesResolved(command) => follow(command),
                    _ => {}
                }
                said.dispatch(Action::Said(event));
            }
        }) {
            Ok(link) => Some(Rc::new(link)),
            Err(detail) => {
                let problem = Problem::new(ProblemKind::SessionLost, detail);
                dispatcher.dispatch(Action::Said(Event::Problem(problem)));
                None
            }
        };
        Self { link, dispatcher, recordings: Rc::default() }
    }

    /// Sends a command that concerns no file.
    pub fn send(&self, command: Command) {
        ask_to_keep(&command);
        if let Some(link) = &self.link {
            self.dispatcher.dispatch(Action::Sent(command.clone()));
            link.send(&command);
        }
    }

    /// What a button does that sends `command`.
    pub fn on_click(&self, command: Command) -> Callback<MouseEvent> {
        let port = self.clone();
        Callback::from(move |_| port.send(command.clone()))
    }

    /// Sends the command that `make` makes of references to `files`, with the files.
    pub fn send_files(&self, make: impl FnOnce(Vec<FileRef>) -> Command, files: Vec<File>) {
        self.send_named(make, files.into_iter().map(|file| (file.name(), file)).collect());
    }

    /// The same with files that are called otherwise: those of a folder after their paths.
    pub fn send_named(&self, make: impl FnOnce(Vec<FileRef>) -> Command, files: Vec<(String, File)>) {
        if let Some(link) = &self.link {
            let tell = |references| {
                let command = make(references);
                ask_to_keep(&command);
                self.dispatcher.dispatch(Action::Sent(command.clone()));
                command
            };
            link.send_files(tell, files);
        }
    }

    /// What a field for files does that sends the command that `make` makes of them.
    pub fn on_files(&self, make: impl Fn(Vec<FileRef>) -> Command + 'static) -> Callback<Vec<File>> {
        let port = self.clone();
        Callback::from(move |files| port.send_files(&make, files))
    }

    /// The same for the files of a folder.
    pub fn on_folder(
        &self,
        make: impl Fn(Vec<FileRef>) -> Command + 'static,
    ) -> Callback<Vec<(String, File)>> {
        let port = self.clone();
        Callback::from(move |files| port.send_named(&make, files))
    }

    /// A number for pictures that are recorded together, another one each time.
    pub fn recording(&self) -> u32 {
        let number = self.recordings.get();
        self.recordings.set(number.wrapping_add(1));
        number
    }

    /// Tells the person that a pasted picture has no place.
    pub fn refuse_paste(&self, wait: Wait) {
        self.dispatcher.dispatch(Action::NotPasted(wait));
    }

    /// Tells the person that dropped files cannot be taken now.
    pub fn refuse_drop(&self, wait: Wait) {
        self.dispatcher.dispatch(Action::NotDropped(wait));
    }

    /// Withholds answers from other thresholds on.
    pub fn set_thresholds(&self, thresholds: Thresholds) {
        self.dispatcher.dispatch(Action::Set(thresholds));
    }

    /// Takes in which camera the person wants or got, for every part of the page and for later visits.
    pub fn camera(&self, wish: CameraWish) {
        memory::remember_camera(wish.clone());
        self.dispatcher.dispatch(Action::Camera(wish));
    }

    /// Has the whole notebook run.
    pub fn run_all(&self) {
        self.dispatcher.dispatch(Action::RunAll);
    }

    /// Goes on with the check of this device.
    pub fn check(&self, change: CheckChange) {
        self.dispatcher.dispatch(Action::Check(change));
    }

    /// Dismisses the notice at `place`.
    pub fn dismiss(&self, place: usize) {
        self.dispatcher.dispatch(Action::Dismissed(place));
    }
}

/// Shows the view in which something is done about files that were opened.
fn follow(command: &Command) {
    ask_to_keep(command);
    let at_home = !matches!(address::route(), Some(Route::Notebook | Route::Project(_)));
    match command {
        Command::UseFiles(_) => address::go(Route::Notebook),
        Command::Classify(_) if at_home => address::go(Route::Notebook),
        _ => {}
    }
}

/// Asks the browser to keep what is stored, where something comes that should last: a project's pictures, which
/// nobody can compute again, features, which take long, and a network, which is a long download.
fn ask_to_keep(command: &Command) {
    let lasts = matches!(
        command,
        Command::Extract
            | Command::Keep
            | Command::Project(
                ProjectCommand::Import(_)
                    | ProjectCommand::AddFiles { .. }
                    | ProjectCommand::AddFolders(_)
                    | ProjectCommand::AddFrame { .. }
            )
    );
    if lasts {
        site::persist();
    }
}
