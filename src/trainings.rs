//! Every finished training as a row that stays, and what two of them say of each other.
//!
//! A record holds the rows of one project or dataset. Which images a row learnt from and answered for stands as bits
//! over one table of identities: 200 rows of all of CIFAR-10 take 8 MB in place of 200.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::features::ImageHash;
use crate::head::Settings;
use crate::metrics::mcnemar;

mod csv;
mod order;
mod set;

pub use csv::{Cell, csv};
pub use order::{Column, Order};
use set::Set;

/// Rows that a record holds, at the most; the oldest make room.
pub const MOST: usize = 200;
/// Seconds that a training takes, at the most: a year.
const LONGEST: f64 = 365.0 * 86_400.0;
/// The last moment that JavaScript's dates know, in milliseconds since 1970 (ECMA-262, 21.4.1.1).
const LAST_MOMENT: f64 = 8.64e15;
/// Letters of a name, at the most.
pub const LONGEST_NAME: usize = 60;
/// Images that two trainings are compared on, at the least.
pub const FEWEST_COMPARED: u32 = 25;
/// Two heads count as of different quality where chance makes such a difference less often.
pub const SIGNIFICANCE: f64 = 0.05;

/// Format of a record; one of an older version counts as none.
const VERSION: u32 = 1;

/// Bytes that are no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no list of trainings: {0}")]
pub struct TrainingsError(String);

/// An image of the exam: what it is and what it was taken for, places among the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The image.
    pub image: ImageHash,
    /// What it is.
    pub label: u16,
    /// What it was taken for.
    pub answer: u16,
}

/// A finished training.
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    /// Its number in its record, counted from 1; 0 until it has one.
    pub id: u32,
    /// Its name; empty until the person gives it one.
    pub name: String,
    /// The network that computed the features; empty where they came from files.
    pub network: String,
    /// How it was trained, and its kind of head.
    pub settings: Settings,
    /// How long it took, in seconds, with its exam.
    pub seconds: f64,
    /// When it was over, in milliseconds since 1970.
    pub made: f64,
    /// Training images, test images, and test images it got right; a picture counts as often as it is there.
    pub counts: [u32; 3],
    /// The images it learnt from, those for validation included.
    pub learnt: Vec<ImageHash>,
    /// The images of its exam.
    pub exam: Vec<Answered>,
}

/// What a table shows of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Its number in its record.
    pub id: u32,
    /// Its name; empty until the person gives it one.
    pub name: String,
    /// The network that computed the features; empty where they came from files.
    pub network: String,
    /// How it was trained, and its kind of head.
    pub settings: Settings,
    /// Training images, validation images included.
    pub train: u32,
    /// Test images.
    pub test: u32,
    /// Test images it got right.
    pub correct: u32,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// When it was over, in milliseconds since 1970.
    pub made: f64,
}

impl Summary {
    /// Share of the test images it got right, from 0 to 1.
    pub fn accuracy(&self) -> f64 {
        f64::from(self.correct) / f64::from(self.test.max(1))
    }
}

/// Two trainings on the images that both were measured on and neither learnt from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The numbers of both.
    pub of: [u32; 2],
    /// How many images that are.
    pub images: u32,
    /// How many of them each got right.
    pub correct: [u32; 2],
    /// How many of them only this one got right.
    pub alone: [u32; 2],
    /// Images left out because their label is another one in each.
    pub relabelled: u32,
}

impl Comparison {
    /// How often chance alone makes a difference of this size or a larger one, from 0 to 1 ([`mcnemar`]); `None`
    /// where there are too few images to judge.
    pub fn chance(&self) -> Option<f64> {
        (self.images >= FEWEST_COMPARED).then(|| mcnemar(self.alone[0], self.alone[1]))
    }

    /// What can be said of it.
    pub fn verdict(&self) -> Verdict {
        match self.chance() {
            None => Verdict::TooFew,
            Some(_) if self.alone == [0, 0] => Verdict::Same,
            Some(chance) if chance < SIGNIFICANCE => {
                Verdict::Better(usize::from(self.alone[1] > self.alone[0]))
            }
            Some(_) => Verdict::Open,
        }
    }
}

/// What a comparison says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: there are too few images.
    TooFew,
    /// Both got the very same images right.
    Same,
    /// The one at this place is better.
    Better(usize),
    /// The difference may be chance.
    Open,
}

/// A training as it stands in a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    id: u32,
    name: String,
    network: String,
    settings: Settings,
    seconds: f64,
    made: f64,
    counts: [u32; 3],
    learnt: Set,
    tested: Set,
    /// Of the tested images in the order of the table.
    labels: Vec<u16>,
    answers: Vec<u16>,
}

