use yew::prelude::*;

use super::CellProps;
use super::exchange::moving;
use crate::dataset::{Example, Source};
use crate::protocol::{Command, DatasetInfo, Exchange, Limits};
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{DataNotices, DropZone, Frame, NumberField, Picture, Progress, TextField};
use crate::ui::port::Port;
use crate::ui::state::{Cell, State, Work};

/// The most images a limit can name.
const MOST_IMAGES: u32 = 1_000_000;

/// Cell 2: the images.
#[component]
pub fn DataCell(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let disabled = state.can_use_data().is_err();
    let (onfiles, onfolder) = (port.on_files(Command::UseFiles), port.on_folder(Command::UseFiles));
    let settled = match state.work() {
        Some(work @ Work::Reading { .. }) => reading(work, port, &locale),
        _ => match state.data() {
            Some(data) => html! { <>{ summary(data, &locale) }{ names(data, port, disabled, &locale) }</> },
            None => html! { <p class="small">{ locale.text("data-none") }</p> },
        },
    };
    let output = html! { <>{ bringing(state, port, &locale) }{ settled }</> };
    html! {
        <Frame
            id="data"
            number=2
            title={locale.text("data-title")}
            intro={locale.text("data-intro")}
            more={locale.text("data-intro-more")}
            terms={vec!["term-class", "term-label", "term-training", "term-test"]}
            standing={state.standing(Cell::Data)}
            next={state.next_cell() == Some(Cell::Data)}
            line={state.data().map(|data| line(data, &locale))}
            blocked={state.can_use_data().err()}
            {output}
        >
            <div class="zones">
                <DropZone
                    name="dataset-input"
                    label={locale.text("data-drop")}
                    hint={locale.text("data-drop-hint")}
                    accept=".zip,.npz,.npy,.gz,.tgz,.tar,.bin,.txt,application/zip,application/gzip,application/octet-stream"
                    multiple=true
                    described="data-wait"
                    {disabled}
                    onfiles={onfiles.clone()}
                    onfolder={onfolder.clone()}
                    together=true
                />
                <DropZone
                    name="dataset-folder"
                    label={locale.text("data-folder")}
                    hint={locale.text("data-folder-hint")}
                    accept=""
                    folder=true
                    multiple=true
                    described="data-wait"
                    {disabled}
                    {onfiles}
                    {onfolder}
                    together=true
                />
            </div>
            <div class="beside">
                <button
                    type="button"
                    data-testid="dataset-sample"
                    aria-describedby="data-wait"
                    {disabled}
                    onclick={port.on_click(Command::UseSample)}
                >
                    { locale.text("data-sample") }
                </button>
                <small>{ locale.text("data-sample-note") }</small>
            </div>
            { site_data(state, port, disabled, &locale) }
            <LimitFields state={state.clone()} port={port.clone()} />
        </Frame>
    }
}

/// How many images are in use, in a line.
fn line(data: &DatasetInfo, locale: &Locale) -> String {
    let values = [("train", locale.integer(data.train).into()), ("test", locale.integer(data.test).into())];
    locale.fill("line-data", &values)
}

/// The data set that the site offers. It comes when it is asked for, not before.
fn site_data(state: &State, port: &Port, disabled: bool, locale: &Locale) -> Html {
    let Some(data) = &state.site_data else { return Html::default() };
    let name = if data.is_cifar10() { locale.text("data-source-cifar") } else { data.name.clone() };
    let (key, size) = match data.bytes {
        0 => ("data-site-unsized", String::new()),
        bytes => ("data-site", locale.megabytes(bytes)),
    };
    html! {
        <div class="beside">
            <button
                type="button"
                data-testid="dataset-site"
                data-bytes={data.bytes.to_string()}
                aria-describedby="data-wait"
                {disabled}
                onclick={port.on_click(Command::UseSiteData(data.clone()))}
            >
                { locale.fill(key, &[("name", name.into()), ("size", size.into())]) }
            </button>
            <small>{ locale.text("data-site-note") }</small>
        </div>
    }
}

/// How far its download is, and the way to end it.
fn bringing(state: &State, port: &Port, locale: &Locale) -> Html {
    let Some((Exchange::SiteData, done, total)) = state.exchange else { return Html::default() };
    let left = state.site_data_left.map(|seconds| locale.duration(f64::from(seconds)));
    let key = match (total, &left) {
        (0, _) => "data-bringing-unsized",
        (_, None) => "data-bringing",
        (_, Some(_)) => "data-bringing-left",
    };
    let values = [
        ("done", locale.megabytes(done).into()),
        ("total", locale.megabytes(total).into()),
        ("time", left.unwrap_or_default().into()),
    ];
    moving(&locale.fill(key, &values), (done as f64, total as f64), port, locale)
}

