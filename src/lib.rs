//! Transfer learning in a browser tab.
//!
//! A pretrained convolutional network (the [`backbone`]) turns images into
//! bottleneck features, a small [`head`] learns from them, and the page shows
//! how well it does on images it has not seen. ARCHITECTURE.md tells the story
//! in prose; this is the short form.
//!
//! # Layout
//!
//! Data goes through the modules in this order, once:
//!
//! - [`dataset`]: files and the built-in sample become labelled images;
//! - [`pixels`]: decoding, resizing and scaling of images;
//! - [`backbone`]: images become features, by one of two engines;
//! - [`features`]: features are stored and found again;
//! - [`project`]: classes of one's own, and the pictures collected for them;
//! - [`head`]: the part that is trained here;
//! - [`interchange`]: what leaves for other programs and comes from them;
//! - [`metrics`]: how good it is;
//! - [`trainings`]: every finished training as a row that stays, and how two of them compare;
//! - [`learning_curve`]: whether more images would help;
//! - [`session`]: runs all of the above; commands in, events out;
//! - [`protocol`]: those commands and events, and the engines' messages;
//! - [`random`]: the seeded chance that some of them need, from the same crate as the head;
//! - [`npy`]: the headers of NumPy's arrays;
//! - [`unpack`]: how large a packed file may become.
//!
//! None of these touches the browser. What does, stands in `browser` (threads,
//! files, WebGPU), `features::indexed_db` and `ui` (the page), and is compiled
//! for `wasm32` only.

pub mod backbone;
#[cfg(feature = "session")]
pub mod dataset;
pub mod features;
#[cfg(feature = "session")]
pub mod interchange;
#[cfg(feature = "session")]
pub mod learning_curve;
#[cfg(feature = "session")]
pub mod metrics;
#[cfg(feature = "session")]
pub mod npy;
pub mod pixels;
#[cfg(feature = "session")]
pub mod project;
pub mod protocol;
#[cfg(feature = "session")]
pub mod session;
#[cfg(feature = "session")]
pub mod trainings;
#[cfg(feature = "session")]
pub mod unpack;
#[cfg(feature = "session")]
mod written;

pub use head::random;
// A crate of its own, which is built for speed where the rest is built to be small.
pub use ::head;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(feature = "page")]
pub mod ui;
