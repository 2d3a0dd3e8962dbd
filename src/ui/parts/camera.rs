use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::ui::camera::CameraHandle;
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::state::{CameraError, Stand};

/// What a camera's view needs.
#[derive(Properties, PartialEq)]
pub struct CameraViewProps {
    /// The camera.
    pub camera: CameraHandle,
    /// The name in tests of the buttons that start and stop it, without their ends.
    #[prop_or("camera")]
    pub name: &'static str,
    /// What the button says that starts it.
    pub start: AttrValue,
    /// Whether it cannot be started now.
    #[prop_or_default]
    pub disabled: bool,
    /// Id of the text that says why, where there is one.
    #[prop_or_default]
    pub described: Option<AttrValue>,
    /// What lies over the picture.
    #[prop_or_default]
    pub over: Html,
}

/// A camera's picture with what can be set about it. Nothing is asked for before the person
/// presses its button.
#[component]
pub fn CameraView(props: &CameraViewProps) -> Html {
    let locale = use_locale();
    let handle = &props.camera;
    let camera = &handle.camera;
    let on = camera.is_on();
    let word = match camera.stand {
        Stand::Off => "off",
        Stand::Starting => "starting",
        Stand::Running => "running",
        Stand::Failed(_) => "failed",
    };
    // One button, so that the focus stays on it. What comes and goes after it is one node, or Yew
    // would make the button anew.
    let onclick = {
        let handle = handle.clone();
        move |_: MouseEvent| if handle.camera.is_on() { handle.stop() } else { handle.start() }
    };
    let label = match camera.stand {
        Stand::Starting => locale.text("camera-cancel").into(),
        Stand::Running => locale.text("camera-stop").into(),
        Stand::Off | Stand::Failed(_) => props.start.clone(),
    };
    // Where one fails, another one may work.
    let choice = camera.devices.len() > 1 && (on || matches!(camera.stand, Stand::Failed(_)));
    html! {
        <div class="camera">
            <div class="preview" hidden={!on}>
                <video
                    ref={handle.video()}
                    class={handle.is_mirrored().then_some("mirrored")}
                    data-testid="camera-video"
                    data-state={word}
                    aria-label={locale.text("camera-preview")}
                    playsinline=true
                    muted=true
                    onplaying={handle.on_picture()}
                />
                { props.over.clone() }
            </div>
            <div class="beside">
                <button
                    type="button"
                    class={on.then_some("quiet")}
                    data-testid={format!("{}-{}", props.name, if on { "stop" } else { "start" })}
                    disabled={props.disabled && !on}
                    aria-describedby={props.described.clone()}
                    {onclick}
                >
                    { label }
                </button>
                if choice {
                    { choices(handle, &locale) }
                }
                if on {
                    { mirror(handle, &locale) }
                }
            </div>
            <div role="status" data-testid="camera-status" data-instead={(on && camera.instead).to_string()}>
                { match camera.stand {
                    Stand::Starting => locale.text("camera-starting"),
                    Stand::Running if camera.instead => locale.text("camera-instead"),
                    _ => String::new(),
                } }
            </div>
            <div role="alert">
                { for match camera.stand { Stand::Failed(error) => Some(failed(error, &locale)), _ => None } }
            </div>
        </div>
    }
}

/// The cameras there are, to choose one.
fn choices(handle: &CameraHandle, locale: &Locale) -> Html {
    let camera = &handle.camera;
    let onchange = {
        let handle = handle.clone();
        move |event: Event| handle.choose(&event.target_unchecked_into::<HtmlSelectElement>().value())
    };
    let options = camera.devices.iter().zip(1_u32..).map(|(device, number)| {
        let label = match device.label.as_str() {
            "" => locale.fill("camera-device", &[("number", number.into())]),
            label => label.to_owned(),
        };
        let selected = camera.device.as_ref() == Some(&device.id);
        html! { <option key={device.id.clone()} value={device.id.clone()} {selected}>{ label }</option> }
    });
    html! {
        <label class="field">
            <span>{ locale.text("camera-choice") }</span>
            <select data-testid="camera-choice" {onchange}>{ for options }</select>
        </label>
    }
}

/// Whether its pictures are mirrored.
fn mirror(handle: &CameraHandle, locale: &Locale) -> Html {
    let onchange = {
        let handle = handle.clone();
        move |event: Event| handle.mirror(event.target_unchecked_into::<HtmlInputElement>().checked())
    };
    html! {
        <label class="check">
            <input type="checkbox" data-testid="camera-mirror" checked={handle.is_mirrored()} {onchange} />
            { locale.text("camera-mirror") }
        </label>
    }
}

fn failed(error: CameraError, locale: &Locale) -> Html {
    let key = keys::camera_error(error);
    html! {
        <div class="warning" data-testid="camera-error" data-kind={error.word()}>
            <p><strong>{ locale.text(key) }</strong></p>
            <p>{ locale.text(&format!("{key}-next")) }</p>
        </div>
    }
}
