//! A connection to a store that the browser may close at any time, or that takes no blobs.
//!
//! Browsers close databases by themselves: site data is cleared, a tablet puts the page to sleep, a process
//! dies. Then the connection is made again once and the work done once more. Some browsers take no blobs; on an
//! open connection, work that failed is done once more with arrays.

use std::cell::Cell;
use std::rc::Rc;

use futures::lock::Mutex;

use super::StoreError;

/// How bytes are stored. What is read may be of either form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As a blob: written and read about twice as fast.
    Blob,
    /// As an array of bytes, which every browser takes.
    Array,
}

/// Makes connections.
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait Connect {
    /// A connection, open or closed.
    type Connection;

    /// A new connection.
    async fn connect(&self) -> Result<Self::Connection, StoreError>;

    /// Whether work can still be done with it.
    fn is_open(&self, connection: &Self::Connection) -> bool;
}

/// A store's connection, made again where it was lost.
pub struct Reopening<C: Connect> {
    connect: C,
    connection: Mutex<Option<Rc<C::Connection>>>,
    form: Cell<Form>,
}

impl<C: Connect> Reopening<C> {
    /// Connects for the first time.
    ///
    /// # Errors
    /// Those of [`Connect::connect`].
    pub async fn new(connect: C) -> Result<Self, StoreError> {
        let connection = Rc::new(connect.connect().await?);
        Ok(Self { connect, connection: Mutex::new(Some(connection)), form: Cell::new(Form::Blob) })
    }

    /// What makes the connections.
    pub fn connect(&self) -> &C {
        &self.connect
    }

    /// What comes of `work`. Where the store did not do it ([`StoreError::Unavailable`]), it is done once more:
    /// on a new connection where the old one was closed. Work that was done although its answer was lost must
    /// bear to be done twice.
    ///
    /// # Errors
    /// Those of the work done for the second time, or of the new connection.
    pub async fn run<T>(
        &self,
        work: impl AsyncFn(Rc<C::Connection>, Form) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = self.other_than(None).await?;
        match work(Rc::clone(&connection), self.form.get()).await {
            Err(StoreError::Unavailable(_)) => {}
            done => return done,
        }
        if !self.connect.is_open(&connection) {
            let connection = self.other_than(Some(&connection)).await?;
            return work(connection, Form::Array).await;
        }
        let done = work(connection, Form::Array).await;
        if done.is_ok() {
            // It was the blob. Asked again, the browser would refuse again.
            self.form.set(Form::Array);
        }
        done
    }

    /// The connection, a new one where it is `lost`. Whoever else lost it gets the same.
    async fn other_than(&self, lost: Option<&Rc<C::Connection>>) -> Result<Rc<C::Connection>, StoreError> {
        let mut connection = self.connection.lock().await;
        let known = connection.take().filter(|known| lost.is_none_or(|lost| !Rc::ptr_eq(known, lost)));
        let known = match known {
            Some(known) => known,
            None => Rc::new(self.connect.connect().await?),
        };
        Ok(Rc::clone(connection.insert(known)))
    }
}
