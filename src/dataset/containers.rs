//! Where pictures come from: zips, tar files, a zip within a zip, loose files; several of them together.
//!
//! [`Containers`] goes through all entries one by one, and reads any of them again by its [`Place`].
//! Nothing here knows what a picture or a class is.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek};

use serde::{Deserialize, Serialize};

use crate::dataset::length;
use crate::unpack;

mod foreign;
pub mod names;
pub mod tar;
mod zip;

use self::tar::Tar;
use self::zip::Zip;
pub use self::zip::is_zip;
pub use foreign::Foreign;

/// First bytes of an entry, by which is decided whether the rest is read.
pub const HEAD: u64 = 4096;
/// First bytes of a gzip file (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// A loose file may have so many bytes: 50 megapixels of uncompressed colour.
const MOST_LOOSE: u64 = 200_000_000;

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Which of the files.
    pub file: u32,
    /// Which entry of it; 0 for a loose file.
    pub entry: u32,
    /// Which entry of the zip that this entry is.
    pub inner: Option<u32>,
}

/// An entry as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name with its folders, `/` between them.
    pub path: String,
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub kind: Listing,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// A file.
    File,
    /// A folder, which zips list too: it may be empty.
    Folder,
    /// An archive that is not opened: damaged, too large, or in an archive in an archive.
    Archive,
}

/// What was found in an entry.
#[derive(Debug, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Whole(Vec<u8>),
    /// What is not wanted: its first bytes.
    Other(Vec<u8>),
    /// It cannot be read, the others can.
    Faulty(Fault),
}

/// Why an entry cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its checksum is wrong, or it cannot be unpacked.
    Damaged,
    /// A password keeps it closed.
    Password,
    /// It is packed in a way that is not read here.
    Packing,
    /// It unpacks to more than it may.
    TooLong,
    /// The browser does not give it: moved, locked or deleted.
    Unreadable,
}

/// Why a file is no container that can be read.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// Its end is missing: a download broke off.
    #[error("its end is missing")]
    Cut,
    /// It is something else.
    #[error("it is a file of the kind {}", .0.name())]
    Foreign(Foreign),
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// It is called an archive, and is none that is known.
    #[error("it is no zip and no tar file")]
    Unknown,
    /// It is damaged.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// It is packed in a way that is not read here.
    #[error("it is packed in a way that is not read here: {0}")]
    Packing(String),
    /// The browser does not give it.
    #[error("it cannot be read: {0}")]
    Read(#[from] io::Error),
}

/// What a file turned out to be.
enum Container<R> {
    Zip(Zip<R>),
    Tar(Tar<R>),
    Loose(R),
}

/// A path without its ending.
fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}

/// Where the entry at `path` of the archive `archive` stands: in the archive's folder where that came with a
/// folder, and where it has none itself, in one of the archive's name.
fn within(archive: &str, path: String) -> String {
    match archive.rsplit_once('/') {
        None => path,
        Some((folder, _)) if path.contains(['/', '\\']) => format!("{folder}/{path}"),
        Some(_) => format!("{}/{path}", stem(archive)),
    }
}

/// Opens a file by its number.
pub type Open<'a, R> = Box<dyn FnMut(usize) -> io::Result<R> + 'a>;

/// Files that a person chose together, and all that stands in them.
pub struct Containers<'a, R> {
    names: Vec<String>,
    open: Open<'a, R>,
    /// The archives, which stay open, and the loose file at hand.
    opened: BTreeMap<usize, Container<R>>,
    /// The zip within a zip that was read last, with its place.
    inner: Option<(Place, Zip<Cursor<Vec<u8>>>)>,
    /// Where [`Containers::next_entry`] goes on.
    at: Place,
    /// Bytes of the files that are done.
    done: u64,
    /// Bytes done of the zip at hand.
    within: u64,
}

impl<'a, R: Read + Seek> Containers<'a, R> {
    /// All that stands in the files of these names, those of a folder with their paths. `open` opens one of
    /// them by its number: an archive once, a loose file each time it is read.
    pub fn new(names: Vec<String>, open: Open<'a, R>) -> Self {
        let at = Place { file: 0, entry: 0, inner: None };
        Self { names, open, opened: BTreeMap::new(), inner: None, at, done: 0, within: 0 }
    }

