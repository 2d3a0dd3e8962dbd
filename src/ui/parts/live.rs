use std::rc::Rc;

use yew::prelude::*;

use crate::protocol::Classified;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::state::{Announcement, State};

/// What the live region needs.
#[derive(Properties, PartialEq)]
pub struct LiveProps {
    /// The page's state.
    pub state: Rc<State>,
}

/// What a screen reader says: it changes at sensible intervals, not with every event.
#[component]
pub fn Live(props: &LiveProps) -> Html {
    let locale = use_locale();
    let said = say(&props.state.announcement(), &locale);
    html! { <p class="unseen" role="status" aria-live="polite" data-testid="live">{ said }</p> }
}

fn say(announcement: &Announcement, locale: &Locale) -> String {
    match announcement {
        Announcement::Silence => String::new(),
        Announcement::Reading => locale.text("live-reading"),
        Announcement::Data => locale.text("live-data"),
        Announcement::Extracting(quarters) => {
            let percent = locale.percent(f64::from(*quarters) / 4.0, 0);
            locale.fill("live-extracting", &[("percent", percent.into())])
        }
        Announcement::Paused => locale.text("live-paused"),
        Announcement::Extracted => locale.text("live-extracted"),
        Announcement::Training(0) => locale.text("live-training-started"),
        Announcement::Training(epoch) => {
            locale.fill("live-training", &[("epoch", locale.integer(*epoch as u32).into())])
        }
        Announcement::Result(trained) => {
            let accuracy = f64::from(trained.correct()) / f64::from(trained.test().max(1));
            locale.fill("live-result", &[("accuracy", locale.percent(accuracy, 2).into())])
        }
        Announcement::Classified(classified) => answer(classified, locale),
    }
}

fn answer(classified: &Classified, locale: &Locale) -> String {
    let Some((class, probability)) = classified.winner() else { return String::new() };
    let probability = locale.percent(f64::from(probability), 1);
    let name = classified.classes.get(class).map_or("", String::as_str);
    locale
        .fill("live-classified", &[("class", locale.class(name).into()), ("probability", probability.into())])
}
