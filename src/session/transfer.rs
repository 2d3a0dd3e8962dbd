//! A project as a file: given, and taken. Both ways go picture by picture, for all of it may be more than the
//! memory holds.

use std::collections::{BTreeMap, HashSet};

use half::f16;

use crate::dataset::ReadSeek;
use crate::features::{FeatureSpace, FeatureStore, ImageHash};
use crate::project::archive::{ArchiveReader, ArchiveWriter};
use crate::project::{Change, NewPicture, PictureId, ProjectStore};
use crate::protocol::{Event, Exchange, FileRef, Problem, ProblemKind};

use super::album::{picture_lost, stored_picture};
use super::project::AT_ONCE;
use super::steering::Job;
use super::stored_head::{self, StoredHead};
use super::ticker::Ticker;
use super::{Host, Session, trainings};

/// Bytes of a file that are put away at once.
const PIECE: usize = 4 << 20;

/// A project's file that is being read.
type Opened = ArchiveReader<Box<dyn ReadSeek>>;

/// How far an exchange is.
struct Way {
    what: Exchange,
    ticker: Ticker,
    done: u64,
    total: u64,
}

impl<H: Host, S: FeatureStore + ProjectStore + 'static> Session<H, S> {
    fn begin(&self, what: Exchange, total: u64) -> Way {
        self.host.emit(Event::Exchanging { what, done: 0, total });
        Way { what, ticker: Ticker::new(self.host.now()), done: 0, total }
    }

    /// Counts so many more that are done. Whether the person has ended it.
    async fn ends_after(&mut self, way: &mut Way, count: usize) -> bool {
        way.done += count as u64;
        let now = self.host.now();
        if way.ticker.reports(now) {
            let Way { what, done, total, .. } = *way;
            self.host.emit(Event::Exchanging { what, done, total });
        }
        if !way.ticker.is_breathless(now) {
            return false;
        }
        self.host.breathe().await;
        way.ticker.breathed(self.host.now());
        self.steering.is_ended(Job::Work)
    }

    /// Gives the open project as a file, with the features and the head of the backbone in use.
    pub(super) async fn export_project(&mut self) -> Result<(), Problem> {
        let outcome = self.write_project().await;
        self.host.emit(Event::Exchanged);
        outcome
    }

    async fn write_project(&mut self) -> Result<(), Problem> {
        let space = self.ready()?.space.clone();
        let open = self.opened()?;
        let (id, project, hashes) = (open.id, open.project.clone(), open.hashes.clone());
        let name = format!("{}.zip", file_name(&project.name));
        let ids: Vec<PictureId> = project.pictures().map(|picture| picture.id).collect();
        let wanted: HashSet<ImageHash> = ids.iter().filter_map(|id| hashes.get(id).copied()).collect();
        let records = self.records_of(&space, &wanted).await?;
        let features: usize = records.values().map(Vec::len).sum();
        let mut way = self.begin(Exchange::ProjectOut, (ids.len() + features) as u64);
        let (mut writer, mut pieces) = (ArchiveWriter::new(&project), Vec::new());
        for ids in ids.chunks(AT_ONCE) {
            for (picture, png) in ids.iter().zip(self.store.pictures(id, ids).await?) {
                // What is damaged would make a file that nobody can take.
                let image = stored_picture(png.clone()).map(|image| ImageHash::of(&image));
                let problem = picture_lost(png.as_deref());
                let Some(png) = png.filter(|_| image.is_some() && image.as_ref() == hashes.get(picture))
                else {
                    self.leave_out(*picture).await?;
                    return Err(problem);
                };
                writer.picture(*picture, &png)?;
                if writer.ready() >= PIECE {
                    pieces.push(self.host.piece(&writer.take())?);
                }
                if self.ends_after(&mut way, 1).await {
                    return Ok(());
                }
            }
        }
        let row = self.ready()?.manifest.features.len();
        for (record, mut rows) in records {
            rows.sort_unstable();
            // What is damaged is computed again by whoever opens the file.
            let Ok(stored) = self.store.read(record).await else { continue };
            let (mut images, mut values): (Vec<ImageHash>, Vec<f16>) = (Vec::new(), Vec::new());
            for (at, hash) in rows {
                if let Some(features) = stored.get(at * row..(at + 1) * row) {
                    images.push(hash);
                    values.extend(features);
                }
            }
            writer.features(&space, &images, &values)?;
            pieces.push(self.host.piece(&writer.take())?);
            if self.ends_after(&mut way, images.len()).await {
                return Ok(());
            }
        }
        if let Some(head) = &self.head {
            writer.head(&space.backbone, &head.to_bytes()?)?;
        }
        if let Some(trainings) = self.trainings_of_project(id).await? {
            writer.trainings(&trainings)?;
        }
        pieces.push(self.host.piece(&writer.finish()?)?);
        self.host.save(&name, pieces);
        Ok(())
    }

    /// In which records the stored features of these images are, and in which rows.
    async fn records_of(
        &self,
        space: &FeatureSpace,
        wanted: &HashSet<ImageHash>,
    ) -> Result<BTreeMap<u64, Vec<(usize, ImageHash)>>, Problem> {
        let index = self.store.index(space).await?;
        let mut records: BTreeMap<u64, Vec<(usize, ImageHash)>> = BTreeMap::new();
        for (hash, location) in index.iter().filter(|(hash, _)| wanted.contains(hash)) {
            records.entry(location.record).or_default().push((location.row, *hash));
        }
        Ok(records)
    }

    /// Makes a project of a file. It is read twice: once to see that all of it is whole, once to store it. Where
    /// it is not, or the person ends it, nothing is changed.
    pub(super) async fn import_project(&mut self, file: &FileRef) -> Result<(), Problem> {
        let outcome = self.take_project(file).await;
        self.host.emit(Event::Exchanged);
        let Some(id) = outcome? else { return Ok(()) };
        self.open_project(id).await?;
        self.tell_cache().await
    }

    /// The number of the project, where one was made.
    async fn take_project(&mut self, file: &FileRef) -> Result<Option<u32>, Problem> {
        let mut archive = Opened::open(self.host.open(file)?)?;
        let mut way = self.begin(Exchange::ProjectIn, archive.pictures() as u64 * 2);
        let Some((hashes, space)) = self.check_project(&mut archive, &mut way).await? else {
            return Ok(None);
        };
        self.store.drop_staged().await?;
        let id = self.free_number().await?;
        let stored = self.store_archive(id, &mut archive, (&hashes, &space), &mut way).await;
        if !matches!(stored, Ok(true)) {
            // Nobody sees what is there; the next import would delete it too.
            let _ = self.store.drop_staged().await;
        }
        Ok(stored?.then_some(id))
    }

    /// Reads all of the file. The identity of each picture in its order, and the space of the features that can be
    /// used; `None` where the person ended it.
    async fn check_project(
        &mut self,
        archive: &mut Opened,
        way: &mut Way,
    ) -> Result<Option<(Vec<ImageHash>, FeatureSpace)>, Problem> {
        let mut hashes = Vec::with_capacity(archive.pictures());
        for at in 0..archive.pictures() {
            let (id, png) = archive.picture(at)?;
            let image = stored_picture(Some(png));
            let image = image.ok_or_else(|| damaged(format!("picture {id} can be none of a project")))?;
            hashes.push(ImageHash::of(&image));
            if self.ends_after(way, 1).await {
                return Ok(None);
            }
        }
        // The network that it will be opened with.
        let light = self.light_for_projects().await?;
        let (backbone, row) = match &light {
            Some(manifest) => (FeatureSpace::of(manifest), manifest.features.len()),
            None => {
                let ready = self.ready()?;
                (ready.space.clone(), ready.manifest.features.len())
            }
        };
        for name in archive.heads() {
            let bytes = archive.head(&name)?;
            let space = FeatureSpace { backbone: name, ..backbone.clone() };
            // One of another version is as good as none.
            if backbone.is_called(&space) && StoredHead::from_bytes(&bytes).is_err() {
                return Err(damaged("its trained head cannot be read"));
            }
        }
        archive.trainings()?.as_deref().map(trainings::is_list).transpose()?;
        let known: HashSet<ImageHash> = hashes.iter().copied().collect();
        for at in 0..archive.feature_entries() {
            let mut features = archive.features(at)?;
            if features.is_foreign_to(&known) || (backbone.is_called(features.space) && features.row != row) {
                return Err(damaged("its features do not fit its pictures"));
            }
            while let Some((_, values)) = features.next_block()? {
                if values.iter().any(|value| !value.is_finite()) {
                    return Err(damaged("a feature of it is no number"));
                }
                if self.ends_after(way, 0).await {
                    return Ok(None);
                }
            }
        }
        Ok(Some((hashes, backbone)))
    }

    /// Stores what is in a file that proved to be whole as project `id`. Whether it came to its end: the person
    /// may have ended it.
    async fn store_archive(
        &mut self,
        id: u32,
        archive: &mut Opened,
        (hashes, space): (&[ImageHash], &FeatureSpace),
        way: &mut Way,
    ) -> Result<bool, Problem> {
        let mut expected = Vec::with_capacity(hashes.len());
        for (number, hashes) in hashes.chunks(AT_ONCE).enumerate() {
            let mut new = Vec::with_capacity(hashes.len());
            for (at, hash) in hashes.iter().enumerate() {
                let (id, png) = archive.picture(number * AT_ONCE + at)?;
                expected.push((id, Some(*hash)));
                new.push(NewPicture { id, hash: *hash, png });
                if self.ends_after(way, 1).await {
                    return Ok(false);
                }
            }
            self.store.stage(id, &new).await?;
        }
        for at in 0..archive.feature_entries() {
            let mut features = archive.features(at)?;
            // How long those of other networks would have to be nobody knows; they are computed where they are needed.
            if !space.is_called(features.space) {
                continue;
            }
            // Features are only a cache: what is there already is not written twice. A file may say what it likes:
            // they are used once some of them were computed again.
            let known = self.cache.read(space).await?.clone();
            let row = features.row;
            while let Some((images, values)) = features.next_block()? {
                let new = images.iter().zip(values.chunks(row.max(1)));
                let new = new.filter(|(hash, _)| !known.contains_key(hash));
                let (hashes, values): (Vec<ImageHash>, Vec<&[f16]>) = new.unzip();
                if !hashes.is_empty() {
                    self.cache.write(&space.unchecked(), &hashes, &values.concat(), &[]).await?;
                }
                if self.ends_after(way, 0).await {
                    return Ok(false);
                }
            }
        }
        // Another tab that takes a file too may have deleted what was not seen yet, or written its own.
        let mut stored = self.store.hashes(id).await?;
        stored.sort_unstable_by_key(|(id, _)| *id);
        expected.sort_unstable_by_key(|(id, _)| *id);
        if stored != expected {
            return Err(Problem::new(ProblemKind::ProjectChanged, "another tab takes a file too"));
        }
        let bytes = archive.project().to_bytes()?;
        let heads = heads_of(id, archive)?;
        self.store.change(id, &Change { after: Some(&bytes), heads, ..Change::default() }).await?;
        Ok(true)
    }
}

/// The heads in a file, and its list of finished trainings, by the names that they have in the store.
fn heads_of(id: u32, archive: &mut Opened) -> Result<Vec<(String, Vec<u8>)>, Problem> {
    let mut heads = Vec::new();
    for backbone in archive.heads() {
        heads.push((stored_head::name_of(&backbone, Some(id)), archive.head(&backbone)?));
    }
    let list = archive.trainings()?.filter(|list| matches!(trainings::is_list(list), Ok(true)));
    heads.extend(list.map(|list| (trainings::name_of_project(id), list)));
    Ok(heads)
}

fn damaged(why: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::ProjectDamaged, why.into())
}

/// A project's name as a file's, without what some system forbids.
fn file_name(name: &str) -> String {
    name.chars().map(|letter| if letter.is_alphanumeric() || letter == '-' { letter } else { '_' }).collect()
}
