use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What a text field needs.
#[derive(Properties, PartialEq)]
pub struct TextFieldProps {
    /// Its name in tests.
    pub name: AttrValue,
    /// What it asks for.
    pub label: AttrValue,
    /// What stands in it.
    pub value: AttrValue,
    /// Whether it cannot be changed now.
    #[prop_or_default]
    pub disabled: bool,
    /// Gets what stands in it when the person is done with it and it is something else.
    pub onchange: Callback<String>,
}

/// A labelled field for a name. What cannot be a name is put back.
#[component]
pub fn TextField(props: &TextFieldProps) -> Html {
    // What is being typed, while the page around is drawn anew.
    let typed = use_state(|| None::<String>);
    use_effect_with(props.value.clone(), {
        let typed = typed.setter();
        move |_| typed.set(None)
    });
    let oninput = {
        let typed = typed.setter();
        move |event: InputEvent| typed.set(Some(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    // A new name stays there until the field's value is it, or something else was put back.
    let onblur = {
        let (typed, value) = (typed.clone(), props.value.clone());
        move |_: FocusEvent| {
            if typed.as_ref().is_some_and(|typed| typed.trim().is_empty() || typed.trim() == &*value) {
                typed.set(None);
            }
        }
    };
    let onchange = {
        let (onchange, value) = (props.onchange.clone(), props.value.clone());
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            match input.value().trim() {
                "" => input.set_value(&value),
                typed if *typed == *value => {}
                typed => onchange.emit(typed.to_owned()),
            }
        })
    };
    html! {
        <label class="field">
            <span>{ &props.label }</span>
            <input
                type="text"
                maxlength="60"
                data-testid={props.name.clone()}
                value={typed.as_ref().map_or_else(|| props.value.clone(), |typed| typed.clone().into())}
                disabled={props.disabled}
                {oninput}
                {onchange}
                {onblur}
            />
        </label>
    }
}
