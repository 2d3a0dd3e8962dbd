use std::rc::Rc;

use yew::prelude::*;

use super::Bars;
use crate::protocol::{Classified, Doubt, Thresholds};
use crate::ui::locale::{Locale, use_locale};

/// What an answer needs.
#[derive(Properties, PartialEq)]
pub struct AnswerProps {
    /// Its name in tests.
    pub name: &'static str,
    /// The classified image.
    pub classified: Rc<Classified>,
    /// Where answers are withheld.
    pub thresholds: Thresholds,
    /// Digits behind the comma of the probability.
    pub digits: usize,
}

/// The most probable class, or that the head does not know and why, and the bars of all classes.
#[component]
pub fn Answer(props: &AnswerProps) -> Html {
    let locale = use_locale();
    let AnswerProps { name, classified, thresholds, digits } = props;
    let Some((class, probability)) = classified.winner() else { return Html::default() };
    let doubt = classified.doubt(thresholds);
    let (colour, withheld) = match doubt {
        None => (format!("class-{}", class % 10), None),
        Some(Doubt::Unsure) => ("withheld".to_owned(), Some("unsure")),
        Some(Doubt::Unfamiliar) => ("withheld".to_owned(), Some("unfamiliar")),
    };
    let key = if doubt.is_none() { "classify-answer" } else { "classify-unknown" };
    let values = values(classified, thresholds, *digits, &locale);
    let reason = doubt.map(|doubt| {
        let key = match doubt {
            Doubt::Unsure => "classify-unsure",
            Doubt::Unfamiliar => "classify-unfamiliar",
        };
        html! { <p class="small">{ locale.fill(key, &values) }</p> }
    });
    html! {
        <>
            <p
                class={classes!("large", colour)}
                data-testid={*name}
                data-class={classified.classes.get(class).cloned()}
                data-probability={probability.to_string()}
                data-distance={classified.distance.to_string()}
                data-withheld={withheld}
            >
                { locale.fill(key, &values) }
            </p>
            { for reason }
            <Bars classified={Rc::clone(classified)} />
        </>
    }
}

/// What a screen reader says of an answer.
pub fn spoken(classified: &Classified, thresholds: &Thresholds, digits: usize, locale: &Locale) -> String {
    let key = match classified.doubt(thresholds) {
        None => "live-classified",
        Some(Doubt::Unsure) => "live-unsure",
        Some(Doubt::Unfamiliar) => "live-unfamiliar",
    };
    locale.fill(key, &values(classified, thresholds, digits, locale))
}

/// What texts about an answer may name.
fn values(
    classified: &Classified,
    thresholds: &Thresholds,
    digits: usize,
    locale: &Locale,
) -> [(&'static str, fluent_bundle::FluentValue<'static>); 5] {
    let (class, probability) = classified.winner().unwrap_or_default();
    let name = classified.classes.get(class).map_or_else(String::new, |name| locale.class(name));
    [
        ("class", name.into()),
        ("probability", locale.percent(probability.into(), digits).into()),
        ("threshold", locale.percent(thresholds.confidence.into(), 0).into()),
        ("distance", locale.decimal(classified.distance.into(), 2).into()),
        ("limit", locale.decimal(thresholds.distance.into(), 2).into()),
    ]
}
