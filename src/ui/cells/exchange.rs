use std::rc::Rc;

use yew::prelude::*;

use super::CellProps;
use crate::protocol::{Command, Exchange, Part};
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{DropZone, More, Progress};
use crate::ui::port::Port;
use crate::ui::state::State;

/// Features to the notebook's files and from them.
#[component]
pub fn FeatureExchange(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let onfiles = port.on_files(Command::UseFeatures);
    let moving = match state.exchange {
        Some((what @ (Exchange::Features(_) | Exchange::Import), done, total)) => {
            moving(&told(what, done, total, &locale), (done as f64, total as f64), port, &locale)
        }
        _ => Html::default(),
    };
    html! {
        <>
            { foreign(state, port, &locale) }
            <details class="exam exchange" data-testid="feature-exchange">
                <summary>{ locale.text("exchange-title") }</summary>
                <p>{ locale.text("exchange-intro") }</p>
                <More text={locale.text("exchange-intro-more")} />
                <div class="buttons">
                    { Part::ALL.map(|part| save(part, state, port, &locale)).into_iter().collect::<Html>() }
                </div>
                { waits(state, &locale) }
                if state.projects.open.is_none() {
                    <DropZone
                        name="features-input"
                        label={locale.text("exchange-import")}
                        hint={locale.text("exchange-import-hint")}
                        accept=".npz"
                        multiple=true
                        described="exchange-wait"
                        disabled={state.can_import_features().is_err()}
                        {onfiles}
                    />
                }
            </details>
            { moving }
        </>
    }
}

/// That the features came from files, and the way back.
fn foreign(state: &State, port: &Port, locale: &Locale) -> Html {
    if !state.is_foreign() {
        return Html::default();
    }
    html! {
        <div class="warning" data-testid="foreign">
            <p>{ locale.text("foreign-text") }</p>
            <button
                type="button"
                class="quiet"
                data-testid="foreign-leave"
                disabled={state.can_import_features().is_err()}
                onclick={port.on_click(Command::UseOwnFeatures)}
            >
                { locale.text("foreign-leave") }
            </button>
        </div>
    }
}

fn save(part: Part, state: &State, port: &Port, locale: &Locale) -> Html {
    let (name, text) = match part {
        Part::Train => ("features-save-train", "exchange-save-train"),
        Part::Test => ("features-save-test", "exchange-save-test"),
    };
    html! {
        <button
            type="button"
            class="quiet"
            data-testid={name}
            disabled={state.can_export_features().is_err()}
            aria-describedby="exchange-wait"
            onclick={port.on_click(Command::ExportFeatures(part))}
        >
            { locale.text(text) }
        </button>
    }
}

/// Why nothing can be saved, where it cannot.
fn waits(state: &State, locale: &Locale) -> Html {
    match state.can_export_features() {
        Err(wait) => {
            html! { <p class="waits" id="exchange-wait">{ locale.text(keys::wait(wait)) }</p> }
        }
        Ok(()) => Html::default(),
    }
}

/// What is being done, in words.
fn told(what: Exchange, done: u64, total: u64, locale: &Locale) -> String {
    let share = locale.percent(done as f64 / total.max(1) as f64, 0);
    let key = if what == Exchange::Import { "exchange-reading" } else { "exchange-writing" };
    locale.fill(key, &[("share", share.into())])
}

/// How far it is, and the way to end it.
pub fn moving(text: &str, (done, total): (f64, f64), port: &Port, locale: &Locale) -> Html {
    let text: Rc<str> = text.into();
    html! {
        <div class="moving" data-testid="exchange-progress">
            <p>{ text.to_string() }</p>
            <Progress label={locale.text("exchange-label")} {done} {total} />
            <button
                type="button"
                class="quiet"
                data-testid="exchange-cancel"
                onclick={port.on_click(Command::Cancel)}
            >
                { locale.text("exchange-cancel") }
            </button>
        </div>
    }
}
