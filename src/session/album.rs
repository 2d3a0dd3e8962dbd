//! The pixels of the images in use: read when they are needed, wherever they are.

use std::cell::RefCell;
use std::rc::Rc;

use crate::dataset::{LARGEST_SIDE, Pixels, Sample, Shelf};
use crate::features::ImageHash;
use crate::pixels::RgbImage;
use crate::project::{PictureId, ProjectStore};
use crate::protocol::{Problem, ProblemKind};

use super::Host;

/// Milliseconds of reading after which others have their turn.
const BREATHE_EVERY: f64 = 50.0;

/// A picture that cannot be read any more.
pub(super) struct Unread {
    pub(super) problem: Problem,
    /// Its number, where it is one of a project.
    pub(super) stored: Option<PictureId>,
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        unread.problem
    }
}

/// Where the pixels of a dataset's images come from. A copy shares what it reads from.
pub(super) struct Album<H, S> {
    host: Rc<H>,
    store: Rc<S>,
    shelf: Rc<RefCell<Shelf>>,
    /// The project whose pictures are [`Pixels::Stored`].
    project: u32,
}

impl<H, S> Clone for Album<H, S> {
    fn clone(&self) -> Self {
        let Self { host, store, shelf, project } = self;
        Self { host: Rc::clone(host), store: Rc::clone(store), shelf: Rc::clone(shelf), project: *project }
    }
}

impl<H: Host, S: ProjectStore> Album<H, S> {
    /// An album of what is on `shelf`.
    pub(super) fn of_shelf(host: &Rc<H>, store: &Rc<S>, shelf: Shelf) -> Self {
        let shelf = Rc::new(RefCell::new(shelf));
        Self { host: Rc::clone(host), store: Rc::clone(store), shelf, project: 0 }
    }

    /// An album of a project's pictures.
    pub(super) fn of_project(host: &Rc<H>, store: &Rc<S>, project: u32) -> Self {
        Self { project, ..Self::of_shelf(host, store, Shelf::default()) }
    }

    /// The images of `samples`, in their order. Each is the one that it was when the data were read.
    pub(super) async fn read(&self, samples: &[Sample]) -> Result<Vec<RgbImage>, Unread> {
        let stored: Vec<PictureId> = samples.iter().filter_map(|sample| sample.pixels.stored()).collect();
        let files = match stored.is_empty() {
            true => Vec::new(),
            false => {
                let read = self.store.pictures(self.project, &stored).await;
                read.map_err(|error| Unread { problem: error.into(), stored: None })?
            }
        };
        let (mut files, mut images) = (files.into_iter(), Vec::with_capacity(samples.len()));
        let mut breathed = None;
        for sample in samples {
            let image = match &sample.pixels {
                Pixels::Here(image) => {
                    images.push(image.clone());
                    continue;
                }
                Pixels::OnShelf(spot) => {
                    let image = self.shelf.borrow_mut().picture(*spot);
                    let image = image.map_err(|error| Unread { problem: error.into(), stored: None })?;
                    if ImageHash::of(&image) != sample.hash {
                        let why = "the file holds another picture now";
                        let problem = Problem::new(ProblemKind::PictureGone, why);
                        return Err(Unread { problem, stored: None });
                    }
                    image
                }
                Pixels::Stored(id) => {
                    let file = files.next().flatten();
                    let problem = picture_lost(file.as_deref());
                    let image = stored_picture(file).filter(|image| ImageHash::of(image) == sample.hash);
                    image.ok_or(Unread { problem, stored: Some(*id) })?
                }
            };
            images.push(image);
            let now = self.host.now();
            if now - *breathed.get_or_insert(now) > BREATHE_EVERY {
                self.host.breathe().await;
                breathed = Some(self.host.now());
            }
        }
        Ok(images)
    }
}

/// What is said of a picture that cannot be read of what is stored for it: where that is nothing, another tab has
/// deleted it.
pub(super) fn picture_lost(file: Option<&[u8]>) -> Problem {
    match file {
        Some(_) => Problem::new(ProblemKind::StoreDamaged, "a picture of the project is damaged"),
        None => Problem::new(ProblemKind::ProjectChanged, "a picture of the project is gone"),
    }
}

/// The picture in a stored file, where it can be one of a project.
pub(super) fn stored_picture(file: Option<Vec<u8>>) -> Option<RgbImage> {
    let image = RgbImage::decode(&file?).ok()?;
    (image.width().max(image.height()) <= LARGEST_SIDE).then_some(image)
}
