use yew::prelude::*;

use crate::protocol::Command;
use crate::ui::cells::{
    CellProps, ClassifyCell, DataCell, EngineCell, FeaturesCell, ResultCell, TrainingCell,
};
use crate::ui::drawings::{Drawing, Scene};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::state::RunAll;

/// The notebook's cells, in their order.
#[component]
pub fn Notebook(props: &CellProps) -> Html {
    let locale = use_locale();
    html! {
        <>
            { beginning(props, &locale) }
            <div class="cells">
                <EngineCell ..props.clone() />
                <DataCell ..props.clone() />
                <FeaturesCell ..props.clone() />
                <TrainingCell ..props.clone() />
                <ResultCell ..props.clone() />
                <ClassifyCell ..props.clone() />
            </div>
        </>
    }
}

/// What it is about, and the button that runs all of it, until a head is there.
fn beginning(props: &CellProps, locale: &Locale) -> Html {
    let CellProps { state, port } = props;
    if state.head.is_some() {
        return Html::default();
    }
    let runs = state.run_all != RunAll::Off;
    let run = {
        let port = port.clone();
        move |_: MouseEvent| port.run_all()
    };
    html! {
        <section class="beginning" aria-labelledby="beginning-title">
            <div>
                <h1 id="beginning-title">{ locale.text("notebook-title") }</h1>
                <p>{ locale.text("notebook-about") }</p>
                <div class="buttons">
                    <button
                        type="button"
                        data-testid="notebook-run"
                        disabled={runs || state.can_use_data().is_err()}
                        onclick={run}
                    >
                        { locale.text(if runs { "notebook-running" } else { "notebook-run" }) }
                    </button>
                    if runs {
                        <button
                            type="button"
                            class="quiet"
                            data-testid="notebook-stop"
                            onclick={port.on_click(Command::Cancel)}
                        >
                            { locale.text("data-cancel") }
                        </button>
                    }
                </div>
            </div>
            <Drawing scene={Scene::Bottleneck} />
        </section>
    }
}
