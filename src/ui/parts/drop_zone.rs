use wasm_bindgen_futures::spawn_local;
use web_sys::{DragEvent, File, FileList, HtmlInputElement};
use yew::prelude::*;

use crate::browser::folder;

/// What a drop zone needs.
#[derive(Properties, PartialEq)]
pub struct DropZoneProps {
    /// The input's name in tests and its id.
    pub name: AttrValue,
    /// What to do.
    pub label: AttrValue,
    /// Which files.
    pub hint: AttrValue,
    /// The same for the browser's file dialog.
    pub accept: AttrValue,
    /// Whether several files may be chosen.
    #[prop_or_default]
    pub multiple: bool,
    /// Id of the text that says why nothing can be chosen, where there is one.
    pub described: AttrValue,
    /// Whether nothing can be chosen now.
    pub disabled: bool,
    /// Whether the browser's dialog is for a folder instead of files.
    #[prop_or_default]
    pub folder: bool,
    /// Gets the files, at least one.
    pub onfiles: Callback<Vec<File>>,
    /// Gets the files of a folder, each after its path; without it, a folder is taken for a file.
    #[prop_or_default]
    pub onfolder: Option<Callback<Vec<(String, File)>>>,
    /// Whether files that are dropped beside a folder go with those in it, and not to `onfiles`.
    #[prop_or_default]
    pub together: bool,
}

/// A file input that covers a zone to drop files on: the browser's own button would speak
/// the browser's language, not the page's.
#[component]
pub fn DropZone(props: &DropZoneProps) -> Html {
    let hovered = use_state(|| false);
    let disabled = props.disabled;
    let take = {
        let onfiles = props.onfiles.clone();
        let limit = if props.multiple { usize::MAX } else { 1 };
        move |mut files: Vec<File>| {
            files.truncate(limit);
            if !files.is_empty() {
                onfiles.emit(files);
            }
        }
    };
    let onchange = {
        let (take, onfolder) = (take.clone(), props.onfolder.clone().filter(|_| props.folder));
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let files = files_of(input.files());
            match &onfolder {
                Some(onfolder) => onfolder.emit(files.into_iter().map(folder::with_path).collect()),
                None => take(files),
            }
            // So that the same file can be chosen again.
            input.set_value("");
        })
    };
    let hover = |inside: bool| {
        let hovered = hovered.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            hovered.set(inside && !disabled);
        })
    };
    let ondrop = {
        let (hovered, onfolder, together) = (hovered.clone(), props.onfolder.clone(), props.together);
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            hovered.set(false);
            let Some(transfer) = event.data_transfer().filter(|_| !disabled) else { return };
            let Some(onfolder) = onfolder.clone() else { return take(files_of(transfer.files())) };
            let (mut files, folders) = folder::dropped(&transfer);
            if folders.is_empty() || !together {
                take(std::mem::take(&mut files));
            }
            if !folders.is_empty() {
                spawn_local(async move {
                    let mut found = folder::files(folders).await;
                    found.extend(files.into_iter().map(|file| (file.name(), file)));
                    onfolder.emit(found);
                });
            }
        })
    };
    let hint_id = format!("{}-hint", props.name);
    let described = format!("{hint_id} {}", props.described);
    html! {
        <div
            class={classes!("drop", hovered.then_some("hovered"), disabled.then_some("disabled"))}
            ondragover={hover(true)}
            ondragleave={hover(false)}
            {ondrop}
        >
            <label for={props.name.clone()}>{ &props.label }</label>
            <input
                type="file"
                id={props.name.clone()}
                data-testid={props.name.clone()}
                accept={props.accept.clone()}
                multiple={props.multiple}
                webkitdirectory={props.folder}
                {disabled}
                aria-describedby={described}
                {onchange}
            />
            <small id={hint_id}>{ &props.hint }</small>
        </div>
    }
}

fn files_of(list: Option<FileList>) -> Vec<File> {
    let files = list.iter().flat_map(|list| (0..list.length()).filter_map(|place| list.get(place)));
    files.collect()
}
