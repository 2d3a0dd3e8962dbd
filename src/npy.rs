//! Headers and numbers of NumPy's arrays: `.npy` files, which an `.npz` file holds under one name each.
//!
//! The format is NumPy's `numpy.lib.format` (NEP 1): a mark, a version, the length of a text and
//! that text, a Python dictionary with the values' type, their order and the shape; then the values.
//! The text is parsed by `py_literal`, which runs nothing.

use std::fmt;
use std::io::{self, Read};

use py_literal::Value;

mod number;

pub use number::Number;

/// First bytes of every `.npy` file.
pub const MARK: &[u8] = b"\x93NUMPY";
/// Bytes of a header's text at the most, as in `numpy.load`.
const LONGEST_TEXT: usize = 10_000;
/// Characters of an unknown type that are shown.
const LONGEST_TYPE: usize = 20;
/// A header's length is a multiple of this, so that the values can be mapped into memory.
const ALIGNMENT: usize = 64;
/// A plain array's header opens a dictionary and a tuple; the parser goes as deep as it is told to.
const MOST_BRACKETS: usize = 4;

/// What is known of an array before its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// NumPy's name of the values' type, such as `<f4` (little-endian float32) or `|u1`.
    pub descr: String,
    /// The sides; empty for a single number.
    pub shape: Vec<u64>,
    /// How many values there are, the product of the sides.
    pub values: u64,
    /// Whether the values follow in Fortran order, the first side fastest, instead of in C order, the last
    /// side fastest.
    pub fortran_order: bool,
}

/// Why bytes are no array that can be read.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// They do not begin like one.
    #[error("it is no .npy file")]
    Mark,
    /// The header is of an unknown version, too long, or not NumPy's.
    #[error("its header cannot be read: {0}")]
    Header(String),
    /// The first side is the fastest.
    #[error("it is in Fortran order; numpy.ascontiguousarray makes it readable")]
    FortranOrder,
    /// The file cannot be read or unpacked to the header's end.
    #[error("it cannot be read to its end: {0}")]
    Read(#[from] io::Error),
}

impl Header {
    /// Reads the header of an array in C order; `file` stands at the first value then.
    ///
    /// # Errors
    /// [`NpyError`] where there is none, or one of an array in Fortran order.
    pub fn read(file: &mut impl Read) -> Result<Self, NpyError> {
        let header = Self::read_any(file)?;
        if header.fortran_order { Err(NpyError::FortranOrder) } else { Ok(header) }
    }

    /// Reads the header of an array in either order; `file` stands at the first value then.
    ///
    /// # Errors
    /// [`NpyError`] where there is none.
    pub fn read_any(file: &mut impl Read) -> Result<Self, NpyError> {
        let mut start = [0; 8];
        file.read_exact(&mut start)?;
        if !start.starts_with(MARK) {
            return Err(NpyError::Mark);
        }
        let length = match start[6..] {
            [1, 0] => {
                let mut length = [0; 2];
                file.read_exact(&mut length)?;
                usize::from(u16::from_le_bytes(length))
            }
            [2 | 3, 0] => {
                let mut length = [0; 4];
                file.read_exact(&mut length)?;
                u32::from_le_bytes(length) as usize
            }
            [major, minor] => return Err(refuse(format!("version {major}.{minor}"))),
            _ => return Err(NpyError::Mark),
        };
        if length > LONGEST_TEXT {
            return Err(refuse(format!("{length} bytes")));
        }
        let mut text = vec![0; length];
        file.read_exact(&mut text)?;
        Self::parse(&text)
    }

    /// The header that `text` describes.
    fn parse(text: &[u8]) -> Result<Self, NpyError> {
        let text = std::str::from_utf8(text).map_err(|error| refuse(error.to_string()))?;
        if text.matches(['(', '[', '{']).count() > MOST_BRACKETS {
            return Err(refuse("it is of no plain array"));
        }
        let literal: Value = text.trim_end().parse().map_err(|_| refuse("it is no Python literal"))?;
        let entries = literal.as_dict().ok_or_else(|| refuse("it is no dictionary"))?;
        let entry = |key: &str| {
            let found = entries.iter().find(|(name, _)| name.as_string().is_some_and(|name| name == key));
            found.map(|(_, value)| value).ok_or_else(|| refuse(format!("no `{key}`")))
        };
        let descr = entry("descr")?.as_string().ok_or_else(|| refuse("it is of no plain array"))?.clone();
        let sides = entry("shape")?.as_tuple().ok_or_else(|| refuse("its shape is no tuple"))?;
        let side = |side: &Value| side.as_integer().and_then(|side| u64::try_from(side).ok());
        let shape: Option<Vec<u64>> = sides.iter().map(side).collect();
        let shape = shape.ok_or_else(|| refuse("a side of its shape is no length"))?;
        let values = shape.iter().try_fold(1_u64, |product, side| product.checked_mul(*side));
        let values = values.ok_or_else(|| refuse(format!("shape {shape:?}")))?;
        let fortran_order = entry("fortran_order")?.as_boolean();
        let fortran_order = fortran_order.ok_or_else(|| refuse("its order is neither True nor False"))?;
        Ok(Self { descr, shape, values, fortran_order })
    }
}

impl fmt::Display for Header {
    /// The sides and the type as NumPy names it: `60 × 32 × 32 × 3, uint8`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sides: Vec<String> = self.shape.iter().map(u64::to_string).collect();
        let kind = match (Number::parse(&self.descr), self.descr.trim_start_matches(['<', '>', '|', '='])) {
            (Some(number), _) => number.to_string(),
            (None, "O") => "object".to_owned(),
            (None, text) if text.starts_with(['U', 'S']) => "str".to_owned(),
            (None, other) => other.chars().take(LONGEST_TYPE).collect(),
        };
        match sides.is_empty() {
            true => write!(out, "{kind}"),
            false => write!(out, "{}, {kind}", sides.join(" × ")),
        }
    }
}

fn refuse(why: impl Into<String>) -> NpyError {
    NpyError::Header(why.into())
}

/// The header of an array of `shape` in C order, as NumPy writes it (version 1.0). `descr` is
/// NumPy's name of the type.
pub fn header(descr: &str, shape: &[u64]) -> Vec<u8> {
    let mut sides = shape.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    if shape.len() == 1 {
        sides.push(',');
    }
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({sides}), }}");
    let before = MARK.len() + 4;
    let padding = (before + text.len() + 1).next_multiple_of(ALIGNMENT) - before - text.len() - 1;
    text.extend(std::iter::repeat_n(' ', padding));
    text.push('\n');
    let mut bytes = MARK.to_vec();
    bytes.extend([1, 0]);
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.into_bytes());
    bytes
}
