use web_sys::Element;
use yew::prelude::*;

/// What a button to hold needs.
#[derive(Properties, PartialEq)]
pub struct HoldButtonProps {
    /// Its name in tests.
    pub name: &'static str,
    /// What it says.
    pub label: AttrValue,
    /// Id of the text that explains it.
    pub described: AttrValue,
    /// Whether it cannot be held now; where it is being held, it is let go.
    pub disabled: bool,
    /// Gets `true` when it is pressed and `false` when it is let go.
    pub onhold: Callback<bool>,
}

/// A button that does something for as long as it is held: with a mouse, a finger or a pen, or
/// with the space bar or the enter key. What presses it without holding it, as a screen reader
/// does, holds it until the next press.
#[component]
pub fn HoldButton(props: &HoldButtonProps) -> Html {
    let held = use_state(|| false);
    let now = use_mut_ref(|| false);
    let hold = {
        let (held, now, onhold) = (held.clone(), now.clone(), props.onhold.clone());
        move |hold: bool| {
            if now.replace(hold) != hold {
                held.set(hold);
                onhold.emit(hold);
            }
        }
    };
    use_effect_with(props.disabled, {
        let hold = hold.clone();
        move |disabled| {
            if *disabled {
                hold(false);
            }
        }
    });
    let onpointerdown = {
        let hold = hold.clone();
        move |event: PointerEvent| {
            if event.button() != 0 || !event.is_primary() {
                return;
            }
            if let Some(button) = event.target_dyn_into::<Element>() {
                // Without it the button is let go where the pointer leaves it.
                let _ = button.set_pointer_capture(event.pointer_id());
            }
            hold(true);
        }
    };
    let release = {
        let hold = hold.clone();
        move |_: PointerEvent| hold(false)
    };
    let onkeydown = {
        let hold = hold.clone();
        move |event: KeyboardEvent| {
            if is_press(&event) {
                event.prevent_default();
                if !event.repeat() {
                    hold(true);
                }
            }
        }
    };
    let onkeyup = {
        let hold = hold.clone();
        move |event: KeyboardEvent| {
            if is_press(&event) {
                event.prevent_default();
                hold(false);
            }
        }
    };
    let onblur = {
        let hold = hold.clone();
        move |_: FocusEvent| hold(false)
    };
    let onclick = {
        let now = now.clone();
        move |event: MouseEvent| {
            // A click of a pointer has a count; those of keys were prevented.
            if event.detail() == 0 {
                let next = !*now.borrow();
                hold(next);
            }
        }
    };
    // A finger's end makes a click of what lies under it by then: with the page moved by what was done
    // meanwhile, another button.
    html! {
        <button
            type="button"
            class="hold"
            data-testid={props.name}
            aria-pressed={held.to_string()}
            aria-describedby={props.described.clone()}
            disabled={props.disabled}
            {onpointerdown}
            onpointerup={release.clone()}
            onpointercancel={release.clone()}
            onlostpointercapture={release}
            {onkeydown}
            {onkeyup}
            {onblur}
            {onclick}
            ontouchend={|event: TouchEvent| event.prevent_default()}
            oncontextmenu={|event: MouseEvent| event.prevent_default()}
        >
            { &props.label }
        </button>
    }
}

fn is_press(event: &KeyboardEvent) -> bool {
    matches!(event.key().as_str(), " " | "Enter")
}
