//! The views' addresses, and what has to be done before one can be shown.

use bottleneck::backbone::Purpose;
use bottleneck::dataset::Source;
use bottleneck::project::Project;
use bottleneck::protocol::{
    Command, Event, ExtractionPhase, FileRef, ProblemKind, ProjectCommand, ProjectInfo, ProjectSummary,
    SiteData, TrainingOptions,
};
use bottleneck::ui::route::Route;
use bottleneck::ui::state::{Action, RunAll, State, Step, ViewStatus, Wait};

use crate::page_events::{after, backbone, complete, dataset, extraction, problem, train, trained};

/// A page that knows these projects, by their numbers and their counts of pictures.
fn with_projects(projects: &[(u32, u32)]) -> State {
    let list = projects.iter().map(|&(id, pictures)| ProjectSummary { id, name: "Fruit".into(), pictures });
    after(vec![backbone(Purpose::ImageNet), Event::Projects(list.collect())])
}

/// The open project of number 1.
fn open() -> Event {
    let project = Project::new("Fruit", ["a", "b"]).unwrap();
    let takes = vec![0, 0];
    Event::Project(Some(ProjectInfo { id: 1, project, takes, can_undo: false, notices: Vec::new() }))
}

#[test]
fn each_view_has_its_address() {
    for route in [Route::Home, Route::Teach, Route::Notebook, Route::Project(4_000_000_000)] {
        assert_eq!(Route::of(&route.to_string()), Some(route));
    }
    assert_eq!(Route::of("#/teach/"), Some(Route::Teach));
    let none =
        ["", "#", "#main", "#/nothing", "#/project/", "#/project/+7", "#/project/4294967296", "/teach"];
    for hash in none {
        assert_eq!(Route::of(hash), None, "{hash}");
    }
}

#[test]
fn a_view_is_shown_once_it_can_be() {
    let project = Route::Project(7);
    for route in [Route::Home, Route::Notebook] {
        assert_eq!(after(vec![]).view_status(route), ViewStatus::Ready);
    }
    // Nothing is known yet.
    for route in [Route::Teach, project] {
        assert_eq!(after(vec![]).view_status(route), ViewStatus::Waiting(Some(Wait::Opening)));
        let state = after(vec![backbone(Purpose::ImageNet)]);
        assert_eq!(state.view_status(route), ViewStatus::Waiting(None));
    }
    let cases = [
        (vec![], Route::Teach, ViewStatus::Create),
        (vec![(3, 9)], Route::Teach, ViewStatus::Create),
        // One without pictures is as good as a new one.
        (vec![(3, 9), (5, 0)], Route::Teach, ViewStatus::Redirect(5)),
        (vec![], project, ViewStatus::NotFound),
        (vec![(3, 9)], project, ViewStatus::NotFound),
        (vec![(7, 0)], project, ViewStatus::Load(7)),
    ];
    for (projects, route, expected) in cases {
        assert_eq!(with_projects(&projects).view_status(route), expected, "{projects:?} {route}");
    }
    // What runs comes first; what is unknown is told at once.
    let mut state = complete();
    state.apply(Event::Projects(vec![ProjectSummary { id: 7, name: "Fruit".into(), pictures: 3 }]));
    state.sent(&train());
    assert_eq!(state.view_status(project), ViewStatus::Waiting(Some(Wait::Training)));
    assert_eq!(state.view_status(Route::Project(8)), ViewStatus::NotFound);
}

#[test]
fn what_was_made_or_imported_is_shown_and_what_was_opened_is_not_new() {
    let file = || FileRef { id: 1, name: "fruit.zip".into(), size: 9 };
    let create = ProjectCommand::Create { name: "Fruit".into(), classes: ["a".into(), "b".into()] };
    for (command, is_new) in
        [(create, true), (ProjectCommand::Import(file()), true), (ProjectCommand::Open(1), false)]
    {
        let mut state = with_projects(&[(1, 3)]);
        state.sent(&Command::Project(command.clone()));
        assert_eq!(state.projects.created, None);
        state.apply(open());
        assert_eq!(state.projects.created, is_new.then_some(1), "{command:?}");
        assert_eq!(state.view_status(Route::Project(1)), ViewStatus::Ready);
    }
    // Nor does one that was ended.
    let mut state = with_projects(&[(1, 3)]);
    state.sent(&Command::Project(ProjectCommand::Import(file())));
    state.sent(&Command::Cancel);
    state.apply(Event::Exchanged);
    state.apply(open());
    assert_eq!(state.projects.created, None);
    // One that failed is not the next one that is opened.
    let mut state = with_projects(&[(1, 3)]);
    state.sent(&Command::Project(ProjectCommand::Import(file())));
    state.apply(problem(ProblemKind::ProjectDamaged));
    state.apply(open());
    assert_eq!(state.projects.created, None);
    // What files are for is told by the session, and is as if the person had asked for it.
    let mut state = with_projects(&[]);
    state.sent(&Command::OpenFiles { files: vec![file()], to_project: false });
    assert_eq!(state.exchange, None);
    state.apply(Event::FilesResolved(Box::new(Command::Project(ProjectCommand::Import(file())))));
    assert!(state.exchange.is_some() && state.projects.creating);
}

