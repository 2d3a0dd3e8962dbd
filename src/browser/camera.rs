//! The camera: a stream of it, the cameras there are, and single pictures as pixels.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, HtmlMediaElement, HtmlVideoElement, MediaDeviceInfo,
    MediaDeviceKind, MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack,
    MediaStreamTrackState,
};

use crate::dataset::LARGEST_SIDE;
use crate::pixels::RgbImage;
use crate::ui::state::{CameraError, Device};

/// Width and height in pixels that a camera is asked for; it may give others.
const IDEAL_SIZE: (u32, u32) = (640, 480);

/// The Media Capture API's word for a camera that looks away from the person.
const AWAY: &str = "environment";

/// Which camera is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted<'a> {
    /// That of this id and no other.
    Device(&'a str),
    /// One that looks this way, where there is one.
    Side {
        /// Away from the person.
        away: bool,
    },
    /// The browser's choice.
    Any,
}

/// A camera that runs; dropping it switches the camera off.
pub struct Stream {
    stream: MediaStream,
    track: MediaStreamTrack,
    _on_ended: Closure<dyn FnMut()>,
}

impl Stream {
    /// Asks the person for a camera. `on_ended` is called where it is taken away later.
    ///
    /// # Errors
    /// [`CameraError`], in particular where the person says no.
    pub async fn open(wanted: Wanted<'_>, on_ended: impl FnMut() + 'static) -> Result<Self, CameraError> {
        let devices = media_devices().ok_or(CameraError::Insecure)?;
        let mut video = vec![
            ("width", object(&[("ideal", IDEAL_SIZE.0.into())])),
            ("height", object(&[("ideal", IDEAL_SIZE.1.into())])),
        ];
        match wanted {
            Wanted::Device(id) => video.push(("deviceId", object(&[("exact", id.into())]))),
            Wanted::Side { away } => {
                let side = if away { AWAY } else { "user" };
                video.push(("facingMode", object(&[("ideal", side.into())])));
            }
            Wanted::Any => {}
        }
        let constraints = object(&[("audio", JsValue::FALSE), ("video", object(&video))]);
        let constraints: MediaStreamConstraints = constraints.unchecked_into();
        let asked = devices.get_user_media_with_constraints(&constraints).map_err(|error| named(&error))?;
        let stream: MediaStream =
            JsFuture::from(asked).await.map_err(|error| named(&error))?.unchecked_into();
        let track = Array::from(&stream.get_video_tracks()).get(0).dyn_into::<MediaStreamTrack>();
        let track = track.map_err(|_| CameraError::Missing)?;
        let on_ended = Closure::<dyn FnMut()>::new(on_ended);
        track.set_onended(Some(on_ended.as_ref().unchecked_ref()));
        Ok(Self { stream, track, _on_ended: on_ended })
    }

    /// The camera, as far as the browser tells which one it is.
    pub fn device(&self) -> Option<Device> {
        let id = self.setting("deviceId").filter(|id| !id.is_empty())?;
        Some(Device { id, label: self.track.label() })
    }

    /// Whether it looks away from the person, as far as the browser tells.
    pub fn is_away(&self) -> bool {
        self.setting("facingMode").is_some_and(|facing| facing == AWAY)
    }

    fn setting(&self, name: &str) -> Option<String> {
        let method = Reflect::get(&self.track, &"getSettings".into()).ok()?;
        let settings = method.dyn_into::<js_sys::Function>().ok()?.call0(&self.track).ok()?;
        Reflect::get(&settings, &name.into()).ok()?.as_string()
    }

    /// Whether it still gives pictures.
    pub fn is_live(&self) -> bool {
        self.track.ready_state() == MediaStreamTrackState::Live
    }

