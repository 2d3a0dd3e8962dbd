use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::browser::{camera, device, save};
use crate::protocol::Command;
use crate::ui::camera as page_camera;
use crate::ui::device_check::{
    Cameras, CheckChange, Finding, Line, Part, Permission, Row, Stand, Verdict, report,
};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::port::Port;
use crate::ui::site;
use crate::ui::state::{Site, State, Wait};

/// Milliseconds that the person has to allow a camera, and the camera for its first picture.
const ASKING: u32 = 30_000;

/// What the check of the device needs.
#[derive(Properties, PartialEq)]
pub struct DeviceCheckProps {
    /// The page's state.
    pub state: Rc<State>,
    /// Sends commands.
    pub port: Port,
    /// What is kept of the page's own files.
    pub site: Site,
}

/// A button that tries what a lesson needs, and a table of what came of it.
#[component]
pub fn DeviceCheck(props: &DeviceCheckProps) -> Html {
    let locale = use_locale();
    let DeviceCheckProps { state, port, site } = props;
    let check = &state.check;
    // The camera's deadline is another one where the person is asked.
    let patience = use_mut_ref(|| None::<Timeout>);
    use_effect_with(check.next_engine(), {
        let (port, trial) = (port.clone(), check.trial + 1);
        move |next| {
            if let Some(engine) = *next {
                port.check(CheckChange::Trying(engine));
                port.send(Command::TryEngine { engine, trial });
            }
        }
    });
    use_effect_with(check.trying(), {
        let (port, number) = (port.clone(), check.number);
        move |trying| {
            let deadline = trying.map(|(trial, engine)| {
                let part = Part::of(engine);
                Timeout::new(part.limit(), move || {
                    port.check(CheckChange::Silent(number, part));
                    port.send(Command::EndTrial(trial));
                })
            });
            move || drop(deadline)
        }
    });
    let begin = {
        let (port, patience) = (port.clone(), Rc::clone(&patience));
        // A page without a network computes nothing: the trial says what it lacks.
        let waits = state.can_use_data().err();
        let busy = waits.is_some_and(|wait| !matches!(wait, Wait::Opening | Wait::Closed));
        let number = check.number + 1;
        let site = *site;
        Callback::from(move |_: MouseEvent| {
            let offline = Finding::Offline { worker: device::has_service_worker(), site };
            port.check(CheckChange::Begun { busy });
            measure(&port, number);
            port.check(CheckChange::Found(number, offline));
            patience.replace(Some(deadline(&port, number, Part::Camera, Part::Camera.limit())));
        })
    };
    let end_trial = {
        let (port, trying) = (port.clone(), check.trying());
        move || trying.into_iter().for_each(|(trial, _)| port.send(Command::EndTrial(trial)))
    };
    let stop = {
        let (port, end_trial) = (port.clone(), end_trial.clone());
        Callback::from(move |_: MouseEvent| {
            port.check(CheckChange::Stopped);
            end_trial();
        })
    };
    let skip = {
        let (port, trying) = (port.clone(), check.trying());
        Callback::from(move |part: Part| {
            port.check(CheckChange::Skipped(part));
            if trying.is_some_and(|(_, engine)| Part::of(engine) == part) {
                end_trial();
            }
        })
    };
    let ask = {
        let (port, number) = (port.clone(), check.number);
        Callback::from(move |_: MouseEvent| {
            port.check(CheckChange::Asking);
            open_camera(&port, number);
            patience.replace(Some(deadline(&port, number, Part::Camera, ASKING)));
        })
    };
    let lines = check.lines(state.download);
    let running = check.is_running();
    let save = {
        let rows: Vec<Row> = lines.iter().map(|line| row(line, &locale)).collect();
        let locale = locale.clone();
        Callback::from(move |_: MouseEvent| save_report(&rows, &locale))
    };
    let state_word = match (check.has_begun(), running) {
        (false, _) => "none",
        (true, true) => "running",
        (true, false) => "done",
    };
    let rows = lines.iter().map(|line| {
        let waits = matches!(check.stand(line.part), Some(Stand::Running | Stand::Waits));
        shown(line, waits, &skip, &locale)
    });
    html! {
        <section class="device-check" aria-labelledby="check-title" data-testid="check" data-state={state_word}>
            <h2 id="check-title">{ locale.text("check-title") }</h2>
            <p class="small">{ about(state, &locale) }</p>
            <div class="buttons">
                <button type="button" data-testid="device-check" disabled={running} onclick={begin}>
                    { locale.text(if check.has_begun() { "check-again" } else { "check-start" }) }
                </button>
                <button type="button" class="quiet" data-testid="device-check-stop" hidden={!running} onclick={stop}>
                    { locale.text("check-stop") }
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="device-check-camera"
                    hidden={!check.may_ask_for_camera()}
                    onclick={ask}
                >
                    { locale.text("check-ask-camera") }
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="device-check-save"
                    hidden={running || !check.has_begun()}
                    onclick={save}
                >
                    { locale.text("check-save") }
                </button>
            </div>
            <p class="unseen" role="status">
                { if state_word == "done" { summary(&lines, &locale) } else { String::new() } }
            </p>
            <table hidden={!check.has_begun()}>
                <caption class="unseen">{ locale.text("check-title") }</caption>
                <thead>
                    <tr>
                        <th scope="col">{ locale.text("check-what") }</th>
                        <th scope="col">{ locale.text("check-result") }</th>
                        <th scope="col">{ locale.text("check-means") }</th>
                    </tr>
                </thead>
                <tbody>{ for rows }</tbody>
            </table>
        </section>
    }
}

