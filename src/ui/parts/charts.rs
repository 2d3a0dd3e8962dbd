use yew::prelude::*;

use crate::protocol::Epoch;
use crate::ui::chart::{self, Measure};
use crate::ui::locale::{Locale, use_locale};

/// What the charts need.
#[derive(Properties, PartialEq)]
pub struct ChartsProps {
    /// The epochs' figures, oldest first.
    pub epochs: Vec<Epoch>,
}

/// Loss and accuracy over the epochs, in training and validation; nothing before the first.
#[component]
pub fn Charts(props: &ChartsProps) -> Html {
    let locale = use_locale();
    let epochs = &props.epochs;
    let best = epochs.iter().rev().find(|epoch| epoch.best);
    let (Some(first), Some(last), Some(best)) = (epochs.first(), epochs.last(), best) else {
        return Html::default();
    };
    let loss = |value: f64| locale.decimal(value, 2);
    let share = |value: f64| locale.percent(value, 0);
    let epoch = |number: u32| locale.integer(number);
    let charts: [(_, _, _, &dyn Fn(f64) -> String); 2] = [
        (Measure::Loss, "chart-loss", "chart-loss-description", &loss),
        (Measure::Accuracy, "chart-accuracy", "chart-accuracy-description", &share),
    ];
    let figures = charts.into_iter().filter_map(|(measure, title, description, figure)| {
        let [from, to] = [first, last].map(|epoch| figure(measure.of(epoch)[0]));
        let values = [
            ("first", from.into()),
            ("last", to.into()),
            ("best", figure(measure.of(best)[1]).into()),
            ("epoch", epoch(best.epoch).into()),
        ];
        let description = locale.fill(description, &values);
        // What cannot be drawn stands in the table all the same.
        let svg = chart::draw(epochs, measure, figure, &epoch).ok()?;
        Some(html! {
            <figure>
                <figcaption>{ locale.text(title) }</figcaption>
                <div role="img" aria-label={description}>{ Html::from_html_unchecked(svg.into()) }</div>
            </figure>
        })
    });
    html! {
        <div class="charts two">
            { for figures }
            { key(epoch(best.epoch), &locale) }
        </div>
    }
}

/// Which line is which.
fn key(best: String, locale: &Locale) -> Html {
    html! {
        <p class="key">
            <span class="train">{ locale.text("chart-train") }</span>
            <span class="validation">{ locale.text("chart-validation") }</span>
            <span class="best">{ locale.fill("chart-best", &[("epoch", best.into())]) }</span>
        </p>
    }
}
