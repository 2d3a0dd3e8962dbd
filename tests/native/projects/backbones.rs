//! Which backbone a project is on: the light one to begin with, another one when asked.

use bottleneck::backbone::{LIGHT, NOTEBOOK, Purpose};
use futures::channel::oneshot;

use super::*;

fn open(backbone: &str) -> Command {
    Command::Open { backbone: Some(backbone.into()), engine: EngineRequest::Cpu }
}

fn create() -> Command {
    let classes = ["red".to_owned(), "green".to_owned()];
    Command::Project(ProjectCommand::Create { name: "Colours".into(), classes })
}

impl Visit {
    /// A page whose link names no backbone.
    fn unnamed(store: &SharedStore) -> Self {
        let mut visit = Self::new(store);
        for address in [NOTEBOOK, LIGHT] {
            visit.world.site.borrow_mut().insert(address, Purpose::ImageNet);
        }
        visit.send(Command::Open { backbone: None, engine: EngineRequest::Cpu });
        visit
    }

    /// The address of the backbone in use.
    fn backbone(&self) -> String {
        let address = self.last(|event| match event {
            Event::Backbone(info, _) => Some(info.address.clone()),
            _ => None,
        });
        address.expect("a backbone")
    }

    fn has_head(&self) -> bool {
        let told = self.last(|event| match event {
            Event::Trained(_) => Some(true),
            Event::Untrained | Event::Backbone(..) => Some(false),
            _ => None,
        });
        told.expect("a head or none")
    }
}

#[test]
fn a_project_begins_with_the_light_backbone_and_other_data_keeps_it() {
    let store = SharedStore::default();
    let mut visit = Visit::unnamed(&store);
    visit.send(Command::UseSample);
    assert_eq!(visit.backbone(), NOTEBOOK);
    visit.send(create());
    assert_eq!(visit.backbone(), LIGHT);
    visit.record(3, 4);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    visit.train();
    assert!(visit.has_head());
    visit.send(Command::UseSample);
    assert_eq!(visit.backbone(), LIGHT);
    assert_eq!(visit.problem(), None);

    // A later visit opens it, another machine imports it: all is there for the light backbone.
    let mut again = Visit::unnamed(&store);
    again.tell(ProjectCommand::Open(1));
    assert!(again.has_head());
    again.tell(ProjectCommand::Export);
    let (name, bytes) = again.world.saved.borrow_mut().pop().expect("a file");
    let mut other = Visit::unnamed(&SharedStore::default());
    let import = file(&other, 1, &name, bytes);
    other.tell(ProjectCommand::Import(import));
    // Of what came with the file, some is checked.
    for (visit, computed) in [(&again, 0), (&other, 8)] {
        assert_eq!((visit.backbone(), visit.problem()), (LIGHT.to_owned(), None));
        assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
        assert_eq!(visit.world.extracted.get(), computed);
        assert!(visit.has_head());
    }
}

#[test]
fn a_backbone_that_cannot_be_had_changes_nothing() {
    let mut visit = Visit::unnamed(&SharedStore::default());
    visit.world.site.borrow_mut().remove(LIGHT);
    visit.send(create());
    assert_eq!((visit.backbone(), visit.problem()), (NOTEBOOK.to_owned(), None));
    visit.world.site.borrow_mut().insert(LIGHT, Purpose::ImageNet);
    visit.world.offline.set(true);
    visit.tell(ProjectCommand::Open(1));
    assert_eq!(visit.backbone(), NOTEBOOK, "its file could not come in");
    visit.world.kept.borrow_mut().push(LIGHT);
    visit.tell(ProjectCommand::Open(1));
    assert_eq!(visit.backbone(), LIGHT);
}

#[test]
fn a_damaged_file_changes_no_backbone() {
    let mut visit = Visit::unnamed(&SharedStore::default());
    let import = file(&visit, 1, "broken.zip", b"PK".to_vec());
    visit.tell(ProjectCommand::Import(import));
    assert_eq!((visit.backbone(), visit.problem()), (NOTEBOOK.to_owned(), Some(ProblemKind::ProjectForeign)));
}

#[test]
fn another_backbone_keeps_what_is_in_use() {
    let mut visit = Visit::unnamed(&SharedStore::default());
    visit.send(create());
    visit.record(3, 4);
    visit.train();
    let project = visit.project();
    visit.send(open(NOTEBOOK));
    assert_eq!((visit.backbone(), visit.project()), (NOTEBOOK.to_owned(), project));
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
    // Four were computed again before the training.
    assert_eq!(visit.world.extracted.get(), 24 + 4 + 24, "its features are others");
    assert!(!visit.has_head(), "so is its head");
    // Who has asked for one is not brought back to the light one.
    visit.tell(ProjectCommand::Open(1));
    assert_eq!(visit.backbone(), NOTEBOOK);
    visit.send(open(LIGHT));
    assert_eq!(visit.world.extracted.get(), 24 + 4 + 24);
    assert!(visit.has_head());

    // The same with other data.
    visit.send(Command::Limit(Limits { train: Some(20), test: Some(10) }));
    visit.send(Command::UseSample);
    visit.send(Command::Extract);
    visit.send(open(NOTEBOOK));
    assert_eq!((visit.extraction().done, visit.extraction().total), (0, 30));
    // One that is missing leaves things as they are.
    visit.send(open("models/none.json"));
    assert_eq!((visit.backbone(), visit.problem()), (NOTEBOOK.to_owned(), Some(ProblemKind::Backbone)));
    visit.send(Command::Extract);
    assert_eq!(visit.extraction().phase, ExtractionPhase::Complete);
}

#[test]
fn another_backbone_does_not_wait_for_the_download_of_the_one_before() {
    let mut visit = Visit::unnamed(&SharedStore::default());
    visit.send(create());
    let (gate, held) = oneshot::channel::<()>();
    *visit.world.gate.borrow_mut() = Some(held);
    visit.record(3, 4);
    assert!(visit.world.launched.borrow().is_empty());
    visit.send(open(NOTEBOOK));
    assert!(gate.is_canceled(), "nobody waits for it");
    assert_eq!(
        (visit.backbone(), visit.extraction().phase),
        (NOTEBOOK.to_owned(), ExtractionPhase::Complete)
    );
}

#[test]
fn keeping_the_backbone_before_goes_on_unheard() {
    let mut visit = Visit::unnamed(&SharedStore::default());
    let (gate, held) = oneshot::channel::<()>();
    *visit.world.gate.borrow_mut() = Some(held);
    visit.send(Command::Keep);
    visit.send(create());
    let told = visit.world.events.borrow().len();
    gate.send(()).unwrap();
    visit.executor.run_until_stalled();
    assert_eq!(visit.world.downloads.get(), 1);
    let news = visit.world.events.borrow()[told..].to_vec();
    assert!(!news.iter().any(|event| matches!(event, Event::Download(_))), "{news:?}");
}
