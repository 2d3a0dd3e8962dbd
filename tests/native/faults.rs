//! Every operation of the store fails once, in every way: what is stored is as before or as after, and nothing is
//! told that is wrong.

use std::rc::Rc;

use bottleneck::project::ProjectStore;
use bottleneck::protocol::*;
use bottleneck::random::Random;
use futures::executor::block_on;

use crate::projects::frame;
use crate::store::Fault;
use crate::visit::{FAKE, SharedStore, Visit};

/// What somebody does, step by step.
type Step = Box<dyn Fn(&mut Visit)>;

/// What a visitor finds of a project.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    name: String,
    /// Name and pictures of each class.
    pub classes: Vec<(String, Vec<u32>)>,
    head: Option<(Vec<String>, u32, u32)>,
    /// Whether there is a training to go on with.
    interrupted: bool,
}

impl Found {
    /// Without what a training leaves.
    fn data(&self) -> (&str, &[(String, Vec<u32>)]) {
        (&self.name, &self.classes)
    }
}

/// A visit to the project, where there is one.
pub fn opened(store: &SharedStore) -> Visit {
    let mut visit = Visit::new(store);
    visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    if let Some((id, _)) = block_on(store.0.projects()).unwrap().first() {
        visit.tell(ProjectCommand::Open(*id));
    }
    visit
}

/// All that the next visitor finds; nothing of it may be damaged.
pub fn found(store: &SharedStore, about: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, _) in block_on(store.0.projects()).unwrap() {
        let mut visit = Visit::new(store);
        visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
        visit.tell(ProjectCommand::Open(id));
        assert_eq!(visit.problem(), None, "{about}: told on the next visit");
        let project = visit.project().expect("an open project").project;
        let pictures: Vec<u32> = project.pictures().map(|picture| picture.id).collect();
        let files = block_on(store.0.pictures(id, &pictures)).unwrap();
        assert!(files.iter().all(Option::is_some), "{about}: a picture is gone");
        let head = visit.last(|event| match event {
            Event::Trained(head) => Some(Some((head.classes.clone(), head.train, head.best_epoch))),
            Event::Untrained => Some(None),
            _ => None,
        });
        let interrupted = visit.last(|event| match event {
            Event::Interrupted(told) => Some(told.is_some()),
            _ => None,
        });
        let classes = project.classes.iter();
        let ids =
            |class: &bottleneck::project::Class| class.pictures.iter().map(|picture| picture.id).collect();
        found.push(Found {
            name: project.name.clone(),
            classes: classes.map(|class| (class.name.clone(), ids(class))).collect(),
            head: head.flatten(),
            interrupted: interrupted.unwrap_or_default(),
        });
    }
    found
}

/// Lets every operation of the store that `steps` need fail once, in every way.
fn every_operation_fails_once(name: &str, prepared: &SharedStore, steps: &[Step]) {
    // Undisturbed: what there is after each step, and which operations it takes.
    let store = prepared.copy();
    let mut visit = opened(&store);
    let first = store.1.done.borrow().len();
    let mut states = vec![found(&store.copy(), name)];
    for step in steps {
        step(&mut visit);
        states.push(found(&store.copy(), name));
    }
    assert_eq!(visit.problem(), None, "{name} undisturbed");
    let operations = store.1.done.borrow()[first..].to_vec();
    assert!(!operations.is_empty(), "{name} does nothing");
    let after = states.last().unwrap();
    let heads: Vec<_> = states.iter().flatten().map(|found| &found.head).collect();
    let kept = operations.iter().position(|operation| *operation == "write_head");
    for (place, operation) in operations.iter().enumerate() {
        for fault in Fault::ALL {
            let about = format!("{name}, {operation} {place} {fault:?}");
            let store = prepared.copy();
            let mut visit = opened(&store);
            store.1.next.set(Some((first + place, fault)));
            for step in steps {
                step(&mut visit);
                if store.1.done.borrow().len() > first + place {
                    break;
                }
            }
            assert!(store.1.done.borrow().len() > first + place, "{about}: it came to it");
            let now = found(&store.copy(), &about);
            let data: Vec<_> = now.iter().map(Found::data).collect();
            let one_of = states.iter().any(|state| state.iter().map(Found::data).eq(data.iter().copied()));
            assert!(one_of, "{about}: {data:?} is neither as before nor as after");
            assert!(now.iter().all(|found| heads.contains(&&found.head)), "{about}: another head");
            let trains = after.iter().zip(&now).any(|(after, now)| after.head != now.head);
            if trains && kept.is_some_and(|kept| place > kept) {
                assert!(now.iter().any(|found| found.interrupted), "{about}: neither head nor training");
            }
            if fault.ends_the_visit() {
                continue;
            }
            // The page hears what it can see with its own eyes later.
            let told = visit.problem();
            let reached = states.iter().skip(1).any(|state| *state == now);
            assert!(told.is_some() || reached, "{about}: nothing is told");
            // And goes on: what failed can be done again.
            let before = visit.all(|event| matches!(event, Event::Projects(_)).then_some(())).len();
            if let Some(open) = visit.project() {
                visit.tell(ProjectCommand::Rename(format!("{} 2", open.project.name)));
                let lists = visit.all(|event| matches!(event, Event::Projects(_)).then_some(())).len();
                assert!(lists > before, "{about}: {told:?}, and then {:?}", visit.problem());
            }
        }
    }
}

