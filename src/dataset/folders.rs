//! Class folders, in archives or loose: which files are pictures, and what dataset they make.
//!
//! What a file is, its first bytes say, never its name. Which class a picture is of, [`super::layouts`] says.

use std::collections::HashSet;

use super::containers::{Containers, Content, Fault, Listing, Place};
use super::layouts::is_of_the_system;
use super::layouts::split::{Arranged, Found, arrange};
use super::notices::{NoticeKind, Tally};
use super::{Around, Dataset, DatasetError, Opened, Pixels, Sample, So, Source};
use crate::pixels::{Format, ImageHash, PixelError, RgbImage};

/// Endings of files that are called pictures: of such a one it is said when it is none.
const ENDINGS: [&str; 17] = [
    "jpg", "jpeg", "jpe", "jfif", "pjpeg", "png", "apng", "webp", "gif", "bmp", "dib", "heic", "heif",
    "avif", "tif", "tiff", "svg",
];

/// What comes to light beside the pictures, while all entries are gone through.
#[derive(Default)]
pub struct Search {
    /// What is to be said of it.
    pub tally: Tally,
    /// Paths of pictures that cannot be read.
    pub unread: Vec<String>,
    folders: Vec<String>,
    /// Folders in which something stands.
    full: HashSet<String>,
}

/// A picture that is there.
pub struct Seen {
    /// Its path.
    pub path: String,
    /// Where it stands.
    pub place: Place,
    /// Its file, where it was asked for.
    pub bytes: Vec<u8>,
}

impl Search {
    /// The next picture in `containers`, with its file where `whole` is said. `None` at their end.
    ///
    /// # Errors
    /// [`DatasetError`] where an archive cannot be read.
    pub fn next_picture(
        &mut self,
        containers: &mut Containers<'_, Opened>,
        whole: bool,
    ) -> Result<Step, DatasetError> {
        let Some(listed) = containers.next_entry()? else { return Ok(Step::End) };
        let (path, place) = (listed.path, listed.place);
        if is_of_the_system(&path) {
            return Ok(Step::Other);
        }
        match listed.kind {
            Listing::Folder => {
                self.folders.push(path.trim_end_matches('/').to_owned());
                return Ok(Step::Other);
            }
            Listing::Archive => self.tally.add(NoticeKind::Nested, &path),
            Listing::File => {}
        }
        let mut folder = path.as_str();
        while let Some((above, _)) = folder.rsplit_once('/') {
            folder = above;
            if !self.full.insert(folder.to_owned()) {
                break;
            }
        }
        if listed.kind == Listing::Archive {
            return Ok(Step::Other);
        }
        let content = containers.read(place, &|head| whole && is_read(head))?;
        Ok(match content {
            Content::Other(head) if !whole && is_read(&head) => {
                Step::Picture(Seen { path, place, bytes: Vec::new() })
            }
            content => match self.whole(&path, content) {
                Some(bytes) => Step::Picture(Seen { path, place, bytes }),
                None => Step::Other,
            },
        })
    }

    /// What was read of the file at `path`, where it is a whole picture; else it is left out, and told.
    pub fn whole(&mut self, path: &str, content: Content) -> Option<Vec<u8>> {
        match content {
            Content::Whole(bytes) => return Some(bytes),
            Content::Other(head) => self.other(path, &head),
            Content::Faulty(fault) => {
                self.tally.add(
                    match fault {
                        Fault::Damaged => NoticeKind::Damaged,
                        Fault::Password => NoticeKind::Password,
                        Fault::Packing => NoticeKind::Packing,
                        Fault::TooLong => NoticeKind::TooLarge,
                        Fault::Unreadable => NoticeKind::Unreadable,
                    },
                    path,
                );
                if is_called_picture(path) {
                    self.unread.push(path.to_owned());
                }
            }
        }
        None
    }

    /// Leaves out the picture at `path`, which could not be decoded.
    pub fn leave_out(&mut self, path: &str, error: &PixelError) {
        self.tally.add(
            match error {
                PixelError::TooLarge { .. } | PixelError::FileTooLarge => NoticeKind::TooLarge,
                PixelError::NoPicture => NoticeKind::NoPicture,
                PixelError::Format(format) => NoticeKind::Format(*format),
                PixelError::CutShort(_) | PixelError::Unreadable { .. } | PixelError::Length { .. } => {
                    NoticeKind::Damaged
                }
            },
            path,
        );
        self.unread.push(path.to_owned());
    }

