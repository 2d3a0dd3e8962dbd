use yew::prelude::*;

use crate::protocol::Classified;
use crate::ui::locale::use_locale;

/// Colours there are for classes; a further class begins again.
pub const COLOURS: usize = 10;

/// What the bars need.
#[derive(Properties, PartialEq)]
pub struct BarsProps {
    /// The classes and their probabilities.
    pub classified: std::rc::Rc<Classified>,
}

/// A bar for each class's probability, in the classes' own order.
#[component]
pub fn Bars(props: &BarsProps) -> Html {
    let locale = use_locale();
    let Classified { classes, probabilities, .. } = &*props.classified;
    let winner = props.classified.winner().map(|(class, _)| class);
    let bars = classes.iter().zip(probabilities).enumerate().map(|(class, (name, probability))| {
        let share = f64::from(*probability).clamp(0.0, 1.0);
        html! {
            <tr
                class={(Some(class) == winner).then_some("winner")}
                data-testid="class-bar"
                data-class={name.clone()}
                data-probability={probability.to_string()}
            >
                <th scope="row">{ locale.class(name) }</th>
                <td class="bar">
                    { bar(class, share) }
                </td>
                <td class="figure">{ locale.percent(share, 1) }</td>
            </tr>
        }
    });
    html! {
        <table class="bars">
            <caption class="unseen">{ locale.text("classify-bars") }</caption>
            <tbody>{ for bars }</tbody>
        </table>
    }
}

/// A share from 0 to 1 as a bar in a class's colour.
pub fn bar(class: usize, share: f64) -> Html {
    html! {
        <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect width="100" height="10" class="track" />
            <rect
                width={(share * 100.0).to_string()}
                height="10"
                class={format!("class-{}", class % COLOURS)}
            />
        </svg>
    }
}
