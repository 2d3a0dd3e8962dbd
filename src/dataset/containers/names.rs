//! Names in archives as text: which letters a byte stands for, and one form for each letter.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// What the bytes from 128 on stand for in the two code pages (Unicode's mappings of IBM's).
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
    └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const CP850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
    └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// How the bytes of an archive's names that are no UTF-8 are read. Zips of old say nowhere which code page
/// they were written with: it is the one of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodePage {
    /// That of the first PCs, and of Windows in the United States.
    #[default]
    Cp437,
    /// That of Windows in Western Europe: it has all capitals with accents.
    Cp850,
}

impl CodePage {
    /// The code page in which `names` have more Latin letters.
    pub fn of<'a>(names: impl Iterator<Item = &'a [u8]>) -> Self {
        let (mut us, mut europe) = (0, 0);
        for name in names.filter(|name| std::str::from_utf8(name).is_err()) {
            for &byte in name.iter().filter(|byte| !byte.is_ascii()) {
                us += u32::from(is_latin(Self::Cp437.letter(byte)));
                europe += u32::from(is_latin(Self::Cp850.letter(byte)));
            }
        }
        if europe > us { Self::Cp850 } else { Self::Cp437 }
    }

    fn letter(self, byte: u8) -> char {
        let table = match self {
            Self::Cp437 => CP437,
            Self::Cp850 => CP850,
        };
        let beyond = byte.checked_sub(128).and_then(|at| table.chars().nth(usize::from(at)));
        beyond.unwrap_or(char::from(byte))
    }

    /// `name` as text. Bytes that are UTF-8 are taken for that, said or not.
    pub fn text(self, name: &[u8]) -> String {
        match std::str::from_utf8(name) {
            Ok(name) => name.to_owned(),
            Err(_) => name.iter().map(|&byte| self.letter(byte)).collect(),
        }
    }
}

/// A letter of the Latin alphabet beyond ASCII: up to where Greek begins, without the signs among them.
fn is_latin(letter: char) -> bool {
    letter.is_alphabetic() && letter < '\u{370}' && !['µ', 'ª', 'º', 'ƒ'].contains(&letter)
}

/// `text` with each letter in its composed form (Unicode's NFC): macOS takes letters and accents apart.
pub fn composed(text: &str) -> String {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.to_owned(),
        _ => text.nfc().collect(),
    }
}
