use yew::prelude::*;

use crate::protocol::Epoch;
use crate::ui::locale::{Locale, use_locale};

/// What the table needs.
#[derive(Properties, PartialEq)]
pub struct EpochTableProps {
    /// The epochs' figures, oldest first.
    pub epochs: Vec<Epoch>,
}

/// The epochs of a training, the best one marked. The box around it stays at its end.
#[component]
pub fn EpochTable(props: &EpochTableProps) -> Html {
    let locale = use_locale();
    let best = props.epochs.iter().rev().find(|epoch| epoch.best).map(|epoch| epoch.epoch);
    let rows = props.epochs.iter().map(|epoch| row(epoch, Some(epoch.epoch) == best, &locale));
    html! {
        <div class="scrolls" tabindex="0" role="region" aria-label={locale.text("epochs-table")}>
            <table class="epochs">
                <thead>
                    <tr>
                        <th scope="col">{ locale.text("epochs-epoch") }</th>
                        <th scope="col">{ locale.text("epochs-loss") }</th>
                        <th scope="col">{ locale.text("epochs-accuracy") }</th>
                        <th scope="col">{ locale.text("epochs-val-loss") }</th>
                        <th scope="col">{ locale.text("epochs-val-accuracy") }</th>
                        <th scope="col">{ locale.text("epochs-seconds") }</th>
                    </tr>
                </thead>
                <tbody>{ for rows }</tbody>
            </table>
        </div>
    }
}

fn row(epoch: &Epoch, best: bool, locale: &Locale) -> Html {
    let mark = best.then(|| html! { <span class="mark">{ locale.text("epochs-best") }</span> });
    html! {
        <tr
            key={epoch.epoch}
            class={best.then_some("best")}
            data-testid="epoch-row"
            data-epoch={epoch.epoch.to_string()}
            data-loss={epoch.loss.to_string()}
            data-accuracy={epoch.accuracy.to_string()}
            data-val-loss={epoch.val_loss.to_string()}
            data-val-accuracy={epoch.val_accuracy.to_string()}
            data-best={best.to_string()}
            data-seconds={epoch.seconds.to_string()}
        >
            <th scope="row">{ locale.integer(epoch.epoch) }{ for mark }</th>
            <td>{ locale.decimal(epoch.loss.into(), 4) }</td>
            <td>{ locale.percent(epoch.accuracy.into(), 2) }</td>
            <td>{ locale.decimal(epoch.val_loss.into(), 4) }</td>
            <td>{ locale.percent(epoch.val_accuracy.into(), 2) }</td>
            <td>{ locale.fill("duration-seconds", &[("seconds", locale.decimal(epoch.seconds.into(), 1).into())]) }</td>
        </tr>
    }
}
