use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::protocol::{Command, ProjectCommand, ProjectInfo};
use crate::ui::cells::{CellProps, ClassCard, Training};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{DropZone, Progress};
use crate::ui::port::Port;
use crate::ui::state::Adding;

/// What the column of classes needs.
#[derive(Properties, PartialEq)]
pub struct ClassesProps {
    /// What every part needs.
    pub cell: CellProps,
    /// The open project.
    pub open: Rc<ProjectInfo>,
    /// The training that can be started.
    pub training: Training,
}

/// The first column: the open project's classes and their pictures.
#[component]
pub fn Classes(props: &ClassesProps) -> Html {
    let locale = use_locale();
    // One at a time: the class whose recorder is open.
    let recorded = use_state(|| None::<u32>);
    let ClassesProps { cell: CellProps { state, port }, open, training } = props;
    let disabled = state.can_edit().is_err();
    let gone = recorded.is_some_and(|id| open.project.classes.iter().all(|class| class.id != id));
    use_effect_with(gone, {
        let recorded = recorded.setter();
        move |gone| {
            if *gone {
                recorded.set(None);
            }
        }
    });
    // The takes are counted for the classes that take part.
    let mut takes = open.takes.iter();
    let cards = open.project.classes.iter().enumerate().map(|(place, class)| {
        let takes = class.enabled.then(|| takes.next().copied()).flatten();
        let (recorded, id) = (recorded.clone(), class.id);
        html! {
            <ClassCard
                key={class.id}
                state={Rc::clone(state)}
                port={port.clone()}
                class={class.clone()}
                place={place as u32}
                {takes}
                recording={*recorded == Some(id)}
                onrecord={Callback::from(move |open: bool| recorded.set(open.then_some(id)))}
            />
        }
    });
    let adding = state.projects.adding.map(|adding| adding_now(adding, port, &locale));
    html! {
        <section class="column classes" aria-labelledby="classes-title">
            <h2 id="classes-title">{ locale.text("step-classes") }</h2>
            <div class="cards">{ cards.collect::<Html>() }</div>
            { adding.unwrap_or_default() }
            <AddClass ..props.cell.clone() />
            { folders(port, disabled, &locale) }
            // Where the columns stand one at a time.
            <div class="main-action narrow" hidden={training.blocked.is_some()}>
                <button type="button" class="go" data-testid="train-next" onclick={training.start(port)}>
                    { locale.text("train-start") }
                </button>
            </div>
            <details class="fold">
                <summary>{ locale.text("project-takes-what") }</summary>
                <p class="small" id="project-takes-note">{ locale.text("project-takes-more") }</p>
            </details>
        </section>
    }
}

/// How far the adding of pictures is, and the way to end it.
fn adding_now(adding: Adding, port: &Port, locale: &Locale) -> Html {
    let Adding { done, total, seconds_left } = adding;
    let values = [("done", locale.integer(done).into()), ("total", locale.integer(total).into())];
    let text = locale.fill("project-adding", &values);
    let left = seconds_left
        .map(|seconds| locale.fill("extract-left", &[("time", locale.duration(seconds.into()).into())]));
    html! {
        <div class="moving" data-testid="project-adding" data-done={done.to_string()}>
            <p>{ &text }{ for left.map(|left| format!(", {left}")) }</p>
            <Progress label={text.clone()} done={f64::from(done)} total={f64::from(total)} />
            <button
                type="button"
                class="quiet"
                data-testid="project-adding-cancel"
                onclick={port.on_click(Command::Cancel)}
            >
                { locale.text("data-cancel") }
            </button>
        </div>
    }
}

/// Fields for whole folders of classes.
fn folders(port: &Port, disabled: bool, locale: &Locale) -> Html {
    let make = |files| Command::Project(ProjectCommand::AddFolders(files));
    let (onfiles, onfolder) = (port.on_files(make), port.on_folder(make));
    html! {
        <details class="many" data-testid="project-many">
            <summary>{ locale.text("project-many") }</summary>
            <DropZone
                name="project-folder"
                label={locale.text("project-folder")}
                hint={locale.text("project-folder-hint")}
                accept=""
                folder=true
                multiple=true
                described="project-takes-note"
                {disabled}
                onfiles={onfiles.clone()}
                onfolder={onfolder.clone()}
            />
            <DropZone
                name="project-folders"
                label={locale.text("project-folders")}
                hint={locale.text("project-folders-hint")}
                accept=".zip,.tar,.tgz,.gz,application/zip,application/gzip"
                multiple=true
                described="project-takes-note"
                {disabled}
                {onfiles}
                {onfolder}
            />
        </details>
    }
}

/// A field for one more class.
#[component]
fn AddClass(props: &CellProps) -> Html {
    let locale = use_locale();
    let field = use_node_ref();
    let disabled = props.state.can_edit().is_err();
    let add = {
        let (port, field) = (props.port.clone(), field.clone());
        let next = props.state.projects.open.as_ref().map_or(0, |open| open.project.classes.len() as u32) + 1;
        let default = locale.fill("class-default-name", &[("number", next.into())]);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(input) = field.cast::<HtmlInputElement>() else { return };
            let typed = input.value();
            let name = if typed.trim().is_empty() { default.clone() } else { typed };
            port.send(Command::Project(ProjectCommand::AddClass(name)));
            input.set_value("");
        })
    };
    html! {
        <form class="beside add-class" onsubmit={add}>
            <label class="field">
                <span>{ locale.text("class-add-name") }</span>
                <input ref={field} type="text" maxlength="60" data-testid="class-add-name" {disabled} />
            </label>
            <button type="submit" class="quiet" data-testid="class-add" {disabled}>{ locale.text("class-add") }</button>
        </form>
    }
}
