//! Two tabs on one store, whose operations come in any order: no seed loses a picture or tells what is wrong.

use std::fmt::Write;

use bottleneck::project::ProjectStore;
use bottleneck::protocol::*;
use bottleneck::random::Random;
use futures::executor::block_on;

use crate::faults::found;
use crate::projects::frame;
use crate::visit::{FAKE, SharedStore, Visit};

/// Orders of operations that are tried.
const SEEDS: u64 = 300;
/// Commands that each tab gets under a seed.
const COMMANDS: usize = 12;

/// What a tab may be told when the other one was faster, or what it asks for cannot be done with what there is.
const MAY_BE_TOLD: [ProblemKind; 6] = [
    ProblemKind::ProjectChanged,
    ProblemKind::ProjectName,
    ProblemKind::ProjectFull,
    ProblemKind::TooFewTakes,
    ProblemKind::FeaturesMissing,
    ProblemKind::TooFewImages,
];

/// Something that somebody may do in a tab now.
fn command(visit: &Visit, project: u32, random: &mut Random) -> Command {
    const SHORT: TrainingOptions = TrainingOptions { epochs: 2, ..TrainingOptions::notebook() };
    let Some(open) = visit.project() else { return Command::Project(ProjectCommand::Open(project)) };
    let classes = &open.project.classes;
    let class = &classes[random.below(classes.len() as u32) as usize];
    let picture = class.pictures.first().map(|picture| picture.id);
    let picture = || picture.into_iter().collect();
    Command::Project(match random.below(14) {
        0..4 => ProjectCommand::AddFrame {
            class: class.id,
            recording: random.below(9),
            image: frame(random.below(3), random),
        },
        4 => ProjectCommand::RenameClass { class: class.id, name: format!("name {}", random.below(5)) },
        5 => ProjectCommand::DeletePictures(picture()),
        6 => ProjectCommand::MovePictures { pictures: picture(), class: classes[0].id },
        7 => ProjectCommand::Undo,
        8 => ProjectCommand::Open(project),
        9 => ProjectCommand::Rename(format!("Colours {}", random.below(5))),
        10 => return Command::Train(SHORT),
        11 => return Command::Extract,
        12 => return Command::RemoveUnused,
        _ => return Command::ClearCache,
    })
}

/// What a session that was told `problems` was told wrongly.
fn told_wrongly(visit: &Visit) -> Vec<Problem> {
    visit.all(|event| match event {
        Event::Problem(problem) if !MAY_BE_TOLD.contains(&problem.kind) => Some(problem.clone()),
        _ => None,
    })
}

#[test]
fn no_order_of_two_tabs_operations_loses_anything() {
    let prepared = SharedStore::default();
    Visit::with_project(&prepared).record(3, 2);
    let mut refused = 0;
    for seed in 0..SEEDS {
        let mut random = Random::new(seed);
        let store = prepared.copy();
        let (project, _) = block_on(store.0.projects()).unwrap()[0];
        let mut tabs = [0, 1].map(|_| Visit::new(&store));
        for tab in &mut tabs {
            tab.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
            tab.send(Command::Project(ProjectCommand::Open(project)));
        }
        let mut story = String::new();
        *store.1.turns.borrow_mut() = Some(Vec::new());
        let mut left = [COMMANDS; 2];
        loop {
            let waiting = store.1.turns.borrow().as_ref().map_or(0, Vec::len);
            let at = random.below(2) as usize;
            // A tab gets its next command at any time, while the other one works, too.
            if left[at] > 0 && (waiting == 0 || random.below(4) == 0) {
                left[at] -= 1;
                let command = command(&tabs[at], project, &mut random);
                let name = format!("{command:?}");
                writeln!(story, "  tab {at}: {}", name.chars().take(60).collect::<String>()).unwrap();
                tabs[at].commands.unbounded_send(command).unwrap();
            } else if waiting > 0 {
                let next = random.below(waiting as u32) as usize;
                let turn = store.1.turns.borrow_mut().as_mut().map(|turns| turns.swap_remove(next));
                // Nobody waits where the operation was given up.
                let _ = turn.map(|turn| turn.send(()));
            } else if left == [0; 2] {
                break;
            }
            tabs.iter_mut().for_each(|tab| tab.executor.run_until_stalled());
        }
        *store.1.turns.borrow_mut() = None;
        let about = format!("seed {seed}\n{story}");
        for tab in &tabs {
            assert_eq!(told_wrongly(tab), [], "{about}");
            refused += tab
                .all(|event| {
                    let changed = matches!(event, Event::Problem(problem) if problem.kind == ProblemKind::ProjectChanged);
                    changed.then_some(())
                })
                .len();
        }
        // Whoever opens it next finds a project whose pictures are all there, and can go on.
        let next = found(&store.copy(), &about);
        assert_eq!(next.len(), 1, "{about}");
        let mut visit = Visit::new(&store);
        visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
        visit.send(Command::Project(ProjectCommand::Open(project)));
        visit.send(Command::Extract);
        assert_eq!((visit.problem(), visit.extraction().phase), (None, ExtractionPhase::Complete), "{about}");
        // A tab that was refused sees what the other one did.
        for mut tab in tabs {
            tab.send(Command::Project(ProjectCommand::Open(project)));
            let classes = tab.project().expect("an open project").project.classes;
            let seen: Vec<(String, Vec<u32>)> = classes
                .into_iter()
                .map(|class| (class.name, class.pictures.iter().map(|picture| picture.id).collect()))
                .collect();
            assert_eq!(seen, next[0].classes, "{about}");
        }
    }
    assert!(refused > 0, "the tabs came into each other's way");
}
