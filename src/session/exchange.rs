//! What goes to other programs and comes from them: heads, whole classifiers, features.
//!
//! Features from files stand in for the backbone's own until other images, other limits, another
//! backbone or the own features are asked for. They have a space of their own in the store, and so
//! has the head that learns from them: whether the backbone would compute the same nobody knows, so
//! that no picture is classified with such a head.

use sha2::{Digest, Sha256};

use crate::backbone::FeatureShape;
use crate::dataset::{ReadSeek, Source};
use crate::features::{FeatureSpace, FeatureStore, ImageHash, StoreError};
use crate::head::BLOCK;
use crate::interchange::features::{FeatureFile, FeatureWriter, Part};
use crate::interchange::program::{FOREIGN, Kind};
use crate::interchange::{InterchangeError, keras, onnx, stem};
use crate::project::ProjectStore;
use crate::protocol::{Event, Exchange, FileRef, Problem, ProblemKind, f16_to_bytes};

use super::steering::Job;
use super::stored_head::StoredHead;
use super::{Host, Session};

/// A file of features that is being read.
type Opened = FeatureFile<Box<dyn ReadSeek>>;

/// Whether an exchange came to its end or was ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    Cancelled,
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Gives the trained head, alone or behind its backbone, as a file.
    pub(super) async fn export_head(&mut self, kind: Kind) -> Result<(), Problem> {
        self.host.emit(Event::Exchanging { what: Exchange::Head(kind), done: 0, total: 0 });
        let outcome = self.write_head_file(kind).await;
        self.host.emit(Event::Exchanged);
        outcome
    }

    async fn write_head_file(&mut self, kind: Kind) -> Result<(), Problem> {
        let ready = self.backbone()?;
        let StoredHead { trained, head, .. } =
            self.head.as_ref().ok_or_else(|| Problem::new(ProblemKind::NoHead, "no head is trained"))?;
        let names = if self.foreign.is_some() { FOREIGN } else { stem(&ready.address) };
        let [name, _] = kind.names(names, head.preset());
        let bytes = match kind {
            Kind::Classifier => return self.write_classifier(&name).await,
            Kind::Onnx => onnx::head(head, &trained.classes)?,
            Kind::Safetensors => head.to_bytes()?,
            Kind::Keras => keras::weights(head)?,
        };
        self.host.save(&name, vec![self.host.piece(&bytes)?]);
        Ok(())
    }

    async fn write_classifier(&mut self, name: &str) -> Result<(), Problem> {
        self.refuse_foreign()?;
        let Some(ready) = &mut self.backbone else { return Ok(()) };
        let coming = ready.model(&self.host);
        let Some(model) = self.steering.unless_ended(Job::Backbone, coming.wait()).await else {
            self.abandon_model().await;
            return Ok(());
        };
        let backbone = self.host.bytes_of(&model?).await?;
        let (Some(ready), Some(StoredHead { trained, head, .. })) = (&self.backbone, &self.head) else {
            return Ok(());
        };
        let file = onnx::classifier(backbone, &ready.manifest, head, &trained.classes)?;
        self.host.save(name, vec![self.host.piece(&file)?]);
        Ok(())
    }

    /// Gives the backbone's features of the images in use as the notebook's file.
    pub(super) async fn export_features(&mut self, part: Part) -> Result<(), Problem> {
        let outcome = self.write_features(part).await;
        self.host.emit(Event::Exchanged);
        outcome
    }

    async fn write_features(&mut self, part: Part) -> Result<(), Problem> {
        self.refuse_foreign()?;
        let (address, shape) = {
            let ready = self.ready()?;
            (ready.address.clone(), ready.manifest.features)
        };
        let examples = self.examples()?;
        let hashes = match part {
            Part::Train => examples.train,
            Part::Test => examples.test,
        };
        let total = hashes.len() as u64;
        let mut blocks = self.blocks(&hashes).await?;
        let mut writer = FeatureWriter::new(part, total, shape)?;
        let (mut pieces, mut done) = (Vec::new(), 0);
        for (number, some) in hashes.chunks(BLOCK).enumerate() {
            self.host.emit(Event::Exchanging { what: Exchange::Features(part), done, total });
            let Some(block) = self.exam_block(number as u32, &mut blocks, &hashes).await? else {
                return Ok(());
            };
            // Outside of this program's memory, which 60,000 images would overflow.
            pieces.push(self.host.piece(&writer.push(&block)?)?);
            done += some.len() as u64;
            self.host.breathe().await;
            if self.steering.is_ended(Job::Work) {
                return Ok(());
            }
        }
        pieces.push(self.host.piece(&writer.finish()?)?);
        self.host.save(&part.file_name(&address), pieces);
        Ok(())
    }

    /// Takes the features in `files` into use for the images in use, whose labels they get in their
    /// order. Nothing is stored before all of them proved to be whole.
    pub(super) async fn use_features(&mut self, files: &[FileRef]) -> Result<(), Problem> {
        let outcome = self.read_features(files).await;
        self.host.emit(Event::Exchanged);
        self.tell_cache().await?;
        if let Some(space) = outcome? {
            self.drop_map();
            self.foreign = Some(space);
            self.restore_head().await?;
            self.tell_dataset().await?;
        }
        Ok(())
    }

    /// Where the features are stored; `None` where the person ended it.
    async fn read_features(&mut self, files: &[FileRef]) -> Result<Option<FeatureSpace>, Problem> {
        if self.data.as_ref().is_some_and(|data| data.dataset.source == Source::Project) {
            return Err(Problem::new(ProblemKind::FeatureCount, "a project's images have no order"));
        }
        let examples = self.examples()?;
        let shape = self.ready()?.manifest.features;
        let mut opened = Vec::new();
        for file in files {
            let about = |problem: Problem| problem.about(&file.name);
            let reader = self.host.open(file).map_err(Problem::from).map_err(about)?;
            let read = FeatureFile::open(reader).map_err(Problem::from).map_err(about)?;
            opened.push((file.name.clone(), read));
        }
        let parts = [(Part::Train, examples.train), (Part::Test, examples.test)];
        // Before the long reading.
        for (part, hashes) in &parts {
            let (name, file) = holder(&mut opened, *part)?;
            let images = file
                .features(part.array(), shape)
                .map_err(|error| Problem::from(error).about(name))?
                .images();
            if images != hashes.len() as u64 {
                let detail = format!("`{}`: {images} instead of {}", part.array(), hashes.len());
                return Err(Problem::new(ProblemKind::FeatureCount, detail).about(name));
            }
        }
        // Once to see that all is whole, and to know its name; once to store it.
        let mut hasher = Sha256::new();
        let end = self.read_parts(&mut opened, &parts, shape, &mut hasher, None).await?;
        let space = FeatureSpace::of_files(hasher.finalize().into());
        if end == End::Cancelled {
            return Ok(None);
        }
        let known = self.store.index(&space).await?;
        let missing = parts.iter().flat_map(|(_, hashes)| hashes).any(|hash| !known.contains_key(hash));
        if missing {
            self.check_room(parts.iter().map(|(_, hashes)| hashes.len()).sum()).await?;
            let end = self.read_parts(&mut opened, &parts, shape, &mut Sha256::new(), Some(&space)).await?;
            if end == End::Cancelled {
                return Ok(None);
            }
        }
        Ok(Some(space))
    }

    /// Reads all features, block by block, into `hasher` with their images, and where there is a
    /// `space` for them, into the store.
    async fn read_parts(
        &mut self,
        opened: &mut [(String, Opened)],
        parts: &[(Part, Vec<ImageHash>)],
        shape: FeatureShape,
        hasher: &mut Sha256,
        space: Option<&FeatureSpace>,
    ) -> Result<End, Problem> {
        let known = match space {
            Some(space) => self.store.index(space).await?,
            None => Default::default(),
        };
        let images: usize = parts.iter().map(|(_, hashes)| hashes.len()).sum();
        // Each image is read twice.
        let (total, mut done) = (images as u64 * 2, if space.is_some() { images as u64 } else { 0 });
        for (part, hashes) in parts {
            let (name, file) = holder(opened, *part)?;
            let about = |error: InterchangeError| Problem::from(error).about(name);
            let mut reader = file.features(part.array(), shape).map_err(about)?;
            for hashes in hashes.chunks(BLOCK) {
                self.host.emit(Event::Exchanging { what: Exchange::Import, done, total });
                let values = reader.next_block(hashes.len()).map_err(about)?;
                hasher.update(f16_to_bytes(&values));
                hashes.iter().for_each(|hash| hasher.update(hash.0));
                if let Some(space) = space.filter(|_| hashes.iter().any(|hash| !known.contains_key(hash))) {
                    self.cache.write(space, hashes, &values, &[]).await?;
                }
                done += hashes.len() as u64;
                self.host.breathe().await;
                if self.steering.is_ended(Job::Work) {
                    return Ok(End::Cancelled);
                }
            }
        }
        Ok(End::Done)
    }

    /// The space of the features in use.
    pub(super) fn space(&self) -> Result<FeatureSpace, Problem> {
        match &self.foreign {
            Some(space) => Ok(space.clone()),
            None => Ok(self.backbone()?.space.clone()),
        }
    }

    /// Goes back to the backbone's own features, where others are in use, and to the head that
    /// learnt from them.
    pub(super) async fn leave_foreign(&mut self) -> Result<(), Problem> {
        match self.foreign.take() {
            Some(_) => {
                self.drop_map();
                self.restore_head().await
            }
            None => Ok(()),
        }
    }

    /// The same because those from files are not whole in the store any more: nobody can compute
    /// them again.
    pub(super) async fn give_foreign_up(&mut self, error: StoreError) -> Problem {
        let told = async {
            self.leave_foreign().await?;
            self.tell_dataset().await
        };
        match told.await {
            Ok(()) => Problem::new(ProblemKind::StoreDamaged, error),
            Err(problem) => problem,
        }
    }

    /// Refuses what only the backbone's own features are good for.
    pub(super) fn refuse_foreign(&self) -> Result<(), Problem> {
        match self.foreign {
            Some(_) => Err(Problem::new(ProblemKind::FeatureForeign, "the features in use came from files")),
            None => Ok(()),
        }
    }
}

/// The file that holds the array of `part`.
fn holder(opened: &mut [(String, Opened)], part: Part) -> Result<(&str, &mut Opened), Problem> {
    let found: Vec<String> = opened.iter().flat_map(|(_, file)| file.arrays()).collect();
    let holds = |(_, file): &&mut (String, Opened)| file.arrays().iter().any(|name| name == part.array());
    match opened.iter_mut().find(holds) {
        Some((name, file)) => Ok((name, file)),
        None => Err(InterchangeError::NoArray { wanted: part.array().to_owned(), found }.into()),
    }
}
