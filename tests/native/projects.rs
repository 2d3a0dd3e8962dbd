//! Projects of one's own in a session: collecting, training, undoing, giving and taking.

use bottleneck::dataset::notices::{Notice, NoticeKind};
use bottleneck::pixels::RgbImage;
use bottleneck::project::ProjectStore;
use bottleneck::protocol::*;
use bottleneck::random::Random;

use crate::folders::notice;
use crate::visit::{FAKE, SharedStore, Visit};

#[path = "projects/backbones.rs"]
mod backbones;
#[path = "projects/cases.rs"]
mod cases;
#[path = "projects/folders.rs"]
mod folders;
#[path = "projects/imported.rs"]
mod imported;
#[path = "projects/kept.rs"]
mod kept;
#[path = "projects/many.rs"]
mod many;
#[path = "projects/opened.rs"]
mod opened;
#[path = "projects/trainings.rs"]
mod trainings;
#[path = "projects/unused.rs"]
mod unused;

/// A frame of a recording: about the colour of its class, and like no other frame.
pub fn frame(class: u32, random: &mut Random) -> RgbImage {
    let base = [[200, 60, 60], [60, 200, 60], [60, 60, 200]][class as usize % 3];
    RgbImage::from_fn(24, 24, |_, _| base.map(|value: u8| value.saturating_add(random.below(50) as u8)))
}

impl Visit {
    pub fn project(&self) -> Option<ProjectInfo> {
        self.last(|event| match event {
            Event::Project(project) => Some(project.clone()),
            _ => None,
        })
        .flatten()
    }

    pub fn tell(&mut self, command: ProjectCommand) {
        self.send(Command::Project(command));
    }

    pub fn with_project(store: &SharedStore) -> Self {
        let mut visit = Self::new(store);
        visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
        let classes = ["red".to_owned(), "green".to_owned()];
        visit.tell(ProjectCommand::Create { name: "Colours".into(), classes });
        visit
    }

    /// Records so many takes of so many frames of each class.
    pub fn record(&mut self, takes: u32, frames: u32) {
        let mut random = Random::new(5);
        let classes: Vec<u32> =
            self.project().unwrap().project.classes.iter().map(|class| class.id).collect();
        let mut recording = 0;
        for (number, class) in (0..).zip(classes) {
            for _ in 0..takes {
                recording += 1;
                for _ in 0..frames {
                    let image = frame(number, &mut random);
                    self.tell(ProjectCommand::AddFrame { class, recording, image });
                }
            }
        }
    }

    pub fn train(&mut self) {
        self.send(Command::Train(TrainingOptions { epochs: 6, ..TrainingOptions::notebook() }));
    }
}

/// What a visitor would see of a project.
fn shown(visit: &Visit) -> (String, Vec<(String, usize)>) {
    let project = visit.project().expect("an open project").project;
    let classes = project.classes.iter().map(|class| (class.name.clone(), class.pictures.len()));
    (project.name.clone(), classes.collect())
}

#[test]
fn features_are_computed_as_pictures_come_and_never_twice() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(4, 5);
    assert_eq!(visit.problem(), None);
    assert_eq!(visit.world.extracted.get(), 40);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    assert_eq!(visit.project().unwrap().takes, [4, 4]);

    let first = visit.project().unwrap().project.classes[0].clone();
    visit.tell(ProjectCommand::RenameClass { class: first.id, name: "crimson".into() });
    visit.tell(ProjectCommand::MoveClass { class: first.id, place: 1 });
    assert_eq!(visit.world.extracted.get(), 40, "a name costs nothing");

    visit.train();
    let trained = visit.trained().expect("a head");
    assert_eq!(trained.classes, ["green", "crimson"]);
    // One take of each class for the exam, one to validate with.
    assert_eq!((trained.train, trained.test()), (30, 10));
    assert_eq!(trained.correct(), 10, "colours are easy");

    // Another visit: everything is there, nothing is computed.
    let mut again = Visit::new(&store);
    again.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    let list = again.last(|event| match event {
        Event::Projects(list) => Some(list.clone()),
        _ => None,
    });
    let list = list.expect("a list");
    assert_eq!(list, [ProjectSummary { id: list[0].id, name: "Colours".into(), pictures: 40 }]);
    again.tell(ProjectCommand::Open(list[0].id));
    assert_eq!(shown(&again), ("Colours".into(), vec![("green".into(), 20), ("crimson".into(), 20)]));
    assert_eq!(again.extraction().phase, ExtractionPhase::Complete);
    assert_eq!((again.world.extracted.get(), again.world.downloads.get()), (0, 0));
    assert_eq!(again.trained().map(|head| (head.restored, head.exam)), Some((true, trained.exam)));
}

