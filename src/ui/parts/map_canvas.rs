use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::rc::Rc;

use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, CssStyleDeclaration, HtmlCanvasElement};
use yew::prelude::*;

use super::{COLOURS, picture};
use crate::features::ImageHash;
use crate::pixels::RgbImage;
use crate::protocol::MappedImage;
use crate::ui::map_view::View;

/// Radius of a point, in CSS pixels, where there are few and where there are many.
const RADIUS: [f64; 2] = [6.0, 3.0];
/// From so many points on they are small.
const MANY: usize = 800;
/// Longer side of a picture in the map, in CSS pixels.
const PICTURE: f64 = 44.0;
/// How much is left of a point that is not of the class looked at.
const FAINT: f64 = 0.12;

/// What is drawn.
pub struct Drawing<'a> {
    /// The images.
    pub images: &'a [MappedImage],
    /// x and y of each.
    pub positions: &'a [f32],
    /// How the images look that are drawn as pictures.
    pub pictures: Vec<(usize, &'a RgbImage)>,
    /// The part of the map that is seen.
    pub view: View,
    /// The chosen image.
    pub chosen: Option<usize>,
    /// Images that are most like the chosen one.
    pub neighbours: Vec<usize>,
    /// The only class that is drawn strongly.
    pub class: Option<u16>,
    /// A further image, and where it lies.
    pub further: Option<(&'a RgbImage, [f32; 2])>,
}

/// Drawn points of a kind and pictures, kept from one drawing to the next.
#[derive(Default)]
pub struct Sprites {
    points: HashMap<Kind, HtmlCanvasElement>,
    /// What the points were drawn with: colours, radius, pixels of a CSS pixel.
    look: Option<(Vec<String>, f64, f64)>,
    pictures: HashMap<ImageHash, HtmlCanvasElement>,
}

/// Points that look alike.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    colour: usize,
    test: bool,
    mistake: bool,
}

/// The colours of the page as they are now: those of the classes, then text, surface and accent.
fn colours(style: &CssStyleDeclaration) -> Vec<String> {
    let classes = (0..COLOURS).map(|class| format!("--class-{class}"));
    let names = classes.chain(["--text", "--surface", "--accent"].map(str::to_owned));
    names.map(|name| style.get_property_value(&name).unwrap_or_default().trim().to_owned()).collect()
}

/// A canvas's own size in CSS pixels.
pub fn size_of(canvas: &HtmlCanvasElement) -> [f32; 2] {
    [canvas.client_width() as f32, canvas.client_height() as f32]
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok().flatten()?.dyn_into().ok()
}

fn new_canvas(width: u32, height: u32) -> Option<HtmlCanvasElement> {
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    Some(canvas)
}

