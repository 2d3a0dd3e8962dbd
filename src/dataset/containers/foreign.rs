//! What a file is that is no container: told by its first bytes, so that it can be called by its name.

/// Files that are taken for a zip because of their name, or because they hold pictures too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// RAR's archive.
    Rar,
    /// 7-Zip's own archive.
    SevenZip,
    /// Something packed by bzip2, xz or zstd.
    Packed(&'static str),
    /// A PDF document.
    Pdf,
    /// A web page: often what a server sends in place of a file.
    WebPage,
}

/// First bytes of those that have a mark (their own specifications).
const MARKS: [(&[u8], Foreign); 6] = [
    (b"Rar!\x1a\x07", Foreign::Rar),
    (b"7z\xbc\xaf\x27\x1c", Foreign::SevenZip),
    (b"BZh", Foreign::Packed("bzip2")),
    (b"\xfd7zXZ\0", Foreign::Packed("xz")),
    (b"\x28\xb5\x2f\xfd", Foreign::Packed("zstd")),
    (b"%PDF-", Foreign::Pdf),
];
/// How a web page begins, in small letters.
const WEB_PAGE: [&str; 3] = ["<!doctype html", "<html", "<head"];

impl Foreign {
    /// What the file of these first bytes is, where it is one of these.
    pub fn of(head: &[u8]) -> Option<Self> {
        let marked = MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, foreign)| *foreign);
        marked.or_else(|| is_web_page(head).then_some(Self::WebPage))
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rar => "RAR",
            Self::SevenZip => "7z",
            Self::Packed(by) => by,
            Self::Pdf => "PDF",
            Self::WebPage => "HTML",
        }
    }
}

/// Whether a file of these first bytes is a web page.
fn is_web_page(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    // Comments and declarations may come first.
    WEB_PAGE.iter().any(|begin| text.starts_with(begin))
        || (text.starts_with("<!--") || text.starts_with("<?xml")) && text.contains("<html")
}
