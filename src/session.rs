//! Commands in, events out: the one place where the modules meet.
//!
//! A session carries out one command at a time. While a long job runs, `steering` sorts what comes in: some
//! commands steer the job, brief ones are carried out beside it, and any other waits for its turn.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

use futures::channel::mpsc::UnboundedReceiver;
use futures::future::LocalBoxFuture;
use futures::{FutureExt, pin_mut, select_biased};

use crate::backbone::choose::Adapter;
use crate::backbone::pieces::Download;
use crate::backbone::pool::{Launcher, Pool};
use crate::backbone::{Backbone, BackboneError, Manifest};
use crate::dataset::{Dataset, Example, ReadSeek, Sample, Source};
use crate::features::{FeatureSpace, FeatureStore, ImageHash};
use crate::head::Team;
use crate::pixels::{Format, MOST_FILE_BYTES, PixelError, RgbImage};
use crate::project::ProjectStore;
use crate::project::archive::is_project;
use crate::protocol::{
    Classified, Command, DatasetInfo, Engine, EngineRequest, Event, FileRef, Limits, Problem, ProblemKind,
    ProjectCommand, SiteData, Speed, Stages,
};

mod adding;
mod album;
mod cache;
mod data;
mod device_check;
mod engine;
mod epochs;
mod exam;
mod exchange;
mod extraction;
mod feature_map;
mod imported;
mod interrupted;
mod learning_curve;
mod model;
mod opening;
mod problems;
mod project;
mod recheck;
mod site_data;
mod steering;
mod stored_blocks;
mod stored_head;
mod ticker;
mod training;
mod trainings;
mod transfer;
mod unused;
mod unwritten;

use album::Album;
use cache::Cache;
use feature_map::Map;
use model::Coming;
use project::OpenProject;
use steering::{Job, Steering, Word};
use stored_head::{Answer, StoredHead};
use trainings::Told;

/// So many bytes tell what a picture's format is.
const BEGINNING: u64 = 4096;

/// What a session needs of the world around it.
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait Host: 'static {
    /// Starts engine workers.
    type Launcher: Launcher;
    /// A backbone's file that has come in whole.
    type Model: Clone + 'static;
    /// A piece of a file to come, kept outside of this program's memory.
    type Piece;
    /// Trains convolutions.
    type Team: Team;

    /// Tells the page.
    fn emit(&self, event: Event);

    /// Milliseconds since some fixed moment.
    fn now(&self) -> f64;

    /// The date: milliseconds since 1970, UTC.
    fn date(&self) -> f64;

    /// Any number, each as likely as the others.
    fn random(&self) -> u32;

    /// Lets commands come in, after a stretch of computing.
    async fn breathe(&self);

    /// Whether there may be an internet; where not, nothing can be downloaded.
    fn online(&self) -> bool;

    /// Opens a file that the person chose, as often as it is asked for.
    fn open(&self, file: &FileRef) -> io::Result<Box<dyn ReadSeek>>;

    /// Lets go of files that are not opened any more.
    fn close(&self, files: &[FileRef]);

    /// The data set that the site offers, where there is one; nothing of it is brought.
    async fn site_data(&self) -> Option<SiteData>;

    /// Brings the site's data set. `progress` hears how many bytes came. Dropping it ends the download.
    async fn bring_site_data(&self, data: &SiteData, progress: &dyn Fn(u64)) -> Result<FileRef, String>;

    /// The manifest at `address`, or where nobody answers the one that was kept.
    async fn manifest(&self, address: &str) -> Result<Found, BackboneError>;

    /// How much of the backbone's file is kept from earlier visits.
    async fn kept(&self, manifest: &Manifest) -> Download;

    /// The backbone's file, checked against the manifest; `address` is the manifest's. What
    /// comes is kept as far as there is room. `progress` hears of each piece.
    async fn model(
        &self,
        address: &str,
        manifest: &Manifest,
        progress: &dyn Fn(Download),
    ) -> Result<Self::Model, BackboneError>;

    /// How many bytes more the browser would store for this page, where it says so.
    async fn room(&self) -> Option<u64>;

    /// What is in the backbone's file.
    async fn bytes_of(&self, model: &Self::Model) -> Result<Vec<u8>, BackboneError>;

    /// Puts `bytes` away until a file is made of them.
    fn piece(&self, bytes: &[u8]) -> io::Result<Self::Piece>;

    /// A file of what was put away, piece after piece, that can be read from any place.
    fn joined(&self, pieces: Vec<Self::Piece>) -> io::Result<Box<dyn ReadSeek>>;

    /// Gives the person a file to keep, made of these pieces in their order.
    fn save(&self, name: &str, pieces: Vec<Self::Piece>);

    /// Lets `task` run beside everything else.
    fn spawn(&self, task: LocalBoxFuture<'static, ()>);

    /// What the browser's WebGPU offers.
    async fn adapter(&self) -> Adapter;

    /// A launcher for `engine`, and how many workers to start.
    fn launcher(&self, engine: Engine, manifest: &Manifest, model: &Self::Model) -> (Self::Launcher, usize);

    /// A team of as many members as can share the work on so many channels and there are cores and memory
    /// for, at most `most`.
    async fn team(&self, channels: usize, most: usize) -> Self::Team;
}

