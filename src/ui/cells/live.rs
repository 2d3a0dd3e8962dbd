use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use web_sys::Element;
use yew::prelude::*;

use crate::browser;
use crate::pixels::RgbImage;
use crate::protocol::{Classified, Command, ProjectCommand, Stages, Thresholds};
use crate::ui::camera::{self, CameraHandle, use_camera};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{Answer, CameraView, Picture, spoken};
use crate::ui::port::Port;
use crate::ui::state::{Classification, Frame, Herald, Meter, State};

/// Milliseconds until the camera is asked again that had no picture.
const RETRY: u32 = 50;

/// A picture of the camera with its answer.
#[derive(Clone, PartialEq)]
struct Seen {
    image: RgbImage,
    classified: Rc<Classified>,
}

/// What goes from one answer to the next without being drawn.
#[derive(Default)]
struct Loop {
    /// The picture that is on its way.
    sent: Option<RgbImage>,
    /// The picture that was answered last.
    answered: Option<RgbImage>,
    meter: Meter,
    herald: Herald,
}

/// What the live camera needs.
#[derive(Properties, PartialEq)]
pub struct LiveCameraProps {
    /// The page's state.
    pub state: Rc<State>,
    /// Sends commands.
    pub port: Port,
    /// Whether it starts by itself with a head that was just trained, where the person recorded with a camera.
    #[prop_or_default]
    pub starts: bool,
}

/// Classifies what the camera sees: a picture is sent when the one before was answered.
#[component]
pub fn LiveCamera(props: &LiveCameraProps) -> Html {
    let locale = use_locale();
    let LiveCameraProps { state, port, starts } = props;
    let camera = use_camera(&state.camera, port);
    let frozen = use_state(|| None::<Seen>);
    let said = use_state(String::new);
    let sent_to = use_state(String::new);
    let retries = use_state(|| 0_u32);
    let looping = use_mut_ref(Loop::default);
    let can = state.can_classify().is_ok();
    let answer = match &state.classification {
        Classification::Done(classified) if classified.live => Some(Rc::clone(classified)),
        _ => None,
    };

    // A head that comes while this is shown, and not one that is found.
    let fresh = state.head.as_ref().filter(|head| !head.restored).map(Rc::as_ptr);
    let known = use_mut_ref(|| fresh);
    use_effect_with(fresh, {
        let (camera, starts) = (camera.clone(), *starts);
        move |fresh| {
            let before = known.replace(*fresh);
            if starts && fresh.is_some() && before != *fresh && camera::is_wanted() {
                camera.start();
            }
        }
    });
    // Without a head there is nothing to see.
    use_effect_with(state.head.is_some(), {
        let camera = camera.clone();
        move |there| {
            if !there {
                camera.stop();
            }
        }
    });
    // A frozen picture is in the camera's place, and goes with it.
    use_effect_with(camera.is_running(), {
        let frozen = frozen.clone();
        move |running| {
            if !running {
                frozen.set(None);
            }
        }
    });
    let answered = (state.frame, state.frames);
    use_effect_with((camera.is_running(), frozen.is_some(), can, answered, *retries), {
        let (camera, port, looping, answer) =
            (camera.clone(), port.clone(), Rc::clone(&looping), answer.clone());
        let (said, locale, thresholds) = (said.clone(), locale.clone(), state.thresholds);
        move |&(running, frozen, can, (frame, _), retry)| {
            take_in(
                &mut looping.borrow_mut(),
                frame,
                answer.as_deref(),
                &camera,
                &thresholds,
                |text| said.set(text),
                &locale,
            );
            let mut again = None;
            if running && !frozen && can && frame != Frame::Waiting {
                if let Some(image) = camera.grab() {
                    looping.borrow_mut().sent = Some(image.clone());
                    port.send(Command::ClassifyFrame(image));
                } else {
                    again = Some(Timeout::new(RETRY, move || retries.set(retry.wrapping_add(1))));
                }
            } else if !running || frozen {
                looping.borrow_mut().meter.reset();
            }
            move || drop(again)
        }
    });

    let freeze = {
        let (frozen, answer, looping) = (frozen.clone(), answer.clone(), Rc::clone(&looping));
        Callback::from(move |()| {
            let image = looping.borrow().answered.clone();
            frozen.set(match (frozen.as_ref(), image, answer.clone()) {
                (None, Some(image), Some(classified)) => Some(Seen { image, classified }),
                _ => None,
            });
        })
    };
    let send = sender(props, &camera, &frozen, &looping, &sent_to, &locale);
    let onkeydown = {
        let (freeze, send, classes) = (freeze.clone(), send.clone(), classes(state));
        move |event: KeyboardEvent| {
            let typing =
                event.target_dyn_into::<Element>().and_then(|at| at.closest("input, select").ok()?);
            if typing.is_some() || event.ctrl_key() || event.alt_key() || event.meta_key() {
                return;
            }
            let key = event.key();
            if key.eq_ignore_ascii_case("f") && !event.repeat() {
                freeze.emit(());
            } else if let Some(place) = key.parse::<usize>().ok().and_then(|number| number.checked_sub(1))
                && let Some((class, name)) = classes.get(place)
                && !event.repeat()
            {
                send.emit((*class, name.clone()));
            }
        }
    };
    let shown = frozen.as_ref().map(|seen| &seen.classified).or(answer.as_ref());
    // One node in either case, or Yew would make the camera before it anew with the first answer.
    let over = frozen.as_ref().map(|seen| {
        html! { <Picture image={seen.image.clone()} label={locale.text("live-frozen")} /> }
    });
    html! {
        <section
            ref={camera.region.clone()}
            class="live"
            tabindex="0"
            aria-label={locale.text("live-title")}
            aria-keyshortcuts="F 1 2 3 4 5 6 7 8 9"
            data-testid="live-region"
            {onkeydown}
        >
            <CameraView
                camera={camera.clone()}
                name="live"
                start={locale.text("live-start")}
                disabled={!can}
                described="classify-wait"
                over={over.unwrap_or_default()}
            />
            if let Some(classified) = shown {
                <div class="seen">
                    <Answer
                        name="live-result"
                        classified={Rc::clone(classified)}
                        thresholds={state.thresholds}
                        digits=0
                    />
                    { figures(looping.borrow().meter.per_second(), &classified.stages, &locale) }
                    <div class="buttons">
                        <button
                            type="button"
                            class="quiet"
                            data-testid="live-freeze"
                            aria-pressed={frozen.is_some().to_string()}
                            disabled={frozen.is_none() && !camera.is_running()}
                            onclick={freeze.reform(|_: MouseEvent| ())}
                        >
                            { locale.text("live-freeze") }
                        </button>
                    </div>
                    { targets(state, &send, &locale) }
                </div>
            }
            <p class="unseen" role="status">{ &*said }</p>
            <p class="small" role="status" data-testid="live-sent">{ &*sent_to }</p>
        </section>
    }
}

