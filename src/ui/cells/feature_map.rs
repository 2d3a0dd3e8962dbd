use std::collections::HashSet;
use std::rc::Rc;

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::CellProps;
use super::relabel::Relabel;
use crate::features::ImageHash;
use crate::protocol::{Command, FeatureMap, MapCommand, MappedImage};
use crate::ui::i18n::keys;
use crate::ui::locale::{Locale, use_locale};
use crate::ui::map_view::View;
use crate::ui::parts::{COLOURS, Picture, Progress};
use crate::ui::port::Port;
use crate::ui::state::{MapMethod, MapProgress, State};

mod canvas;
mod table;

use canvas::Canvas;
use table::ClassTable;

/// What the person has set up.
#[derive(Clone, PartialEq)]
pub struct Choices {
    method: UseStateHandle<MapMethod>,
    /// The part that is seen; `None` for the whole map.
    view: UseStateHandle<Option<View>>,
    chosen: UseStateHandle<Option<ImageHash>>,
    /// The class that is looked at.
    class: UseStateHandle<Option<u16>>,
}

/// The map of the features: what the network sees of the images in use, in two dimensions.
#[component]
pub fn FeatureMapPart(props: &CellProps) -> Html {
    let locale = use_locale();
    let CellProps { state, port } = props;
    let choices = Choices {
        method: use_state(MapMethod::default),
        view: use_state(|| None),
        chosen: use_state(|| None),
        class: use_state(|| None),
    };
    use_effect_with(state.draws_map_by_itself(), {
        let port = port.clone();
        move |draws| {
            if *draws {
                port.send(Command::Map(MapCommand::Draw { asked: false }));
            }
        }
    });
    // Another map has other bounds.
    use_effect_with(state.map.drawn.clone(), {
        let view = choices.view.clone();
        move |_| view.set(None)
    });
    // Of other classes none is looked at.
    use_effect_with(state.map.drawn.as_ref().map(|map| map.classes.clone()), {
        let (class, chosen) = (choices.class.clone(), choices.chosen.clone());
        move |_| {
            class.set(None);
            chosen.set(None);
        }
    });
    use_effect_with((*choices.chosen, state.map.drawn.clone()), {
        let port = port.clone();
        move |(chosen, _)| {
            if let Some(hash) = *chosen {
                port.send(Command::Map(MapCommand::FindNeighbours(hash)));
                port.send(Command::Map(MapCommand::Look(vec![hash])));
            }
        }
    });
    use_effect_with(state.map.neighbours.clone(), {
        let port = port.clone();
        move |neighbours| {
            if let Some((_, images)) = neighbours {
                port.send(Command::Map(MapCommand::Look(images.to_vec())));
            }
        }
    });
    let blocked = state.can_draw_map().err();
    let moving = state.map.progress != MapProgress::Idle;
    let draw = if state.map.drawn.is_some() { "map-draw-again" } else { "map-draw" };
    // Its room is kept from the moment on when it is known that it will come.
    let expected = moving || state.map.drawn.is_some() || state.draws_map_by_itself();
    let draws = !moving && (state.map.drawn.is_none() || state.map.outdated);
    let map = state.map.drawn.as_ref().map(|map| {
        html! {
            <>
                { controls(map, &choices, state, &locale) }
                <div class="map-body">
                    <Canvas state={Rc::clone(state)} port={port.clone()} choices={choices.clone()} />
                    { chosen(map, &choices, props, &locale) }
                </div>
                { legend(map, &choices, state, &locale) }
                <ClassTable state={Rc::clone(state)} method={*choices.method} />
            </>
        }
    });
    html! {
        <section class={classes!("feature-map", expected.then_some("expected"))} aria-labelledby="map-title" data-testid="map-part">
            <h3 id="map-title">{ locale.text("map-title") }</h3>
            <p>{ locale.text("map-intro") }</p>
            { under_way(state, port, &locale) }
            <div class="buttons" hidden={!draws}>
                <button
                    type="button"
                    class="quiet"
                    data-testid="map-draw"
                    disabled={blocked.is_some()}
                    aria-describedby="map-wait"
                    onclick={port.on_click(Command::Map(MapCommand::Draw { asked: true }))}
                >
                    { locale.text(draw) }
                </button>
                if let Some(wait) = blocked {
                    <span class="waits" id="map-wait">{ locale.text(keys::wait(wait)) }</span>
                }
            </div>
            { for map }
        </section>
    }
}

/// How far the making is, with a button that ends it.
fn under_way(state: &State, port: &Port, locale: &Locale) -> Html {
    let (key, done, total) = match state.map.progress {
        MapProgress::Idle => return Html::default(),
        MapProgress::Reading(done, total) => ("map-reading", done, total),
        MapProgress::Moving(done, total) => ("map-moving", done, total),
    };
    html! {
        <div class="map-progress" data-testid="map-progress">
            <span>{ locale.text(key) }</span>
            <Progress label={locale.text(key)} done={f64::from(done)} total={f64::from(total)} />
            <button
                type="button"
                class="quiet"
                data-testid="map-stop"
                onclick={port.on_click(Command::Map(MapCommand::Stop))}
            >
                { locale.text("map-stop") }
            </button>
        </div>
    }
}