    /// Takes note of a file that is no picture which can be read.
    fn other(&mut self, path: &str, head: &[u8]) {
        let called = is_called_picture(path);
        let kind = match Format::of(head) {
            Some(format) if format.is_picture() => NoticeKind::Format(format),
            // Labels, licences, notes.
            Some(Format::Text | Format::Html) if !called => return,
            None if head.is_empty() && !called => return,
            _ if !called => return self.tally.add(NoticeKind::Other, path),
            Some(Format::Html) => NoticeKind::WebPage,
            None if head.is_empty() => NoticeKind::Empty,
            _ => NoticeKind::NoPicture,
        };
        self.tally.add(kind, path);
        self.unread.push(path.to_owned());
    }

    /// Folders in which nothing stands.
    pub fn empty(&self) -> Vec<String> {
        self.folders.iter().filter(|folder| !self.full.contains(*folder)).cloned().collect()
    }

    /// Why there is no picture that can be read: what is true of all that there is.
    pub fn nothing(&self) -> DatasetError {
        // Notes and films are no pictures that somebody could save otherwise.
        let of_no_picture = [NoticeKind::Other, NoticeKind::Nested];
        let mut notices = self.tally.notices();
        notices.retain(|notice| !of_no_picture.contains(&notice.kind));
        let all = |kind| notices.iter().all(|notice| notice.kind == kind);
        if notices.is_empty() {
            return DatasetError::NoImages;
        }
        if all(NoticeKind::Password) {
            return DatasetError::Locked;
        }
        if all(NoticeKind::Packing) {
            return DatasetError::Packing("none of its files".into());
        }
        let listed = notices.iter().map(|notice| {
            let more = if notice.names.len() < notice.count as usize { ", …" } else { "" };
            let names = notice.names.join(", ") + more;
            match notice.kind {
                NoticeKind::Format(format) => format!("{} {} ({names})", notice.count, format.name()),
                _ => names,
            }
        });
        DatasetError::NoneRead(listed.collect::<Vec<_>>().join(", "))
    }
}

/// What an entry is.
pub enum Step {
    /// A picture.
    Picture(Seen),
    /// Something else.
    Other,
    /// There is no further one.
    End,
}

pub(super) fn damaged(error: zip::result::ZipError) -> DatasetError {
    DatasetError::Zip(error.to_string())
}

/// Whether a file of these first bytes is a picture that can be read.
pub(super) fn is_read(head: &[u8]) -> bool {
    Format::of(head).is_some_and(Format::is_read)
}

fn is_called_picture(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Reads class folders. Each picture is decoded once here, to know its hash, and read again from its place when it
/// is used.
///
/// # Errors
/// [`DatasetError`] where an archive cannot be read, or the folders make no dataset.
pub async fn read(
    containers: &mut Containers<'static, Opened>,
    around: &mut impl Around,
) -> Result<Dataset, DatasetError> {
    let (mut search, mut found) = (Search::default(), Vec::new());
    loop {
        match search.next_picture(containers, true)? {
            Step::Picture(Seen { path, place, bytes }) => match RgbImage::kept(&bytes) {
                Ok(image) => found.push(Found { path, key: ImageHash::of(&image), item: place }),
                Err(error) => search.leave_out(&path, &error),
            },
            Step::Other => {}
            Step::End => break,
        }
        around.goes_on(So { bytes: containers.done(), pictures: found.len() as u32 }).await?;
    }
    if found.is_empty() {
        return Err(search.nothing());
    }
    let empty = search.empty();
    let found = found.into_iter().map(|Found { path, key, item }| Found { path, key, item: (item, key) });
    let arranged = arrange(found.collect(), &search.unread, &empty, search.tally)?;
    let Arranged { classes, train, validation, test, notices } = arranged;
    let samples = |side: Vec<((Place, ImageHash), u16)>| {
        let sample = |((place, hash), label)| Sample { label, hash, pixels: Pixels::OnShelf(place) };
        side.into_iter().map(sample).collect()
    };
    let (train, test) = (samples(train), samples(test));
    Ok(Dataset { source: Source::Folders, classes, train, validation, test, notices })
}