/// What pressing the button does, and what it brings.
fn about(state: &State, locale: &Locale) -> String {
    match state.download.filter(|network| network.done < network.total) {
        Some(network) => {
            let missing = locale.megabytes(network.total - network.done);
            locale.fill("check-about-network", &[("missing", missing.into())])
        }
        None => locale.text("check-about"),
    }
}

/// Ends the wait for a part after so many milliseconds, where it is still waited for.
fn deadline(port: &Port, number: u32, part: Part, milliseconds: u32) -> Timeout {
    let port = port.clone();
    Timeout::new(milliseconds, move || port.check(CheckChange::Silent(number, part)))
}

/// Looks at all but the engines, at the same time, and tells each thing as soon as it is known.
fn measure(port: &Port, number: u32) {
    let found = |finding: Finding| CheckChange::Found(number, finding);
    port.check(found(device::threads()));
    for part in [Part::Storage, Part::Persistence] {
        let port = port.clone();
        deadline(&port, number, part, part.limit()).forget();
        spawn_local(async move {
            let finding = match part {
                Part::Storage => {
                    let (written, room) = futures::join!(device::stores(), device::room());
                    Finding::Storage { written, room }
                }
                _ => Finding::Persistence(device::persisted().await),
            };
            port.check(CheckChange::Found(number, finding));
        });
    }
    let port = port.clone();
    spawn_local(async move {
        let (there, permission) = (camera::count().await, device::camera_permission().await);
        if permission == Permission::Granted && there.is_some_and(|there| there > 0) {
            open_camera(&port, number);
        } else {
            let cameras = Cameras { there, permission, opened: None };
            port.check(CheckChange::Found(number, Finding::Camera(cameras)));
        }
    });
}

/// Opens a camera, tells what came of it, and closes it, be that too late for the check: what is asked of the
/// browser cannot be taken back.
fn open_camera(port: &Port, number: u32) {
    let port = port.clone();
    spawn_local(async move {
        // Some devices take a camera away from whoever has it.
        let opened = if page_camera::is_running() { Ok(()) } else { device::try_camera().await };
        let cameras = Cameras {
            there: camera::count().await,
            permission: device::camera_permission().await,
            opened: Some(opened),
        };
        port.check(CheckChange::Found(number, Finding::Camera(cameras)));
    });
}

fn row(line: &Line, locale: &Locale) -> Row {
    Row {
        what: locale.text(line.part.key()),
        word: locale.text(line.verdict.key()),
        result: locale.say(&line.result),
        advice: locale.say(&line.advice),
    }
}

/// A line of the table; one that is waited for can be skipped.
fn shown(line: &Line, waits: bool, skip: &Callback<Part>, locale: &Locale) -> Html {
    let Row { what, word, result, advice } = row(line, locale);
    let (name, verdict) = (line.part.name(), line.verdict);
    let part = line.part;
    let label = locale.fill("check-skip-label", &[("part", what.as_str().into())]);
    html! {
        <tr key={name} data-testid={format!("check-{name}")} data-verdict={verdict.name()}>
            <th scope="row">{ what }</th>
            <td>
                <span class="verdict">
                    <span class="sign" aria-hidden="true">{ verdict.sign() }</span>
                    <strong>{ word }</strong>
                </span>
                <span class="found">{ result }</span>
            </td>
            <td>
                <span class="advice">{ advice }</span>
                <button
                    type="button"
                    class="quiet"
                    data-testid={format!("check-skip-{name}")}
                    hidden={!waits}
                    aria-label={label}
                    onclick={skip.reform(move |_: MouseEvent| part)}
                >
                    { locale.text("check-skip") }
                </button>
            </td>
        </tr>
    }
}

/// The whole in a sentence, for who hears it.
fn summary(lines: &[Line], locale: &Locale) -> String {
    let count = |wanted: &[Verdict]| lines.iter().filter(|line| wanted.contains(&line.verdict)).count();
    let values = [
        ("good", locale.integer(count(&[Verdict::Good]) as u32).into()),
        ("all", locale.integer(lines.len() as u32).into()),
        ("bad", locale.integer(count(&[Verdict::Bad, Verdict::Silent]) as u32).into()),
    ];
    locale.fill("check-summary", &values)
}

fn save_report(rows: &[Row], locale: &Locale) {
    let mut about = vec![(locale.text("check-date"), device::date())];
    let version = site::version();
    if !version.is_empty() {
        about.push((locale.text("check-version"), version));
    }
    about.push((locale.text("check-browser"), device::browser_name()));
    save::text("bottleneck-device.txt", &report(&locale.text("check-report"), &about, rows));
}
