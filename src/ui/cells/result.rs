use yew::prelude::*;

use super::CellProps;
use super::compare::Compare;
use super::engine::weights_warning;
use super::exam::Exam;
use super::feature_map::FeatureMapPart;
use super::leaky::Leaky;
use super::learning_curve::LearningCurve;
use super::model_card::ModelCard;
use super::python::Python;
use super::scrubber::Scrubber;
use crate::dataset::Source;
use crate::metrics::wilson_interval;
use crate::protocol::Trained;
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{Charts, Frame};
use crate::ui::state::{Cell, State};

/// What the original notebook printed, as a share.
const NOTEBOOK_ACCURACY: f64 = 0.8246;

/// Cell 5: the accuracy on images that were never seen.
#[component]
pub fn ResultCell(props: &CellProps) -> Html {
    let locale = use_locale();
    let state = &props.state;
    let standing = state.standing(Cell::Result);
    let output = html! {
        <>
            { for state.result().map(|head| accuracy(head, state, &locale)) }
            <Charts epochs={state.epochs().to_vec()} />
            { closer(props, &locale) }
        </>
    };
    html! {
        <Frame
            id="result"
            number=5
            title={locale.text("result-title")}
            intro={locale.text("result-intro")}
            terms={vec!["term-accuracy", "term-interval", "term-confusion"]}
            {standing}
            // Before there is a result, it holds the map of the features.
            folds={state.head.is_none() && state.can_draw_map().is_err()}
            {output}
        />
    }
}

/// What there is to look at beside the accuracy.
pub fn closer(props: &CellProps, locale: &Locale) -> Html {
    let state = &props.state;
    html! {
        <>
            <Scrubber ..props.clone() />
            { state.result().zip(state.before.as_deref()).map_or_else(Html::default, |(now, before)| beside(before, now, locale)) }
            <Leaky ..props.clone() />
            <Exam ..props.clone() />
            <Compare ..props.clone() />
            <LearningCurve ..props.clone() />
            <Python ..props.clone() />
            <ModelCard ..props.clone() />
            // It comes a moment later than the rest, and pushes nothing of it away.
            <FeatureMapPart ..props.clone() />
        </>
    }
}

/// The accuracy beside the notebook's, and what makes them differ.
pub fn accuracy(head: &Trained, state: &State, locale: &Locale) -> Html {
    // The notebook knows nothing of classes of one's own.
    let own = head.source == Source::Project;
    let share = f64::from(head.correct()) / f64::from(head.test().max(1));
    let (low, high) = wilson_interval(head.correct(), head.test());
    let interval = locale
        .fill("range", &[("low", locale.percent(low, 2).into()), ("high", locale.percent(high, 2).into())]);
    let has_epochs = head.options.preset.has_epochs();
    let correct = locale.fill(
        if has_epochs { "result-correct" } else { "result-correct-nearest" },
        &[
            ("correct", locale.integer(head.correct()).into()),
            ("test", locale.integer(head.test()).into()),
            ("best", locale.integer(head.best_epoch).into()),
        ],
    );
    let preset = locale.text(keys::preset(head.options.preset));
    let source = locale.text(keys::source(head.source));
    let restored = head.restored.then(|| html! { <p class="small">{ locale.text("result-restored") }</p> });
    html! {
        <>
            <dl class="figures">
                <div>
                    <dt>{ locale.text("result-accuracy-label") }</dt>
                    <dd
                        class="large"
                        data-testid="test-accuracy"
                        data-value={share.to_string()}
                        data-preset={keys::preset(head.options.preset)}
                    >
                        { locale.percent(share, 2) }
                    </dd>
                </div>
                if !own {
                    <div>
                        <dt>{ locale.text("result-notebook-label") }</dt>
                        <dd data-testid="notebook-accuracy">{ locale.percent(NOTEBOOK_ACCURACY, 2) }</dd>
                    </div>
                }
            </dl>
            <p>{ correct }{ " " }{ locale.fill("result-interval", &[("interval", interval.into())]) }</p>
            { if own { Html::default() } else { comparison(head, state, locale) } }
            <p class="small" data-testid="result-preset">
                { locale.fill("result-preset", &[("preset", preset.into())]) }
            </p>
            if !own {
                <p class="small">{ locale.fill("result-source", &[("source", source.into())]) }</p>
            }
            if state.is_foreign() {
                <p class="small" data-testid="result-foreign">{ locale.text("result-foreign") }</p>
            }
            { for restored }
            { for state.backbone().filter(|_| !state.is_foreign()).map(|backbone| weights_warning(backbone, locale)) }
        </>
    }
}

/// The head before and the head now, side by side.
fn beside(before: &Trained, now: &Trained, locale: &Locale) -> Html {
    let share = |head: &Trained| f64::from(head.correct()) / f64::from(head.test().max(1));
    let row = |name: &str, before: String, now: String| {
        html! { <tr><th scope="row">{ locale.text(name) }</th><td>{ before }</td><td>{ now }</td></tr> }
    };
    let images = |head: &Trained| {
        let values = [
            ("correct", locale.integer(head.correct()).into()),
            ("test", locale.integer(head.test()).into()),
        ];
        locale.fill("before-of", &values)
    };
    let interval = |head: &Trained| {
        let (low, high) = wilson_interval(head.correct(), head.test());
        let values = [("low", locale.percent(low, 1).into()), ("high", locale.percent(high, 1).into())];
        locale.fill("range", &values)
    };
    let preset = |head: &Trained| locale.text(keys::preset(head.options.preset));
    html! {
        <table
            class="before"
            data-testid="before"
            data-before={share(before).to_string()}
            data-now={share(now).to_string()}
        >
            <caption>{ locale.text("before-title") }</caption>
            <thead>
                <tr>
                    <td></td>
                    <th scope="col">{ locale.text("before-before") }</th>
                    <th scope="col">{ locale.text("before-now") }</th>
                </tr>
            </thead>
            <tbody>
                { row("result-accuracy-label", locale.percent(share(before), 2), locale.percent(share(now), 2)) }
                { row("before-interval", interval(before), interval(now)) }
                { row("before-images", images(before), images(now)) }
                { row("before-head", preset(before), preset(now)) }
            </tbody>
        </table>
    }
}

fn comparison(head: &Trained, state: &State, locale: &Locale) -> Html {
    let differences = state.differences();
    if differences.is_empty() {
        return html! { <p data-testid="comparison">{ locale.text("result-fair") }</p> };
    }
    let values = [("train", locale.integer(head.train).into()), ("test", locale.integer(head.test()).into())];
    let items = differences.iter().map(|difference| {
        html! { <li>{ locale.fill(keys::difference(*difference), &values) }</li> }
    });
    html! {
        <div data-testid="comparison" class="small">
            <p>{ locale.text("result-unfair") }</p>
            <ul>{ for items }</ul>
        </div>
    }
}