/// A manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What it says.
    pub manifest: Manifest,
    /// Whether the site gave it just now; else it is one that was kept.
    pub answered: bool,
}

/// A backbone that is known, and its engine once one was needed.
struct Ready<H: Host> {
    address: String,
    manifest: Manifest,
    space: FeatureSpace,
    request: EngineRequest,
    model: Option<Coming<H>>,
    engine: Option<Running<H::Launcher>>,
    /// The engines that broke down since a batch came back from one.
    failed: Vec<Engine>,
}

/// An engine that has started.
struct Running<L: Launcher> {
    engine: Engine,
    pool: Rc<Pool<L>>,
}

/// The dataset in use.
struct Loaded<H, S> {
    dataset: Dataset,
    /// Where its images' pixels come from.
    album: Album<H, S>,
    /// One small picture of each class that has training images.
    examples: Vec<Example>,
}

/// One visitor's work.
pub struct Session<H: Host, S: FeatureStore + ProjectStore> {
    host: Rc<H>,
    store: Rc<S>,
    /// The features in the store.
    cache: Cache<S>,
    /// The images whose features this session has computed since some of them were computed again.
    fresh: Vec<ImageHash>,
    steering: Steering,
    backbone: Option<Ready<H>>,
    /// The features of the other backbones that the site has beside the open one, once it has said so; held for as
    /// long as somebody waits to hear it.
    others: Rc<RefCell<Option<Vec<FeatureSpace>>>>,
    /// Whether projects begin with the light backbone, for nobody named one.
    for_projects: bool,
    /// Workers of a kind, at the most.
    workers: usize,
    /// How fast backbones were on this device.
    speeds: Vec<Speed>,
    data: Option<Loaded<H, S>>,
    /// Pictures of the open project whose features were computed though they are smaller than the network takes
    /// them, and of which nothing was said yet.
    small: Rc<Cell<usize>>,
    /// Whether it was said.
    told_small: bool,
    /// The files of the dataset that was read last; they stay open.
    files: Vec<FileRef>,
    /// The features that stand in for the backbone's own.
    foreign: Option<FeatureSpace>,
    limits: Limits,
    /// Set by [`Session::use_head`] alone.
    head: Option<StoredHead>,
    /// The finished trainings that the page was told of.
    trainings: Told,
    /// The project whose pictures are in use.
    project: Option<OpenProject>,
    /// The map of the features, once it was drawn.
    map: Option<Map>,
    /// Whether features that are missing are computed without being asked for, as soon as nothing
    /// else is to be done.
    eager: bool,
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// A session that takes its commands from `commands`.
    pub fn new(host: H, store: S, commands: UnboundedReceiver<Command>) -> Self {
        let store = Rc::new(store);
        Self {
            host: Rc::new(host),
            cache: Cache::new(&store),
            fresh: Vec::new(),
            store,
            steering: Steering::new(commands),
            backbone: None,
            others: Rc::default(),
            for_projects: false,
            workers: usize::MAX,
            speeds: Vec::new(),
            data: None,
            small: Rc::default(),
            told_small: false,
            files: Vec::new(),
            foreign: None,
            limits: Limits::default(),
            head: None,
            trainings: Told::default(),
            project: None,
            map: None,
            eager: false,
        }
    }

    /// Carries out commands until there are no more to come.
    pub async fn run(mut self) {
        loop {
            match self.steering.waiting() {
                Some(command) => self.carry_out(command).await,
                None if self.eager => {
                    let done = self.extract_eagerly().await;
                    self.tell_failure(done);
                }
                None if self.is_refining() => self.refine_map().await,
                None => match self.steering.next().await {
                    Some(command) => self.carry_out(command).await,
                    None => return,
                },
            }
        }
    }

    /// Tells the page where something failed.
    fn tell_failure(&self, done: Result<(), Problem>) {
        if let Err(problem) = done {
            self.host.emit(Event::Problem(problem));
        }
    }

    /// Runs `work` to its end and carries out brief commands beside it; `None` where the person ends `job`. Other
    /// commands wait.
    async fn beside_brief<T>(&mut self, job: Job, work: impl Future<Output = T>) -> Option<T> {
        let work = work.fuse();
        pin_mut!(work);
        loop {
            let word = select_biased! {
                result = work => return Some(result),
                word = self.steering.heard(job).fuse() => word,
            };
            match word {
                Word::End => return None,
                Word::Brief(command) => self.carry_out_beside(command).await,
                Word::Pause | Word::Resume | Word::Waits => {}
            }
        }
    }

