//! The page: it draws what [`state`] knows and sends commands to the session.
//!
//! [`state`], [`query`], [`route`], [`i18n`], [`chart`],
//! [`device_check`], [`model_card`] and [`phrase`] are pure and tested natively. The rest is Yew: `app`
//! shows one of the `views`, those are put together from the notebook's `cells`, and those are made of `parts`.

pub mod chart;
pub mod device_check;
pub mod i18n;
pub mod map_view;
pub mod model_card;
pub mod phrase;
pub mod query;
pub mod route;
pub mod state;

#[cfg(target_arch = "wasm32")]
pub mod address;
#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
pub mod camera;
#[cfg(target_arch = "wasm32")]
pub mod cells;
#[cfg(target_arch = "wasm32")]
pub mod drawings;
#[cfg(target_arch = "wasm32")]
pub mod drop;
#[cfg(target_arch = "wasm32")]
pub mod focus;
#[cfg(target_arch = "wasm32")]
pub mod locale;
#[cfg(target_arch = "wasm32")]
pub mod memory;
#[cfg(target_arch = "wasm32")]
pub mod other_tabs;
#[cfg(target_arch = "wasm32")]
pub mod parts;
#[cfg(target_arch = "wasm32")]
pub mod paste;
#[cfg(target_arch = "wasm32")]
pub mod port;
#[cfg(target_arch = "wasm32")]
pub mod site;
#[cfg(target_arch = "wasm32")]
pub mod texts_kept;
#[cfg(target_arch = "wasm32")]
pub mod views;