impl Row {
    fn summary(&self) -> Summary {
        let [train, test, correct] = self.counts;
        Summary {
            id: self.id,
            name: self.name.clone(),
            network: self.network.clone(),
            settings: self.settings,
            train,
            test,
            correct,
            seconds: self.seconds,
            made: self.made,
        }
    }

    /// Places in the table, labels and answers of its exam.
    fn exam(&self) -> impl Iterator<Item = (usize, u16, u16)> {
        let answered = self.labels.iter().zip(&self.answers);
        self.tested.iter().zip(answered).map(|(place, (label, answer))| (place, *label, *answer))
    }

    /// Why it cannot be one of a table of so many images.
    fn check(&self, images: usize) -> Result<(), &'static str> {
        let tested = self.tested.len() as usize;
        let [train, test, correct] = self.counts;
        let right = self.labels.iter().zip(&self.answers).filter(|(label, answer)| label == answer).count();
        let counts = correct <= test && self.learnt.len() <= train && tested <= test as usize;
        let checks = [
            (self.id > 0, "a number"),
            (is_name(&self.name) && self.network.len() <= 1_000, "a name"),
            (self.settings.check().is_ok(), "a setting"),
            ((0.0..=LONGEST).contains(&self.seconds) && self.made.abs() <= LAST_MOMENT, "a time"),
            (counts && right <= correct as usize, "a count"),
            (self.learnt.fits(images) && self.tested.fits(images), "an image"),
            ([self.labels.len(), self.answers.len()] == [tested; 2], "an answer"),
        ];
        checks.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, what)| Err(what))
    }
}

/// The finished trainings of a project or dataset, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trainings {
    /// Numbers that were given. None is given twice.
    given: u32,
    /// The identities that the rows' bits are about.
    images: Vec<ImageHash>,
    rows: Vec<Row>,
}

impl Trainings {
    /// Takes a training in, under the next number where it has none, else in its old place. Gives its number, and
    /// how many of the oldest made room.
    pub fn add(&mut self, training: Training) -> (u32, u32) {
        self.given =
            if training.id == 0 { self.given.saturating_add(1) } else { self.given.max(training.id) };
        let id = if training.id == 0 { self.given } else { training.id };
        let mut places: HashMap<ImageHash, usize> =
            self.images.iter().enumerate().map(|(place, image)| (*image, place)).collect();
        let images = &mut self.images;
        let mut place = |image: ImageHash| {
            *places.entry(image).or_insert_with(|| {
                images.push(image);
                images.len() - 1
            })
        };
        let learnt = training.learnt.iter().map(|image| place(*image)).collect();
        let mut exam: Vec<(usize, u16, u16)> =
            training.exam.iter().map(|one| (place(one.image), one.label, one.answer)).collect();
        exam.sort_by_key(|(place, ..)| *place);
        // A picture may stand there twice.
        exam.dedup_by_key(|(place, ..)| *place);
        let Training { name, network, settings, seconds, made, counts, .. } = training;
        let row = Row {
            id,
            name,
            network,
            settings,
            seconds,
            made,
            counts,
            learnt,
            tested: exam.iter().map(|(place, ..)| *place).collect(),
            labels: exam.iter().map(|(_, label, _)| *label).collect(),
            answers: exam.iter().map(|(.., answer)| *answer).collect(),
        };
        self.rows.retain(|other| other.id != id);
        let at = self.rows.partition_point(|other| other.id < id);
        self.rows.insert(at, row);
        let dropped = self.rows.len().saturating_sub(MOST);
        self.rows.drain(..dropped);
        self.compact();
        (id, dropped as u32)
    }

    /// Takes a training out; `None` where it is not there.
    pub fn remove(&mut self, id: u32) -> Option<Training> {
        let at = self.rows.iter().position(|row| row.id == id)?;
        let row = self.rows.remove(at);
        let image = |place: usize| self.images.get(place).copied();
        let exam = row
            .exam()
            .filter_map(|(place, label, answer)| Some(Answered { image: image(place)?, label, answer }));
        let exam = exam.collect();
        let learnt = row.learnt.iter().filter_map(image).collect();
        self.compact();
        let Row { id, name, network, settings, seconds, made, counts, .. } = row;
        Some(Training { id, name, network, settings, seconds, made, counts, learnt, exam })
    }

    /// Gives a training another name. Whether it is there.
    pub fn rename(&mut self, id: u32, name: &str) -> bool {
        let row = self.rows.iter_mut().find(|row| row.id == id);
        row.map(|row| name.clone_into(&mut row.name)).is_some()
    }

    /// What a table shows of them, oldest first.
    pub fn summaries(&self) -> Vec<Summary> {
        self.rows.iter().map(Row::summary).collect()
    }

