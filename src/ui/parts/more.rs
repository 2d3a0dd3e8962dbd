use yew::prelude::*;

use crate::ui::locale::use_locale;

/// What goes beyond the first sentences needs.
#[derive(Properties, PartialEq)]
pub struct MoreProps {
    /// What there is to say; nothing is shown where it is empty.
    #[prop_or_default]
    pub text: AttrValue,
}

/// What goes beyond the first sentences: one asks for it. Its message's name ends in `-more`.
#[component]
pub fn More(props: &MoreProps) -> Html {
    let locale = use_locale();
    if props.text.is_empty() {
        return Html::default();
    }
    html! {
        <details class="more" data-testid="more">
            <summary>{ locale.text("more") }</summary>
            <p>{ &props.text }</p>
        </details>
    }
}
