//! Stored features, block by block, in a training's order.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::rc::Rc;

use futures::channel::oneshot;
use half::f16;

use crate::features::{FeatureStore, ImageHash, Location, StoreError};
use crate::head::{BLOCK, Blocks};
use crate::protocol::{Problem, ProblemKind};

use super::Host;

/// Records that may be on their way at a time: those of the block that is wanted come on top.
const MOST_COMING: usize = 4;
/// Records kept of which only a part was used, for the other blocks that they hold images of.
const MOST_KEPT: usize = 8;

/// A record could not be read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RecordError {
    pub(super) record: u64,
    pub(super) error: StoreError,
}

type Record = Result<Vec<f16>, StoreError>;

/// The stored features of some images, in their order.
pub(super) struct StoredBlocks<H, S> {
    host: Rc<H>,
    store: Rc<S>,
    places: Vec<Location>,
    /// Values of an image.
    row: usize,
    coming: HashMap<u64, oneshot::Receiver<Record>>,
    /// The one used last comes last.
    kept: VecDeque<(u64, Rc<Vec<f16>>)>,
}

impl<H: Host, S: FeatureStore + 'static> StoredBlocks<H, S> {
    /// Those of the images with these `hashes`, with `row` values each, as the `index` says.
    pub(super) fn new(
        host: &Rc<H>,
        store: &Rc<S>,
        hashes: &[ImageHash],
        row: usize,
        index: &HashMap<ImageHash, Location>,
    ) -> Result<Self, Problem> {
        let place = |(number, hash)| match index.get(hash) {
            Some(place) => Ok(*place),
            None => Err(Problem::new(ProblemKind::FeaturesMissing, format!("image {number}"))),
        };
        Ok(Self {
            host: Rc::clone(host),
            store: Rc::clone(store),
            places: hashes.iter().enumerate().map(place).collect::<Result<_, _>>()?,
            row,
            coming: HashMap::new(),
            kept: VecDeque::new(),
        })
    }

    /// Where the images of a block are; nowhere, where there is no such block.
    fn places(&self, number: u32) -> &[Location] {
        self.places.chunks(BLOCK).nth(number as usize).unwrap_or_default()
    }

    fn records(&self, number: u32) -> BTreeSet<u64> {
        self.places(number).iter().map(|place| place.record).collect()
    }

    /// Begins to read a record, where that is not done yet. It comes in while other work is done.
    fn send_for(&mut self, record: u64) {
        if self.coming.contains_key(&record) || self.kept.iter().any(|(kept, _)| *kept == record) {
            return;
        }
        let (sender, receiver) = oneshot::channel();
        let store = Rc::clone(&self.store);
        self.host.spawn(Box::pin(async move {
            // Nobody waits where a training was stopped.
            let _ = sender.send(store.read(record).await);
        }));
        self.coming.insert(record, receiver);
    }

    async fn record(&mut self, record: u64) -> Result<Rc<Vec<f16>>, RecordError> {
        if let Some(at) = self.kept.iter().position(|(kept, _)| *kept == record)
            && let Some((_, values)) = self.kept.remove(at)
        {
            return Ok(values);
        }
        self.send_for(record);
        let failed = |error| RecordError { record, error };
        let read = match self.coming.get_mut(&record) {
            Some(coming) => coming.await.unwrap_or_else(|_| Err(lost())),
            None => Err(lost()),
        };
        self.coming.remove(&record);
        read.map(Rc::new).map_err(failed)
    }
}

fn lost() -> StoreError {
    StoreError::Unavailable("the reading was given up".to_owned())
}

impl<H: Host, S: FeatureStore + 'static> Blocks for StoredBlocks<H, S> {
    type Error = RecordError;

    async fn read(&mut self, number: u32, next: &[u32]) -> Result<Rc<Vec<f16>>, RecordError> {
        let wanted = self.records(number);
        wanted.iter().for_each(|record| self.send_for(*record));
        for record in next.iter().flat_map(|next| self.records(*next)).collect::<Vec<_>>() {
            if self.coming.len() < MOST_COMING + wanted.len() {
                self.send_for(record);
            }
        }
        let mut records = HashMap::new();
        for record in wanted {
            records.insert(record, self.record(record).await?);
        }
        let places = self.places(number);
        // As extraction writes them: the block is the record.
        if let ([first, ..], [record]) = (places, records.values().collect::<Vec<_>>().as_slice())
            && record.len() == places.len() * self.row
            && places.iter().enumerate().all(|(row, place)| place.record == first.record && place.row == row)
        {
            return Ok(Rc::clone(record));
        }
        let mut block = Vec::with_capacity(places.len() * self.row);
        let mut used = HashMap::<u64, usize>::new();
        for place in places {
            let values = records.get(&place.record).map_or(&[][..], |record| record);
            let Some(row) = values.get(place.row * self.row..(place.row + 1) * self.row) else {
                let error = StoreError::Damaged(format!("record {} is short", place.record));
                return Err(RecordError { record: place.record, error });
            };
            block.extend_from_slice(row);
            *used.entry(place.record).or_default() += self.row;
        }
        for (record, values) in records {
            if used.get(&record).is_some_and(|used| *used < values.len()) {
                self.kept.push_back((record, values));
            }
        }
        self.kept.drain(..self.kept.len().saturating_sub(MOST_KEPT));
        Ok(Rc::new(block))
    }
}
