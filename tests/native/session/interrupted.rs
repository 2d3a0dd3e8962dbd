//! Trainings that are broken off, and trainings whose features are damaged.

use std::rc::Rc;

use bottleneck::features::{FeatureSpace, FeatureStore};
use futures::executor::block_on;

use super::*;
use crate::visit::manifest;

const EPOCHS: u32 = 40;

fn options(preset: Preset) -> TrainingOptions {
    TrainingOptions { epochs: EPOCHS, filters: 16, ..TrainingOptions::of(preset) }
}

/// What was told last of an interrupted training.
fn told(visit: &Visit) -> Option<(TrainingOptions, u32)> {
    let told = visit.last(|event| match event {
        Event::Interrupted(told) => Some(*told),
        _ => None,
    });
    told.expect("it is told")
}

/// All that must be the same bits; times are not.
fn bits(trained: &Trained) -> (Exam, u32, Vec<[u32; 4]>) {
    let figures = trained
        .epochs
        .iter()
        .map(|epoch| [epoch.loss, epoch.accuracy, epoch.val_loss, epoch.val_accuracy].map(f32::to_bits));
    (trained.exam.clone(), trained.best_epoch, figures.collect())
}

fn with_features(store: &SharedStore) -> Visit {
    let mut visit = Visit::with_sample(store, EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit
}

#[test]
fn an_interrupted_training_ends_with_the_bits_it_would_have_had() {
    for preset in [Preset::Notebook, Preset::Quick, Preset::Strong] {
        let mut undisturbed = with_features(&SharedStore::default());
        undisturbed.send(Command::Train(options(preset)));
        let whole = undisturbed.trained().expect("a head");
        assert_eq!(told(&undisturbed), None, "it has come to its end");

        // The page goes away in the middle of an epoch: the session is dropped as it is.
        let store = SharedStore::default();
        let mut visit = with_features(&store);
        let stuck = Rc::clone(&visit.world.stuck);
        *visit.world.on_event.borrow_mut() = Some(Box::new(move |event| {
            if matches!(event, Event::Epoch(epoch) if epoch.epoch == 25) {
                stuck.set(true);
            }
        }));
        visit.send(Command::Train(options(preset)));
        assert!(visit.trained().is_none());
        drop(visit);

        let mut again = Visit::with_sample(&store, EngineRequest::Cpu);
        let (offered, done) = told(&again).expect("a training to go on with");
        assert!((1..25).contains(&done), "{done} epochs");
        assert_eq!(offered.epochs, EPOCHS);
        let epochs_told = |visit: &Visit| {
            visit.world.events.borrow().iter().filter(|event| matches!(event, Event::Epoch(_))).count()
        };
        assert_eq!(epochs_told(&again), 0);
        again.send(Command::Train(offered));
        assert_eq!(epochs_told(&again) as u32, EPOCHS, "the page hears of those before too");
        assert_eq!(bits(&again.trained().expect("a head")), bits(&whole), "{preset:?}");
        assert_eq!(told(&again), None);
    }
}

#[test]
fn other_options_or_other_images_begin_anew() {
    let store = SharedStore::default();
    let mut visit = with_features(&store);
    visit.on(|event| matches!(event, Event::Epoch(epoch) if epoch.epoch == 30), vec![Command::StopTraining]);
    visit.send(Command::Train(options(Preset::Notebook)));
    let (offered, done) = told(&visit).expect("a training to go on with");
    assert!(done <= 30);
    visit.send(Command::Limit(Limits { train: Some(90), test: Some(30) }));
    assert_eq!(told(&visit), None, "it was of other images");
    visit.send(Command::Limit(Limits { train: Some(100), test: Some(30) }));
    assert_eq!(told(&visit), Some((offered, done)));
    visit.send(Command::Train(TrainingOptions { seed: 7, ..offered }));
    assert_eq!(visit.trained().expect("a head").epochs.len() as u32, EPOCHS);
    assert_eq!(told(&visit), None, "the newer training took its place and came to its end");
}

#[test]
fn damaged_features_are_computed_again_and_the_training_goes_on() {
    for preset in Preset::ALL {
        let mut undisturbed = with_features(&SharedStore::default());
        undisturbed.send(Command::Train(options(preset)));
        let whole = undisturbed.trained().expect("a head");

        let store = SharedStore::default();
        let mut visit = with_features(&store);
        let index = block_on(store.index(&FeatureSpace::of(&manifest()))).unwrap();
        let record = index.values().map(|place| place.record).min().expect("a record");
        let in_record = index.values().filter(|place| place.record == record).count() as u32;
        store.0.damage(record);
        let before = visit.world.extracted.get();
        visit.send(Command::Train(options(preset)));
        assert_eq!(visit.problem(), Some(ProblemKind::StoreMended), "it is told");
        assert_eq!(visit.world.extracted.get() - before, in_record, "nothing else is computed");
        assert_eq!(bits(&visit.trained().expect("a head")), bits(&whole), "{preset:?}");
    }
}

#[test]
fn a_record_holds_a_block_of_the_dataset_in_its_order() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
    visit.send(Command::Limit(Limits { train: Some(300), test: Some(30) }));
    visit.send(Command::Extract);
    let index = block_on(store.index(&FeatureSpace::of(&manifest()))).unwrap();
    let mut rows = std::collections::BTreeMap::<u64, Vec<usize>>::new();
    index.values().for_each(|place| rows.entry(place.record).or_default().push(place.row));
    let mut sizes: Vec<usize> = rows.values().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [30, 44, 256], "the exam, what is left of training, and a whole block");
}

