use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What a slider needs.
#[derive(Properties, PartialEq)]
pub struct SliderProps {
    /// Its name in tests; its id and its note's are made from it.
    pub name: &'static str,
    /// What it sets.
    pub label: AttrValue,
    /// What that means.
    pub note: AttrValue,
    /// Where it stands, from 0 to `most`.
    pub value: f32,
    /// Its other end.
    pub most: f32,
    /// From one value to the next.
    pub step: f32,
    /// Where it stands, in words.
    pub shown: AttrValue,
    /// Gets where it is put.
    pub oninput: Callback<f32>,
}

/// A labelled slider that says its value.
#[component]
pub fn Slider(props: &SliderProps) -> Html {
    let note_id = format!("{}-note", props.name);
    let oninput = props.oninput.clone();
    let oninput = Callback::from(move |event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let value = input.value_as_number();
        if value.is_finite() {
            oninput.emit(value as f32);
        }
    });
    html! {
        <div class="field slider">
            <label for={props.name}>{ &props.label }{ " " }<strong>{ &props.shown }</strong></label>
            <input
                type="range"
                id={props.name}
                data-testid={props.name}
                min="0"
                max={props.most.to_string()}
                step={props.step.to_string()}
                value={props.value.to_string()}
                aria-valuetext={props.shown.clone()}
                aria-describedby={note_id.clone()}
                {oninput}
            />
            <small id={note_id}>{ &props.note }</small>
        </div>
    }
}
