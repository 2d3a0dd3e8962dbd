use std::rc::Rc;

use yew::prelude::*;

use super::device_check::DeviceCheck;
use super::header::Languages;
use super::offline::{OfflineStatus, use_site};
use super::storage::Storage;
use crate::protocol::{Command, Engine, EngineStatus};
use crate::ui::i18n::Language;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::port::Port;
use crate::ui::state::{Offline, Phase, State};

/// What the device panel needs.
#[derive(Properties, PartialEq)]
pub struct DevicePanelProps {
    /// The page's state.
    pub state: Rc<State>,
    /// Sends commands.
    pub port: Port,
    /// Gets the language that was chosen.
    pub on_language: Callback<Language>,
    /// What the panel shows of the engine.
    #[prop_or_default]
    pub children: Html,
}

/// What computes here and the languages, in a line at the top of the page; opened, all that can be said and chosen
/// about the device: engine, language, storage, use without the internet, and the check of it all.
#[component]
pub fn DevicePanel(props: &DevicePanelProps) -> Html {
    let locale = use_locale();
    let DevicePanelProps { state, port, on_language, children } = props;
    let (site, keeper) = use_site();
    let offline = Offline::of(site, state.download);
    let on_keep = {
        let (keeper, port) = (Rc::clone(&keeper), port.clone());
        Callback::from(move |_: MouseEvent| {
            keeper.try_now();
            port.send(Command::Keep);
        })
    };
    let on_apply = Callback::from(move |_: MouseEvent| keeper.apply());
    let opened = use_state(|| 0_u32);
    let ontoggle = {
        let opened = opened.clone();
        Callback::from(move |_: Event| opened.set(*opened + 1))
    };
    let asks = asks(offline).map(|key| locale.text(key));
    html! {
        <>
            <details class="device" {ontoggle}>
                <summary data-testid="device-chip">
                    <span class="unseen">{ locale.text("device-title") }{ ": " }</span>
                    <span class="chip">{ chip(state, &locale) }</span>
                    if let Some(asks) = &asks {
                        <strong class="chip-asks">{ asks }</strong>
                    }
                    <span class="chip-languages">
                        <span lang="es">{ locale.text("language-es") }</span>{ " / " }
                        <span lang="en">{ locale.text("language-en") }</span>
                    </span>
                </summary>
                <section class="device-body" aria-label={locale.text("device-title")}>
                    <Languages on_language={on_language.clone()} />
                    <div class="device-engine">{ children.clone() }</div>
                    <OfflineStatus {site} backbone={state.download} {on_keep} {on_apply} />
                    <Storage state={Rc::clone(state)} port={port.clone()} seen={*opened} />
                    <DeviceCheck state={Rc::clone(state)} port={port.clone()} {site} />
                </section>
            </details>
            // What the chip says of it is heard without being looked for.
            <p class="unseen" role="status">{ asks.unwrap_or_default() }</p>
        </>
    }
}

/// What the chip says where something is to be done.
fn asks(offline: Offline) -> Option<&'static str> {
    match offline {
        Offline::Update { .. } => Some("device-asks-update"),
        Offline::Failed => Some("device-asks-failed"),
        Offline::Backbone { .. } => Some("device-asks-network"),
        _ => None,
    }
}

/// What the chip says: the engine and its workers, the network, its speed, as far as each is known.
fn chip(state: &State, locale: &Locale) -> String {
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
