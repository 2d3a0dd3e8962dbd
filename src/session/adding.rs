//! Adding what is in a person's files, or comes from the camera, to the open project.
//!
//! Many pictures are written in groups. The person may end it in between: what came stays, is told, and can be
//! taken back like what came in whole.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::project::{AT_ONCE, Back};
use super::steering::Job;
use super::ticker::Ticker;
use super::{Host, Session};
use crate::dataset::containers::Containers;
use crate::dataset::folders::{Search, Seen, Step};
use crate::dataset::layouts::{Layout, Role, layout, split};
use crate::dataset::notices::NoticeKind;
use crate::dataset::{DatasetError, Opened};
use crate::features::FeatureStore;
use crate::pixels::{PixelError, RgbImage};
use crate::project::{MOST_PICTURES, Picture, Project, ProjectError, ProjectStore, name_of_folder};
use crate::protocol::{Event, FileRef, Problem, ProblemKind};

/// Milliseconds after which the project is shown as it is so far.
const SHOW_EVERY: f64 = 2_000.0;

/// Into which class each picture goes.
type Goals = Vec<Option<u32>>;

/// What has come of the adding of many pictures.
struct Added {
    /// Files whose pictures are in the project.
    files: usize,
    /// Why the last one that could not be decoded could not.
    error: Option<PixelError>,
    /// Why it came to its end before all were read.
    ended: Option<Problem>,
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Adds the pictures in `files`, archives or not: to the classes of their folders' names, new ones where there
    /// are none; or to the class `card`, where they name fewer than two. A file's frames are a take there.
    /// The person may end it; what came in stays then.
    pub(super) async fn add_files(&mut self, card: Option<u32>, files: &[FileRef]) -> Result<(), Problem> {
        self.opened()?;
        let (host, opened) = (Rc::clone(&self.host), files.to_vec());
        let names = files.iter().map(|file| file.name.clone()).collect();
        let mut containers = Containers::new(names, Box::new(move |at| host.open(&opened[at])));
        let added = self.add_all(&mut containers, card, files).await;
        added.map_err(|problem| match containers.file_name().split('/').next() {
            Some(name) if problem.file.is_none() && !name.is_empty() => problem.about(name),
            _ => problem,
        })
    }

    async fn add_all(
        &mut self,
        containers: &mut Containers<'_, Opened>,
        card: Option<u32>,
        files: &[FileRef],
    ) -> Result<(), Problem> {
        let (mut search, mut seen) = (Search::default(), Vec::new());
        let mut ticker = Ticker::new(self.host.now());
        self.host.emit(Event::Adding { done: 0, total: files.len() as u32, seconds_left: None });
        loop {
            match search.next_picture(containers, false)? {
                Step::Picture(picture) => seen.push(picture),
                Step::Other => {}
                Step::End => break,
            }
            if self.is_ended(&mut ticker).await {
                self.host.emit(Event::Adding { done: 0, total: 0, seconds_left: None });
                return Ok(());
            }
        }
        // Of one file it is said why it is none.
        let single = card.is_some() && files.len() == 1 && !containers.has_archive();
        if let ([file], [], true) = (files, seen.as_slice(), single) {
            RgbImage::kept(&self.read_picture(file)?)?;
        }
        if seen.is_empty() {
            return Err(search.nothing().into());
        }
        let paths: Vec<&str> = seen.iter().map(|seen| seen.path.as_str()).collect();
        let all: Vec<&str> = paths.iter().copied().chain(search.unread.iter().map(String::as_str)).collect();
        let empty = search.empty();
        let layout = layout(&all, &empty.iter().map(String::as_str).collect::<Vec<_>>());
        let before = self.opened()?.project.clone();
        // Before anything of it is read.
        if before.pictures().count() + seen.len() > MOST_PICTURES {
            return Err(ProjectError::TooManyPictures.into());
        }
        let (next, goals) = goals(&before, &layout, card, &paths, &mut search)?;
        self.store_project(next, Vec::new(), Back::To(before.clone())).await?;
        let added = self.add_seen(containers, &mut search, seen, (goals, &before)).await?;
        if added.files == 0 {
            let mut before = before;
            before.keep_numbers_of(&self.opened()?.project);
            self.store_project(before, Vec::new(), Back::Nothing).await?;
            return match (added.ended, added.error.filter(|_| single)) {
                (Some(problem), _) if problem.kind == ProblemKind::AddingEnded => Ok(()),
                (Some(problem), _) => Err(problem),
                (None, Some(error)) => Err(error.into()),
                (None, None) => Err(search.nothing().into()),
            };
        }
        self.opened()?.notices = search.tally.notices();
        self.show_project().await?;
        self.tell_projects().await?;
        added.ended.map_or(Ok(()), Err)
    }

