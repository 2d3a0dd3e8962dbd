//! Features that come with a project's file, and what a picture costs.

use std::collections::HashSet;

use bottleneck::backbone::{Manifest, Purpose, Scaling};
use bottleneck::features::{FeatureSpace, FeatureStore, Location};
use bottleneck::metrics::ConfusionMatrix;
use bottleneck::protocol::*;
use futures::executor::block_on;
use half::f16;

use super::*;
use crate::store::Fault;
use crate::visit::{World, manifest};

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
    let looks = done.iter().filter(|name| **name == "records").count();
    assert_eq!((looks, done.iter().filter(|name| **name == "change").count()), (0, 20));
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    let told = visit.last(|event| match event {
        Event::Cache(size) => Some(*size),
        _ => None,
    });
    assert_eq!(told, Some(block_on(store.size()).unwrap()), "and what is told is right");
}

/// A visit to a project of 24 pictures with a trained head, and another one to what it left, once `meanwhile` was
/// done to it. What the second visit computed, and how its head did in the test, where it has one.
fn again(meanwhile: impl FnOnce(&SharedStore, &World)) -> (u32, Option<ConfusionMatrix>) {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 4);
    visit.train();
    let id = visit.project().unwrap().id;
    drop(visit);
    let mut visit = Visit::new(&store);
    meanwhile(&store, &visit.world);
    visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    visit.tell(ProjectCommand::Open(id));
    assert_eq!((visit.problem(), visit.extraction().phase), (None, ExtractionPhase::Complete));
    let trained = visit.last(|event| match event {
        Event::Trained(trained) => Some(Some(trained.exam.confusion.clone())),
        Event::Untrained => Some(None),
        _ => None,
    });
    (visit.world.extracted.get(), trained.flatten())
}

#[test]
fn features_of_a_backbone_that_is_used_otherwise_are_not_found() {
    let (computed, head) = again(|_, _| {});
    assert_eq!((computed, head.is_some()), (0, true), "nothing has changed");
    let (computed, head) = again(|_, world| world.input.set(Some(64)));
    assert_eq!((computed, head), (24, None), "another input size");
    let spaces = [
        FeatureSpace::of(&manifest()),
        FeatureSpace::of(&Manifest { input_size: 33, ..manifest() }),
        FeatureSpace::of(&Manifest { output: "other".into(), ..manifest() }),
        FeatureSpace::of(&Manifest { scaling: Scaling { scale: 0.5, ..manifest().scaling }, ..manifest() }),
        FeatureSpace::of(&Manifest { scaling: Scaling { offset: 0.5, ..manifest().scaling }, ..manifest() }),
        FeatureSpace::of(&Manifest { sha256: "cd".repeat(32), ..manifest() }),
    ];
    assert_eq!(spaces.iter().collect::<HashSet<_>>().len(), spaces.len());
    let renamed = Manifest { name: "other".into(), purpose: Purpose::ImageNet, ..manifest() };
    assert_eq!(FeatureSpace::of(&renamed), spaces[0], "its name changes no feature");
}

#[test]
fn a_head_of_an_earlier_version_is_in_use_where_the_disk_is_full() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 4);
    visit.train();
    store.0.name_as_earlier();
    let next = |fault| {
        let store = store.copy();
        store.1.next.set(fault);
        let visit = crate::faults::opened(&store);
        let done = store.1.done.borrow().clone();
        (visit.trained().is_some(), visit.problem(), done)
    };
    let (trained, problem, done) = next(None);
    assert_eq!((trained, problem), (true, None));
    let place = done.iter().position(|operation| *operation == "write_head").expect("it is written anew");
    let (trained, problem, _) = next(Some((place, Fault::Full)));
    assert_eq!((trained, problem), (true, None));
}

#[test]
fn what_an_earlier_version_stored_is_found_again() {
    let (_, before) = again(|_, _| {});
    let (computed, head) = again(|store, _| store.0.name_as_earlier());
    assert_eq!((computed, head), (8, before), "24 pictures, and 8 are computed again");
    let spoiled = f16::from_f32(0.9);
    let (computed, _) = again(|store, world| {
        // What was computed then is not what comes out today.
        store.0.name_as_earlier();
        world.spoils.set(Some(spoiled));
    });
    assert_eq!(computed, 1 + 24);
}
