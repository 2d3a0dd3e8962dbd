use yew::prelude::*;

use super::CellProps;
use crate::backbone::Purpose;
use crate::backbone::pieces::Download;
use crate::protocol::{BackboneInfo, Command, Engine, EngineReason, EngineStatus};
use crate::ui::address;
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{Frame, Progress};
use crate::ui::port::Port;
use crate::ui::query::Query;
use crate::ui::state::{Cell, Phase, Speeds, State};

/// Cell 1: the backbone and what computes it.
#[component]
pub fn EngineCell(props: &CellProps) -> Html {
    let locale = use_locale();
    html! {
        <Frame
            id="engine"
            number=1
            title={locale.text("engine-title")}
            intro={locale.text("engine-intro")}
            more={locale.text("engine-intro-more")}
            terms={vec!["term-network"]}
            standing={props.state.standing(Cell::Engine)}
            quiet=true
            line={line(&props.state, &locale)}
            output={output(props, &locale)}
        >
            { settings(props, &locale) }
        </Frame>
    }
}

/// Which network it is and what computes it, in a line.
fn line(state: &State, locale: &Locale) -> Option<String> {
    let Phase::Open { backbone, engine, .. } = &state.phase else { return None };
    let with = |key: &str, engine: Engine| {
        let values =
            [("name", backbone.name.as_str().into()), ("engine", locale.text(keys::engine(engine)).into())];
        locale.fill(key, &values)
    };
    Some(match engine {
        EngineStatus::Ready { engine, .. } => with("line-engine", *engine),
        EngineStatus::Starting(engine) | EngineStatus::Timing(engine) => with("line-engine-starts", *engine),
        EngineStatus::Downloading => {
            let Download { done, total, .. } = state.download.unwrap_or_default();
            let values = [("done", locale.megabytes(done).into()), ("total", locale.megabytes(total).into())];
            locale.fill("engine-downloading", &values)
        }
        EngineStatus::Idle | EngineStatus::Failed(_) => backbone.name.clone(),
    })
}

/// What the engine is doing, and which backbone is open.
pub fn output(props: &CellProps, locale: &Locale) -> Html {
    let state = &props.state;
    let status = match &state.phase {
        Phase::Open { engine, .. } => show_status(engine, state.download.unwrap_or_default(), locale),
        Phase::Opening => opening(&props.port, locale),
        Phase::Closed => status("failed", None, locale.text("engine-closed")),
    };
    html! {
        <>
            { status }
            { chosen(props, locale) }
            { for state.backbone().map(|backbone| weights_warning(backbone, locale)) }
        </>
    }
}

/// Which backbone it is, and the choice of another one and of an engine.
pub fn settings(props: &CellProps, locale: &Locale) -> Html {
    let state = &props.state;
    html! {
        <>
            { for state.backbone().map(|backbone| describe(backbone, &state.speeds, locale)) }
            { others(&state.others, &state.speeds, locale) }
            { choice(locale) }
        </>
    }
}

/// The backbone's description is awaited, from a site that may be silent.
fn opening(port: &Port, locale: &Locale) -> Html {
    html! {
        <>
            { status("idle", None, locale.text("engine-opening")) }
            <button type="button" class="quiet late" data-testid="engine-cancel" onclick={port.on_click(Command::Cancel)}>
                { locale.text("data-cancel") }
            </button>
        </>
    }
}

