//! What a file is, by its first bytes: never by its name.

use serde::{Deserialize, Serialize};

use super::exif::Directory;

/// A file format that is known here, whether its pictures can be read or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Format {
    /// JPEG, baseline or progressive. Read.
    Jpeg,
    /// PNG, animated too. Read.
    Png,
    /// WebP, animated too. Read.
    WebP,
    /// GIF, animated too. Read.
    Gif,
    /// BMP. Read.
    Bmp,
    /// HEIC or HEIF, as iPhones take photos.
    Heic,
    /// AVIF.
    Avif,
    /// TIFF.
    Tiff,
    /// What a camera's sensor saw: DNG, CR2, CR3, NEF, ARW, RAF, ORF, RW2 and their like.
    Raw,
    /// JPEG XL.
    JpegXl,
    /// JPEG 2000.
    Jpeg2000,
    /// Photoshop's own.
    Psd,
    /// Windows' icons.
    Ico,
    /// SVG: a drawing that has no pixels of its own.
    Svg,
    /// PDF.
    Pdf,
    /// A web page.
    Html,
    /// A film: MP4, QuickTime, WebM, AVI.
    Video,
    /// Any other text.
    Text,
}

/// Where in a file these bytes mean this format.
const MARKS: &[(usize, &[u8], Format)] = &[
    (0, b"\xff\xd8\xff", Format::Jpeg),
    (0, b"\x89PNG\r\n\x1a\n", Format::Png),
    (0, b"GIF87a", Format::Gif),
    (0, b"GIF89a", Format::Gif),
    (0, b"\x1a\x45\xdf\xa3", Format::Video),
    (0, b"\xff\x0a", Format::JpegXl),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", Format::JpegXl),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", Format::Jpeg2000),
    (0, b"\xff\x4f\xff\x51", Format::Jpeg2000),
    (0, b"8BPS", Format::Psd),
    (0, b"\0\0\x01\0", Format::Ico),
    (0, b"%PDF-", Format::Pdf),
    (0, b"FUJIFILMCCD-RAW", Format::Raw),
    (0, b"IIRO", Format::Raw),
    (0, b"IIRS", Format::Raw),
    (0, b"IIU\0", Format::Raw),
    (0, b"FOVb", Format::Raw),
    (0, b"\0MRM", Format::Raw),
];

/// Brands of ISO base media files (ISO/IEC 14496-12) that hold pictures; others hold films.
const BRANDS: &[(&[u8], Format)] = &[
    (b"avif", Format::Avif),
    (b"avis", Format::Avif),
    (b"crx ", Format::Raw),
    (b"heic", Format::Heic),
    (b"heix", Format::Heic),
    (b"hevc", Format::Heic),
    (b"hevx", Format::Heic),
    (b"heim", Format::Heic),
    (b"heis", Format::Heic),
    (b"mif1", Format::Heic),
    (b"msf1", Format::Heic),
];

/// Tags of a TIFF file's directory (Adobe's TIFF 6.0 and DNG): cameras' raw files have the first, or both
/// others in the first one.
const DNG_VERSION: u16 = 0xc612;
const SUB_DIRECTORIES: u16 = 0x014a;
const MAKE: u16 = 0x010f;
/// Bytes of a text that are looked at.
const TEXT: usize = 4096;

impl Format {
    /// The format of a file that begins with `bytes`, of which 4,096 are enough. `None` where it is none
    /// of these.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let begins = |&(at, mark, format): &(usize, &[u8], Self)| {
            bytes.get(at..).is_some_and(|rest| rest.starts_with(mark)).then_some(format)
        };
        MARKS
            .iter()
            .find_map(begins)
            .or_else(|| riff(bytes))
            .or_else(|| media(bytes))
            .or_else(|| tiff(bytes))
            .or_else(|| is_bmp(bytes).then_some(Self::Bmp))
            .or_else(|| text(&bytes[..bytes.len().min(TEXT)]))
    }

    /// Whether pictures of this format are read here.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Jpeg | Self::Png | Self::WebP | Self::Gif | Self::Bmp)
    }

    /// Whether it is a picture at all, that another program could save as JPEG.
    pub fn is_picture(self) -> bool {
        !matches!(self, Self::Pdf | Self::Html | Self::Video | Self::Text)
    }

    /// What people call it; the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::Tiff => "TIFF",
            Self::Raw => "RAW",
            Self::JpegXl => "JPEG XL",
            Self::Jpeg2000 => "JPEG 2000",
            Self::Psd => "PSD",
            Self::Ico => "ICO",
            Self::Svg => "SVG",
            Self::Pdf => "PDF",
            Self::Html => "HTML",
            Self::Video => "MP4",
            Self::Text => "TXT",
        }
    }
}

/// Files in Microsoft's RIFF say behind its length what they are.
fn riff(bytes: &[u8]) -> Option<Format> {
    match bytes.strip_prefix(b"RIFF")?.get(4..8)? {
        b"WEBP" => Some(Format::WebP),
        b"AVI " => Some(Format::Video),
        _ => None,
    }
}

/// ISO base media files say in their first box what they hold: first what they are, then what else they
/// can be taken for.
fn media(bytes: &[u8]) -> Option<Format> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let brands = rest.strip_prefix(b"ftyp")?;
    let length = (u32::from_be_bytes(*length) as usize).saturating_sub(8).min(brands.len());
    let mut brands = brands[..length].chunks_exact(4);
    // AVIF files may be called `mif1` first.
    let known = |brand: &[u8]| BRANDS.iter().find(|(name, _)| *name == brand).map(|(_, format)| *format);
    let first = brands.next().and_then(known);
    let found: Vec<Format> = brands.skip(1).filter_map(known).chain(first).collect();
    let is = |format| found.contains(&format);
    Some(match first {
        Some(Format::Heic) | None if is(Format::Avif) => Format::Avif,
        Some(first) => first,
        None if is(Format::Heic) => Format::Heic,
        None => Format::Video,
    })
}

/// TIFF files, and the raw ones of cameras that are built as such.
fn tiff(bytes: &[u8]) -> Option<Format> {
    let directory = Directory::of(bytes)?;
    let has = |tag| directory.entry(tag).is_some();
    // Canon's have a mark behind the header.
    let canon = bytes.get(8..10) == Some(b"CR");
    let raw = canon || has(DNG_VERSION) || has(SUB_DIRECTORIES) && has(MAKE);
    Some(if raw { Format::Raw } else { Format::Tiff })
}

/// Two letters alone are no mark: the length of the header behind them must be one that there is.
fn is_bmp(bytes: &[u8]) -> bool {
    const HEADERS: [u8; 8] = [12, 16, 40, 52, 56, 64, 108, 124];
    bytes.starts_with(b"BM") && bytes.get(14).is_some_and(|length| HEADERS.contains(length))
}

/// SVG, a web page or another text, of which `bytes` is the beginning.
fn text(bytes: &[u8]) -> Option<Format> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // A letter may be cut in two where the beginning ends.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let is_control = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r' | '\x0c');
    if text.trim().is_empty() || text.contains(is_control) {
        return None;
    }
    let text = text.to_ascii_lowercase();
    // A web page may hold drawings; a drawing holds no web page.
    let has = |word: &str| text.contains(word);
    Some(match () {
        () if has("<!doctype html") || has("<html") || has("<body") => Format::Html,
        () if has("<svg") => Format::Svg,
        () => Format::Text,
    })
}
