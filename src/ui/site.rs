//! The page's end of the line to its service worker, which keeps the site's files.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use js_sys::{Function, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DomException, MessageEvent, Navigator, ServiceWorkerContainer, ServiceWorkerRegistration};

use super::state::Site;
use crate::browser::download::within;

const SCRIPT: &str = "./service-worker.js";
/// Milliseconds until an installation that failed is tried again; doubled each time.
const FIRST_WAIT: u32 = 5_000;
/// ... up to this.
const LONGEST_WAIT: u32 = 300_000;
/// A registration that has not answered after so many has failed: it fetches one small file.
const REGISTERING: u32 = 60_000;

/// Watches over what is kept of the site. Lives as long as the page.
pub struct SiteKeeper {
    container: Option<ServiceWorkerContainer>,
    registration: RefCell<Option<ServiceWorkerRegistration>>,
    tell: Box<dyn Fn(Site)>,
    /// Looks at everything again: called whenever something has changed.
    on_change: RefCell<Option<Function>>,
    /// Whether an installation is being waited for.
    trying: Cell<bool>,
    wait: Cell<u32>,
    /// Whether the person wants the new version.
    applying: Cell<bool>,
    /// Whether what is kept is of another version than this page.
    stale: Cell<bool>,
}

impl SiteKeeper {
    /// Has the site's files kept, and tells how that stands now and after each change.
    pub fn start(tell: impl Fn(Site) + 'static) -> Rc<Self> {
        let keeper = Rc::new(Self {
            container: container(),
            registration: RefCell::default(),
            tell: Box::new(tell),
            on_change: RefCell::default(),
            trying: Cell::new(false),
            wait: Cell::new(FIRST_WAIT),
            applying: Cell::new(false),
            stale: Cell::new(false),
        });
        let Some(container) = &keeper.container else {
            (keeper.tell)(Site::Unsupported);
            return keeper;
        };
        let looking = Rc::clone(&keeper);
        let on_change = Closure::<dyn FnMut()>::new(move || looking.look());
        let hearing = Rc::clone(&keeper);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            hearing.hear(&event.data());
        });
        container.set_oncontrollerchange(Some(on_change.as_ref().unchecked_ref()));
        container.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        *keeper.on_change.borrow_mut() = Some(on_change.into_js_value().unchecked_into());
        on_message.forget();
        keeper.try_now();
        keeper
    }

    /// Tries to have the files kept, where that is not being done.
    pub fn try_now(self: &Rc<Self>) {
        let Some(container) = self.container.clone().filter(|_| !self.trying.replace(true)) else { return };
        let keeper = Rc::clone(self);
        spawn_local(async move {
            let registering = JsFuture::from(container.register(SCRIPT));
            match within(REGISTERING, registering).await {
                Ok(Ok(registration)) => {
                    let registration: ServiceWorkerRegistration = registration.unchecked_into();
                    registration.set_onupdatefound(keeper.on_change.borrow().as_ref());
                    *keeper.registration.borrow_mut() = Some(registration);
                    keeper.look();
                }
                // Not at this address, for instance since its certificate is not trusted.
                Ok(Err(error)) if is_refusal(&error) => (keeper.tell)(Site::Unsupported),
                Ok(Err(_)) | Err(_) => keeper.fail(),
            }
        });
    }

    /// Takes the new version: the page is loaded anew, unless others of it are open.
    pub fn apply(&self) {
        if self.stale.get() {
            reload();
        }
        if let Some(waiting) = self.registration.borrow().as_ref().and_then(|known| known.waiting()) {
            self.applying.set(true);
            // Fails only where the browser has no memory left.
            let _ = waiting.post_message(&"apply".into());
        }
    }

    /// Sees how things stand.
    fn look(self: &Rc<Self>) {
        let registration = self.registration.borrow().clone();
        let Some(registration) = registration else { return };
        let (installing, waiting) = (registration.installing(), registration.waiting());
        for worker in [&installing, &waiting].into_iter().flatten() {
            worker.set_onstatechange(self.on_change.borrow().as_ref());
        }
        let active = registration.active();
        self.trying.set(installing.is_some());
        let site = match (&active, &installing, &waiting) {
            (Some(_), _, None) if self.applying.get() => return reload(),
            (Some(_), _, Some(_)) => Site::Update { others: 0 },
            (Some(_), ..) if self.stale.get() => Site::Update { others: 0 },
            (Some(_), ..) => Site::Kept,
            (None, Some(_), _) => Site::Coming { done: 0, total: 0 },
            (None, None, Some(_)) => return,
            (None, None, None) => return self.fail(),
        };
        if let Some(active) = active
            && self.container.as_ref().is_some_and(|container| container.controller().is_none())
            && !self.stale.get()
        {
            // The page came from the server. If it is of the version that is kept, it gets all
            // further files from there.
            let _ = active.post_message(&version().into());
        }
        (self.tell)(site);
    }

    /// Takes in what the service worker says.
    fn hear(&self, message: &JsValue) {
        let number = |name: &str| {
            let value = Reflect::get(message, &name.into()).ok()?;
            value.as_f64()
        };
        if let (Some(done), Some(total)) = (number("done"), number("total")) {
            // News of an update that comes in is no news yet.
            let registration = self.registration.borrow();
            if registration.as_ref().is_none_or(|registration| registration.active().is_none()) {
                (self.tell)(Site::Coming { done: done as u64, total: total as u64 });
            }
        } else if let Some(others) = number("others") {
            self.applying.set(false);
            (self.tell)(Site::Update { others: others as u32 });
        } else {
            self.stale.set(true);
            (self.tell)(Site::Update { others: 0 });
        }
    }

    /// Says that it went wrong, and tries again later.
    fn fail(self: &Rc<Self>) {
        self.trying.set(false);
        (self.tell)(Site::Failed);
        let wait = self.wait.get();
        self.wait.set((wait * 2).min(LONGEST_WAIT));
        let keeper = Rc::clone(self);
        spawn_local(async move {
            TimeoutFuture::new(wait).await;
            keeper.try_now();
        });
    }
}

fn navigator() -> Option<Navigator> {
    Some(web_sys::window()?.navigator())
}

/// `None` on a plain http address, and in browsers without.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = navigator()?;
    let there = Reflect::get(&navigator, &"serviceWorker".into()).ok()?.is_object();
    there.then(|| navigator.service_worker())
}

/// Whether the browser refuses on principle: trying again would not help.
fn is_refusal(error: &JsValue) -> bool {
    error.dyn_ref::<DomException>().is_some_and(|exception| exception.name() == "SecurityError")
}

fn reload() {
    if let Some(window) = web_sys::window() {
        // Refused only in documents that are gone.
        let _ = window.location().reload();
    }
}

/// The page's version, as the build wrote it into the document.
pub fn version() -> String {
    let document = web_sys::window().and_then(|window| window.document());
    let meta = document.and_then(|document| document.query_selector("meta[name=version]").ok()?);
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}

thread_local! {
    /// Whether the browser was asked in this visit: it may ask the person.
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

/// Asks the browser, once a visit, not to throw away what is kept when it needs room.
pub fn persist() {
    let Some(navigator) = navigator().filter(|_| !ASKED.replace(true)) else { return };
    // Not there on a plain http address.
    if Reflect::get(&navigator, &"storage".into()).is_ok_and(|storage| storage.is_object())
        && let Ok(asked) = navigator.storage().persist()
    {
        // Refused, it stays as safe as other pages' files.
        spawn_local(async move { drop(JsFuture::from(asked).await) });
    }
}
