//! What the EXIF data of a picture say of it: a TIFF file's directory (Adobe's TIFF 6.0, section 2).

/// The first directory of a TIFF file, whose entries stand there in 12 bytes each.
pub(super) struct Directory<'a> {
    bytes: &'a [u8],
    little_endian: bool,
    start: usize,
}

/// Tag of a picture's orientation.
pub(super) const ORIENTATION: u16 = 0x0112;
/// Types of an entry's values that are whole numbers: of one, two and four bytes.
const BYTE: u16 = 1;
const SHORT: u16 = 3;
const LONG: u16 = 4;

impl<'a> Directory<'a> {
    /// The directory of a file; `None` where it is no TIFF file. One that lies outside of the file is empty.
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let little_endian = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        let mut found = Self { bytes, little_endian, start: 0 };
        found.start = found.number(4, 4).unwrap_or(u32::MAX) as usize;
        Some(found)
    }

    /// The number at `at`, of one to four bytes.
    fn number(&self, at: usize, length: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(length)?)?;
        let add = |sum: u32, byte: &u8| sum << 8 | u32::from(*byte);
        Some(if self.little_endian { bytes.iter().rev().fold(0, add) } else { bytes.iter().fold(0, add) })
    }

    /// Where the entry of this tag begins.
    pub fn entry(&self, tag: u16) -> Option<usize> {
        let count = self.number(self.start, 2)? as usize;
        let mut entries = (0..count).map(|number| self.start + 2 + 12 * number);
        entries.find(|at| self.number(*at, 2) == Some(u32::from(tag)))
    }

    /// The whole number that an entry holds, where it is one.
    pub fn whole(&self, tag: u16) -> Option<u32> {
        let at = self.entry(tag)?;
        let length = match self.number(at + 2, 2)? as u16 {
            BYTE => 1,
            SHORT => 2,
            LONG => 4,
            _ => return None,
        };
        if self.number(at + 4, 4)? == 1 { self.number(at + 8, length) } else { None }
    }
}
