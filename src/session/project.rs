//! Projects of one's own: every change is stored before it is shown.

use std::collections::{HashMap, HashSet};

use crate::dataset::notices::{Notice, NoticeKind, Tally};
use crate::dataset::{Dataset, EXAMPLE_SIDE, Example, LARGEST_SIDE, Pixels, Sample, Source};
use crate::features::{FeatureStore, ImageHash};
use crate::pixels::RgbImage;
use crate::project::split::{self, FEWEST_TAKES, Rule};
use crate::project::{Change, Picture, PictureId, Project, ProjectStore};
use crate::protocol::{Event, Problem, ProblemKind, ProjectCommand, ProjectInfo, ProjectSummary};

use super::album::Album;
use super::{Host, Loaded, Session};

/// Pictures that are read from the store, or written to it, at once.
pub(super) const AT_ONCE: usize = 64;

/// The project in use.
pub(super) struct OpenProject {
    pub(super) id: u32,
    pub(super) project: Project,
    /// The project as it is stored.
    stored: Vec<u8>,
    /// Its pictures, and those that a change took out as long as it can be taken back.
    pub(super) pictures: HashMap<PictureId, (RgbImage, ImageHash)>,
    /// The project before the last deletion or move.
    before: Option<Project>,
    /// The camera's recordings and the takes that their pictures went to.
    recordings: HashMap<u32, u32>,
    /// What the last change left out.
    pub(super) notices: Vec<Notice>,
}

impl OpenProject {
    fn takes(&self) -> Vec<Vec<Vec<PictureId>>> {
        split::takes(&self.project, |id| self.pictures.get(&id).map(|(_, hash)| *hash))
    }

    /// Whether an honest exam is possible: two classes or more, each of takes enough.
    pub(super) fn is_ready(&self) -> bool {
        let takes = self.takes();
        takes.len() >= 2 && takes.iter().all(|takes| takes.len() >= FEWEST_TAKES)
    }

