use yew::prelude::*;

use crate::protocol::{Command, Exchange, ProjectCommand, ProjectSummary};
use crate::ui::cells::{CellProps, moving};
use crate::ui::drawings::{Drawing, Scene};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::memory;
use crate::ui::parts::{DropZone, Picture, Question};
use crate::ui::route::Route;

/// Projects whose pictures are shown in the list; of the others only the names are.
const MOST_COVERS: usize = 24;

/// The first view: three doors, and the person's projects.
#[component]
pub fn Home(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let projects = sorted(props);
    // Those whose pictures are not known, or have changed since.
    let wanted: Vec<(u32, u32)> =
        projects.iter().take(MOST_COVERS).map(|project| (project.id, project.pictures)).collect();
    use_effect_with(wanted, {
        let port = port.clone();
        move |wanted| {
            if !wanted.is_empty() {
                let ids = wanted.iter().map(|(id, _)| *id).collect();
                port.send(Command::Project(ProjectCommand::Covers(ids)));
            }
        }
    });
    let door = |testid: &'static str, about: &str, route: Route, scene: Scene| {
        html! {
            <a class="door" href={route.to_string()} data-testid={testid}>
                <Drawing {scene} />
                <strong>{ locale.text(testid) }</strong>
                <span>{ locale.text(about) }</span>
            </a>
        }
    };
    html! {
        <>
            <h1>{ locale.text("header-title") }</h1>
            <p class="promise">{ locale.text("header-promise") }</p>
            <div class="doors">
                { door("door-teach", "door-teach-about", Route::Teach, Scene::DoorTeach) }
                { door("door-notebook", "door-notebook-about", Route::Notebook, Scene::DoorNotebook) }
                <div class="door">
                    <Drawing scene={Scene::DoorOpen} />
                    <OpenZone ..props.clone() />
                </div>
            </div>
            { taking(props, &locale) }
            if !projects.is_empty() {
                <section class="recent" aria-labelledby="recent-title">
                    <h2 id="recent-title">{ locale.text("recent-title") }</h2>
                    <ul>{ for projects.iter().map(|project| listed(project, props, &locale)) }</ul>
                </section>
            }
            if state.in_memory {
                <p class="warning">{ locale.text("recent-in-memory") }</p>
            }
        </>
    }
}

/// The projects, the one that was used last first; then those that were never opened here.
fn sorted(props: &CellProps) -> Vec<ProjectSummary> {
    let recent = memory::recent();
    let place = |project: &ProjectSummary| recent.iter().position(|id| *id == project.id);
    let list = props.state.projects.list.iter().flat_map(|list| list.iter().cloned());
    let mut projects: Vec<ProjectSummary> = list.collect();
    projects.sort_by_key(|project| place(project).unwrap_or(usize::MAX));
    projects
}

/// A field for whatever can be opened, to choose files or to drop them on.
#[component]
pub fn OpenZone(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let make = |files| Command::OpenFiles { files, to_project: false };
    let (onfiles, onfolder) = (port.on_files(make), port.on_folder(make));
    html! {
        <DropZone
            name="door-open"
            label={locale.text("door-open")}
            hint={locale.text("door-open-about")}
            accept=""
            multiple=true
            described="door-open-hint"
            disabled={state.can_use_data().is_err()}
            {onfiles}
            {onfolder}
            together=true
        />
    }
}

/// How far a project is that comes from a file.
fn taking(props: &CellProps, locale: &Locale) -> Html {
    let Some((Exchange::ProjectIn, done, total)) = props.state.exchange else { return Html::default() };
    let share = locale.percent(done as f64 / total.max(1) as f64, 0);
    let text = locale.fill("project-taking", &[("share", share.into())]);
    moving(&text, (done as f64, total as f64), &props.port, locale)
}

/// A project of the list: its first pictures, its name, and what can be done about it.
fn listed(project: &ProjectSummary, props: &CellProps, locale: &Locale) -> Html {
    let CellProps { state, port } = props;
    let disabled = state.can_use_data().is_err();
    let shown = locale.integer(project.pictures);
    let count = [("pictures", project.pictures.into()), ("shown", shown.clone().into())];
    let values = [("name", project.name.as_str().into()), ("shown", shown.into())];
    let delete = {
        let (port, id) = (port.clone(), project.id);
        Callback::from(move |()| port.send(Command::Project(ProjectCommand::Delete(id))))
    };
    let cover = state.projects.covers.get(&project.id).into_iter().flatten();
    let cover = cover.map(|image| html! { <Picture image={image.clone()} label="" /> });
    html! {
        <li
            key={project.id}
            data-testid="recent-project"
            data-id={project.id.to_string()}
            data-name={project.name.clone()}
            data-pictures={project.pictures.to_string()}
        >
            <a href={Route::Project(project.id).to_string()} data-testid="project-open">
                <span class="cover">{ for cover }</span>
                <strong>{ &project.name }</strong>
                <small>{ locale.fill("project-pictures", &count) }</small>
            </a>
            <Question
                name={format!("project-delete-{}", project.id)}
                button={locale.text("project-delete")}
                label={locale.fill("project-delete-label", &values)}
                {disabled}
                title={locale.fill("project-delete-title", &values)}
                text={locale.fill("project-delete-text", &values)}
                yes={locale.text("project-delete-confirm")}
                no={locale.text("keep")}
                onconfirm={delete}
            />
        </li>
    }
}
