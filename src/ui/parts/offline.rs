use std::rc::Rc;

use yew::prelude::*;

use super::Progress;
use crate::backbone::pieces::Download;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::site::SiteKeeper;
use crate::ui::state::{Offline, Site, may_keep, missing};

/// What is kept of the page's own files, and who sees to it. To be used once.
#[hook]
pub fn use_site() -> (Site, Rc<SiteKeeper>) {
    let stands = use_state(Site::default);
    let keeper = {
        let stands = stands.setter();
        use_memo((), move |()| SiteKeeper::start(move |now| stands.set(now)))
    };
    (*stands, Rc::clone(&keeper))
}

/// What the offline status needs.
#[derive(Properties, PartialEq)]
pub struct OfflineStatusProps {
    /// What is kept of the page's own files.
    pub site: Site,
    /// How much of the backbone's file is here, once that is known.
    pub backbone: Option<Download>,
    /// Has everything kept.
    pub on_keep: Callback<MouseEvent>,
    /// Takes the new version.
    pub on_apply: Callback<MouseEvent>,
}

/// Whether the page works without the internet, and the buttons that see to it.
#[component]
pub fn OfflineStatus(props: &OfflineStatusProps) -> Html {
    let locale = use_locale();
    let OfflineStatusProps { site, backbone, on_keep, on_apply } = props;
    let (site, backbone) = (*site, *backbone);
    let offline = Offline::of(site, backbone);
    let progress = match offline {
        Offline::Site { done, total } | Offline::Backbone { done, total } => Some((done, total)),
        _ => None,
    };
    html! {
        <section
            class={classes!("offline", offline.asks().then_some("asks"))}
            aria-label={locale.text("offline-label")}
        >
            <p
                role="status"
                class="small"
                data-testid="offline-status"
                data-state={offline.name()}
                data-missing={missing(site, backbone).to_string()}
            >
                { describe(offline, &locale) }
            </p>
            { for progress.map(|(done, total)| html! {
                <Progress label={locale.text("offline-progress-label")} done={done as f64} total={total as f64} />
            }) }
            if may_keep(site, backbone) {
                <button type="button" class="quiet" data-testid="offline-keep" onclick={on_keep.clone()}>
                    { locale.text("offline-keep") }
                </button>
            }
            if matches!(offline, Offline::Update { .. }) {
                <button type="button" data-testid="update-apply" onclick={on_apply.clone()}>
                    { locale.text("offline-apply") }
                </button>
            }
        </section>
    }
}

fn describe(offline: Offline, locale: &Locale) -> String {
    match offline {
        Offline::Unsupported => locale.text("offline-unsupported"),
        Offline::Site { total: 0, .. } | Offline::Opening => locale.text("offline-looking"),
        Offline::Site { done, total } => {
            let missing = locale.megabytes(total.saturating_sub(done));
            locale.fill("offline-site", &[("missing", missing.into())])
        }
        Offline::Missing { missing } => {
            locale.fill("offline-missing", &[("missing", locale.megabytes(missing).into())])
        }
        Offline::Backbone { done, total } => {
            let missing = locale.megabytes(total.saturating_sub(done));
            locale.fill("offline-backbone", &[("missing", missing.into())])
        }
        Offline::Ready => locale.text("offline-ready"),
        Offline::Update { others: 0 } => locale.text("offline-update"),
        Offline::Update { others } => {
            let shown = locale.integer(others);
            locale.fill("offline-update-held", &[("others", others.into()), ("shown", shown.into())])
        }
        Offline::Failed => locale.text("offline-failed"),
    }
}
