//! What a training leaves: the best epoch's head, and what it makes of images it has not learnt from.

use half::f16;

use super::doubt::Judged;
use super::familiar::{MOST_EXAMPLES, spread};
use super::shuffle::{BLOCK, Blocks, read_block};
use super::{Head, TrainError};

/// Validation images that are judged, at the most.
const MOST_JUDGED: usize = 2_000;

/// The head of the epoch with the lowest validation loss, the first of equals.
#[derive(Clone, Debug, PartialEq)]
pub struct Best {
    /// Counted from 1; 0 where the head needs no epochs.
    pub epoch: u32,
    /// The head after it.
    pub head: Head,
    /// Its answers to some of the validation images.
    pub judged: Vec<Judged>,
}

/// The head of this epoch, now with some of the images it has learnt from, the first `train` of those with
/// these `labels`, and with its answers to some of the others.
pub(super) async fn judged<B: Blocks>(
    epoch: u32,
    mut head: Head,
    labels: &[u16],
    train: usize,
    blocks: &mut B,
) -> Result<Best, TrainError<B::Error>> {
    let (shape, row, images) = (head.shape, head.shape.len(), labels.len());
    let chosen: Vec<usize> = spread(images - train, MOST_JUDGED).map(|place| train + place).collect();
    // A head that remembers the validation images would have an easy exam.
    let mut judge = head.clone();
    if !head.preset.has_epochs() {
        judge.memory.truncate(train, shape.channels);
    }
    let mut judged = Vec::new();
    for number in 0..images.div_ceil(BLOCK) {
        let block = read_block(blocks, number as u32, images, row).await?;
        let numbers = number * BLOCK..((number + 1) * BLOCK).min(images);
        let rows = |wanted: &mut dyn Iterator<Item = usize>| -> Vec<f16> {
            wanted.flat_map(|image| &block[(image - numbers.start) * row..][..row]).copied().collect()
        };
        let mut learnt = spread(train, MOST_EXAMPLES).filter(|image| numbers.contains(image));
        head.familiar.add(&rows(&mut learnt), shape);
        // By now all images that were learnt from have gone by.
        let some: Vec<usize> = chosen.iter().copied().filter(|image| numbers.contains(image)).collect();
        if !some.is_empty() {
            judge.familiar = head.familiar.clone();
            let labels: Vec<u16> = some.iter().map(|image| labels[*image]).collect();
            judged.extend(judge.judge(&rows(&mut some.into_iter()), &labels)?);
        }
    }
    Ok(Best { epoch, head, judged })
}
