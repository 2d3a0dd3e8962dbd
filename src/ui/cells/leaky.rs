use yew::prelude::*;

use super::CellProps;
use crate::dataset::Source;
use crate::protocol::Command;
use crate::ui::locale::use_locale;
use crate::ui::parts::More;

/// What a split that tears takes apart would have claimed, beside what the honest one found.
#[component]
pub fn Leaky(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let Some(head) = state.result().filter(|head| head.source == Source::Project) else {
        return Html::default();
    };
    let share = |correct: u32, test: u32| locale.percent(f64::from(correct) / f64::from(test.max(1)), 2);
    let claim = state.projects.leaky.map(|(correct, test)| {
        let values = [
            ("claim", share(correct, test).into()),
            ("honest", share(head.correct(), head.test()).into()),
        ];
        html! {
            <p data-testid="leaky-result" data-value={(f64::from(correct) / f64::from(test.max(1))).to_string()}>
                { locale.fill("leaky-result", &values) }
            </p>
        }
    });
    html! {
        <details class="exam" data-testid="leaky">
            <summary>{ locale.text("leaky-title") }</summary>
            <p>{ locale.text("leaky-intro") }</p>
            <More text={locale.text("leaky-intro-more")} />
            <button
                type="button"
                class="quiet"
                data-testid="leaky-start"
                disabled={state.can_train().is_err()}
                onclick={port.on_click(Command::TrainLeaky)}
            >
                { locale.text("leaky-start") }
            </button>
            { claim.unwrap_or_default() }
        </details>
    }
}
