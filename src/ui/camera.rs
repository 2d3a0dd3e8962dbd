//! A camera for a part of the page. One runs at a time: whoever starts the next one takes it over.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlVideoElement};
use yew::prelude::*;

use super::port::Port;
use super::state::{Camera, CameraChange, CameraChoice, CameraError, CameraWish, Stand};
use crate::browser::camera::{Grabber, Stream, Wanted, devices};
use crate::browser::sight::{Place, Sight};
use crate::pixels::RgbImage;

/// Milliseconds that a camera may be out of sight.
const OUT_OF_SIGHT: u32 = 5_000;
/// Milliseconds that its tab may be hidden: long enough to read a message.
const HIDDEN: u32 = 20_000;
/// Milliseconds that a camera has for its first picture.
const FIRST_PICTURE: u32 = 15_000;

thread_local! {
    /// The camera that was started last.
    static LATEST: RefCell<Weak<Line>> = RefCell::default();
    /// Whether the person had a camera running, and nothing but another part of the page ended it.
    static WANTED: Cell<bool> = const { Cell::new(false) };
}

/// Whether the person started a camera, and neither they nor the browser ended it.
pub fn is_wanted() -> bool {
    WANTED.get()
}

/// Whether a part of the page has a camera that gives pictures.
pub fn is_running() -> bool {
    let latest = LATEST.with_borrow(Weak::upgrade);
    latest.is_some_and(|line| line.stream.borrow().as_ref().is_some_and(Stream::is_live))
}

/// The person is done with the camera, which may not be on any more.
pub fn forget() {
    WANTED.set(false);
}

/// The camera inside Yew's reducer.
#[derive(Clone, Default, PartialEq)]
struct Model(Rc<Camera>);

impl Reducible for Model {
    type Action = CameraChange;

    fn reduce(self: Rc<Self>, change: CameraChange) -> Rc<Self> {
        Rc::new(Self(Rc::new(self.0.reduce(change))))
    }
}

/// The line to the browser's camera, as long as its part of the page is there.
struct Line {
    dispatcher: UseReducerDispatcher<Model>,
    port: Port,
    /// Which camera the page wants.
    choice: RefCell<CameraChoice>,
    video: NodeRef,
    stream: RefCell<Option<Stream>>,
    grabber: RefCell<Option<Grabber>>,
    /// Counts starts and ends, so that what comes late is known to be late.
    turn: Cell<u32>,
    /// Whether it must not be switched off now.
    held: Cell<bool>,
    leaving: RefCell<Option<Timeout>>,
    patience: RefCell<Option<Timeout>>,
}

impl Line {
    fn tell(&self, change: CameraChange) {
        self.dispatcher.dispatch(change);
    }

    fn start(self: &Rc<Self>, choice: CameraChoice) {
        let other = LATEST.replace(Rc::downgrade(self)).upgrade();
        if let Some(other) = other.filter(|other| !Rc::ptr_eq(other, self)) {
            other.end();
            other.tell(CameraChange::Stopped);
        }
        let turn = self.end();
        self.tell(CameraChange::Started(choice.device.as_ref().map(|device| device.id.clone())));
        let line = Rc::downgrade(self);
        let on_ended = {
            let line = Weak::clone(&line);
            move || {
                if let Some(line) = line.upgrade().filter(|line| line.turn.get() == turn) {
                    line.fail(CameraError::Gone);
                }
            }
        };
        spawn_local(async move {
            let opened = open(&choice, on_ended).await;
            // One that comes too late is switched off again where it is dropped.
            let Some(line) = line.upgrade().filter(|line| line.turn.get() == turn) else { return };
            match opened {
                Ok((stream, instead)) => line.opened(stream, instead),
                Err(error) => line.fail(error),
            }
            // Where one fails, the person may take another one.
            line.tell(CameraChange::Listed(devices().await));
        });
    }

