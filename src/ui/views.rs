//! The page's views: what stands between its head and its foot, one at a time.

mod classes;
mod home;
mod notebook;
mod pending;
mod project;
mod train;
mod try_out;

pub use home::Home;
pub use notebook::Notebook;
pub use pending::PendingView;
pub use project::ProjectView;
