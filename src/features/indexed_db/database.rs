//! A database of the browser: opened within a time limit, opened again where the browser closes it.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::{Either, select};
use futures::pin_mut;
use gloo::timers::future::TimeoutFuture;
use idb::{DatabaseEvent, Factory, ObjectStore, ObjectStoreParams, TransactionMode, TransactionResult};
use js_sys::{Array, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{DomException, IdbDatabase, IdbTransaction, IdbVersionChangeEvent};

use super::value;
use crate::features::StoreError;
use crate::features::reopening::{Connect, Form, Reopening};

/// A database that has not opened after so many milliseconds does not: the browser hangs, or another tab with
/// an older version of the page does not let it go. Opening one of 2 GB takes a slow disk a second or two.
const OPENING: u32 = 10_000;
/// Work that has not ended after so many milliseconds has lost its connection.
const WORKING: u32 = 60_000;

/// What a database is to hold.
pub(crate) struct Schema {
    /// Its name.
    pub(crate) name: &'static str,
    /// To be raised when the object stores change.
    pub(crate) version: u32,
    /// Its object stores' names, and whether they number what is put there.
    pub(crate) stores: &'static [(&'static str, bool)],
    /// Those of them that hold what cannot be had again. A transaction on one of them is on the disk at its end.
    pub(crate) strict: &'static [&'static str],
}

/// A database of the browser.
pub(crate) struct Database(Reopening<Opener>);

impl Database {
    /// Opens it, and makes it where it is not there yet.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the browser refuses or does not answer.
    pub(crate) async fn open(schema: &'static Schema) -> Result<Self, StoreError> {
        Ok(Self(Reopening::new(Opener { schema, taken: Rc::default() }).await?))
    }

    /// Does `work` in a transaction on the object stores called `names`. It is done whole or not at all, and
    /// when this returns, it is on the disk. Until its last request `work` awaits nothing but requests: browsers
    /// end a transaction that has none. It may be done twice, where the answer to the first time was lost.
    ///
    /// # Errors
    /// See [`StoreError`]; [`StoreError::Unavailable`] where doing it twice did not help.
    pub(crate) async fn run<T: 'static>(
        &self,
        names: &'static [&'static str],
        mode: TransactionMode,
        work: impl AsyncFn(&Transaction) -> Result<T, StoreError> + 'static,
    ) -> Result<T, StoreError> {
        // What a person has worked for is on the disk when they are told so; what can be computed again need not be.
        let strict = names.iter().any(|name| self.0.connect().schema.strict.contains(name));
        let durability = if strict { Durability::Strict } else { Durability::Default };
        let work = Rc::new(work);
        let again = Cell::new(false);
        let attempt = async |connection: Rc<Connection>, form: Form| {
            let again = again.replace(true);
            let (work, at) = (Rc::clone(&work), Rc::clone(&connection));
            let done = within(WORKING, async move {
                let transaction = Transaction::begin(&at, names, mode, durability, form, again)?;
                let done = (*work)(&transaction).await;
                transaction.end(done).await
            });
            match done.await {
                Some(done) => done,
                None => {
                    connection.database.close();
                    Err(no_answer(WORKING))
                }
            }
        };
        self.0.run(attempt).await
    }
}

/// What comes of `work`, where it ends within so many milliseconds. It goes on otherwise: the browser must find
/// what it calls when a request is answered.
async fn within<T: 'static>(milliseconds: u32, work: impl Future<Output = T> + 'static) -> Option<T> {
    let (sender, receiver) = oneshot::channel();
    spawn_local(async move {
        // Nobody waits where it took too long.
        let _ = sender.send(work.await);
    });
    let deadline = TimeoutFuture::new(milliseconds);
    pin_mut!(receiver);
    match select(receiver, deadline).await {
        Either::Left((done, _)) => done.ok(),
        Either::Right(_) => None,
    }
}

fn no_answer(milliseconds: u32) -> StoreError {
    StoreError::Unavailable(format!("no answer in {} s", milliseconds / 1000))
}

/// An open database.
struct Connection {
    database: IdbDatabase,
    taken: Rc<Cell<bool>>,
}

/// When a transaction counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As the browser likes: the last ones may be gone where the power goes.
    Default,
    /// When it is on the disk itself.
    Strict,
}

impl Connection {
    /// A transaction on the object stores of these names. web-sys does not know how durable one shall be; browsers
    /// that do not know it either take no notice.
    fn transaction(
        &self,
        names: &[&str],
        mode: TransactionMode,
        durability: Durability,
    ) -> Result<idb::Transaction, JsValue> {
        let names: Array = names.iter().map(|name| JsValue::from(*name)).collect();
        let mode = match mode {
            TransactionMode::ReadOnly => "readonly",
            _ => "readwrite",
        };
        let options = Object::new();
        if durability == Durability::Strict {
            Reflect::set(&options, &"durability".into(), &"strict".into())?;
        }
        let method: Function = Reflect::get(&self.database, &"transaction".into())?.dyn_into()?;
        let begun = method.call3(&self.database, &names, &mode.into(), &options)?;
        Ok(begun.dyn_into::<IdbTransaction>()?.into())
    }
}

/// Opens one database again and again.
struct Opener {
    schema: &'static Schema,
    /// Whether a newer version of the page has taken it over.
    taken: Rc<Cell<bool>>,
}

impl Connect for Opener {
    type Connection = Connection;

