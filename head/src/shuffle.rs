//! The order in which a training meets its images, where not all of them fit into memory.
//!
//! Features come in blocks of [`BLOCK`] images. An epoch takes the blocks in a random order and keeps a
//! buffer of images filled from them; each batch is drawn from the whole buffer, and what was drawn is
//! replaced by the next images to come. So every image comes once an epoch, and those of at least
//! [`FEWEST_BLOCKS`] blocks are mixed at any time. Where all images fit into the buffer they stay there,
//! and every order is as likely as any other.

use std::rc::Rc;

use half::f16;

use super::TrainError;
use crate::random::{Random, Use};

/// Images of a block: those of numbers from a multiple of this one to the next.
pub const BLOCK: usize = 256;
/// Blocks whose images are mixed at any time, where there are as many.
pub const FEWEST_BLOCKS: usize = 16;
/// Bytes of features that the buffer may have, where that many blocks need fewer.
const BUFFER_BYTES: usize = 192 << 20;
/// Blocks that a reader is told of before they are asked for.
const TOLD_AHEAD: usize = 4;

/// Where features come from.
#[allow(async_fn_in_trait)] // Threads are workers here: no future ever crosses one.
pub trait Blocks {
    /// Why a block could not be read. It may be asked for again.
    type Error;

    /// The features of block `number`, image after image; the last block may have fewer images than
    /// [`BLOCK`]. The blocks `next` will be asked for after it, in this order.
    async fn read(&mut self, number: u32, next: &[u32]) -> Result<Rc<Vec<f16>>, Self::Error>;
}

/// All features in memory.
pub struct InMemory {
    features: Vec<f16>,
    row: usize,
}

impl InMemory {
    /// `features` of any number of images, `row` values each.
    pub fn new(features: Vec<f16>, row: usize) -> Self {
        Self { features, row }
    }
}

impl Blocks for InMemory {
    type Error = std::convert::Infallible;

    async fn read(&mut self, number: u32, _: &[u32]) -> Result<Rc<Vec<f16>>, Self::Error> {
        let block = self.features.chunks(BLOCK * self.row).nth(number as usize);
        Ok(Rc::new(block.unwrap_or_default().to_vec()))
    }
}

/// Block `number` of so many `images` in their order, with all its rows.
pub(super) async fn read_block<B: Blocks>(
    blocks: &mut B,
    number: u32,
    images: usize,
    row: usize,
) -> Result<Rc<Vec<f16>>, TrainError<B::Error>> {
    let next: Vec<u32> = (number + 1..images.div_ceil(BLOCK) as u32).take(TOLD_AHEAD).collect();
    let block = blocks.read(number, &next).await.map_err(TrainError::Blocks)?;
    let rows = rows_of(number, images);
    if block.len() < rows * row { Err(TrainError::Short(number)) } else { Ok(block) }
}

/// Images of a block of so many `images`.
fn rows_of(block: u32, images: usize) -> usize {
    BLOCK.min(images - block as usize * BLOCK)
}

/// Images that a buffer holds of features with so many values an image.
pub fn buffer_images(row: usize) -> usize {
    (BUFFER_BYTES / size_of::<f16>() / row).max(FEWEST_BLOCKS * BLOCK)
}

/// Images drawn for a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Their numbers.
    pub images: Vec<u32>,
    /// Their features, image after image.
    pub features: Vec<f16>,
}

/// A block that is being read from.
struct Open {
    features: Rc<Vec<f16>>,
    first: usize,
    /// Rows taken so far, and rows there are.
    taken: usize,
    rows: usize,
}

/// Draws the images of an epoch after the other.
pub struct Shuffle {
    seed: u64,
    /// Whether the order is a new one each epoch, or always that of the images' numbers.
    random_order: bool,
    row: usize,
    images: usize,
    capacity: usize,
    /// A slot for each image in memory: its number, and its features.
    numbers: Vec<u32>,
    features: Vec<f16>,
    /// Slots whose images are still to be drawn in this epoch.
    live: Vec<u32>,
    /// This epoch's blocks, those from `next` on unread.
    blocks: Vec<u32>,
    next: usize,
    open: Option<Open>,
    chance: Random,
    batch: Batch,
}

impl Shuffle {
    /// Draws from the first `images` images, with `row` values each, `capacity` of them in memory at a
    /// time.
    pub fn new(images: usize, row: usize, capacity: usize, seed: u64, random_order: bool) -> Self {
        Self {
            seed,
            random_order,
            row,
            images,
            capacity,
            numbers: Vec::new(),
            features: Vec::new(),
            live: Vec::new(),
            blocks: (0..images.div_ceil(BLOCK) as u32).collect(),
            next: 0,
            open: None,
            chance: Random::of(seed, Use::Order, 0),
            batch: Batch::default(),
        }
    }

