//! Finished trainings of a dataset: kept, renamed, deleted, compared, whatever goes wrong.

use bottleneck::features::FeatureStore;
use bottleneck::trainings::{Comparison, MOST, Summary, Trainings, Verdict};

use super::*;

pub const QUICK: Command =
    Command::Train(TrainingOptions { epochs: 3, batch: 20, ..TrainingOptions::notebook() });

impl Visit {
    pub fn finished(&self) -> TrainingsInfo {
        let told = self.last(|event| match event {
            Event::Trainings(info) => Some(info.clone()),
            _ => None,
        });
        told.expect("the page was told")
    }

    pub fn rows(&self) -> Vec<Summary> {
        self.finished().rows
    }

    pub fn about_trainings(&mut self, command: TrainingsCommand) {
        self.send(Command::Trainings(command));
    }

    fn compared(&self) -> Option<Comparison> {
        self.last(|event| match event {
            Event::Compared(found) => Some(*found),
            _ => None,
        })
    }
}

/// Where the store keeps lists of trainings.
fn records(store: &SharedStore) -> Vec<String> {
    let names = store.0.heads_named("trainings:");
    assert!(names.iter().all(|name| name.starts_with("trainings:")));
    names
}

fn rename(id: u32, name: &str) -> TrainingsCommand {
    TrainingsCommand::Rename { id, name: name.into() }
}

/// A visit whose features are all there.
fn ready(store: &SharedStore) -> Visit {
    let mut visit = Visit::with_sample(store, EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit
}

#[test]
fn every_finished_training_is_a_row_that_stays() {
    let store = SharedStore::default();
    let mut visit = ready(&store);
    assert_eq!(visit.finished(), TrainingsInfo::default());
    visit.send(TWO_EPOCHS);
    let trained = visit.trained().expect("a head");
    visit.send(Command::Train(TrainingOptions { preset: Preset::Nearest, ..TrainingOptions::notebook() }));
    let nearest = visit.trained().expect("a head");
    assert_eq!(visit.problem(), None);
    let rows = visit.rows();
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((rows[0].train, rows[0].test, rows[0].correct), (100, 30, trained.correct()));
    assert_eq!((rows[1].correct, rows[1].settings.preset), (nearest.correct(), Preset::Nearest));
    assert_eq!((rows[0].network.as_str(), rows[0].name.as_str()), ("fake", ""));
    assert!(rows[0].seconds > 0.0 && rows[1].made > rows[0].made);

    visit.about_trainings(rename(1, "  first  "));
    visit.about_trainings(TrainingsCommand::Compare([2, 1]));
    let found = visit.compared().expect("a comparison");
    assert_eq!((found.of, found.images, found.correct), ([2, 1], 30, [nearest.correct(), trained.correct()]));
    let answers =
        |trained: &Trained| -> Vec<bool> { trained.exam.judged.iter().map(|judged| judged.right).collect() };
    let only = |one: &Trained, other: &Trained| {
        let both = answers(one).into_iter().zip(answers(other));
        both.filter(|(one, other)| *one && !other).count() as u32
    };
    assert_eq!(found.alone, [only(&nearest, &trained), only(&trained, &nearest)]);

    // After a reload, and whatever part of the images is in use.
    let mut again = Visit::with_sample(&store, EngineRequest::Cpu);
    assert_eq!((again.rows().len(), again.rows()[0].name.as_str()), (2, "first"));
    again.send(Command::Limit(Limits { train: Some(60), test: Some(20) }));
    again.send(TWO_EPOCHS);
    assert_eq!(again.rows().len(), 3);
    again.about_trainings(TrainingsCommand::Compare([1, 3]));
    let found = again.compared().expect("a comparison");
    assert_eq!((found.images, found.verdict()), (20, Verdict::TooFew), "the test images that both have");
}

#[test]
fn what_is_no_finished_training_makes_no_row() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
    visit.send(TWO_EPOCHS);
    assert_eq!(visit.problem(), Some(ProblemKind::FeaturesMissing));
    visit.send(Command::Extract);
    visit.send(Command::Train(TrainingOptions { epochs: 0, ..TrainingOptions::notebook() }));
    // Stopped before there was a head.
    visit.on(
        |event| matches!(event, Event::TrainingLoads { .. } | Event::TrainingStarted { .. }),
        vec![Command::StopTraining],
    );
    visit.send(TWO_EPOCHS);
    assert_eq!(visit.trained(), None);
    assert_eq!((visit.rows(), records(&store)), (vec![], vec![]));
}

