//! Features that come with a project's file, and what a picture costs.

use bottleneck::features::{FeatureSpace, FeatureStore, Location};
use bottleneck::protocol::*;
use futures::executor::block_on;
use half::f16;

use super::*;
use crate::visit::manifest;

/// The file of a project whose features are as `spoiled` says, all of them.
fn exported(spoiled: Option<f16>) -> Vec<u8> {
    let mut visit = Visit::with_project(&SharedStore::default());
    visit.world.spoils.set(spoiled);
    visit.record(3, 4);
    visit.tell(ProjectCommand::Export);
    let saved = visit.world.saved.borrow_mut().pop();
    saved.expect("a file").1
}

fn imported(store: &SharedStore, bytes: Vec<u8>) -> Visit {
    let mut visit = Visit::new(store);
    visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    let import = file(&visit, 1, "colours.zip", bytes);
    visit.tell(ProjectCommand::Import(import));
    visit
}

/// The first value of each stored feature.
fn firsts(store: &SharedStore) -> Vec<f16> {
    let index = block_on(store.index(&FeatureSpace::of(&manifest()))).unwrap();
    let value =
        |Location { record, row }| block_on(store.read(record)).unwrap()[row * crate::visit::SHAPE.len()];
    index.into_values().map(value).collect()
}

#[test]
fn features_of_a_file_are_used_where_some_of_them_come_out_the_same() {
    let store = SharedStore::default();
    let visit = imported(&store, exported(None));
    assert_eq!((visit.problem(), visit.extraction().phase), (None, ExtractionPhase::Complete));
    assert_eq!(visit.world.extracted.get(), 8, "24 pictures, and 8 are computed again");
    assert_eq!(firsts(&store).len(), 24);
    let unchecked = FeatureSpace::of(&manifest()).unchecked();
    assert!(block_on(store.index(&unchecked)).unwrap().is_empty());
}

#[test]
fn features_that_somebody_made_up_are_dropped_and_computed() {
    let made_up = f16::from_f32(0.9);
    let store = SharedStore::default();
    let visit = imported(&store, exported(Some(made_up)));
    assert_eq!((visit.problem(), visit.extraction().phase), (None, ExtractionPhase::Complete));
    assert_eq!(visit.world.extracted.get(), 1 + 24);
    let firsts = firsts(&store);
    assert_eq!(firsts.len(), 24);
    assert!(firsts.iter().all(|value| *value != made_up));
    assert_eq!(block_on(store.size()).unwrap().images, 24);
}

#[test]
fn a_recorded_picture_costs_no_look_at_all_that_is_stored() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 2);
    let before = store.1.done.borrow().len();
    visit.record(2, 5);
    let done = store.1.done.borrow()[before..].to_vec();
    let looks = done.iter().filter(|name| ["index", "size"].contains(name)).count();
    assert_eq!((looks, done.iter().filter(|name| **name == "change").count()), (0, 20));
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    let told = visit.last(|event| match event {
        Event::Cache(size) => Some(*size),
        _ => None,
    });
    assert_eq!(told, Some(block_on(store.size()).unwrap()), "and what is told is right");
}