#[test]
fn a_damaged_kept_training_is_as_good_as_none() {
    let store = SharedStore::default();
    let mut visit = with_features(&store);
    visit.on(|event| matches!(event, Event::Epoch(epoch) if epoch.epoch == 30), vec![Command::StopTraining]);
    visit.send(Command::Train(options(Preset::Notebook)));
    assert!(told(&visit).is_some());
    let name = format!("training:{}", FeatureSpace::of(&manifest()).backbone);
    let bytes = block_on(store.read_head(&name)).unwrap().expect("it is kept");
    for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        block_on(store.write_head(&name, &bytes[..length])).unwrap();
        let mut again = Visit::with_sample(&store, EngineRequest::Cpu);
        assert_eq!(told(&again), None);
        again.send(Command::Train(TrainingOptions { epochs: 1, ..options(Preset::Notebook) }));
        assert_eq!(again.trained().expect("a head").epochs.len(), 1);
    }
}

#[test]
fn a_training_out_of_patience_has_come_to_its_end() {
    let mut visit = with_features(&SharedStore::default());
    let options = TrainingOptions { epochs: 1_000, patience: Some(20), ..options(Preset::Quick) };
    visit.send(Command::Train(options));
    let trained = visit.trained().expect("a head");
    assert!(trained.epochs.len() < 1_000);
    assert_eq!(trained.epochs.len() as u32, trained.best_epoch + 20);
    assert_eq!(told(&visit), None, "there is nothing to go on with");
}

#[test]
fn what_a_leaky_split_would_claim_touches_no_kept_training() {
    let mut visit = Visit::with_project(&SharedStore::default());
    visit.record(3, 6);
    visit.send(Command::Train(TrainingOptions { epochs: 2, ..options(Preset::Notebook) }));
    assert!(visit.trained().is_some());
    visit.on(|event| matches!(event, Event::Epoch(epoch) if epoch.epoch == 30), vec![Command::StopTraining]);
    visit.send(Command::Train(options(Preset::Notebook)));
    let kept = told(&visit);
    assert!(kept.is_some());
    visit.send(Command::TrainLeaky);
    // Told anew, as after a reload.
    visit.send(Command::Limit(Limits::default()));
    assert_eq!(told(&visit), kept);
}

#[test]
fn a_team_that_is_lost_is_followed_by_smaller_ones() {
    let train = |lost: u32| {
        let mut visit = with_features(&SharedStore::default());
        visit.world.cores.set(8);
        visit.world.lost_teams.set(lost);
        visit.send(Command::Train(options(Preset::Notebook)));
        let teams = visit.world.teams.borrow().clone();
        (teams, visit.trained().map(|trained| bits(&trained)), visit.problem())
    };
    let (teams, whole, _) = train(0);
    let most = teams[0];
    assert!(most > 1 && teams.len() == 1, "{teams:?}");
    for (lost, wanted) in [(1, vec![most, most / 2]), (2, vec![most, most / 2, 1])] {
        let (teams, trained, problem) = train(lost);
        assert_eq!((teams, problem), (wanted, None));
        assert_eq!(trained, whole, "the same bits");
    }
    // Even this thread could not.
    let (teams, trained, problem) = train(3);
    assert_eq!((teams, trained, problem), (vec![most, most / 2, 1], None, Some(ProblemKind::TeamLost)));
}

#[test]
fn a_training_whose_loss_is_no_number_keeps_the_best_epoch_before() {
    let store = SharedStore::default();
    let mut visit = with_features(&store);
    let too_fast = TrainingOptions { learning_rate: 1e5, ..options(Preset::Quick) };
    visit.send(Command::Train(too_fast));
    let trained = visit.trained().expect("a head of an epoch before");
    assert!((1..EPOCHS as usize).contains(&trained.epochs.len()), "{} epochs", trained.epochs.len());
    assert!(trained.epochs.iter().all(|epoch| epoch.loss.is_finite() && epoch.val_loss.is_finite()));
    assert_eq!(visit.problem(), Some(ProblemKind::Diverged));
    assert_eq!(told(&visit), None, "to go on would come to the same");
    let again = Visit::with_sample(&store, EngineRequest::Cpu);
    assert_eq!(again.trained().map(|head| head.exam), Some(trained.exam));

    // Where there was no epoch before, there is no head, and the one before stays in use.
    let no_number = TrainingOptions { learning_rate: 1e30, ..too_fast };
    visit.send(Command::Train(no_number));
    assert_eq!(visit.trained().map(|head| head.options), Some(too_fast));
}
