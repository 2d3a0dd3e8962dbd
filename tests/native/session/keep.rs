//! Keeping the backbone for visits without the internet, beside whatever else is done.

use bottleneck::backbone::pieces::Download;
use bottleneck::protocol::*;
use futures::channel::oneshot;

use super::*;

impl Visit {
    /// What the next download waits for.
    fn hold_download(&self) -> oneshot::Sender<()> {
        let (sender, receiver) = oneshot::channel();
        *self.world.gate.borrow_mut() = Some(receiver);
        sender
    }

    fn download(&self) -> Download {
        self.last(|event| match event {
            Event::Download(download) => Some(*download),
            _ => None,
        })
        .expect("a download event")
    }

    fn go_on(&mut self, gate: oneshot::Sender<()>) {
        gate.send(()).unwrap();
        self.executor.run_until_stalled();
    }
}

#[test]
fn the_page_hears_at_once_what_is_kept() {
    let visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    assert_eq!(visit.download(), Download { done: 0, kept: 0, total: 100, running: false });
}

#[test]
fn keeping_needs_no_engine_and_is_done_once() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::Keep);
    assert_eq!(visit.download(), Download { done: 100, kept: 100, total: 100, running: false });
    assert!(visit.world.launched.borrow().is_empty());
    // The engine takes what is here.
    visit.send(Command::Extract);
    visit.send(Command::Keep);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    assert_eq!(visit.world.downloads.get(), 1);
    assert_eq!(visit.problem(), None);
}

#[test]
fn other_work_goes_on_beside_a_slow_download() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
    visit.send(Command::Extract);
    let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
    let gate = visit.hold_download();
    visit.send(Command::Keep);
    visit.send(TWO_EPOCHS);
    assert!(visit.trained().is_some(), "the training waits for the download");
    assert!(visit.download().running);
    // An extraction waits for the same download and begins no second one.
    visit.send(Command::Limit(Limits { train: Some(110), test: Some(30) }));
    visit.send(Command::Extract);
    visit.send(Command::Keep);
    assert!(visit.world.launched.borrow().is_empty());
    visit.go_on(gate);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    assert_eq!(visit.world.downloads.get(), 1);
    assert_eq!(visit.problem(), None);
}

#[test]
fn ending_the_extraction_ends_its_own_download_and_no_other() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    let gate = visit.hold_download();
    visit.send(Command::Extract);
    visit.send(Command::Cancel);
    assert!(gate.is_canceled(), "nobody waits for it");
    assert!(!visit.download().running);

    let gate = visit.hold_download();
    visit.send(Command::Keep);
    visit.send(Command::Extract);
    visit.send(Command::Cancel);
    assert!(!gate.is_canceled());
    visit.go_on(gate);
    assert!(visit.download().is_kept());
    assert!(visit.world.launched.borrow().is_empty());
}

#[test]
fn what_cannot_be_kept_is_said_and_tried_again() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    drop(visit.hold_download());
    visit.send(Command::Keep);
    assert_eq!(visit.problem(), Some(ProblemKind::NotKept));
    assert!(!visit.download().running);
    visit.world.no_room.set(true);
    visit.send(Command::Keep);
    assert_eq!(visit.download(), Download { done: 100, kept: 0, total: 100, running: false });
    // It serves all the same.
    visit.send(Command::Extract);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    visit.world.no_room.set(false);
    visit.send(Command::Keep);
    assert!(visit.download().is_kept());
    assert_eq!(visit.world.downloads.get(), 3);
    let problems = visit.world.events.borrow().iter().filter(|e| matches!(e, Event::Problem(_))).count();
    assert_eq!(problems, 2);
}
