use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};
use yew::prelude::*;

use crate::pixels::RgbImage;

/// What a picture needs.
#[derive(Properties, PartialEq)]
pub struct PictureProps {
    /// The picture.
    pub image: RgbImage,
    /// What it shows, for those who cannot see it; empty where the text beside it says so.
    pub label: AttrValue,
}

/// An image drawn on a canvas, pixel by pixel.
#[component]
pub fn Picture(props: &PictureProps) -> Html {
    let canvas = use_node_ref();
    use_effect_with(props.image.clone(), {
        let canvas = canvas.clone();
        move |image| {
            if let Some(canvas) = canvas.cast::<HtmlCanvasElement>() {
                draw(image, &canvas);
            }
        }
    });
    let (role, label, hidden) = match props.label.is_empty() {
        true => (None, None, Some("true")),
        false => (Some("img"), Some(props.label.clone()), None),
    };
    html! {
        <canvas
            ref={canvas}
            width={props.image.width().to_string()}
            height={props.image.height().to_string()}
            {role}
            aria-label={label}
            aria-hidden={hidden}
        />
    }
}

/// Nothing is drawn where the browser gives no canvas: the label says what there is.
pub(super) fn draw(image: &RgbImage, canvas: &HtmlCanvasElement) {
    let context = canvas.get_context("2d").ok().flatten();
    let Some(context) = context.and_then(|context| context.dyn_into::<CanvasRenderingContext2d>().ok())
    else {
        return;
    };
    let rgba: Vec<u8> = image.pixels().chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&rgba), image.width(), image.height());
    if let Ok(data) = data {
        // Fails only for an image whose memory was given away.
        let _ = context.put_image_data(&data, 0, 0);
    }
}
