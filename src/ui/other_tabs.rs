//! Which other tabs have the same project open: they tell each other.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use gloo::events::EventListener;
use js_sys::{Array, Math};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};
use yew::prelude::*;

const CHANNEL: &str = "bottleneck-projects";

/// What a tab says of a project that it has open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// Who else has it open?
    Asks,
    /// I have, too.
    Answers,
    /// I have it no longer.
    Leaves,
}

impl Word {
    const ALL: [(Self, &str); 3] =
        [(Self::Asks, "asks"), (Self::Answers, "answers"), (Self::Leaves, "leaves")];
}

/// This tab's end of the line to the others.
struct Line {
    channel: BroadcastChannel,
    project: u32,
    /// This tab among the others.
    tab: f64,
}

impl Line {
    fn say(&self, word: Word) {
        let name = Word::ALL.iter().find(|(known, _)| *known == word).map_or("", |(_, name)| *name);
        let said = Array::of3(&name.into(), &self.project.into(), &self.tab.into());
        // Fails only where the line is closed.
        let _ = self.channel.post_message(&said);
    }

    /// What another tab says of this project, and which one it is.
    fn heard(&self, said: &JsValue) -> Option<(Word, u64)> {
        let said = said.dyn_ref::<Array>()?;
        let name = said.get(0).as_string()?;
        let (word, _) = Word::ALL.into_iter().find(|(_, known)| *known == name)?;
        let tab = said.get(2).as_f64()?;
        (said.get(1).as_f64()? == f64::from(self.project)).then_some((word, tab.to_bits()))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.say(Word::Leaves);
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}

/// Whether another tab has `project` open.
#[hook]
pub fn use_other_tabs(project: u32) -> bool {
    let others = use_state(HashSet::<u64>::new);
    let shared = others.setter();
    use_effect_with(project, move |project| {
        let listening = listen(*project, move |others| shared.set(others));
        move || drop(listening)
    });
    !others.is_empty()
}

/// Everything that is to be kept for as long as the tab listens. `tell` gets the other tabs whenever they change.
fn listen(project: u32, tell: impl Fn(HashSet<u64>) + 'static) -> Option<impl Sized> {
    let (window, document) = (web_sys::window()?, web_sys::window()?.document()?);
    let channel = BroadcastChannel::new(CHANNEL).ok()?;
    let line = Rc::new(Line { channel, project, tab: Math::random() });
    let others = Rc::new(RefCell::new(HashSet::new()));
    let tell = Rc::new(tell);
    let on_message = {
        let (line, others, tell) = (Rc::clone(&line), Rc::clone(&others), Rc::clone(&tell));
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some((word, tab)) = line.heard(&event.data()) else { return };
            if word == Word::Asks {
                line.say(Word::Answers);
            }
            let changed = match word {
                Word::Leaves => others.borrow_mut().remove(&tab),
                Word::Asks | Word::Answers => others.borrow_mut().insert(tab),
            };
            if changed {
                tell(others.borrow().clone());
            }
        })
    };
    line.channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    line.say(Word::Asks);
    // A tab that broke down says nothing any more.
    let on_show = {
        let (line, page) = (Rc::clone(&line), document.clone());
        EventListener::new(&document, "visibilitychange", move |_| {
            if !page.hidden() {
                others.borrow_mut().clear();
                tell(HashSet::new());
                line.say(Word::Asks);
            }
        })
    };
    let on_leave = {
        let line = Rc::clone(&line);
        EventListener::new(&window, "pagehide", move |_| line.say(Word::Leaves))
    };
    Some((on_message, on_show, on_leave, line))
}
