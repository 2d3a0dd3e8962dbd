//! Which of the files that a person may choose are class folders, and which CIFAR-10's.

use std::cell::Cell;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::containers::{is_called_archive, is_gzip, is_zip, tar};
use super::folders::is_read;
use super::layouts::is_of_the_system;
use super::{Around, DatasetError, Opened, So, cifar10, file_name, is_of_a_folder, length};
use crate::pixels::Format;
use crate::unpack::{self, Unpacked};

/// Entries of a tar file that are looked at, at the most, to find out what it holds.
const MOST_ENTRIES: usize = 1_000;
/// Bytes that are put away at once of what is unpacked.
const PIECE: u64 = 4 << 20;

/// What a file brings to a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A picture, of a format that is read or not, or an archive of some that is none of CIFAR-10's, packed by gzip
    /// or not; also another file that is called an archive.
    Pictures {
        /// Whether it has to be unpacked first.
        gzip: bool,
    },
    /// CIFAR-10's archives and batches, arrays, and what is not known.
    Other,
    /// A file of a folder that is called like a batch: it is one where there is no picture.
    Batch,
    /// Any other file of a folder, and what systems add.
    Beside,
}

impl Kind {
    /// What the file called `name` is.
    pub fn of(name: &str, file: &mut Opened) -> Result<Self, DatasetError> {
        let head = head(file)?;
        let gzip = is_gzip(&head);
        let pictures = if is_zip(&head) {
            !is_npz(file)?
        } else if gzip || tar::is_tar(&head) {
            !is_cifar(file, gzip)?
        } else if is_read(&head) || is_unread(name, &head) || is_called_archive(name) {
            true
        } else if is_of_the_system(name) {
            return Ok(Self::Beside);
        } else if is_of_a_folder(name) {
            return Ok(if is_batch(file_name(name)) { Self::Batch } else { Self::Beside });
        } else {
            false
        };
        Ok(if pictures { Self::Pictures { gzip } } else { Self::Other })
    }
}

/// Whether this is a picture of a format that is not read. A batch may begin with the same few bytes as some.
fn is_unread(name: &str, head: &[u8]) -> bool {
    let may_be_batch = is_batch(file_name(name)) || name.to_lowercase().ends_with(".bin");
    !may_be_batch && Format::of(head).is_some_and(Format::is_picture)
}

/// Whether there is an array in the zip, where it is one.
pub fn is_npz(file: &mut Opened) -> Result<bool, DatasetError> {
    if !is_zip(&head(file)?) {
        return Ok(false);
    }
    let npz = ZipArchive::new(&mut *file).is_ok_and(|archive| cifar10::npz::is_npz(&archive));
    length(file)?;
    Ok(npz)
}

/// Whether a file of this name is one of those in CIFAR-10's or CIFAR-100's archives.
fn is_batch(name: &str) -> bool {
    let names =
        ["train", "test", "meta", "train.bin", "test.bin", "fine_label_names.txt", "coarse_label_names.txt"];
    let begins = ["data_batch_", "test_batch", "batches.meta"];
    begins.iter().any(|begin| name.starts_with(begin)) || names.contains(&name)
}

/// Whether a tar file holds batches of CIFAR-10, and no picture before them.
fn is_cifar(file: &mut Opened, gzip: bool) -> Result<bool, DatasetError> {
    let mut tar = tar::Tar::new(file, gzip, 0);
    if !tar.is_one()? {
        return Err(DatasetError::Unknown(String::new()));
    }
    for number in 0..MOST_ENTRIES {
        let Some(entry) = tar.next_entry()? else {
            return if number == 0 { Err(DatasetError::NoImages) } else { Ok(false) };
        };
        let path = String::from_utf8_lossy(&entry.path);
        if !entry.folder && is_batch(file_name(&path)) {
            return Ok(true);
        }
        let picture = Cell::new(false);
        let look = |head: &[u8]| {
            picture.set(is_read(head));
            false
        };
        if !entry.folder {
            tar.read(entry.number, &look)?;
        }
        if picture.get() {
            return Ok(false);
        }
    }
    Ok(false)
}

/// What is in a file that is packed by gzip: only unpacked can each part of it be read from its place.
pub async fn unpacked(mut file: Opened, around: &mut impl Around) -> Result<Opened, DatasetError> {
    let most = unpack::most(length(&mut file)?);
    let mut decoder = Unpacked::new(MultiGzDecoder::new(file), most);
    let (mut pieces, mut bytes) = (Vec::new(), 0);
    loop {
        let mut piece = Vec::new();
        match decoder.by_ref().take(PIECE).read_to_end(&mut piece) {
            Ok(0) => return Ok(around.joined(pieces)?),
            Ok(read) => bytes += read as u64,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(DatasetError::Cut(String::new()));
            }
            Err(error) => return Err(error.into()),
        }
        pieces.push(around.put_away(&piece)?);
        around.goes_on(So { bytes, pictures: 0 }).await?;
    }
}

/// The first bytes of a file, which stands at its beginning afterwards.
fn head(file: &mut Opened) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    length(file)?;
    file.by_ref().take(super::containers::HEAD).read_to_end(&mut head)?;
    length(file)?;
    Ok(head)
}