#[test]
fn too_few_takes_make_no_honest_exam() {
    let mut visit = Visit::with_project(&SharedStore::default());
    visit.record(2, 10);
    assert_eq!(visit.project().unwrap().takes, [2, 2]);
    visit.train();
    assert_eq!(visit.problem(), Some(ProblemKind::TooFewTakes));
    assert_eq!(visit.trained(), None);
}

#[test]
fn without_a_head_there_is_nothing_to_compare_a_leaky_split_with() {
    let mut visit = Visit::with_project(&SharedStore::default());
    visit.record(3, 6);
    visit.send(Command::TrainLeaky);
    assert_eq!(visit.problem(), Some(ProblemKind::NoHead));
}

#[test]
fn a_leaky_split_is_measured_and_thrown_away() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 6);
    visit.train();
    let honest = visit.trained().expect("a head");
    visit.send(Command::TrainLeaky);
    let leaky = visit.last(|event| match event {
        Event::Leaky { test, correct } => Some((*test, *correct)),
        _ => None,
    });
    let (test, correct) = leaky.expect("a claim");
    let started = |visit: &Visit| -> Vec<u32> {
        let events = visit.world.events.borrow();
        let epochs = events.iter().filter_map(|event| match event {
            Event::TrainingStarted { epochs } => Some(*epochs),
            _ => None,
        });
        epochs.collect()
    };
    assert_eq!(started(&visit), [6, 6], "trained as the honest head was");
    assert_eq!(test, honest.test());
    assert!(correct <= test);
    // The head that classifies is still the honest one, and so is what is stored.
    assert_eq!(visit.trained().map(|head| head.exam), Some(honest.exam.clone()));
    visit.send(Command::ShowExam { label: 0, answer: 0 });
    assert_eq!(visit.problem(), None);
}

#[test]
fn deletions_and_moves_can_be_taken_back() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 4);
    let whole = visit.project().unwrap().project;
    let (red, green) = (whole.classes[0].clone(), whole.classes[1].clone());
    let some: Vec<u32> = red.pictures[..5].iter().map(|picture| picture.id).collect();
    let changes = [
        (ProjectCommand::DeletePictures(some.clone()), vec![7, 12]),
        (ProjectCommand::MovePictures { pictures: some, class: green.id }, vec![7, 17]),
        (ProjectCommand::DeleteClass(red.id), vec![12]),
    ];
    for (change, counts) in changes {
        visit.tell(change);
        let info = visit.project().unwrap();
        let left: Vec<usize> = info.project.classes.iter().map(|class| class.pictures.len()).collect();
        assert_eq!(left, counts);
        assert!(info.can_undo);
        visit.tell(ProjectCommand::Undo);
        let info = visit.project().unwrap();
        assert_eq!((info.project.classes, info.can_undo), (whole.classes.clone(), false));
    }
    assert_eq!(visit.world.extracted.get(), 24, "what comes back has its features");
    assert_eq!(visit.problem(), None);
    // The store holds all of it again.
    let mut again = Visit::new(&store);
    again.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    again.tell(ProjectCommand::Open(visit.project().unwrap().id));
    assert_eq!(shown(&again), shown(&visit));
    assert_eq!(again.problem(), None);
}

#[test]
fn what_is_taken_back_is_the_last_change_whatever_it_was() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let mut random = Random::new(3);
    let whole = visit.project().unwrap().project;
    let class = whole.classes[0].id;
    let png = frame(0, &mut random).to_png().unwrap();
    let added = file(&visit, 1, "a.png", png);
    visit.tell(ProjectCommand::AddFiles { class, files: vec![added] });
    let filled = visit.project().unwrap().project.classes;
    let changes = [
        ProjectCommand::RenameClass { class, name: "blue".into() },
        ProjectCommand::MoveClass { class, place: 1 },
        ProjectCommand::EnableClass { class, enabled: false },
        ProjectCommand::AddClass("yellow".into()),
    ];
    for change in changes {
        visit.tell(change.clone());
        assert_ne!(visit.project().unwrap().project.classes, filled, "{change:?}");
        visit.tell(ProjectCommand::Undo);
        let info = visit.project().unwrap();
        assert_eq!((info.project.classes, info.can_undo), (filled.clone(), false), "{change:?}");
    }
    assert_eq!(visit.problem(), None);
}

