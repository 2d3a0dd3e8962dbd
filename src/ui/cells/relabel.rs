use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::features::ImageHash;
use crate::protocol::{Command, Trained};
use crate::ui::locale::use_locale;
use crate::ui::port::Port;
use crate::ui::state::State;

/// What a field for an image's true class needs.
#[derive(Properties, PartialEq)]
pub struct RelabelProps {
    /// The image.
    pub image: ImageHash,
    /// What it counts as, a place among the classes.
    pub label: u16,
    /// The classes' names.
    pub classes: Vec<String>,
    /// Sends commands.
    pub port: Port,
}

/// A field that says of which class an image really is.
#[component]
pub fn Relabel(props: &RelabelProps) -> Html {
    let locale = use_locale();
    let RelabelProps { image, label, classes, port } = props;
    let onchange = {
        let (port, image) = (port.clone(), *image);
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            if let Ok(label) = select.value().parse() {
                port.send(Command::Correct { image, label });
            }
        })
    };
    let options = classes.iter().zip(0_u16..).map(|(name, place)| {
        html! { <option value={place.to_string()} selected={place == *label}>{ locale.class(name) }</option> }
    });
    html! {
        <label class="relabel">
            <span>{ locale.text("relabel") }</span>
            <select data-testid="relabel" {onchange}>{ for options }</select>
        </label>
    }
}

/// How many labels were corrected, and a training that begins anew with them.
pub fn corrected(head: &Trained, state: &State, port: &Port, locale: &crate::ui::locale::Locale) -> Html {
    if state.corrections.is_empty() {
        return Html::default();
    }
    let count = state.corrections.len() as u32;
    let values = [("count", count.into()), ("shown", locale.integer(count).into())];
    html! {
        <div class="beside" role="status" data-testid="corrected" data-count={count.to_string()}>
            <p>{ locale.fill("relabel-done", &values) }</p>
            <button
                type="button"
                data-testid="retrain"
                disabled={state.can_train().is_err()}
                onclick={port.on_click(Command::Train(head.options))}
            >
                { locale.text("relabel-train") }
            </button>
        </div>
    }
}
