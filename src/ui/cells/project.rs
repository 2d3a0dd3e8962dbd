use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

use super::CellProps;
use super::class_card::ClassCard;
use super::engine::change_to;
use super::exchange::moving;
use crate::protocol::{Command, Exchange, ProjectCommand, ProjectInfo, ProjectSummary};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{DataNotices, DropZone, Progress, Question, TextField};
use crate::ui::port::Port;
use crate::ui::state::Adding;

/// Projects of one's own: the list of them, and the open one.
#[component]
pub fn ProjectPanel(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let projects = &state.projects;
    // One at a time: the class whose recorder is open.
    let recorded = use_state(|| None::<u32>);
    let adding = projects.adding.map(|adding| adding_now(adding, port, &locale));
    let exchange = state.exchange.and_then(|(what, done, total)| {
        let key = match what {
            Exchange::ProjectOut => "project-writing",
            Exchange::ProjectIn => "project-taking",
            _ => return None,
        };
        let share = locale.percent(done as f64 / total.max(1) as f64, 0);
        let text = locale.fill(key, &[("share", share.into())]);
        Some(moving(&text, (done as f64, total as f64), port, &locale))
    });
    // One place in the page each, whatever comes and goes: see `Frame`.
    let list: Html = projects.list.iter().map(|project| listed(project, props, &locale)).collect();
    let open = projects.open.as_ref().map(|open| opened(open, props, &recorded, &locale));
    html! {
        <section class="project" aria-labelledby="project-title">
            <h3 id="project-title">{ locale.text("project-title") }</h3>
            <p>{ locale.text(if state.in_memory { "project-intro-tab" } else { "project-intro" }) }</p>
            <NewProject state={state.clone()} port={port.clone()} />
            { list }
            { adding.unwrap_or_default() }
            { exchange.unwrap_or_default() }
            { open.unwrap_or_default() }
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

/// Fields to make a project, or to take one from a file.
#[component]
fn NewProject(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let disabled = state.can_use_data().is_err();
    let name = use_node_ref();
    let create = {
        let (port, locale, name) = (port.clone(), locale.clone(), name.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let typed = name.cast::<HtmlInputElement>().map(|field| field.value()).unwrap_or_default();
            let name = if typed.trim().is_empty() { locale.text("project-default-name") } else { typed };
            let classes =
                [1_u32, 2].map(|number| locale.fill("class-default-name", &[("number", number.into())]));
            port.send(Command::Project(ProjectCommand::Create { name, classes }));
        })
    };
    let import = {
        let port = port.clone();
        Callback::from(move |files: Vec<File>| {
            // The zone gives one file, so there is one reference.
            let make = |mut files: Vec<_>| Command::Project(ProjectCommand::Import(files.swap_remove(0)));
            port.send_files(make, files);
        })
    };
    html! {
        <div class="beside">
            <form class="beside" onsubmit={create}>
                <label class="field">
                    <span>{ locale.text("project-new-name") }</span>
                    <input
                        ref={name}
                        type="text"
                        maxlength="60"
                        placeholder={locale.text("project-default-name")}
                        data-testid="project-new-name"
                        {disabled}
                    />
                </label>
                <button type="submit" data-testid="project-new" {disabled} aria-describedby="data-wait">
                    { locale.text("project-new") }
                </button>
            </form>
            <DropZone
                name="project-import"
                label={locale.text("project-import")}
                hint={locale.text("project-import-hint")}
                accept=".zip,application/zip"
                described="data-wait"
                {disabled}
                onfiles={import}
            />
        </div>
    }
}

/// A project of the list, with what can be done about it.
fn listed(project: &ProjectSummary, props: &CellProps, locale: &Locale) -> Html {
    let CellProps { state, port } = props;
    let open = state.projects.open.as_ref().is_some_and(|open| open.id == project.id);
    let disabled = state.can_use_data().is_err();
    let pictures =
        [("pictures", project.pictures.into()), ("shown", locale.integer(project.pictures).into())];
    let delete = {
        let (port, id) = (port.clone(), project.id);
        Callback::from(move |()| port.send(Command::Project(ProjectCommand::Delete(id))))
    };
    let values = [("name", project.name.as_str().into()), ("shown", locale.integer(project.pictures).into())];
    html! {
        <div
            key={project.id}
            class={classes!("listed", open.then_some("open"))}
            data-testid="project-listed"
            data-name={project.name.clone()}
            data-pictures={project.pictures.to_string()}
        >
            <strong>{ &project.name }</strong>
            <small>{ locale.fill("project-pictures", &pictures) }</small>
            <button
                type="button"
                class="quiet"
                data-testid="project-open"
                disabled={disabled || open}
                aria-label={(!open).then(|| locale.fill("project-open-label", &values))}
                onclick={port.on_click(Command::Project(ProjectCommand::Open(project.id)))}
            >
                { locale.text(if open { "project-is-open" } else { "project-open" }) }
            </button>
            <Question
                name={format!("project-delete-{}", project.id)}
                button={locale.text("project-delete")}
                {disabled}
                title={locale.fill("project-delete-title", &values)}
                text={locale.fill("project-delete-text", &values)}
                yes={locale.text("project-delete-confirm")}
                no={locale.text("keep")}
                onconfirm={delete}
            />
        </div>
    }
}

/// The open project: its name, its classes, what can be done with all of it.
fn opened(
    open: &ProjectInfo,
    props: &CellProps,
    recorded: &UseStateHandle<Option<u32>>,
    locale: &Locale,
) -> Html {
    let CellProps { state, port } = props;
    let disabled = state.can_edit().is_err();
    let tell = |make: fn(String) -> ProjectCommand| {
        let port = port.clone();
        Callback::from(move |text: String| port.send(Command::Project(make(text))))
    };
    let folders = {
        let port = port.clone();
        Callback::from(move |files: Vec<File>| {
            port.send_files(|files| Command::Project(ProjectCommand::AddFolders(files)), files);
        })
    };
    let folder = {
        let port = port.clone();
        Callback::from(move |files| {
            port.send_named(|files| Command::Project(ProjectCommand::AddFolders(files)), files);
        })
    };
    // The takes are counted for the classes that take part.
    let mut takes = open.takes.iter();
    let cards = open.project.classes.iter().enumerate().map(|(place, class)| {
        let takes = class.enabled.then(|| takes.next().copied()).flatten();
        let (recorded, id) = (recorded.clone(), class.id);
        html! {
            <ClassCard
                key={class.id}
                state={state.clone()}
                port={port.clone()}
                class={class.clone()}
                place={place as u32}
                {takes}
                recording={*recorded == Some(id)}
                onrecord={Callback::from(move |open: bool| recorded.set(open.then_some(id)))}
            />
        }
    });
    html! {
        <section
            class="opened"
            aria-label={open.project.name.clone()}
            data-testid="project"
            data-id={open.id.to_string()}
        >
            <div class="beside">
                <TextField
                    name="project-name"
                    label={locale.text("project-name")}
                    value={open.project.name.clone()}
                    {disabled}
                    onchange={tell(ProjectCommand::Rename)}
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
            { larger(props, disabled, locale) }
            <DataNotices notices={open.notices.clone()} />
            { cards.collect::<Html>() }
            <AddClass state={state.clone()} port={port.clone()} />
            <DropZone
                name="project-folder"
                label={locale.text("project-folder")}
                hint={locale.text("project-folder-hint")}
                accept=""
                folder=true
                multiple=true
                described="project-takes-note"
                {disabled}
                onfiles={folders.clone()}
                onfolder={folder.clone()}
            />
            <DropZone
                name="project-folders"
                label={locale.text("project-folders")}
                hint={locale.text("project-folders-hint")}
                accept=".zip,.tar,.tgz,.gz,application/zip,application/gzip"
                multiple=true
                described="project-takes-note"
                {disabled}
                onfiles={folders}
                onfolder={folder}
            />
            <p class="small" id="project-takes-note">{ locale.text("project-takes-note") }</p>
        </section>
    }
}

/// Which backbone the project is on, and the way to the larger one.
fn larger(props: &CellProps, disabled: bool, locale: &Locale) -> Html {
    let CellProps { state, port } = props;
    let (Some(light), Some(larger)) = (state.backbone(), state.larger()) else { return Html::default() };
    let values = [("name", larger.name.as_str().into()), ("size", locale.megabytes(larger.bytes).into())];
    html! {
        <p data-testid="project-light">
            { locale.fill("project-light", &[("name", light.name.as_str().into())]) }{ " " }
            <button type="button" class="quiet" data-testid="project-larger" {disabled} onclick={change_to(larger, port)}>
                { locale.fill("project-larger", &values) }
            </button>
        </p>
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
        <form class="beside" onsubmit={add}>
            <label class="field">
                <span>{ locale.text("class-add-name") }</span>
                <input ref={field} type="text" maxlength="60" data-testid="class-add-name" {disabled} />
            </label>
            <button type="submit" data-testid="class-add" {disabled}>{ locale.text("class-add") }</button>
        </form>
    }
}
