use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::browser::device;
use crate::protocol::Command;
use crate::ui::locale::use_locale;
use crate::ui::parts::Question;
use crate::ui::port::Port;
use crate::ui::state::State;

/// What the storage needs.
#[derive(Properties, PartialEq)]
pub struct StorageProps {
    /// What the page knows.
    pub state: Rc<State>,
    /// The way to the session.
    pub port: Port,
    /// Changes whenever the person looks.
    pub seen: u32,
}

/// How much is stored, how much room there is, and whether it lasts.
#[component]
pub fn Storage(props: &StorageProps) -> Html {
    let locale = use_locale();
    let StorageProps { state, port, seen } = props;
    let State { cache, unused, in_memory, .. } = **state;
    let room = use_state(|| None::<u64>);
    let lasts = use_state(|| None::<bool>);
    use_effect_with(*seen, {
        let port = port.clone();
        move |seen| {
            if *seen > 0 {
                port.send(Command::LookForUnused);
            }
        }
    });
    use_effect_with((*seen, cache), {
        let (room, lasts) = (room.setter(), lasts.setter());
        move |_| {
            spawn_local(async move { room.set(device::room().await) });
            spawn_local(async move { lasts.set(device::persisted().await) });
        }
    });
    let taken = cache.map(|cache| {
        let size = locale.megabytes(cache.bytes);
        locale.fill("storage-features", &[("size", size.into())])
    });
    let unused_size = locale.megabytes(unused.bytes);
    let unused_text =
        (unused.images > 0).then(|| locale.fill("storage-unused", &[("size", unused_size.clone().into())]));
    let room_text = room.map(|room| {
        let room = locale.size(room);
        locale.fill("storage-room", &[("room", room.into())])
    });
    let lasting = match (in_memory, *lasts) {
        (true, _) => Some(locale.text("storage-tab")),
        (false, Some(true)) => Some(locale.text("storage-lasting")),
        (false, Some(false)) => Some(locale.text("storage-passing")),
        (false, None) => None,
    };
    let remove = {
        let port = port.clone();
        Callback::from(move |()| port.send(Command::RemoveUnused))
    };
    html! {
        <>
        <p
            class="small"
            data-testid="storage"
            data-room={room.map(|room| room.to_string())}
            data-lasting={lasts.map(|lasts| lasts.to_string())}
        >
            { [taken, unused_text, room_text, lasting].into_iter().flatten().collect::<Vec<_>>().join(" ") }
        </p>
        if unused.images > 0 {
            <Question
                name="unused-remove"
                button={locale.text("unused-remove")}
                disabled={state.can_clear().is_err()}
                title={locale.text("unused-title")}
                text={locale.fill("unused-text", &[("size", unused_size.into())])}
                yes={locale.text("cache-clear-confirm")}
                no={locale.text("cache-clear-keep")}
                onconfirm={remove}
            />
        }
        </>
    }
}
