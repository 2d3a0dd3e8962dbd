use yew::prelude::*;

/// What a progress bar needs.
#[derive(Properties, PartialEq)]
pub struct ProgressProps {
    /// What it measures, for those who cannot see it.
    pub label: AttrValue,
    /// How much is done.
    pub done: f64,
    /// How much there is in all; 0 where nothing is known yet.
    pub total: f64,
}

/// A progress bar; without a total it only shows that something is going on.
#[component]
pub fn Progress(props: &ProgressProps) -> Html {
    let known = props.total > 0.0;
    let value = known.then(|| props.done.to_string());
    let max = if known { props.total } else { 1.0 };
    html! { <progress aria-label={props.label.clone()} max={max.to_string()} {value} /> }
}
