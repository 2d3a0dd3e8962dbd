//! A zip: what stands in it, the bytes of an entry, and a zip within.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use ::zip::ZipArchive;
use ::zip::result::ZipError;

use super::names::CodePage;
use super::{ContainerError, Content, Fault, HEAD, taken};

/// The mark of a zip's last record (PKWARE's APPNOTE, 4.3.16), which a comment of up to 65,535 bytes follows.
const END_MARK: &[u8] = b"PK\x05\x06";
const END_REACH: i64 = 22 + 65_535;
/// A zip within a zip may have so many bytes: it is held while it is read.
const MOST_INNER: u64 = 200_000_000;

/// An open zip.
pub struct Zip<R> {
    archive: ZipArchive<R>,
    page: CodePage,
    /// Bytes that an entry may unpack to.
    most: u64,
}

/// An entry as it is listed.
pub struct Entry {
    /// Its name with its folders.
    pub path: String,
    /// Bytes it takes in the zip.
    pub packed: u64,
    /// Whether it is a folder.
    pub folder: bool,
}

impl<R: Read + Seek> Zip<R> {
    /// The zip in `file`, whose entries may unpack to `most` bytes each.
    ///
    /// # Errors
    /// [`ContainerError`]: it was cut, is damaged, or of a kind that is not read.
    pub fn open(mut file: R, most: u64) -> Result<Self, ContainerError> {
        if !has_end(&mut file)? {
            return Err(ContainerError::Cut);
        }
        let archive = ZipArchive::new(file).map_err(|error| match error {
            ZipError::Io(error) if !is_content(&error) => ContainerError::Read(error),
            ZipError::UnsupportedArchive(why) => ContainerError::Packing(why.into()),
            error => ContainerError::Damaged(error.to_string()),
        })?;
        let page = CodePage::of(archive.file_names_raw());
        Ok(Self { archive, page, most })
    }

    /// Whether there is an entry of this number, and what is known of it.
    pub fn listed(&self, number: u32) -> Option<Entry> {
        let entry = self.archive.by_index_data(number as usize).ok()?;
        let path = self.page.text(entry.name_raw());
        Some(Entry { path, packed: entry.compressed_size(), folder: entry.is_dir() })
    }

    /// What stands in the entry of this number.
    ///
    /// # Errors
    /// [`ContainerError::Read`] where the browser does not give the zip's bytes.
    pub fn read(&mut self, number: u32, wanted: &dyn Fn(&[u8]) -> bool) -> Result<Content, ContainerError> {
        self.unpack(number, self.most, wanted)
    }

    fn unpack(
        &mut self,
        number: u32,
        most: u64,
        wanted: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Content, ContainerError> {
        let mut entry = match self.archive.by_index(number as usize) {
            Ok(entry) => entry,
            Err(ZipError::Io(error)) if !is_content(&error) => return Err(error.into()),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword) => {
                return Ok(Content::Faulty(Fault::Password));
            }
            Err(ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_)) => {
                return Ok(Content::Faulty(Fault::Packing));
            }
            Err(_) => return Ok(Content::Faulty(Fault::Damaged)),
        };
        let mut bytes = match taken(&mut entry, HEAD) {
            Ok(bytes) => bytes,
            Err(error) => return fault(error),
        };
        if !wanted(&bytes) {
            return Ok(Content::Other(bytes));
        }
        // One more than there may be: at the end only, the checksum is looked at.
        match taken(&mut entry, most.saturating_sub(HEAD).saturating_add(1)) {
            Ok(rest) => bytes.extend(rest),
            Err(error) => return fault(error),
        }
        Ok(if bytes.len() as u64 > most { Content::Faulty(Fault::TooLong) } else { Content::Whole(bytes) })
    }

    /// The zip that stands in the entry of this number, or why it is not opened.
    ///
    /// # Errors
    /// [`ContainerError::Read`] where the browser does not give the outer zip's bytes.
    pub fn inner(&mut self, number: u32) -> Result<Option<Zip<Cursor<Vec<u8>>>>, ContainerError> {
        let most = self.most.min(MOST_INNER);
        match self.unpack(number, most, &|head| is_zip(head))? {
            Content::Whole(bytes) => Ok(Zip::open(Cursor::new(bytes), most).ok()),
            Content::Other(_) | Content::Faulty(_) => Ok(None),
        }
    }
}

/// Whether a file begins as a zip does: with an entry, with its end, or with the mark of a part.
pub fn is_zip(head: &[u8]) -> bool {
    let marks: [&[u8]; 3] = [b"PK\x03\x04", END_MARK, b"PK\x07\x08"];
    marks.iter().any(|mark| head.starts_with(mark))
}

/// Whether the last record's mark is there: a download that broke off has none.
fn has_end(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::End(-END_REACH.min(i64::try_from(length).unwrap_or(END_REACH))))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    file.rewind()?;
    Ok(end.windows(END_MARK.len()).any(|window| window == END_MARK))
}

/// What it means that an entry cannot be read on.
fn fault(error: io::Error) -> Result<Content, ContainerError> {
    match error.kind() {
        io::ErrorKind::Unsupported => Ok(Content::Faulty(Fault::Packing)),
        _ if is_content(&error) => Ok(Content::Faulty(Fault::Damaged)),
        _ => Err(ContainerError::Read(error)),
    }
}

/// Whether a file's content is at fault, and not what gives it.
fn is_content(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
    )
}