#[test]
fn another_tab_s_change_is_not_overwritten() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    let mut other = Visit::new(&store);
    other.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    let id = visit.project().unwrap().id;
    other.tell(ProjectCommand::Open(id));
    other.tell(ProjectCommand::AddClass("blue".into()));
    visit.tell(ProjectCommand::AddClass("yellow".into()));
    assert_eq!(visit.problem(), Some(ProblemKind::ProjectChanged));
    visit.tell(ProjectCommand::Open(id));
    assert_eq!(shown(&visit).1.len(), 3);
    visit.tell(ProjectCommand::AddClass("yellow".into()));
    assert_eq!(shown(&visit).1.len(), 4);
}

fn file(visit: &Visit, id: u32, name: &str, bytes: Vec<u8>) -> FileRef {
    let size = bytes.len() as u64;
    visit.world.files.borrow_mut().insert(id, bytes);
    FileRef { id, name: name.into(), size }
}

#[test]
fn files_are_added_and_those_that_are_none_named() {
    let mut visit = Visit::with_project(&SharedStore::default());
    let mut random = Random::new(2);
    let class = visit.project().unwrap().project.classes[0].id;
    let png = frame(0, &mut random).to_png().unwrap();
    let large = RgbImage::from_fn(600, 400, |x, y| [x as u8, y as u8, 7]).to_png().unwrap();
    let files = vec![
        file(&visit, 1, "one.png", png),
        file(&visit, 2, "notes.png", b"text".to_vec()),
        file(&visit, 3, "large.png", large),
    ];
    visit.tell(ProjectCommand::AddFiles { class, files });
    assert_eq!(shown(&visit).1[0], ("red".into(), 2));
    let info = visit.project().unwrap();
    assert_eq!((info.notices, info.takes), (vec![notice(NoticeKind::NoPicture, &["notes.png"])], vec![2, 0]));
    let side = visit.last(|event| match event {
        Event::Thumbnails(all) => all.first().map(|(_, image)| image.width()),
        _ => None,
    });
    assert_eq!(side, Some(96));
    // One file that is no image is a problem of its own.
    let only = vec![file(&visit, 4, "notes.png", b"text".to_vec())];
    visit.tell(ProjectCommand::AddFiles { class, files: only });
    assert_eq!(visit.problem(), Some(ProblemKind::ImageFormat));
}

#[test]
fn an_exported_project_is_the_same_wherever_it_is_imported() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 5);
    visit.train();
    let picture = frame(1, &mut Random::new(77));
    visit.send(Command::ClassifyFrame(picture.clone()));
    visit.tell(ProjectCommand::Export);
    let (name, bytes) = visit.world.saved.borrow_mut().pop().expect("a file");
    assert_eq!(name, "Colours.zip");
    let answer = |visit: &Visit| {
        visit.last(|event| match event {
            Event::Classified(classified) => Some((classified.probabilities.clone(), classified.live)),
            _ => None,
        })
    };

    // A machine that knows nothing of it.
    let elsewhere = SharedStore::default();
    let mut other = Visit::new(&elsewhere);
    other.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    let import = file(&other, 1, &name, bytes.clone());
    other.tell(ProjectCommand::Import(import));
    assert_eq!(other.problem(), None);
    let (ours, theirs) = (visit.project().unwrap(), other.project().unwrap());
    assert_eq!(ours.project, theirs.project);
    assert_eq!(ours.takes, theirs.takes);
    assert_eq!(other.extraction().phase, ExtractionPhase::Complete);
    let stored = |store: &SharedStore, info: &ProjectInfo| {
        let ids: Vec<u32> = info.project.pictures().map(|picture| picture.id).collect();
        futures::executor::block_on(store.pictures(info.id, &ids)).unwrap()
    };
    assert_eq!(stored(&store, &ours), stored(&elsewhere, &theirs));
    assert_eq!(other.trained().map(|head| head.exam), visit.trained().map(|head| head.exam));
    other.send(Command::ClassifyFrame(picture));
    assert_eq!(
        other.world.extracted.get(),
        8 + 1,
        "some features are checked, and the picture is classified"
    );
    assert_eq!(answer(&other), answer(&visit));
    assert!(answer(&other).is_some_and(|(_, live)| live));

    // Mutated files: none is taken wrongly, and no project changes.
    let projects = futures::executor::block_on(elsewhere.projects()).unwrap();
    let mut random = Random::new(9);
    let mut taken = 0;
    for number in 0..200 {
        let mut broken = bytes.clone();
        let at = random.below(broken.len() as u32) as usize;
        match number % 2 {
            0 => broken[at] ^= 1 << random.below(8),
            _ => broken.truncate(at),
        }
        let import = file(&other, 2, "broken.zip", broken);
        other.tell(ProjectCommand::Import(import));
        let mut now = futures::executor::block_on(elsewhere.projects()).unwrap();
        if now.len() > projects.len() + taken {
            taken += 1;
            assert_eq!(now.last().map(|(_, bytes)| bytes), projects.last().map(|(_, bytes)| bytes));
        }
        now.truncate(projects.len());
        assert_eq!(now, projects);
    }
    assert!(taken < 20, "{taken} of 200 mutated files were taken");
}

