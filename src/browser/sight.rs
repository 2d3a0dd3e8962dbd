//! Whether an element can be seen.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};

/// Where an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Some of it can be seen.
    InSight,
    /// It was scrolled away.
    OutOfSight,
    /// It has no place on the page: what it stands in is closed.
    Closed,
}

/// Watches an element until it is dropped.
pub struct Sight {
    observer: IntersectionObserver,
    _on_change: Closure<dyn FnMut(Array)>,
}

impl Sight {
    /// Tells where `element` is, now and whenever that changes. `None` where the browser cannot.
    pub fn watch(element: &Element, tell: impl Fn(Place) + 'static) -> Option<Self> {
        let on_change = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            // The last one is how things stand now.
            let Some(entry) = entries.iter().last() else { return };
            let entry: IntersectionObserverEntry = entry.unchecked_into();
            tell(match (entry.is_intersecting(), entry.bounding_client_rect().width()) {
                (true, _) => Place::InSight,
                (false, width) if width > 0.0 => Place::OutOfSight,
                (false, _) => Place::Closed,
            });
        });
        let observer = IntersectionObserver::new(on_change.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _on_change: on_change })
    }
}

impl Drop for Sight {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