/// How many images to use.
#[component]
fn LimitFields(props: &CellProps) -> Html {
    let locale = use_locale();
    // Which of the two fields holds something that is no limit.
    let invalid = use_state(|| (false, false));
    let CellProps { state, port } = props;
    let limits = state.limits;
    let set = |change: fn(Limits, Option<u32>) -> Limits, mark: fn((bool, bool), bool) -> (bool, bool)| {
        let (port, invalid) = (port.clone(), invalid.clone());
        Callback::from(move |text: String| {
            let number = limit(&text);
            invalid.set(mark(*invalid, number.is_err()));
            if let Ok(number) = number {
                port.send(Command::Limit(change(limits, number)));
            }
        })
    };
    let on_train = set(|limits, train| Limits { train, ..limits }, |(_, test), wrong| (wrong, test));
    let on_test = set(|limits, test| Limits { test, ..limits }, |(train, _), wrong| (train, wrong));
    let shown = |limit: Option<u32>| limit.map_or_else(String::new, |limit| limit.to_string());
    let disabled = state.can_use_data().is_err();
    html! {
        <fieldset>
            <legend>{ locale.text("limits-title") }</legend>
            <NumberField
                name="limit-train"
                label={locale.text("limit-train")}
                value={shown(limits.train)}
                placeholder={locale.text("limit-all")}
                most={MOST_IMAGES}
                invalid={invalid.0}
                {disabled}
                onchange={on_train}
            />
            <NumberField
                name="limit-test"
                label={locale.text("limit-test")}
                value={shown(limits.test)}
                placeholder={locale.text("limit-all")}
                most={MOST_IMAGES}
                invalid={invalid.1}
                {disabled}
                onchange={on_test}
            />
            <p class="small">{ locale.text("limits-note") }</p>
        </fieldset>
    }
}

/// The limit that was typed, `None` for all images.
fn limit(text: &str) -> Result<Option<u32>, ()> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(number @ 1..=MOST_IMAGES) => Ok(Some(number)),
            _ => Err(()),
        },
    }
}

/// How far the reading is, and the way to end it.
fn reading(work: &Work, port: &Port, locale: &Locale) -> Html {
    let Work::Reading { done, total, pictures, seconds_left } = work else { return Html::default() };
    let text = match total {
        0 => locale.text("data-preparing"),
        _ => locale.fill(
            "data-reading",
            &[("done", locale.megabytes(*done).into()), ("total", locale.megabytes(*total).into())],
        ),
    };
    let count = [("pictures", (*pictures).into()), ("shown", locale.integer(*pictures).into())];
    let count = (*pictures > 0).then(|| locale.fill("data-reading-pictures", &count));
    let left = seconds_left
        .map(|seconds| locale.fill("extract-left", &[("time", locale.duration(seconds.into()).into())]));
    let more: Vec<String> = count.into_iter().chain(left).collect();
    html! {
        <div data-testid="dataset-reading" data-pictures={pictures.to_string()}>
            <p>{ text }{ " " }{ more.join(", ") }</p>
            <Progress label={locale.text("data-reading-label")} done={*done as f64} total={*total as f64} />
            <button type="button" class="quiet" data-testid="dataset-cancel" onclick={port.on_click(Command::Cancel)}>
                { locale.text("data-cancel") }
            </button>
        </div>
    }
}

/// The classes' names, to be changed: those of folders and arrays are often not what one would call them. Others
/// have names that the page knows, or that belong to a project.
fn names(data: &DatasetInfo, port: &Port, disabled: bool, locale: &Locale) -> Html {
    if !matches!(data.source, Source::Folders | Source::Arrays) {
        return Html::default();
    }
    let fields = (0_u16..).zip(&data.classes).map(|(label, name)| {
        let port = port.clone();
        let onchange = Callback::from(move |name| port.send(Command::RenameClass { label, name }));
        html! {
            <TextField
                key={label}
                name={format!("dataset-class-{label}")}
                label={locale.fill("class-default-name", &[("number", (u32::from(label) + 1).into())])}
                value={name.clone()}
                {disabled}
                {onchange}
            />
        }
    });
    html! {
        <details data-testid="dataset-names">
            <summary>{ locale.text("data-names") }</summary>
            <div class="beside">{ for fields }</div>
        </details>
    }
}

/// What is in use, with a picture of each class.
fn summary(data: &DatasetInfo, locale: &Locale) -> Html {
    let limited = (data.train, data.test) != (data.train_available, data.test_available);
    let text = locale.fill(
        if limited { "data-summary-limited" } else { "data-summary" },
        &[
            ("source", locale.text(keys::source(data.source)).into()),
            ("train", locale.integer(data.train).into()),
            ("test", locale.integer(data.test).into()),
            ("train-available", locale.integer(data.train_available).into()),
            ("test-available", locale.integer(data.test_available).into()),
        ],
    );
    let examples = data.examples.iter().filter_map(|Example { image, label }| {
        let name = data.classes.get(usize::from(*label))?;
        Some(html! {
            <li class={format!("class-{}", label % 10)}>
                <Picture image={image.clone()} label="" />
                <span>{ locale.class(name) }</span>
            </li>
        })
    });
    html! {
        <>
            <p
                data-testid="dataset-summary"
                data-train={data.train.to_string()}
                data-test={data.test.to_string()}
                data-source={keys::source(data.source)}
            >
                { text }
            </p>
            <DataNotices notices={data.notices.clone()} />
            <ul class="examples" aria-label={locale.text("data-examples")}>{ for examples }</ul>
        </>
    }
}
