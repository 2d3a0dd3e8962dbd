//! From pictures and what their folders say to a dataset: classes, what is learnt from, what the exam gets.
//!
//! - A picture that stands in two classes says two things of itself: it is left out of both.
//! - One that stands in two parts (train, validation, test) stays in the later one.
//! - Without a part for the exam, every fifth picture of each class is held out for it; equal ones go together.
//! - A class without a picture to learn from is no class. One with fewer than it takes is told, and learnt.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use super::{Role, layout};
use crate::dataset::DatasetError;
use crate::dataset::notices::{Notice, NoticeKind, Tally};
use crate::random::Random;

/// Folders that may be classes.
const CLASSES: std::ops::RangeInclusive<usize> = 2..=100;
/// Every so many images of a class, one is held out for the exam where the folders do not say.
const HELD_OUT: usize = 5;
/// Seed of that choice and of the order: the same file always gives the same split.
const SEED: u64 = 1;

/// A picture with what it is known by.
pub struct Found<K, T> {
    /// Its path.
    pub path: String,
    /// Equal for equal pictures only.
    pub key: K,
    /// The picture, or where it is.
    pub item: T,
}

/// What a dataset is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arranged<T> {
    /// The classes' names; a label is a place among them.
    pub classes: Vec<String>,
    /// To learn from, the validation images last; classes are spread evenly over both.
    pub train: Vec<(T, u16)>,
    /// How many of them validate, where the folders say.
    pub validation: Option<usize>,
    /// For the exam.
    pub test: Vec<(T, u16)>,
    /// What is to be said of it.
    pub notices: Vec<Notice>,
}

/// Pictures of one class for one part, equal ones together, as places among all.
type Groups = Vec<Vec<usize>>;

/// What the pictures of a class are for.
#[derive(Default)]
struct Class {
    train: Groups,
    validation: Groups,
    test: Groups,
}

/// A dataset of `found`. `unread` are the paths of pictures that cannot be read, `empty` those of folders in which
/// there is nothing, and `tally` what was said so far.
///
/// # Errors
/// [`DatasetError`] where the folders make fewer than 2 or more than 100 classes, or there are too few pictures.
pub fn arrange<K: Eq + Hash, T>(
    found: Vec<Found<K, T>>,
    unread: &[String],
    empty: &[String],
    mut tally: Tally,
) -> Result<Arranged<T>, DatasetError> {
    let paths: Vec<&str> = found.iter().map(|found| found.path.as_str()).collect();
    let all: Vec<&str> = paths.iter().copied().chain(unread.iter().map(String::as_str)).collect();
    let folders: Vec<&str> = empty.iter().map(String::as_str).collect();
    let layout = layout(&all, &folders);
    let names = names(&layout.pictures, &mut tally);
    let mut said: Vec<Option<(&str, Role)>> = layout.pictures[..found.len()]
        .iter()
        .map(|said| said.as_ref().map(|said| (said.class.as_str(), said.role)))
        .collect();
    for (path, _) in paths.iter().zip(&said).filter(|(_, said)| said.is_none()) {
        tally.add(NoticeKind::NoClass, path);
    }
    if names.is_empty() {
        return Err(DatasetError::NoClassFolders(found.len()));
    }
    let parts = Parts::of(&mut said);
    let (groups, shared) = groups(&found, &mut said, &mut tally);
    let mut classes: BTreeMap<&str, Class> =
        names.iter().map(|name| (name.as_str(), Class::default())).collect();
    for group in groups {
        let Some((name, role)) = group.first().and_then(|&at| said[at]) else { continue };
        let Some(class) = classes.get_mut(name) else { continue };
        match role {
            Role::Test => class.test.push(group),
            Role::Validation => class.validation.push(group),
            Role::Train | Role::Unsaid => class.train.push(group),
        }
    }
    let mut random = Random::new(SEED);
    let mut held = 0;
    for class in classes.values_mut() {
        random.shuffle(&mut class.train);
        if parts.test {
            random.shuffle(&mut class.test);
        } else {
            // At least one for each side, where there are two.
            let count = class.train.len();
            let exam = (count / HELD_OUT).max(1).min(count.saturating_sub(1));
            let learnt = class.train.split_off(exam);
            class.test = std::mem::replace(&mut class.train, learnt);
            held += class.test.iter().map(Vec::len).sum::<usize>();
        }
        random.shuffle(&mut class.validation);
    }
    if let Some(kind) = parts.notice() {
        tally.add_some(kind, held, "");
    }
    let classes = enough(classes, layout.empty, parts, shared, &mut tally)?;
    let label = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
    let side = |of: fn(&Class) -> &Groups| -> Vec<(usize, u16)> {
        let classes = classes.iter().enumerate();
        spread(classes.map(|(at, (_, class))| (label(at), of(class))))
    };
    let validation = side(|class| &class.validation);
    let mut train = side(|class| &class.train);
    let test = side(|class| &class.test);
    let count = parts.validation.then_some(validation.len()).filter(|count| *count > 0);
    train.extend(validation);
    let names = classes.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut items: Vec<Option<T>> = found.into_iter().map(|found| Some(found.item)).collect();
    let mut taken = |side: Vec<(usize, u16)>| -> Vec<(T, u16)> {
        side.into_iter().filter_map(|(at, label)| Some((items[at].take()?, label))).collect()
    };
    let (train, test) = (taken(train), taken(test));
    Ok(Arranged { classes: names, train, validation: count, test, notices: tally.notices() })
}

