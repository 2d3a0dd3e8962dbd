//! What the cells are made of.

mod answer;
mod bars;
mod camera;
mod charts;
mod drop_zone;
mod epochs;
mod frame;
mod header;
mod hold_button;
mod live;
mod notices;
mod number_field;
mod offline;
mod picture;
mod progress;
mod question;
mod slider;
mod text_field;

pub use answer::{Answer, spoken};
pub use bars::Bars;
pub use camera::CameraView;
pub use charts::Charts;
pub use drop_zone::DropZone;
pub use epochs::EpochTable;
pub use frame::Frame;
pub use header::Header;
pub use hold_button::HoldButton;
pub use live::Live;
pub use notices::Notices;
pub use number_field::NumberField;
pub use offline::OfflineStatus;
pub use picture::Picture;
pub use progress::Progress;
pub use question::Question;
pub use slider::Slider;
pub use text_field::TextField;