#[test]
fn the_list_says_what_the_open_project_has_by_now() {
    let mut state = with_projects(&[(1, 0), (2, 5)]);
    let mut project = Project::new("Leaves", ["a", "b"]).unwrap();
    let class = project.classes[0].id;
    project.add_pictures(class, None, 3).unwrap();
    let info = ProjectInfo { id: 1, project, takes: vec![1, 0], can_undo: false, notices: Vec::new() };
    state.apply(Event::Project(Some(info)));
    let list: Vec<_> = state.projects.list.iter().flat_map(|list| list.iter()).collect();
    assert_eq!(
        list.iter().map(|one| (one.name.as_str(), one.pictures)).collect::<Vec<_>>(),
        [("Leaves", 3), ("Fruit", 5)]
    );
    // It is no empty one any more, that would do for a new one.
    assert_eq!(state.view_status(Route::Teach), ViewStatus::Create);
}

#[test]
fn a_step_opens_by_itself_when_the_one_before_has_come_to_something() {
    let mut state = complete();
    assert_eq!(state.step(), Step::Classes);
    state.sent(&train());
    assert_eq!(state.step(), Step::Train);
    state.apply(trained(Source::Project, 8, 2));
    assert_eq!(state.step(), Step::Try);
}

#[test]
fn the_whole_notebook_is_run_cell_after_cell() {
    let run = |state: &State| state.reduce(Action::RunAll);
    let mut state = after(vec![backbone(Purpose::ImageNet)]);
    assert_eq!(state.next_of_run(), None, "nobody asked for it");
    state = run(&state);
    assert_eq!(state.next_of_run(), Some(Command::UseSample));
    let site = SiteData { name: "cifar-10-binary.tar.gz".into(), bytes: 9 };
    state.apply(Event::SiteData(site.clone()));
    assert_eq!(state.next_of_run(), Some(Command::UseSiteData(site)));
    state.sent(&Command::UseSample);
    assert_eq!(state.next_of_run(), None, "the images are being read");
    state.apply(dataset());
    state.apply(extraction(ExtractionPhase::Incomplete, 10, 0));
    assert_eq!(state.next_of_run(), Some(Command::Extract));
    state.sent(&Command::Extract);
    assert_eq!(state.next_of_run(), None);
    state.apply(extraction(ExtractionPhase::Complete, 100, 90));
    let notebook = TrainingOptions::notebook();
    assert_eq!(state.next_of_run(), Some(Command::Train(notebook)));
    state.sent(&Command::Train(notebook));
    state.apply(trained(Source::Drawn, 80, 20));
    assert_eq!((state.run_all, state.next_of_run()), (RunAll::Off, None));

    // It ends where the person ends what is under way, and where something goes wrong.
    let mut ended = run(&after(vec![backbone(Purpose::ImageNet), dataset()]));
    ended.sent(&Command::Cancel);
    let mut failed = run(&complete());
    failed.apply(problem(ProblemKind::Engine));
    let mut goes_on = run(&complete());
    goes_on.apply(problem(ProblemKind::NotKept));
    assert_eq!(
        [&ended, &failed, &goes_on].map(|state| state.run_all),
        [RunAll::Off, RunAll::Off, RunAll::Asked]
    );

    // No step is taken twice, however undone it looks for a moment.
    let mut twice = run(&after(vec![backbone(Purpose::ImageNet)]));
    let site = SiteData { name: "cifar-10-binary.tar.gz".into(), bytes: 9 };
    twice.apply(Event::SiteData(site.clone()));
    twice.sent(&Command::UseSiteData(site));
    twice.apply(Event::Exchanged);
    assert_eq!(twice.next_of_run(), None, "it is there, and not read yet");
    twice.apply(dataset());
    twice.apply(extraction(ExtractionPhase::Incomplete, 0, 0));
    twice.sent(&Command::Extract);
    twice.apply(extraction(ExtractionPhase::Incomplete, 0, 0));
    assert_eq!(twice.next_of_run(), None);
    // A project is not the notebook's data.
    let mut project = run(&complete());
    project.apply(open());
    assert_eq!(project.next_of_run(), Some(Command::UseSample));
}
