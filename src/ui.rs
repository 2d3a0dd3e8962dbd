//! The page: it draws what [`state`] knows and sends commands to the session.
//!
//! [`state`], [`query`], [`i18n`] and [`chart`] are pure and tested natively. The rest is Yew: `app`
//! puts the notebook together from its `cells`, and those are made of `parts`.

pub mod chart;
pub mod i18n;
pub mod query;
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
pub mod focus;
#[cfg(target_arch = "wasm32")]
pub mod locale;
#[cfg(target_arch = "wasm32")]
pub mod memory;
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
