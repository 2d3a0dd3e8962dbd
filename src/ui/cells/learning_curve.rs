use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::CellProps;
use super::compare::called;
use crate::learning_curve::{Trend, estimate, trend};
use crate::protocol::{Command, Preset, TrainingOptions};
use crate::ui::chart;
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::Progress;
use crate::ui::state::{Curve, State, Work};

/// Whether more pictures would help: the test accuracy with ever more of the training images.
#[component]
pub fn LearningCurve(props: &CellProps) -> Html {
    let locale = use_locale();
    let preset = use_state(|| Preset::Quick);
    let CellProps { state, port } = props;
    if state.data().is_none() || state.head.is_none() {
        return Html::default();
    }
    let curve = &*state.curve;
    let settings = settings(state, *preset);
    let onchange = {
        let preset = preset.setter();
        Callback::from(move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            if let Some(chosen) = Preset::from_name(&select.value()) {
                preset.set(chosen);
            }
        })
    };
    let presets = Preset::ALL.map(|one| {
        html! {
            <option value={one.name()} selected={one == *preset}>{ locale.text(keys::preset(one)) }</option>
        }
    });
    html! {
        <details class="exam curve" data-testid="learning-curve">
            <summary>{ locale.text("curve-title") }</summary>
            <p>{ locale.text("curve-intro") }</p>
            <label class="field">
                <span>{ locale.text("curve-head") }</span>
                <select data-testid="curve-head" disabled={curve.running} {onchange}>{ for presets }</select>
            </label>
            <p data-testid="curve-estimate" id="curve-estimate">{ takes(state, &settings, &locale) }</p>
            <div class="buttons">
                <button
                    type="button"
                    data-testid="curve-start"
                    disabled={state.can_train().is_err()}
                    aria-describedby="curve-estimate"
                    onclick={port.on_click(Command::LearningCurve(settings))}
                >
                    { locale.text("curve-start") }
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="curve-cancel"
                    hidden={!curve.running}
                    onclick={port.on_click(Command::StopTraining)}
                >
                    { locale.text("curve-cancel") }
                </button>
            </div>
            if curve.running {
                { running(state, &locale) }
            }
            if !curve.points.is_empty() {
                { drawing(curve, &locale) }
                { table(curve, &locale) }
            }
            { says(curve, &locale) }
        </details>
    }
}

/// The head in use's settings where it is of this kind, else those that suit the kind.
fn settings(state: &State, preset: Preset) -> TrainingOptions {
    let own = state.head.as_ref().map(|head| head.options).filter(|options| options.preset == preset);
    own.unwrap_or_else(|| TrainingOptions::of(preset))
}

/// How long it will take, and how that is known.
fn takes(state: &State, settings: &TrainingOptions, locale: &Locale) -> String {
    let train = state.data().map_or(0, |data| data.train);
    let Some(found) = estimate(&state.finished.info.rows, settings, train) else {
        return locale.text("curve-unknown");
    };
    let from = state.finished.row(found.from).map_or_else(String::new, |row| called(row, locale));
    let values = [("time", locale.duration(found.seconds.max(1.0)).into()), ("name", from.into())];
    locale.fill(if found.same_head { "curve-takes" } else { "curve-takes-other" }, &values)
}

/// How far it is: points that are measured, and how much of the next one.
fn running(state: &State, locale: &Locale) -> Html {
    let curve = &*state.curve;
    let (done, all) = (curve.points.len() as u32, curve.sizes.len() as u32);
    let part = match state.work() {
        Some(Work::Training { run, .. }) if run.epochs > 0 && !run.measuring => {
            let batch = f64::from(run.done) / f64::from(run.total.max(1));
            ((run.rows.len() as f64 + batch) / f64::from(run.epochs)).min(1.0)
        }
        _ => 0.0,
    };
    let images = curve.sizes.get(done as usize).copied().unwrap_or_default();
    let values = [
        ("point", locale.integer((done + 1).min(all)).into()),
        ("points", locale.integer(all).into()),
        ("images", locale.integer(images).into()),
    ];
    html! {
        <div data-testid="curve-progress" data-done={done.to_string()}>
            <p role="status">{ locale.fill("curve-running", &values) }</p>
            <Progress
                label={locale.text("curve-progress")}
                done={f64::from(done) + part}
                total={f64::from(all)}
            />
        </div>
    }
}

fn drawing(curve: &Curve, locale: &Locale) -> Html {
    let (Some(first), Some(last)) = (curve.points.first(), curve.points.last()) else {
        return Html::default();
    };
    let figure = |value: f64| locale.percent(value, 0);
    let count = |images: u32| locale.integer(images);
    // What cannot be drawn stands in the table all the same.
    let Ok(svg) = chart::draw_curve(&curve.points, &figure, &count) else { return Html::default() };
    let values = [
        ("first", locale.percent(first.accuracy(), 1).into()),
        ("few", count(first.images).into()),
        ("last", locale.percent(last.accuracy(), 1).into()),
        ("many", count(last.images).into()),
    ];
    html! {
        <div class="charts">
            <figure>
                <figcaption>{ locale.text("curve-chart") }</figcaption>
                <div role="img" aria-label={locale.fill("curve-description", &values)}>
                    { Html::from_html_unchecked(svg.into()) }
                </div>
            </figure>
        </div>
    }
}

fn table(curve: &Curve, locale: &Locale) -> Html {
    let rows = curve.points.iter().map(|point| {
        let (low, high) = point.interval();
        let interval = [("low", locale.percent(low, 1).into()), ("high", locale.percent(high, 1).into())];
        html! {
            <tr
                data-testid="curve-row"
                data-images={point.images.to_string()}
                data-accuracy={point.accuracy().to_string()}
            >
                <th scope="row">{ locale.percent(point.share, 0) }</th>
                <td>{ locale.integer(point.images) }</td>
                <td>{ locale.percent(point.accuracy(), 1) }</td>
                <td>{ locale.fill("range", &interval) }</td>
            </tr>
        }
    });
    let left_out: Vec<String> = curve.left_out.iter().map(|share| locale.percent(*share, 0)).collect();
    let left_out_text = locale.fill("curve-left-out", &[("shares", left_out.join(", ").into())]);
    html! {
        <>
            <table class="epochs" data-testid="curve-table">
                <thead>
                    <tr>
                        <th scope="col">{ locale.text("curve-share") }</th>
                        <th scope="col">{ locale.text("curve-images") }</th>
                        <th scope="col">{ locale.text("trainings-accuracy") }</th>
                        <th scope="col">{ locale.text("before-interval") }</th>
                    </tr>
                </thead>
                <tbody>{ for rows }</tbody>
            </table>
            if !left_out.is_empty() {
                <p class="small" data-testid="curve-left-out">{ left_out_text }</p>
            }
        </>
    }
}

/// What the curve says, in a sentence, once it is whole.
fn says(curve: &Curve, locale: &Locale) -> Html {
    let (name, key) = match (curve.running, curve.is_whole(), trend(&curve.points)) {
        (true, ..) | (_, _, None) => return html! { <p role="status"></p> },
        (_, false, _) => ("ended", "curve-ended"),
        (_, _, Some(Trend::Rising)) => ("rising", "curve-rising"),
        (_, _, Some(Trend::Flat)) => ("flat", "curve-flat"),
        (_, _, Some(Trend::Unsure)) => ("unsure", "curve-unsure"),
    };
    html! {
        <p role="status" data-testid="curve-says" data-says={name}><strong>{ locale.text(key) }</strong></p>
    }
}