fn ready() -> SharedStore {
    let store = SharedStore::default();
    Visit::with_project(&store).record(3, 2);
    store
}

fn trained() -> SharedStore {
    let store = ready();
    opened(&store).train();
    store
}

fn class(visit: &Visit, place: usize) -> bottleneck::project::Class {
    visit.project().expect("an open project").project.classes[place].clone()
}

fn tell(command: impl Fn(&Visit) -> ProjectCommand + 'static) -> Step {
    Box::new(move |visit| {
        let command = command(visit);
        visit.tell(command);
    })
}

fn delete_first() -> Step {
    tell(|visit| ProjectCommand::DeletePictures(vec![class(visit, 0).pictures[0].id]))
}

const FORTY: TrainingOptions = TrainingOptions { epochs: 40, ..TrainingOptions::notebook() };

#[test]
fn recording() {
    let add = |place: u32| {
        tell(move |visit| {
            let image = frame(place, &mut Random::new(u64::from(place) + 77));
            ProjectCommand::AddFrame { class: class(visit, place as usize).id, recording: 9, image }
        })
    };
    every_operation_fails_once("recording", &trained(), &[add(0), add(1)]);
}

#[test]
fn edits() {
    let steps = [
        tell(|visit| ProjectCommand::RenameClass { class: class(visit, 0).id, name: "crimson".into() }),
        tell(|visit| {
            let pictures = vec![class(visit, 0).pictures[0].id];
            ProjectCommand::MovePictures { pictures, class: class(visit, 1).id }
        }),
        tell(|_| ProjectCommand::AddClass("third".into())),
        tell(|visit| ProjectCommand::EnableClass { class: class(visit, 2).id, enabled: false }),
        delete_first(),
        delete_first(),
    ];
    every_operation_fails_once("edits", &trained(), &steps);
}

#[test]
fn undo() {
    let undo = || tell(|_| ProjectCommand::Undo);
    let steps =
        [delete_first(), undo(), tell(|visit| ProjectCommand::DeleteClass(class(visit, 1).id)), undo()];
    every_operation_fails_once("undo", &trained(), &steps);
}

#[test]
fn deletion() {
    let delete = tell(|visit| ProjectCommand::Delete(visit.project().expect("an open project").id));
    every_operation_fails_once("deletion", &trained(), &[delete]);
}

#[test]
fn extraction() {
    let store = SharedStore::default();
    // Features that are gone are computed again.
    let mut visit = Visit::with_project(&store);
    visit.record(3, 2);
    let steps: [Step; 2] =
        [Box::new(|visit| visit.send(Command::ClearCache)), Box::new(|visit| visit.send(Command::Extract))];
    every_operation_fails_once("extraction", &store, &steps);
}

#[test]
fn training() {
    every_operation_fails_once("training", &ready(), &[Box::new(|visit| visit.send(Command::Train(FORTY)))]);
}

#[test]
fn resuming() {
    let store = ready();
    let mut visit = opened(&store);
    let stuck = Rc::clone(&visit.world.stuck);
    *visit.world.on_event.borrow_mut() = Some(Box::new(move |event| {
        if matches!(event, Event::Epoch(epoch) if epoch.epoch == 25) {
            stuck.set(true);
        }
    }));
    visit.send(Command::Train(FORTY));
    drop(visit);
    every_operation_fails_once("resuming", &store, &[Box::new(|visit| visit.send(Command::Train(FORTY)))]);
}

/// The project's file.
fn exported(store: &SharedStore) -> Vec<u8> {
    let mut visit = opened(store);
    visit.tell(ProjectCommand::Export);
    let saved = visit.world.saved.borrow();
    saved.first().expect("a file").1.clone()
}

#[test]
fn import() {
    let store = trained();
    let file = exported(&store);
    let import: Step = Box::new(move |visit| {
        visit.world.files.borrow_mut().insert(7, file.clone());
        let file = FileRef { id: 7, name: "colours.zip".into(), size: file.len() as u64 };
        visit.tell(ProjectCommand::Import(file));
    });
    every_operation_fails_once("import", &store, &[import]);
}

#[test]
fn export() {
    let store = trained();
    every_operation_fails_once("export", &store, &[tell(|_| ProjectCommand::Export)]);
    // What was given is whole.
    assert!(!exported(&store).is_empty());
}
