use web_sys::{DragEvent, File, FileList, HtmlInputElement};
use yew::prelude::*;

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
    /// Gets the files, at least one.
    pub onfiles: Callback<Vec<File>>,
}

/// A file input that covers a zone to drop files on: the browser's own button would speak
/// the browser's language, not the page's.
#[component]
pub fn DropZone(props: &DropZoneProps) -> Html {
    let hovered = use_state(|| false);
    let disabled = props.disabled;
    let take = {
        let onfiles = props.onfiles.clone();
        let limit = if props.multiple { u32::MAX } else { 1 };
        move |list: Option<FileList>| {
            let files: Vec<File> = list.iter().flat_map(|list| files_of(list, limit)).collect();
            if !files.is_empty() {
                onfiles.emit(files);
            }
        }
    };
    let onchange = {
        let take = take.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            take(input.files());
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
        let hovered = hovered.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            hovered.set(false);
            if !disabled {
                take(event.data_transfer().and_then(|transfer| transfer.files()));
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
                {disabled}
                aria-describedby={described}
                {onchange}
            />
            <small id={hint_id}>{ &props.hint }</small>
        </div>
    }
}

fn files_of(list: &FileList, limit: u32) -> impl Iterator<Item = File> {
    (0..list.length().min(limit)).filter_map(|place| list.get(place))
}