    /// Shows it in `video`.
    pub fn show_in(&self, video: &HtmlVideoElement) {
        // Browsers play without being asked only what makes no sound.
        video.set_muted(true);
        video.set_src_object(Some(&self.stream));
        // With the attribute `autoplay`, Chromium would halt the picture wherever it is scrolled
        // out of sight, and give the same one again and again.
        if let Ok(playing) = video.play() {
            // Refused where the stream ends before it began, which is told elsewhere.
            spawn_local(async move { drop(JsFuture::from(playing).await) });
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.track.set_onended(None);
        for track in self.stream.get_tracks().iter() {
            track.unchecked_into::<MediaStreamTrack>().stop();
        }
    }
}

/// The cameras there are that can be chosen. Browsers tell their ids and names only where one is allowed.
pub async fn devices() -> Vec<Device> {
    let asked = media_devices().and_then(|devices| devices.enumerate_devices().ok());
    let Some(asked) = asked else { return Vec::new() };
    let found = JsFuture::from(asked).await.map(|found| Array::from(&found)).unwrap_or_default();
    let found = found.iter().map(|device| device.unchecked_into::<MediaDeviceInfo>());
    let cameras = found.filter(|device| device.kind() == MediaDeviceKind::Videoinput);
    let cameras = cameras.map(|device| Device { id: device.device_id(), label: device.label() });
    cameras.filter(|device| !device.id.is_empty()).collect()
}

/// How many cameras there are, allowed or not; `None` where the browser gives this page none.
pub async fn count() -> Option<u32> {
    let asked = media_devices()?.enumerate_devices().ok()?;
    let found = JsFuture::from(asked).await.map(|found| Array::from(&found)).unwrap_or_default();
    let found = found.iter().map(|device| device.unchecked_into::<MediaDeviceInfo>());
    Some(found.filter(|device| device.kind() == MediaDeviceKind::Videoinput).count() as u32)
}

/// Reads pictures off a video.
pub struct Grabber {
    context: CanvasRenderingContext2d,
}

impl Grabber {
    /// A grabber; `None` where the browser has no memory for it.
    pub fn new() -> Option<Self> {
        let canvas = web_sys::window()?.document()?.create_element("canvas").ok()?;
        let canvas: HtmlCanvasElement = canvas.unchecked_into();
        canvas.set_width(LARGEST_SIDE);
        canvas.set_height(LARGEST_SIDE);
        // Every picture is read back, which is slow from a graphics card.
        let options = object(&[("willReadFrequently", JsValue::TRUE)]);
        let context = canvas.get_context_with_context_options("2d", &options).ok()??;
        let context: CanvasRenderingContext2d = context.unchecked_into();
        // Where a browser does not know this, pictures are a little coarser.
        let _ = Reflect::set(&context, &"imageSmoothingQuality".into(), &"high".into());
        Some(Self { context })
    }

    /// What `video` shows now: the centre square, no larger than [`LARGEST_SIDE`], as it is or `mirrored`.
    /// `None` where it shows nothing yet.
    pub fn grab(&self, video: &HtmlVideoElement, mirrored: bool) -> Option<RgbImage> {
        let (width, height) = (f64::from(video.video_width()), f64::from(video.video_height()));
        let shows = video.ready_state() >= HtmlMediaElement::HAVE_CURRENT_DATA;
        if !shows || width == 0.0 || height == 0.0 {
            return None;
        }
        let side = width.min(height);
        let size = side.min(f64::from(LARGEST_SIDE));
        let (flip, shift) = if mirrored { (-1.0, size) } else { (1.0, 0.0) };
        self.context.set_transform(flip, 0.0, 0.0, 1.0, shift, 0.0).ok()?;
        let (left, top) = ((width - side) / 2.0, (height - side) / 2.0);
        self.context
            .draw_image_with_html_video_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                video, left, top, side, side, 0.0, 0.0, size, size,
            )
            .ok()?;
        let size = size as u32;
        let data = self.context.get_image_data(0, 0, size as i32, size as i32).ok()?.data();
        let pixels = data.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        RgbImage::new(size, size, pixels).ok()
    }
}

/// `None` on a plain http address, and in browsers without.
fn media_devices() -> Option<MediaDevices> {
    let navigator = web_sys::window()?.navigator();
    let there = Reflect::get(&navigator, &"mediaDevices".into()).ok()?.is_object();
    there.then(|| navigator.media_devices().ok()).flatten()
}

/// What an exception means.
fn named(error: &JsValue) -> CameraError {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    CameraError::named(&name.unwrap_or_default())
}

fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}