/// The classes' names, in their order; says which of them are alike or were stored in two ways.
pub fn names(pictures: &[Option<super::Said>], tally: &mut Tally) -> Vec<String> {
    let mut stored: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for said in pictures.iter().flatten() {
        stored.entry(&said.class).or_default().insert(&said.stored);
    }
    stored
        .iter()
        .filter(|(_, ways)| ways.len() > 1)
        .for_each(|(name, _)| tally.add(NoticeKind::OneName, name));
    let mut small: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in stored.keys() {
        small.entry(name.to_lowercase()).or_default().push(name);
    }
    for name in small.values().filter(|alike| alike.len() > 1).flatten() {
        tally.add(NoticeKind::AlikeNames, name);
    }
    stored.into_keys().map(str::to_owned).collect()
}

/// Which parts the folders name.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Parts {
    train: bool,
    validation: bool,
    test: bool,
    /// Whether they name others, but none to learn from; then the split is made here.
    untrained: bool,
}

impl Parts {
    fn of(said: &mut [Option<(&str, Role)>]) -> Self {
        let has = |role| said.iter().flatten().any(|(_, said)| *said == role);
        let [train, validation, test] = [Role::Train, Role::Validation, Role::Test].map(has);
        let untrained = (validation || test) && !train && !has(Role::Unsaid);
        if untrained {
            said.iter_mut().flatten().for_each(|(_, role)| *role = Role::Unsaid);
            return Self { train, validation: false, test: false, untrained };
        }
        Self { train, validation, test, untrained }
    }

    fn notice(self) -> Option<NoticeKind> {
        match self {
            Self { untrained: true, .. } => Some(NoticeKind::NoTrainPart),
            Self { test: true, .. } | Self { train: false, validation: false, .. } => None,
            _ => Some(NoticeKind::NoTestPart),
        }
    }

    /// Different pictures that a class takes in the part to learn from.
    fn takes(self) -> usize {
        1 + usize::from(!self.validation) + usize::from(!self.test)
    }
}

