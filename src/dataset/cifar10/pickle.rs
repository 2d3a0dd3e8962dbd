//! Python's pickles, as far as CIFAR-10's batches need them: dictionaries, lists, tuples, numbers,
//! strings and NumPy's arrays. A pickle is a program for a stack; this runs the part of it that
//! builds data, and calls nothing: a function that is not known here by name is refused.
//!
//! It is written here because a nested pickle of 200 kB ends the crates that read any (`serde-pickle`
//! 1.2, `pickled` 2.0.0-alpha9) with an overflow of the stack, and one byte makes the former copy the
//! largest value. Here a value is shared, values are counted, and none is nested deeply. Opcodes are
//! those of Python's `pickletools`.

use std::collections::HashMap;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

mod numpy;
mod value;

pub use value::Value;
use value::{Items, hidden};

/// Values of a pickle at the most; CIFAR-100's 50,000 images have two labels and a name each, and the memo
/// holds the names. One takes up to 150 bytes, and a pickle's byte may make one.
const MOST_VALUES: usize = 260_000;
/// Bytes of a function's name at the most.
const LONGEST_NAME: u64 = 200;
/// Bytes that are made room for before any of them is there.
const FIRST_PART: usize = 4_096;

/// Why a pickle cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PickleError {
    /// An opcode that no such data needs.
    #[error("opcode {0:#04x}")]
    Opcode(u8),
    /// A function would be called that is none of NumPy's known ones.
    #[error("it calls `{0}`, and nothing here is run")]
    Call(String),
    /// The program does not fit itself.
    #[error("{0}")]
    Damaged(&'static str),
    /// The file cannot be read or unpacked to its end.
    #[error("{0}")]
    Read(#[from] io::Error),
}

/// The value that the pickle in `file` makes, of protocol 2 to 5.
///
/// # Errors
/// [`PickleError`] where it is none, is damaged, or holds something else than data.
pub fn read(file: impl BufRead) -> Result<Value, PickleError> {
    let mut machine = Machine { file, stack: Vec::new(), marks: Vec::new(), memo: HashMap::new(), values: 0 };
    loop {
        let [code] = machine.bytes()?;
        if code == b'.' {
            return machine.pop();
        }
        machine.step(code)?;
    }
}

struct Machine<R> {
    file: R,
    stack: Vec<Value>,
    /// Where each part of the stack begins that a later opcode takes as a whole.
    marks: Vec<usize>,
    memo: HashMap<u32, Value>,
    values: usize,
}

impl<R: BufRead> Machine<R> {
    fn step(&mut self, code: u8) -> Result<(), PickleError> {
        match code {
            // The protocol's version and a frame's length say nothing new.
            0x80 => self.bytes::<1>().map(drop),
            0x95 => self.bytes::<8>().map(drop),
            b'(' => self.mark(),
            b'N' => self.push(Value::None),
            0x88 | 0x89 => self.push(Value::Bool(code == 0x88)),
            b'K' | b'M' | b'J' | 0x8a => self.integer(code),
            b'U' | b'T' | b'C' | b'B' | 0x8e | 0x96 => self.string(code),
            b'X' | 0x8c | 0x8d => self.text(code),
            b'}' => self.push(Value::Dict(Items::default())),
            b']' => self.push(Value::List(Items::default())),
            b')' => self.tuple(0),
            0x85..=0x87 => self.tuple(usize::from(code) - 0x84),
            b't' => {
                let items = self.since_mark()?;
                self.push(Value::Tuple(Rc::new(items)))
            }
            b'a' | b's' => self.extend_by(if code == b'a' { 1 } else { 2 }),
            b'e' | b'u' => {
                let items = self.since_mark()?;
                self.extend(items)
            }
            b'q' | b'r' | 0x94 => self.remember(code),
            b'h' | b'j' => self.recall(code),
            b'c' | 0x93 => self.global(code),
            b'R' => self.call(),
            b'b' => {
                let (state, object) = (self.pop()?, self.pop()?);
                self.push(numpy::build(object, &state)?)
            }
            _ => Err(PickleError::Opcode(code)),
        }
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// As many bytes as said; memory grows with what is there, and is as large in the end.
    fn run(&mut self, length: u64) -> Result<Vec<u8>, PickleError> {
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < length {
            let some = (length - bytes.len() as u64).min(bytes.len().max(FIRST_PART) as u64);
            bytes.reserve_exact(some as usize);
            if (self.file.by_ref().take(some).read_to_end(&mut bytes)? as u64) < some {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
        Ok(bytes)
    }

    fn push(&mut self, value: Value) -> Result<(), PickleError> {
        self.count()?;
        self.stack.push(value);
        Ok(())
    }

    fn count(&mut self) -> Result<(), PickleError> {
        self.values += 1;
        if self.values > MOST_VALUES { Err(PickleError::Damaged("it has too many values")) } else { Ok(()) }
    }

    fn pop(&mut self) -> Result<Value, PickleError> {
        // What stands before a mark belongs to what began there.
        let bottom = self.marks.last().copied().unwrap_or(0);
        let value = if self.stack.len() > bottom { self.stack.pop() } else { None };
        value.ok_or(PickleError::Damaged("a value is missing"))
    }

    fn mark(&mut self) -> Result<(), PickleError> {
        self.count()?;
        self.marks.push(self.stack.len());
        Ok(())
    }

    fn since_mark(&mut self) -> Result<Items, PickleError> {
        let mark = self.marks.pop().ok_or(PickleError::Damaged("a mark is missing"))?;
        Items::of(self.stack.split_off(mark))
    }

    fn integer(&mut self, code: u8) -> Result<(), PickleError> {
        let value = match code {
            b'K' => self.bytes().map(|[value]: [u8; 1]| i64::from(value))?,
            b'M' => i64::from(u16::from_le_bytes(self.bytes()?)),
            b'J' => i64::from(i32::from_le_bytes(self.bytes()?)),
            _ => {
                let [length] = self.bytes()?;
                let bytes = self.run(u64::from(length))?;
                // Two's complement, little endian, as short as can be.
                let sign = if bytes.last().is_some_and(|last| *last >= 0x80) { 0xff } else { 0 };
                let mut wide = [sign; 8];
                let part =
                    wide.get_mut(..bytes.len()).ok_or(PickleError::Damaged("an integer is too large"))?;
                part.copy_from_slice(&bytes);
                i64::from_le_bytes(wide)
            }
        };
        self.push(Value::Int(value))
    }

    fn length(&mut self, code: u8) -> Result<u64, PickleError> {
        Ok(match code {
            b'U' | b'C' | 0x8c => self.bytes().map(|[length]: [u8; 1]| u64::from(length))?,
            b'T' | b'B' | b'X' => u64::from(u32::from_le_bytes(self.bytes()?)),
            _ => u64::from_le_bytes(self.bytes()?),
        })
    }

    fn string(&mut self, code: u8) -> Result<(), PickleError> {
        let length = self.length(code)?;
        let bytes = self.run(length)?;
        self.push(Value::Bytes(bytes.into()))
    }

    fn text(&mut self, code: u8) -> Result<(), PickleError> {
        let length = self.length(code)?;
        let text = String::from_utf8(self.run(length)?);
        let text = text.map_err(|_| PickleError::Damaged("a text is not UTF-8"))?;
        self.push(Value::Text(text.into()))
    }

    fn tuple(&mut self, count: usize) -> Result<(), PickleError> {
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(self.pop()?);
        }
        values.reverse();
        self.push(Value::Tuple(Rc::new(Items::of(values)?)))
    }

    fn extend_by(&mut self, count: usize) -> Result<(), PickleError> {
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(self.pop()?);
        }
        values.reverse();
        self.extend(Items::of(values)?)
    }

    /// Adds to the list or dictionary on top.
    fn extend(&mut self, items: Items) -> Result<(), PickleError> {
        match self.stack.last_mut() {
            Some(Value::List(list)) => list.append(items),
            Some(Value::Dict(dict)) if items.values().len().is_multiple_of(2) => dict.append(items),
            _ => Err(PickleError::Damaged("values are added to what is no list")),
        }
    }

    fn remember(&mut self, code: u8) -> Result<(), PickleError> {
        let number = match code {
            b'q' => self.bytes().map(|[number]: [u8; 1]| u32::from(number))?,
            b'r' => u32::from_le_bytes(self.bytes()?),
            _ => self.memo.len() as u32,
        };
        self.count()?;
        let value = self.stack.last().ok_or(PickleError::Damaged("a value is missing"))?;
        // Who names a list again before it is complete means the complete one; no batch does.
        let shared = match value {
            Value::List(_) | Value::Dict(_) => hidden(),
            other => other.clone(),
        };
        self.memo.insert(number, shared);
        Ok(())
    }

    fn recall(&mut self, code: u8) -> Result<(), PickleError> {
        let number = match code {
            b'h' => self.bytes().map(|[number]: [u8; 1]| u32::from(number))?,
            _ => u32::from_le_bytes(self.bytes()?),
        };
        let value = self.memo.get(&number).ok_or(PickleError::Damaged("a value is missing"))?.clone();
        self.push(value)
    }

    /// The name of a function or class.
    fn global(&mut self, code: u8) -> Result<(), PickleError> {
        let name = match code {
            b'c' => format!("{}.{}", self.line()?, self.line()?),
            _ => {
                let (name, module) = (self.pop()?, self.pop()?);
                let text = |value: &Value| value.text().map(str::to_owned);
                let both = text(&module).zip(text(&name));
                let (module, name) = both.ok_or(PickleError::Damaged("a name is no text"))?;
                format!("{module}.{name}")
            }
        };
        self.push(Value::Global(name.into()))
    }

    fn line(&mut self) -> Result<String, PickleError> {
        let mut line = String::new();
        self.file.by_ref().take(LONGEST_NAME).read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    fn call(&mut self) -> Result<(), PickleError> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        match (&function, &arguments) {
            (Value::Global(name), Value::Tuple(arguments)) => {
                let made = numpy::call(name, arguments.values())?;
                self.push(made)
            }
            _ => Err(PickleError::Damaged("what is called is no function")),
        }
    }
}
