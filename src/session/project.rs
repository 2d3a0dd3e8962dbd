//! Projects of one's own: every change is stored before it is shown.
//!
//! Pictures stay in the store; what is held of each is its number and its identity. What a change took out
//! stays stored as long as the change can be taken back, and goes with the next one.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::dataset::notices::{Notice, NoticeKind, Tally};
use crate::dataset::{Dataset, EXAMPLE_SIDE, Example, Pixels, Sample, Source};
use crate::features::{FeatureStore, ImageHash};
use crate::pixels::RgbImage;
use crate::project::split::{self, FEWEST_TAKES, Rule};
use crate::project::{Change, NewPicture, PictureId, Project, ProjectError, ProjectStore};
use crate::protocol::{Event, Problem, ProblemKind, ProjectCommand, ProjectInfo, ProjectSummary};

use super::album::{Album, stored_picture};
use super::steering::Job;
use super::ticker::Ticker;
use super::trainings::Told;
use super::{Host, Loaded, Session};

/// Pictures that are read from the store, or written to it, at once.
pub(super) const AT_ONCE: usize = 64;
/// New pictures that are shown before the page asks for them.
const SHOWN_OF_NEW: usize = 24;
/// Pictures that show what a project in a list is about, one of each class.
const COVER: usize = 4;
/// Pictures that are shown at once, at the most.
const MOST_LOOKED_AT: usize = 1_000;

/// The project in use.
pub(super) struct OpenProject {
    pub(super) id: u32,
    pub(super) project: Project,
    /// The project as it is stored.
    stored: Vec<u8>,
    /// The identities of its pictures, and of those in the store that a change took out.
    pub(super) hashes: HashMap<PictureId, ImageHash>,
    /// The project before the last change that can be taken back.
    before: Option<Project>,
    /// The camera's recordings and the takes that their pictures went to.
    pub(super) recordings: HashMap<u32, u32>,
    /// What the last change left out.
    pub(super) notices: Vec<Notice>,
    /// The pictures that stand for the classes, small.
    examples: HashMap<ImageHash, RgbImage>,
}

/// What a change can be taken back to.
pub(super) enum Back {
    /// This one.
    To(Project),
    /// Nothing.
    Nothing,
}

impl OpenProject {
    pub(super) fn takes(&self) -> Vec<Vec<Vec<PictureId>>> {
        split::takes(&self.project, |id| self.hashes.get(&id).copied())
    }

    /// Whether an honest exam is possible: two classes or more, each of takes enough.
    pub(super) fn is_ready(&self) -> bool {
        let takes = self.takes();
        takes.len() >= 2 && takes.iter().all(|takes| takes.len() >= FEWEST_TAKES)
    }

    /// What the last change left out, and which pictures stand in two classes.
    fn notices(&self) -> Vec<Notice> {
        let identity = |id| self.hashes.get(&id).copied();
        let shared: HashSet<PictureId> = split::in_two_classes(&self.project, identity).into_iter().collect();
        let mut tally = Tally::default();
        for class in self.project.enabled() {
            let own = class.pictures.iter().filter(|picture| shared.contains(&picture.id)).count();
            if own > 0 {
                tally.add_some(NoticeKind::SharedPictures, own, &format!("{} ({own})", class.name));
            }
        }
        let mut notices = self.notices.clone();
        notices.extend(tally.notices());
        notices
    }

    fn info(&self) -> ProjectInfo {
        ProjectInfo {
            id: self.id,
            project: self.project.clone(),
            takes: self.takes().iter().map(|takes| takes.len() as u32).collect(),
            can_undo: self.before.is_some(),
            notices: self.notices(),
        }
    }

