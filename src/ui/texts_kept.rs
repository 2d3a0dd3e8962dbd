//! The page's texts stay the page's. It asks browsers not to translate it (`www/index.html`), since it has its own
//! languages. A translator that does it all the same puts an element in the place of each text. Yew holds on to
//! the texts: what they say would go stale, and where it has to insert something before one that is gone it
//! panics. So they are put back.

use std::cell::Cell;

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{MutationObserver, MutationObserverInit, MutationRecord, Node};
use yew::prelude::*;

/// The element that translators put in a text's place. The page has none.
const STAND_IN: &str = "FONT";
/// Texts that are put back at the most: with a translator that does not give in it would never end.
const MOST: u32 = 20_000;

/// Watches over the texts for as long as the page lives.
#[hook]
pub fn use_own_texts() {
    use_effect_with((), |()| {
        let body = web_sys::window().and_then(|window| window.document()?.body());
        body.into_iter().for_each(|body| watch(&body));
    });
}

fn watch(body: &Node) {
    let left = Cell::new(MOST);
    let on_change = Closure::<dyn FnMut(Array)>::new(move |records: Array| {
        for record in records.iter() {
            put_back(&record.unchecked_into(), &left);
        }
    });
    let Ok(observer) = MutationObserver::new(on_change.into_js_value().unchecked_ref()) else { return };
    let changes = MutationObserverInit::new();
    changes.set_child_list(true);
    changes.set_subtree(true);
    // Refused only for settings that contradict each other.
    let _ = observer.observe_with_options(body, &changes);
}

fn put_back(record: &MutationRecord, left: &Cell<u32>) {
    let (parent, removed) = (record.target(), record.removed_nodes());
    let Some(parent) = parent else { return };
    for at in 0..removed.length() {
        let Some(text) = removed.item(at).filter(|node| node.node_type() == Node::TEXT_NODE) else {
            continue;
        };
        let Some(stand_in) = stand_in(record, &parent, &text) else { continue };
        let Some(fewer) = left.get().checked_sub(1) else { return };
        left.set(fewer);
        // It is a child of the parent's, and no text holds its own parent.
        let _ = parent.replace_child(&text, &stand_in);
    }
}

/// What stands among the parent's children in the place of a text that was there.
fn stand_in(record: &MutationRecord, parent: &Node, text: &Node) -> Option<Node> {
    // Moved into it, or put aside for it.
    let around = std::iter::successors(text.parent_node(), Node::parent_node);
    let added = record.added_nodes();
    let beside = (0..added.length())
        .filter_map(|at| added.item(at))
        .chain([record.previous_sibling(), record.next_sibling()].into_iter().flatten());
    let mut candidates = around.chain(beside.filter(|_| text.parent_node().is_none()));
    candidates.find(|node| node.node_name() == STAND_IN && node.parent_node().as_ref() == Some(parent))
}