    /// Reads the pictures and adds each to its class. It can be taken back to the project `before`.
    async fn add_seen(
        &mut self,
        containers: &mut Containers<'_, Opened>,
        search: &mut Search,
        seen: Vec<Seen>,
        (goals, before): (Goals, &Project),
    ) -> Result<Added, Problem> {
        let total = seen.len() as u32;
        let mut shown = self.host.now();
        let mut ticker = Ticker::new(shown);
        // Groups of pictures that belong together, and how many pictures there are in them.
        let (mut takes, mut held) = (Vec::new(), 0);
        let mut added = Added { files: 0, error: None, ended: None };
        for ((Seen { path, place, .. }, goal), done) in seen.into_iter().zip(goals).zip(1..) {
            if let Some(class) = goal {
                let content = match containers.read(place, &|_| true) {
                    Ok(content) => search.whole(&path, content),
                    // What was added before stays.
                    Err(error) => {
                        added.ended = Some(error.into());
                        None
                    }
                };
                match content.map(|bytes| RgbImage::kept_frames(&bytes)) {
                    Some(Ok(images)) => {
                        held += images.len();
                        takes.push((class, images));
                    }
                    Some(Err(why)) => {
                        search.leave_out(&path, &why);
                        added.error = Some(why);
                    }
                    None => {}
                }
            }
            let now = self.host.now();
            if ticker.reports(now) {
                let seconds_left = ticker.seconds_left(now, done.into(), total.into());
                self.host.emit(Event::Adding { done, total, seconds_left });
            }
            let cancel = self.is_ended(&mut ticker).await && done < total;
            if held >= AT_ONCE || cancel || done == total || added.ended.is_some() {
                let files = takes.len();
                held = 0;
                match self.add_takes(std::mem::take(&mut takes), before).await {
                    Ok(()) => added.files += files,
                    Err(problem) => added.ended = Some(problem),
                }
                if now - shown > SHOW_EVERY {
                    shown = now;
                    self.show_project().await?;
                }
            }
            if cancel && added.ended.is_none() {
                let ended = Problem::new(ProblemKind::AddingEnded, format!("{} / {total}", added.files));
                added.ended = Some(ended.with("count", added.files).with("total", total));
            }
            if added.ended.is_some() {
                break;
            }
        }
        self.host.emit(Event::Adding { done: total, total, seconds_left: None });
        Ok(added)
    }

    /// Lets commands come in every now and then. Whether the person has ended the reading.
    async fn is_ended(&mut self, ticker: &mut Ticker) -> bool {
        if !ticker.is_breathless(self.host.now()) {
            return false;
        }
        self.host.breathe().await;
        ticker.breathed(self.host.now());
        self.steering.is_ended(Job::Work)
    }

