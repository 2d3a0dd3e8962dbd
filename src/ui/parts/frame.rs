use web_sys::Element;
use yew::prelude::*;

use super::{More, Terms};
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
    /// What goes beyond them.
    #[prop_or_default]
    pub more: AttrValue,
    /// Words of the field that are used here for the first time, by their keys in the glossary.
    #[prop_or_default]
    pub terms: Vec<&'static str>,
    /// How it stands.
    pub standing: Standing,
    /// Why its controls cannot be used now, where they cannot.
    #[prop_or_default]
    pub blocked: Option<Wait>,
    /// Whether it folds to one line, output and all, where it is not its turn.
    #[prop_or(true)]
    pub folds: bool,
    /// Whether it stays folded while it works, for it does so by itself.
    #[prop_or_default]
    pub quiet: bool,
    /// Whether it is the one to go on with.
    #[prop_or_default]
    pub next: bool,
    /// What has come of it, in a line: what is seen where it is folded.
    #[prop_or_default]
    pub line: Option<String>,
    /// What has come of it.
    pub output: Html,
    /// Its controls.
    #[prop_or_default]
    pub children: Html,
}

/// A cell: number, title, explanation and controls, and its output below. It opens when its turn comes and folds
/// when it is done; one that the person has opened stays open.
#[component]
pub fn Frame(props: &FrameProps) -> Html {
    let locale = use_locale();
    let FrameProps { id, number, title, intro, standing, folds, quiet, next, .. } = props;
    let (title_id, wait_id) = (format!("{id}-title"), format!("{id}-wait"));
    let fold = use_node_ref();
    let chosen = use_state(|| None::<bool>);
    let opens = match standing {
        Standing::Failed | Standing::Ready => true,
        Standing::Busy => !quiet,
        Standing::Waits(_) | Standing::Idle | Standing::Done => false,
    };
    let open = chosen.unwrap_or(opens || !folds);
    let word = word(*standing);
    // Who closed it closed it as it stood.
    use_effect_with(word, {
        let chosen = chosen.clone();
        move |_| {
            if *chosen == Some(false) {
                chosen.set(None);
            }
        }
    });
    // Told of what the page does as well, and by the details within.
    let ontoggle = {
        let (fold, chosen) = (fold.clone(), chosen.clone());
        Callback::from(move |_: Event| {
            let now = fold.cast::<Element>().map(|fold| fold.has_attribute("open"));
            if now.is_some_and(|now| now != open) {
                chosen.set(now);
            }
        })
    };
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
    html! {
        <section
            class={classes!("cell", next.then_some("next"), folds.then_some("folds"))}
            id={*id}
            aria-labelledby={title_id.clone()}
            data-standing={word}
        >
            <details class="steps" ref={fold} {open} {ontoggle}>
                <summary data-testid={format!("{id}-fold")}>
                    <h2 id={title_id}><span class="number">{ number }</span>{ " " }{ title }</h2>
                    <span class="line" data-testid={format!("{id}-line")}>{ props.line.clone() }</span>
                    <span class="standing">{ locale.text(keys::standing(*standing)) }</span>
                </summary>
                <p>{ intro }</p>
                <div class="beside">
                    <More text={props.more.clone()} />
                    <Terms terms={props.terms.clone()} />
                </div>
                { props.children.clone() }
                { waits }
            </details>
            <div class="output">{ props.output.clone() }</div>
        </section>
    }
}

/// A cell's standing in tests and styles.
fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Waits(_) => "waits",
        Standing::Idle => "idle",
        Standing::Ready => "ready",
        Standing::Busy => "busy",
        Standing::Done => "done",
        Standing::Failed => "failed",
    }
}
