//! The finished trainings of the project or dataset in use, as they are kept in the store.

use crate::backbone::pieces::sha256;
use crate::dataset::Source;
use crate::features::{FeatureStore, StoreError, project_suffix};
use crate::project::{ProjectError, ProjectStore};
use crate::protocol::{
    Event, Problem, ProblemKind, Trained, TrainingOptions, TrainingsCommand, TrainingsInfo,
};
use crate::trainings::{Answered, LONGEST_NAME, Summary, Training, Trainings};

use super::training::Examples;
use super::{Host, Session};

/// What stands before the project's or dataset's name in the store.
const PREFIX: &str = "trainings:";
/// How often a change is tried where another tab was faster.
const TRIES: u32 = 8;

/// The finished trainings that the page was told of.
#[derive(Default)]
pub(super) struct Told {
    /// What their record is stored under; `None` where it was told of none.
    name: Option<String>,
    /// The one that was deleted last.
    deleted: Option<Training>,
    /// Those that made room for newer ones.
    dropped: u32,
}

/// What the finished trainings of a project are stored under. They go with it: see [`project_suffix`].
pub(super) fn name_of_project(project: u32) -> String {
    format!("{PREFIX}{}", project_suffix(project))
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// What the finished trainings of the data in use are stored under: the project's number, else the SHA-256 of all
    /// its images, in whatever order.
    fn trainings_name(&self) -> Option<String> {
        if let Some(open) = &self.project {
            return Some(name_of_project(open.id));
        }
        let dataset = &self.data.as_ref().filter(|data| data.dataset.source != Source::Project)?.dataset;
        let samples = dataset.train.iter().chain(&dataset.test);
        let mut hashes: Vec<[u8; 16]> = samples.map(|sample| sample.hash.0).collect();
        hashes.sort_unstable();
        Some(format!("{PREFIX}{}", sha256(&hashes.concat())))
    }

    /// Tells the page of the finished trainings of the data in use, unless it knows them.
    pub(super) async fn tell_trainings(&mut self) -> Result<(), Problem> {
        let name = self.trainings_name();
        if name == self.trainings.name {
            return Ok(());
        }
        self.trainings = Told { name: name.clone(), ..Told::default() };
        let Some(name) = name else {
            self.show_trainings(&Trainings::default());
            return Ok(());
        };
        let (_, found) = self.read_trainings(&name).await?;
        self.show_trainings(&found);
        Ok(())
    }

    fn show_trainings(&self, found: &Trainings) {
        let deleted = self.trainings.deleted.as_ref().map(|training| {
            let mut alone = Trainings::default();
            alone.add(training.clone());
            alone.summaries().pop()
        });
        let deleted: Option<Summary> = deleted.flatten();
        let dropped = self.trainings.dropped;
        self.host.emit(Event::Trainings(TrainingsInfo { rows: found.summaries(), deleted, dropped }));
    }

    /// What is stored under this name, and what it says. What is damaged is told and dropped.
    async fn read_trainings(&self, name: &str) -> Result<(Option<Vec<u8>>, Trainings), Problem> {
        let stored = self.store.read_head(name).await?;
        let Some(bytes) = &stored else { return Ok((None, Trainings::default())) };
        match Trainings::from_bytes(bytes) {
            Ok(found) => Ok((stored, found.unwrap_or_default())),
            Err(error) => {
                self.store.drop_head(name).await?;
                self.host.emit(Event::Problem(Problem::new(ProblemKind::TrainingsDamaged, error)));
                Ok((None, Trainings::default()))
            }
        }
    }

    /// Changes the finished trainings of the data in use, stores them, and tells the page what there is then; `told` hears
    /// what came of it. Where another tab was faster, what that has stored is changed.
    async fn change_trainings<T>(
        &mut self,
        change: impl Fn(&mut Trainings) -> T,
        told: impl FnOnce(&mut Told, T),
    ) -> Result<(), Problem> {
        let Some(name) = self.trainings_name() else { return Ok(()) };
        for tries_left in (0..TRIES).rev() {
            let (stored, mut found) = self.read_trainings(&name).await?;
            let done = change(&mut found);
            let bytes = found.to_bytes().map_err(|error| Problem::new(ProblemKind::OutOfMemory, error))?;
            let kept = match stored.as_ref() == Some(&bytes) {
                true => Ok(()),
                false => self.store.exchange_head(&name, stored.as_deref(), &bytes).await,
            };
            match kept {
                Err(StoreError::Changed) if tries_left > 0 => continue,
                kept => kept?,
            }
            told(&mut self.trainings, done);
            self.show_trainings(&found);
            break;
        }
        Ok(())
    }

    /// A finished training as a row.
    pub(super) fn training_of(
        &self,
        trained: &Trained,
        examples: &Examples,
        seconds: f64,
    ) -> Result<Training, Problem> {
        let network = match (&self.foreign, &self.backbone) {
            (None, Some(ready)) => ready.manifest.name.clone(),
            _ => String::new(),
        };
        let answers = trained.exam.judged.iter().map(|judged| judged.answer);
        let labelled = examples.test.iter().zip(&examples.test_labels).zip(answers);
        let exam = labelled.map(|((image, label), answer)| Answered { image: *image, label: *label, answer });
        let epochs = u32::try_from(trained.epochs.len()).ok().filter(|epochs| *epochs > 0);
        Ok(Training {
            id: 0,
            name: String::new(),
            network,
            // One that was ended early, by the person or out of patience, took the time of these.
            settings: TrainingOptions { epochs: epochs.unwrap_or(trained.options.epochs), ..trained.options },
            seconds: seconds.max(0.0),
            made: self.host.date(),
            counts: [trained.train, trained.test(), trained.correct()],
            learnt: examples.train.clone(),
            exam: exam.collect(),
        })
    }

    /// Keeps a finished training with the data in use.
    pub(super) async fn keep_training(&mut self, training: Training) -> Result<(), Problem> {
        let add = |found: &mut Trainings| found.add(training.clone()).1;
        self.change_trainings(add, |told, dropped| told.dropped += dropped).await
    }

    pub(super) async fn trainings_command(&mut self, command: TrainingsCommand) -> Result<(), Problem> {
        match command {
            TrainingsCommand::Rename { id, name } => {
                let name = name.trim();
                if name.is_empty()
                    || name.chars().count() > LONGEST_NAME
                    || name.chars().any(char::is_control)
                {
                    return Err(ProjectError::Name(name.to_owned()).into());
                }
                self.change_trainings(|found| found.rename(id, name), |_, _| {}).await
            }
            TrainingsCommand::Delete(id) => {
                let told = |told: &mut Told, gone: Option<Training>| {
                    // Where another tab has deleted it, it is that tab's to take back.
                    told.deleted = gone.or(told.deleted.take());
                };
                self.change_trainings(|found| found.remove(id), told).await
            }
            TrainingsCommand::Restore => {
                let Some(training) = self.trainings.deleted.clone() else { return Ok(()) };
                let told = |told: &mut Told, (is_there, dropped)| {
                    // Where 200 newer ones leave no room, it can still be taken back.
                    if is_there {
                        told.deleted = None;
                    }
                    told.dropped += dropped;
                };
                let add = |found: &mut Trainings| {
                    let (id, dropped) = found.add(training.clone());
                    (found.summaries().iter().any(|row| row.id == id), dropped)
                };
                self.change_trainings(add, told).await
            }
            TrainingsCommand::Compare(of) => {
                let Some(name) = self.trainings_name() else { return Ok(()) };
                let (_, found) = self.read_trainings(&name).await?;
                match found.compare(of) {
                    Some(comparison) => self.host.emit(Event::Compared(comparison)),
                    // Another tab has deleted one of them.
                    None => self.show_trainings(&found),
                }
                Ok(())
            }
        }
    }

    /// The stored list of a project's finished trainings, where there is one that can be read.
    pub(super) async fn trainings_of_project(&self, project: u32) -> Result<Option<Vec<u8>>, Problem> {
        let stored = self.store.read_head(&name_of_project(project)).await?;
        Ok(stored.filter(|bytes| matches!(Trainings::from_bytes(bytes), Ok(Some(_)))))
    }
}

/// Whether bytes from a file can be kept as a list of finished trainings; those of another version are none.
///
/// # Errors
/// Where they are damaged.
pub(super) fn is_list(bytes: &[u8]) -> Result<bool, Problem> {
    match Trainings::from_bytes(bytes) {
        Ok(found) => Ok(found.is_some()),
        Err(error) => Err(Problem::new(ProblemKind::ProjectDamaged, error)),
    }
}