    /// Adds images to classes, each group as a take of its own. It can be taken back to the project `before`.
    async fn add_takes(&mut self, takes: Vec<(u32, Vec<RgbImage>)>, before: &Project) -> Result<(), Problem> {
        let mut next = self.opened()?.project.clone();
        let mut new = Vec::new();
        for (class, images) in takes {
            let pictures = next.add_pictures(class, None, images.len())?;
            new.extend(pictures.iter().map(|picture| picture.id).zip(images));
        }
        self.store_project(next, new, Back::To(before.clone())).await
    }

    /// Adds a picture of the camera to a class.
    pub(super) async fn add_frame(
        &mut self,
        class: u32,
        recording: u32,
        image: RgbImage,
    ) -> Result<(), Problem> {
        let open = self.opened()?;
        let mut next = open.project.clone();
        let take = open.recordings.get(&recording).copied();
        let image = image.into_kept();
        let added = next.add_pictures(class, take, 1)?;
        let Some(&Picture { id, take }) = added.first() else { return Ok(()) };
        open.recordings.insert(recording, take);
        self.store_project(next, vec![(id, image)], Back::Nothing).await?;
        self.show_project().await
    }
}

/// The project with the classes of the folders, and into which of them each picture of `paths` goes.
fn goals(
    before: &Project,
    layout: &Layout,
    card: Option<u32>,
    paths: &[&str],
    search: &mut Search,
) -> Result<(Project, Goals), Problem> {
    let mut next = before.clone();
    let pictures = &layout.pictures[..paths.len()];
    let different: BTreeSet<&str> = pictures.iter().flatten().map(|said| said.class.as_str()).collect();
    for _ in pictures.iter().flatten().filter(|said| said.role != Role::Unsaid) {
        search.tally.add(NoticeKind::PartsTogether, "");
    }
    if let Some(card) = card.filter(|_| different.len() < 2) {
        if !next.classes.iter().any(|class| class.id == card) {
            return Err(ProjectError::Unknown(card).into());
        }
        return Ok((next, vec![Some(card); paths.len()]));
    }
    if different.is_empty() {
        return Err(DatasetError::NoClassFolders(paths.len()).into());
    }
    split::names(&layout.pictures, &mut search.tally);
    let (mut classes, mut given) = (BTreeMap::<&str, u32>::new(), Vec::new());
    for said in pictures.iter().flatten() {
        if classes.contains_key(said.class.as_str()) {
            continue;
        }
        let mut name = name_of_folder(&said.class, &given);
        let mut known = next.classes.iter().find(|class| class.name == name).map(|class| class.id);
        // A class whose name was cut may be another folder's.
        if known.is_some() && name != said.class {
            let there = next.classes.iter().map(|class| class.name.clone());
            let taken: Vec<String> = given.iter().cloned().chain(there).collect();
            (name, known) = (name_of_folder(&said.class, &taken), None);
        }
        let id = match known {
            Some(id) => id,
            None => next.add_class(&name)?,
        };
        given.push(name);
        classes.insert(&said.class, id);
    }
    let goals: Goals = pictures
        .iter()
        .map(|said| said.as_ref().and_then(|said| classes.get(said.class.as_str()).copied()))
        .collect();
    for (path, _) in paths.iter().zip(&goals).filter(|(_, goal)| goal.is_none()) {
        search.tally.add(NoticeKind::NoClass, path);
    }
    let names = layout.pictures[paths.len()..].iter().flatten().map(|said| said.class.as_str());
    let without: BTreeSet<&str> = names
        .chain(layout.empty.iter().map(String::as_str))
        .filter(|name| !classes.contains_key(name))
        .collect();
    without.iter().for_each(|name| search.tally.add(NoticeKind::EmptyClass, name));
    // New classes take the place of the two that a new project begins with, if those are empty.
    let unused: Vec<u32> = next
        .classes
        .iter()
        .filter(|class| class.pictures.is_empty() && !classes.values().any(|id| *id == class.id))
        .map(|class| class.id)
        .collect();
    for class in unused {
        if next.classes.len() > 2 {
            next.delete_class(class)?;
        }
    }
    Ok((next, goals))
}
