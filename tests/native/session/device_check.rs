//! Engines that are tried for a check of the device: the one in use stays in use.

use bottleneck::backbone::choose::Adapter;
use bottleneck::protocol::{Command, Engine, EngineRequest, EngineStatus, Event, ExtractionPhase, Trial};
use futures::channel::oneshot;

use crate::visit::{FAKE, SharedStore, Visit};

impl Visit {
    /// What the last trial of this number has told.
    fn tried(&self, number: u32) -> Option<(Engine, Trial)> {
        self.last(|event| match event {
            Event::EngineTried { trial, engine, outcome } if *trial == number => {
                Some((*engine, outcome.clone()))
            }
            _ => None,
        })
    }

    fn try_engine(&mut self, engine: Engine, trial: u32) -> Option<Trial> {
        self.send(Command::TryEngine { engine, trial });
        let (tried, outcome) = self.tried(trial)?;
        assert_eq!(tried, engine);
        Some(outcome)
    }
}

fn opened() -> Visit {
    let mut visit = Visit::new(&SharedStore::default());
    visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Auto });
    visit
}

fn statuses(visit: &Visit) -> Vec<EngineStatus> {
    visit.all(|event| match event {
        Event::Engine(status) => Some(status.clone()),
        _ => None,
    })
}

#[test]
fn both_are_tried_and_none_is_taken_into_use() {
    let mut visit = opened();
    visit.world.adapter.set(Some(Adapter::Hardware));
    let before = statuses(&visit);
    for (trial, engine) in [(1, Engine::Cpu), (2, Engine::WebGpu)] {
        let Some(Trial::Works { images_per_second, workers, probe_error }) = visit.try_engine(engine, trial)
        else {
            panic!("{engine:?} works");
        };
        assert!(images_per_second > 0.0 && probe_error < 1e-3, "{images_per_second} {probe_error}");
        assert_eq!(workers, 2);
    }
    assert_eq!(statuses(&visit), before, "the page hears of no engine in use");
    let speeds = visit.all(|event| matches!(event, Event::Speed(_)).then_some(()));
    assert_eq!(speeds, [], "nothing is remembered by which an engine would be chosen");
    assert_eq!(visit.problem(), None);
}

#[test]
fn the_engine_in_use_is_timed_as_it_is_and_goes_on() {
    let mut visit = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
    visit.send(Command::Extract);
    let (launched, before) = (visit.world.launched.borrow().clone(), statuses(&visit));
    assert!(matches!(before.last(), Some(EngineStatus::Ready { engine: Engine::Cpu, .. })));
    assert!(matches!(visit.try_engine(Engine::Cpu, 1), Some(Trial::Works { .. })));
    assert_eq!(*visit.world.launched.borrow(), launched, "no further worker was started");
    visit.world.adapter.set(Some(Adapter::Hardware));
    visit.world.broken.borrow_mut().push(Engine::WebGpu);
    assert!(matches!(visit.try_engine(Engine::WebGpu, 2), Some(Trial::Failed(_))));
    assert_eq!((statuses(&visit), visit.problem()), (before, None));
    visit.send(Command::ClearCache);
    visit.send(Command::Extract);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    assert_eq!(*visit.world.launched.borrow(), launched, "it is the same one");
}

#[test]
fn without_a_graphics_processor_nothing_is_started() {
    let cases = [
        (Adapter::None, Trial::NoAdapter),
        (Adapter::Silent, Trial::SilentAdapter),
        (Adapter::Software, Trial::SoftwareAdapter),
    ];
    for (adapter, expected) in cases {
        let mut visit = opened();
        visit.world.adapter.set(Some(adapter));
        assert_eq!(visit.try_engine(Engine::WebGpu, 1), Some(expected));
        assert_eq!(*visit.world.launched.borrow(), []);
        assert_eq!(visit.world.downloads.get(), 0, "nor is a network brought for it");
    }
}

#[test]
fn without_a_network_it_is_told_as_failed() {
    let mut visit = Visit::new(&SharedStore::default());
    assert!(matches!(visit.try_engine(Engine::Cpu, 1), Some(Trial::Failed(_))));
}

#[test]
fn a_trial_that_is_not_waited_for_ends_alone() {
    let mut visit = opened();
    let (gate, receiver) = oneshot::channel();
    *visit.world.gate.borrow_mut() = Some(receiver);
    assert_eq!(visit.try_engine(Engine::Cpu, 7), None, "its network does not come");
    // Neither of these is about it; what else is asked for waits.
    visit.send(Command::EndTrial(6));
    visit.send(Command::Cancel);
    visit.send(Command::UseSample);
    assert_eq!(visit.tried(7), None);
    visit.send(Command::EndTrial(7));
    assert_eq!(visit.tried(7), Some((Engine::Cpu, Trial::Ended)));
    let sample = visit.last(|event| matches!(event, Event::Dataset(_)).then_some(()));
    assert!(sample.is_some(), "what waited was done");
    drop(gate);
    // One that comes late ends nothing.
    visit.send(Command::EndTrial(7));
    assert!(matches!(visit.try_engine(Engine::Cpu, 8), Some(Trial::Works { .. })));
    assert_eq!(visit.problem(), None);
}
