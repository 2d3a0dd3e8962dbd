//! What is said of a dataset: what was left out, joined, or is learnt from otherwise than its folders say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::pixels::Format;

/// Names that a notice shows; the rest is counted.
pub const MOST_NAMES: usize = 5;
/// Characters of a name that a notice shows.
const SHOWN_NAME: usize = 80;

/// A sentence on the page: of how many, and the first of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Which sentence.
    pub kind: NoticeKind,
    /// How many files, pictures or classes it is about.
    pub count: u32,
    /// The first of their names, at most [`MOST_NAMES`], long ones cut.
    pub names: Vec<String>,
}

/// One sentence on the page each, with what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum NoticeKind {
    /// Files that are damaged.
    Damaged,
    /// Files that are called pictures, but are none.
    NoPicture,
    /// Files that are called pictures, but are web pages.
    WebPage,
    /// Files that are called pictures, and hold nothing.
    Empty,
    /// Pictures that are too large, or pack too well.
    TooLarge,
    /// Files that a password keeps closed.
    Password,
    /// Files packed in a way that is not read here.
    Packing,
    /// Files that the browser did not give.
    Unreadable,
    /// Archives within an archive that are not opened: too large, or in an archive in an archive.
    Nested,
    /// Other files that are no pictures, such as films.
    Other,
    /// Pictures that stand in no class's folder.
    NoClass,
    /// Pictures that stand in more than one class, and so teach nothing.
    InTwoClasses,
    /// Pictures of a project that stand in more than one class, which are named with how many.
    SharedPictures,
    /// Pictures whose folders say what they are for, which a project decides by takes.
    PartsTogether,
    /// Pictures that stand in more than one part of train, validation and test: they stay in the last.
    InTwoParts,
    /// Classes that have no picture to learn from, and are no classes therefore.
    EmptyClass,
    /// Classes of fewer pictures than it takes.
    TooFew,
    /// Classes without pictures for the exam.
    NotExamined,
    /// Names of different classes that differ in capitals only.
    AlikeNames,
    /// Folders whose names differ only in how their letters are stored, and are one class.
    OneName,
    /// Pictures that the exam got out of the folders to learn from, for there is no part for it.
    NoTestPart,
    /// Pictures whose folders say for what they are, but none is to learn from: the split is made here.
    NoTrainPart,
    /// Images of CIFAR-10's files or of arrays, the last ones, that are kept for the exam: no file is for it.
    NoTestFile,
    /// Pictures of a format that is not read here.
    Format(Format),
}

/// Notices that come together file by file.
#[derive(Clone, Debug, Default)]
pub struct Tally(BTreeMap<NoticeKind, (u32, Vec<String>)>);

impl Tally {
    /// Counts one thing of this name.
    pub fn add(&mut self, kind: NoticeKind, name: &str) {
        self.add_some(kind, 1, name);
    }

    /// Counts so many things under one name.
    pub fn add_some(&mut self, kind: NoticeKind, count: usize, name: &str) {
        let (counted, names) = self.0.entry(kind).or_default();
        *counted = counted.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        if names.len() < MOST_NAMES && !name.is_empty() {
            names.push(shown(name));
        }
    }

    /// How many of this kind were counted.
    pub fn count(&self, kind: NoticeKind) -> u32 {
        self.0.get(&kind).map_or(0, |(count, _)| *count)
    }

    /// The notices, in the order of their kinds.
    pub fn notices(&self) -> Vec<Notice> {
        let all = self.0.iter();
        all.map(|(&kind, (count, names))| Notice { kind, count: *count, names: names.clone() }).collect()
    }
}

/// A name as it is shown: without control characters, a long one without its middle.
pub fn shown(name: &str) -> String {
    let letters: Vec<char> = name.chars().filter(|letter| !letter.is_control()).collect();
    if letters.len() <= SHOWN_NAME {
        return letters.into_iter().collect();
    }
    let half = SHOWN_NAME / 2;
    letters[..half].iter().chain(&['…']).chain(&letters[letters.len() - half..]).collect()
}