#[test]
fn a_deleted_project_leaves_nothing_behind() {
    let store = SharedStore::default();
    let mut visit = Visit::with_project(&store);
    visit.record(3, 3);
    visit.train();
    let id = visit.project().unwrap().id;
    let picture = visit.project().unwrap().project.pictures().next().unwrap().id;
    visit.tell(ProjectCommand::Delete(id));
    assert_eq!(visit.project(), None);
    assert!(futures::executor::block_on(store.projects()).unwrap().is_empty());
    assert_eq!(futures::executor::block_on(store.pictures(id, &[picture])).unwrap(), [None]);
    // A new project has another number, and no head of the old one, whatever its number were.
    let classes = ["a".to_owned(), "b".to_owned()];
    visit.world.randoms.set(id);
    visit.tell(ProjectCommand::Create { name: "New".into(), classes: classes.clone() });
    assert_ne!(visit.project().map(|info| info.id), Some(id));
    visit.world.randoms.set(id - 1);
    visit.tell(ProjectCommand::Create { name: "Newer".into(), classes });
    assert_eq!(visit.project().map(|info| info.id), Some(id));
    assert!(matches!(
        visit.last(|event| match event {
            Event::Trained(_) | Event::Untrained => Some(event.clone()),
            _ => None,
        }),
        Some(Event::Untrained)
    ));
}

#[test]
fn other_data_puts_the_project_away_and_back() {
    let store = SharedStore::default();
    let mut visit = Visit::with_sample(&store, EngineRequest::Cpu);
    visit.send(Command::Extract);
    visit.train();
    let sample = visit.trained().expect("a head");
    let classes = ["a".to_owned(), "b".to_owned()];
    visit.tell(ProjectCommand::Create { name: "Own".into(), classes });
    visit.send(Command::UseSample);
    assert_eq!(visit.project(), None);
    let head = visit.trained().expect("the sample's head");
    assert_eq!((head.restored, head.exam), (true, sample.exam));
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
}

#[test]
fn a_corrected_label_moves_the_picture_and_can_be_taken_back() {
    let mut visit = Visit::with_project(&SharedStore::default());
    visit.record(4, 4);
    // One picture is in the wrong class: its colour says so.
    let class = visit.project().unwrap().project.classes[0].id;
    for recording in 100..108 {
        let image = frame(1, &mut Random::new(recording.into()));
        visit.tell(ProjectCommand::AddFrame { class, recording, image });
    }
    visit.train();
    let head = visit.trained().expect("a head");
    let mistake = head.exam.mistakes.iter().find(|mistake| mistake.label == 0).expect("a mistake").clone();
    let before = shown(&visit);
    visit.send(Command::Correct { image: mistake.hash, label: mistake.answer });
    assert_eq!(visit.problem(), None);
    let after = shown(&visit);
    assert_eq!((after.1[0].1 + 1, after.1[1].1), (before.1[0].1, before.1[1].1 + 1));
    assert_eq!(visit.trained().map(|head| head.exam), Some(head.exam.clone()), "the head stays as it was");
    visit.tell(ProjectCommand::Undo);
    assert_eq!(shown(&visit), before);
    // What is not there any more is told, and changes nothing.
    let gone = bottleneck::features::ImageHash([9; 16]);
    visit.send(Command::Correct { image: gone, label: 1 });
    assert_eq!(visit.problem(), Some(ProblemKind::ExamChanged));
    assert_eq!(shown(&visit), before);
}
