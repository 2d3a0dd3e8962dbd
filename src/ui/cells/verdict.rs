use yew::prelude::*;

use super::compare::called;
use crate::trainings::{Comparison, FEWEST_COMPARED, Verdict};
use crate::ui::locale::Locale;
use crate::ui::state::Finished;

/// A chance below this is called tiny.
const TINY: f64 = 0.001;

/// What two trainings say of each other, in words; before two are chosen, what to do.
pub fn verdict(finished: &Finished, compared: Option<&Comparison>, chosen: usize, locale: &Locale) -> Html {
    let Some(compared) = compared else {
        let key = if chosen == 2 { "compare-waits" } else { "compare-choose" };
        return html! { <div class="comparison" role="status"><p>{ locale.text(key) }</p></div> };
    };
    let names = compared.of.map(|id| finished.row(id).map_or_else(String::new, |row| called(row, locale)));
    let [first, second] = &names;
    let pair = |key: &str, name: &'static str, counts: [u32; 2]| {
        let values = [
            ("images", locale.integer(compared.images).into()),
            ("first", first.as_str().into()),
            ("second", second.as_str().into()),
            (name, locale.integer(counts[0]).into()),
            ("other", locale.integer(counts[1]).into()),
        ];
        locale.fill(key, &values)
    };
    let chance = compared.chance().map_or_else(String::new, |chance| {
        let (key, value) = if chance < TINY { ("compare-tiny", TINY) } else { ("compare-chance", chance) };
        locale.fill(key, &[("value", locale.percent(value, 1).into())])
    });
    let (name, text) = match compared.verdict() {
        Verdict::TooFew => {
            let values = [
                ("images", locale.integer(compared.images).into()),
                ("fewest", locale.integer(FEWEST_COMPARED).into()),
            ];
            ("too-few", locale.fill("compare-too-few", &values))
        }
        Verdict::Same => ("same", locale.text("compare-same")),
        Verdict::Better(place) => {
            let values = [("better", names[place].as_str().into()), ("chance", chance.into())];
            ("better", locale.fill("compare-better", &values))
        }
        Verdict::Open => ("open", locale.fill("compare-open", &[("chance", chance.into())])),
    };
    let judged = compared.chance();
    let left_out =
        [("count", compared.relabelled.into()), ("shown", locale.integer(compared.relabelled).into())];
    html! {
        <div
            class="comparison"
            role="status"
            data-testid="compare-result"
            data-verdict={name}
            data-images={compared.images.to_string()}
            data-chance={judged.map(|chance| chance.to_string())}
        >
            if judged.is_some() {
                <p>{ pair("compare-measured", "right", compared.correct) }</p>
                <p>{ pair("compare-alone", "alone", compared.alone) }</p>
            }
            <p><strong>{ text }</strong></p>
            if compared.relabelled > 0 {
                <p>{ locale.fill("compare-relabelled", &left_out) }</p>
            }
            if judged.is_some() {
                <p class="small">{ locale.text("compare-method") }</p>
            }
        </div>
    }
}
