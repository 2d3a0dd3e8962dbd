//! Features that nothing refers to.

use bottleneck::backbone::{LIGHT, Manifest, NOTEBOOK, Purpose};
use bottleneck::features::{FeatureSpace, FeatureStore, ImageHash, StoreSize};
use bottleneck::protocol::*;
use futures::executor::block_on;
use half::f16;

use super::*;
use crate::visit::{SHAPE, manifest};

/// What the page was told last, once it has asked.
fn told(visit: &mut Visit) -> StoreSize {
    visit.send(Command::LookForUnused);
    let told = visit.last(|event| match event {
        Event::Unused(size) => Some(*size),
        _ => None,
    });
    told.expect("an answer")
}

fn of_images(images: u64) -> StoreSize {
    StoreSize { images, bytes: images * (SHAPE.len() * size_of::<f16>()) as u64 }
}

/// Stores features of images of this space as another tab would.
fn write(store: &SharedStore, space: &FeatureSpace, images: &[ImageHash]) {
    let values = vec![f16::ONE; images.len() * SHAPE.len()];
    block_on(store.write(space, images, &values, &[])).unwrap();
}

fn images(store: &SharedStore) -> Vec<ImageHash> {
    let mut images: Vec<ImageHash> =
        block_on(store.index(&FeatureSpace::of(&manifest()))).unwrap().into_keys().collect();
    images.sort_unstable_by_key(|image| image.0);
    images
}

#[test]
fn what_a_project_or_the_open_images_use_stays_and_the_rest_can_go() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    assert_eq!(told(&mut visit), StoreSize::default(), "nothing is stored");
    visit.record(3, 4);
    let used = images(&store);
    assert_eq!(told(&mut visit), StoreSize::default(), "all of it is in use");
    let space = FeatureSpace::of(&manifest());
    // Of no project and of a project in one record; twice; of a network that the site has not; of no project.
    write(&store, &space, &[used[0], ImageHash([1; 16]), ImageHash([2; 16])]);
    write(&store, &FeatureSpace { backbone: "cd".repeat(32), ..space.clone() }, &used[..3]);
    write(&store, &space.unchecked(), &[used[1], ImageHash([3; 16])]);
    let expected = of_images(1 + 2 + 3 + 2);
    assert_eq!(told(&mut visit), expected);
    visit.send(Command::RemoveUnused);
    assert_eq!(visit.problem(), None);
    assert_eq!(told(&mut visit), StoreSize::default());
    assert_eq!(images(&store), used);
    assert_eq!(block_on(store.size()).unwrap(), of_images(24));
    visit.train();
    assert_eq!((visit.problem(), visit.extraction().phase), (None, ExtractionPhase::Complete));
}

#[test]
fn features_of_the_site_s_other_networks_are_in_use_while_nobody_knows_better() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 4);
    let used = images(&store);
    let other = |address: &str| {
        let sha256 = bottleneck::backbone::pieces::sha256(address.as_bytes());
        FeatureSpace::of(&Manifest { sha256, ..manifest() })
    };
    write(&store, &other(LIGHT), &used[..2]);
    write(&store, &other(NOTEBOOK), &used[..5]);
    drop(visit);
    for (online, has, unused) in
        [(true, vec![LIGHT], 5), (true, vec![LIGHT, NOTEBOOK], 0), (false, vec![], 0)]
    {
        let mut visit = Visit::new(&store);
        visit.world.offline.set(!online);
        visit.world.site.borrow_mut().extend(has.iter().map(|address| (*address, Purpose::ImageNet)));
        visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
        assert_eq!(told(&mut visit), of_images(unused), "{online} {has:?}");
    }
}

#[test]
fn features_of_a_deleted_project_go_with_it_but_for_those_of_another_one() {
    let alone = SharedStore::default();
    Visit::with_project(&alone).record(2, 4);
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 4);
    let first = visit.project().unwrap().id;
    visit.tell(ProjectCommand::Create {
        name: "More".into(),
        classes: ["red".to_owned(), "green".to_owned()],
    });
    // Pictures of the first one, and others beside them.
    visit.record(2, 4);
    assert!((25..24 + 16).contains(&images(&store).len()));
    visit.tell(ProjectCommand::Delete(first));
    assert_eq!(images(&store), images(&alone));
    visit.tell(ProjectCommand::Delete(visit.project().unwrap().id));
    assert_eq!(visit.problem(), None);
    assert_eq!(block_on(store.size()).unwrap(), StoreSize::default());
    let size = visit.last(|event| match event {
        Event::Cache(size) => Some(*size),
        _ => None,
    });
    assert_eq!(size, Some(StoreSize::default()));
}
