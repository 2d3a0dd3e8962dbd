use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use web_sys::{DragEvent, File, HtmlSelectElement};
use yew::prelude::*;

use super::recorder::Recorder;
use crate::browser::folder;
use crate::project::split::FEWEST_TAKES;
use crate::project::{Class, PictureId};
use crate::protocol::{Command, ProjectCommand};
use crate::ui::camera;
use crate::ui::drawings::{Drawing, Scene};
use crate::ui::locale::{Locale, use_locale};
use crate::ui::parts::{DropZone, Picture, Question, TextField};
use crate::ui::port::Port;
use crate::ui::state::{State, page};

/// What a dragged picture says it is.
const DRAGGED: &str = "application/x-bottleneck-pictures";

/// What a class card needs.
#[derive(Properties, PartialEq)]
pub struct ClassCardProps {
    /// The page's state.
    pub state: Rc<State>,
    /// Sends commands.
    pub port: Port,
    /// The class.
    pub class: Class,
    /// Its place in the order, from 0.
    pub place: u32,
    /// How many takes it has, where it takes part.
    pub takes: Option<u32>,
    /// Whether its recorder is open.
    pub recording: bool,
    /// Opens its recorder, or closes it.
    pub onrecord: Callback<bool>,
}

impl ClassCardProps {
    fn tell(&self, command: ProjectCommand) -> Callback<MouseEvent> {
        self.port.on_click(Command::Project(command))
    }
}