    /// Whether all images stay in memory.
    pub fn keeps_all(&self) -> bool {
        self.images <= self.capacity
    }

    /// Begins the epoch of this number. What an earlier one left is forgotten.
    pub fn begin(&mut self, epoch: u32) {
        self.chance = Random::of(self.seed, Use::Order, epoch);
        self.batch = Batch::default();
        self.live.clear();
        if self.keeps_all() && self.numbers.len() == self.images {
            self.live.extend(0..self.images as u32);
            return;
        }
        self.numbers.clear();
        self.features.clear();
        // At once: growing by doubling would leave as much again behind.
        self.features.reserve_exact(self.capacity.min(self.images) * self.row);
        (self.next, self.open) = (0, None);
        self.blocks.sort_unstable();
        if self.random_order && !self.keeps_all() {
            self.chance.shuffle(&mut self.blocks);
        }
    }

    /// Images of this epoch that are not drawn yet.
    fn left(&self) -> usize {
        let open = self.open.as_ref().map_or(0, |open| open.rows - open.taken);
        let unread = self.blocks[self.next..].iter().map(|block| rows_of(*block, self.images)).sum::<usize>();
        self.live.len() + open + unread
    }

    /// Draws up to `count` images; none where the epoch is over. After a failure, asking again goes on
    /// where it was.
    ///
    /// # Errors
    /// [`TrainError::Blocks`] and [`TrainError::Short`].
    pub async fn draw<B: Blocks>(
        &mut self,
        count: usize,
        blocks: &mut B,
    ) -> Result<Batch, TrainError<B::Error>> {
        let count = count.min(self.batch.images.len() + self.left());
        while self.batch.images.len() < count {
            self.fill(blocks).await?;
            self.draw_one();
        }
        Ok(std::mem::take(&mut self.batch))
    }

    /// Reads as far as the next image needs: the buffer is full and one more image is at hand, or there
    /// are no more.
    async fn fill<B: Blocks>(&mut self, blocks: &mut B) -> Result<(), TrainError<B::Error>> {
        loop {
            while self.numbers.len() < self.capacity {
                let Some((number, row)) = self.open.as_mut().and_then(Open::next_row) else { break };
                let Some(open) = &self.open else { break };
                self.features.extend_from_slice(&open.features[row * self.row..][..self.row]);
                self.live.push(self.numbers.len() as u32);
                self.numbers.push(number);
            }
            if self.open.as_ref().is_some_and(|open| open.taken < open.rows) {
                return Ok(());
            }
            self.open = None;
            let Some(&block) = self.blocks.get(self.next) else { return Ok(()) };
            let ahead = &self.blocks[self.next + 1..];
            let ahead = &ahead[..ahead.len().min(TOLD_AHEAD)];
            let features = blocks.read(block, ahead).await.map_err(TrainError::Blocks)?;
            let rows = rows_of(block, self.images);
            if features.len() < rows * self.row {
                return Err(TrainError::Short(block));
            }
            self.next += 1;
            self.open = Some(Open { features, first: block as usize * BLOCK, taken: 0, rows });
        }
    }

    /// Draws one image from the buffer, and puts the next one at hand in its place.
    fn draw_one(&mut self) {
        let at = if self.random_order { self.chance.below(self.live.len() as u32) as usize } else { 0 };
        let slot = self.live[at] as usize;
        let range = slot * self.row..(slot + 1) * self.row;
        self.batch.images.push(self.numbers[slot]);
        self.batch.features.extend_from_slice(&self.features[range.clone()]);
        let next = self.open.as_mut().and_then(Open::next_row);
        if let (Some((number, row)), Some(open)) = (next, &self.open) {
            self.numbers[slot] = number;
            self.features[range].copy_from_slice(&open.features[row * self.row..][..self.row]);
            if !self.random_order {
                self.live.remove(at);
                self.live.push(slot as u32);
            }
        } else if self.random_order {
            self.live.swap_remove(at);
        } else {
            self.live.remove(at);
        }
    }
}

impl Open {
    /// The number of the next image, and its row.
    fn next_row(&mut self) -> Option<(u32, usize)> {
        let row = (self.taken < self.rows).then_some(self.taken)?;
        self.taken += 1;
        Some(((self.first + row) as u32, row))
    }
}
