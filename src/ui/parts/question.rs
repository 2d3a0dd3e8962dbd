use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// What a question needs.
#[derive(Properties, PartialEq)]
pub struct QuestionProps {
    /// The name in tests of the button that opens it; the confirming one ends in `-confirm`.
    pub name: AttrValue,
    /// What the button says that opens it.
    pub button: AttrValue,
    /// The same for who hears it without what stands around it; empty where it says all.
    #[prop_or_default]
    pub label: AttrValue,
    /// Whether it cannot be asked now.
    pub disabled: bool,
    /// The question.
    pub title: AttrValue,
    /// What will happen.
    pub text: AttrValue,
    /// What the confirming button says.
    pub yes: AttrValue,
    /// What the other one says.
    pub no: AttrValue,
    /// Called when the person confirms.
    pub onconfirm: Callback<()>,
}

/// A button that asks again before it does something that cannot be undone.
#[component]
pub fn Question(props: &QuestionProps) -> Html {
    let dialog = use_node_ref();
    let with_dialog = |act: fn(&HtmlDialogElement)| {
        let dialog = dialog.clone();
        move || {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                act(&dialog);
            }
        }
    };
    let open = with_dialog(|dialog| {
        // Fails only where it is open already.
        let _ = dialog.show_modal();
    });
    let close = with_dialog(HtmlDialogElement::close);
    let confirm = {
        let (close, onconfirm) = (close.clone(), props.onconfirm.clone());
        move |_: MouseEvent| {
            close();
            onconfirm.emit(());
        }
    };
    let title_id = format!("{}-title", props.name);
    html! {
        <>
            <button
                type="button"
                class="quiet"
                data-testid={props.name.clone()}
                aria-label={Some(props.label.clone()).filter(|label| !label.is_empty())}
                disabled={props.disabled}
                onclick={move |_: MouseEvent| open()}
            >
                { &props.button }
            </button>
            <dialog ref={dialog.clone()} aria-labelledby={title_id.clone()}>
                <h3 id={title_id}>{ &props.title }</h3>
                <p>{ &props.text }</p>
                <div class="buttons">
                    <button type="button" data-testid={format!("{}-confirm", props.name)} onclick={confirm}>
                        { &props.yes }
                    </button>
                    <button type="button" class="quiet" onclick={move |_: MouseEvent| close()}>
                        { &props.no }
                    </button>
                </div>
            </dialog>
        </>
    }
}
