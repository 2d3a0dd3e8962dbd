use yew::prelude::*;

use super::More;
use crate::protocol::{Command, TrainingOptions};
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::port::Port;
use crate::ui::state::{Notice, Wait};

/// What the notices need.
#[derive(Properties, PartialEq)]
pub struct NoticesProps {
    /// The notices, newest last.
    pub notices: Vec<Notice>,
    /// Dismisses them.
    pub port: Port,
}

/// What went wrong, each with what to do next.
#[component]
pub fn Notices(props: &NoticesProps) -> Html {
    let locale = use_locale();
    let notices =
        props.notices.iter().enumerate().map(|(place, notice)| show(notice, place, &props.port, &locale));
    // The region stands there from the start, so that what comes into it is read aloud.
    html! { <div class="notices" role="alert">{ for notices }</div> }
}

fn show(notice: &Notice, place: usize, port: &Port, locale: &Locale) -> Html {
    let values: Vec<_> = match notice {
        Notice::Problem(problem) => {
            problem.values.iter().map(|(name, value)| (name.as_str(), value.as_str().into())).collect()
        }
        Notice::Diverged(options) => vec![("rate", rate(options.learning_rate, locale).into())],
        _ => Vec::new(),
    };
    let (key, file, detail) = match notice {
        Notice::Problem(problem) => {
            (keys::problem(problem.kind), problem.file.clone(), problem.detail.clone())
        }
        Notice::Diverged(_) => ("diverged", None, String::new()),
        Notice::Link(error) => (keys::query_error(error), None, error.to_string()),
        Notice::Paste(Wait::Head) => ("paste-nowhere", None, String::new()),
        Notice::Paste(wait) => ("paste-not-now", None, locale.text(keys::wait(*wait))),
        Notice::Drop(wait) => ("drop-not-now", None, locale.text(keys::wait(*wait))),
    };
    let again = match notice {
        Notice::Diverged(options) => slower(options, port, locale),
        _ => Html::default(),
    };
    let dismiss = {
        let port = port.clone();
        Callback::from(move |_: MouseEvent| port.dismiss(place))
    };
    let file = file.map(|file| html! { <p>{ locale.fill("error-file", &[("file", file.into())]) }</p> });
    html! {
        <section
            class="notice"
            key={format!("{key} {detail}")}
            aria-label={locale.text("error-label")}
            data-testid="error"
            data-kind={key}
        >
            <div>
                <p><strong>{ locale.fill(key, &values) }</strong></p>
                <p>{ locale.fill(&format!("{key}-next"), &values) }</p>
                <More text={locale.find(&format!("{key}-next-more"), &values).unwrap_or_default()} />
                { again }
                { for file }
                { for (!detail.is_empty()).then(|| html! {
                    <details>
                        <summary>{ locale.text("error-detail") }</summary>
                        <code>{ detail }</code>
                    </details>
                }) }
            </div>
            <button
                type="button"
                class="quiet"
                aria-label={locale.text("error-dismiss")}
                title={locale.text("error-dismiss")}
                data-testid="error-dismiss"
                onclick={dismiss}
            >
                { "×" }
            </button>
        </section>
    }
}

/// A button that trains again with a tenth of the learning rate.
fn slower(options: &TrainingOptions, port: &Port, locale: &Locale) -> Html {
    let slower =
        TrainingOptions { learning_rate: (exactly(options.learning_rate) / 10.0) as f32, ..*options };
    let values = [("rate", rate(slower.learning_rate, locale).into())];
    html! {
        <button
            type="button"
            class="quiet"
            data-testid="train-slower"
            onclick={port.on_click(Command::Train(slower))}
        >
            { locale.fill("diverged-again", &values) }
        </button>
    }
}

/// A learning rate with all of its digits.
fn rate(rate: f32, locale: &Locale) -> String {
    let digits = rate.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
    locale.decimal(exactly(rate), digits)
}

/// The number that a learning rate was written as: 0.1, not the nearest float32.
fn exactly(rate: f32) -> f64 {
    rate.to_string().parse().unwrap_or_default()
}