/// What the engine is doing, in words and for tests.
fn show_status(engine: &EngineStatus, download: Download, locale: &Locale) -> Html {
    match engine {
        EngineStatus::Idle => status("idle", None, locale.text("engine-idle")),
        EngineStatus::Downloading => {
            let Download { done, total, .. } = download;
            let values = [("done", locale.megabytes(done).into()), ("total", locale.megabytes(total).into())];
            html! {
                <>
                    { status("downloading", None, locale.fill("engine-downloading", &values)) }
                    <Progress
                        label={locale.text("engine-downloading-label")}
                        done={done as f64}
                        total={total as f64}
                    />
                </>
            }
        }
        EngineStatus::Starting(engine) => busy("starting", *engine, "engine-starting", locale),
        EngineStatus::Timing(engine) => busy("timing", *engine, "engine-timing", locale),
        EngineStatus::Ready { engine, reason, workers, probe_error } => {
            ready(*engine, *reason, *workers, *probe_error, locale)
        }
        EngineStatus::Failed(_) => status("failed", None, locale.text("engine-failed")),
    }
}

/// Work on an engine of which nobody knows how long it takes.
fn busy(state: &'static str, engine: Engine, key: &str, locale: &Locale) -> Html {
    let name = locale.text(keys::engine(engine));
    let text = locale.fill(key, &[("engine", name.into())]);
    html! {
        <>
            { status(state, Some(engine), text.clone()) }
            <Progress label={text} done=0.0 total=0.0 />
        </>
    }
}

fn ready(engine: Engine, reason: EngineReason, workers: u32, probe_error: f32, locale: &Locale) -> Html {
    let text = match engine {
        Engine::Cpu => {
            let shown = locale.integer(workers);
            locale.fill("engine-ready-cpu", &[("workers", workers.into()), ("shown", shown.into())])
        }
        Engine::WebGpu => locale.text("engine-ready-webgpu"),
    };
    // Rounded up: an engine that made the probe itself is not free of error.
    let millionths = (f64::from(probe_error) * 1e6).ceil().max(1.0);
    let error = locale.decimal(millionths / 1e6, 6);
    html! {
        <>
            { status("ready", Some(engine), text) }
            <p data-testid="engine-reason" data-reason={keys::reason(reason)}>
                { locale.text(keys::reason(reason)) }
            </p>
            <p class="small">{ locale.fill("engine-probe", &[("error", error.into())]) }</p>
        </>
    }
}

fn status(state: &'static str, engine: Option<Engine>, text: String) -> Html {
    let engine = engine.map(Engine::name);
    html! { <p data-testid="engine-status" data-state={state} data-engine={engine}>{ text }</p> }
}

fn describe(backbone: &BackboneInfo, speeds: &Speeds, locale: &Locale) -> Html {
    let shape = backbone.features;
    let network = locale.fill(
        "engine-backbone",
        &[
            ("name", backbone.name.as_str().into()),
            ("input", locale.integer(backbone.input_size).into()),
            ("height", locale.integer(shape.height as u32).into()),
            ("width", locale.integer(shape.width as u32).into()),
            ("channels", locale.integer(shape.channels as u32).into()),
            ("size", locale.megabytes(backbone.bytes).into()),
        ],
    );
    let source = locale.fill(
        "engine-source",
        &[("source", backbone.source.as_str().into()), ("licence", backbone.licence.as_str().into())],
    );
    html! {
        <>
            <p data-testid="backbone" data-address={backbone.address.clone()}>{ network }</p>
            { speed("backbone-speed", &speeds.of(backbone), locale) }
            <p class="small">{ source }</p>
        </>
    }
}

/// How fast a backbone was on this device, a sentence for each engine that was measured.
fn speed(testid: &'static str, measured: &[(Engine, f32)], locale: &Locale) -> Html {
    let sentences: Vec<String> = measured
        .iter()
        .map(|&(engine, speed)| {
            let digits = if speed < 10.0 { 1 } else { 0 };
            let values = [
                ("engine", locale.text(keys::engine(engine)).into()),
                ("speed", locale.decimal(speed.into(), digits).into()),
            ];
            locale.fill("engine-speed", &values)
        })
        .collect();
    let of = |wanted: Engine| {
        measured.iter().find(|(engine, _)| *engine == wanted).map(|(_, speed)| speed.to_string())
    };
    html! {
        <p class="small" data-testid={testid} data-cpu={of(Engine::Cpu)} data-webgpu={of(Engine::WebGpu)}>
            { if sentences.is_empty() { locale.text("engine-speed-none") } else { sentences.join(" ") } }
        </p>
    }
}

