use yew::prelude::*;

use crate::protocol::{Engine, EngineStatus};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::state::{Phase, State};

/// What the device panel needs.
#[derive(Properties, PartialEq)]
pub struct DevicePanelProps {
    /// The chip's words.
    pub chip: AttrValue,
    /// What the panel shows.
    #[prop_or_default]
    pub children: Html,
}

/// What computes here, in a line at the top of the page; opened, all that can be said and chosen about it.
#[component]
pub fn DevicePanel(props: &DevicePanelProps) -> Html {
    let locale = use_locale();
    html! {
        <details class="device">
            <summary data-testid="device-chip">
                <span class="unseen">{ locale.text("device-title") }{ ": " }</span>
                { &props.chip }
            </summary>
            <section class="device-body" aria-label={locale.text("device-title")}>{ props.children.clone() }</section>
        </details>
    }
}

/// What the chip says: the engine and its workers, the network, its speed, as far as each is known.
pub fn chip(state: &State, locale: &Locale) -> String {
    let Phase::Open { backbone, engine, .. } = &state.phase else {
        return locale.text(if state.phase == Phase::Opening { "device-opening" } else { "device-closed" });
    };
    let (running, workers) = match engine {
        EngineStatus::Ready { engine, workers, .. } => (Some(*engine), *workers),
        EngineStatus::Starting(engine) | EngineStatus::Timing(engine) => (Some(*engine), 0),
        _ => (None, 0),
    };
    let name = running.map(|engine| match engine {
        Engine::Cpu => "CPU".to_owned(),
        Engine::WebGpu => "WebGPU".to_owned(),
    });
    let workers = (workers > 0 && running == Some(Engine::Cpu)).then(|| {
        locale
            .fill("device-workers", &[("workers", workers.into()), ("shown", locale.integer(workers).into())])
    });
    let measured = state.speeds.of(backbone);
    let speed = measured.iter().find(|(engine, _)| running.is_none_or(|running| running == *engine));
    let speed = speed.map(|&(_, speed)| {
        let digits = if speed < 10.0 { 1 } else { 0 };
        locale.fill("device-speed", &[("speed", locale.decimal(speed.into(), digits).into())])
    });
    let parts = [name, workers, Some(backbone.name.clone()), speed];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
