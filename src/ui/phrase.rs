//! Sentences before they are written in the page's language: what pure modules decide to say.

/// Something to be written in the page's language.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number that words depend on; written out as `shown`.
    Count(u32),
    /// A number with so many digits after the decimal point.
    Number(f64, usize),
    /// A share from 0 to 1 as a percentage with so many digits.
    Share(f64, usize),
    /// Bytes.
    Bytes(u64),
    /// Seconds.
    Seconds(f64),
    /// A text as it is.
    Text(String),
    /// Names of classes.
    Classes(Vec<String>),
    /// Another text of the page, by its key.
    Key(&'static str),
}

/// A sentence: its key, and what is filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    /// The key.
    pub key: String,
    /// The values by their names.
    pub values: Vec<(&'static str, Value)>,
}

impl Phrase {
    /// A sentence that nothing is filled into so far.
    pub fn new(key: &str) -> Self {
        Self { key: key.to_owned(), values: Vec::new() }
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Value) -> Self {
        self.values.push((name, value));
        self
    }
}
