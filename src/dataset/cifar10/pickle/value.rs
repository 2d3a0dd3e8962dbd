//! What a pickle makes.

use std::rc::Rc;

use super::PickleError;
use super::numpy::Array;

/// Values within values within values at the most; a batch needs four.
const DEEPEST: u8 = 8;

/// A value. A copy shares what is in it.
#[derive(Clone, Debug)]
pub enum Value {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Bytes; in pickles of Python 2 also text.
    Bytes(Rc<Vec<u8>>),
    /// Text.
    Text(Rc<str>),
    /// A tuple.
    Tuple(Rc<Items>),
    /// A list.
    List(Items),
    /// A dictionary: each key before its value.
    Dict(Items),
    /// The name of a function or class.
    Global(Rc<str>),
    /// NumPy's type of values, by its short name, such as `u1`.
    Kind(Rc<str>),
    /// One of NumPy's arrays.
    Array(Rc<Array>),
}

/// What stands for a list that is named again.
pub fn hidden() -> Value {
    Value::Global("".into())
}

impl Value {
    /// The text, also where it is bytes of ASCII.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// The value of a dictionary under `key`.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Dict(items) = self else { return None };
        let mut pairs = items.values().as_chunks().0.iter();
        pairs.find_map(|[name, value]| (name.text() == Some(key)).then_some(value))
    }

    /// How many values lie around the innermost one.
    fn depth(&self) -> u8 {
        match self {
            Self::Tuple(items) => items.depth,
            Self::List(items) | Self::Dict(items) => items.depth,
            _ => 0,
        }
    }
}

/// Values in a tuple, a list or a dictionary.
#[derive(Clone, Debug, Default)]
pub struct Items {
    values: Vec<Value>,
    depth: u8,
}

impl Items {
    /// These values.
    pub fn of(values: Vec<Value>) -> Result<Self, PickleError> {
        let mut items = Self::default();
        items.append(Self { values, depth: 0 })?;
        Ok(items)
    }

    /// Adds more values.
    pub fn append(&mut self, mut more: Self) -> Result<(), PickleError> {
        let deepest = more.values.iter().map(Value::depth).max().map_or(0, |depth| depth + 1);
        if deepest > DEEPEST {
            return Err(PickleError::Damaged("its values are nested too deeply"));
        }
        self.depth = self.depth.max(deepest);
        self.values.append(&mut more.values);
        Ok(())
    }

    /// The values.
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}