    fn opened(self: &Rc<Self>, stream: Stream, instead: bool) {
        let (device, away) = (stream.device(), stream.is_away());
        let id = device.as_ref().map(|device| device.id.clone());
        self.tell(CameraChange::Opened { device: id, away, instead });
        if let Some(device) = device {
            self.port.camera(CameraWish::Given { device, away });
        }
        if let Some(video) = self.video.cast::<HtmlVideoElement>() {
            stream.show_in(&video);
        }
        *self.stream.borrow_mut() = Some(stream);
        let line = Rc::downgrade(self);
        *self.patience.borrow_mut() = Some(Timeout::new(FIRST_PICTURE, move || {
            if let Some(line) = line.upgrade() {
                line.fail(CameraError::Busy);
            }
        }));
    }

    fn seen(&self) {
        self.patience.take();
        WANTED.set(true);
        self.tell(CameraChange::Seen);
    }

    /// Switches the camera off, and gives the next turn's number.
    fn end(&self) -> u32 {
        self.turn.set(self.turn.get().wrapping_add(1));
        self.stream.take();
        self.leaving.take();
        self.patience.take();
        if let Some(video) = self.video.cast::<HtmlVideoElement>() {
            video.set_src_object(None);
        }
        self.turn.get()
    }

    fn stop(&self) {
        WANTED.set(false);
        self.end();
        self.tell(CameraChange::Stopped);
    }

    /// Switches it off where its part of the page was closed: another part may go on with it.
    fn rest(&self) {
        self.end();
        self.tell(CameraChange::Stopped);
    }

    fn fail(&self, error: CameraError) {
        WANTED.set(false);
        self.end();
        self.tell(CameraChange::Failed(error));
    }

    /// Switches the camera off after a while, unless it comes back.
    fn leave(self: &Rc<Self>, milliseconds: u32) {
        let line = Rc::downgrade(self);
        *self.leaving.borrow_mut() = Some(Timeout::new(milliseconds, move || match line.upgrade() {
            Some(line) if line.held.get() || is_shown_elsewhere() => line.leave(milliseconds),
            Some(line) => line.stop(),
            None => {}
        }));
    }

    /// Watches over whether the person can see the camera's part of the page.
    fn watch(self: &Rc<Self>, region: &NodeRef) -> (Option<Sight>, Option<EventListener>) {
        let line = Rc::downgrade(self);
        let place = move |place| match (line.upgrade(), place) {
            (Some(line), Place::InSight) => drop(line.leaving.take()),
            (Some(line), Place::OutOfSight) => line.leave(OUT_OF_SIGHT),
            (Some(line), Place::Closed) => line.rest(),
            (None, _) => {}
        };
        let sight = region.cast::<Element>().and_then(|region| Sight::watch(&region, place));
        let line = Rc::downgrade(self);
        let document = web_sys::window().and_then(|window| window.document());
        let listener = document.map(|document| {
            EventListener::new(&document.clone(), "visibilitychange", move |_| {
                match (line.upgrade(), document.hidden()) {
                    (Some(line), true) => line.leave(HIDDEN),
                    (Some(line), false) => drop(line.leaving.take()),
                    (None, _) => {}
                }
            })
        });
        (sight, listener)
    }
}

/// Whether a part of the page that shows the camera's pictures, as the map does, can be seen.
fn is_shown_elsewhere() -> bool {
    let Some(window) = web_sys::window() else { return false };
    let document = window.document().filter(|document| !document.hidden());
    let shown = document.and_then(|document| document.query_selector("[data-shows-camera]").ok()?);
    let height = window.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default();
    shown.is_some_and(|shown| {
        let place = shown.get_bounding_client_rect();
        place.top() < height && place.bottom() > 0.0
    })
}

/// Opens the chosen camera. Where it is gone it is the browser's choice of one, which is told beside it.
async fn open(
    choice: &CameraChoice,
    on_ended: impl FnMut() + Clone + 'static,
) -> Result<(Stream, bool), CameraError> {
    let Some(chosen) = &choice.device else {
        return Ok((Stream::open(Wanted::Any, on_ended).await?, false));
    };
    match Stream::open(Wanted::Device(&chosen.id), on_ended.clone()).await {
        Err(CameraError::Missing) => {}
        opened => return Ok((opened?, false)),
    }
    let side = choice.away.map_or(Wanted::Any, |away| Wanted::Side { away });
    let other = Stream::open(side, on_ended.clone()).await?;
    // The names are told only now. It may be there by another id.
    let given = other.device();
    match choice.among(&devices().await) {
        Some(same) if given.as_ref().is_some_and(|given| given.id == same.id) => Ok((other, false)),
        Some(same) => {
            // Some devices have one camera on at a time.
            drop(other);
            Ok((Stream::open(Wanted::Device(&same.id), on_ended).await?, false))
        }
        None => Ok((other, true)),
    }
}

