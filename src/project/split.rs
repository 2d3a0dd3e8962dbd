//! Which pictures are learnt from, which choose the best epoch, and which are kept for the exam.
//!
//! Two frames of one take are nearly the same picture. Where one of them is learnt from and the
//! other is in the exam, the exam measures memory. So whole takes go to one side; takes that
//! share an equal picture count as one.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::{Class, PictureId, Project};
use crate::random::Random;

/// Takes a class needs: one to learn from, one to validate with, one for the exam.
pub const FEWEST_TAKES: usize = 3;
/// Share of a class's pictures that the exam gets at least, where its takes allow it.
const TEST_SHARE: f64 = 0.2;
/// Share that validates: a fifth of what the exam leaves.
const VALIDATION_SHARE: f64 = 0.16;
/// Seed of the split: the same project always gives the same one.
const SEED: u64 = 1;

/// A picture and the place of its class among the enabled ones.
pub type Labelled = (PictureId, u16);

/// The sides of a split. On each, the classes are spread evenly over the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Learnt from.
    pub train: Vec<Labelled>,
    /// Choose the best epoch.
    pub validation: Vec<Labelled>,
    /// Only measure the accuracy.
    pub test: Vec<Labelled>,
}

/// How to split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Takes stay whole.
    ByTake,
    /// Picture by picture, whatever take they are of, in sides of the same sizes: only to show what
    /// such a split would have claimed.
    Leaky,
}

/// The takes of each enabled class, without the pictures that stand in two of these. `identity` tells which
/// pictures are equal.
pub fn takes<T: Eq + Hash>(project: &Project, identity: impl Fn(PictureId) -> T) -> Vec<Vec<Vec<PictureId>>> {
    let shared: HashSet<PictureId> = in_two_classes(project, &identity).into_iter().collect();
    let own = |class: &Class| {
        let own = class.pictures.iter().filter(|picture| !shared.contains(&picture.id));
        takes_of(own.map(|picture| (picture.id, picture.take, identity(picture.id))))
    };
    project.enabled().map(own).collect()
}

/// The pictures that stand in more than one enabled class: they say two things of themselves, and teach nothing.
pub fn in_two_classes<T: Eq + Hash>(project: &Project, identity: impl Fn(PictureId) -> T) -> Vec<PictureId> {
    let pictures =
        || project.enabled().flat_map(|class| class.pictures.iter().map(|found| (class.id, found.id)));
    // Where each content was seen first, and whether in another class, too.
    let mut seen: HashMap<T, (u32, bool)> = HashMap::new();
    for (class, picture) in pictures() {
        let (first, shared) = seen.entry(identity(picture)).or_insert((class, false));
        *shared |= *first != class;
    }
    let is_shared = |picture| seen.get(&identity(picture)).is_some_and(|(_, shared)| *shared);
    pictures().map(|(_, picture)| picture).filter(|picture| is_shared(*picture)).collect()
}

fn takes_of<T: Eq + Hash>(pictures: impl Iterator<Item = (PictureId, u32, T)>) -> Vec<Vec<PictureId>> {
    let mut takes: Vec<Vec<PictureId>> = Vec::new();
    // Where each take and each picture's content stands among them.
    let (mut of_take, mut of_content) = (HashMap::<u32, usize>::new(), HashMap::<T, usize>::new());
    for (id, take, content) in pictures {
        let known = (of_take.get(&take).copied(), of_content.get(&content).copied());
        let place = match known {
            (Some(place), Some(other)) if place != other => {
                // The picture joins two takes that seemed to be apart.
                let joined = std::mem::take(&mut takes[other]);
                takes[place].extend(joined);
                let places = of_take.values_mut().chain(of_content.values_mut());
                places.filter(|at| **at == other).for_each(|at| *at = place);
                place
            }
            (Some(place), _) | (None, Some(place)) => place,
            (None, None) => {
                takes.push(Vec::new());
                takes.len() - 1
            }
        };
        takes[place].push(id);
        of_take.insert(take, place);
        of_content.insert(content, place);
    }
    takes.retain(|take| !take.is_empty());
    takes
}

/// Splits takes as [`takes`] gives them. A class of fewer than [`FEWEST_TAKES`] is only learnt from.
pub fn split(takes: &[Vec<Vec<PictureId>>], rule: Rule) -> Split {
    let mut random = Random::new(SEED);
    // Each picture beside its place in its class's side, a share from 0 to 1.
    let mut sides: [Vec<(f64, Labelled)>; 3] = Default::default();
    for (label, takes) in (0_u16..).zip(takes) {
        let mut shares = split_class(takes, &mut random);
        if rule == Rule::Leaky {
            let mut all = shares.concat();
            random.shuffle(&mut all);
            for share in &mut shares {
                *share = all.split_off(all.len() - share.len());
            }
        }
        for (side, pictures) in sides.iter_mut().zip(shares) {
            let count = pictures.len() as f64;
            let spread = pictures.into_iter().enumerate();
            side.extend(spread.map(|(at, picture)| ((at as f64 + 0.5) / count, (picture, label))));
        }
    }
    let [train, validation, test] = sides.map(|mut side| {
        side.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        side.into_iter().map(|(_, labelled)| labelled).collect()
    });
    Split { train, validation, test }
}

/// A class's pictures to learn from, to validate with, and for the exam.
fn split_class(takes: &[Vec<PictureId>], random: &mut Random) -> [Vec<PictureId>; 3] {
    let mut order: Vec<&Vec<PictureId>> = takes.iter().collect();
    random.shuffle(&mut order);
    if order.len() < FEWEST_TAKES {
        return [order.into_iter().flatten().copied().collect(), Vec::new(), Vec::new()];
    }
    // Of few takes, the longest is worth most to learn from: it is drawn last.
    if let Some(longest) = (0..order.len()).max_by_key(|&at| order[at].len()) {
        order.swap(0, longest);
    }
    let total: usize = takes.iter().map(Vec::len).sum();
    let mut draw = |share: f64, left: usize| {
        let mut drawn: Vec<PictureId> = Vec::new();
        while order.len() > left && (drawn.is_empty() || (drawn.len() as f64) < share * total as f64) {
            drawn.extend(order.pop().into_iter().flatten());
        }
        drawn
    };
    let test = draw(TEST_SHARE, 2);
    let validation = draw(VALIDATION_SHARE, 1);
    [order.into_iter().flatten().copied().collect(), validation, test]
}
