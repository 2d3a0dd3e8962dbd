//! Files that are written piece by piece: what is ready is handed out before the rest is there.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

/// The bytes that were written and not yet handed out. A copy shares them.
#[derive(Clone, Default)]
pub(crate) struct Written(Rc<RefCell<Vec<u8>>>);

impl Written {
    /// How many bytes are ready.
    pub(crate) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Makes room for so many bytes more.
    pub(crate) fn reserve(&self, bytes: usize) {
        self.0.borrow_mut().reserve(bytes);
    }

    /// Takes the bytes that are ready.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
