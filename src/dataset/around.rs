//! What the reading of a dataset needs of the world around it.

use std::io::{self, Cursor};

use super::{DatasetError, Opened};

/// How far a reading has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct So {
    /// Bytes read, of all files.
    pub bytes: u64,
    /// Pictures read.
    pub pictures: u32,
}

/// Tells how far a reading has come, lets the person end it, and puts away what needs no memory.
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait Around {
    /// Bytes that were put away.
    type Piece;

    /// Called between two pictures, and in long files every now and then.
    ///
    /// # Errors
    /// [`DatasetError::Cancelled`] where the person has ended the reading.
    async fn goes_on(&mut self, so_far: So) -> Result<(), DatasetError>;

    /// Puts bytes away outside of this program's memory.
    ///
    /// # Errors
    /// Where the browser takes no more.
    fn put_away(&mut self, bytes: &[u8]) -> io::Result<Self::Piece>;

    /// A file of what was put away, piece after piece.
    ///
    /// # Errors
    /// Where the browser gives it no more.
    fn joined(&mut self, pieces: Vec<Self::Piece>) -> io::Result<Opened>;
}

/// No world around: whatever is put away stays in memory, and nobody ends anything.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    /// What was told last.
    pub so_far: So,
}

impl Around for InMemory {
    type Piece = Vec<u8>;

    async fn goes_on(&mut self, so_far: So) -> Result<(), DatasetError> {
        self.so_far = so_far;
        Ok(())
    }

    fn put_away(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        Ok(bytes.to_vec())
    }

    fn joined(&mut self, pieces: Vec<Vec<u8>>) -> io::Result<Opened> {
        Ok(Box::new(Cursor::new(pieces.concat())))
    }
}