/// Takes in what became of the picture that was sent.
fn take_in(
    looping: &mut Loop,
    frame: Frame,
    answer: Option<&Classified>,
    camera: &CameraHandle,
    thresholds: &Thresholds,
    say: impl FnOnce(String),
    locale: &Locale,
) {
    match (frame, answer) {
        (Frame::Answered, Some(answer)) if looping.sent.is_some() => {
            let now = browser::now();
            looping.answered = looping.sent.take();
            looping.meter.answered(now);
            let known = answer.winner().filter(|_| answer.doubt(thresholds).is_none());
            if looping.herald.says(known.map(|(class, _)| class), now) {
                say(spoken(answer, thresholds, 0, locale));
            }
        }
        // The notice says why; trying on would only repeat it.
        (Frame::Failed, _) if looping.sent.take().is_some() => camera.stop(),
        _ => {}
    }
}

/// The open project's classes, in their order.
fn classes(state: &State) -> Vec<(u32, String)> {
    let classes = state.projects.open.iter().flat_map(|open| &open.project.classes);
    classes.map(|class| (class.id, class.name.clone())).collect()
}

/// Sends the frozen picture, or what the camera sees now, to a class.
fn sender(
    props: &LiveCameraProps,
    camera: &CameraHandle,
    frozen: &UseStateHandle<Option<Seen>>,
    looping: &Rc<RefCell<Loop>>,
    sent_to: &UseStateHandle<String>,
    locale: &Locale,
) -> Callback<(u32, String)> {
    let (port, camera, frozen) = (props.port.clone(), camera.clone(), frozen.clone());
    let (looping, sent_to, locale) = (Rc::clone(looping), sent_to.clone(), locale.clone());
    let can = props.state.can_edit().is_ok();
    Callback::from(move |(class, name): (u32, String)| {
        let image = frozen.as_ref().map(|seen| seen.image.clone());
        let image = image.or_else(|| camera.grab()).or_else(|| looping.borrow().answered.clone());
        let Some(image) = image.filter(|_| can) else { return };
        let recording = port.recording();
        port.send(Command::Project(ProjectCommand::AddFrame { class, recording, image }));
        sent_to.set(locale.fill("live-sent", &[("class", name.into())]));
    })
}

/// How fast it goes.
fn figures(per_second: Option<f64>, stages: &Stages, locale: &Locale) -> Html {
    let time = |value: f32| {
        let value = locale.decimal(value.into(), 1);
        locale.fill("milliseconds", &[("value", value.into())])
    };
    let values = [
        ("prepare", time(stages.prepare).into()),
        ("features", time(stages.features).into()),
        ("head", time(stages.head).into()),
    ];
    html! {
        <p class="small">
            { for per_second.map(|rate| html! {
                <span data-testid="live-rate" data-value={rate.to_string()}>
                    { locale.fill("live-rate", &[("rate", locale.decimal(rate, 1).into())]) }
                    { " " }
                </span>
            }) }
            <span data-testid="live-stages">{ locale.fill("live-stages", &values) }</span>
        </p>
    }
}

/// A button for each class of the open project.
fn targets(state: &State, send: &Callback<(u32, String)>, locale: &Locale) -> Html {
    let classes = classes(state);
    if classes.is_empty() {
        return Html::default();
    }
    let disabled = state.can_edit().is_err();
    let buttons = classes.into_iter().zip(1_u32..).map(|((id, name), number)| {
        let label = match number {
            1..=9 => format!("{number} · {name}"),
            _ => name.clone(),
        };
        html! {
            <button
                key={id}
                type="button"
                class="quiet"
                data-testid={format!("live-send-{id}")}
                {disabled}
                onclick={send.reform(move |_: MouseEvent| (id, name.clone()))}
            >
                { label }
            </button>
        }
    });
    html! {
        <div class="buttons" role="group" aria-label={locale.text("live-send")}>
            <span class="small">{ locale.text("live-send") }</span>
            { for buttons }
        </div>
    }
}
