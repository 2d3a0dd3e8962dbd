use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use web_sys::{Element, HtmlCanvasElement};
use yew::prelude::*;

use super::{Choices, corrected};
use crate::features::ImageHash;
use crate::pixels::RgbImage;
use crate::protocol::{Command, MOST_MAP_PICTURES, MapCommand, MappedImage};
use crate::ui::i18n::keys;
use crate::ui::locale::use_locale;
use crate::ui::map_view::{View, in_sight, next_point, point_at};
use crate::ui::parts::{MapDrawing, Sprites, draw_map, size_of, use_surroundings};
use crate::ui::port::Port;
use crate::ui::state::{Classification, MapMethod, MapProgress, MapState, State};

/// So many images or fewer are drawn as pictures: as many as are shown at a time.
const PICTURED: usize = MOST_MAP_PICTURES;
/// How near to a point it has to be pressed, in CSS pixels: with a mouse, with a finger.
const REACH: [f32; 2] = [14.0, 24.0];
/// Who moves further than so many pixels between press and release does not mean a point.
const STILL: f32 = 5.0;
/// One press on a zoom button, one turn of the wheel by this many units.
const ZOOM: f32 = 1.5;
const TURN: f32 = 400.0;

/// Fingers and mouse buttons on the map.
#[derive(Default)]
struct Pressed {
    /// The pointers that are down, and where.
    pointers: Vec<(i32, [f32; 2])>,
    /// How far they have moved since nothing was down.
    moved: f32,
}

#[derive(Properties, PartialEq)]
pub struct CanvasProps {
    /// The page's state.
    pub state: Rc<State>,
    /// Sends commands.
    pub port: Port,
    /// What the person has set up.
    pub choices: Choices,
}

