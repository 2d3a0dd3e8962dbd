use yew::prelude::*;

use crate::protocol::Epoch;
use crate::ui::locale::use_locale;

/// The drawing's width and height, in its own units.
const SIZE: (f32, f32) = (320.0, 140.0);
/// Room around it for the lines' width.
const MARGIN: f32 = 4.0;

/// What the curves need.
#[derive(Properties, PartialEq)]
pub struct CurveProps {
    /// The epochs' figures, oldest first.
    pub epochs: Vec<Epoch>,
}

/// Loss and validation loss over the epochs; nothing before there are two.
#[component]
pub fn Curve(props: &CurveProps) -> Html {
    let locale = use_locale();
    let epochs = &props.epochs;
    let best = epochs.iter().rev().find(|epoch| epoch.best);
    let (Some(first), Some(last), Some(best), 2..) = (epochs.first(), epochs.last(), best, epochs.len())
    else {
        return Html::default();
    };
    let figure = |value: f32| locale.decimal(value.into(), 2);
    let highest = epochs.iter().flat_map(|epoch| [epoch.loss, epoch.val_loss]).fold(0.0, f32::max);
    let x = |place: usize| MARGIN + (SIZE.0 - 2.0 * MARGIN) * place as f32 / (epochs.len() - 1) as f32;
    let y = |loss: f32| MARGIN + (SIZE.1 - 2.0 * MARGIN) * (1.0 - loss / highest.max(f32::MIN_POSITIVE));
    let line = |loss: fn(&Epoch) -> f32| -> String {
        let points = epochs.iter().enumerate();
        points.map(|(place, epoch)| format!("{:.1},{:.1} ", x(place), y(loss(epoch)))).collect()
    };
    let best_place = epochs.iter().position(|epoch| epoch.epoch == best.epoch).unwrap_or(0);
    let description = locale.fill(
        "curve-description",
        &[
            ("first", figure(first.loss).into()),
            ("last", figure(last.loss).into()),
            ("best", figure(best.val_loss).into()),
            ("epoch", locale.integer(best.epoch).into()),
        ],
    );
    html! {
        <figure class="curve">
            <figcaption>
                { locale.text("curve-title") }
                <span class="key train">{ locale.text("curve-train") }</span>
                <span class="key validation">{ locale.text("curve-validation") }</span>
            </figcaption>
            <div class="plot">
                <span class="top-label" aria-hidden="true">{ figure(highest) }</span>
                <span class="bottom-label" aria-hidden="true">{ figure(0.0) }</span>
                <svg viewBox={format!("0 0 {} {}", SIZE.0, SIZE.1)} role="img" aria-label={description}>
                    <line class="axis" x1="0" x2={SIZE.0.to_string()} y1={y(0.0).to_string()} y2={y(0.0).to_string()} />
                    <line class="axis" x1="0" x2={SIZE.0.to_string()} y1={y(highest).to_string()} y2={y(highest).to_string()} />
                    <polyline class="train" points={line(|epoch| epoch.loss)} />
                    <polyline class="validation" points={line(|epoch| epoch.val_loss)} />
                    <circle class="best" cx={x(best_place).to_string()} cy={y(best.val_loss).to_string()} r="4" />
                </svg>
            </div>
        </figure>
    }
}
