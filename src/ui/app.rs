//! The page as a whole.

use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::DragEvent;
use yew::prelude::*;

use super::address;
use super::cells::{ClassifyCell, DataCell, EngineCell, FeaturesCell, ResultCell, TrainingCell};
use super::focus::use_focus;
use super::i18n::Language;
use super::locale::{Locale, use_locale};
use super::memory;
use super::parts::{Header, Live, Notices, OfflineStatus};
use super::paste::use_paste;
use super::port::{Model, Port};
use super::query::{Query, Wanted};
use super::state::State;
use super::texts_kept::use_own_texts;
use crate::backbone::choose;
use crate::protocol::Command;

/// Shows the page in the document's body, in place of what stands there until then. Where `www/start.js` has
/// found that something is missing, that stays. A panic is told there.
pub fn run() {
    std::panic::set_hook(Box::new(|panic| {
        let stopped = js_sys::Reflect::get(&js_sys::global(), &"pageStopped".into()).ok();
        if let Some(stopped) = stopped.and_then(|stopped| stopped.dyn_into::<js_sys::Function>().ok()) {
            // There is nobody left to hear that this failed.
            let _ = stopped.call1(&JsValue::UNDEFINED, &panic.to_string().into());
        }
    }));
    let document = web_sys::window().and_then(|window| window.document());
    let root = document.and_then(|document| document.document_element());
    if root.is_none_or(|root| root.get_attribute("data-start").as_deref() != Some("old")) {
        yew::Renderer::<App>::new().render();
    }
}

/// The page: its state, its line to the session, its language.
#[component]
fn App() -> Html {
    let query = use_memo((), |()| Query::read(address::parameter));
    let model = {
        let query = Rc::clone(&query);
        use_reducer(move || {
            let (query, errors) = &*query;
            let state = State::new(query.backbone != Wanted::Refused, query.limits, errors.clone());
            let (speeds, camera) = (Rc::new(memory::speeds()), memory::camera());
            Model { state: Rc::new(State { speeds, camera, ..state }) }
        })
    };
    let port = {
        let dispatcher = model.dispatcher();
        use_memo((), |()| Port::start(dispatcher))
    };
    use_effect_with((), {
        let port = Rc::clone(&port);
        move |()| open(&port, &query.0)
    });

    use_effect_with(model.state.lasting_backbone().map(str::to_owned), |backbone| {
        backbone.iter().for_each(|backbone| keep_in_address(backbone));
    });

    let language = use_state(first_language);
    let locale = use_memo(*language, |language| Locale::new(*language));
    use_effect_with(*language, {
        let locale = Rc::clone(&locale);
        move |_| label_document(&locale)
    });
    let on_language = Callback::from(move |chosen: Language| {
        address::replace_parameter("lang", chosen.code());
        language.set(chosen);
    });

    html! {
        <ContextProvider<Locale> context={(*locale).clone()}>
            <Notebook state={Rc::clone(&model.state)} port={(*port).clone()} {on_language} />
        </ContextProvider<Locale>>
    }
}

#[derive(Properties, PartialEq)]
struct NotebookProps {
    state: Rc<State>,
    port: Port,
    on_language: Callback<Language>,
}

/// Everything that can be seen.
#[component]
fn Notebook(props: &NotebookProps) -> Html {
    let locale = use_locale();
    let NotebookProps { state, port, on_language } = props;
    use_paste(state, port);
    use_focus();
    use_own_texts();
    // A file that misses its zone must not replace the page.
    let ignore = Callback::from(|event: DragEvent| event.prevent_default());
    html! {
        <div class="page" ondragover={ignore.clone()} ondrop={ignore}>
            <a class="skip" href="#notebook">{ locale.text("skip-to-content") }</a>
            <Header on_language={on_language.clone()} />
            <OfflineStatus backbone={state.download} port={port.clone()} />
            <Notices notices={state.notices.clone()} port={port.clone()} />
            <main id="notebook" tabindex="-1" aria-label={locale.text("notebook-label")}>
                <EngineCell state={Rc::clone(state)} port={port.clone()} />
                <DataCell state={Rc::clone(state)} port={port.clone()} />
                <FeaturesCell state={Rc::clone(state)} port={port.clone()} />
                <TrainingCell state={Rc::clone(state)} port={port.clone()} />
                <ResultCell state={Rc::clone(state)} port={port.clone()} />
                <ClassifyCell state={Rc::clone(state)} port={port.clone()} />
            </main>
            <Live state={Rc::clone(state)} />
            <footer><p>{ locale.text("footer-text") }</p></footer>
        </div>
    }
}

/// The session's first commands.
fn open(port: &Port, query: &Query) {
    let backbone = match &query.backbone {
        Wanted::Best => None,
        Wanted::Named(address) => Some(address.clone()),
        Wanted::Refused => return,
    };
    port.send(Command::Speeds(memory::speeds().all()));
    if let Some(workers) = query.workers.or_else(most_workers) {
        port.send(Command::Workers(workers));
    }
    port.send(Command::Open { backbone, engine: query.engine });
    port.send(Command::Limit(query.limits));
    port.send(Command::LookForSiteData);
}

/// How many workers of a kind this device can have, as far as only the page sees it.
fn most_workers() -> Option<u32> {
    let window = web_sys::window()?;
    let touched = window.match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches());
    let memory = js_sys::Reflect::get(&window.navigator(), &"deviceMemory".into()).ok();
    choose::most_workers(memory.and_then(|memory| memory.as_f64()), touched)
}

/// Lets a reload open the backbone that the page has changed to.
fn keep_in_address(backbone: &str) {
    if Query::read(address::parameter).0.backbone != Wanted::Named(backbone.to_owned()) {
        address::replace_parameter("backbone", backbone);
    }
}

fn first_language() -> Language {
    let asked = address::parameter("lang");
    let preferred = web_sys::window().map(|window| window.navigator().languages());
    let preferred = preferred.iter().flat_map(|tags| tags.iter().filter_map(|tag| tag.as_string()));
    Language::choose(asked.as_deref(), preferred)
}

/// Gives the document its language and title.
fn label_document(locale: &Locale) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    document.set_title(&locale.text("page-title"));
    if let Some(root) = document.document_element() {
        // Refused only for names that are no attribute names.
        let _ = root.set_attribute("lang", locale.language().code());
    }
}