/// The map itself, to be pulled, zoomed and pressed.
#[component]
pub fn Canvas(props: &CanvasProps) -> Html {
    let locale = use_locale();
    let CanvasProps { state, port, choices } = props;
    let canvas = use_node_ref();
    let sprites = use_mut_ref(Sprites::default);
    let asked = use_mut_ref(HashSet::<ImageHash>::new);
    let pressed = use_mut_ref(Pressed::default);
    let force = use_force_update();
    let method = *choices.method;

    // What can be said of the drawing as it is now.
    let now = {
        let (state, canvas, view) = (Rc::clone(state), canvas.clone(), choices.view.clone());
        Rc::new(move || {
            let node = canvas.cast::<HtmlCanvasElement>()?;
            let size = size_of(&node);
            let whole = View::whole(state.map.positions(method), size);
            Some((node, size, view.unwrap_or(whole), whole))
        })
    };
    let zoom = {
        let (now, choices, state) = (Rc::clone(&now), choices.clone(), Rc::clone(state));
        move |factor: f32, at: Option<[f32; 2]>| {
            if let Some((_, size, seen, whole)) = now() {
                // Around the chosen image, where nothing else is pointed at.
                let chosen = choices.chosen.and_then(|hash| place_of_image(&state, method, hash));
                let chosen = chosen.map(|place| seen.to_screen(place, size));
                let at = at.or(chosen).unwrap_or(size.map(|side| side / 2.0));
                choices.view.set(Some(seen.zoomed(factor, at, size, whole)));
            }
        }
    };
    let turn = use_mut_ref(|| Callback::from(|_| ()));
    turn.replace({
        let zoom = zoom.clone();
        Callback::from(move |(turned, at): (f32, [f32; 2])| zoom((-turned / TURN).exp(), Some(at)))
    });
    let redraw = Callback::from(move |()| force.force_update());
    use_surroundings(&canvas, redraw, Rc::clone(&turn));

    use_effect({
        let (now, state, port, choices) = (Rc::clone(&now), Rc::clone(state), port.clone(), choices.clone());
        move || {
            if let Some((node, size, view, _)) = now() {
                show(&node, (size, view), &state, &choices, &sprites);
                ask(&state, (size, view), method, &asked, &port);
            }
        }
    });

    let onpointerdown = {
        let pressed = Rc::clone(&pressed);
        move |event: PointerEvent| {
            if event.button() != 0 {
                return;
            }
            if let Some(node) = event.target_dyn_into::<Element>() {
                // Without it the map is let go where the pointer leaves it.
                let _ = node.set_pointer_capture(event.pointer_id());
            }
            let mut pressed = pressed.borrow_mut();
            if pressed.pointers.is_empty() {
                pressed.moved = 0.0;
            }
            pressed.pointers.retain(|(id, _)| *id != event.pointer_id());
            pressed.pointers.push((event.pointer_id(), place_of(&event)));
        }
    };
    let onpointermove = {
        let (pressed, now, view) = (Rc::clone(&pressed), Rc::clone(&now), choices.view.clone());
        move |event: PointerEvent| {
            let at = place_of(&event);
            let mut pressed = pressed.borrow_mut();
            let Some(place) = pressed.pointers.iter().position(|(id, _)| *id == event.pointer_id()) else {
                return;
            };
            let before = std::mem::replace(&mut pressed.pointers[place].1, at);
            let by = [at[0] - before[0], at[1] - before[1]];
            pressed.moved += by[0].abs() + by[1].abs();
            let Some((_, size, seen, whole)) = now().filter(|_| pressed.moved > STILL) else { return };
            view.set(Some(match pressed.pointers.as_slice() {
                [_] => seen.pulled(by),
                pointers => {
                    // The other finger stays where it is.
                    let other = pointers[usize::from(place == 0)].1;
                    let apart = |at: [f32; 2]| (at[0] - other[0]).hypot(at[1] - other[1]).max(1.0);
                    seen.zoomed(apart(at) / apart(before), other, size, whole)
                }
            }));
        }
    };
    let release = |chooses: bool| {
        let (pressed, now, state, chosen) =
            (Rc::clone(&pressed), Rc::clone(&now), Rc::clone(state), choices.chosen.clone());
        move |event: PointerEvent| {
            let mut pressed = pressed.borrow_mut();
            let before = pressed.pointers.len();
            pressed.pointers.retain(|(id, _)| *id != event.pointer_id());
            if !chooses || pressed.pointers.len() == before || pressed.moved > STILL {
                return;
            }
            let Some((_, size, view, _)) = now() else { return };
            let reach = REACH[usize::from(event.pointer_type() == "touch")];
            let found = point_at(state.map.positions(method), view, size, place_of(&event), reach);
            chosen.set(found.and_then(|found| image(&state, found)).map(|image| image.hash));
        }
    };
    let (onpointerup, onpointercancel) = (release(true), release(false));
    let onkeydown = {
        let (state, zoom, choices, now) = (Rc::clone(state), zoom.clone(), choices.clone(), Rc::clone(&now));
        move |event: KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            let go = |direction: [f32; 2]| {
                let positions = state.map.positions(method);
                let from = choices.chosen.and_then(|hash| number_of(&state, hash));
                let next = from.map_or(Some(0), |from| next_point(positions, from, direction));
                let Some((number, image)) = next.and_then(|next| Some((next, image(&state, next)?))) else {
                    return;
                };
                choices.chosen.set(Some(image.hash));
                // The map follows.
                if let Some((_, size, seen, _)) = now()
                    && !in_sight(positions, seen, size).contains(&number)
                    && let Some(centre) = place_of_image(&state, method, image.hash)
                {
                    choices.view.set(Some(View { centre, ..seen }));
                }
            };
            match event.key().as_str() {
                "ArrowLeft" => go([-1.0, 0.0]),
                "ArrowRight" => go([1.0, 0.0]),
                "ArrowUp" => go([0.0, -1.0]),
                "ArrowDown" => go([0.0, 1.0]),
                "+" | "=" => zoom(ZOOM, None),
                "-" => zoom(1.0 / ZOOM, None),
                "0" => choices.view.set(None),
                "Escape" => choices.chosen.set(None),
                _ => return,
            }
            event.prevent_default();
        }
    };
    let button = |name: &'static str, sign: &str, onclick: Callback<MouseEvent>| {
        html! {
            <button type="button" class="quiet" data-testid={name} aria-label={locale.text(name)} {onclick}>
                { sign }
            </button>
        }
    };
    let zooms = |factor: f32| {
        let zoom = zoom.clone();
        Callback::from(move |_| zoom(factor, None))
    };
    let whole = {
        let view = choices.view.clone();
        Callback::from(move |_| view.set(None))
    };
    let count = state.map.drawn.as_ref().map_or(0, |map| map.images.len()) as u32;
    let further = further(state, method).map(|(_, [x, y])| format!("{x},{y}"));
    let moving = state.map.progress != MapProgress::Idle;
    html! {
        <div class="map-frame">
            <canvas
                ref={canvas}
                tabindex="0"
                role="application"
                aria-label={locale.fill("map-label", &[("count", count.into()), ("shown", locale.integer(count).into())])}
                aria-describedby="map-keys"
                data-testid="feature-map"
                data-points={count.to_string()}
                data-method={keys::map_method(method)}
                data-moving={moving.to_string()}
                data-chosen={choices.chosen.and_then(|hash| number_of(state, hash)).map(|number| number.to_string())}
                data-further={further}
                data-shows-camera={is_live(state).then_some("")}
                {onpointerdown}
                {onpointermove}
                {onpointerup}
                {onpointercancel}
                {onkeydown}
            />
            <div class="map-zoom">
                { button("map-zoom-in", "+", zooms(ZOOM)) }
                { button("map-zoom-out", "−", zooms(1.0 / ZOOM)) }
                { button("map-whole", "⤢", whole) }
            </div>
            <p class="small" id="map-keys">{ locale.text("map-keys") }</p>
        </div>
    }
}

