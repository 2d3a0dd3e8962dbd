//! The notebook's cells, in their order.

use std::rc::Rc;

use yew::prelude::*;

use super::port::Port;
use super::state::State;

mod class_card;
mod classify;
mod compare;
mod data;
mod doubt;
mod engine;
mod exam;
mod exchange;
mod feature_map;
mod features;
mod leaky;
mod learning_curve;
mod live;
mod model_card;
mod python;
mod recorder;
mod relabel;
mod result;
mod scrubber;
mod settings;
mod training;
mod verdict;
mod why;

pub use class_card::ClassCard;
pub use classify::{ClassifyCell, classified, picture_zone};
pub use data::DataCell;
pub use doubt::DoubtSettings;
pub use engine::{EngineCell, change_to, output as engine_output, settings as engine_settings};
pub use exchange::moving;
pub use features::{
    FeaturesCell, buttons as extraction_buttons, clear as clear_features, progress as extraction_progress,
};
pub use live::LiveCamera;
pub use result::{ResultCell, accuracy, closer as result_details};
pub use training::{Training, TrainingCell, epoch_table, output as training_output, use_training};

/// What every cell needs.
#[derive(Clone, Properties, PartialEq)]
pub struct CellProps {
    /// The page's state.
    pub state: Rc<State>,
    /// Sends commands.
    pub port: Port,
}