    /// What the last change left out, and which pictures stand in two classes.
    fn notices(&self) -> Vec<Notice> {
        let identity = |id| self.pictures.get(&id).map(|(_, hash)| *hash);
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
                let (image, hash) = self.pictures.get(&id)?;
                Some(Sample { label, hash: *hash, pixels: Pixels::Here(image.clone()) })
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

/// A picture small enough for a list.
fn thumbnail(id: PictureId, image: &RgbImage) -> (PictureId, RgbImage) {
    (id, image.clone().reduced_to(EXAMPLE_SIDE))
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    pub(super) async fn project_command(&mut self, command: ProjectCommand) -> Result<(), Problem> {
        match command {
            ProjectCommand::Create { name, classes } => {
                let [first, second] = &classes;
                let project = Project::new(&name, [first, second])?;
                self.create_project(project, Vec::new()).await.map(drop)
            }
            ProjectCommand::Open(id) => self.open_project(id).await,
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
            ProjectCommand::DeleteClass(class) => {
                self.edit_undoably(|project| project.delete_class(class)).await
            }
            ProjectCommand::MovePictures { pictures, class } => {
                self.edit_undoably(|project| project.move_pictures(&pictures, class)).await
            }
            ProjectCommand::DeletePictures(pictures) => {
                self.edit_undoably(|project| {
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

    /// Stores a new project with its pictures, and opens it.
    pub(super) async fn create_project(
        &mut self,
        project: Project,
        pictures: Vec<(PictureId, Vec<u8>)>,
    ) -> Result<u32, Problem> {
        let id = self.store.projects().await?.last().map_or(1, |(last, _)| last + 1);
        let bytes = project.to_bytes()?;
        let change = Change { after: Some(&bytes), add: pictures, ..Change::default() };
        self.store.change(id, &change).await?;
        self.open_project(id).await?;
        Ok(id)
    }

    async fn open_project(&mut self, id: u32) -> Result<(), Problem> {
        let found = self.store.projects().await?.into_iter().find(|(number, _)| *number == id);
        let (_, stored) =
            found.ok_or_else(|| Problem::new(ProblemKind::ProjectChanged, format!("no project {id}")))?;
        let mut project = Project::from_bytes(&stored)?;
        // The old images make room for the new ones before those come in.
        self.data = None;
        self.project = None;
        self.foreign = None;
        self.use_backbone_for_projects().await?;
        let ids: Vec<PictureId> = project.pictures().map(|picture| picture.id).collect();
        let (mut pictures, mut lost) = (HashMap::new(), Vec::new());
        for ids in ids.chunks(AT_ONCE) {
            let mut small = Vec::new();
            for (&number, bytes) in ids.iter().zip(self.store.pictures(id, ids).await?) {
                let image = bytes.and_then(|bytes| RgbImage::decode(&bytes).ok());
                match image.filter(|image| image.width().max(image.height()) <= LARGEST_SIDE) {
                    Some(image) => {
                        small.push(thumbnail(number, &image));
                        let hash = ImageHash::of(&image);
                        pictures.insert(number, (image, hash));
                    }
                    None => lost.push(number),
                }
            }
            self.host.emit(Event::Thumbnails(small));
            self.host.emit(Event::Adding {
                done: pictures.len() as u32,
                total: project.pictures().count() as u32,
            });
            self.host.breathe().await;
        }
        // What cannot be read is not shown; it stays stored until the project is changed.
        project.delete_pictures(&lost);
        self.project = Some(OpenProject {
            id,
            project,
            stored,
            pictures,
            before: None,
            recordings: HashMap::new(),
            notices: Vec::new(),
        });
        self.show_project().await?;
        self.tell_projects().await?;
        self.restore_head().await?;
        if lost.is_empty() {
            return Ok(());
        }
        Err(Problem::new(
            ProblemKind::StoreDamaged,
            format!("{} pictures of the project are damaged", lost.len()),
        ))
    }

    /// The open project's images, split by `rule`.
    pub(super) fn loaded(&self, rule: Rule) -> Option<Loaded<H, S>> {
        let open = self.project.as_ref()?;
        let dataset = open.dataset(rule);
        let album = Album::of_project(&self.host, &self.store, open.id);
        let example = |sample: Sample| {
            Some(Example { image: sample.image()?.clone().reduced_to(EXAMPLE_SIDE), label: sample.label })
        };
        let examples = dataset.firsts().into_iter().filter_map(example).collect();
        Some(Loaded { dataset, album, examples })
    }

    /// Takes the open project's pictures into use, and has their features computed.
    pub(super) async fn show_project(&mut self) -> Result<(), Problem> {
        let Some(open) = &self.project else { return Ok(()) };
        self.data = self.loaded(Rule::ByTake);
        self.host.emit(Event::Project(Some(open.info())));
        self.eager = true;
        self.tell_dataset().await
    }

    /// Puts the open project away, for other data comes into use.
    pub(super) async fn close_project(&mut self) -> Result<(), Problem> {
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
        if let Some((_, stored)) = found {
            self.store.change(id, &Change { before: Some(stored), ..Change::default() }).await?;
        }
        if self.project.as_ref().is_some_and(|open| open.id == id) {
            self.data = None;
            self.close_project().await?;
        }
        self.tell_projects().await
    }

    /// Changes the open project's names and order.
    async fn edit<T>(
        &mut self,
        change: impl FnOnce(&mut Project) -> Result<T, crate::project::ProjectError>,
    ) -> Result<(), Problem> {
        let open = self.opened()?;
        let mut next = open.project.clone();
        change(&mut next)?;
        self.store_project(next, Vec::new()).await?;
        self.show_project().await?;
        self.tell_projects().await
    }

    /// The same for what can be taken back.
    async fn edit_undoably<T>(
        &mut self,
        change: impl FnOnce(&mut Project) -> Result<T, crate::project::ProjectError>,
    ) -> Result<(), Problem> {
        let before = self.opened()?.project.clone();
        self.forget_deleted();
        self.edit(change).await?;
        self.opened()?.before = Some(before);
        self.show_project().await
    }

    /// Moves all pictures that look like `image` to the class called `name`.
    pub(super) async fn move_image(&mut self, image: ImageHash, name: &str) -> Result<(), Problem> {
        let open = self.opened()?;
        let gone = |what: &str| Problem::new(ProblemKind::ExamChanged, what);
        let class = open.project.classes.iter().find(|class| class.name == name).map(|class| class.id);
        let class = class.ok_or_else(|| gone("the project has no such class"))?;
        let is_it = |id: &PictureId| open.pictures.get(id).is_some_and(|(_, hash)| *hash == image);
        let pictures: Vec<PictureId> =
            open.project.pictures().map(|picture| picture.id).filter(is_it).collect();
        if pictures.is_empty() {
            return Err(gone("the image is not in the project"));
        }
        self.edit_undoably(|project| project.move_pictures(&pictures, class)).await
    }

    async fn undo(&mut self) -> Result<(), Problem> {
        let open = self.opened()?;
        let Some(before) = open.before.take() else { return Ok(()) };
        let mut next = before;
        next.keep_numbers_of(&open.project);
        self.store_project(next, Vec::new()).await?;
        self.show_project().await?;
        self.tell_projects().await
    }

    /// Frees the pictures that an earlier change took out.
    fn forget_deleted(&mut self) {
        if let Some(open) = &mut self.project {
            let kept: HashSet<PictureId> = open.project.pictures().map(|picture| picture.id).collect();
            open.pictures.retain(|id, _| kept.contains(id));
            open.before = None;
        }
    }

    /// Stores `next` in place of the open project. Its pictures are those of the open one, those
    /// that can still be taken back, and `new` ones.
    pub(super) async fn store_project(
        &mut self,
        next: Project,
        new: Vec<(PictureId, RgbImage)>,
    ) -> Result<(), Problem> {
        let open = self.project.as_mut();
        let open = open.ok_or_else(|| Problem::new(ProblemKind::ProjectChanged, "no project is open"))?;
        let had: HashSet<PictureId> = open.project.pictures().map(|picture| picture.id).collect();
        let has: HashSet<PictureId> = next.pictures().map(|picture| picture.id).collect();
        let mut add = Vec::new();
        for (id, image) in &new {
            add.push((*id, image.to_png()?));
        }
        for id in has.difference(&had) {
            if let Some((image, _)) = open.pictures.get(id) {
                add.push((*id, image.to_png()?));
            }
        }
        let bytes = next.to_bytes()?;
        let delete = had.difference(&has).copied().collect();
        let change = Change { before: Some(&open.stored), after: Some(&bytes), add, delete };
        self.store.change(open.id, &change).await?;
        (open.project, open.stored) = (next, bytes);
        open.notices = Vec::new();
        self.host.emit(Event::Thumbnails(new.iter().map(|(id, image)| thumbnail(*id, image)).collect()));
        for (id, image) in new {
            let hash = ImageHash::of(&image);
            open.pictures.insert(id, (image, hash));
        }
        Ok(())
    }

    /// Adds images to classes, each group as a take of its own.
    pub(super) async fn add_takes(&mut self, takes: Vec<(u32, Vec<RgbImage>)>) -> Result<(), Problem> {
        self.forget_deleted();
        let mut next = self.opened()?.project.clone();
        let mut new = Vec::new();
        for (class, images) in takes {
            let pictures = next.add_pictures(class, None, images.len())?;
            new.extend(pictures.iter().map(|picture| picture.id).zip(images));
        }
        self.store_project(next, new).await
    }

    async fn add_frame(&mut self, class: u32, recording: u32, image: RgbImage) -> Result<(), Problem> {
        self.forget_deleted();
        let open = self.opened()?;
        let mut next = open.project.clone();
        let take = open.recordings.get(&recording).copied();
        let image = image.into_kept();
        let added = next.add_pictures(class, take, 1)?;
        let Some(&Picture { id, take }) = added.first() else { return Ok(()) };
        open.recordings.insert(recording, take);
        self.store_project(next, vec![(id, image)]).await?;
        self.show_project().await
    }
}