    /// The images in use, split by `rule`.
    fn dataset(&self, rule: Rule) -> Dataset {
        let split = split::split(&self.takes(), rule);
        let side = |labelled: &[split::Labelled]| -> Vec<Sample> {
            let known = labelled.iter().filter_map(|&(id, label)| {
                let hash = *self.hashes.get(&id)?;
                Some(Sample { label, hash, pixels: Pixels::Stored(id) })
            });
            known.collect()
        };
        let (mut train, validation, test) = (side(&split.train), side(&split.validation), side(&split.test));
        let classes = self.project.enabled().map(|class| class.name.clone()).collect();
        let count = validation.len();
        train.extend(validation);
        Dataset {
            source: Source::Project,
            classes,
            train,
            validation: Some(count),
            test,
            notices: Vec::new(),
        }
    }
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    pub(super) async fn project_command(&mut self, command: ProjectCommand) -> Result<(), Problem> {
        match command {
            ProjectCommand::Create { name, classes } => {
                let created = self.create_project(&name, &classes).await;
                self.or_back(created).await
            }
            ProjectCommand::Open(id) => {
                let opened = self.open_project(id).await;
                self.or_back(opened).await
            }
            ProjectCommand::Delete(id) => self.delete_project(id).await,
            ProjectCommand::Import(file) => {
                self.import_project(&file).await.map_err(|error| error.about(&file.name))
            }
            ProjectCommand::Rename(name) => self.edit(|project| project.rename(&name)).await,
            ProjectCommand::AddClass(name) => self.edit(|project| project.add_class(&name)).await,
            ProjectCommand::RenameClass { class, name } => {
                self.edit(|project| project.rename_class(class, &name)).await
            }
            ProjectCommand::MoveClass { class, place } => {
                self.edit(|project| project.move_class(class, place as usize)).await
            }
            ProjectCommand::EnableClass { class, enabled } => {
                self.edit(|project| project.enable_class(class, enabled)).await
            }
            ProjectCommand::DeleteClass(class) => self.edit(|project| project.delete_class(class)).await,
            ProjectCommand::MovePictures { pictures, class } => {
                self.edit(|project| project.move_pictures(&pictures, class)).await
            }
            ProjectCommand::DeletePictures(pictures) => {
                self.edit(|project| {
                    project.delete_pictures(&pictures);
                    Ok(())
                })
                .await
            }
            ProjectCommand::AddFiles { class, files } => self.add_files(Some(class), &files).await,
            ProjectCommand::AddFolders(files) => self.add_files(None, &files).await,
            ProjectCommand::AddFrame { class, recording, image } => {
                self.add_frame(class, recording, image).await
            }
            ProjectCommand::Covers(projects) => self.show_covers(&projects).await,
            ProjectCommand::Look(pictures) => self.look(&pictures).await,
            ProjectCommand::Undo => self.undo().await,
            ProjectCommand::Export => self.export_project().await,
        }
    }

    /// Tells the page which projects there are.
    pub(super) async fn tell_projects(&self) -> Result<(), Problem> {
        let projects = self.store.projects().await?;
        // One that cannot be read is left alone: a newer page may have written it.
        let summaries = projects.into_iter().filter_map(|(id, bytes)| {
            let project = Project::from_bytes(&bytes).ok()?;
            let pictures = project.pictures().count() as u32;
            Some(ProjectSummary { id, name: project.name, pictures })
        });
        self.host.emit(Event::Projects(summaries.collect()));
        Ok(())
    }

    pub(super) fn opened(&mut self) -> Result<&mut OpenProject, Problem> {
        self.project.as_mut().ok_or_else(|| Problem::new(ProblemKind::ProjectChanged, "no project is open"))
    }

    /// Makes a project, and opens it.
    async fn create_project(&mut self, name: &str, [first, second]: &[String; 2]) -> Result<(), Problem> {
        let project = Project::new(name, [first, second])?;
        let id = self.free_number().await?;
        let bytes = project.to_bytes()?;
        self.store.change(id, &Change { after: Some(&bytes), ..Change::default() }).await?;
        self.open_project(id).await
    }

    /// A number for a new project. It stands in addresses, which people keep: one of a deleted project must not
    /// lead to another one, on no device.
    pub(super) async fn free_number(&self) -> Result<u32, Problem> {
        let taken = self.store.projects().await?;
        let is_free = |number: &u32| *number != 0 && taken.iter().all(|(other, _)| other != number);
        loop {
            let number = Some(self.host.random()).filter(is_free);
            if let Some(number) = number {
                return Ok(number);
            }
        }
    }