    /// Lets commands come in, and carries brief ones out. Whether the person has ended `job`; other commands wait.
    async fn is_ended_after_a_breath(&mut self, job: Job) -> bool {
        self.host.breathe().await;
        let mut ended = false;
        while let Some(word) = self.steering.said(job) {
            match word {
                Word::End => ended = true,
                Word::Brief(command) => self.carry_out_beside(command).await,
                Word::Pause | Word::Resume | Word::Waits => {}
            }
        }
        ended
    }

    /// Carries out a brief command while a job waits for it.
    fn carry_out_beside(&mut self, command: Command) -> LocalBoxFuture<'_, ()> {
        self.carry_out(command).boxed_local()
    }

    async fn carry_out(&mut self, command: Command) {
        let command = match command {
            Command::OpenFiles { files, to_project } => {
                let resolved = self.resolve_files(files, to_project);
                self.host.emit(Event::FilesResolved(Box::new(resolved.clone())));
                resolved
            }
            command => command,
        };
        let files = command.files().to_vec();
        // A dataset's stay open until there is another.
        let stay = matches!(command, Command::UseFiles(_));
        let done = self.obey(command).await;
        if !stay {
            self.host.close(&files);
        }
        self.tell_failure(done);
    }

    async fn obey(&mut self, command: Command) -> Result<(), Problem> {
        match command {
            Command::Open { backbone, engine } => self.open(backbone, engine).await,
            Command::Workers(most) => {
                self.workers = most.max(1) as usize;
                Ok(())
            }
            Command::UseSample => self.use_sample().await,
            Command::LookForSiteData => {
                self.look_for_site_data();
                Ok(())
            }
            Command::UseSiteData(data) => self.use_site_data(&data).await,
            // What they are for was found out before.
            Command::UseFiles(files) | Command::OpenFiles { files, .. } => self.use_files(&files).await,
            Command::UseFeatures(files) => self.use_features(&files).await,
            Command::UseOwnFeatures => {
                self.leave_foreign().await?;
                self.tell_dataset().await
            }
            Command::ExportFeatures(part) => self.export_features(part).await,
            Command::ExportHead(kind) => self.export_head(kind).await,
            Command::Limit(limits) => {
                self.limits = limits;
                self.leave_foreign().await?;
                self.tell_dataset().await
            }
            Command::RenameClass { label, name } => self.rename_class(label, &name).await,
            Command::Speeds(speeds) => {
                self.speeds = speeds;
                Ok(())
            }
            Command::Extract => self.extract().await.map(drop),
            Command::Keep => self.keep(),
            Command::ClearCache => {
                self.cache.clear().await?;
                self.leave_foreign().await?;
                self.tell_cache().await?;
                self.tell_unused().await?;
                self.tell_dataset().await
            }
            Command::LookForUnused => self.tell_unused().await,
            Command::RemoveUnused => self.remove_unused().await,
            Command::Train(options) => self.train(options).await,
            Command::ShowEpoch(epoch) => self.show_epoch(epoch).await,
            Command::ShowExam { label, answer } => self.show_exam(label, answer).await,
            Command::Correct { image, label } => self.correct(image, label).await,
            Command::LearningCurve(options) => self.learning_curve(options).await,
            Command::TrainLeaky => self.train_leaky().await,
            Command::Classify(file) => {
                let begun = self.host.now();
                let about = |problem: Problem| problem.about(&file.name);
                let image = self.read_image(&file).map_err(about)?;
                self.classify(&file.name, image, begun, false).await
            }
            Command::ClassifyFrame(image) => {
                let begun = self.host.now();
                self.classify("", image.into_kept(), begun, true).await
            }
            Command::Map(command) => self.map_command(command).await,
            Command::Project(command) => self.project_command(command).await,
            Command::TryEngine { engine, trial } => {
                self.try_engine(engine, trial).await;
                Ok(())
            }
            Command::Trainings(command) => self.trainings_command(command).await,
            // Nothing runs that these could steer.
            Command::Pause
            | Command::Resume
            | Command::Cancel
            | Command::StopTraining
            | Command::EndTrial(_) => Ok(()),
        }
    }

    /// What these files are for.
    fn resolve_files(&self, mut files: Vec<FileRef>, to_project: bool) -> Command {
        if let [file] = files.as_slice() {
            let opened = || self.host.open(file).ok();
            if opened().is_some_and(is_project) {
                return Command::Project(ProjectCommand::Import(files.remove(0)));
            }
            if self.head.is_some() && opened().is_some_and(is_picture) {
                return Command::Classify(files.remove(0));
            }
        }
        if to_project && self.project.is_some() {
            Command::Project(ProjectCommand::AddFolders(files))
        } else {
            Command::UseFiles(files)
        }
    }

    /// The backbone that was opened.
    fn ready(&mut self) -> Result<&mut Ready<H>, Problem> {
        self.backbone.as_mut().ok_or_else(none_is_open)
    }

    /// The same, to be read.
    fn backbone(&self) -> Result<&Ready<H>, Problem> {
        self.backbone.as_ref().ok_or_else(none_is_open)
    }

    async fn tell_cache(&mut self) -> Result<(), Problem> {
        self.host.emit(Event::Cache(self.cache.size().await?));
        Ok(())
    }

    /// Classifies the image called `name`. `begun` is when work on it began; `live` is said of one
    /// of the camera.
    async fn classify(&mut self, name: &str, image: RgbImage, begun: f64, live: bool) -> Result<(), Problem> {
        self.refuse_foreign()?;
        let prepared = self.host.now();
        let Some(pool) = self.engine().await? else { return Ok(()) };
        let started = self.host.now();
        let mut pool = Some(pool);
        let features = loop {
            let Some(engine) = pool.take() else { return Ok(()) };
            match engine.extract(std::slice::from_ref(&image)).await {
                Ok(features) => break features,
                Err(error) => {
                    drop(engine);
                    pool = self.replace_engine(&error).await?;
                }
            }
        };
        self.ready()?.failed.clear();
        let Some(head) = &self.head else {
            return Err(Problem::new(ProblemKind::NoHead, "no head is trained"));
        };
        let seen = self.host.now();
        let Answer { probabilities, scores, distance, contributions } = head.answer(&features, !live)?;
        let done = self.host.now();
        let place = self.map_place(&features);
        self.host.emit(Event::Classified(Classified {
            name: name.to_owned(),
            image,
            classes: head.trained.classes.clone(),
            probabilities,
            scores,
            distance,
            contributions,
            milliseconds: (done - begun) as f32,
            stages: Stages {
                prepare: (prepared - begun) as f32,
                features: (seen - started) as f32,
                head: (done - seen) as f32,
            },
            live,
            place,
        }));
        Ok(())
    }

    /// The picture of a file: the same that would be learnt of it.
    fn read_image(&mut self, file: &FileRef) -> Result<RgbImage, Problem> {
        self.ready()?;
        Ok(RgbImage::kept(&self.read_picture(file)?)?)
    }

    /// What is in a picture's file, which must not be empty.
    fn read_picture(&self, file: &FileRef) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        self.host.open(file)?.take(MOST_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        match bytes.len() as u64 {
            0 => Err(Problem::new(ProblemKind::EmptyFile, "0 bytes")),
            length if length > MOST_FILE_BYTES => Err(PixelError::FileTooLarge.into()),
            _ => Ok(bytes),
        }
    }
}

