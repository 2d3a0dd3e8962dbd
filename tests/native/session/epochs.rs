//! Which validation images each epoch got wrong.

use std::rc::Rc;

use super::*;

fn ready(store: &SharedStore) -> Visit {
    let mut visit = Visit::with_sample(store, EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit
}

fn epochs(preset: Preset, epochs: u32) -> TrainingOptions {
    TrainingOptions { epochs, batch: 20, filters: 8, ..TrainingOptions::of(preset) }
}

impl Visit {
    /// What is shown of an epoch.
    fn epoch(&mut self, epoch: u32) -> EpochImages {
        self.send(Command::ShowEpoch(epoch));
        let shown = self.last(|event| match event {
            Event::EpochImages(shown) => Some(shown.clone()),
            _ => None,
        });
        shown.filter(|shown| shown.epoch == epoch).expect("an answer")
    }

    /// What is shown of all epochs of the trained head.
    fn all_epochs(&mut self) -> Vec<EpochImages> {
        let epochs = self.trained().expect("a head").epochs.len() as u32;
        (1..=epochs).map(|epoch| self.epoch(epoch)).collect()
    }
}

#[test]
fn as_many_are_wrong_as_the_epoch_s_own_accuracy_says() {
    let drawn = bottleneck::dataset::sample::draw(1);
    for preset in [Preset::Notebook, Preset::Quick, Preset::Strong] {
        let store = SharedStore::default();
        let mut visit = ready(&store);
        visit.send(Command::Train(epochs(preset, 4)));
        let trained = visit.trained().expect("a head");
        let shown = visit.all_epochs();
        assert_eq!(visit.problem(), None);
        for (epoch, shown) in trained.epochs.iter().zip(&shown) {
            let (wrong, of) = shown.wrong.expect("it is known");
            assert_eq!(of, 20, "a fifth of 100");
            assert_eq!((of - wrong) as f32 / of as f32, epoch.val_accuracy, "{preset:?} {}", epoch.epoch);
            assert_eq!(shown.images.len() as u32, wrong);
            let validation = &drawn.train[80..100];
            for (hash, label, _) in &shown.images {
                let sample =
                    validation.iter().find(|sample| sample.hash == *hash).expect("one that validates");
                assert_eq!(sample.label, *label);
            }
        }
        // The best epoch's head says the same of these images.
        let best = &shown[trained.best_epoch as usize - 1];
        assert!(best.wrong.is_some());
        // On another visit, too; the images are never computed again.
        let mut again = Visit::with_sample(&store, EngineRequest::Cpu);
        assert_eq!(again.all_epochs(), shown);
        assert_eq!(again.world.extracted.get(), 0);
    }
}

#[test]
fn they_are_kept_across_an_interruption() {
    let options = epochs(Preset::Notebook, 30);
    let mut whole = ready(&SharedStore::default());
    whole.send(Command::Train(options));
    let expected = whole.all_epochs();

    let store = SharedStore::default();
    let mut first = ready(&store);
    let stuck = Rc::clone(&first.world.stuck);
    *first.world.on_event.borrow_mut() = Some(Box::new(move |event| {
        stuck.set(stuck.get() || matches!(event, Event::Epoch(epoch) if epoch.epoch == 26));
    }));
    first.send(Command::Train(options));
    assert_eq!(first.trained(), None);
    let mut again = ready(&store);
    again.send(Command::Train(options));
    let began =
        again.all(|event| matches!(event, Event::Interrupted(Some((_, done))) if *done > 0).then_some(()));
    assert!(!began.is_empty(), "something was kept");
    assert_eq!(again.all_epochs(), expected);
}

#[test]
fn nothing_is_told_of_other_images_or_of_none() {
    let store = SharedStore::default();
    let mut visit = ready(&store);
    assert_eq!(visit.epoch(1).wrong, None, "there is no head");
    visit.send(Command::Train(epochs(Preset::Quick, 3)));
    for epoch in [0, 4, u32::MAX] {
        assert_eq!(visit.epoch(epoch).wrong, None, "there is no epoch {epoch}");
    }
    visit.send(Command::Limit(Limits { train: Some(90), test: Some(30) }));
    assert_eq!(visit.epoch(1).wrong, None, "other images are in use");
    visit.send(Command::Limit(Limits { train: Some(100), test: Some(30) }));
    assert!(visit.epoch(1).wrong.is_some());
    // What is damaged is as good as none.
    let name = store.0.heads_named("epochs:").pop().expect("a record");
    futures::executor::block_on(bottleneck::features::FeatureStore::write_head(&store, &name, &[9; 7]))
        .unwrap();
    assert_eq!((visit.epoch(1).wrong, visit.problem()), (None, None));
    visit.send(Command::Train(TrainingOptions { preset: Preset::Nearest, ..TrainingOptions::notebook() }));
    assert_eq!(visit.epoch(1).wrong, None, "neighbours have no epochs");
}
