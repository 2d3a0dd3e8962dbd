//! What the person may do while something long runs, and what is in use after something failed.

use bottleneck::features::FeatureStore;
use bottleneck::pixels::RgbImage;
use bottleneck::project::ProjectStore;
use futures::channel::oneshot;
use futures::executor::block_on;
use half::f16;

use super::*;

fn rename(name: &str) -> Command {
    Command::Project(ProjectCommand::Rename(name.into()))
}

fn name(visit: &Visit) -> String {
    visit.project().expect("an open project").project.name
}

/// A frame of a camera for the project's class at this place.
fn frame(visit: &Visit, class: usize, value: u8) -> Command {
    let class = visit.project().expect("an open project").project.classes[class].id;
    let image = RgbImage::from_fn(24, 24, |x, y| [value, x as u8, y as u8]);
    Command::Project(ProjectCommand::AddFrame { class, recording: 1, image })
}

fn count(visit: &Visit) -> usize {
    visit.project().expect("an open project").project.pictures().count()
}

/// A project whose network does not come in before the gate opens.
fn waiting(store: &SharedStore) -> (Visit, oneshot::Sender<()>) {
    let mut visit = Visit::with_project(store);
    let (open, gate) = oneshot::channel();
    *visit.world.gate.borrow_mut() = Some(gate);
    let first = frame(&visit, 0, 1);
    visit.send(first);
    assert_eq!(visit.world.downloads.get(), 1, "the first picture asks for the network");
    (visit, open)
}

/// The graphics processor was twice as fast when it was timed last.
fn webgpu_is_faster() -> Command {
    let speed = |(engine, images_per_second)| Speed {
        backbone: crate::visit::manifest().sha256,
        engine,
        trial: true,
        images_per_second,
    };
    Command::Speeds([(Engine::Cpu, 10.0), (Engine::WebGpu, 20.0)].map(speed).to_vec())
}

#[test]
fn every_edit_is_answered_while_the_network_comes_in() {
    let store = SharedStore::default();
    let (mut visit, open) = waiting(&store);
    let second = frame(&visit, 1, 2);
    visit.send(second);
    assert_eq!(count(&visit), 2);
    visit.send(rename("Fruit"));
    assert_eq!(name(&visit), "Fruit");
    visit.send(Command::Project(ProjectCommand::Undo));
    assert_eq!(name(&visit), "Colours");
    assert_eq!(visit.world.extracted.get(), 0);
    open.send(()).unwrap();
    visit.executor.run_until_stalled();
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    assert_eq!(
        (visit.extraction().total, visit.world.extracted.get()),
        (2, 2),
        "those that came meanwhile, too"
    );
    assert_eq!(visit.problem(), None);
}

#[test]
fn a_picture_that_is_deleted_meanwhile_is_not_missed() {
    let store = SharedStore::default();
    let (mut visit, open) = waiting(&store);
    let second = frame(&visit, 1, 2);
    visit.send(second);
    let first = visit.project().unwrap().project.classes[0].pictures[0].id;
    visit.send(Command::Project(ProjectCommand::DeletePictures(vec![first])));
    // With the next change it leaves the store.
    visit.send(rename("Fruit"));
    let [id] = block_on(store.projects()).unwrap().iter().map(|(id, _)| *id).collect::<Vec<_>>()[..] else {
        panic!("one project");
    };
    assert_eq!(block_on(store.pictures(id, &[first])).unwrap(), [None]);
    open.send(()).unwrap();
    visit.executor.run_until_stalled();
    assert_eq!(visit.problem(), None);
    assert_eq!((visit.extraction().done, visit.extraction().total), (1, 1));
}