    /// The name of the file that is being read, or was last.
    pub fn file_name(&self) -> &str {
        let last = self.names.len().saturating_sub(1);
        self.names.get((self.at.file as usize).min(last)).map_or("", String::as_str)
    }

    /// Whether an archive is among the files that were read so far.
    pub fn has_archive(&self) -> bool {
        self.opened.values().any(|container| !matches!(container, Container::Loose(_)))
    }

    /// Bytes of the files that were read so far.
    pub fn done(&self) -> u64 {
        match self.opened.get(&(self.at.file as usize)) {
            Some(Container::Tar(tar)) => self.done + tar.done(),
            _ => self.done + self.within,
        }
    }

    /// The next entry of all files, in their order.
    ///
    /// # Errors
    /// [`ContainerError`] where an archive cannot be read; see [`Containers::file_name`].
    pub fn next_entry(&mut self) -> Result<Option<Listed>, ContainerError> {
        while (self.at.file as usize) < self.names.len() {
            let file = self.at.file as usize;
            if let Some(listed) = self.next_inner() {
                return Ok(Some(listed));
            }
            let place = Place { inner: None, ..self.at };
            self.at.entry += 1;
            if !self.opened.contains_key(&file) {
                match self.opened(file) {
                    Ok(container) => drop(self.opened.insert(file, container)),
                    // One loose file may be gone, the others are still good.
                    Err(ContainerError::Read(_)) if self.names.len() > 1 => {
                        self.end_file(0);
                        return Ok(Some(self.listed(self.names[file].clone(), place, Listing::File)));
                    }
                    Err(error) => return Err(error),
                }
            }
            match self.opened.get_mut(&file) {
                Some(Container::Zip(zip)) => {
                    let Some(entry) = zip.listed(place.entry) else {
                        self.end_file(self.within);
                        continue;
                    };
                    self.within += entry.packed;
                    let path = within(&self.names[file], entry.path);
                    if !entry.folder && is_called_archive(&path) {
                        match zip.inner(place.entry)? {
                            Some(inner) => {
                                self.inner = Some((place, inner));
                                self.at.inner = Some(0);
                                continue;
                            }
                            None => return Ok(Some(self.listed(path, place, Listing::Archive))),
                        }
                    }
                    let kind = if entry.folder { Listing::Folder } else { Listing::File };
                    return Ok(Some(self.listed(path, place, kind)));
                }
                Some(Container::Tar(tar)) => {
                    let Some(entry) = tar.next_entry()? else {
                        let done = tar.done();
                        self.end_file(done);
                        continue;
                    };
                    let place = Place { entry: entry.number, ..place };
                    let kind = if entry.folder { Listing::Folder } else { Listing::File };
                    let path = within(&self.names[file], names::CodePage::default().text(&entry.path));
                    return Ok(Some(self.listed(path, place, kind)));
                }
                Some(Container::Loose(reader)) if place.entry == 0 => {
                    self.within = length(reader)?;
                    return Ok(Some(self.listed(self.names[file].clone(), place, Listing::File)));
                }
                Some(Container::Loose(_)) | None => {
                    self.opened.remove(&file);
                    self.end_file(self.within);
                }
            }
        }
        Ok(None)
    }

    /// What stands at `place`. `wanted` says by an entry's first bytes, at most [`HEAD`], whether it is to be
    /// read whole.
    ///
    /// # Errors
    /// [`ContainerError`] where the archive around it cannot be read any more.
    pub fn read(&mut self, place: Place, wanted: &dyn Fn(&[u8]) -> bool) -> Result<Content, ContainerError> {
        let file = place.file as usize;
        if !self.opened.contains_key(&file) {
            match self.opened(file) {
                Ok(Container::Loose(reader)) => return Ok(loose(reader, wanted)),
                Ok(container) => drop(self.opened.insert(file, container)),
                Err(ContainerError::Read(_)) => return Ok(Content::Faulty(Fault::Unreadable)),
                Err(error) => return Err(error),
            }
        }
        match (self.opened.get_mut(&file), place.inner) {
            (Some(Container::Zip(zip)), None) => zip.read(place.entry, wanted),
            (Some(Container::Zip(zip)), Some(entry)) => {
                let outer = Place { inner: None, ..place };
                if self.inner.as_ref().is_none_or(|(held, _)| *held != outer) {
                    self.inner = zip.inner(place.entry)?.map(|inner| (outer, inner));
                }
                match &mut self.inner {
                    Some((_, inner)) => inner.read(entry, wanted),
                    None => Ok(Content::Faulty(Fault::Damaged)),
                }
            }
            (Some(Container::Tar(tar)), _) => tar.read(place.entry, wanted),
            (Some(Container::Loose(reader)), _) => Ok(loose(reader, wanted)),
            (None, _) => Ok(Content::Faulty(Fault::Unreadable)),
        }
    }

