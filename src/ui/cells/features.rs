use yew::prelude::*;

use super::CellProps;
use super::exchange::FeatureExchange;
use crate::protocol::{Command, Extraction, ExtractionPhase};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{Frame, Progress, Question};
use crate::ui::port::Port;
use crate::ui::state::{Cell, Features, State, Work};

/// Cell 3: the features, computed or found in the store.
#[component]
pub fn FeaturesCell(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let output = html! {
        <>
            { for state.features().map(|features| progress(&features.extraction, state, &locale)) }
            { cache_size(state, &locale) }
            <FeatureExchange ..props.clone() />
        </>
    };
    html! {
        <Frame
            id="features"
            number=3
            title={locale.text("features-title")}
            intro={locale.text("features-intro")}
            more={locale.text("features-intro-more")}
            terms={vec!["term-feature", "term-bottleneck"]}
            standing={state.standing(Cell::Features)}
            next={state.next_cell() == Some(Cell::Features)}
            line={state.features().map(|features| line(&features.extraction, &locale))}
            blocked={state.can_extract().err()}
            {output}
        >
            <div class="buttons">
                { buttons(state, port, &locale) }
                { clear(props, &locale) }
            </div>
        </Frame>
    }
}

/// Clears the stored features, once the person has confirmed it.
pub fn clear(props: &CellProps, locale: &Locale) -> Html {
    let CellProps { state, port } = props;
    let onconfirm = {
        let port = port.clone();
        Callback::from(move |()| port.send(Command::ClearCache))
    };
    let bytes = state.cache.map_or(0, |cache| cache.bytes);
    html! {
        <Question
            name="cache-clear"
            button={locale.text("cache-clear")}
            disabled={state.can_clear().is_err()}
            title={locale.text("cache-clear-title")}
            text={locale.fill("cache-clear-text", &[("size", locale.megabytes(bytes).into())])}
            yes={locale.text("cache-clear-confirm")}
            no={locale.text("cache-clear-keep")}
            {onconfirm}
        />
    }
}

/// How many images have features, in a line.
fn line(extraction: &Extraction, locale: &Locale) -> String {
    let Extraction { done, total, .. } = *extraction;
    let values = [("done", locale.integer(done).into()), ("total", locale.integer(total).into())];
    locale.fill("line-features", &values)
}

/// Start, or hold and end what was started.
pub fn buttons(state: &State, port: &Port, locale: &Locale) -> Html {
    let start = match state.features() {
        Some(Features { extraction, .. }) if (1..extraction.total).contains(&extraction.done) => {
            "extract-continue"
        }
        _ => "extract-start",
    };
    let running = matches!(state.work(), Some(Work::Extracting(_)));
    let (pause, word) = match state.features().map(|features| features.extraction.phase) {
        Some(ExtractionPhase::Paused | ExtractionPhase::DiskFull) => (Command::Resume, "extract-resume"),
        _ => (Command::Pause, "extract-pause"),
    };
    html! {
        <>
            <button
                type="button"
                data-testid="extract-start"
                hidden={running}
                disabled={state.can_extract().is_err()}
                aria-describedby="features-wait"
                onclick={port.on_click(Command::Extract)}
            >
                { locale.text(start) }
            </button>
            <button
                type="button"
                data-testid="extract-pause"
                hidden={!running}
                disabled={state.can_pause().is_err()}
                onclick={port.on_click(pause)}
            >
                { locale.text(word) }
            </button>
            <button
                type="button"
                class="quiet"
                data-testid="extract-cancel"
                hidden={!running}
                onclick={port.on_click(Command::Cancel)}
            >
                { locale.text("extract-cancel") }
            </button>
        </>
    }
}

/// How far the extraction is.
pub fn progress(extraction: &Extraction, state: &State, locale: &Locale) -> Html {
    let Extraction { phase, done, total, .. } = *extraction;
    let count = locale.fill(
        "extract-progress",
        &[("done", locale.integer(done).into()), ("total", locale.integer(total).into())],
    );
    let (name, sentence) = match phase {
        ExtractionPhase::Running => ("running", running(extraction, state, locale)),
        ExtractionPhase::Paused => ("paused", locale.text("extract-paused")),
        ExtractionPhase::DiskFull => ("disk-full", locale.text("extract-disk-full")),
        ExtractionPhase::Complete => ("complete", locale.text("extract-complete")),
        ExtractionPhase::Incomplete => {
            let missing = locale.integer(total.saturating_sub(done));
            ("incomplete", locale.fill("extract-incomplete", &[("missing", missing.into())]))
        }
    };
    let computed = locale.fill(
        "extract-computed",
        &[("computed", state.computed.into()), ("shown", locale.integer(state.computed).into())],
    );
    let bar = (phase != ExtractionPhase::Complete).then(|| {
        html! {
            <Progress label={locale.text("extract-label")} done={f64::from(done)} total={f64::from(total)} />
        }
    });
    html! {
        <div
            data-testid="extract-progress"
            data-done={done.to_string()}
            data-total={total.to_string()}
            data-computed={state.computed.to_string()}
            data-phase={name}
        >
            <p>{ count }{ ". " }{ sentence }</p>
            { for bar }
            <p class="small">{ computed }</p>
        </div>
    }
}

/// How fast it goes and how long it will take.
fn running(extraction: &Extraction, state: &State, locale: &Locale) -> String {
    if state.can_pause().is_err() {
        return locale.text("extract-starting");
    }
    let Some(seconds) = state.seconds_left() else { return String::new() };
    let speed = f64::from(extraction.images_per_second);
    let digits = if speed < 10.0 { 1 } else { 0 };
    let speed = locale.fill("extract-speed", &[("speed", locale.decimal(speed, digits).into())]);
    let left = locale.fill("extract-left", &[("time", locale.duration(seconds).into())]);
    format!("{speed}, {left}")
}

fn cache_size(state: &State, locale: &Locale) -> Html {
    let Some(cache) = state.cache else {
        return html! { <p class="small">{ locale.text("cache-unknown") }</p> };
    };
    let text = locale.fill(
        if state.in_memory { "cache-size-tab" } else { "cache-size" },
        &[
            ("images", cache.images.into()),
            ("shown", locale.integer(cache.images as f64).into()),
            ("size", locale.megabytes(cache.bytes).into()),
        ],
    );
    html! {
        <p
            class="small"
            data-testid="cache-size"
            data-bytes={cache.bytes.to_string()}
            data-images={cache.images.to_string()}
        >
            { text }
        </p>
    }
}