    /// Two trainings on the images that both were measured on and neither learnt from; `None` where one of them is
    /// not there.
    ///
    /// Classes may have been renamed or moved between the two: what a class of the first is in the second is what
    /// most of its common images are there. An image that is something else was given another label meanwhile, and
    /// is left out.
    pub fn compare(&self, of: [u32; 2]) -> Option<Comparison> {
        let [first, second] = of.map(|id| self.rows.iter().find(|row| row.id == id));
        let (first, second) = (first?, second?);
        let others: HashMap<usize, (u16, u16)> =
            second.exam().map(|(place, label, answer)| (place, (label, answer))).collect();
        let common: Vec<[(u16, u16); 2]> = first
            .exam()
            .filter(|(place, ..)| !first.learnt.has(*place) && !second.learnt.has(*place))
            .filter_map(|(place, label, answer)| Some([(label, answer), *others.get(&place)?]))
            .collect();
        let becomes = renamed(common.iter().map(|[(first, _), (second, _)]| (*first, *second)));
        let (mut correct, mut alone, mut images) = ([0; 2], [0; 2], 0);
        for both in &common {
            let [(label, _), (other, _)] = both;
            if becomes.get(label) != Some(other) {
                continue;
            }
            images += 1;
            let right = both.map(|(label, answer)| label == answer);
            for at in 0..2 {
                correct[at] += u32::from(right[at]);
                alone[at] += u32::from(right[at] && !right[1 - at]);
            }
        }
        Some(Comparison { of, images, correct, alone, relabelled: common.len() as u32 - images })
    }

    /// The record's bytes.
    ///
    /// # Errors
    /// [`TrainingsError`] only where memory runs out.
    pub fn to_bytes(&self) -> Result<Vec<u8>, TrainingsError> {
        postcard::to_stdvec(&(VERSION, self)).map_err(|error| TrainingsError(error.to_string()))
    }

    /// What [`Trainings::to_bytes`] made; the bytes may come from anywhere. `None` where they are of another
    /// version.
    ///
    /// # Errors
    /// [`TrainingsError`] where they are of this version, but no record.
    pub fn from_bytes(bytes: &[u8]) -> Result<Option<Self>, TrainingsError> {
        let unreadable = |error: postcard::Error| TrainingsError(error.to_string());
        let (version, rest) = postcard::take_from_bytes::<u32>(bytes).map_err(unreadable)?;
        if version != VERSION {
            return Ok(None);
        }
        let (found, rest) = postcard::take_from_bytes::<Self>(rest).map_err(unreadable)?;
        if !rest.is_empty() {
            return Err(TrainingsError("it is longer than it says".to_owned()));
        }
        found.check().map_err(|what| TrainingsError(format!("{what} of it cannot be")))?;
        Ok(Some(found))
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.rows.len() > MOST {
            return Err("the number of rows");
        }
        let different: HashSet<&ImageHash> = self.images.iter().collect();
        if different.len() != self.images.len() {
            return Err("an image");
        }
        let in_order = self.rows.windows(2).all(|two| two[0].id < two[1].id);
        if !in_order || self.rows.last().is_some_and(|row| row.id > self.given) {
            return Err("a number");
        }
        self.rows.iter().try_for_each(|row| row.check(self.images.len()))
    }

    /// Forgets the images that no row names.
    fn compact(&mut self) {
        let mut used = vec![false; self.images.len()];
        for row in &self.rows {
            row.learnt.iter().chain(row.tested.iter()).for_each(|place| used[place] = true);
        }
        if used.iter().all(|used| *used) {
            return;
        }
        // The order stays, so that labels and answers stay with their images.
        let mut next = 0;
        let moved: Vec<usize> = used
            .iter()
            .map(|used| {
                next += usize::from(*used);
                next - usize::from(*used)
            })
            .collect();
        for row in &mut self.rows {
            for set in [&mut row.learnt, &mut row.tested] {
                *set = set.iter().map(|place| moved[place]).collect();
            }
        }
        let mut used = used.into_iter();
        self.images.retain(|_| used.next().unwrap_or(false));
    }
}

/// Whether a text can be a training's name: empty is none yet.
fn is_name(name: &str) -> bool {
    name.chars().count() <= LONGEST_NAME && name.trim() == name && !name.chars().any(char::is_control)
}

/// What each first number most often stands beside, the smallest of equals.
fn renamed(pairs: impl Iterator<Item = (u16, u16)>) -> HashMap<u16, u16> {
    let mut counts: HashMap<(u16, u16), u32> = HashMap::new();
    pairs.for_each(|pair| *counts.entry(pair).or_default() += 1);
    let mut most: Vec<((u16, u16), u32)> = counts.into_iter().collect();
    most.sort_by_key(|((first, second), count)| (*first, *count, u16::MAX - *second));
    // The last of each first number stays.
    most.into_iter().map(|(pair, _)| pair).collect()
}
