use yew::prelude::*;

use crate::ui::i18n::keys;
use crate::ui::locale::use_locale;
use crate::ui::state::{Standing, Wait};

/// What a cell of the notebook needs.
#[derive(Properties, PartialEq)]
pub struct FrameProps {
    /// The cell's id; its title's and its wait's are made from it.
    pub id: &'static str,
    /// Its number, from 1.
    pub number: u32,
    /// Its title.
    pub title: AttrValue,
    /// A sentence or two of explanation.
    pub intro: AttrValue,
    /// How it stands.
    pub standing: Standing,
    /// Why its controls cannot be used now, where they cannot.
    #[prop_or_default]
    pub blocked: Option<Wait>,
    /// Whether it folds to its output when it is done.
    #[prop_or(true)]
    pub folds: bool,
    /// What stays to be seen when it is folded.
    pub output: Html,
    /// Its controls.
    #[prop_or_default]
    pub children: Html,
}

/// A cell: number, title, explanation and controls, and its output below.
#[component]
pub fn Frame(props: &FrameProps) -> Html {
    let locale = use_locale();
    let FrameProps { id, number, title, intro, standing, .. } = props;
    let (title_id, wait_id) = (format!("{id}-title"), format!("{id}-wait"));
    let open = !(props.folds && *standing == Standing::Done);
    let waits = match (standing, props.blocked) {
        (Standing::Busy, _) => None,
        (_, Some(wait)) => Some(wait),
        (Standing::Waits(wait), None) => Some(*wait),
        _ => None,
    };
    // One node in either case: Yew counts children from the end, and where one came or went it would
    // make those before it anew, with a camera that runs in them.
    let waits = waits.map_or_else(Html::default, |wait| {
        html! { <p class="waits" id={wait_id}>{ locale.text(keys::wait(wait)) }</p> }
    });
    let word = match standing {
        Standing::Waits(_) => "waits",
        Standing::Idle => "idle",
        Standing::Ready => "ready",
        Standing::Busy => "busy",
        Standing::Done => "done",
        Standing::Failed => "failed",
    };
    html! {
        <section class="cell" id={*id} aria-labelledby={title_id.clone()} data-standing={word}>
            <details class="steps" {open}>
                <summary data-testid={format!("{id}-fold")}>
                    <h2 id={title_id}><span class="number">{ number }</span>{ " " }{ title }</h2>
                    <span class="standing">{ locale.text(keys::standing(*standing)) }</span>
                </summary>
                <p>{ intro }</p>
                { props.children.clone() }
                { waits }
            </details>
            <div class="output">{ props.output.clone() }</div>
        </section>
    }
}