/// Equal pictures together, in the order of their first; without those of two classes, and each in one part only.
/// Also gives the names of classes that pictures were left out of.
fn groups<'a, K: Eq + Hash, T>(
    found: &[Found<K, T>],
    said: &mut [Option<(&'a str, Role)>],
    tally: &mut Tally,
) -> (Groups, BTreeSet<&'a str>) {
    let mut known: HashMap<&K, usize> = HashMap::new();
    let mut groups = Groups::new();
    for (at, picture) in found.iter().enumerate().filter(|(at, _)| said[*at].is_some()) {
        let group = *known.entry(&picture.key).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    let mut shared = BTreeSet::new();
    groups.retain_mut(|group| {
        let classes: BTreeSet<&str> = group.iter().filter_map(|&at| Some(said[at]?.0)).collect();
        if classes.len() > 1 {
            group.iter().for_each(|&at| tally.add(NoticeKind::InTwoClasses, &found[at].path));
            shared.extend(classes);
            return false;
        }
        let role = |at: usize| said[at].map_or(Role::Unsaid, |(_, role)| role);
        let last = group.iter().map(|&at| role(at)).max();
        group.retain(|&at| {
            let stays = Some(role(at)) == last;
            if !stays {
                tally.add(NoticeKind::InTwoParts, &found[at].path);
            }
            stays
        });
        true
    });
    (groups, shared)
}

/// The classes that there are pictures for, and what is to be said of those with few.
fn enough<'a>(
    classes: BTreeMap<&'a str, Class>,
    empty: Vec<String>,
    parts: Parts,
    shared: BTreeSet<&str>,
    tally: &mut Tally,
) -> Result<Vec<(&'a str, Class)>, DatasetError> {
    empty.iter().for_each(|name| tally.add(NoticeKind::EmptyClass, name));
    let count = classes.len();
    // What was held out here could have been learnt from.
    let own = |class: &Class| class.train.len() + if parts.test { 0 } else { class.test.len() };
    let listed: Vec<String> = classes.iter().map(|(name, class)| format!("{name}: {}", own(class))).collect();
    let (kept, without): (Vec<_>, Vec<_>) =
        classes.into_iter().partition(|(_, class)| !class.train.is_empty());
    without.iter().for_each(|(name, _)| tally.add(NoticeKind::EmptyClass, name));
    let robbed: Vec<&str> =
        without.iter().map(|(name, _)| *name).filter(|name| shared.contains(name)).collect();
    if kept.len() < 2 && !robbed.is_empty() {
        return Err(DatasetError::SamePictures(robbed.join(", ")));
    }
    if count < 2 && empty.is_empty() || kept.len() > *CLASSES.end() {
        return Err(DatasetError::Classes(kept.len()));
    }
    let takes = parts.takes();
    let mut fine = 0;
    for (name, class) in &kept {
        match own(class) {
            few if few < takes => tally.add(NoticeKind::TooFew, &format!("{name} ({few}/{takes})")),
            _ => fine += 1,
        }
        if class.test.is_empty() {
            tally.add(NoticeKind::NotExamined, name);
        }
    }
    if fine < *CLASSES.start() || kept.iter().all(|(_, class)| class.test.is_empty()) {
        let all = listed.into_iter().chain(empty.iter().map(|name| format!("{name}: 0")));
        return Err(DatasetError::TooFewPictures(all.collect::<Vec<_>>().join(", ")));
    }
    Ok(kept)
}

/// One order of all classes' pictures, in which each class is spread evenly, so that any stretch of it holds
/// every class.
fn spread<'a>(classes: impl Iterator<Item = (u16, &'a Groups)>) -> Vec<(usize, u16)> {
    // Each group beside its place in its class, a share from 0 to 1.
    let mut side: Vec<(f64, u16, &Vec<usize>)> = Vec::new();
    for (label, groups) in classes {
        let count = groups.len() as f64;
        side.extend(groups.iter().enumerate().map(|(at, group)| ((at as f64 + 0.5) / count, label, group)));
    }
    side.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));
    side.into_iter().flat_map(|(_, label, group)| group.iter().map(move |&at| (at, label))).collect()
}
