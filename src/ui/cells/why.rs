use std::rc::Rc;

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::backbone::FeatureShape;
use crate::protocol::{Classified, Contributions};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{More, Picture};

/// Opacity of the place that says most.
const STRONGEST: f32 = 0.75;

/// What the explanation of an answer needs.
#[derive(Properties, PartialEq)]
pub struct WhyProps {
    /// The classified image.
    pub classified: Rc<Classified>,
    /// Shape of the backbone's features.
    pub features: FeatureShape,
}

/// Which places of the image speak for a class and which against it, over the image, in a table, and
/// with the sum that they make.
#[component]
pub fn Why(props: &WhyProps) -> Html {
    let locale = use_locale();
    let WhyProps { classified, features } = props;
    let chosen = use_state(|| None::<usize>);
    use_effect_with(Rc::clone(classified), {
        let chosen = chosen.clone();
        move |_| chosen.set(None)
    });
    let winner = classified.winner().map_or(0, |(class, _)| class);
    let class = chosen.filter(|class| *class < classified.classes.len()).unwrap_or(winner);
    let (Some(contributions), Some(score)) =
        (classified.contributions.get(class), classified.scores.get(class))
    else {
        return html! { <p class="small">{ locale.text("why-neighbours") }</p> };
    };
    let onchange = Callback::from(move |event: Event| {
        let select: HtmlSelectElement = event.target_unchecked_into();
        chosen.set(select.value().parse().ok());
    });
    let options = classified.classes.iter().enumerate().map(|(place, name)| {
        html! { <option value={place.to_string()} selected={place == class}>{ locale.class(name) }</option> }
    });
    let number = |value: f32| locale.decimal(value.into(), 3);
    let values = [
        ("places", locale.integer(contributions.values.len() as u32).into()),
        ("sum", number(contributions.values.iter().sum()).into()),
        ("bias", number(contributions.bias).into()),
        ("total", number(contributions.score()).into()),
        ("score", number(*score).into()),
    ];
    html! {
        <details class="why">
            <summary>{ locale.text("why-title") }</summary>
            <p>{ locale.text("why-intro") }</p>
            <More text={locale.text("why-intro-more")} />
            <div class="field">
                <label for="why-class">{ locale.text("why-class") }</label>
                <select id="why-class" data-testid="why-class" {onchange}>{ for options }</select>
            </div>
            <div class="beside">
                <figure>
                    <div class="map">
                        <Picture image={classified.image.clone()} label={locale.text("why-map")} />
                        { map(contributions, *features) }
                    </div>
                    <figcaption>
                        <span class="for">{ locale.text("why-for") }</span>{ " " }
                        <span class="against">{ locale.text("why-against") }</span>
                    </figcaption>
                </figure>
                { table(contributions, &locale) }
            </div>
            <p
                class="small"
                data-testid="why"
                data-class={classified.classes[class].clone()}
                data-sum={contributions.score().to_string()}
                data-score={score.to_string()}
            >
                { locale.fill("why-sum", &values) }
            </p>
        </details>
    }
}

/// The places as squares over the image. Where they are outputs of a convolution there is one less
/// each way, and each stands at its window's middle.
fn map(contributions: &Contributions, features: FeatureShape) -> Html {
    let Contributions { height, width, values, .. } = contributions;
    let largest = values.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
    let margin = |outer: usize, inner: usize| outer.saturating_sub(inner) as f32 / 2.0;
    let (top, left) = (margin(features.height, *height), margin(features.width, *width));
    let squares = values.iter().enumerate().map(|(at, value)| {
        let (y, x) = ((at / width) as f32 + top, (at % width) as f32 + left);
        html! {
            <rect
                x={x.to_string()}
                y={y.to_string()}
                width="1"
                height="1"
                class={if *value < 0.0 { "against" } else { "for" }}
                fill-opacity={(value.abs() / largest * STRONGEST).to_string()}
            />
        }
    });
    let view = format!("0 0 {} {}", features.width, features.height);
    html! {
        <svg viewBox={view} preserveAspectRatio="none" aria-hidden="true">{ for squares }</svg>
    }
}

fn table(contributions: &Contributions, locale: &Locale) -> Html {
    let rows = contributions.values.chunks(contributions.width).map(|row| {
        let cells = row.iter().map(|value| {
            let class = if *value < 0.0 { "against" } else { "for" };
            html! { <td {class}>{ locale.decimal((*value).into(), 2) }</td> }
        });
        html! { <tr>{ for cells }</tr> }
    });
    html! {
        <table class="places">
            <caption>{ locale.text("why-table") }</caption>
            <tbody>{ for rows }</tbody>
        </table>
    }
}