/// How the images are placed, and what part is seen.
fn controls(map: &FeatureMap, choices: &Choices, state: &State, locale: &Locale) -> Html {
    let Choices { method, view, .. } = choices;
    let onchange = {
        let (method, view) = (method.clone(), view.clone());
        move |event: Event| {
            let select: HtmlSelectElement = event.target_unchecked_into();
            let wanted = MapMethod::ALL.into_iter().find(|one| keys::map_method(*one) == select.value());
            wanted.into_iter().for_each(|wanted| method.set(wanted));
            view.set(None);
        }
    };
    let options = MapMethod::ALL.map(|one| {
        let key = keys::map_method(one);
        html! { <option value={key} selected={one == **method}>{ locale.text(key) }</option> }
    });
    let shown = map.images.len() as u32;
    let sample = (shown < map.in_use).then(|| {
        let values = [("shown", locale.integer(shown).into()), ("all", locale.integer(map.in_use).into())];
        html! { <p class="small" data-testid="map-sample">{ locale.fill("map-sample", &values) }</p> }
    });
    let explained = (**method == MapMethod::Pca || state.map.moved.is_none()).then(|| {
        let share = f64::from(map.explained[0] + map.explained[1]).min(1.0);
        let values = [("share", locale.percent(share, 0).into())];
        html! { <p class="small">{ locale.fill("map-explained", &values) }</p> }
    });
    html! {
        <>
            <div class="map-controls">
                <label>
                    <span>{ locale.text("map-method") }</span>
                    <select data-testid="map-method" {onchange}>{ for options }</select>
                </label>
            </div>
            { explained.unwrap_or_default() }
            { sample.unwrap_or_default() }
        </>
    }
}

/// An image with the label that the person gave it since.
fn corrected(image: MappedImage, state: &State) -> MappedImage {
    MappedImage { label: state.corrections.get(&image.hash).copied().unwrap_or(image.label), ..image }
}

/// The style of a class's colour.
fn class_colour(class: u16) -> String {
    format!("class-{}", usize::from(class) % COLOURS)
}

fn class_name(map: &FeatureMap, class: u16, locale: &Locale) -> String {
    map.classes.get(usize::from(class)).map_or_else(String::new, |name| locale.class(name))
}

/// The chosen image with what is known of it, and the images that are most like it.
fn chosen(map: &FeatureMap, choices: &Choices, props: &CellProps, locale: &Locale) -> Html {
    let CellProps { state, port } = props;
    let found = choices.chosen.and_then(|hash| map.images.iter().find(|image| image.hash == hash).copied());
    let Some(before) = found else {
        return html! {
            <div class="map-chosen empty" aria-live="polite"><p class="small">{ locale.text("map-choose") }</p></div>
        };
    };
    let image = corrected(before, state);
    let name = class_name(map, image.label, locale);
    let part = locale.text(if image.test { "map-is-test" } else { "map-is-training" });
    let answer = image.answer.map(|answer| {
        if image.is_mistake() {
            locale.fill("map-taken-for", &[("answer", class_name(map, answer, locale).into())])
        } else {
            locale.text("map-taken-right")
        }
    });
    let looks = |hash: &ImageHash, label: String| match state.map.picture(hash) {
        Some(picture) => html! { <Picture image={picture.clone()} {label} /> },
        None => html! { <span class="map-nothing" /> },
    };
    let neighbours = state.map.neighbours.as_ref().filter(|(of, _)| *of == image.hash);
    let neighbours = neighbours.into_iter().flat_map(|(_, images)| images.iter()).filter_map(|hash| {
        let other = corrected(*map.images.iter().find(|image| image.hash == *hash)?, state);
        let (chosen, hash) = (choices.chosen.clone(), *hash);
        let name = class_name(map, other.label, locale);
        Some(html! {
            <li>
                <button
                    type="button"
                    class={classes!("quiet", class_colour(other.label))}
                    data-testid="map-neighbour"
                    aria-label={name.clone()}
                    title={name}
                    onclick={move |_: MouseEvent| chosen.set(Some(hash))}
                >
                    { looks(&hash, String::new()) }
                </button>
            </li>
        })
    });
    // Only the head's classes can be named.
    let relabel = state.result().filter(|head| head.classes == map.classes).map(|head| {
        let (image, label) = (image.hash, image.label);
        html! { <Relabel {image} {label} classes={head.classes.clone()} port={port.clone()} /> }
    });
    html! {
        <div class="map-chosen" aria-live="polite" data-testid="map-chosen" data-label={image.label.to_string()}>
            <div class="map-large">{ looks(&image.hash, name.clone()) }</div>
            <p><strong>{ name }</strong>{ " · " }{ part }</p>
            <p>{ answer.unwrap_or_default() }</p>
            { relabel.unwrap_or_default() }
            <h4>{ locale.text("map-neighbours") }</h4>
            <ul class="map-neighbours">{ for neighbours }</ul>
        </div>
    }
}

/// Which colour is which class, and which shape is what; a class that is pressed is looked at alone.
fn legend(map: &FeatureMap, choices: &Choices, state: &State, locale: &Locale) -> Html {
    let present: HashSet<u16> = map.images.iter().map(|image| corrected(*image, state).label).collect();
    let classes = (0..map.classes.len() as u16).filter(|class| present.contains(class)).map(|class| {
        let (handle, pressed) = (choices.class.clone(), *choices.class == Some(class));
        html! {
            <li>
                <button
                    type="button"
                    class={classes!("quiet", class_colour(class))}
                    data-testid="map-class"
                    aria-pressed={pressed.to_string()}
                    onclick={move |_: MouseEvent| handle.set((!pressed).then_some(class))}
                >
                    <span class="map-dot" aria-hidden="true" />
                    { class_name(map, class, locale) }
                </button>
            </li>
        }
    });
    let shapes = [("disc", "map-training"), ("diamond", "map-test"), ("ringed", "map-mistake")];
    let shapes = shapes.map(|(shape, key)| {
        html! { <li><span class={classes!("map-shape", shape)} aria-hidden="true" />{ locale.text(key) }</li> }
    });
    html! {
        <div class="map-legend">
            <ul aria-label={locale.text("map-classes")}>{ for classes }</ul>
            <ul class="small">{ for shapes }</ul>
        </div>
    }
}
