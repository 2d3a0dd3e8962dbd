//! The notebook's cells, in their order.

use std::rc::Rc;

use yew::prelude::*;

use super::port::Port;
use super::state::State;

mod class_card;
mod classify;
mod data;
mod doubt;
mod engine;
mod exam;
mod exchange;
mod features;
mod leaky;
mod live;
mod project;
mod python;
mod recorder;
mod relabel;
mod result;
mod settings;
mod training;
mod why;

pub use classify::ClassifyCell;
pub use data::DataCell;
pub use engine::EngineCell;
pub use features::FeaturesCell;
pub use result::ResultCell;
pub use training::TrainingCell;

/// What every cell needs.
#[derive(Clone, Properties, PartialEq)]
pub struct CellProps {
    /// The page's state.
    pub state: Rc<State>,
    /// Sends commands.
    pub port: Port,
}
