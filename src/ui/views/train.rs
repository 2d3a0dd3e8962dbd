use yew::prelude::*;

use crate::protocol::{DatasetInfo, ExtractionPhase};
use crate::ui::cells::{
    CellProps, Training, accuracy, change_to, extraction_buttons, extraction_progress, training_output,
};
use crate::ui::drawings::{Drawing, Scene};
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::Charts;

/// What the column of training needs.
#[derive(Properties, PartialEq)]
pub struct TrainProps {
    /// What every part needs.
    pub cell: CellProps,
    /// The training that can be started.
    pub training: Training,
}

/// The second column: one button that trains, and what comes of it.
#[component]
pub fn Train(TrainProps { cell: props, training }: &TrainProps) -> Html {
    let locale = use_locale();
    let state = &props.state;
    // They are computed by themselves, as pictures come in. A project without pictures has none.
    let features = state.features().map_or_else(Html::default, |features| {
        let extraction = &features.extraction;
        let hidden = extraction.total == 0 || extraction.phase == ExtractionPhase::Complete;
        html! {
            <div class="extraction" {hidden}>
                { extraction_progress(&features.extraction, state, &locale) }
                <div class="buttons">{ extraction_buttons(state, &props.port, &locale) }</div>
            </div>
        }
    });
    let split = state.data().map_or_else(Html::default, |data| split(data, &locale));
    let wait = training.blocked.filter(|_| !training.busy).map_or_else(Html::default, |wait| {
        html! { <p class="waits" id="training-wait">{ locale.text(keys::wait(wait)) }</p> }
    });
    let epochs = state.epochs();
    html! {
        <section class="column train" aria-labelledby="train-title">
            <h2 id="train-title">{ locale.text("step-train") }</h2>
            if state.result().is_none() && !training.busy {
                <Drawing scene={Scene::EmptyTrain} />
                <p>{ locale.text("train-about") }</p>
            }
            <div class="main-action">{ training.buttons(props, &locale) }</div>
            { wait }
            { split }
            { features }
            { training_output(state, &locale) }
            { state.result().map_or_else(Html::default, |head| accuracy(head, state, &locale)) }
            <Charts epochs={epochs.to_vec()} />
            <details class="fold" data-testid="train-settings">
                <summary>{ training.plan(&locale) }</summary>
                { training.settings() }
            </details>
            { larger(props, &locale) }
        </section>
    }
}

/// How many pictures the head will learn from, and how many are kept for the exam.
fn split(data: &DatasetInfo, locale: &Locale) -> Html {
    let text = [("train", locale.integer(data.train).into()), ("test", locale.integer(data.test).into())];
    html! {
        <p
            class="small"
            data-testid="dataset-summary"
            data-train={data.train.to_string()}
            data-test={data.test.to_string()}
            data-source={keys::source(data.source)}
            hidden={data.train == 0}
        >
            { locale.fill("train-split", &text) }
        </p>
    }
}

/// Which backbone the project is on, and the way to the larger one.
fn larger(props: &CellProps, locale: &Locale) -> Html {
    let CellProps { state, port } = props;
    let (Some(light), Some(larger)) = (state.backbone(), state.larger()) else { return Html::default() };
    let values = [("name", larger.name.as_str().into()), ("size", locale.megabytes(larger.bytes).into())];
    html! {
        <p class="small" data-testid="project-light">
            { locale.fill("project-light", &[("name", light.name.as_str().into())]) }{ " " }
            <button
                type="button"
                class="quiet"
                data-testid="project-larger"
                disabled={state.can_edit().is_err()}
                onclick={change_to(larger, port)}
            >
                { locale.fill("project-larger", &values) }
            </button>
        </p>
    }
}
