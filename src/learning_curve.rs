//! Would more images help? The same head on ever more of the training images, measured on the same test images.

use serde::{Deserialize, Serialize};

use crate::head::{Preset, Settings};
use crate::metrics::wilson_interval;
use crate::random::Random;
use crate::trainings::Summary;

/// Shares of the training images that the points of a curve learn from.
pub const SHARES: [f64; 5] = [0.1, 0.2, 0.4, 0.7, 1.0];
/// A curve is flat where, as far as the intervals tell, the second half of the images adds less than this share.
const FLAT: f64 = 0.05;

/// Training images, of which subsets are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Images<'a> {
    /// What each is, a place among the classes.
    pub labels: &'a [u16],
    /// Images of one number stay together; empty where each stands for itself.
    pub groups: &'a [u32],
    /// So many, the last ones, only choose the best epoch.
    pub validation: usize,
}

/// Some of the training images.
#[derive(Clone, Debug, PartialEq)]
pub struct Subset {
    /// The share that they were wanted for.
    pub share: f64,
    /// Their places among all, in the same order.
    pub images: Vec<usize>,
    /// So many, the last ones, only choose the best epoch.
    pub validation: usize,
}

/// The subsets of a curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The smallest first; each holds the one before it.
    pub subsets: Vec<Subset>,
    /// Shares for which there is no subset of their own: that of the next larger share has as few images.
    pub left_out: Vec<f64>,
}

/// The subsets for [`SHARES`] of the images. Each class, and in it the images that validate, are drawn from by
/// themselves (stratified), in one order for all shares, so that a larger subset holds every smaller one. A class has
/// the share of its images, rounded, and never none; groups come whole, so that it may have more. The same `seed`
/// gives the same subsets.
pub fn plan(images: Images<'_>, seed: u64) -> Plan {
    let mut random = Random::new(seed);
    let count = images.labels.len();
    let learnt = count - images.validation.min(count);
    let classes = images.labels.iter().max().map_or(0, |most| *most + 1);
    let mut strata = Vec::new();
    for side in [0..learnt, learnt..count] {
        for class in 0..classes {
            let places = side.clone().filter(|place| images.labels[*place] == class);
            let mut groups = grouped(places, images.groups);
            random.shuffle(&mut groups);
            strata.push(groups);
        }
    }
    let mut plan = Plan::default();
    for share in SHARES.into_iter().rev() {
        let mut chosen: Vec<usize> = strata.iter().flat_map(|groups| first(groups, share)).collect();
        chosen.sort_unstable();
        if plan.subsets.last().is_some_and(|larger| larger.images.len() == chosen.len()) {
            plan.left_out.push(share);
            continue;
        }
        let validation = chosen.iter().filter(|place| **place >= learnt).count();
        plan.subsets.push(Subset { share, images: chosen, validation });
    }
    plan.subsets.reverse();
    plan.left_out.reverse();
    plan
}

/// Places by their groups, in the order in which each group first comes.
fn grouped(places: impl Iterator<Item = usize>, groups: &[u32]) -> Vec<Vec<usize>> {
    let mut found: Vec<Vec<usize>> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for place in places {
        let Some(group) = groups.get(place) else {
            found.push(vec![place]);
            continue;
        };
        let at = *known.entry(*group).or_insert_with(|| {
            found.push(Vec::new());
            found.len() - 1
        });
        found[at].push(place);
    }
    found
}

/// The first groups that hold this share of all of them, and at least one.
fn first(groups: &[Vec<usize>], share: f64) -> impl Iterator<Item = usize> {
    let all: usize = groups.iter().map(Vec::len).sum();
    let wanted = ((all as f64 * share).round() as usize).max(1);
    let mut taken = 0;
    let needed = groups.iter().take_while(move |group| {
        let takes = taken < wanted;
        taken += group.len();
        takes
    });
    needed.flatten().copied()
}

/// What a head that learnt from a subset made of the test images.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Share of the training images that the subset was wanted for.
    pub share: f64,
    /// Its images.
    pub images: u32,
    /// Test images.
    pub test: u32,
    /// Those it got right.
    pub correct: u32,
}

impl Point {
    /// Share of right answers, from 0 to 1.
    pub fn accuracy(&self) -> f64 {
        f64::from(self.correct) / f64::from(self.test.max(1))
    }

    /// Its 95 % interval ([`wilson_interval`]).
    pub fn interval(&self) -> (f64, f64) {
        wilson_interval(self.correct, self.test)
    }
}

/// What a curve says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// It still rises: more images would help.
    Rising,
    /// It is flat: more images like these would hardly help.
    Flat,
    /// The intervals are too wide to tell.
    Unsure,
}

/// What the points say, the one with most images last: all images beside the most that are half of them or fewer. It
/// rises where their intervals do not overlap. It is flat where even the upper end of the last one is less than 5
/// points above the lower end of the other. `None` where there are fewer than two points.
pub fn trend(points: &[Point]) -> Option<Trend> {
    let (last, earlier) = points.split_last()?;
    let half = earlier.iter().rev().find(|point| point.images * 2 <= last.images);
    let half = half.or(earlier.first())?;
    let ((low, high), (half_low, half_high)) = (last.interval(), half.interval());
    Some(match () {
        () if low > half_high => Trend::Rising,
        () if high - half_low < FLAT => Trend::Flat,
        () => Trend::Unsure,
    })
}

/// How long a curve will take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Seconds.
    pub seconds: f64,
    /// The number of the training that it is worked out from.
    pub from: u32,
    /// Whether that was the same kind of head: another kind takes another time, so that this is no more than a guess.
    pub same_head: bool,
}

/// How long a curve over `train` images takes with these `settings`, from the time of the newest of the finished
/// trainings (`rows`), of the same kind of head where there is one: its seconds for an image and epoch, times the
/// images and epochs of all points. `None` where there is none.
pub fn estimate(rows: &[Summary], settings: &Settings, train: u32) -> Option<Estimate> {
    let newest = |same_head: bool| {
        let fits = rows.iter().filter(|row| row.train > 0);
        let fits = fits.filter(|row| !same_head || row.settings.preset == settings.preset);
        Some((fits.max_by(|a, b| a.made.total_cmp(&b.made))?, same_head))
    };
    let (row, same_head) = newest(true).or_else(|| newest(false))?;
    let passes = |settings: &Settings| if settings.preset == Preset::Nearest { 1 } else { settings.epochs };
    let each = row.seconds / (f64::from(row.train) * f64::from(passes(&row.settings).max(1)));
    let all: f64 = SHARES.iter().sum();
    let seconds = each * all * f64::from(train) * f64::from(passes(settings));
    Some(Estimate { seconds, from: row.id, same_head })
}