fn none_is_open() -> Problem {
    Problem::new(ProblemKind::Backbone, "none is open")
}

/// Whether a file begins as a picture does, of a format that can be read or not.
fn is_picture(file: Box<dyn ReadSeek>) -> bool {
    let mut beginning = Vec::new();
    file.take(BEGINNING).read_to_end(&mut beginning).is_ok()
        && Format::of(&beginning).is_some_and(Format::is_picture)
}

impl<H, S> Loaded<H, S> {
    /// The numbers of training and test images in use under `limits`.
    ///
    /// A project is used whole: its split depends on every picture.
    fn used(&self, limits: Limits) -> (usize, usize) {
        let limits = if self.dataset.source == Source::Project { Limits::default() } else { limits };
        let within = |available: usize, limit: Option<u32>| {
            limit.map_or(available, |limit| available.min(limit as usize))
        };
        (within(self.dataset.train.len(), limits.train), within(self.dataset.test.len(), limits.test))
    }

    /// The images in use under `limits`: training first, then test.
    fn in_use(&self, limits: Limits) -> impl Iterator<Item = &Sample> {
        let (train, test) = self.used(limits);
        self.dataset.train.iter().take(train).chain(self.dataset.test.iter().take(test))
    }

    fn info(&self, limits: Limits) -> DatasetInfo {
        let (train, test) = self.used(limits);
        let mut per_class = vec![[0; 2]; self.dataset.classes.len()];
        for (at, sample) in self.in_use(limits).enumerate() {
            if let Some(counts) = per_class.get_mut(usize::from(sample.label)) {
                counts[usize::from(at >= train)] += 1;
            }
        }
        DatasetInfo {
            source: self.dataset.source,
            classes: self.dataset.classes.clone(),
            train_available: self.dataset.train.len() as u32,
            test_available: self.dataset.test.len() as u32,
            train: train as u32,
            test: test as u32,
            per_class,
            examples: self.examples.clone(),
            notices: self.dataset.notices.clone(),
            foreign: false,
        }
    }
}