    /// The next entry of the zip within a zip.
    fn next_inner(&mut self) -> Option<Listed> {
        let entry = self.at.inner.take()?;
        let (outer, zip) = self.inner.as_ref()?;
        let (outer, found) = (*outer, zip.listed(entry)?);
        self.at.inner = Some(entry + 1);
        let kind = match found.folder {
            true => Listing::Folder,
            false if is_called_archive(&found.path) => Listing::Archive,
            false => Listing::File,
        };
        // A zip without folders is one itself: the pictures in `cats.zip` are those of `cats`.
        let path = match found.path.contains(['/', '\\']) {
            true => within(&self.names[outer.file as usize], found.path),
            false => format!("{}/{}", self.stem(outer), found.path),
        };
        Some(self.listed(path, Place { inner: Some(entry), ..outer }, kind))
    }

    /// The path of the zip at `outer` without its ending.
    fn stem(&self, outer: Place) -> String {
        let path = match self.opened.get(&(outer.file as usize)) {
            Some(Container::Zip(zip)) => zip.listed(outer.entry).map(|entry| entry.path),
            _ => None,
        };
        within(&self.names[outer.file as usize], stem(&path.unwrap_or_default()).to_owned())
    }

    fn listed(&self, path: String, place: Place, kind: Listing) -> Listed {
        Listed { path: path.replace('\\', "/"), place, kind }
    }

    fn end_file(&mut self, bytes: u64) {
        self.done += bytes;
        self.within = 0;
        self.inner = None;
        self.at = Place { file: self.at.file + 1, entry: 0, inner: None };
    }

    /// Opens the file of this number, which its first bytes say what it is.
    fn opened(&mut self, file: usize) -> Result<Container<R>, ContainerError> {
        let mut reader = (self.open)(file)?;
        let most = unpack::most(length(&mut reader)?);
        let head = taken(&mut reader, HEAD)?;
        reader.rewind()?;
        if is_zip(&head) {
            return Ok(Container::Zip(Zip::open(reader, most)?));
        }
        let gzip = is_gzip(&head);
        if gzip || tar::is_tar(&head) {
            let mut tar = Tar::new(reader, gzip, most);
            return if tar.is_one()? { Ok(Container::Tar(tar)) } else { Err(ContainerError::Unknown) };
        }
        if !is_called_archive(&self.names[file]) {
            return Ok(Container::Loose(reader));
        }
        Err(match Foreign::of(&head) {
            _ if head.is_empty() => ContainerError::Empty,
            Some(foreign) => ContainerError::Foreign(foreign),
            None => ContainerError::Unknown,
        })
    }
}

/// What stands in a loose file.
fn loose(mut file: impl Read + Seek, wanted: &dyn Fn(&[u8]) -> bool) -> Content {
    let read = |file: &mut dyn Read, most: u64| taken(file, most).map_err(|_| Fault::Unreadable);
    let whole = file.rewind().map_err(|_| Fault::Unreadable).and_then(|()| {
        let mut bytes = read(&mut file, HEAD)?;
        if !wanted(&bytes) {
            return Ok(Content::Other(bytes));
        }
        bytes.extend(read(&mut file, MOST_LOOSE)?);
        if bytes.len() as u64 > MOST_LOOSE { Err(Fault::TooLong) } else { Ok(Content::Whole(bytes)) }
    });
    whole.unwrap_or_else(Content::Faulty)
}

/// The next bytes of `file`, at most `most`.
fn taken(file: &mut (impl Read + ?Sized), most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a file begins as one packed by gzip does.
pub fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(&GZIP)
}

/// Whether a name says that it is an archive.
pub fn is_called_archive(name: &str) -> bool {
    let endings = [".zip", ".tgz", ".tar", ".gz", ".rar", ".7z", ".bz2", ".xz", ".zst"];
    let name = name.to_ascii_lowercase();
    endings.iter().any(|ending| name.ends_with(ending))
}