#[test]
fn a_row_is_deleted_and_taken_back() {
    let store = SharedStore::default();
    let mut visit = ready(&store);
    visit.send(TWO_EPOCHS);
    visit.send(QUICK);
    let before = visit.rows();
    visit.about_trainings(TrainingsCommand::Delete(1));
    assert_eq!(visit.rows(), before[1..]);
    assert_eq!(visit.finished().deleted, Some(before[0].clone()));
    visit.about_trainings(TrainingsCommand::Restore);
    assert_eq!((visit.rows(), visit.finished().deleted), (before.clone(), None));
    // Taken back once, it is not there twice.
    visit.about_trainings(TrainingsCommand::Restore);
    assert_eq!(visit.rows(), before);
    visit.about_trainings(TrainingsCommand::Compare([1, 2]));
    assert_eq!(visit.compared().map(|found| found.images), Some(30), "its answers came back too");
    // A deletion that was not taken back is final with the next visit.
    visit.about_trainings(TrainingsCommand::Delete(2));
    let mut again = ready(&store);
    again.about_trainings(TrainingsCommand::Restore);
    assert_eq!(again.rows(), before[..1]);
    // What is not there is not compared, renamed or deleted; the page hears what is.
    again.about_trainings(TrainingsCommand::Compare([1, 2]));
    again.about_trainings(rename(2, "nobody"));
    again.about_trainings(TrainingsCommand::Delete(2));
    assert_eq!((again.compared(), again.rows(), again.problem()), (None, before[..1].to_vec(), None));
    for name in ["", "  ", &"x".repeat(61), "a\nb"] {
        again.about_trainings(rename(1, name));
        assert_eq!(again.problem(), Some(ProblemKind::ProjectName), "{name}");
    }
    assert_eq!(again.rows(), before[..1]);
}

#[test]
fn each_dataset_has_rows_of_its_own() {
    let store = SharedStore::default();
    let mut visit = ready(&store);
    visit.send(TWO_EPOCHS);
    let project = ProjectCommand::Create { name: "P".into(), classes: ["a".to_owned(), "b".to_owned()] };
    visit.send(Command::Project(project));
    assert_eq!(visit.rows(), []);
    visit.send(Command::UseSample);
    assert_eq!(visit.rows().len(), 1);
}

#[test]
fn two_tabs_lose_nothing_of_each_other() {
    let store = SharedStore::default();
    let (mut one, mut other) = (ready(&store), ready(&store));
    one.send(TWO_EPOCHS);
    other.send(QUICK);
    assert_eq!(other.rows().iter().map(|row| row.id).collect::<Vec<_>>(), [1, 2]);
    one.about_trainings(rename(1, "of one"));
    assert_eq!(one.rows().len(), 2);
    other.about_trainings(TrainingsCommand::Delete(1));
    assert_eq!(other.rows().len(), 1);
    // What the other tab has deleted is its to take back.
    one.about_trainings(TrainingsCommand::Delete(1));
    assert_eq!((one.rows().len(), one.finished().deleted), (1, None));
    other.about_trainings(TrainingsCommand::Restore);
    assert_eq!(other.rows().iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["of one", ""]);
}

#[test]
fn a_change_that_another_tab_was_faster_with_is_made_again() {
    let store = SharedStore::default();
    let mut visit = ready(&store);
    visit.send(TWO_EPOCHS);
    // Between the reading and the writing another tab gives it a name, once.
    store.0.overtake(1);
    visit.about_trainings(rename(1, "mine"));
    assert_eq!((visit.problem(), visit.rows()[0].name.as_str()), (None, "mine"));
    // Again and again: then the person hears of it, and nothing is written.
    store.0.overtake(1_000);
    visit.about_trainings(rename(1, "never"));
    assert_eq!(visit.problem(), Some(ProblemKind::ProjectChanged));
    store.0.overtake(0);
    assert_eq!(ready(&store).rows()[0].name, "mine");
}