/// Draws the map. What fails to be drawn is left out: the table says the same.
pub fn draw(canvas: &HtmlCanvasElement, drawing: &Drawing<'_>, sprites: &mut Sprites) -> Option<()> {
    let window = web_sys::window()?;
    let root = window.document()?.document_element()?;
    let colours = colours(&window.get_computed_style(&root).ok()??);
    let ratio = window.device_pixel_ratio().max(1.0);
    let size = size_of(canvas);
    let pixels = size.map(|side| (f64::from(side) * ratio).round() as u32);
    if [canvas.width(), canvas.height()] != pixels {
        canvas.set_width(pixels[0]);
        canvas.set_height(pixels[1]);
    }
    let radius = RADIUS[usize::from(drawing.images.len() > MANY)];
    let look = (colours, radius, ratio);
    if sprites.look.as_ref() != Some(&look) {
        sprites.points.clear();
    }
    let (colours, ..) = sprites.look.insert(look);
    let context = context(canvas)?;
    context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).ok()?;
    context.clear_rect(0.0, 0.0, pixels[0].into(), pixels[1].into());
    let places: Vec<[f64; 2]> = (drawing.positions.as_chunks::<2>().0.iter())
        .map(|point| drawing.view.to_screen(*point, size).map(|value| f64::from(value) * ratio))
        .collect();
    let edge = 2.0 * (radius + 4.0) * ratio;
    let outside =
        |at: &[f64; 2]| (0..2).any(|axis| at[axis] < -edge || at[axis] > f64::from(pixels[axis]) + edge);
    // Mistakes lie on top, and the class that is looked at on top of the others.
    let strong = |image: &MappedImage| drawing.class.is_none_or(|class| class == image.label);
    for (mistake, top) in [(false, false), (true, false), (false, true), (true, true)] {
        context.set_global_alpha(if top { 1.0 } else { FAINT });
        for (image, at) in drawing.images.iter().zip(&places) {
            if image.is_mistake() != mistake || strong(image) != top || outside(at) {
                continue;
            }
            let kind = Kind { colour: usize::from(image.label) % COLOURS, test: image.test, mistake };
            let sprite = match sprites.points.entry(kind) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => free.insert(point(kind, colours, radius * ratio)?),
            };
            let half = f64::from(sprite.width()) / 2.0;
            context.draw_image_with_html_canvas_element(sprite, at[0] - half, at[1] - half).ok()?;
        }
    }
    context.set_global_alpha(1.0);
    let frame = Frame { context: &context, ratio };
    for (number, image) in &drawing.pictures {
        let (Some(about), Some(at)) = (drawing.images.get(*number), places.get(*number)) else { continue };
        let sprite = match sprites.pictures.entry(about.hash) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(pictured(image)?),
        };
        context.set_global_alpha(if strong(about) { 1.0 } else { 2.0 * FAINT });
        frame.picture(
            sprite,
            *at,
            PICTURE,
            &colours[usize::from(about.label) % COLOURS],
            about.is_mistake().then_some(&colours[COLOURS]),
        )?;
    }
    context.set_global_alpha(1.0);
    for number in &drawing.neighbours {
        frame.ring(*places.get(*number)?, radius + 4.0, &colours[COLOURS + 2], 2.0)?;
    }
    if let Some(at) = drawing.chosen.and_then(|chosen| places.get(chosen)) {
        frame.ring(*at, radius + 7.0, &colours[COLOURS], 3.0)?;
    }
    if let Some((image, at)) = &drawing.further {
        let at = drawing.view.to_screen(*at, size).map(|value| f64::from(value) * ratio);
        frame.picture(
            &pictured(image)?,
            at,
            PICTURE * 1.2,
            &colours[COLOURS + 2],
            Some(&colours[COLOURS]),
        )?;
        frame.ring(at, PICTURE * 0.9, &colours[COLOURS + 2], 3.0)?;
    }
    // Pictures that are out of sight are asked for again when they are seen.
    let shown = |hash: &ImageHash| {
        drawing
            .pictures
            .iter()
            .any(|(number, _)| drawing.images.get(*number).is_some_and(|image| image.hash == *hash))
    };
    sprites.pictures.retain(|hash, _| shown(hash));
    Some(())
}

/// A point: a disc of a training image, a diamond of a test image, in a ring where the head is wrong about it.
fn point(kind: Kind, colours: &[String], radius: f64) -> Option<HtmlCanvasElement> {
    let side = (2.0 * (radius * 2.2)).ceil() as u32 + 2;
    let canvas = new_canvas(side, side)?;
    let context = context(&canvas)?;
    let middle = f64::from(side) / 2.0;
    context.set_fill_style_str(colours.get(kind.colour)?);
    context.set_stroke_style_str(colours.get(COLOURS + 1)?);
    context.set_line_width((radius / 4.0).max(1.0));
    context.begin_path();
    if kind.test {
        let reach = radius * 1.3;
        context.move_to(middle, middle - reach);
        context.line_to(middle + reach, middle);
        context.line_to(middle, middle + reach);
        context.line_to(middle - reach, middle);
        context.close_path();
    } else {
        context.arc(middle, middle, radius, 0.0, std::f64::consts::TAU).ok()?;
    }
    context.fill();
    context.stroke();
    if kind.mistake {
        context.set_stroke_style_str(colours.get(COLOURS)?);
        context.set_line_width((radius / 3.0).max(1.5));
        context.begin_path();
        context.arc(middle, middle, radius * 1.8, 0.0, std::f64::consts::TAU).ok()?;
        context.stroke();
    }
    Some(canvas)
}

