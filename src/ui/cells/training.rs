use yew::prelude::*;

use super::CellProps;
use super::settings::TrainingSettings;
use crate::protocol::{Command, Preset, Trained};
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{EpochTable, Frame, Progress};
use crate::ui::port::Port;
use crate::ui::state::{Cell, Field, Fields, Run, State, Wait, Work};

/// A training that can be started: what stands in its fields, and why it cannot start now.
#[derive(Clone, PartialEq)]
pub struct Training {
    fields: UseStateHandle<Fields>,
    /// Whether a project's takes decide which images validate.
    by_take: bool,
    /// Why it cannot be started, where it cannot.
    pub blocked: Option<Wait>,
    /// Whether one runs.
    pub busy: bool,
}

/// A training of what is in use, with fields of the component's own.
#[hook]
pub fn use_training(state: &State) -> Training {
    let fields = use_state(|| Fields::of(Preset::default()));
    let by_take = state.projects.open.is_some();
    let blocked = match fields.settings(by_take) {
        Some(_) => state.can_train().err(),
        None => Some(Wait::Settings),
    };
    let busy = matches!(state.work(), Some(Work::Loading { .. } | Work::Training { .. }));
    Training { fields, by_take, blocked, busy }
}

impl Training {
    /// The fields.
    pub fn settings(&self) -> Html {
        let fields = self.fields.clone();
        html! {
            <TrainingSettings
                fields={(*self.fields).clone()}
                by_take={self.by_take}
                disabled={self.busy}
                onchange={Callback::from(move |changed| fields.set(changed))}
            />
        }
    }

    /// What stands in the fields, in a line.
    pub fn plan(&self, locale: &Locale) -> String {
        let preset = locale.text(keys::preset(self.fields.preset));
        if !self.fields.preset.has_epochs() {
            return preset;
        }
        let shown = self.fields.text(Field::Epochs).to_owned();
        // What is no number yet is many.
        let epochs = shown.trim().parse().unwrap_or(0_u32);
        let values = [("preset", preset.into()), ("epochs", epochs.into()), ("shown", shown.into())];
        locale.fill("training-plan", &values)
    }

    /// What a button does that starts it.
    pub fn start(&self, port: &Port) -> Callback<MouseEvent> {
        let (port, settings) = (port.clone(), self.fields.settings(self.by_take));
        Callback::from(move |_: MouseEvent| {
            if let Some(settings) = settings {
                port.send(Command::Train(settings));
            }
        })
    }

    /// Starts it, goes on with one that was interrupted, or stops the one that runs.
    pub fn buttons(&self, props: &CellProps, locale: &Locale) -> Html {
        let CellProps { state, port } = props;
        let busy = self.busy;
        let measuring = matches!(state.work(), Some(Work::Training { run, .. }) if run.measuring);
        // One main action: where there is something to go on with, that.
        let goes_on = state.interrupted.filter(|_| !busy);
        html! {
            <div class="buttons">
                <button
                    type="button"
                    class={classes!("go", goes_on.is_some().then_some("quiet"))}
                    data-testid="train-start"
                    disabled={self.blocked.is_some()}
                    aria-describedby="training-wait"
                    onclick={self.start(port)}
                >
                    { locale.text(if state.head.is_some() { "train-again" } else { "train-start" }) }
                </button>
                if let Some((options, epochs)) = goes_on {
                    <button
                        type="button"
                        data-testid="train-go-on"
                        disabled={state.can_train().is_err()}
                        aria-describedby="training-wait"
                        onclick={port.on_click(Command::Train(options))}
                    >
                        { go_on(epochs, options.epochs, locale) }
                    </button>
                }
                <button
                    type="button"
                    class="quiet"
                    data-testid="train-stop"
                    hidden={!busy}
                    disabled={!busy || measuring}
                    onclick={port.on_click(Command::StopTraining)}
                >
                    { locale.text("train-stop") }
                </button>
            </div>
        }
    }
}

/// The figures of each epoch; nothing before the first.
pub fn epoch_table(state: &State) -> Html {
    match state.epochs() {
        [] => Html::default(),
        epochs => html! { <EpochTable epochs={epochs.to_vec()} /> },
    }
}

/// Cell 4: the head learns.
#[component]
pub fn TrainingCell(props: &CellProps) -> Html {
    let locale = use_locale();
    let state = &props.state;
    let training = use_training(state);
    html! {
        <Frame
            id="training"
            number=4
            title={locale.text("training-title")}
            intro={locale.text("training-intro")}
            more={locale.text("training-intro-more")}
            terms={vec!["term-head", "term-epoch", "term-validation", "term-loss", "term-overfitting"]}
            standing={state.standing(Cell::Training)}
            next={state.next_cell() == Some(Cell::Training)}
            line={state.result().map(|head| trained(head, &locale))}
            blocked={training.blocked}
            output={output(state, &locale)}
        >
            { training.settings() }
            { training.buttons(props, &locale) }
            { epoch_table(state) }
        </Frame>
    }
}

/// What the button says that goes on with an interrupted training.
fn go_on(done: u32, all: u32, locale: &Locale) -> String {
    locale.fill("train-go-on", &[("done", locale.integer(done).into()), ("all", locale.integer(all).into())])
}

/// How far the training is, or what came of it.
pub fn output(state: &State, locale: &Locale) -> Html {
    match state.work() {
        Some(Work::Loading { done, total, .. }) => loading(*done as f64, *total as f64, locale),
        Some(Work::Training { run, .. }) => running(run, locale),
        _ => {
            state.head.as_ref().map_or_else(Html::default, |head| html! { <p>{ trained(head, locale) }</p> })
        }
    }
}

/// What came of the training, in a sentence.
fn trained(head: &Trained, locale: &Locale) -> String {
    if !head.options.preset.has_epochs() {
        let values = [("images", head.train.into()), ("shown", locale.integer(head.train).into())];
        return locale.fill("training-remembered", &values);
    }
    let epochs = head.epochs.len() as u32;
    let values = [
        ("epochs", epochs.into()),
        ("shown", locale.integer(epochs).into()),
        ("best", locale.integer(head.best_epoch).into()),
    ];
    locale.fill("training-done", &values)
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
    let text = if run.measuring || current > run.epochs {
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
                label={locale.text(if run.measuring { "training-exam-label" } else { "training-epoch-label" })}
                done={f64::from(run.done)}
                total={f64::from(run.total)}
            />
            { for best }
        </>
    }
}
