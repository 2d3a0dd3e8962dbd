use std::rc::Rc;

use gloo::timers::callback::Interval;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::protocol::{Command, ProjectCommand};
use crate::ui::camera::use_camera;
use crate::ui::locale::use_locale;
use crate::ui::parts::{CameraView, HoldButton};
use crate::ui::port::Port;
use crate::ui::state::{FASTEST, Notice, Pace, State, USUAL};

/// What a recorder needs.
#[derive(Properties, PartialEq)]
pub struct RecorderProps {
    /// The page's state.
    pub state: Rc<State>,
    /// Sends commands.
    pub port: Port,
    /// The number of the class that gets the pictures.
    pub class: u32,
    /// Its name.
    pub name: AttrValue,
}

/// The recording that runs or was the last one.
#[derive(Clone, Copy, Default, PartialEq)]
struct Taken {
    running: bool,
    pictures: u32,
}

/// Records pictures of the camera for a class: many while a button is held, or single ones. What
/// is recorded in one press belongs together.
#[component]
pub fn Recorder(props: &RecorderProps) -> Html {
    let locale = use_locale();
    let RecorderProps { state, port, class, name } = props;
    let camera = use_camera(&state.camera, port);
    let rate = use_state(|| USUAL);
    let taken = use_state(Taken::default);
    let pace = use_mut_ref(Pace::default);
    let pictures = use_mut_ref(|| 0);
    let timer = use_mut_ref(|| None::<Interval>);
    let known = use_mut_ref(Vec::<Notice>::new);
    // What the timer sees is always the newest.
    let newest = use_mut_ref(|| None);
    *newest.borrow_mut() = Some((Rc::clone(state), camera.clone()));

    // Who opens the recorder wants the camera.
    use_effect_with((), {
        let camera = camera.clone();
        move |()| camera.start()
    });
    use_effect_with((), {
        let timer = Rc::clone(&timer);
        move |()| move || drop(timer.take())
    });
    // What went wrong may have lost pictures that were on their way.
    use_effect_with(state.notices.clone(), {
        let pace = Rc::clone(&pace);
        move |_| pace.borrow_mut().forget()
    });

    let shoot = {
        let (pace, port, class) = (Rc::clone(&pace), port.clone(), *class);
        move |recording: u32| {
            let Some((state, camera)) = newest.borrow().clone() else { return false };
            if !pace.borrow_mut().may_take(&state) {
                return false;
            }
            let Some(image) = camera.grab() else { return false };
            pace.borrow_mut().taken();
            port.send(Command::Project(ProjectCommand::AddFrame { class, recording, image }));
            true
        }
    };
    let onhold = {
        let (taken, timer, known) = (taken.clone(), Rc::clone(&timer), Rc::clone(&known));
        let (camera, port, rate, notices) = (camera.clone(), port.clone(), *rate, state.notices.clone());
        let (shoot, pictures) = (shoot.clone(), Rc::clone(&pictures));
        Callback::from(move |held: bool| {
            camera.hold(held);
            if !held {
                timer.take();
                taken.set(Taken { running: false, pictures: *pictures.borrow() });
                return;
            }
            known.borrow_mut().clone_from(&notices);
            pictures.replace(0);
            let recording = port.recording();
            let tick = {
                let (taken, pictures, shoot) = (taken.clone(), Rc::clone(&pictures), shoot.clone());
                move || {
                    if shoot(recording) {
                        *pictures.borrow_mut() += 1;
                    }
                    taken.set(Taken { running: true, pictures: *pictures.borrow() });
                }
            };
            tick();
            *timer.borrow_mut() = Some(Interval::new(1000 / rate, tick));
        })
    };
    let onshot = {
        let (taken, port) = (taken.clone(), port.clone());
        move |_: MouseEvent| {
            if shoot(port.recording()) {
                taken.set(Taken { running: false, pictures: 1 });
            }
        }
    };
    let onrate = {
        let rate = rate.clone();
        move |event: Event| {
            if let Ok(chosen) = event.target_unchecked_into::<HtmlSelectElement>().value().parse() {
                rate.set(chosen);
            }
        }
    };

    // A recording ends where something goes wrong.
    let failed = taken.running && state.notices.iter().any(|notice| !known.borrow().contains(notice));
    let disabled = !camera.is_running() || state.can_edit().is_err() || failed;
    let note = format!("record-note-{class}");
    let count = [("pictures", taken.pictures.into()), ("shown", locale.integer(taken.pictures).into())];
    let said = match *taken {
        Taken { running: true, .. } => locale.text("record-running"),
        Taken { pictures: 0, .. } => String::new(),
        Taken { .. } => locale.fill("record-count", &count),
    };
    html! {
        <section
            ref={camera.region.clone()}
            class="recorder"
            aria-label={locale.fill("record-title", &[("name", name.to_string().into())])}
            data-testid="recorder"
        >
            <CameraView camera={camera.clone()} start={locale.text("camera-start")} />
            <div class="shutter" hidden={!camera.camera.is_on()}>
                <HoldButton
                    name="record-hold"
                    label={locale.text(if taken.running { "record-running" } else { "record-hold" })}
                    described={note.clone()}
                    {disabled}
                    {onhold}
                />
                <button type="button" class="quiet" data-testid="record-shot" {disabled} onclick={onshot}>
                    { locale.text("record-shot") }
                </button>
            </div>
            <p class="recorded" data-testid="record-count" data-count={taken.pictures.to_string()}>
                { for (taken.pictures > 0 || taken.running).then(|| locale.fill("record-count", &count)) }
            </p>
            <p class="unseen" role="status">{ said }</p>
            <details class="fold" hidden={!camera.camera.is_on()}>
                <summary>{ locale.text("record-more") }</summary>
                <label class="field">
                    <span>{ locale.text("record-rate") }</span>
                    <select data-testid="record-rate" disabled={taken.running} onchange={onrate}>
                        { for (1..=FASTEST).map(|value| html! {
                            <option value={value.to_string()} selected={value == *rate}>
                                { locale.integer(value) }
                            </option>
                        }) }
                    </select>
                </label>
                <p class="small" id={note}>{ locale.text("record-note-more") }</p>
            </details>
        </section>
    }
}