fn pictured(image: &RgbImage) -> Option<HtmlCanvasElement> {
    let canvas = new_canvas(image.width(), image.height())?;
    picture::draw(image, &canvas);
    Some(canvas)
}

/// What is drawn in CSS pixels.
struct Frame<'a> {
    context: &'a CanvasRenderingContext2d,
    ratio: f64,
}

impl Frame<'_> {
    /// A picture around `at`, its longer side `side` long, in a border of this colour and perhaps another one.
    fn picture(
        &self,
        sprite: &HtmlCanvasElement,
        at: [f64; 2],
        side: f64,
        border: &str,
        outer: Option<&String>,
    ) -> Option<()> {
        let (width, height) = (f64::from(sprite.width()), f64::from(sprite.height()));
        let scale = side * self.ratio / width.max(height).max(1.0);
        let (width, height) = (width * scale, height * scale);
        let (x, y) = (at[0] - width / 2.0, at[1] - height / 2.0);
        for (colour, thick) in outer.map(|outer| (outer.as_str(), 5.0)).into_iter().chain([(border, 3.0)]) {
            let thick = thick * self.ratio;
            self.context.set_fill_style_str(colour);
            self.context.fill_rect(x - thick, y - thick, width + 2.0 * thick, height + 2.0 * thick);
        }
        self.context.draw_image_with_html_canvas_element_and_dw_and_dh(sprite, x, y, width, height).ok()
    }

    fn ring(&self, at: [f64; 2], radius: f64, colour: &str, thick: f64) -> Option<()> {
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(thick * self.ratio);
        self.context.begin_path();
        self.context.arc(at[0], at[1], radius * self.ratio, 0.0, std::f64::consts::TAU).ok()?;
        self.context.stroke();
        Some(())
    }
}

/// What is done when a wheel turns: by how much, and where on the canvas. The newest one counts.
pub type OnTurn = Rc<RefCell<Callback<(f32, [f32; 2])>>>;

/// Calls `redraw` when the window has another size or the page other colours, and `turn` when a wheel turns over
/// the canvas: which way, and where.
#[hook]
pub fn use_surroundings(canvas: &NodeRef, redraw: Callback<()>, turn: OnTurn) {
    use_effect_with(canvas.clone(), move |canvas| {
        let mut listeners = Vec::new();
        if let Some(window) = web_sys::window() {
            let resized = redraw.clone();
            listeners.push(EventListener::new(&window, "resize", move |_| resized.emit(())));
            if let Ok(Some(dark)) = window.match_media("(prefers-color-scheme: dark)") {
                listeners.push(EventListener::new(&dark, "change", move |_| redraw.emit(())));
            }
        }
        if let Some(node) = canvas.cast::<HtmlCanvasElement>() {
            let listening = EventListenerOptions::enable_prevent_default();
            let over = node.clone();
            listeners.push(EventListener::new_with_options(&node, "wheel", listening, move |event| {
                let Some(event) = event.dyn_ref::<web_sys::WheelEvent>() else { return };
                // Who only scrolls the page past the map does not mean the map.
                let meant = event.ctrl_key() || event.meta_key() || is_focused(&over);
                if meant {
                    event.prevent_default();
                    let at = [event.offset_x() as f32, event.offset_y() as f32];
                    turn.borrow().emit((event.delta_y() as f32, at));
                }
            }));
        }
        move || drop(listeners)
    });
}

fn is_focused(canvas: &HtmlCanvasElement) -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    let active = document.and_then(|document| document.active_element());
    active.is_some_and(|active| JsValue::from(active) == JsValue::from(canvas.clone()))
}
