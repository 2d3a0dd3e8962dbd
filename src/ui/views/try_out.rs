use std::rc::Rc;

use yew::prelude::*;

use crate::ui::cells::{CellProps, DoubtSettings, LiveCamera, classified, picture_zone};
use crate::ui::drawings::{Drawing, Scene};
use crate::ui::i18n::keys;
use crate::ui::locale::use_locale;

/// The third column: what the trained head says of the camera's pictures and of those in files.
#[component]
pub fn TryOut(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let wait = state.can_classify().err().map_or_else(Html::default, |wait| {
        html! { <p class="waits" id="classify-wait">{ locale.text(keys::wait(wait)) }</p> }
    });
    html! {
        <section class="column try" aria-labelledby="try-title">
            <h2 id="try-title">{ locale.text("step-try") }</h2>
            if state.head.is_none() {
                <Drawing scene={Scene::EmptyTry} />
                <p>{ locale.text("try-about") }</p>
            }
            { wait }
            <LiveCamera state={Rc::clone(state)} port={port.clone()} starts=true />
            { picture_zone(props, &locale) }
            { classified(state, &locale) }
            <DoubtSettings ..props.clone() />
        </section>
    }
}
