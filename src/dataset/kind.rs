//! Which of the files that a person may choose are class folders, and which CIFAR-10's.

use std::cell::Cell;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::containers::{is_called_archive, is_gzip, is_zip, tar};
use super::folders::is_read;
use super::{Around, DatasetError, Opened, So, cifar10, file_name, length};
use crate::unpack::{self, Unpacked};

/// Entries of a tar file that are looked at, at the most, to find out what it holds.
const MOST_ENTRIES: usize = 1_000;
/// Bytes that are put away at once of what is unpacked.
const PIECE: u64 = 4 << 20;

/// Whether the file called `name` is a picture, or an archive of some that is none of CIFAR-10's; also one of
/// another kind, which is called by its name then. The file stands at its beginning afterwards.
pub fn holds_pictures(name: &str, file: &mut Opened) -> Result<bool, DatasetError> {
    let head = head(file)?;
    let holds = if is_zip(&head) {
        !is_npz(file)?
    } else if is_gzip(&head) || tar::is_tar(&head) {
        !is_cifar(file, is_gzip(&head))?
    } else {
        is_read(&head) || is_called_archive(name) || name.contains('/')
    };
    length(file)?;
    Ok(holds)
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

/// Whether these are the files of a folder, with batches of CIFAR-10 or CIFAR-100 and no picture.
pub fn are_batches_in_a_folder(files: &mut [(&str, Opened)]) -> io::Result<bool> {
    let mut batches = false;
    for (path, file) in files {
        let head = head(file)?;
        if !path.contains('/') || is_read(&head) || is_zip(&head) || is_gzip(&head) || tar::is_tar(&head) {
            return Ok(false);
        }
        batches |= is_batch(file_name(path));
    }
    Ok(batches)
}

/// Whether a file of this name is one of those in CIFAR-10's or CIFAR-100's archives.
pub fn is_batch(name: &str) -> bool {
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

/// The same file, unpacked where it is packed by gzip: only then each part of it can be read from its place.
pub async fn unpacked(mut file: Opened, around: &mut impl Around) -> Result<Opened, DatasetError> {
    if !is_gzip(&head(&mut file)?) {
        return Ok(file);
    }
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
