use std::rc::Rc;

use yew::prelude::*;

use super::classes::Classes;
use super::train::Train;
use super::try_out::TryOut;
use crate::protocol::{Command, Exchange, ProjectCommand, ProjectInfo};
use crate::ui::cells::{CellProps, epoch_table, moving, result_details, use_training};
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::other_tabs::use_other_tabs;
use crate::ui::parts::{DataNotices, TextField};
use crate::ui::state::Step;

/// What a project's view needs.
#[derive(Properties, PartialEq)]
pub struct ProjectViewProps {
    /// What every part needs.
    pub cell: CellProps,
    /// The open project.
    pub open: Rc<ProjectInfo>,
}

/// A project of one's own, from its classes to trying out what was learnt: three columns side by side, or where
/// there is no room for them one at a time.
#[component]
pub fn ProjectView(props: &ProjectViewProps) -> Html {
    let locale = use_locale();
    let ProjectViewProps { cell, open } = props;
    let state = &cell.state;
    let training = use_training(state);
    let elsewhere = use_other_tabs(open.id);
    let next = state.step();
    let step = use_state(|| next);
    // Where something has come of a step, the next one opens by itself.
    use_effect_with(next, {
        let step = step.clone();
        move |next| step.set(*next)
    });
    let steps = Step::ALL.map(|one| {
        let (step, current) = (step.clone(), *step == one);
        html! {
            <button
                type="button"
                data-testid={keys::step(one)}
                aria-current={current.then_some("step")}
                onclick={move |_: MouseEvent| step.set(one)}
            >
                <strong>{ locale.text(keys::step(one)) }</strong>
                <small>{ standing(one, cell, open, &locale) }</small>
            </button>
        }
    });
    html! {
        <section
            class="project"
            aria-label={open.project.name.clone()}
            data-testid="project"
            data-id={open.id.to_string()}
            data-step={keys::step(*step)}
        >
            { bar(cell, open, &locale) }
            <div role="status">
                if elsewhere {
                    <p class="warning" data-testid="other-tab">{ locale.text("project-other-tab") }</p>
                }
            </div>
            <nav class="project-steps" aria-label={locale.text("project-steps")}>{ for steps }</nav>
            <div class="columns">
                <Classes cell={cell.clone()} open={Rc::clone(open)} training={training.clone()} />
                <Train cell={cell.clone()} {training} />
                <TryOut ..cell.clone() />
            </div>
            if state.result().is_some() {
                <section class="closer" aria-labelledby="closer-title">
                    <h2 id="closer-title">{ locale.text("closer-title") }</h2>
                    { result_details(cell, &locale) }
                    { epoch_table(state) }
                </section>
            }
        </section>
    }
}

/// How a step stands, in a word or two.
fn standing(step: Step, cell: &CellProps, open: &ProjectInfo, locale: &Locale) -> String {
    let state = &cell.state;
    match step {
        Step::Classes => {
            let pictures = open.project.pictures().count() as u32;
            let shown = locale.integer(pictures);
            locale.fill("project-pictures", &[("pictures", pictures.into()), ("shown", shown.into())])
        }
        Step::Train => match state.result() {
            Some(head) => locale.percent(f64::from(head.correct()) / f64::from(head.test().max(1)), 0),
            None => locale.text(if state.can_train().is_ok() { "cell-ready" } else { "cell-waits" }),
        },
        Step::Try => locale.text(if state.can_classify().is_ok() { "cell-ready" } else { "cell-waits" }),
    }
}

/// The project's name, and what can be done with all of it.
fn bar(cell: &CellProps, open: &ProjectInfo, locale: &Locale) -> Html {
    let CellProps { state, port } = cell;
    let disabled = state.can_edit().is_err();
    let rename = {
        let port = port.clone();
        Callback::from(move |name| port.send(Command::Project(ProjectCommand::Rename(name))))
    };
    let writing = match state.exchange {
        Some((what @ (Exchange::ProjectOut | Exchange::ProjectIn), done, total)) => {
            let share = locale.percent(done as f64 / total.max(1) as f64, 0);
            let key = if what == Exchange::ProjectOut { "project-writing" } else { "project-taking" };
            let text = locale.fill(key, &[("share", share.into())]);
            moving(&text, (done as f64, total as f64), port, locale)
        }
        _ => Html::default(),
    };
    html! {
        <>
            <div class="project-bar">
                <TextField
                    name="project-name"
                    label={locale.text("project-name")}
                    value={open.project.name.clone()}
                    {disabled}
                    onchange={rename}
                />
                <button
                    type="button"
                    class="quiet"
                    data-testid="project-undo"
                    disabled={disabled || !open.can_undo}
                    onclick={port.on_click(Command::Project(ProjectCommand::Undo))}
                >
                    { locale.text("project-undo") }
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="project-export"
                    {disabled}
                    onclick={port.on_click(Command::Project(ProjectCommand::Export))}
                >
                    { locale.text("project-export") }
                </button>
            </div>
            { writing }
            <DataNotices notices={open.notices.clone()} />
        </>
    }
}
