//! The page as a whole.

use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::address::{self, use_route};
use super::cells::{CellProps, clear_features, engine_output, engine_settings};
use super::drop::use_drop;
use super::focus::use_focus;
use super::i18n::Language;
use super::locale::{Locale, use_locale};
use super::memory;
use super::parts::{DevicePanel, Glossary, Header, Live, Notices};
use super::paste::use_paste;
use super::port::{Model, Port};
use super::query::{Query, Wanted};
use super::route::Route;
use super::state::{State, ViewStatus};
use super::texts_kept::use_own_texts;
use super::views::{Home, Notebook, PendingView, ProjectView};
use crate::backbone::choose;
use crate::protocol::{Command, ProjectCommand};

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
    let on_language = Callback::from(move |chosen: Language| {
        address::replace_parameter("lang", chosen.code());
        language.set(chosen);
    });

    html! {
        <ContextProvider<Locale> context={(*locale).clone()}>
            <Page state={Rc::clone(&model.state)} port={(*port).clone()} {on_language} />
        </ContextProvider<Locale>>
    }
}

#[derive(Properties, PartialEq)]
struct PageProps {
    state: Rc<State>,
    port: Port,
    on_language: Callback<Language>,
}

/// Everything that can be seen.
#[component]
fn Page(props: &PageProps) -> Html {
    let locale = use_locale();
    let PageProps { state, port, on_language } = props;
    let (route, put) = use_route(|| memory::view().unwrap_or_default());
    use_paste(state, port);
    use_drop(state, port);
    use_focus();
    use_own_texts();
    use_effect_with(route, |route| memory::remember_view(*route));
    let named = state.projects.open.as_ref().filter(|open| route == Route::Project(open.id));
    let named = named.map(|open| open.project.name.clone());
    use_effect_with((route, named, locale.clone()), |(route, named, locale)| {
        label_document(*route, named.as_deref(), locale);
    });
    use_view_focus(route);
    let status = state.view_status(route);
    use_view_status(route, status, port, &put, &locale);
    // What was made or taken from a file is shown where it is.
    use_effect_with(state.projects.created, {
        let put = put.clone();
        move |created| {
            created.iter().for_each(|&project| match route {
                Route::Teach => put.emit(Route::Project(project)),
                _ => address::go(Route::Project(project)),
            });
        }
    });
    use_effect_with(state.next_of_run(), {
        let port = port.clone();
        move |next| next.iter().for_each(|command| port.send(command.clone()))
    });

    let cell = CellProps { state: Rc::clone(state), port: port.clone() };
    let view = match (route, status, &state.projects.open) {
        (Route::Home, ..) => html! { <Home ..cell.clone() /> },
        (Route::Notebook, ..) => html! { <Notebook ..cell.clone() /> },
        (_, ViewStatus::Ready, Some(open)) => {
            html! { <ProjectView key={open.id} cell={cell.clone()} open={Rc::clone(open)} /> }
        }
        _ => html! { <PendingView state={Rc::clone(state)} port={port.clone()} {status} /> },
    };
    html! {
        <div class={classes!("page", name(route))}>
            <a class="skip" href={format!("{route}")} onclick={skip}>{ locale.text("skip-to-content") }</a>
            <Header>
                <DevicePanel state={Rc::clone(state)} port={port.clone()} on_language={on_language.clone()}>
                    if route == Route::Notebook {
                        <p>{ locale.text("device-notebook") }</p>
                    } else {
                        { engine_output(&cell, &locale) }
                        { engine_settings(&cell, &locale) }
                        { clear_features(&cell, &locale) }
                    }
                </DevicePanel>
            </Header>
            <Notices notices={state.notices.clone()} port={port.clone()} />
            <main id="main" tabindex="-1" aria-label={locale.text(title(route))}>{ view }</main>
            <Live state={Rc::clone(state)} />
            <footer><p>{ locale.text("footer-text") }</p><Glossary /></footer>
        </div>
    }
}

/// A view's name in styles.
fn name(route: Route) -> &'static str {
    match route {
        Route::Home => "home",
        Route::Notebook => "notebook",
        Route::Teach | Route::Project(_) => "project",
    }
}

/// The key of a view's title.
fn title(route: Route) -> &'static str {
    match route {
        Route::Home => "view-home",
        Route::Notebook => "view-notebook",
        Route::Teach | Route::Project(_) => "view-project",
    }
}

/// Moves to the content, without an address of its own for it.
fn skip(event: MouseEvent) {
    event.prevent_default();
    focus_main();
}

fn focus_main() {
    let document = web_sys::window().and_then(|window| window.document());
    let main = document.and_then(|document| document.get_element_by_id("main"));
    if let Some(main) = main.and_then(|main| main.dyn_into::<HtmlElement>().ok()) {
        // Refused to what cannot have it: then it stays where it is.
        let _ = main.focus();
    }
}

/// Another view begins at its top, for the eye and for the keyboard.
#[hook]
fn use_view_focus(route: Route) {
    let seen = use_mut_ref(|| None::<&'static str>);
    use_effect_with(route, move |route| {
        let before = seen.replace(Some(name(*route)));
        if before.is_some_and(|before| before != name(*route)) {
            if let Some(window) = web_sys::window() {
                window.scroll_to_with_x_and_y(0.0, 0.0);
            }
            focus_main();
        }
    });
}

/// Does once what has to be done before the view can be shown.
#[hook]
fn use_view_status(route: Route, status: ViewStatus, port: &Port, put: &Callback<Route>, locale: &Locale) {
    let asked = use_mut_ref(|| None::<Route>);
    let (port, put, locale) = (port.clone(), put.clone(), locale.clone());
    use_effect_with((route, status), move |&(route, status)| {
        let again = *asked.borrow() == Some(route);
        let ask = |command: ProjectCommand| {
            if !again {
                asked.replace(Some(route));
                port.send(Command::Project(command));
            }
        };
        match status {
            ViewStatus::Load(project) => ask(ProjectCommand::Open(project)),
            ViewStatus::Create => {
                let classes =
                    [1_u32, 2].map(|number| locale.fill("class-default-name", &[("number", number.into())]));
                ask(ProjectCommand::Create { name: locale.text("project-default-name"), classes });
            }
            ViewStatus::Redirect(project) => put.emit(Route::Project(project)),
            ViewStatus::Ready => drop(asked.take()),
            ViewStatus::Waiting(_) | ViewStatus::NotFound => {}
        }
    });
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

/// Gives the document its language and the view's title, for a project its name.
fn label_document(route: Route, named: Option<&str>, locale: &Locale) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let page = locale.text("page-title");
    document.set_title(&match route {
        Route::Home => page,
        _ => format!("{} – {page}", named.map_or_else(|| locale.text(title(route)), str::to_owned)),
    });
    if let Some(root) = document.document_element() {
        // Refused only for names that are no attribute names.
        let _ = root.set_attribute("lang", locale.language().code());
    }
}