/// A class of the open project: its name, its pictures, and what can be done with them.
#[component]
pub fn ClassCard(props: &ClassCardProps) -> Html {
    let locale = use_locale();
    let selected = use_state(BTreeSet::<PictureId>::new);
    // Pages of pictures, counted from the last ones.
    let turned = use_state(|| 0_usize);
    let ClassCardProps { state, port, class, takes, .. } = props;
    let id = class.id;
    let disabled = state.can_edit().is_err();
    // What was moved or deleted since is not selected any more.
    let chosen: Vec<PictureId> =
        class.pictures.iter().map(|picture| picture.id).filter(|id| selected.contains(id)).collect();
    let onfiles = {
        let port = port.clone();
        Callback::from(move |files: Vec<File>| {
            let make = |files| Command::Project(ProjectCommand::AddFiles { class: id, files });
            port.send_files(make, files);
        })
    };
    let onfolder = {
        let port = port.clone();
        Callback::from(move |files| {
            port.send_named(|files| Command::Project(ProjectCommand::AddFolders(files)), files);
        })
    };
    // What is dropped on the card beside its field is for the class, too.
    let ondrop = {
        let (port, onfiles, onfolder) = (port.clone(), onfiles.clone(), onfolder.clone());
        Callback::from(move |event: DragEvent| {
            if event.default_prevented() {
                return;
            }
            if let Some(pictures) = dragged(&event) {
                event.prevent_default();
                port.send(Command::Project(ProjectCommand::MovePictures { pictures, class: id }));
                return;
            }
            let Some(transfer) = event.data_transfer().filter(|_| !disabled) else { return };
            let (files, folders) = folder::dropped(&transfer);
            if files.is_empty() && folders.is_empty() {
                return;
            }
            event.prevent_default();
            if !files.is_empty() {
                onfiles.emit(files);
            }
            if !folders.is_empty() {
                let onfolder = onfolder.clone();
                spawn_local(async move { onfolder.emit(folder::files(folders).await) });
            }
        })
    };
    let ondragover = Callback::from(|event: DragEvent| {
        let types = event.data_transfer().map(|transfer| transfer.types());
        if types.is_some_and(|types| types.includes(&DRAGGED.into(), 0)) {
            event.prevent_default();
        }
    });
    let standing = takes.map(|takes| {
        let enough = takes as usize >= FEWEST_TAKES;
        let values = [
            ("takes", takes.into()),
            ("shown", locale.integer(takes).into()),
            ("fewest", locale.integer(FEWEST_TAKES as u32).into()),
        ];
        let key = if enough { "class-takes-enough" } else { "class-takes-few" };
        html! { <small class={classes!((!enough).then_some("few"))}>{ locale.fill(key, &values) }</small> }
    });
    let pictures = [
        ("pictures", (class.pictures.len() as u32).into()),
        ("shown", locale.integer(class.pictures.len() as u32).into()),
    ];
    let classes = state.projects.open.as_ref().map_or(1, |open| open.project.classes.len());
    let page = page(classes);
    // Pictures may have gone since.
    let turns = (*turned).min(class.pictures.len().saturating_sub(1) / page);
    let end = class.pictures.len() - turns * page;
    let shown = end.saturating_sub(page)..end;
    // While pictures come in, those that are shown change all the time.
    let asks = state.projects.adding.is_none();
    let unknown: Vec<PictureId> = class.pictures[shown.clone()]
        .iter()
        .map(|picture| picture.id)
        .filter(|id| asks && state.projects.thumbnails.get(*id).is_none())
        .collect();
    let project = state.projects.open.as_ref().map(|open| open.id);
    use_effect_with((project, unknown), {
        let port = port.clone();
        move |(_, unknown)| {
            if !unknown.is_empty() {
                port.send(Command::Project(ProjectCommand::Look(unknown.clone())));
            }
        }
    });
    html! {
        <article
            class={classes!("class-card", format!("class-{}", props.place % 10), (!class.enabled).then_some("off"))}
            aria-label={class.name.clone()}
            data-testid="class-card"
            data-class-id={id.to_string()}
            data-name={class.name.clone()}
            data-count={class.pictures.len().to_string()}
            data-takes={takes.map(|takes| takes.to_string())}
            {ondragover}
            {ondrop}
        >
            <div class="card-head">
                { header(props, disabled, &locale) }
                { menu(props, disabled, &locale) }
            </div>
            <p class="card-note">
                { locale.fill("project-pictures", &pictures) }{ " " }{ standing.unwrap_or_default() }
            </p>
            <div class="card-actions">
                { record_button(props, disabled, &locale) }
                <DropZone
                    name={format!("class-files-{id}")}
                    label={locale.text("class-files")}
                    hint={locale.text("class-files-hint")}
                    accept="image/jpeg,image/png,image/webp,image/gif,image/bmp,.jfif,.zip,.tar,.tgz,.gz"
                    multiple=true
                    described="project-takes-note"
                    {disabled}
                    {onfiles}
                    {onfolder}
                />
            </div>
            if props.recording {
                <Recorder
                    state={Rc::clone(state)}
                    port={port.clone()}
                    class={class.id}
                    name={class.name.clone()}
                />
            }
            { thumbnails(props, &selected, shown.clone(), &locale) }
            if class.pictures.len() > page {
                { pages(class.pictures.len(), shown, (turns, &turned), &locale) }
            }
            if !chosen.is_empty() {
                { actions(props, chosen, &selected, disabled, &locale) }
            }
        </article>
    }
}

/// The button that opens the class's recorder, whose camera starts with it, or closes it.
fn record_button(props: &ClassCardProps, disabled: bool, locale: &Locale) -> Html {
    let open = !props.recording;
    html! {
        <button
            type="button"
            class={classes!("record", props.recording.then_some("quiet"))}
            data-testid="class-record"
            aria-expanded={props.recording.to_string()}
            aria-label={locale.fill(
                if open { "record-open-label" } else { "record-close-label" },
                &[("name", props.class.name.as_str().into())],
            )}
            disabled={disabled && open}
            onclick={props.onrecord.reform(move |_: MouseEvent| {
                if !open {
                    camera::forget();
                }
                open
            })}
        >
            { locale.text(if open { "record-open" } else { "record-close" }) }
        </button>
    }
}