    /// Shows the first pictures of these projects, small. A project that is not there has none.
    async fn show_covers(&self, projects: &[u32]) -> Result<(), Problem> {
        let stored = self.store.projects().await?;
        let mut covers = Vec::new();
        for (id, bytes) in stored.iter().filter(|(id, _)| projects.contains(id)) {
            let Ok(project) = Project::from_bytes(bytes) else { continue };
            let firsts = project.classes.iter().filter_map(|class| class.pictures.first());
            let ids: Vec<PictureId> = firsts.take(COVER).map(|picture| picture.id).collect();
            let images = self.store.pictures(*id, &ids).await?.into_iter().filter_map(stored_picture);
            covers.push((*id, images.map(|image| image.reduced_to(EXAMPLE_SIDE)).collect()));
            self.host.breathe().await;
        }
        self.host.emit(Event::Covers(covers));
        Ok(())
    }

    /// Takes a project into use. Where the person ends that, what was in use stays in use.
    pub(super) async fn open_project(&mut self, id: u32) -> Result<(), Problem> {
        let found = self.store.projects().await?.into_iter().find(|(number, _)| *number == id);
        let (_, stored) =
            found.ok_or_else(|| Problem::new(ProblemKind::ProjectChanged, format!("no project {id}")))?;
        let mut project = Project::from_bytes(&stored)?;
        let Some(hashes) = self.hashes_of(id, &project).await? else { return self.go_back().await };
        // The old images make room for the new ones before those come in.
        self.data = None;
        self.project = None;
        self.foreign = None;
        self.use_head(None);
        self.drop_map();
        self.trainings = Told::default();
        (self.small, self.told_small) = (Rc::default(), false);
        self.use_backbone_for_projects().await?;
        let lost: Vec<PictureId> =
            project.pictures().map(|picture| picture.id).filter(|id| !hashes.contains_key(id)).collect();
        // What cannot be read is not shown; it stays stored until the project is changed.
        project.delete_pictures(&lost);
        let open = OpenProject {
            id,
            project,
            stored,
            hashes,
            before: None,
            recordings: HashMap::new(),
            notices: Vec::new(),
            examples: HashMap::new(),
        };
        self.project = Some(open);
        // Where that does not work, the next change does it.
        let _ = self.drop_left_over().await;
        self.show_project().await?;
        self.tell_projects().await?;
        self.restore_head().await?;
        match lost.len() {
            0 => Ok(()),
            lost => {
                let why = format!("{lost} pictures of the project are damaged");
                Err(Problem::new(ProblemKind::StoreDamaged, why))
            }
        }
    }

    /// The identities of all pictures that are stored for a project. Those that an earlier version of the page
    /// has stored without one are read, and those of the project that cannot be read are left out. `None` where
    /// the person ended it.
    async fn hashes_of(
        &mut self,
        id: u32,
        project: &Project,
    ) -> Result<Option<HashMap<PictureId, ImageHash>>, Problem> {
        let stored = self.store.hashes(id).await?;
        let mut hashes: HashMap<PictureId, ImageHash> =
            stored.iter().filter_map(|(id, hash)| Some((*id, (*hash)?))).collect();
        let named: HashSet<PictureId> = project.pictures().map(|picture| picture.id).collect();
        let unknown: Vec<PictureId> =
            stored.iter().filter(|(_, hash)| hash.is_none()).map(|(id, _)| *id).collect();
        let ticker = Ticker::new(self.host.now());
        for (number, ids) in unknown.chunks(AT_ONCE).enumerate() {
            let mut new = Vec::new();
            for (&picture, bytes) in ids.iter().zip(self.store.pictures(id, ids).await?) {
                match stored_picture(bytes) {
                    Some(image) => new.push((picture, ImageHash::of(&image))),
                    // One that no class names goes with the next change, whatever is in it.
                    None if !named.contains(&picture) => new.push((picture, ImageHash([0; 16]))),
                    None => {}
                }
            }
            hashes.extend(new.iter().copied());
            // Without it the next opening takes as long.
            let _ = self.store.remember(id, &new).await;
            let (done, total) = ((number * AT_ONCE + ids.len()) as u64, unknown.len() as u64);
            let seconds_left = ticker.seconds_left(self.host.now(), done, total);
            self.host.emit(Event::DatasetProgress { done: 0, total: 0, pictures: done as u32, seconds_left });
            self.host.breathe().await;
            if self.steering.is_ended(Job::Work) {
                return Ok(None);
            }
        }
        Ok(Some(hashes))
    }

