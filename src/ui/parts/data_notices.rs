use yew::prelude::*;

use crate::dataset::notices::{Notice, NoticeKind};
use crate::pixels::MOST_MEMORY;
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};

/// What the notices about a dataset need.
#[derive(Properties, PartialEq)]
pub struct DataNoticesProps {
    /// The notices; none is nothing on the page.
    pub notices: Vec<Notice>,
}

/// What was left out, joined, or is learnt from otherwise than the folders say: a sentence each.
#[component]
pub fn DataNotices(props: &DataNoticesProps) -> Html {
    let locale = use_locale();
    if props.notices.is_empty() {
        return Html::default();
    }
    let items = props.notices.iter().enumerate().map(|(place, notice)| {
        let key = keys::data_notice(notice.kind);
        html! {
            <li key={place} data-testid="dataset-notice" data-kind={key} data-count={notice.count.to_string()}>
                { sentence(notice, &locale) }
            </li>
        }
    });
    html! {
        <ul class="data-notices" data-testid="dataset-notices" aria-label={locale.text("data-notices")}>
            { for items }
        </ul>
    }
}

fn sentence(Notice { kind, count, names }: &Notice, locale: &Locale) -> String {
    let shown = names.join(", ");
    let more = (*count as usize).saturating_sub(names.len());
    let names = match (more, shown.is_empty()) {
        (0, _) | (_, true) => shown,
        (more, false) => {
            let values = [("names", shown.into()), ("more", locale.integer(more as u32).into())];
            locale.fill("data-notice-names", &values)
        }
    };
    let format = match kind {
        NoticeKind::Format(format) => format.name(),
        _ => "",
    };
    let values = [
        ("count", (*count).into()),
        ("shown", locale.integer(*count).into()),
        ("names", names.into()),
        ("format", format.into()),
        ("limit", locale.integer((MOST_MEMORY >> 20) as u32).into()),
    ];
    locale.fill(keys::data_notice(*kind), &values)
}
