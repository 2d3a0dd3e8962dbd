use yew::prelude::*;

use super::CellProps;
use crate::protocol::{Command, TrainingOptions};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{EpochTable, Frame, NumberField, Progress};
use crate::ui::state::{Cell, Run, State, Wait, Work};

/// The notebook's number of epochs.
const EPOCHS: u32 = 50;
/// The most that can be asked for.
const MOST_EPOCHS: u32 = 1_000;
/// The seed to begin with: any would do.
const SEED: u64 = 1;

/// Cell 4: the head learns.
#[component]
pub fn TrainingCell(props: &CellProps) -> Html {
    let locale = use_locale();
    let epochs = use_state(|| EPOCHS.to_string());
    let seed = use_state(|| SEED.to_string());
    let CellProps { state, port } = props;
    let typed = |field: &UseStateHandle<String>| {
        let field = field.clone();
        Callback::from(move |text| field.set(text))
    };
    let wanted_epochs = epochs.trim().parse().ok().filter(|count| (1..=MOST_EPOCHS).contains(count));
    let wanted_seed = seed.trim().parse().ok().filter(|&seed| seed <= u64::from(u32::MAX));
    let options = wanted_epochs.zip(wanted_seed).map(|(epochs, seed)| TrainingOptions { epochs, seed });
    let blocked = match options {
        Some(_) => state.can_train().err(),
        None => Some(Wait::Settings),
    };
    let busy = matches!(state.work(), Some(Work::Loading { .. } | Work::Training { .. }));
    let start = {
        let port = port.clone();
        move |_: MouseEvent| {
            if let Some(options) = options {
                port.send(Command::Train(options));
            }
        }
    };
    let table = match state.epochs() {
        [] => Html::default(),
        epochs => html! { <EpochTable epochs={epochs.to_vec()} /> },
    };
    html! {
        <Frame
            id="training"
            number=4
            title={locale.text("training-title")}
            intro={locale.text("training-intro")}
            standing={state.standing(Cell::Training)}
            {blocked}
            output={output(state, &locale)}
        >
            <fieldset>
                <NumberField
                    name="epochs"
                    label={locale.text("epochs-label")}
                    note={locale.text("epochs-note")}
                    value={(*epochs).clone()}
                    most={MOST_EPOCHS}
                    invalid={wanted_epochs.is_none()}
                    disabled={busy}
                    oninput={typed(&epochs)}
                    onchange={typed(&epochs)}
                />
                <NumberField
                    name="seed"
                    label={locale.text("seed-label")}
                    note={locale.text("seed-note")}
                    value={(*seed).clone()}
                    least=0
                    most={u32::MAX}
                    invalid={wanted_seed.is_none()}
                    disabled={busy}
                    oninput={typed(&seed)}
                    onchange={typed(&seed)}
                />
            </fieldset>
            <div class="buttons">
                <button
                    type="button"
                    data-testid="train-start"
                    disabled={blocked.is_some()}
                    aria-describedby="training-wait"
                    onclick={start}
                >
                    { locale.text(if state.head.is_some() { "train-again" } else { "train-start" }) }
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="train-stop"
                    hidden={!busy}
                    disabled={!busy}
                    onclick={port.on_click(Command::StopTraining)}
                >
                    { locale.text("train-stop") }
                </button>
            </div>
            { table }
        </Frame>
    }
}

fn output(state: &State, locale: &Locale) -> Html {
    match state.work() {
        Some(Work::Loading { done, total, .. }) => loading(*done as f64, *total as f64, locale),
        Some(Work::Training { run, .. }) => running(run, locale),
        _ => state.head.as_ref().map_or_else(Html::default, |head| {
            let epochs = head.epochs.len() as u32;
            let values = [
                ("epochs", epochs.into()),
                ("shown", locale.integer(epochs).into()),
                ("best", locale.integer(head.best_epoch).into()),
            ];
            html! { <p>{ locale.fill("training-done", &values) }</p> }
        }),
    }
}

fn loading(done: f64, total: f64, locale: &Locale) -> Html {
    let text = if total > 0.0 {
        let values = [("done", locale.integer(done).into()), ("total", locale.integer(total).into())];
        locale.fill("training-loads", &values)
    } else {
        locale.text("training-loads-unknown")
    };
    html! {
        <>
            <p>{ text }</p>
            <Progress label={locale.text("training-loads-label")} {done} {total} />
        </>
    }
}

/// The current epoch, how far it is, and the best one so far.
fn running(run: &Run, locale: &Locale) -> Html {
    let current = run.rows.len() as u32 + 1;
    let text = if current > run.epochs {
        locale.text("training-measuring")
    } else {
        let values =
            [("epoch", locale.integer(current).into()), ("epochs", locale.integer(run.epochs).into())];
        locale.fill("training-epoch", &values)
    };
    let best = run.rows.iter().rev().find(|epoch| epoch.best).map(|epoch| {
        let values = [
            ("epoch", locale.integer(epoch.epoch).into()),
            ("loss", locale.decimal(epoch.val_loss.into(), 4).into()),
        ];
        html! { <p class="small">{ locale.fill("training-best", &values) }</p> }
    });
    html! {
        <>
            <p>{ text }</p>
            <Progress
                label={locale.text("training-epoch-label")}
                done={f64::from(run.done)}
                total={f64::from(run.total)}
            />
            { for best }
        </>
    }
}
