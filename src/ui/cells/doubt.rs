use yew::prelude::*;

use super::CellProps;
use crate::protocol::Thresholds;
use crate::ui::locale::use_locale;
use crate::ui::parts::{More, Slider};

/// The end of the distance's scale: features behind a ReLU lie within 1 of each other.
const FARTHEST: f32 = 1.0;

/// When the head shall say that it does not know, and what that does to the exam's answers.
#[component]
pub fn DoubtSettings(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let Some(head) = state.result() else { return Html::default() };
    let thresholds = state.thresholds;
    let most = if head.thresholds.distance > FARTHEST { 2.0 } else { FARTHEST };
    let set = |change: fn(Thresholds, f32) -> Thresholds| {
        let port = port.clone();
        Callback::from(move |value| port.set_thresholds(change(thresholds, value)))
    };
    let reset = {
        let (port, calibrated) = (port.clone(), head.thresholds);
        Callback::from(move |_: MouseEvent| port.set_thresholds(calibrated))
    };
    let tally = thresholds.tally(&head.exam.judged);
    let share = |part: u32, whole: u32| locale.percent(f64::from(part) / f64::from(whole.max(1)), 1);
    let values = [
        ("answered", share(tally.answered, head.test()).into()),
        ("right", share(tally.right, tally.answered).into()),
        ("all", share(head.correct(), head.test()).into()),
    ];
    let outcome = if tally.answered == 0 { "doubt-nothing" } else { "doubt-tally" };
    html! {
        <details class="doubt" data-testid="doubt">
            <summary>{ locale.text("doubt-title") }</summary>
            <p>{ locale.text("doubt-intro") }</p>
            <More text={locale.text("doubt-intro-more")} />
            <Slider
                name="doubt-confidence"
                label={locale.text("doubt-confidence")}
                note={locale.text("doubt-confidence-note")}
                value={thresholds.confidence}
                most=1.0
                step=0.01
                shown={locale.percent(thresholds.confidence.into(), 0)}
                oninput={set(|thresholds, confidence| Thresholds { confidence, ..thresholds })}
            />
            <Slider
                name="doubt-distance"
                label={locale.text("doubt-distance")}
                note={locale.text("doubt-distance-note")}
                value={thresholds.distance.min(most)}
                {most}
                step=0.01
                shown={locale.decimal(thresholds.distance.into(), 2)}
                oninput={set(|thresholds, distance| Thresholds { distance, ..thresholds })}
            />
            <p
                role="status"
                data-testid="doubt-tally"
                data-answered={tally.answered.to_string()}
                data-right={tally.right.to_string()}
            >
                { locale.fill(outcome, &values) }
            </p>
            <button
                type="button"
                class="quiet"
                data-testid="doubt-reset"
                disabled={thresholds == head.thresholds}
                onclick={reset}
            >
                { locale.text("doubt-reset") }
            </button>
        </details>
    }
}
