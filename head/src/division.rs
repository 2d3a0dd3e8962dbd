//! Which slices of a convolution each member of a team has.
//!
//! Processors are not alike: some have fast and slow cores, and some lend a core to others. A batch is done
//! when the slowest member is, so that members get slices by their paces.

use std::ops::Range;

use super::slices::{nodes, slices};

/// A new division must save this share of a batch's time: slices move by message, and paces waver.
const GAIN: f64 = 0.1;

/// The slices of each member of a team: at least one, side by side, in the members' order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Division {
    counts: Vec<usize>,
}

impl Division {
    /// As even as can be, of so many channels among so many members: at most one for each slice.
    pub fn even(channels: usize, members: usize) -> Self {
        let slices = slices(channels);
        let members = members.clamp(1, slices);
        let end = |member: usize| slices * member / members;
        Self { counts: (0..members).map(|member| end(member + 1) - end(member)).collect() }
    }

    /// How many members there are.
    pub fn members(&self) -> usize {
        self.counts.len()
    }

    /// The slices of a member.
    pub fn of_member(&self, member: usize) -> Range<usize> {
        let begin = self.counts[..member].iter().sum();
        begin..begin + self.counts[member]
    }

    /// The ranges whose sums the members give, in the order of their answers.
    pub fn nodes(&self) -> Vec<Range<usize>> {
        let all = 0..self.counts.iter().sum();
        (0..self.members()).flat_map(|member| nodes(all.clone(), &self.of_member(member))).collect()
    }

    /// A division with which a batch would take less time by a tenth, where its members took so long for
    /// their slices of some batches, in whatever unit; `None` where there is none.
    pub fn better(&self, times: &[f64]) -> Option<Self> {
        let known = times.len() == self.members() && times.iter().all(|time| time.is_finite() && *time > 0.0);
        if !known {
            return None;
        }
        let each: Vec<f64> =
            times.iter().zip(&self.counts).map(|(time, count)| time / *count as f64).collect();
        let mut counts = vec![1; each.len()];
        for _ in each.len()..self.counts.iter().sum() {
            // The next slice goes to whoever has done it first.
            let done = |member: usize| each[member] * (counts[member] + 1) as f64;
            let first = (0..each.len()).min_by(|a, b| done(*a).total_cmp(&done(*b)))?;
            counts[first] += 1;
        }
        let slowest = |counts: &[usize]| {
            each.iter().zip(counts).map(|(each, count)| each * *count as f64).fold(0.0, f64::max)
        };
        (slowest(&counts) < (1.0 - GAIN) * slowest(&self.counts)).then_some(Self { counts })
    }
}