#[test]
fn commands_do_not_overtake_each_other() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    let first = visit.project().unwrap().id;
    let classes = ["one".to_owned(), "two".to_owned()];
    visit.tell(ProjectCommand::Create { name: "Other".into(), classes });
    let (open, gate) = oneshot::channel();
    *visit.world.gate.borrow_mut() = Some(gate);
    let picture = frame(&visit, 0, 1);
    visit.send(picture);
    // To open another project is not brief: it waits, and so does what is meant for that one.
    visit.send(Command::Project(ProjectCommand::Open(first)));
    visit.send(rename("First"));
    assert_eq!(name(&visit), "Other");
    open.send(()).unwrap();
    visit.executor.run_until_stalled();
    assert_eq!((visit.project().unwrap().id, name(&visit)), (first, "First".into()));
    let names = visit.last(|event| match event {
        Event::Projects(list) => Some(list.iter().map(|one| one.name.clone()).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(names.unwrap(), ["First", "Other"]);
}

#[test]
fn looks_are_answered_in_a_training_and_edits_wait_for_its_end() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 2);
    let first = visit.project().unwrap().project.classes[0].pictures[0].id;
    let commands = vec![Command::Project(ProjectCommand::Look(vec![first])), rename("Fruit")];
    visit.on(|event| matches!(event, Event::Epoch(epoch) if epoch.epoch == 2), commands);
    visit.train();
    let places = |wanted: &dyn Fn(&Event) -> bool| {
        let events = visit.world.events.borrow();
        events.iter().rposition(wanted).expect("an event")
    };
    let looked = places(&|event| matches!(event, Event::Thumbnails(small) if !small.is_empty()));
    let ended = places(&|event| matches!(event, Event::Trained(_)));
    let renamed =
        places(&|event| matches!(event, Event::Project(Some(info)) if info.project.name == "Fruit"));
    let begun = places(&|event| matches!(event, Event::TrainingStarted { .. }));
    assert!(begun < looked && looked < ended && ended < renamed, "{begun} {looked} {ended} {renamed}");
    assert_eq!(visit.problem(), None);
}

#[test]
fn measuring_can_be_ended_and_what_was_trained_is_kept() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit.on(|event| matches!(event, Event::Measuring { .. }), vec![Command::Cancel]);
    visit.send(TWO_EPOCHS);
    assert!(visit.trained().is_none());
    let kept = visit.last(|event| match event {
        Event::Interrupted(told) => Some(*told),
        _ => None,
    });
    let (options, epochs) = kept.flatten().expect("it can go on");
    assert_eq!(epochs, 2);
    visit.send(Command::Train(options));
    assert_eq!(visit.trained().expect("a head").epochs.len(), 2);
}

#[test]
fn a_training_is_kept_until_its_head_is_stored() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
    visit.send(Command::Extract);
    // Until the head is to be written, which the person has no room for any more.
    let faults = std::rc::Rc::clone(&store.1);
    let epochs = TrainingOptions { epochs: 40, ..TrainingOptions::notebook() };
    *visit.world.on_event.borrow_mut() = Some(Box::new(move |event| {
        if matches!(event, Event::Trained(_)) {
            faults.next.set(Some((faults.done.borrow().len(), crate::store::Fault::Full)));
        }
    }));
    visit.send(Command::Train(epochs));
    assert_eq!(visit.problem(), Some(ProblemKind::DiskFull));
    drop(visit);
    let again = Visit::with_sample(&store, EngineRequest::Cpu);
    assert!(again.trained().is_none(), "it was not stored");
    let told = again.last(|event| match event {
        Event::Interrupted(told) => Some(*told),
        _ => None,
    });
    assert!(told.flatten().is_some(), "but its training can be ended again");
}

/// Puts other bytes in the place of the head of the project that is open.
fn spoil(store: &SharedStore, visit: &Visit, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let id = visit.project().unwrap().id;
    let named =
        |name: &String| name.ends_with(&bottleneck::features::project_suffix(id)) && !name.contains(':');
    let name = store.0.heads_named("").into_iter().find(named).expect("a head");
    let mut bytes = block_on(store.read_head(&name)).unwrap().unwrap();
    change(&mut bytes);
    block_on(store.write_head(&name, &bytes)).unwrap();
    name
}

