use yew::prelude::*;
use yew::virtual_dom::Key;

use super::CellProps;
use crate::protocol::{Command, EpochImages, Trained};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{Picture, Slider};

/// A slider over the epochs of the trained head: which validation images the chosen one got wrong.
#[component]
pub fn Scrubber(props: &CellProps) -> Html {
    let locale = use_locale();
    let chosen = use_state(|| None::<u32>);
    let asked = use_mut_ref(|| None::<u32>);
    let CellProps { state, port } = props;
    let shown = state.epoch_images.clone();
    let answered = shown.as_ref().map(|shown| shown.epoch);
    let busy = state.can_use_data().is_err();
    // Another head begins anew.
    let made = state.head.as_ref().map(|head| (head.epochs.len(), head.best_epoch, head.options));
    use_effect_with(made, {
        let (chosen, asked) = (chosen.setter(), asked.clone());
        move |_| {
            chosen.set(None);
            *asked.borrow_mut() = None;
        }
    });
    // One question at a time, and the newest next: a slider moves faster than pictures come.
    use_effect_with((*chosen, answered, busy), {
        let port = port.clone();
        move |(chosen, answered, busy)| {
            let mut asked = asked.borrow_mut();
            if *asked == *answered {
                *asked = None;
            }
            if let Some(epoch) = chosen.filter(|_| !busy && asked.is_none() && *chosen != *answered) {
                *asked = Some(epoch);
                port.send(Command::ShowEpoch(epoch));
            }
        }
    });
    let Some(head) = state.result().filter(|head| !head.epochs.is_empty()) else { return Html::default() };
    let epochs = head.epochs.len() as u32;
    let epoch = chosen.unwrap_or(head.best_epoch).clamp(1, epochs);
    let accuracy = head.epochs.get(epoch as usize - 1).map_or(0.0, |epoch| epoch.val_accuracy);
    let values = [
        ("epoch", locale.integer(epoch).into()),
        ("epochs", locale.integer(epochs).into()),
        ("accuracy", locale.percent(accuracy.into(), 1).into()),
    ];
    let images = shown.filter(|shown| shown.epoch == epoch);
    let oninput = Callback::from(move |place: f32| chosen.set(Some(place as u32 + 1)));
    html! {
        <section class="scrubber">
            <Slider
                name="epoch-scrubber"
                label={locale.text("scrubber-label")}
                note={locale.text("scrubber-note")}
                value={(epoch - 1) as f32}
                most={(epochs - 1) as f32}
                step=1.0
                shown={locale.fill("scrubber-shown", &values)}
                {oninput}
            />
            { images.map(|images| wrong(&images, head, &locale)).unwrap_or_default() }
        </section>
    }
}

fn wrong(shown: &EpochImages, head: &Trained, locale: &Locale) -> Html {
    let Some((wrong, of)) = shown.wrong else {
        return html! { <p class="small" data-testid="epoch-unknown">{ locale.text("scrubber-unknown") }</p> };
    };
    let values =
        [("wrong", wrong.into()), ("shown", locale.integer(wrong).into()), ("of", locale.integer(of).into())];
    let class =
        |label: u16| head.classes.get(usize::from(label)).map_or_else(String::new, |name| locale.class(name));
    let pictures = shown.images.iter().map(|(hash, label, image)| {
        html! {
            <li key={Key::from(u128::from_le_bytes(hash.0))}>
                <Picture image={image.clone()} label={class(*label)} />
            </li>
        }
    });
    html! {
        <div
            data-testid="epoch-images"
            data-epoch={shown.epoch.to_string()}
            data-wrong={wrong.to_string()}
            data-of={of.to_string()}
        >
            <p role="status">{ locale.fill("scrubber-wrong", &values) }</p>
            <ul class="examples pictured">{ for pictures }</ul>
        </div>
    }
}
