//! Stores that close, that take no blobs, and that fill up a tab's memory.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use bottleneck::features::memory::MemoryStore;
use bottleneck::features::reopening::{Connect, Form, Reopening};
use bottleneck::features::{FeatureSpace, FeatureStore, ImageHash, StoreError};
use bottleneck::project::{Change, NewPicture, ProjectStore};
use futures::executor::block_on;
use futures::future::join;
use half::f16;

/// A database that can be closed, may be gone for good, and may refuse blobs.
#[derive(Default)]
struct Browser {
    opened: Cell<u32>,
    /// The newest connection that is open.
    open: Cell<u32>,
    gone: Cell<bool>,
    refuses: Cell<Option<Form>>,
    written: RefCell<Vec<(u32, Form)>>,
}

#[derive(Clone, Default)]
struct Opener(Rc<Browser>);

fn unavailable(why: &str) -> StoreError {
    StoreError::Unavailable(why.to_owned())
}

impl Connect for Opener {
    type Connection = u32;

    async fn connect(&self) -> Result<u32, StoreError> {
        // Others get their turn meanwhile.
        futures::pending!();
        if self.0.gone.get() {
            return Err(unavailable("it is gone"));
        }
        self.0.opened.set(self.0.opened.get() + 1);
        self.0.open.set(self.0.opened.get());
        Ok(self.0.opened.get())
    }

    fn is_open(&self, connection: &u32) -> bool {
        self.0.open.get() == *connection
    }
}

impl Browser {
    fn close(&self) {
        self.open.set(0);
    }

    fn write(&self, connection: u32, form: Form) -> Result<u32, StoreError> {
        if self.open.get() != connection {
            return Err(unavailable("InvalidStateError"));
        }
        if self.refuses.get() == Some(form) {
            return Err(unavailable("DataCloneError"));
        }
        self.written.borrow_mut().push((connection, form));
        Ok(connection)
    }
}

/// Whatever waits is woken at once: nothing here waits for anything but its turn.
fn run<T>(work: impl Future<Output = T>) -> T {
    let mut work = Box::pin(work);
    block_on(futures::future::poll_fn(move |context| {
        context.waker().wake_by_ref();
        work.as_mut().poll(context)
    }))
}

fn opened() -> (Rc<Browser>, Reopening<Opener>) {
    let opener = Opener::default();
    (Rc::clone(&opener.0), run(Reopening::new(opener)).unwrap())
}

async fn write(browser: &Browser, store: &Reopening<Opener>) -> Result<u32, StoreError> {
    store.run(async |connection, form| browser.write(*connection, form)).await
}

#[test]
fn a_closed_store_is_opened_again_once_and_the_work_done_again() {
    let (browser, store) = opened();
    assert_eq!(run(write(&browser, &store)), Ok(1));
    for connection in [2, 3] {
        browser.close();
        assert_eq!(run(write(&browser, &store)), Ok(connection));
    }
    // A closed store says nothing of blobs.
    assert_eq!(run(write(&browser, &store)), Ok(3));
    let forms: Vec<Form> = browser.written.borrow().iter().map(|(_, form)| *form).collect();
    assert_eq!(forms, [Form::Blob, Form::Array, Form::Array, Form::Blob]);
}

#[test]
fn work_that_lost_the_store_together_shares_the_new_connection() {
    let (browser, store) = opened();
    browser.close();
    let both = run(join(write(&browser, &store), write(&browser, &store)));
    assert_eq!(both, (Ok(2), Ok(2)));
    assert_eq!(browser.opened.get(), 2);
}

#[test]
fn a_store_that_does_not_open_again_is_an_error_and_is_tried_again_later() {
    let (browser, store) = opened();
    browser.close();
    browser.gone.set(true);
    for _ in 0..2 {
        assert_eq!(run(write(&browser, &store)), Err(unavailable("it is gone")));
    }
    browser.gone.set(false);
    assert_eq!(run(write(&browser, &store)), Ok(2));
}