#[test]
fn a_head_that_cannot_be_read_leaves_no_other_one_in_use() {
    // Damaged, and of another version of the page.
    let changes: [fn(&mut Vec<u8>); 2] = [|bytes| bytes.truncate(bytes.len() / 2), |bytes| bytes[0] += 1];
    for (change, told) in changes.into_iter().zip([true, false]) {
        let store = SharedStore::default();
        let mut visit = Visit::with_project(&store);
        visit.record(3, 2);
        visit.train();
        let (first, head) = (visit.project().unwrap().id, visit.trained().expect("a head"));
        visit.tell(ProjectCommand::Create { name: "B".into(), classes: ["x".into(), "y".into()] });
        visit.record(3, 2);
        visit.train();
        let second = visit.project().unwrap().id;
        let name = spoil(&store, &visit, change);
        visit.tell(ProjectCommand::Open(first));
        assert_eq!(visit.trained().map(|head| head.classes), Some(head.classes));
        let before = visit.all(|event| matches!(event, Event::Problem(_)).then_some(())).len();
        visit.tell(ProjectCommand::Open(second));
        let last = visit.last(|event| match event {
            Event::Trained(_) => Some(true),
            Event::Untrained => Some(false),
            _ => None,
        });
        assert_eq!(last, Some(false), "A's head is not shown with B");
        let problems = visit.all(|event| match event {
            Event::Problem(problem) => Some(problem.kind),
            _ => None,
        });
        assert_eq!(problems[before..], [ProblemKind::StoreDamaged][..usize::from(told)]);
        assert_eq!(block_on(store.read_head(&name)).unwrap().is_none(), told, "what is damaged is dropped");
        visit.send(Command::ClassifyFrame(RgbImage::from_fn(24, 24, |_, _| [200, 60, 60])));
        assert_eq!(visit.problem(), Some(ProblemKind::NoHead));
    }
}

#[test]
fn where_both_engines_fail_each_is_tried_once() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Auto);
    visit.world.adapter.set(Some(Adapter::Hardware));
    let failing = [Engine::Cpu, Engine::WebGpu];
    visit.send(webgpu_is_faster());
    visit.world.failing.borrow_mut().extend(failing);
    visit.send(Command::Extract);
    let problems = visit.all(|event| match event {
        Event::Problem(problem) => Some(problem.kind),
        _ => None,
    });
    assert_eq!(problems.len(), 1);
    let failed = visit.all(|event| match event {
        Event::Engine(EngineStatus::Ready { engine, .. }) => Some(Some(*engine)),
        Event::Engine(EngineStatus::Failed(_)) => Some(None),
        _ => None,
    });
    assert_eq!(failed, [Some(Engine::WebGpu), Some(Engine::Cpu), None]);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Incomplete);
    // Once they work again, the person goes on.
    visit.world.failing.borrow_mut().clear();
    visit.send(Command::Extract);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
}

#[test]
fn answers_that_no_network_gives_are_not_stored() {
    for value in [f16::NAN, f16::INFINITY] {
        let store = SharedStore::default();
        let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
        visit.world.spoils.set(Some(value));
        visit.send(Command::Extract);
        assert!(visit.problem().is_some());
        assert_eq!(block_on(store.size()).unwrap().images, 0);
        visit.world.spoils.set(None);
        visit.send(Command::Extract);
        assert_eq!(block_on(store.size()).unwrap().images, 130);
    }
}

#[test]
fn features_that_an_engine_computes_differently_later_are_computed_again() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Auto);
    visit.world.adapter.set(Some(Adapter::Hardware));
    visit.send(webgpu_is_faster());
    // All answers are one image's, as from a graphics card that keeps its first one.
    visit.world.frozen.set(Some(Engine::WebGpu));
    visit.send(Command::Extract);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    visit.world.frozen.set(None);
    visit.send(TWO_EPOCHS);
    let problems = visit.all(|event| match event {
        Event::Problem(problem) => Some(problem.kind),
        _ => None,
    });
    assert_eq!(problems, [ProblemKind::StoreMended]);
    assert_eq!(visit.world.launched.borrow().last(), Some(&Engine::Cpu));
    let right = {
        let mut right = Visit::with_sample(&SharedStore::default(), EngineRequest::Cpu);
        right.send(Command::Extract);
        right.send(TWO_EPOCHS);
        right.trained().expect("a head")
    };
    assert_eq!(visit.trained().map(|head| head.exam), Some(right.exam));
    // What was checked is not checked again.
    let before = visit.world.extracted.get();
    visit.send(TWO_EPOCHS);
    visit.send(TWO_EPOCHS);
    assert!(visit.world.extracted.get() <= before + 4);
}
