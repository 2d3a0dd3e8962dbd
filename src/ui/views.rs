//! The page's views: what stands between its head and its foot, one at a time.

mod arrival;
mod classes;
mod home;
mod notebook;
mod project;
mod train;
mod try_out;

pub use arrival::ArrivalView;
pub use home::Home;
pub use notebook::Notebook;
pub use project::ProjectView;
