//! Features that came from an engine and are not in the store yet.
//!
//! A record of the store holds a block of the dataset, so that a training reads no record twice an epoch.
//! Where an engine is slow, a part of a block is written before the rest is there; the whole block takes
//! the place of its parts.

use std::collections::BTreeMap;

use half::f16;

use crate::features::ImageHash;

/// Features are written when so many milliseconds of work would be lost by a crash.
const AGE: f64 = 5_000.0;

/// Which image it is, and where it stands in the dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) hash: ImageHash,
    /// The block.
    pub(super) block: u32,
    /// The image's place in it.
    pub(super) row: usize,
}

/// What is to be written at once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Write {
    block: u32,
    /// Whether it is a whole block.
    whole: bool,
    pub(super) hashes: Vec<ImageHash>,
    pub(super) values: Vec<f16>,
    /// The records whose images it holds too.
    pub(super) replacing: Vec<u64>,
    /// Whether all of it is stored already, only in several records.
    pub(super) stored: bool,
}

#[derive(Default)]
struct Block {
    /// Images that are still to come.
    missing: usize,
    /// By the images' places; whether they are in one of the `records`.
    rows: BTreeMap<usize, (ImageHash, Vec<f16>, bool)>,
    records: Vec<u64>,
}

impl Block {
    fn write(&self, block: u32) -> Write {
        let whole = self.missing == 0;
        let rows: Vec<_> = self.rows.values().filter(|(.., kept)| whole || !kept).collect();
        Write {
            block,
            whole,
            hashes: rows.iter().map(|(hash, ..)| *hash).collect(),
            values: rows.iter().flat_map(|(_, values, _)| values).copied().collect(),
            replacing: if whole { self.records.clone() } else { Vec::new() },
            stored: rows.iter().all(|(.., kept)| *kept),
        }
    }
}

/// Features that wait to be written.
#[derive(Default)]
pub(super) struct Unwritten {
    blocks: BTreeMap<u32, Block>,
    /// When the first of those came that are in no record.
    since: Option<f64>,
}

impl Unwritten {
    /// Expects the features of these images.
    pub(super) fn expect(&mut self, places: impl Iterator<Item = Place>) {
        for place in places {
            self.blocks.entry(place.block).or_default().missing += 1;
        }
    }

    /// Takes in the features of an image.
    pub(super) fn push(&mut self, place: Place, values: &[f16], now: f64) {
        self.since.get_or_insert(now);
        let block = self.blocks.entry(place.block).or_default();
        block.missing = block.missing.saturating_sub(1);
        block.rows.insert(place.row, (place.hash, values.to_vec(), false));
    }

    /// Whether all that came is in the store.
    pub(super) fn is_empty(&self) -> bool {
        self.since.is_none()
    }

    /// What is to be written now: a block that is whole, or where the oldest features are old or it
    /// `ends`, whatever is in no record.
    pub(super) fn due(&self, now: f64, ends: bool) -> Option<Write> {
        let whole = |(_, block): &(&u32, &Block)| block.missing == 0 && !block.rows.is_empty();
        if let Some((number, block)) = self.blocks.iter().find(whole) {
            return Some(block.write(*number));
        }
        if !ends && self.since.is_none_or(|since| now - since <= AGE) {
            return None;
        }
        let waiting = |(_, block): &(&u32, &Block)| block.rows.values().any(|(.., kept)| !kept);
        self.blocks.iter().find(waiting).map(|(number, block)| block.write(*number))
    }

    /// It is in the store, as this record.
    pub(super) fn written(&mut self, write: &Write, record: u64) {
        if write.whole {
            self.blocks.remove(&write.block);
        } else if let Some(block) = self.blocks.get_mut(&write.block) {
            block.rows.values_mut().for_each(|(.., kept)| *kept = true);
            block.records.push(record);
        }
        let waits = |block: &Block| block.rows.values().any(|(.., kept)| !kept);
        if !self.blocks.values().any(waits) {
            self.since = None;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn place(block: u32, row: usize) -> Place {
        Place { hash: ImageHash([block as u8 * 16 + row as u8; 16]), block, row }
    }

    fn values(row: usize) -> Vec<f16> {
        vec![f16::from_f32(row as f32); 2]
    }

    /// Three images of block 1 and one of block 2 are expected.
    fn unwritten() -> Unwritten {
        let mut unwritten = Unwritten::default();
        unwritten.expect([place(1, 0), place(1, 1), place(1, 2), place(2, 0)].into_iter());
        unwritten
    }

    #[test]
    fn a_whole_block_is_one_record_in_its_own_order() {
        let mut unwritten = unwritten();
        assert!(unwritten.is_empty());
        for row in [2, 0] {
            unwritten.push(place(1, row), &values(row), 0.0);
            assert_eq!(unwritten.due(10.0, false), None);
        }
        unwritten.push(place(1, 1), &values(1), 10.0);
        let write = unwritten.due(10.0, false).unwrap();
        assert_eq!(write.hashes, [0, 1, 2].map(|row| place(1, row).hash));
        assert_eq!(write.values, [0, 1, 2].map(values).concat());
        assert_eq!((write.replacing.len(), write.stored), (0, false));
        unwritten.written(&write, 7);
        assert!(unwritten.is_empty());
        assert_eq!(unwritten.due(1e9, true), None);
    }

    #[test]
    fn what_is_old_is_written_early_and_replaced_by_the_whole() {
        let mut unwritten = unwritten();
        unwritten.push(place(1, 1), &values(1), 0.0);
        assert_eq!(unwritten.due(AGE, false), None);
        let early = unwritten.due(AGE + 1.0, false).unwrap();
        assert_eq!(early.hashes, [place(1, 1).hash]);
        unwritten.written(&early, 7);
        assert!(unwritten.is_empty());
        assert_eq!(unwritten.due(1e9, true), None, "it is stored");
        unwritten.push(place(1, 0), &values(0), 1e4);
        let next = unwritten.due(1e4 + AGE + 1.0, false).unwrap();
        assert_eq!(next.hashes, [place(1, 0).hash], "nothing is written twice but for the whole");
        unwritten.written(&next, 8);
        unwritten.push(place(1, 2), &values(2), 2e4);
        let whole = unwritten.due(2e4, false).unwrap();
        assert_eq!((whole.hashes.len(), whole.replacing.clone(), whole.stored), (3, vec![7, 8], false));
    }

    #[test]
    fn at_the_end_everything_is_written() {
        let mut unwritten = unwritten();
        unwritten.push(place(1, 1), &values(1), 0.0);
        unwritten.push(place(2, 0), &values(0), 0.0);
        let mut hashes = Vec::new();
        while let Some(write) = unwritten.due(0.0, true) {
            unwritten.written(&write, 1);
            hashes.extend(write.hashes);
        }
        hashes.sort();
        assert_eq!(hashes, [place(1, 1).hash, place(2, 0).hash]);
        assert!(unwritten.is_empty());
    }
}