#[test]
fn where_the_store_is_full_the_head_is_there_and_the_person_hears_of_it() {
    let store = SharedStore::default();
    let mut visit = ready(&store);
    store.0.set_capacity(Some(0));
    visit.send(TWO_EPOCHS);
    assert!(visit.trained().is_some());
    assert_eq!((visit.problem(), visit.rows()), (Some(ProblemKind::DiskFull), vec![]));
    store.0.set_capacity(None);
    visit.send(TWO_EPOCHS);
    assert_eq!(visit.rows().len(), 1);
    store.0.set_capacity(Some(0));
    visit.about_trainings(TrainingsCommand::Delete(1));
    assert_eq!(visit.finished().deleted, None, "nothing was deleted");
    store.0.set_capacity(None);
    assert_eq!(ready(&store).rows().len(), 1);
}

#[test]
fn a_damaged_list_is_told_once_and_one_of_an_older_version_is_none() {
    let store = SharedStore::default();
    let mut visit = ready(&store);
    visit.send(TWO_EPOCHS);
    let name = records(&store).pop().expect("a record");
    let write = |bytes: &[u8]| futures::executor::block_on(store.write_head(&name, bytes)).unwrap();
    let read = || futures::executor::block_on(store.read_head(&name)).unwrap();
    let whole = read().expect("a record");
    write(&whole[..whole.len() / 2]);
    let mut again = ready(&store);
    assert_eq!((again.problem(), again.rows()), (Some(ProblemKind::TrainingsDamaged), vec![]));
    assert!(again.trained().is_some(), "the head is not touched");
    again.send(TWO_EPOCHS);
    assert_eq!(again.rows().len(), 1);
    assert_eq!(ready(&store).problem(), None, "it is told once");

    let older = [&[0], &whole[1..]].concat();
    write(&older);
    let mut third = ready(&store);
    assert_eq!((third.problem(), third.rows()), (None, vec![]));
    third.send(TWO_EPOCHS);
    assert_eq!((third.problem(), third.rows().len()), (None, 1));
}

#[test]
fn the_oldest_row_makes_room_and_the_page_says_so() {
    let store = SharedStore::default();
    let mut visit = ready(&store);
    visit.send(TWO_EPOCHS);
    let name = records(&store).pop().expect("a record");
    let bytes = futures::executor::block_on(store.read_head(&name)).unwrap().expect("a record");
    let mut list = Trainings::from_bytes(&bytes).unwrap().expect("of this version");
    let one = list.remove(1).expect("it is there");
    for _ in 0..MOST {
        list.add(bottleneck::trainings::Training { id: 0, ..one.clone() });
    }
    futures::executor::block_on(store.write_head(&name, &list.to_bytes().unwrap())).unwrap();
    let mut full = ready(&store);
    assert_eq!((full.rows().len(), full.finished().dropped), (MOST, 0));
    full.send(TWO_EPOCHS);
    let told = full.finished();
    assert_eq!((told.rows.len(), told.dropped, told.rows[0].id, told.rows[199].id), (MOST, 1, 3, 202));
}

#[test]
fn an_interrupted_training_counts_the_time_of_its_first_part() {
    let store = SharedStore::default();
    let mut first = ready(&store);
    let options = TrainingOptions { epochs: 40, ..TrainingOptions::notebook() };
    let stuck = std::rc::Rc::clone(&first.world.stuck);
    *first.world.on_event.borrow_mut() = Some(Box::new(move |event| {
        stuck.set(stuck.get() || matches!(event, Event::Epoch(epoch) if epoch.epoch == 35));
    }));
    first.send(Command::Train(options));
    let mut again = ready(&store);
    let done = again.last(|event| match event {
        Event::Interrupted(Some((_, done))) => Some(*done),
        _ => None,
    });
    assert!(done.is_some_and(|done| done > 20), "{done:?} epochs were kept");
    let begun = again.world.clock.get();
    again.send(Command::Train(options));
    let trained = again.trained().expect("a head");
    let epochs: f64 = trained.epochs.iter().map(|epoch| f64::from(epoch.seconds)).sum();
    let row = again.rows().pop().expect("a row");
    let visit = (again.world.clock.get() - begun) / 1000.0;
    assert!(row.seconds > visit && row.seconds >= epochs, "{} of {visit} and {epochs}", row.seconds);
}