/// The name.
fn header(props: &ClassCardProps, disabled: bool, locale: &Locale) -> Html {
    let (port, id) = (props.port.clone(), props.class.id);
    let rename = Callback::from(move |name| {
        port.send(Command::Project(ProjectCommand::RenameClass { class: id, name }))
    });
    html! {
        <TextField
            name="class-name"
            label={locale.text("class-name")}
            value={props.class.name.clone()}
            {disabled}
            onchange={rename}
        />
    }
}

/// What is seldom done with a class: whether it takes part, its place, and its end.
fn menu(props: &ClassCardProps, disabled: bool, locale: &Locale) -> Html {
    let ClassCardProps { state, port, class, place, .. } = props;
    let (id, place) = (class.id, *place);
    let classes = state.projects.open.as_ref().map_or(0, |open| open.project.classes.len() as u32);
    let delete = {
        let port = port.clone();
        Callback::from(move |()| port.send(Command::Project(ProjectCommand::DeleteClass(id))))
    };
    let name =
        [("name", class.name.as_str().into()), ("shown", locale.integer(class.pictures.len() as u32).into())];
    let move_to = |testid: &'static str, key: &str, sign: &'static str, to: Option<u32>| {
        html! {
            <button
                type="button"
                class="quiet"
                data-testid={testid}
                aria-label={locale.fill(key, &name)}
                disabled={disabled || to.is_none()}
                onclick={props.tell(ProjectCommand::MoveClass { class: id, place: to.unwrap_or(place) })}
            >
                { sign }
            </button>
        }
    };
    let later = Some(place + 1).filter(|to| *to < classes);
    html! {
        <details class="menu">
            <summary data-testid="class-menu" aria-label={locale.fill("class-menu", &name)}>{ "⋯" }</summary>
            <div class="menu-body">
                <label class="check">
                    <input
                        type="checkbox"
                        data-testid="class-enabled"
                        checked={class.enabled}
                        {disabled}
                        onclick={props.tell(ProjectCommand::EnableClass { class: id, enabled: !class.enabled })}
                    />
                    { locale.text("class-enabled") }
                </label>
                { move_to("class-up", "class-up", "↑", place.checked_sub(1)) }
                { move_to("class-down", "class-down", "↓", later) }
                <Question
                    name={format!("class-delete-{id}")}
                    button={locale.text("class-delete")}
                    {disabled}
                    title={locale.fill("class-delete-title", &name)}
                    text={locale.fill("class-delete-text", &name)}
                    yes={locale.text("class-delete-confirm")}
                    no={locale.text("keep")}
                    onconfirm={delete}
                />
            </div>
        </details>
    }
}

/// The pictures, each a button that selects it, to be dragged to another class.
fn thumbnails(
    props: &ClassCardProps,
    selected: &UseStateHandle<BTreeSet<PictureId>>,
    shown: Range<usize>,
    locale: &Locale,
) -> Html {
    let pictures = props.class.pictures.iter().enumerate();
    let items = pictures.skip(shown.start).take(shown.len()).filter_map(|(place, picture)| {
        let image = props.state.projects.thumbnails.get(picture.id)?;
        let id = picture.id;
        let pressed = selected.contains(&id);
        let toggle = {
            let selected = selected.clone();
            move |_: MouseEvent| {
                let mut next = (*selected).clone();
                if !next.remove(&id) {
                    next.insert(id);
                }
                selected.set(next);
            }
        };
        let ondragstart = {
            let selected = selected.clone();
            move |event: DragEvent| {
                let ids = if selected.contains(&id) { (*selected).clone() } else { BTreeSet::from([id]) };
                let text: Vec<String> = ids.iter().map(u32::to_string).collect();
                if let Some(transfer) = event.data_transfer() {
                    // Refused only outside of a drag's start.
                    let _ = transfer.set_data(DRAGGED, &text.join(" "));
                }
            }
        };
        let label = locale.fill("class-picture", &[("number", (place as u32 + 1).into())]);
        Some(html! {
            <li key={id}>
                <button
                    type="button"
                    class="thumbnail"
                    data-testid="thumbnail"
                    data-picture={id.to_string()}
                    data-take={picture.take.to_string()}
                    aria-pressed={pressed.to_string()}
                    aria-label={label}
                    draggable="true"
                    onclick={toggle}
                    {ondragstart}
                >
                    <Picture image={image.clone()} label="" />
                </button>
            </li>
        })
    });
    let items: Vec<Html> = items.collect();
    html! {
        <div class="strip">
            if props.class.pictures.is_empty() {
                <Drawing scene={Scene::EmptyClass} />
            }
            <ul class="thumbnails" aria-label={locale.text("class-pictures")}>{ for items }</ul>
        </div>
    }
}

