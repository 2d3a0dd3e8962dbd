use std::rc::Rc;

use yew::prelude::*;

use super::home::OpenZone;
use crate::protocol::{Command, ProjectCommand};
use crate::ui::i18n::keys;
use crate::ui::locale::use_locale;
use crate::ui::port::Port;
use crate::ui::route::Route;
use crate::ui::state::{State, ViewStatus, Wait};

/// What a view that cannot be shown yet needs.
#[derive(Properties, PartialEq)]
pub struct PendingViewProps {
    /// The page's state.
    pub state: Rc<State>,
    /// Sends commands.
    pub port: Port,
    /// What has to be done first.
    pub status: ViewStatus,
}

/// What is waited for before a project can be shown, or why it cannot be.
#[component]
pub fn PendingView(props: &PendingViewProps) -> Html {
    let locale = use_locale();
    let PendingViewProps { state, port, status } = props;
    let home = html! { <a href={Route::Home.to_string()}>{ locale.text("view-home") }</a> };
    match status {
        ViewStatus::NotFound => html! {
            <section class="pending" data-testid="project-unknown">
                <h1>{ locale.text("project-unknown") }</h1>
                <p>{ locale.text("project-unknown-next") }</p>
                <OpenZone state={Rc::clone(state)} port={port.clone()} />
                <p>{ home }</p>
            </section>
        },
        ViewStatus::Load(number) => html! {
            <section class="pending">
                <p>{ locale.text("project-opening") }</p>
                <button
                    type="button"
                    class="quiet late"
                    data-testid="project-open-again"
                    onclick={port.on_click(Command::Project(ProjectCommand::Open(*number)))}
                >
                    { locale.text("project-open-again") }
                </button>
                <p>{ home }</p>
            </section>
        },
        ViewStatus::Waiting(Some(wait)) => {
            let end = match wait {
                Wait::Training => Some((Command::StopTraining, "train-stop")),
                Wait::Extracting | Wait::Exchange | Wait::Reading => Some((Command::Cancel, "data-cancel")),
                _ => None,
            };
            html! {
                <section class="pending">
                    <p>{ locale.text(keys::wait(*wait)) }</p>
                    { for end.map(|(command, word)| html! {
                        <button
                            type="button"
                            class="quiet"
                            data-testid="pending-cancel"
                            onclick={port.on_click(command)}
                        >
                            { locale.text(word) }
                        </button>
                    }) }
                    <p>{ home }</p>
                </section>
            }
        }
        _ => html! {
            <section class="pending">
                <p>{ locale.text("project-opening") }</p>
                <p class="late">{ home }</p>
            </section>
        },
    }
}
