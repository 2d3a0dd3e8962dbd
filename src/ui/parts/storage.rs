use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::browser::device;
use crate::features::StoreSize;
use crate::ui::locale::use_locale;

/// What the storage needs.
#[derive(Properties, PartialEq)]
pub struct StorageProps {
    /// What the features take, once that is known.
    pub cache: Option<StoreSize>,
    /// Whether the browser stores nothing.
    pub in_memory: bool,
    /// Changes whenever the person looks.
    pub seen: u32,
}

/// How much is stored, how much room there is, and whether it lasts.
#[component]
pub fn Storage(props: &StorageProps) -> Html {
    let locale = use_locale();
    let StorageProps { cache, in_memory, seen } = props;
    let room = use_state(|| None::<u64>);
    let lasts = use_state(|| None::<bool>);
    use_effect_with((*seen, *cache), {
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
    html! {
        <p
            class="small"
            data-testid="storage"
            data-room={room.map(|room| room.to_string())}
            data-lasting={lasts.map(|lasts| lasts.to_string())}
        >
            { [taken, room_text, lasting].into_iter().flatten().collect::<Vec<_>>().join(" ") }
        </p>
    }
}