/// Which of the `total` pictures are shown, and the way to others.
fn pages(
    total: usize,
    shown: Range<usize>,
    (turns, turned): (usize, &UseStateHandle<usize>),
    locale: &Locale,
) -> Html {
    let number = |number: usize| locale.integer(number as u32).into();
    let values = [("first", number(shown.start + 1)), ("last", number(shown.end)), ("total", number(total))];
    let turn = |name: &'static str, to: Option<usize>| {
        let turned = turned.clone();
        let onclick = move |_: MouseEvent| to.into_iter().for_each(|to| turned.set(to));
        html! {
            <button type="button" class="quiet" data-testid={name} disabled={to.is_none()} {onclick}>
                { locale.text(name) }
            </button>
        }
    };
    html! {
        <div class="beside">
            <span data-testid="class-page">{ locale.fill("class-page", &values) }</span>
            { turn("class-earlier", (shown.start > 0).then_some(turns + 1)) }
            { turn("class-later", turns.checked_sub(1)) }
        </div>
    }
}

/// What can be done with the selected pictures.
fn actions(
    props: &ClassCardProps,
    chosen: Vec<PictureId>,
    selected: &UseStateHandle<BTreeSet<PictureId>>,
    disabled: bool,
    locale: &Locale,
) -> Html {
    let count = chosen.len() as u32;
    let values = [("pictures", count.into()), ("shown", locale.integer(count).into())];
    let delete = {
        let (port, chosen, selected) = (props.port.clone(), chosen.clone(), selected.clone());
        move |_: MouseEvent| {
            port.send(Command::Project(ProjectCommand::DeletePictures(chosen.clone())));
            selected.set(BTreeSet::new());
        }
    };
    let onchange = {
        let (port, selected) = (props.port.clone(), selected.clone());
        move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            if let Ok(class) = select.value().parse() {
                let pictures = chosen.clone();
                port.send(Command::Project(ProjectCommand::MovePictures { pictures, class }));
                selected.set(BTreeSet::new());
            }
        }
    };
    let others = props.state.projects.open.iter().flat_map(|open| &open.project.classes);
    let others = others.filter(|class| class.id != props.class.id);
    html! {
        <div class="beside">
            <span>{ locale.fill("class-selected", &values) }</span>
            <button type="button" class="quiet" data-testid="pictures-delete" {disabled} onclick={delete}>
                { locale.text("class-delete-pictures") }
            </button>
            <label class="field">
                <span>{ locale.text("class-move-pictures") }</span>
                <select data-testid="pictures-move" {disabled} {onchange}>
                    <option value="" selected=true>{ locale.text("class-move-choose") }</option>
                    { for others.map(|class| html! {
                        <option value={class.id.to_string()}>{ &class.name }</option>
                    }) }
                </select>
            </label>
        </div>
    }
}

/// The pictures that were dropped, where it is pictures of this page.
fn dragged(event: &DragEvent) -> Option<Vec<PictureId>> {
    let text = event.data_transfer()?.get_data(DRAGGED).ok()?;
    let ids: Vec<PictureId> = text.split(' ').filter_map(|id| id.parse().ok()).collect();
    (!ids.is_empty()).then_some(ids)
}