#[test]
fn a_store_that_closes_at_once_again_is_no_endless_loop() {
    let (browser, store) = opened();
    let tried = Cell::new(0);
    let work = store.run(async |connection, form| {
        tried.set(tried.get() + 1);
        browser.close();
        browser.write(*connection, form)
    });
    assert_eq!(run(work), Err(unavailable("InvalidStateError")));
    assert_eq!(tried.get(), 2);
}

#[test]
fn where_blobs_are_refused_arrays_are_stored_from_then_on() {
    let (browser, store) = opened();
    browser.refuses.set(Some(Form::Blob));
    let tried = RefCell::new(Vec::new());
    for _ in 0..2 {
        let work = store.run(async |connection, form| {
            tried.borrow_mut().push(form);
            browser.write(*connection, form)
        });
        assert_eq!(run(work), Ok(1));
    }
    assert_eq!(*tried.borrow(), [Form::Blob, Form::Array, Form::Array]);
    assert_eq!(browser.opened.get(), 1, "nothing was closed");
}

#[test]
fn what_fails_with_arrays_too_does_not_tell_against_blobs() {
    let (browser, store) = opened();
    let work = store.run(async |_, _| Err::<(), _>(unavailable("UnknownError")));
    assert_eq!(run(work), Err(unavailable("UnknownError")));
    assert_eq!(run(write(&browser, &store)), Ok(1));
    assert_eq!(*browser.written.borrow(), [(1, Form::Blob)]);
}

#[test]
fn what_the_store_says_of_the_work_itself_is_not_tried_again() {
    let (_, store) = opened();
    for error in
        [StoreError::Full, StoreError::Taken, StoreError::Changed, StoreError::Damaged("cut".to_owned())]
    {
        let tried = Cell::new(0);
        let work = store.run(async |_, _| {
            tried.set(tried.get() + 1);
            Err::<(), _>(error.clone())
        });
        assert_eq!((run(work), tried.get()), (Err(error.clone()), 1));
    }
}

#[test]
fn a_tab_s_memory_holds_so_much_and_says_so() {
    let store = MemoryStore::of_a_tab();
    let space = FeatureSpace { backbone: "ab".repeat(32), preprocessing: 1 };
    let new = |id: u32, png: Vec<u8>| NewPicture { id, hash: ImageHash([id as u8; 16]), png };
    let room = run(store.room()).unwrap();
    // Promise 16: with a training's half, less than 1 GB.
    assert!(room <= 512 << 20, "{room}");
    let values = vec![f16::ZERO; 1 << 20];
    run(store.write(&space, &[ImageHash([1; 16])], &values, &[])).unwrap();
    assert_eq!(run(store.room()), Some(room - (2 << 20)));
    let picture = vec![0; 3 << 20];
    let change = Change { after: Some(b"a"), add: vec![new(1, picture)], ..Change::default() };
    run(store.change(1, &change)).unwrap();
    assert_eq!(run(store.room()), Some(room - (5 << 20)));

    let more = vec![f16::ZERO; (room / 2) as usize];
    let hash = ImageHash([2; 16]);
    assert_eq!(run(store.write(&space, &[hash], &more, &[])), Err(StoreError::Memory));
    let change = Change {
        before: Some(b"a"),
        after: Some(b"b"),
        add: vec![new(2, vec![0; room as usize])],
        ..Change::default()
    };
    assert_eq!(run(store.change(1, &change)), Err(StoreError::Memory));
    drop((more, change));
    // Nothing of that was stored, and what is deleted makes room.
    assert_eq!(run(store.projects()), Ok(vec![(1, b"a".to_vec())]));
    run(store.change(1, &Change { before: Some(b"a"), ..Change::default() })).unwrap();
    run(store.clear()).unwrap();
    assert_eq!(run(store.room()), Some(room));
    // Other stores leave it to the browser to know.
    assert_eq!(run(MemoryStore::default().room()), None);
}
