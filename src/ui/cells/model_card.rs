use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::CellProps;
use crate::browser::device;
use crate::dataset::Example;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::model_card::{Card, ClassLine, card};
use crate::ui::parts::{DataNotices, Picture};
use crate::ui::phrase::{Phrase, Value};

/// What stands in the tables for what nothing is known of.
const NOTHING: &str = "–";

/// A place beside the page, which is hidden as long as something is shown there.
struct Host(Option<Element>);

impl Host {
    fn new() -> Self {
        let document = web_sys::window().and_then(|window| window.document());
        let body = document.as_ref().and_then(|document| document.body());
        let host = document.and_then(|document| document.create_element("div").ok());
        if let (Some(body), Some(host)) = (body, &host) {
            host.set_class_name("card-host");
            // Refused only where the document is gone.
            let _ = body.append_child(host);
        }
        Self(host)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(host) = &self.0 {
            host.remove();
        }
    }
}

/// A button that shows the model card of the trained head on a page of its own, to be printed.
#[component]
pub fn ModelCard(props: &CellProps) -> Html {
    let locale = use_locale();
    let shown = use_state(|| false);
    let (button, page) = (use_node_ref(), use_node_ref());
    let host = use_memo((), |()| Host::new());
    let card = card(&props.state);
    let open = *shown && card.is_some();
    // One that goes away does not come back by itself.
    use_effect_with(card.is_some(), {
        let shown = shown.clone();
        move |there| {
            if !there {
                shown.set(false);
            }
        }
    });
    // The page that is shown gets the focus, and the button has it again afterwards.
    let before = use_mut_ref(|| false);
    use_effect_with(open, {
        let (button, page) = (button.clone(), page.clone());
        move |open| {
            let was = before.replace(*open);
            let target = match (was, *open) {
                (_, true) => page.cast::<HtmlElement>(),
                (true, false) => button.cast::<HtmlElement>(),
                (false, false) => None,
            };
            if let Some(target) = target {
                // Refused to what is gone.
                let _ = target.focus();
            }
        }
    });
    let Some(card) = card else { return Html::default() };
    let close = {
        let shown = shown.clone();
        Callback::from(move |()| shown.set(false))
    };
    let onclick = {
        let shown = shown.clone();
        move |_: MouseEvent| shown.set(true)
    };
    let drawn = match (&host.0, open) {
        (Some(host), true) => create_portal(view(&card, props, &page, &close, &locale), host.clone()),
        _ => Html::default(),
    };
    html! {
        <>
            <p class="beside">
                <button type="button" class="quiet" data-testid="model-card" ref={button} {onclick}>
                    { locale.text("card-open") }
                </button>
            </p>
            { drawn }
        </>
    }
}

/// The card as a page.
fn view(card: &Card, props: &CellProps, page: &NodeRef, close: &Callback<()>, locale: &Locale) -> Html {
    let title = locale.say(&Phrase::new("card-title").with("name", card.name.clone()));
    let date = locale.say(&Phrase::new("card-date").with("date", Value::Text(device::date())));
    let said = |phrases: &[Phrase]| -> Html {
        phrases.iter().map(|phrase| html! { <p>{ locale.say(phrase) }</p> }).collect()
    };
    let limits = card.limits.iter().map(|phrase| html! { <li>{ locale.say(phrase) }</li> });
    let onkeydown = {
        let close = close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                close.emit(());
            }
        })
    };
    html! {
        <article
            class="card"
            ref={page}
            role="dialog"
            aria-modal="true"
            aria-labelledby="card-title"
            tabindex="-1"
            data-testid="model-card-page"
            {onkeydown}
        >
            <div class="buttons">
                <button type="button" data-testid="model-card-print" onclick={|_: MouseEvent| print()}>
                    { locale.text("card-print") }
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="model-card-close"
                    onclick={close.reform(|_: MouseEvent| ())}
                >
                    { locale.text("card-close") }
                </button>
            </div>
            <h1 id="card-title">{ title }</h1>
            <p class="small">{ date }</p>
            <section>
                <h2>{ locale.text("card-data") }</h2>
                <p>{ locale.say(&card.source) }</p>
                if !card.current {
                    <p>{ locale.text("card-changed") }</p>
                }
                { classes(card, props, locale) }
                { left_out(card, locale) }
            </section>
            <section>
                <h2>{ locale.text("card-split") }</h2>
                { said(&card.split) }
            </section>
            <section>
                <h2>{ locale.text("card-made") }</h2>
                { said(&card.made) }
            </section>
            <section>
                <h2>{ locale.text("card-results") }</h2>
                <p data-testid="card-accuracy"><strong>{ locale.say(&card.result) }</strong></p>
                { results(card, locale) }
            </section>
            <section>
                <h2>{ locale.text("card-limits") }</h2>
                <ul>{ for limits }</ul>
            </section>
        </article>
    }
}

