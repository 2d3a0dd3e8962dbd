use std::rc::Rc;

use web_sys::File;
use yew::prelude::*;

use super::CellProps;
use super::doubt::DoubtSettings;
use super::live::LiveCamera;
use super::why::Why;
use crate::protocol::{Classified, Command};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{Answer, DropZone, Frame, Picture, Progress};
use crate::ui::state::{Cell, Classification, State};

/// Cell 6: a picture of one's own.
#[component]
pub fn ClassifyCell(props: &CellProps) -> Html {
    let locale = use_locale();
    let state = &props.state;
    html! {
        <Frame
            id="classify"
            number=6
            title={locale.text("classify-title")}
            intro={locale.text("classify-intro")}
            more={locale.text("classify-intro-more")}
            terms={vec!["term-probability"]}
            standing={state.standing(Cell::Classify)}
            blocked={state.can_classify().err()}
            folds={state.head.is_none()}
            output={classified(state, &locale)}
        >
            { picture_zone(props, &locale) }
            <LiveCamera state={Rc::clone(state)} port={props.port.clone()} />
            <DoubtSettings ..props.clone() />
        </Frame>
    }
}

/// A field for a picture to classify.
pub fn picture_zone(props: &CellProps, locale: &Locale) -> Html {
    let CellProps { state, port } = props;
    let onfiles = {
        let port = port.clone();
        Callback::from(move |files: Vec<File>| {
            // The zone gives one file, so there is one reference.
            port.send_files(|mut references| Command::Classify(references.swap_remove(0)), files);
        })
    };
    html! {
        <DropZone
            name="classify-input"
            label={locale.text("classify-drop")}
            hint={locale.text("classify-drop-hint")}
            accept="image/jpeg,image/png,image/webp,image/gif,image/bmp"
            described="classify-wait"
            disabled={state.can_classify().is_err()}
            {onfiles}
        />
    }
}

/// What the picture that was given is taken for.
pub fn classified(state: &State, locale: &Locale) -> Html {
    match &state.classification {
        Classification::None => Html::default(),
        Classification::Waiting(name) => {
            let text = locale.fill("classify-waiting", &[("name", name.as_str().into())]);
            html! {
                <>
                    <p>{ &text }</p>
                    <Progress label={text.clone()} done=0.0 total=0.0 />
                </>
            }
        }
        // Shown beside the camera.
        Classification::Done(classified) if classified.live => Html::default(),
        Classification::Done(classified) => answer(classified, state, locale),
    }
}

/// The class, its probability, all others, and why.
fn answer(classified: &Rc<Classified>, state: &State, locale: &Locale) -> Html {
    let milliseconds = locale.decimal(classified.milliseconds.into(), 0);
    let time = locale.fill("milliseconds", &[("value", milliseconds.into())]);
    let time =
        locale.fill("classify-time", &[("name", classified.name.as_str().into()), ("time", time.into())]);
    let why = state.backbone().map(|backbone| {
        html! { <Why classified={Rc::clone(classified)} features={backbone.features} /> }
    });
    html! {
        <>
            <div class="answer">
                <figure>
                    <Picture image={classified.image.clone()} label={locale.text("classify-seen")} />
                    <figcaption>{ locale.text("classify-seen") }</figcaption>
                </figure>
                <div>
                    <Answer
                        name="classify-result"
                        classified={Rc::clone(classified)}
                        thresholds={state.thresholds}
                        digits=1
                    />
                    <p class="small">{ time }</p>
                </div>
            </div>
            { for why }
        </>
    }
}
