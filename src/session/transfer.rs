//! A project as a file: given, and taken.

use std::collections::{BTreeMap, HashMap, HashSet};

use half::f16;

use crate::dataset::LARGEST_SIDE;
use crate::features::{FeatureSpace, FeatureStore, ImageHash};
use crate::pixels::RgbImage;
use crate::project::ProjectStore;
use crate::project::archive::{Archive, Features};
use crate::protocol::{FileRef, Problem, ProblemKind};

use super::stored_head::StoredHead;
use super::{Host, Session};

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    /// Gives the open project as a file, with the features and the head of the backbone in use.
    pub(super) async fn export_project(&mut self) -> Result<(), Problem> {
        let space = self.ready()?.space.clone();
        let Some(open) = &self.project else {
            return Err(Problem::new(ProblemKind::ProjectChanged, "no project is open"));
        };
        let mut pictures = Vec::new();
        let mut wanted = HashSet::new();
        for picture in open.project.pictures() {
            if let Some((image, hash)) = open.pictures.get(&picture.id) {
                pictures.push((picture.id, image.to_png()?));
                wanted.insert(*hash);
            }
            self.host.breathe().await;
        }
        let features = self.features_of(&space, &wanted).await?;
        let heads = match &self.head {
            Some(head) => BTreeMap::from([(space.backbone.clone(), head.to_bytes()?)]),
            None => BTreeMap::new(),
        };
        let project = open.project.clone();
        let name = format!("{}.zip", file_name(&project.name));
        let archive = Archive { project, pictures, features: features.into_iter().collect(), heads };
        self.host.save(&name, vec![self.host.piece(&archive.to_zip()?)?]);
        Ok(())
    }

    /// The stored features of these images, where there are any.
    async fn features_of(
        &self,
        space: &FeatureSpace,
        wanted: &HashSet<ImageHash>,
    ) -> Result<Option<Features>, Problem> {
        let index = self.store.index(space).await?;
        let mut records: BTreeMap<u64, Vec<(usize, ImageHash)>> = BTreeMap::new();
        for (hash, location) in index.iter().filter(|(hash, _)| wanted.contains(hash)) {
            records.entry(location.record).or_default().push((location.row, *hash));
        }
        let Some(row) = self.backbone.as_ref().map(|ready| ready.manifest.features.len()) else {
            return Ok(None);
        };
        let (mut images, mut values): (Vec<ImageHash>, Vec<f16>) = (Vec::new(), Vec::new());
        for (record, mut rows) in records {
            rows.sort_unstable();
            // What is damaged is computed again by whoever opens the file.
            let Ok(stored) = self.store.read(record).await else { continue };
            for (at, hash) in rows {
                if let Some(features) = stored.get(at * row..(at + 1) * row) {
                    images.push(hash);
                    values.extend(features);
                }
            }
            self.host.breathe().await;
        }
        Ok((!images.is_empty()).then(|| Features { space: space.clone(), images, values }))
    }

    /// Makes a project of a file. Nothing is stored before all of it proved to be whole.
    pub(super) async fn import_project(&mut self, file: &FileRef) -> Result<(), Problem> {
        let archive = Archive::from_zip(self.host.open(file)?)?;
        let damaged = |why: String| Problem::new(ProblemKind::ProjectDamaged, why);
        let mut hashes = HashSet::new();
        for (id, bytes) in &archive.pictures {
            let image = RgbImage::decode(bytes).map_err(|error| damaged(format!("picture {id}: {error}")))?;
            if image.width().max(image.height()) > LARGEST_SIDE {
                return Err(damaged(format!("picture {id} is larger than pictures of a project are")));
            }
            hashes.insert(ImageHash::of(&image));
            self.host.breathe().await;
        }
        self.use_backbone_for_projects().await?;
        let (backbone, row) = {
            let ready = self.ready()?;
            (ready.space.clone(), ready.manifest.features.len())
        };
        let head = archive.heads.get(&backbone.backbone);
        if head.is_some_and(|bytes| StoredHead::from_bytes(bytes).is_none()) {
            return Err(damaged("its trained head cannot be read".to_owned()));
        }
        for features in &archive.features {
            let foreign = features.images.iter().any(|hash| !hashes.contains(hash));
            let fits = features.space != backbone || features.values.len() == features.images.len() * row;
            if foreign || !fits || features.values.iter().any(|value| !value.is_finite()) {
                return Err(damaged("its features do not fit its pictures".to_owned()));
            }
        }
        // Features are only a cache: what is there already is not written twice.
        for Features { space, images, values } in &archive.features {
            let known: HashMap<_, _> = self.store.index(space).await?;
            let row = values.len() / images.len().max(1);
            let new =
                images.iter().zip(values.chunks(row.max(1))).filter(|(hash, _)| !known.contains_key(hash));
            let (hashes, values): (Vec<ImageHash>, Vec<&[f16]>) = new.unzip();
            if !hashes.is_empty() {
                self.store.write(space, &hashes, &values.concat(), &[]).await?;
            }
        }
        let id = self.create_project(archive.project, archive.pictures).await?;
        for (backbone, head) in &archive.heads {
            self.store.write_head(&super::stored_head::name_of(backbone, Some(id)), head).await?;
        }
        self.tell_cache().await?;
        self.restore_head().await
    }
}

/// A project's name as a file's, without what some system forbids.
fn file_name(name: &str) -> String {
    name.chars().map(|letter| if letter.is_alphanumeric() || letter == '-' { letter } else { '_' }).collect()
}
