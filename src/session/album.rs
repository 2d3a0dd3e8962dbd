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
    pub(super) async fn read(&self, samples: &[Sample]) -> Result<Vec<RgbImage>, Problem> {
        let stored = samples.iter().filter_map(|sample| match sample.pixels {
            Pixels::Stored(id) => Some(id),
            _ => None,
        });
        let stored: Vec<PictureId> = stored.collect();
        let files = match stored.is_empty() {
            true => Vec::new(),
            false => self.store.pictures(self.project, &stored).await?,
        };
        let (mut files, mut images) = (files.into_iter(), Vec::with_capacity(samples.len()));
        let mut breathed = None;
        for sample in samples {
            let image = match &sample.pixels {
                Pixels::Here(image) => {
                    images.push(image.clone());
                    continue;
                }
                Pixels::OnShelf(spot) => self.shelf.borrow_mut().picture(*spot)?,
                Pixels::Stored(id) => stored_picture(files.next().flatten())
                    .ok_or_else(|| damaged(format!("picture {id} of the project is damaged")))?,
            };
            if ImageHash::of(&image) != sample.hash {
                return Err(match sample.pixels {
                    Pixels::Stored(id) => damaged(format!("picture {id} of the project is another one")),
                    _ => Problem::new(ProblemKind::PictureGone, "the file holds another picture now"),
                });
            }
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

fn damaged(why: String) -> Problem {
    Problem::new(ProblemKind::StoreDamaged, why)
}

/// The picture in a stored file, where it can be one of a project.
pub(super) fn stored_picture(file: Option<Vec<u8>>) -> Option<RgbImage> {
    let image = RgbImage::decode(&file?).ok()?;
    (image.width().max(image.height()) <= LARGEST_SIDE).then_some(image)
}
