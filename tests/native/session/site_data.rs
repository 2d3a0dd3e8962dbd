//! The data set that the site offers: it is known from the start, and comes when it is asked for.

use bottleneck::dataset::Source;
use bottleneck::protocol::*;
use bottleneck::ui::state::{Action, Announcement, State, Wait};
use futures::channel::oneshot;

use crate::visit::{SITE_DATA, SharedStore, Visit};

/// A batch of 30 images, as a file of its own.
fn batch() -> Vec<u8> {
    (0..30_u8).flat_map(|image| std::iter::once(image % 10).chain(std::iter::repeat_n(image, 3072))).collect()
}

fn offered(visit: &Visit) -> Vec<SiteData> {
    visit.all(|event| match event {
        Event::SiteData(data) => Some(data.clone()),
        _ => None,
    })
}

/// A visit that has the sample in use, on a site that offers a batch.
fn visit() -> (Visit, SiteData) {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    *visit.world.site_data.borrow_mut() = Some(batch());
    visit.send(Command::LookForSiteData);
    let mut found = offered(&visit);
    (visit, found.remove(0))
}

fn in_use(visit: &Visit) -> Option<Source> {
    visit.last(|event| match event {
        Event::Dataset(data) => Some(data.source),
        _ => None,
    })
}

/// What the page shows after all that was told.
fn state(visit: &Visit, command: Command) -> State {
    let state = State::new(true, Limits::default(), Vec::new()).reduce(Action::Sent(command));
    visit.world.events.borrow().iter().fold(state, |state, event| state.reduce(Action::Said(event.clone())))
}

#[test]
fn it_is_offered_with_its_size_and_not_downloaded() {
    let (visit, data) = visit();
    assert_eq!(data, SiteData { name: SITE_DATA.into(), bytes: 30 * 3073 });
    assert!(data.is_cifar10());
    assert_eq!(visit.world.downloads.get(), 0);
    assert_eq!(in_use(&visit), Some(Source::Drawn));
    let state = state(&visit, Command::LookForSiteData);
    assert_eq!((state.site_data.clone(), state.can_use_data()), (Some(data), Ok(())));

    let mut nothing = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    nothing.send(Command::LookForSiteData);
    assert_eq!(offered(&nothing), []);
}

#[test]
fn it_comes_with_progress_and_is_used() {
    let (mut visit, data) = visit();
    // The fake host's file is a batch, which its name has to say.
    let data = SiteData { name: "data_batch_1.bin".into(), ..data };
    visit.world.clock.set(0.0);
    visit.send(Command::UseSiteData(data.clone()));
    let progress = visit.all(|event| match event {
        Event::BringingSiteData { done, total, .. } => Some((*done, *total)),
        _ => None,
    });
    assert_eq!(progress.first(), Some(&(0, data.bytes)));
    assert_eq!(progress.last(), Some(&(data.bytes, data.bytes)));
    assert_eq!((in_use(&visit), visit.problem()), (Some(Source::Cifar10), None));
    let state = state(&visit, Command::UseSiteData(data));
    assert_eq!((state.exchange, state.data().map(|data| data.train)), (None, Some(25)));
}

#[test]
fn the_time_that_is_left_follows_from_the_pace() {
    let (mut visit, data) = visit();
    let data = SiteData { name: "data_batch_1.bin".into(), ..data };
    let world = std::rc::Rc::clone(&visit.world);
    // Two seconds until half of it is here.
    let mut waited = false;
    *visit.world.on_event.borrow_mut() = Some(Box::new(move |event| {
        if matches!(event, Event::BringingSiteData { done: 0, .. }) && !std::mem::replace(&mut waited, true) {
            world.clock.set(world.clock.get() + 2_000.0);
        }
    }));
    visit.send(Command::UseSiteData(data));
    let left = visit.all(|event| match event {
        Event::BringingSiteData { seconds_left, .. } => Some(*seconds_left),
        _ => None,
    });
    assert!(matches!(*left, [None, Some(half), Some(0.0)] if (1.9..2.2).contains(&half)), "{left:?}");
}

#[test]
fn cancelled_or_broken_it_leaves_what_was_in_use() {
    let (mut visit, data) = visit();
    let (gate, receiver) = oneshot::channel();
    *visit.world.gate.borrow_mut() = Some(receiver);
    visit.send(Command::UseSiteData(data.clone()));
    let waiting = state(&visit, Command::UseSiteData(data.clone()));
    assert_eq!((waiting.can_use_data(), waiting.can_train()), (Err(Wait::Exchange), Err(Wait::Features)));
    assert_eq!((waiting.data().is_some(), waiting.announcement()), (true, Announcement::Reading));
    visit.send(Command::Cancel);
    assert_eq!((in_use(&visit), visit.problem()), (Some(Source::Drawn), None));
    let cancelled = state(&visit, Command::UseSiteData(data.clone()));
    assert_eq!((cancelled.exchange, cancelled.data().is_some()), (None, true));
    drop(gate);

    let (gate, receiver) = oneshot::channel();
    *visit.world.gate.borrow_mut() = Some(receiver);
    visit.send(Command::UseSiteData(data.clone()));
    drop(gate);
    visit.executor.run_until_stalled();
    assert_eq!((in_use(&visit), visit.problem()), (Some(Source::Drawn), Some(ProblemKind::SiteData)));
    let broken = state(&visit, Command::UseSiteData(data));
    assert_eq!((broken.exchange, broken.can_use_data(), broken.data().is_some()), (None, Ok(()), true));
    visit.send(Command::Extract);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete, "the sample is still there");
}