    async fn connect(&self) -> Result<Connection, StoreError> {
        if self.taken.get() {
            return Err(StoreError::Taken);
        }
        let given_up = Rc::new(Cell::new(false));
        let opening = open(self.schema, Rc::clone(&self.taken), Rc::clone(&given_up));
        match within(OPENING, opening).await {
            Some(database) => Ok(Connection { database: database?.into(), taken: Rc::clone(&self.taken) }),
            None => {
                given_up.set(true);
                Err(no_answer(OPENING))
            }
        }
    }

    fn is_open(&self, connection: &Connection) -> bool {
        // An empty transaction ends by itself.
        let names: Vec<&str> = self.schema.stores.iter().map(|(name, _)| *name).take(1).collect();
        connection.transaction(&names, TransactionMode::ReadOnly, Durability::Default).is_ok()
    }
}

/// Opens a database; one that opens after it was `given_up` is closed again, so that it keeps nobody waiting.
async fn open(
    schema: &'static Schema,
    taken: Rc<Cell<bool>>,
    given_up: Rc<Cell<bool>>,
) -> Result<idb::Database, StoreError> {
    let factory = Factory::new().map_err(failure)?;
    let mut request = factory.open(schema.name, Some(schema.version)).map_err(failure)?;
    request.on_upgrade_needed(|event| {
        // A store that could not be made shows as an error of the first transaction.
        let Ok(database) = event.database() else { return };
        // Those of an earlier version stay as they are: making them again is refused.
        for (name, auto_increment) in schema.stores {
            let mut params = ObjectStoreParams::new();
            params.auto_increment(*auto_increment);
            let _ = database.create_object_store(name, params);
        }
    });
    let mut database = request.await.map_err(failure)?;
    // Somebody else, such as another tab, waits until all others let the database go.
    database.on_version_change(move |event| {
        // Without a version it is deleted, and may be made anew.
        let version = event.dyn_ref::<IdbVersionChangeEvent>().and_then(IdbVersionChangeEvent::new_version);
        taken.set(version.is_some());
        if let Some(database) = event.target() {
            database.unchecked_into::<IdbDatabase>().close();
        }
    });
    // It may be called when nobody has the database any more.
    database.forget_callbacks();
    if given_up.get() {
        database.close();
    }
    Ok(database)
}

/// A transaction that is under way.
pub(crate) struct Transaction {
    transaction: idb::Transaction,
    stores: Vec<ObjectStore>,
    form: Form,
    /// Whether the same was tried before, and may have been done.
    pub(crate) again: bool,
    writes: bool,
}

impl Transaction {
    fn begin(
        connection: &Connection,
        names: &[&str],
        mode: TransactionMode,
        durability: Durability,
        form: Form,
        again: bool,
    ) -> Result<Self, StoreError> {
        if connection.taken.get() {
            return Err(StoreError::Taken);
        }
        let begun = connection.transaction(names, mode, durability);
        let transaction = begun.map_err(|error| js_failure(&error))?;
        let stores = names.iter().map(|name| transaction.object_store(name).map_err(failure));
        let stores = stores.collect::<Result<_, _>>()?;
        Ok(Self { transaction, stores, form, again, writes: mode == TransactionMode::ReadWrite })
    }

    /// The object stores, in the order in which they were named.
    pub(crate) fn stores<const N: usize>(&self) -> Result<&[ObjectStore; N], StoreError> {
        let stores = self.stores.as_slice().try_into();
        stores.map_err(|_| StoreError::Unavailable("not so many object stores were named".to_owned()))
    }

    /// `bytes` as a large value of the form that this browser takes.
    ///
    /// # Errors
    /// Where memory is exhausted.
    pub(crate) fn value(&self, bytes: &Uint8Array) -> Result<JsValue, StoreError> {
        value::of(bytes, self.form)
    }

    /// Waits until the transaction is on disk, where none of its requests failed. One that did has aborted it,
    /// and its end may have been told before anybody could listen.
    async fn end<T>(self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        let Self { transaction, stores, writes, .. } = self;
        // Through an object store the reason of an abort can still be read afterwards.
        let reason = |error: StoreError| {
            let exception = stores.first().and_then(|store| store.transaction().error());
            exception.map_or(error, |exception| dom_failure(&exception))
        };
        match done {
            Err(error) => {
                // What came before in it is not done either. Where a request failed, that is so already.
                if writes {
                    let _ = transaction.abort();
                }
                match error {
                    StoreError::Unavailable(_) => Err(reason(error)),
                    error => Err(error),
                }
            }
            Ok(value) if writes => match transaction.await {
                Ok(TransactionResult::Committed) => Ok(value),
                Ok(TransactionResult::Aborted) => {
                    Err(reason(StoreError::Unavailable("the transaction was aborted".to_owned())))
                }
                Err(error) => Err(reason(failure(error))),
            },
            Ok(value) => Ok(value),
        }
    }
}

pub(crate) fn failure(error: idb::Error) -> StoreError {
    match &error {
        idb::Error::DomException(exception) => dom_failure(exception),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

pub(super) fn js_failure(value: &JsValue) -> StoreError {
    match value.dyn_ref::<DomException>() {
        Some(exception) => dom_failure(exception),
        None => StoreError::Unavailable(format!("{value:?}")),
    }
}

fn dom_failure(exception: &DomException) -> StoreError {
    match exception.name().as_str() {
        // What every browser calls a full disk or share of it.
        "QuotaExceededError" => StoreError::Full,
        // A newer version of the page has made it anew.
        "VersionError" => StoreError::Taken,
        name => StoreError::Unavailable(format!("{name}: {}", exception.message())),
    }
}