fn place_of(event: &PointerEvent) -> [f32; 2] {
    [event.offset_x() as f32, event.offset_y() as f32]
}

fn image(state: &State, number: usize) -> Option<MappedImage> {
    state.map.drawn.as_ref()?.images.get(number).copied()
}

fn number_of(state: &State, hash: ImageHash) -> Option<usize> {
    state.map.drawn.as_ref()?.images.iter().position(|image| image.hash == hash)
}

/// Where an image lies in the map.
fn place_of_image(state: &State, method: MapMethod, hash: ImageHash) -> Option<[f32; 2]> {
    let places = state.map.positions(method).as_chunks::<2>().0;
    places.get(number_of(state, hash)?).copied()
}

/// The image that was classified last, and where it lies in the map.
fn further(state: &State, method: MapMethod) -> Option<(&RgbImage, [f32; 2])> {
    match &state.classification {
        Classification::Done(classified) => {
            let place = MapState::place_by(method, classified.place.as_ref()?)?;
            Some((&classified.image, place))
        }
        Classification::None | Classification::Waiting(_) => None,
    }
}

/// Whether the image that was classified last is the camera's.
fn is_live(state: &State) -> bool {
    matches!(&state.classification, Classification::Done(classified) if classified.live)
}

/// Draws what is to be seen.
fn show(
    node: &HtmlCanvasElement,
    (size, view): ([f32; 2], View),
    state: &State,
    choices: &Choices,
    sprites: &RefCell<Sprites>,
) {
    let Some(map) = &state.map.drawn else { return };
    let positions = state.map.positions(*choices.method);
    // What the person said since counts.
    let images: Vec<MappedImage> = map.images.iter().map(|image| corrected(*image, state)).collect();
    let seen = in_sight(positions, view, size);
    let picture = |number: usize| Some((number, state.map.picture(&map.images.get(number)?.hash)?));
    let few = seen.len() <= PICTURED;
    let neighbours = state.map.neighbours.as_ref().filter(|(of, _)| Some(*of) == *choices.chosen);
    let neighbours = neighbours.into_iter().flat_map(|(_, images)| images.iter());
    draw_map(
        node,
        &MapDrawing {
            images: &images,
            positions,
            pictures: if few { seen.into_iter().filter_map(picture).collect() } else { Vec::new() },
            view,
            chosen: choices.chosen.and_then(|hash| number_of(state, hash)),
            neighbours: neighbours.filter_map(|hash| number_of(state, *hash)).collect(),
            class: *choices.class,
            further: further(state, *choices.method),
        },
        &mut sprites.borrow_mut(),
    );
}

/// Asks for the pictures that are to be seen, each once for as long as it is.
fn ask(
    state: &State,
    (size, view): ([f32; 2], View),
    method: MapMethod,
    asked: &RefCell<HashSet<ImageHash>>,
    port: &Port,
) {
    let seen = in_sight(state.map.positions(method), view, size);
    let mut asked = asked.borrow_mut();
    if seen.len() > PICTURED {
        asked.clear();
        return;
    }
    let hashes: HashSet<ImageHash> =
        seen.into_iter().filter_map(|number| image(state, number)).map(|image| image.hash).collect();
    asked.retain(|hash| hashes.contains(hash));
    let missing: Vec<ImageHash> = hashes
        .into_iter()
        .filter(|hash| state.map.picture(hash).is_none() && asked.insert(*hash))
        .take(MOST_MAP_PICTURES)
        .collect();
    if !missing.is_empty() {
        port.send(Command::Map(MapCommand::Look(missing)));
    }
}