    /// Deletes the stored pictures that the open project does not name: what a change took out that can no
    /// longer be taken back, for the page was left after it.
    async fn drop_left_over(&mut self) -> Result<(), Problem> {
        let open = self.opened()?;
        let (id, stored) = (open.id, open.stored.clone());
        // What is damaged is left as it is.
        let mut next = Project::from_bytes(&stored)?;
        let named: HashSet<PictureId> = next.pictures().map(|picture| picture.id).collect();
        let delete: Vec<PictureId> = open.hashes.keys().filter(|id| !named.contains(id)).copied().collect();
        if delete.is_empty() {
            return Ok(());
        }
        // Another tab that could still take it back learns that it cannot.
        next.touch();
        let bytes = next.to_bytes()?;
        let change = Change { before: Some(&stored), after: Some(&bytes), delete, ..Change::default() };
        self.store.change(id, &change).await?;
        let open = self.opened()?;
        open.project.touch();
        open.stored = bytes;
        open.hashes.retain(|id, _| named.contains(id));
        Ok(())
    }

    /// The open project's images, split by `rule`, without pictures of the classes.
    pub(super) fn loaded(&self, rule: Rule) -> Option<Loaded<H, S>> {
        let open = self.project.as_ref()?;
        let album = Album::of_project(&self.host, &self.store, open.id);
        Some(Loaded { dataset: open.dataset(rule), album, examples: Vec::new() })
    }

    /// Takes the open project's pictures into use, and has their features computed.
    pub(super) async fn show_project(&mut self) -> Result<(), Problem> {
        let Some(mut loaded) = self.loaded(Rule::ByTake) else { return Ok(()) };
        let open = self.opened()?;
        let mut known = std::mem::take(&mut open.examples);
        let mut examples = HashMap::new();
        for first in loaded.dataset.firsts() {
            let image = match known.remove(&first.hash) {
                Some(image) => image,
                // Whether it is damaged is told where it is needed.
                None => match loaded.album.read(std::slice::from_ref(&first)).await.unwrap_or_default().pop()
                {
                    Some(image) => image.reduced_to(EXAMPLE_SIDE),
                    None => continue,
                },
            };
            loaded.examples.push(Example { image: image.clone(), label: first.label });
            examples.insert(first.hash, image);
        }
        let open = self.opened()?;
        open.examples = examples;
        let info = open.info();
        self.data = Some(loaded);
        self.host.emit(Event::Project(Some(info)));
        self.eager = true;
        self.tell_dataset().await
    }

    /// Shows how these pictures of the open project look, small. What is not there is left out.
    async fn look(&mut self, pictures: &[PictureId]) -> Result<(), Problem> {
        let Some(open) = &self.project else { return Ok(()) };
        let id = open.id;
        for ids in pictures.iter().take(MOST_LOOKED_AT).copied().collect::<Vec<_>>().chunks(AT_ONCE) {
            let files = self.store.pictures(id, ids).await?;
            let images = ids.iter().zip(files).filter_map(|(id, file)| Some((*id, stored_picture(file)?)));
            let small = images.map(|(id, image)| (id, image.reduced_to(EXAMPLE_SIDE))).collect();
            self.host.emit(Event::Thumbnails(small));
            self.host.breathe().await;
        }
        Ok(())
    }

    /// Puts the open project away, for other data comes into use.
    pub(super) async fn close_project(&mut self) -> Result<(), Problem> {
        self.drop_map();
        if self.project.take().is_some() {
            self.eager = false;
            self.host.emit(Event::Project(None));
            self.restore_head().await?;
        }
        Ok(())
    }

    async fn delete_project(&mut self, id: u32) -> Result<(), Problem> {
        let projects = self.store.projects().await?;
        let found = projects.iter().find(|(number, _)| *number == id);
        let mut images = HashSet::new();
        if let Some((_, stored)) = found {
            let hashes = self.store.hashes(id).await.unwrap_or_default();
            images.extend(hashes.into_iter().filter_map(|(_, hash)| hash));
            self.store.change(id, &Change { before: Some(stored), ..Change::default() }).await?;
        }
        if self.project.as_ref().is_some_and(|open| open.id == id) {
            self.data = None;
            self.trainings = Told::default();
            self.close_project().await?;
        }
        self.tell_projects().await?;
        // The project is gone all the same; what is left is found among what nothing refers to.
        let _ = self.forget_images(&images).await;
        Ok(())
    }

