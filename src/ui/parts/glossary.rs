use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

use crate::ui::locale::use_locale;

/// The glossary's id.
const ID: &str = "glossary";

/// The field's words and what they mean, in the order in which one meets them.
const TERMS: [(&str, &str); 26] = [
    ("term-class", "term-class-about"),
    ("term-label", "term-label-about"),
    ("term-take", "term-take-about"),
    ("term-training", "term-training-about"),
    ("term-validation", "term-validation-about"),
    ("term-test", "term-test-about"),
    ("term-network", "term-network-about"),
    ("term-weights", "term-weights-about"),
    ("term-engine", "term-engine-about"),
    ("term-transfer", "term-transfer-about"),
    ("term-feature", "term-feature-about"),
    ("term-bottleneck", "term-bottleneck-about"),
    ("term-head", "term-head-about"),
    ("term-epoch", "term-epoch-about"),
    ("term-batch", "term-batch-about"),
    ("term-learning-rate", "term-learning-rate-about"),
    ("term-dropout", "term-dropout-about"),
    ("term-seed", "term-seed-about"),
    ("term-loss", "term-loss-about"),
    ("term-overfitting", "term-overfitting-about"),
    ("term-accuracy", "term-accuracy-about"),
    ("term-interval", "term-interval-about"),
    ("term-confusion", "term-confusion-about"),
    ("term-precision", "term-precision-about"),
    ("term-probability", "term-probability-about"),
    ("term-calibration", "term-calibration-about"),
];

fn element<T: JsCast>(id: &str) -> Option<T> {
    web_sys::window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Opens the glossary, at a word where one is given.
fn open(term: Option<&str>) {
    let Some(dialog) = element::<HtmlDialogElement>(ID) else { return };
    if !dialog.open() {
        // Fails only where it is open already.
        let _ = dialog.show_modal();
    }
    if let Some(entry) = term.and_then(element::<HtmlElement>) {
        // Refused to what cannot have it: then it stays on the dialog's button.
        let _ = entry.focus();
    }
}

/// The field's words: a button, and a list that it opens. It is there once, at the page's foot.
#[component]
pub fn Glossary() -> Html {
    let locale = use_locale();
    let entries = TERMS.iter().map(|(term, about)| {
        html! {
            <div key={*term} id={*term} tabindex="-1">
                <dt>{ locale.text(term) }</dt>
                <dd>{ locale.text(about) }</dd>
            </div>
        }
    });
    let close = |_: MouseEvent| element::<HtmlDialogElement>(ID).iter().for_each(HtmlDialogElement::close);
    html! {
        <>
            <button
                type="button"
                class="quiet"
                aria-haspopup="dialog"
                data-testid="glossary-open"
                onclick={|_: MouseEvent| open(None)}
            >
                { locale.text("glossary-title") }
            </button>
            <dialog id={ID} class="glossary" aria-labelledby="glossary-title" data-testid="glossary">
                <div class="glossary-head">
                    <h2 id="glossary-title">{ locale.text("glossary-title") }</h2>
                    <button type="button" class="quiet" data-testid="glossary-close" onclick={close}>
                        { locale.text("glossary-close") }
                    </button>
                </div>
                <dl>{ for entries }</dl>
            </dialog>
        </>
    }
}

/// What new words need.
#[derive(Properties, PartialEq)]
pub struct TermsProps {
    /// Their keys in the glossary.
    pub terms: Vec<&'static str>,
}

/// Words that are used for the first time: each is a button that opens the glossary at it.
#[component]
pub fn Terms(props: &TermsProps) -> Html {
    let locale = use_locale();
    if props.terms.is_empty() {
        return Html::default();
    }
    let terms = props.terms.iter().map(|&term| {
        html! {
            <button
                key={term}
                type="button"
                class="term"
                aria-haspopup="dialog"
                data-testid={term}
                onclick={move |_: MouseEvent| open(Some(term))}
            >
                { locale.text(term) }
            </button>
        }
    });
    html! { <p class="terms"><span>{ locale.text("terms-new") }</span>{ for terms }</p> }
}
