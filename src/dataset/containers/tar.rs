//! A tar file, packed by gzip or not, header by header: what stands in it, and the bytes of an entry.

use std::io::{self, Read, Seek, SeekFrom};

use flate2::read::MultiGzDecoder;
use tar::{Header, PaxExtensions};

use super::{ContainerError, Content, Fault, HEAD, taken};

/// Length of a header, and what contents are filled up to (POSIX ustar).
const BLOCK: u64 = 512;
/// Bytes of a name that is too long for a header, and of what else stands before an entry.
const MOST_NAME: u64 = 1 << 16;

/// What is read header by header.
pub struct Tar<R> {
    stream: Stream<R>,
    /// Where the next byte stands in the unpacked file.
    at: u64,
    /// Where the next header stands.
    next: u64,
    over: bool,
    /// Beginnings and lengths of the entries that were seen.
    entries: Vec<(u64, u64)>,
    /// Bytes that an entry may have.
    most: u64,
}

enum Stream<R> {
    Plain(R),
    Gzip(Box<MultiGzDecoder<Counted<R>>>),
    /// Only while one is made of the other.
    Gone,
}

/// A reader that counts what went through it.
struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}

/// An entry as it is listed.
pub struct Entry {
    /// Its name with its folders, as bytes.
    pub path: Vec<u8>,
    /// Its number.
    pub number: u32,
    /// Whether it is a folder.
    pub folder: bool,
}

impl<R: Read + Seek> Tar<R> {
    /// The tar file in `file`, packed by gzip or not, whose entries may have `most` bytes each.
    pub fn new(file: R, gzip: bool, most: u64) -> Self {
        let stream = if gzip { packed(file) } else { Stream::Plain(file) };
        Self { stream, at: 0, next: 0, over: false, entries: Vec::new(), most }
    }

    /// Whether the first header is one, which the file is at then.
    pub fn is_one(&mut self) -> Result<bool, ContainerError> {
        let mut block = [0; BLOCK as usize];
        let filled = self.fill(&mut block)?;
        Ok(filled == block.len() && is_header(&block))
    }

    /// Bytes of the file that were read so far, packed ones where it is packed.
    pub fn done(&self) -> u64 {
        match &self.stream {
            Stream::Gzip(decoder) => decoder.get_ref().count,
            Stream::Plain(_) | Stream::Gone => self.at,
        }
    }

