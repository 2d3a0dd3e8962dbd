//! The keyboard's focus stays where the person is. Where a control goes, or cannot be used for a
//! while, browsers leave the focus nowhere, and the next key begins at the top of the page. Here
//! what the control stands in takes it over, and gives it back once the control can be used again.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use js_sys::Array;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, FocusOptions, HtmlElement, MutationObserver, MutationObserverInit};
use yew::prelude::*;

/// What hides a control on this page, besides its own attribute.
const HIDDEN: &str = "[hidden], dialog:not([open]), details:not([open]) > :not(summary), \
                      .folds > details:not([open]) ~ .output";
/// The attributes that decide whether a control can be used.
const DECIDING: [&str; 3] = ["disabled", "hidden", "open"];

/// Where the person is.
#[derive(Default)]
struct Focus {
    /// The control that has the focus or had it last.
    control: Option<HtmlElement>,
    /// What it stands in, from within. Once it is gone, it cannot be asked any more.
    around: Vec<Element>,
    /// What has taken the focus over.
    deputy: Option<HtmlElement>,
    /// Whether the focus is shown, as it is to who uses the keyboard.
    seen: bool,
}

/// Watches over the focus for as long as the page lives.
#[hook]
pub fn use_focus() {
    use_effect_with((), |()| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            watch(&document);
        }
    });
}

fn watch(document: &Document) {
    let focus = Rc::new(RefCell::new(Focus::default()));
    let coming = Rc::clone(&focus);
    let on_focus = EventListener::new(document, "focusin", move |event| {
        let control = event.target().and_then(|target| target.dyn_into().ok());
        control.into_iter().for_each(|control| coming.borrow_mut().come_to(control));
    });
    on_focus.forget();
    // Who points somewhere means that place, be it nothing.
    let leaving = Rc::clone(&focus);
    let first = EventListenerOptions::run_in_capture_phase();
    let on_pointer = EventListener::new_with_options(document, "pointerdown", first, move |_| {
        leaving.take();
    });
    on_pointer.forget();

    let on_change = {
        let document = document.clone();
        Closure::<dyn FnMut()>::new(move || keep(&focus, &document)).into_js_value()
    };
    let Ok(observer) = MutationObserver::new(on_change.unchecked_ref()) else { return };
    let changes = MutationObserverInit::new();
    changes.set_child_list(true);
    changes.set_subtree(true);
    changes.set_attribute_filter(&DECIDING.map(JsValue::from).into_iter().collect::<Array>());
    // Refused only for settings that contradict each other.
    let _ = observer.observe_with_options(document, &changes);
}

impl Focus {
    fn come_to(&mut self, control: HtmlElement) {
        if self.deputy.as_ref() != Some(&control) {
            let around =
                std::iter::successors(control.parent_element(), |inner| inner.parent_element()).collect();
            let seen = control.matches(":focus-visible").unwrap_or(true);
            *self = Self { control: Some(control), around, deputy: None, seen };
        }
    }

    /// The nearest thing around the control that can have the focus.
    fn nearest(&self, document: &Document) -> Option<HtmlElement> {
        let places = self.around.iter().filter_map(|around| match around.tag_name().as_str() {
            "DETAILS" => around.query_selector(":scope > summary").ok()?,
            "SECTION" | "ARTICLE" => Some(around.clone()),
            _ => None,
        });
        let place = places.into_iter().find(can_be_used);
        place.or_else(|| document.query_selector("main").ok()?)?.dyn_into().ok()
    }
}

/// Sees to the focus after something on the page has changed.
fn keep(focus: &RefCell<Focus>, document: &Document) {
    let (control, deputy, next, seen) = {
        let focus = focus.borrow();
        let Some(control) = focus.control.clone() else { return };
        (control, focus.deputy.clone(), focus.nearest(document), focus.seen)
    };
    // `None` and the body are nowhere.
    let active = document.active_element().filter(|active| active.tag_name() != "BODY");
    let is_active = |element: &HtmlElement| active.as_ref() == Some(element.as_ref());
    let held = deputy.as_ref().is_some_and(is_active);
    // Elsewhere, as in the browser's own controls.
    if !document.has_focus().unwrap_or(false) || !(active.is_none() || held || is_active(&control)) {
        return;
    }
    if can_be_used(&control) {
        if !is_active(&control) {
            give(&control, seen);
        }
    } else if let Some(deputy) = next.as_ref().filter(|next| is_active(next) && seen && !is_in_sight(next)) {
        // What stands above has folded, and not every browser keeps its place then.
        deputy.scroll_into_view();
    } else if let Some(next) = next.filter(|next| !is_active(next)) {
        focus.borrow_mut().deputy = Some(next.clone());
        // Some are stops of the Tab key already.
        if next.tab_index() < 0 {
            next.set_tab_index(-1);
        }
        give(&next, seen);
    }
}

/// Gives the focus to an element. It comes into sight where the focus is `seen`; who points with a
/// mouse may be looking at something else.
fn give(element: &HtmlElement, seen: bool) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(!seen || is_in_sight(element));
    // Refused to what cannot have it: then it stays nowhere.
    let _ = element.focus_with_options(&options);
}

/// Whether any of it is.
fn is_in_sight(element: &Element) -> bool {
    let height = web_sys::window().and_then(|window| window.inner_height().ok()?.as_f64());
    let place = element.get_bounding_client_rect();
    place.bottom() > 0.0 && height.is_none_or(|height| place.top() < height)
}

fn can_be_used(element: &Element) -> bool {
    let disabled = element.matches(":disabled").unwrap_or(false);
    element.is_connected() && !disabled && element.closest(HIDDEN).is_ok_and(|hidden| hidden.is_none())
}
