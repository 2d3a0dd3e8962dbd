//! How NumPy stores a number.

use std::fmt;

use half::f16;

/// A plain number's type: what it counts, its bytes and their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    kind: Kind,
    width: usize,
    big_endian: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Bool,
    Unsigned,
    Signed,
    Float,
}

impl Number {
    /// The type that NumPy calls `descr`, such as `<f4` or `|u1`; `None` for all that is no number of 1, 2,
    /// 4 or 8 bytes.
    pub fn parse(descr: &str) -> Option<Self> {
        let (order, rest) = descr.split_at_checked(1)?;
        let (kind, width) = rest.split_at_checked(1)?;
        let kind = match kind {
            "b" => Kind::Bool,
            "u" => Kind::Unsigned,
            "i" => Kind::Signed,
            "f" => Kind::Float,
            _ => return None,
        };
        let width = match (kind, width) {
            (Kind::Bool | Kind::Unsigned | Kind::Signed, "1") => 1,
            (Kind::Unsigned | Kind::Signed | Kind::Float, "2") => 2,
            (Kind::Unsigned | Kind::Signed | Kind::Float, "4") => 4,
            (Kind::Unsigned | Kind::Signed | Kind::Float, "8") => 8,
            _ => return None,
        };
        match order {
            "<" | "|" | "=" => Some(Self { kind, width, big_endian: false }),
            ">" => Some(Self { kind, width, big_endian: true }),
            _ => None,
        }
    }

    /// Bytes of a number: 1, 2, 4 or 8.
    pub fn width(self) -> usize {
        self.width
    }

    /// Whether it is a byte from 0 to 255.
    pub fn is_byte(self) -> bool {
        (self.kind, self.width) == (Kind::Unsigned, 1)
    }

    /// Whether it is `False` or `True`.
    pub fn is_bool(self) -> bool {
        self.kind == Kind::Bool
    }

    /// Whether it may have a fraction.
    pub fn is_float(self) -> bool {
        self.kind == Kind::Float
    }

    /// The number in the first [`Number::width`] of `bytes`; an integer of 8 bytes is rounded to 53 bits.
    pub fn real(self, bytes: &[u8]) -> f64 {
        let bits = self.bits(bytes);
        match (self.kind, self.width) {
            (Kind::Float, 2) => f16::from_bits(bits as u16).to_f64(),
            (Kind::Float, 4) => f64::from(f32::from_bits(bits as u32)),
            (Kind::Float, _) => f64::from_bits(bits),
            (Kind::Signed, _) => self.signed(bits) as f64,
            (Kind::Bool | Kind::Unsigned, _) => bits as f64,
        }
    }

    /// The same where it is a whole number that fits; `None` for fractions and what is beyond.
    pub fn whole(self, bytes: &[u8]) -> Option<i64> {
        match self.kind {
            Kind::Bool | Kind::Unsigned => i64::try_from(self.bits(bytes)).ok(),
            Kind::Signed => Some(self.signed(self.bits(bytes))),
            Kind::Float => {
                let real = self.real(bytes);
                // Every whole number up to there is a float64.
                let exact = real.fract() == 0.0 && real.abs() <= 9_007_199_254_740_992.0;
                exact.then_some(real as i64)
            }
        }
    }

    fn bits(self, bytes: &[u8]) -> u64 {
        let bytes = bytes.iter().take(self.width);
        let join = |bits: u64, byte: &u8| (bits << 8) | u64::from(*byte);
        if self.big_endian { bytes.fold(0, join) } else { bytes.rev().fold(0, join) }
    }

    /// Two's complement of [`Number::width`] bytes.
    fn signed(self, bits: u64) -> i64 {
        let unused = 64 - 8 * self.width as u32;
        ((bits << unused) as i64) >> unused
    }
}

impl fmt::Display for Number {
    /// NumPy's name of the type.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.width * 8;
        match self.kind {
            Kind::Bool => write!(out, "bool"),
            Kind::Unsigned => write!(out, "uint{bits}"),
            Kind::Signed => write!(out, "int{bits}"),
            Kind::Float => write!(out, "float{bits}"),
        }
    }
}
