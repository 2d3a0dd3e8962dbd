//! Which part of CIFAR-10 a batch is: its name says so, else the batch itself, else what is left.

use super::Batch;
use crate::dataset::DatasetError;

/// CIFAR-10's training batches.
const TRAINING_BATCHES: std::ops::RangeInclusive<u32> = 1..=5;
/// Images to learn from and for the exam, in CIFAR-10 and CIFAR-100.
const OFFICIAL: [usize; 2] = [50_000, 10_000];

/// A batch's place in the order: training batches by number, those without one first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// To learn from.
    Train(u32),
    /// For the exam.
    Test,
    /// Neither its name nor the batch says it.
    #[default]
    Unknown,
}

/// `name` in lower case with one `_` for all that is neither letter nor digit: `Data_Batch_1 (2).BIN` is
/// `data_batch_1_2_bin`.
pub fn words(name: &str) -> String {
    let name = name.to_lowercase();
    let words: Vec<&str> =
        name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("_")
}

impl Part {
    /// The part that a file of this name is, whatever a browser or a file manager has put around it, such as
    /// `test_batch (1).bin` or `Copia de data_batch_2.bin`.
    pub fn of(name: &str) -> Self {
        let words = words(name);
        let number = |behind: &str| {
            let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        };
        if let Some(number) = words.split_once("data_batch_").and_then(|(_, behind)| number(behind)) {
            return Self::Train(number);
        }
        if words.contains("test_batch") {
            return Self::Test;
        }
        let has = |wanted: [&str; 2]| words.split('_').any(|word| wanted.contains(&word));
        match (has(["train", "training"]), has(["test", "testing"])) {
            (true, false) => Self::Train(0),
            (false, true) => Self::Test,
            _ => Self::Unknown,
        }
    }

    /// The part that a batch for Python calls itself, such as `training batch 1 of 5`.
    pub fn labelled(label: &str) -> Self {
        let mut words = label.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("training"), Some("batch"), Some(number)) => {
                number.parse().map_or(Self::Unknown, Self::Train)
            }
            (Some("testing"), Some("batch"), _) => Self::Test,
            _ => Self::Unknown,
        }
    }

    /// This part, or `other` where it is not known.
    pub fn or(self, other: Self) -> Self {
        if self == Self::Unknown { other } else { self }
    }
}

/// Gives each batch its part where the others, or CIFAR's own numbers of images, leave one only. How the
/// files are sorted says nothing.
///
/// # Errors
/// [`DatasetError::WhichBatch`] where it cannot be known which of them is for the exam,
/// [`DatasetError::SameBatch`] where two hold the same images.
pub fn settle(batches: &mut [Batch]) -> Result<(), DatasetError> {
    for (at, batch) in batches.iter().enumerate() {
        let same = |other: &&Batch| !batch.samples.is_empty() && other.samples == batch.samples;
        if let Some(same) = batches[..at].iter().find(same) {
            return Err(DatasetError::SameBatch(format!("{}, {}", same.name, batch.name)));
        }
    }
    let is = |part: Part| move |batch: &Batch| batch.part == part;
    let has_test = batches.iter().any(is(Part::Test));
    let unknown: Vec<usize> = (0..batches.len()).filter(|&at| batches[at].part == Part::Unknown).collect();
    let has_all_training =
        TRAINING_BATCHES.into_iter().all(|number| batches.iter().any(is(Part::Train(number))));
    let test = match *unknown {
        [] => return Ok(()),
        // There is one already, or one file is all there is: a share of it will test.
        _ if has_test || batches.len() == 1 => None,
        [last] if has_all_training => Some(last),
        [first, second] if batches.len() == 2 => {
            let images = [first, second].map(|at| batches[at].samples.len());
            match images {
                OFFICIAL => Some(second),
                [test, train] if [train, test] == OFFICIAL => Some(first),
                _ => return Err(which(batches, &unknown)),
            }
        }
        _ => return Err(which(batches, &unknown)),
    };
    for at in unknown {
        batches[at].part = if Some(at) == test { Part::Test } else { Part::Train(0) };
    }
    Ok(())
}

fn which(batches: &[Batch], unknown: &[usize]) -> DatasetError {
    let names: Vec<&str> = unknown.iter().map(|&at| batches[at].name.as_str()).collect();
    DatasetError::WhichBatch(names.join(", "))
}
