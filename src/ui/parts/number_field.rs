use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::ui::locale::use_locale;

/// What a number field needs.
#[derive(Properties, PartialEq)]
pub struct NumberFieldProps {
    /// Its name in tests; its id and its note's are made from it.
    pub name: &'static str,
    /// What it asks for.
    pub label: AttrValue,
    /// A word of explanation below.
    #[prop_or_default]
    pub note: AttrValue,
    /// What stands in it.
    pub value: AttrValue,
    /// What it says while it is empty.
    #[prop_or_default]
    pub placeholder: AttrValue,
    /// The largest whole number allowed; the smallest is `least`.
    #[prop_or(u32::MAX)]
    pub most: u32,
    /// The smallest number allowed.
    #[prop_or(1)]
    pub least: u32,
    /// What is said of a fraction that cannot be used; without it the field is for whole numbers.
    #[prop_or_default]
    pub fraction: Option<AttrValue>,
    /// Whether what stands in it cannot be used.
    pub invalid: bool,
    /// Whether it cannot be changed now.
    #[prop_or_default]
    pub disabled: bool,
    /// Gets what stands in it with every key.
    #[prop_or_default]
    pub oninput: Callback<String>,
    /// Gets what stands in it when the person is done with it.
    #[prop_or_default]
    pub onchange: Callback<String>,
}

/// A labelled field for a number.
#[component]
pub fn NumberField(props: &NumberFieldProps) -> Html {
    let locale = use_locale();
    let note_id = format!("{}-note", props.name);
    let text = |event: Event| event.target_unchecked_into::<HtmlInputElement>().value();
    let oninput = props.oninput.reform(move |event: InputEvent| text(event.into()));
    let onchange = props.onchange.reform(text);
    let (whole, invalid) = (props.fraction.is_none(), props.invalid);
    let wrong = || {
        let limits =
            [("low", locale.integer(props.least).into()), ("high", locale.integer(props.most).into())];
        props.fraction.clone().unwrap_or_else(|| locale.fill("field-invalid", &limits).into())
    };
    let note = if invalid { wrong() } else { props.note.clone() };
    let limit = |limit: u32| whole.then(|| AttrValue::from(limit.to_string()));
    html! {
        <div class="field">
            <label for={props.name}>{ &props.label }</label>
            <input
                type="number"
                inputmode={if whole { "numeric" } else { "decimal" }}
                id={props.name}
                data-testid={props.name}
                min={limit(props.least)}
                max={limit(props.most)}
                step={if whole { "1" } else { "any" }}
                value={props.value.clone()}
                placeholder={props.placeholder.clone()}
                disabled={props.disabled}
                aria-invalid={props.invalid.to_string()}
                aria-describedby={note_id.clone()}
                {oninput}
                {onchange}
            />
            <small id={note_id} class={classes!(invalid.then_some("invalid"))}>{ note }</small>
        </div>
    }
}