/// Links that open the page with another of the site's backbones.
fn others(others: &[BackboneInfo], speeds: &Speeds, locale: &Locale) -> Html {
    if others.is_empty() {
        return Html::default();
    }
    let items = others.iter().map(|backbone| {
        let values = [
            ("name", backbone.name.as_str().into()),
            ("size", locale.megabytes(backbone.bytes).into()),
            ("input", locale.integer(backbone.input_size).into()),
            ("licence", backbone.licence.as_str().into()),
        ];
        html! {
            <li>
                <a href={address::with_parameter("backbone", &backbone.address)} data-testid="backbone-other">
                    { locale.fill("engine-other", &values) }
                </a>
                { speed("backbone-other-speed", &speeds.of(backbone), locale) }
            </li>
        }
    });
    html! {
        <>
            <p>{ locale.text("engine-others") }</p>
            <ul>{ for items }</ul>
        </>
    }
}

/// What a button does that puts another backbone in the place of the open one; what is in use stays.
pub fn change_to(backbone: &BackboneInfo, port: &Port) -> Callback<MouseEvent> {
    let (port, address) = (port.clone(), backbone.address.clone());
    Callback::from(move |_| {
        let engine = Query::read(address::parameter).0.engine;
        port.send(Command::Open { backbone: Some(address.clone()), engine });
    })
}

/// Which backbone the page has opened with and why, where nobody named one.
fn chosen(props: &CellProps, locale: &Locale) -> Html {
    let CellProps { state, port } = props;
    let key = state.backbone_reason().and_then(keys::backbone_reason);
    let (Some(backbone), Some(key)) = (state.backbone(), key) else { return Html::default() };
    let change = state.passed_over().map(|other| {
        let values = [("name", other.name.as_str().into()), ("size", locale.megabytes(other.bytes).into())];
        html! {
            <button
                type="button"
                class="quiet"
                data-testid="backbone-change"
                disabled={state.can_edit().is_err()}
                onclick={change_to(other, port)}
            >
                { locale.fill("chosen-change", &values) }
            </button>
        }
    });
    html! {
        <p>
            <span data-testid="backbone-chosen" data-reason={key}>
                { locale.fill(key, &[("name", backbone.name.as_str().into())]) }
            </span>
            { " " }
            { change.unwrap_or_default() }
        </p>
    }
}

/// A plain warning where the weights are not the real ones.
pub(super) fn weights_warning(backbone: &BackboneInfo, locale: &Locale) -> Html {
    if backbone.purpose != Purpose::Development {
        return Html::default();
    }
    html! {
        <p class="warning" data-testid="development-weights">
            <strong>{ locale.text("development-title") }</strong>{ ". " }
            { locale.text("development-text") }{ " " }
            <code>{ "cargo xtask model --keras FILE.h5" }</code>
        </p>
    }
}

/// Links that open the page with another engine.
fn choice(locale: &Locale) -> Html {
    let asked = address::parameter("engine").unwrap_or_else(|| "auto".to_owned());
    let link = |name: &'static str, key: &str| {
        let current = (asked == name).then_some("true");
        html! {
            <a href={address::with_parameter("engine", name)} aria-current={current}>{ locale.text(key) }</a>
        }
    };
    html! {
        <>
            <nav class="choice" aria-label={locale.text("engine-choice-label")}>
                <span>{ locale.text("engine-choice-label") }</span>
                { link("auto", "engine-choice-auto") }
                { link("cpu", "engine-choice-cpu") }
                { link("webgpu", "engine-choice-webgpu") }
            </nav>
            <p class="small">{ locale.text("engine-choice-note") }</p>
        </>
    }
}
