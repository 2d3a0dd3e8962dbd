use std::rc::Rc;

use yew::prelude::*;

use crate::ui::locale::{Locale, use_locale};
use crate::ui::state::{Announcement, State};

use super::spoken;

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
    let said = say(&props.state, &locale);
    html! { <p class="unseen" role="status" aria-live="polite" data-testid="live">{ said }</p> }
}

fn say(state: &State, locale: &Locale) -> String {
    match &state.announcement() {
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
        Announcement::Classified(classified) => spoken(classified, &state.thresholds, 1, locale),
    }
}
