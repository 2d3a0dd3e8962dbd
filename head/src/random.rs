//! The one source of chance: every use takes a seed, and gives the same bits everywhere.
//!
//! The generator comes from a crate; what is made of its bits is written out here, because
//! `rand` may change its sampling with any release, and stored features of the built-in
//! sample must be found again after an update.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a training draws chance for. Each use has streams of its own, so that one can be drawn again
/// without the others: after a reload, or by another thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// The order of the images in an epoch.
    Order = 1,
    /// The dropout of a step on the map.
    Map = 2,
    /// The dropout of a step on the means.
    Pooled = 3,
}

/// A seeded stream of chance.
#[derive(Clone, Debug)]
pub struct Random(ChaCha8Rng);

impl Random {
    /// The stream that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// The stream of `seed` that serves one use in the epoch or step of this `number`.
    pub fn of(seed: u64, purpose: Use, number: u32) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream((purpose as u64) << 32 | u64::from(number));
        Self(generator)
    }

    /// Leaves out so many 32-bit values.
    pub fn skip(&mut self, values: usize) {
        self.0.set_word_pos(self.0.get_word_pos() + values as u128);
    }

    /// Uniform over all 32-bit values.
    pub fn bits(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Uniform in [0, 1), a multiple of 2^-24: every such value is exact in float32.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 8) as f32 / (1 << 24) as f32
    }

    /// Uniform in [low, high).
    pub fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Uniform below `count` (which must be above 0), with a bias below `count` / 2^32.
    pub fn below(&mut self, count: u32) -> u32 {
        ((u64::from(self.bits()) * u64::from(count)) >> 32) as u32
    }

    /// Brings `items` into a uniformly random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u32 + 1) as usize);
        }
    }
}