fn print() {
    if let Some(window) = web_sys::window() {
        // Refused where a setting forbids it, which the browser tells.
        let _ = window.print();
    }
}

/// How many images each class has, and one of them.
fn classes(card: &Card, props: &CellProps, locale: &Locale) -> Html {
    let examples = props.state.data().filter(|_| card.current).map(|data| data.examples.as_slice());
    let examples = examples.unwrap_or_default();
    let rows = (0_u16..).zip(&card.classes).map(|(label, class)| {
        let example = examples.iter().find(|example| example.label == label);
        let picture =
            example.map(|Example { image, .. }| html! { <Picture image={image.clone()} label="" /> });
        let train = class.train.map_or_else(|| NOTHING.to_owned(), |train| locale.integer(train));
        html! {
            <tr>
                <th scope="row">{ locale.class(&class.name) }</th>
                <td>{ for picture }</td>
                <td>{ train }</td>
                <td>{ locale.integer(class.test) }</td>
            </tr>
        }
    });
    html! {
        <table>
            <thead>
                <tr>
                    { head("card-class", locale) }
                    { head("card-example", locale) }
                    { head("card-learn", locale) }
                    { head("card-exam", locale) }
                </tr>
            </thead>
            <tbody>{ for rows }</tbody>
        </table>
    }
}

fn head(key: &str, locale: &Locale) -> Html {
    html! { <th scope="col">{ locale.text(key) }</th> }
}

fn left_out(card: &Card, locale: &Locale) -> Html {
    if !card.current {
        return Html::default();
    }
    if card.notices.is_empty() {
        return html! { <p>{ locale.text("card-nothing-left-out") }</p> };
    }
    html! {
        <>
            <h3>{ locale.text("card-left-out") }</h3>
            <DataNotices notices={card.notices.clone()} />
        </>
    }
}

/// How each class did in the exam.
fn results(card: &Card, locale: &Locale) -> Html {
    let row = |class: &ClassLine| {
        let (share, interval) = match class.recall() {
            Some((share, (low, high))) => {
                let values =
                    [("low", locale.percent(low, 0).into()), ("high", locale.percent(high, 0).into())];
                (locale.percent(share, 1), locale.fill("range", &values))
            }
            None => (NOTHING.to_owned(), NOTHING.to_owned()),
        };
        let of =
            [("correct", locale.integer(class.right).into()), ("test", locale.integer(class.test).into())];
        html! {
            <tr data-testid="card-class" data-right={class.right.to_string()} data-test={class.test.to_string()}>
                <th scope="row">{ locale.class(&class.name) }</th>
                <td>{ locale.fill("before-of", &of) }</td>
                <td>{ share }</td>
                <td>{ interval }</td>
            </tr>
        }
    };
    html! {
        <table>
            <thead>
                <tr>
                    { head("card-class", locale) }
                    { head("card-right", locale) }
                    { head("card-recall", locale) }
                    { head("card-interval", locale) }
                </tr>
            </thead>
            <tbody>{ for card.classes.iter().map(row) }</tbody>
        </table>
    }
}