    /// Changes the open project's names and order.
    async fn edit<T>(
        &mut self,
        change: impl FnOnce(&mut Project) -> Result<T, ProjectError>,
    ) -> Result<(), Problem> {
        let before = self.opened()?.project.clone();
        let mut next = before.clone();
        change(&mut next)?;
        self.store_project(next, Vec::new(), Back::To(before)).await?;
        self.show_project().await?;
        self.tell_projects().await
    }

    /// Moves all pictures that look like `image` to the class called `name`.
    pub(super) async fn move_image(&mut self, image: ImageHash, name: &str) -> Result<(), Problem> {
        let open = self.opened()?;
        let gone = |what: &str| Problem::new(ProblemKind::ExamChanged, what);
        let class = open.project.classes.iter().find(|class| class.name == name).map(|class| class.id);
        let class = class.ok_or_else(|| gone("the project has no such class"))?;
        let is_it = |id: &PictureId| open.hashes.get(id) == Some(&image);
        let pictures: Vec<PictureId> =
            open.project.pictures().map(|picture| picture.id).filter(is_it).collect();
        if pictures.is_empty() {
            return Err(gone("the image is not in the project"));
        }
        self.edit(|project| project.move_pictures(&pictures, class)).await
    }

    async fn undo(&mut self) -> Result<(), Problem> {
        let open = self.opened()?;
        let Some(before) = &open.before else { return Ok(()) };
        let mut next = before.clone();
        next.keep_numbers_of(&open.project);
        self.store_project(next, Vec::new(), Back::Nothing).await?;
        self.show_project().await?;
        self.tell_projects().await
    }

    /// Leaves a picture of the open project out that proved to be damaged; it stays stored until the project is
    /// changed.
    pub(super) async fn leave_out(&mut self, picture: PictureId) -> Result<(), Problem> {
        if let Some(open) = &mut self.project {
            open.project.delete_pictures(&[picture]);
            self.show_project().await?;
        }
        Ok(())
    }

    /// Stores `next` in place of the open project, with its `new` pictures. All others are in the store; those
    /// leave it that neither `next` names nor what can be gone `back` to.
    pub(super) async fn store_project(
        &mut self,
        next: Project,
        new: Vec<(PictureId, RgbImage)>,
        back: Back,
    ) -> Result<(), Problem> {
        let open = self.project.as_mut();
        let open = open.ok_or_else(|| Problem::new(ProblemKind::ProjectChanged, "no project is open"))?;
        let mut add = Vec::with_capacity(new.len());
        for (id, image) in &new {
            add.push(NewPicture { id: *id, hash: ImageHash::of(image), png: image.to_png()? });
        }
        let back = match back {
            Back::To(project) => Some(project),
            Back::Nothing => None,
        };
        let kept = next.pictures().chain(back.iter().flat_map(Project::pictures));
        let kept: HashSet<PictureId> = kept.map(|picture| picture.id).collect();
        let delete: Vec<PictureId> = open.hashes.keys().filter(|id| !kept.contains(id)).copied().collect();
        let bytes = next.to_bytes()?;
        let change =
            Change { before: Some(&open.stored), after: Some(&bytes), add, delete, heads: Vec::new() };
        self.store.change(open.id, &change).await?;
        open.hashes.extend(change.add.iter().map(|picture| (picture.id, picture.hash)));
        open.hashes.retain(|id, _| kept.contains(id));
        (open.project, open.stored, open.before) = (next, bytes, back);
        open.notices = Vec::new();
        // Of many, the page asks for those that it shows.
        let last = new.into_iter().rev().take(SHOWN_OF_NEW);
        let small = last.map(|(id, image)| (id, image.reduced_to(EXAMPLE_SIDE)));
        self.host.emit(Event::Thumbnails(small.collect()));
        Ok(())
    }
}