/// A camera and what can be done with it.
#[derive(Clone)]
pub struct CameraHandle {
    /// How it stands.
    pub camera: Rc<Camera>,
    /// The part of the page that uses it: when it is closed, or out of sight for a while, the
    /// camera is switched off.
    pub region: NodeRef,
    choice: CameraChoice,
    line: Rc<Line>,
}

impl PartialEq for CameraHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.line, &other.line) && (&self.camera, &self.choice) == (&other.camera, &other.choice)
    }
}

impl CameraHandle {
    /// Asks for the camera that is wanted.
    pub fn start(&self) {
        self.line.start(self.line.choice.borrow().clone());
    }

    /// Asks for the camera of this id, which is wanted from now on.
    pub fn choose(&self, id: &str) {
        let Some(device) = self.camera.devices.iter().find(|device| device.id == id) else { return };
        let wish = CameraWish::Chosen(device.clone());
        self.line.port.camera(wish.clone());
        self.line.start(self.choice.clone().after(wish));
    }

    /// Switches it off.
    pub fn stop(&self) {
        self.line.stop();
    }

    /// Mirrors its pictures, or not.
    pub fn mirror(&self, mirrored: bool) {
        self.line.port.camera(CameraWish::Mirrored(mirrored));
    }

    /// Whether its pictures are mirrored.
    pub fn is_mirrored(&self) -> bool {
        self.choice.is_mirrored(self.camera.away)
    }

    /// While it is held, it stays on out of sight.
    pub fn hold(&self, held: bool) {
        self.line.held.set(held);
    }

    /// Whether there are pictures.
    pub fn is_running(&self) -> bool {
        self.camera.stand == Stand::Running
    }

    /// What it shows now: the centre square, small, mirrored where the preview is. `None`
    /// where there is no picture.
    pub fn grab(&self) -> Option<RgbImage> {
        let line = &self.line;
        let live = line.stream.borrow().as_ref().map(Stream::is_live);
        if live == Some(false) {
            // Not every browser says so by itself.
            line.fail(CameraError::Gone);
        }
        if live != Some(true) || self.camera.stand != Stand::Running {
            return None;
        }
        let mut grabber = line.grabber.borrow_mut();
        if grabber.is_none() {
            *grabber = Grabber::new();
        }
        grabber.as_ref()?.grab(&line.video.cast::<HtmlVideoElement>()?, self.is_mirrored())
    }

    /// The element that shows it.
    pub fn video(&self) -> NodeRef {
        self.line.video.clone()
    }

    /// The element plays: a picture is there. Chromium has a black one before that.
    pub fn on_picture(&self) -> Callback<Event> {
        let line = Rc::clone(&self.line);
        Callback::from(move |_| line.seen())
    }
}

/// A camera of the component's own, the one of the page's `choice`; it is off at first, and ends with the
/// component.
#[hook]
pub fn use_camera(choice: &CameraChoice, port: &Port) -> CameraHandle {
    let model = use_reducer(Model::default);
    let (video, region) = (use_node_ref(), use_node_ref());
    let line = {
        let (dispatcher, port, video) = (model.dispatcher(), port.clone(), video.clone());
        use_memo((), move |()| Line {
            dispatcher,
            port,
            choice: RefCell::default(),
            video,
            stream: RefCell::default(),
            grabber: RefCell::default(),
            turn: Cell::default(),
            held: Cell::default(),
            leaving: RefCell::default(),
            patience: RefCell::default(),
        })
    };
    line.choice.borrow_mut().clone_from(choice);
    use_effect_with((), {
        let line = Rc::clone(&line);
        move |()| {
            move || {
                line.end();
            }
        }
    });
    use_effect_with(model.0.is_on(), {
        let (line, region) = (Rc::clone(&line), region.clone());
        move |on| {
            let watch = on.then(|| line.watch(&region));
            move || drop(watch)
        }
    });
    CameraHandle { camera: Rc::clone(&model.0), region, choice: choice.clone(), line }
}
