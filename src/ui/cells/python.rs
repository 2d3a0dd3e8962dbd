use gloo::timers::future::TimeoutFuture;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::CellProps;
use super::exchange::moving;
use crate::backbone::NOTEBOOK;
use crate::browser::save;
use crate::interchange::program::{self, About, program};
use crate::interchange::stem;
use crate::protocol::{BackboneInfo, Command, Exchange, Kind, Part, Trained};
use crate::ui::i18n::Language;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::state::State;

/// Milliseconds for which a button says that it has copied.
const COPIED: u32 = 2_000;

/// The trained head as files for other programs, each with a program that uses it.
#[component]
pub fn Python(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let (Some(head), Some(backbone)) = (state.result(), state.backbone()) else { return Html::default() };
    let kinds = state.kinds(head);
    let formats = kinds.iter().map(|kind| {
        let [file, program] = kind.names(files_stem(state, backbone), head.options.preset);
        let about = about(*kind, &file, head, state, backbone, &locale);
        html! {
            <Format
                key={name(*kind)}
                name={name(*kind)}
                title={locale.text(title(*kind))}
                note={locale.fill(note(*kind), &[("size", locale.megabytes(backbone.bytes).into())])}
                {file}
                {program}
                text={about}
                disabled={state.can_export_head().is_err()}
                onsave={port.on_click(Command::ExportHead(*kind))}
            />
        }
    });
    let making = match (state.exchange, state.download) {
        (Some((Exchange::Head(Kind::Classifier), ..)), Some(download)) if download.running => {
            let of = (download.done as f64, download.total as f64);
            moving(&locale.text("python-downloading"), of, port, &locale)
        }
        (Some((Exchange::Head(_), ..)), _) => {
            moving(&locale.text("python-making"), (0.0, 0.0), port, &locale)
        }
        _ => Html::default(),
    };
    html! {
        <>
            <details class="exam exchange" data-testid="python">
                <summary>{ locale.text("python-title") }</summary>
                <p>{ locale.text("python-intro") }</p>
                { formats.collect::<Html>() }
                { left_out(&kinds, &locale) }
            </details>
            { making }
        </>
    }
}

/// What the files are named after: nobody knows which network made features that came from files.
fn files_stem<'a>(state: &State, backbone: &'a BackboneInfo) -> &'a str {
    if state.is_foreign() { program::FOREIGN } else { stem(&backbone.address) }
}

/// The Python program for `file`.
fn about(
    kind: Kind,
    file: &str,
    head: &Trained,
    state: &State,
    backbone: &BackboneInfo,
    locale: &Locale,
) -> String {
    let features = Part::Test.file_name(if state.is_foreign() { NOTEBOOK } else { &backbone.address });
    program(&About {
        kind,
        language: match locale.language() {
            Language::Spanish => program::Language::Spanish,
            Language::English => program::Language::English,
        },
        shape: backbone.features,
        input_size: backbone.input_size,
        settings: &head.options,
        classes: &head.classes,
        file,
        features: &features,
    })
}

/// What is not offered, and why.
fn left_out(kinds: &[Kind], locale: &Locale) -> Html {
    let all = [(Kind::Classifier, "python-no-classifier"), (Kind::Keras, "python-no-keras")];
    let missing = all.iter().filter(|(kind, _)| !kinds.contains(kind));
    missing.map(|(_, key)| html! { <p class="small">{ locale.text(key) }</p> }).collect()
}

/// A kind's name in tests.
fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Classifier => "classifier",
        Kind::Onnx => "onnx",
        Kind::Safetensors => "safetensors",
        Kind::Keras => "keras",
    }
}

fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Classifier => "python-classifier",
        Kind::Onnx => "python-onnx",
        Kind::Safetensors => "python-safetensors",
        Kind::Keras => "python-keras",
    }
}

fn note(kind: Kind) -> &'static str {
    match kind {
        Kind::Classifier => "python-classifier-note",
        Kind::Onnx => "python-onnx-note",
        Kind::Safetensors => "python-safetensors-note",
        Kind::Keras => "python-keras-note",
    }
}

/// A text whose lines may break within names of files, at their joints.
fn breakable(text: &str) -> Html {
    text.split_inclusive('_').map(|piece| html! { <>{ piece.to_owned() }<wbr /></> }).collect()
}

#[derive(Properties, PartialEq)]
struct FormatProps {
    name: &'static str,
    title: AttrValue,
    note: AttrValue,
    /// The file's name.
    file: AttrValue,
    /// The program's name.
    program: AttrValue,
    /// The program.
    text: AttrValue,
    disabled: bool,
    onsave: Callback<MouseEvent>,
}

/// A kind of file, and its program.
#[component]
fn Format(props: &FormatProps) -> Html {
    let locale = use_locale();
    let copied = use_state(|| false);
    let FormatProps { name, title, note, file, program, text, disabled, onsave } = props;
    let copy = {
        let (copied, text) = (copied.clone(), text.clone());
        Callback::from(move |_: MouseEvent| {
            let (copied, text) = (copied.clone(), text.clone());
            spawn_local(async move {
                if save::copy(&text).await {
                    copied.set(true);
                    TimeoutFuture::new(COPIED).await;
                    copied.set(false);
                }
            });
        })
    };
    let save_program = {
        let (program, text) = (program.clone(), text.clone());
        Callback::from(move |_: MouseEvent| save::text(&program, &text))
    };
    let named = |text, file: &AttrValue| breakable(&locale.fill(text, &[("file", file.to_string().into())]));
    html! {
        <section class="format">
            <h3>{ title }</h3>
            <p class="small">{ note }</p>
            <button
                type="button"
                class="quiet"
                data-testid={format!("export-{name}")}
                data-file={file.clone()}
                disabled={*disabled}
                onclick={onsave.clone()}
            >
                { named("python-save", file) }
            </button>
            <details>
                <summary>{ named("python-program", program) }</summary>
                <pre tabindex="0" role="region" aria-label={program.clone()} data-testid={format!("program-{name}")}>
                    <code>{ text }</code>
                </pre>
                <div class="buttons">
                    <button
                        type="button"
                        class="quiet"
                        data-testid={format!("program-save-{name}")}
                        data-file={program.clone()}
                        onclick={save_program}
                    >
                        { named("python-save", program) }
                    </button>
                    <button
                        type="button"
                        class="quiet"
                        data-testid={format!("program-copy-{name}")}
                        hidden={!save::can_copy()}
                        onclick={copy}
                    >
                        { locale.text(if *copied { "python-copied" } else { "python-copy" }) }
                    </button>
                </div>
            </details>
        </section>
    }
}
