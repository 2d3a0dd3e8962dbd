//! The pool of engine workers: where fewer can be started than were wanted, it goes on with those.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Poll;

use bottleneck::backbone::pool::{Launcher, Pool};
use bottleneck::backbone::{Backbone, BackboneError};
use bottleneck::pixels::RgbImage;
use futures::executor::block_on;
use futures::future::{join_all, pending, poll_fn};
use half::f16;

/// A device with so much room, where a worker takes one; and what was done on it.
#[derive(Default)]
struct Device {
    room: Cell<usize>,
    used: Cell<usize>,
    /// Where more are started at a time than there is room for, none of them comes up.
    all_or_none: Cell<bool>,
    /// Whether workers that find no room never say so.
    silent: Cell<bool>,
    /// What every start comes to, whatever the room.
    fails: RefCell<Option<BackboneError>>,
    launches: Cell<usize>,
    coming: Cell<usize>,
    /// Batches until a worker dies, and how many die from then on.
    dies_after: Cell<usize>,
    deaths: Cell<usize>,
}

struct Worker(Rc<Device>);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.used.set(self.0.used.get() - 1);
    }
}

/// Lets others do something.
async fn turn() {
    let mut been = false;
    poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut been, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

impl Backbone for Worker {
    async fn extract(&self, images: &[RgbImage]) -> Result<Vec<f16>, BackboneError> {
        turn().await;
        let device = &self.0;
        match device.dies_after.get() {
            0 if device.deaths.get() > 0 => {
                device.deaths.set(device.deaths.get() - 1);
                // What it took is not free again at once.
                device.room.set(device.room.get() - 1);
                return Err(BackboneError::Lost);
            }
            left => device.dies_after.set(left.saturating_sub(1)),
        }
        Ok(vec![f16::ONE; images.len()])
    }
}

struct Starter(Rc<Device>);

impl Launcher for Starter {
    type Worker = Worker;

    async fn launch(&self) -> Result<(Worker, f32), BackboneError> {
        let device = &self.0;
        device.launches.set(device.launches.get() + 1);
        device.coming.set(device.coming.get() + 1);
        turn().await;
        let crowd = device.all_or_none.get() && device.coming.get() > device.room.get();
        turn().await;
        device.coming.set(device.coming.get() - 1);
        if let Some(error) = device.fails.borrow().clone() {
            return Err(error);
        }
        if crowd || device.used.get() >= device.room.get() {
            if device.silent.get() {
                pending::<()>().await;
            }
            return Err(BackboneError::Run("RangeError: Out of memory".into()));
        }
        device.used.set(device.used.get() + 1);
        Ok((Worker(Rc::clone(device)), 1e-6))
    }

    /// Time passes as fast as it can.
    async fn sleep(&self, _milliseconds: u32) {
        for _ in 0..20 {
            turn().await;
        }
    }

    fn now(&self) -> f64 {
        0.0
    }
}

fn device(room: usize) -> Rc<Device> {
    let device = Rc::new(Device::default());
    device.room.set(room);
    device
}

fn start(device: &Rc<Device>, width: usize) -> Result<Pool<Starter>, BackboneError> {
    block_on(Pool::start(Starter(Rc::clone(device)), width))
}

/// So many batches at a time: how many came out.
fn extract(pool: &Pool<Starter>, batches: usize) -> usize {
    let image = [RgbImage::from_fn(1, 1, |_, _| [0; 3])];
    let done = block_on(join_all((0..batches).map(|_| pool.extract(&image))));
    done.into_iter().filter(Result::is_ok).count()
}

#[test]
fn a_pool_goes_on_with_the_workers_that_came_up() {
    for (room, silent, width, launches) in
        [(8, false, 8, 8), (3, false, 3, 8), (1, false, 1, 8), (3, true, 3, 8)]
    {
        let device = device(room);
        device.silent.set(silent);
        let pool = start(&device, 8).unwrap();
        assert_eq!((pool.width(), device.launches.get()), (width, launches), "room for {room}, {silent}");
        assert_eq!(extract(&pool, 20), 20);
    }
}

#[test]
fn where_none_comes_up_fewer_are_tried() {
    for (room, width, launches) in [(7, 4, 12), (3, 2, 14), (1, 1, 15)] {
        let device = device(room);
        device.all_or_none.set(true);
        let pool = start(&device, 8).unwrap();
        assert_eq!((pool.width(), device.launches.get()), (width, launches), "room for {room}");
        assert_eq!(extract(&pool, 5), 5);
    }
    // Room for none: that is the engine's failure.
    let full = device(0);
    let error = start(&full, 8).err();
    assert_eq!(error, Some(BackboneError::Run("RangeError: Out of memory".into())));
    assert_eq!((full.launches.get(), full.used.get()), (15, 0));
    // What fails with any number of them is not tried again.
    let errors = [
        BackboneError::Probe { error: 0.5 },
        BackboneError::File("cut".into()),
        BackboneError::Manifest("old".into()),
    ];
    for error in errors {
        let device = device(8);
        *device.fails.borrow_mut() = Some(error.clone());
        assert_eq!(start(&device, 8).err(), Some(error));
        assert_eq!(device.launches.get(), 8);
    }
}

#[test]
fn a_worker_that_dies_and_finds_no_room_again_leaves_its_batch_to_the_others() {
    for deaths in 1..=3 {
        let device = device(4);
        let pool = start(&device, 4).unwrap();
        device.dies_after.set(6);
        device.deaths.set(deaths);
        assert_eq!(extract(&pool, 40), 40, "{deaths} of four die");
        assert_eq!((pool.width(), device.used.get()), (4 - deaths, 4 - deaths));
        assert_eq!(extract(&pool, 4), 4);
    }
    // All of them: the batches fail, and nobody waits for ever.
    let device = device(4);
    let pool = start(&device, 4).unwrap();
    device.deaths.set(4);
    assert_eq!(extract(&pool, 6), 0);
    assert_eq!(pool.width(), 1);
    // There is room again.
    device.room.set(4);
    assert_eq!(extract(&pool, 6), 6);
}

#[test]
fn a_worker_that_dies_is_replaced_where_there_is_room() {
    let device = device(9);
    let pool = start(&device, 4).unwrap();
    device.dies_after.set(3);
    device.deaths.set(2);
    assert_eq!(extract(&pool, 30), 30);
    assert_eq!((pool.width(), device.launches.get()), (4, 6));
}