    /// The next file or folder.
    ///
    /// # Errors
    /// [`ContainerError`] where the file ends early or is damaged.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, ContainerError> {
        let mut long = None;
        while !self.over {
            self.go_to(self.next)?;
            let mut block = [0; BLOCK as usize];
            let filled = self.fill(&mut block)?;
            if filled == 0 || block.iter().all(|byte| *byte == 0) {
                self.over = true;
                // Only at the very end gzip's checksum is looked at.
                self.skip(u64::MAX)?;
                break;
            }
            if filled < block.len() {
                return Err(ContainerError::Cut);
            }
            if !is_header(&block) {
                return Err(ContainerError::Damaged("a header of the tar file is none".into()));
            }
            let header = Header::from_byte_slice(&block);
            let length = header.entry_size().map_err(|error| ContainerError::Damaged(error.to_string()))?;
            let end = self.at.checked_add(length).and_then(|end| end.checked_next_multiple_of(BLOCK));
            let end = end.ok_or_else(|| ContainerError::Damaged("an entry has no end".into()))?;
            let begin = self.at;
            self.next = end;
            let kind = header.entry_type();
            if kind.is_gnu_longname() || kind.is_pax_local_extensions() {
                let bytes = self.bytes(length, MOST_NAME)?;
                long =
                    if kind.is_gnu_longname() { Some(until_zero(bytes)) } else { pax_path(&bytes).or(long) };
                continue;
            }
            let path = long.take().unwrap_or_else(|| header.path_bytes().into_owned());
            let folder = kind.is_dir() || path.ends_with(b"/");
            let is_link = kind.is_hard_link() || kind.is_symlink();
            // A sparse file says that it has terabytes of zeros which stand nowhere.
            if !folder && !is_link && !kind.is_file() && !kind.is_contiguous() {
                continue;
            }
            let number = self.entries.len() as u32;
            // A link is listed as the empty file that it is here.
            self.entries.push((begin, if folder || is_link { 0 } else { length }));
            return Ok(Some(Entry { path, number, folder }));
        }
        Ok(None)
    }

    /// What stands in the entry of this number.
    ///
    /// # Errors
    /// [`ContainerError`] where the file ends early or is damaged.
    pub fn read(&mut self, number: u32, wanted: &dyn Fn(&[u8]) -> bool) -> Result<Content, ContainerError> {
        let Some(&(begin, length)) = self.entries.get(number as usize) else {
            return Ok(Content::Faulty(Fault::Damaged));
        };
        self.go_to(begin)?;
        let mut head = self.bytes(length.min(HEAD), HEAD)?;
        if !wanted(&head) {
            return Ok(Content::Other(head));
        }
        if length > self.most {
            return Ok(Content::Faulty(Fault::TooLong));
        }
        let rest = length - head.len() as u64;
        head.extend(self.bytes(rest, rest)?);
        Ok(Content::Whole(head))
    }

    /// The next `length` bytes, which may be `most`.
    fn bytes(&mut self, length: u64, most: u64) -> Result<Vec<u8>, ContainerError> {
        if length > most {
            return Err(ContainerError::Damaged(format!("a name of {length} bytes")));
        }
        let bytes = taken(&mut *self.reader()?, length).map_err(cut_or_damaged)?;
        self.at += bytes.len() as u64;
        if (bytes.len() as u64) < length { Err(ContainerError::Cut) } else { Ok(bytes) }
    }

    /// Fills `block` as far as the file goes.
    fn fill(&mut self, block: &mut [u8]) -> Result<usize, ContainerError> {
        let mut filled = 0;
        while filled < block.len() {
            match self.reader()?.read(&mut block[filled..]).map_err(cut_or_damaged)? {
                0 => break,
                read => filled += read,
            }
        }
        self.at += filled as u64;
        Ok(filled)
    }

    fn reader(&mut self) -> Result<&mut dyn Read, ContainerError> {
        match &mut self.stream {
            Stream::Plain(file) => Ok(file),
            Stream::Gzip(decoder) => Ok(decoder),
            Stream::Gone => Err(ContainerError::Read(io::ErrorKind::NotFound.into())),
        }
    }

    /// Goes to a place in the unpacked file. Back in a packed one is from the beginning again.
    fn go_to(&mut self, place: u64) -> Result<(), ContainerError> {
        if let Stream::Plain(file) = &mut self.stream {
            file.seek(SeekFrom::Start(place))?;
            self.at = place;
            return Ok(());
        }
        if place < self.at
            && let Stream::Gzip(decoder) = std::mem::replace(&mut self.stream, Stream::Gone)
        {
            let mut file = decoder.into_inner().inner;
            file.rewind()?;
            (self.stream, self.at) = (packed(file), 0);
        }
        self.skip(place - self.at)
    }

    /// Reads over so many bytes, or to the end.
    fn skip(&mut self, count: u64) -> Result<(), ContainerError> {
        let skipped = io::copy(&mut self.reader()?.take(count), &mut io::sink()).map_err(cut_or_damaged)?;
        self.at += skipped;
        Ok(())
    }
}

fn packed<R: Read>(file: R) -> Stream<R> {
    Stream::Gzip(Box::new(MultiGzDecoder::new(Counted { inner: file, count: 0 })))
}

/// Whether a file of these first bytes is a tar file.
pub fn is_tar(head: &[u8]) -> bool {
    head.first_chunk().is_some_and(is_header)
}

/// Whether the block's checksum is right.
fn is_header(block: &[u8; BLOCK as usize]) -> bool {
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    // The eight bytes of the sum itself count as spaces.
    let own: u32 = block[148..156].iter().map(|byte| u32::from(*byte)).sum();
    Header::from_byte_slice(block).cksum().is_ok_and(|said| said == sum - own + 8 * 32)
}

fn until_zero(mut name: Vec<u8>) -> Vec<u8> {
    name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
    name
}

fn pax_path(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut all = PaxExtensions::new(bytes).flatten();
    all.find(|extension| extension.key_bytes() == b"path").map(|path| path.value_bytes().to_vec())
}

/// What it means that a packed file cannot be read on.
fn cut_or_damaged(error: io::Error) -> ContainerError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => ContainerError::Cut,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            ContainerError::Damaged(error.to_string())
        }
        _ => ContainerError::Read(error),
    }
}
