//! How good a trained head is.

use serde::{Deserialize, Serialize};

/// The standard normal distribution's 97.5 % quantile: 95 % lie between it and its negative.
const Z_95: f64 = 1.959_963_984_540_054;

/// The 95 % confidence interval of a share, of which `correct` out of `total` were seen:
/// Wilson's score interval (E. B. Wilson, 1927), which stays within 0 and 1. From 0 to 1
/// where nothing was seen.
pub fn wilson_interval(correct: u32, total: u32) -> (f64, f64) {
    if total == 0 {
        return (0.0, 1.0);
    }
    let n = f64::from(total);
    let share = f64::from(correct.min(total)) / n;
    let z2 = Z_95 * Z_95;
    let centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// McNemar's exact test (Q. McNemar, 1947) of two answerers on the same images: how often chance alone makes the two
/// counts as different as they are, or more so, were both equally good; from 0 to 1. The counts are the images that
/// only the one and only the other got right; the test is the sign test on them, two-sided: twice the binomial
/// distribution's lower tail at the smaller count, with a share of one half. 1 where nothing is counted.
pub fn mcnemar(only_first: u32, only_second: u32) -> f64 {
    let (smaller, all) = (only_first.min(only_second), f64::from(only_first) + f64::from(only_second));
    // The tail's largest term, as a logarithm: 2 to the power of many is no number any more.
    let steps = (0..smaller).map(|at| ((all - f64::from(at)) / f64::from(at + 1)).ln());
    let largest = steps.sum::<f64>() - all * std::f64::consts::LN_2;
    let (mut term, mut tail) = (1.0, 1.0);
    for at in (1..=smaller).rev().map(f64::from) {
        term *= at / (all - at + 1.0);
        tail += term;
    }
    (2.0 * largest.exp() * tail).min(1.0)
}

/// Why a confusion matrix cannot take an image: it has no such class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("class {class} is not among {classes}")]
pub struct UnknownClass {
    /// The class, counted from 0.
    pub class: usize,
    /// How many classes there are.
    pub classes: usize,
}

/// How often each class was taken for which: a row a true class, a column an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct ConfusionMatrix {
    classes: usize,
    /// classes x classes, row by row.
    counts: Vec<u32>,
}

/// What arrives from another thread or the store before its length is checked.
#[derive(Deserialize)]
struct Unchecked {
    classes: usize,
    counts: Vec<u32>,
}

impl TryFrom<Unchecked> for ConfusionMatrix {
    type Error = String;

    fn try_from(Unchecked { classes, counts }: Unchecked) -> Result<Self, String> {
        match classes.checked_mul(classes) {
            Some(cells) if cells == counts.len() => Ok(Self { classes, counts }),
            _ => Err(format!("{} counts make no matrix of {classes} classes", counts.len())),
        }
    }
}

/// How well one class is recognised. Shares are from 0 to 1; one of nothing is 0, as in
/// scikit-learn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassFigures {
    /// Share of the answers with this class that were right.
    pub precision: f64,
    /// Share of this class's images that were recognised.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
    /// Images of this class.
    pub support: u32,
}

impl ClassFigures {
    /// `share`, which is one of these, where the exam has images of this class: else nothing is known of it.
    pub fn known(&self, share: f64) -> Option<f64> {
        (self.support > 0).then_some(share)
    }
}

impl ConfusionMatrix {
    /// A matrix for so many classes, no image counted yet.
    pub fn new(classes: usize) -> Self {
        Self { classes, counts: vec![0; classes * classes] }
    }

    /// Counts an image of class `label` that was taken for `answer`, both counted from 0.
    ///
    /// # Errors
    /// [`UnknownClass`] where there is no such class; nothing is counted then.
    pub fn add(&mut self, label: usize, answer: usize) -> Result<(), UnknownClass> {
        if let Some(&class) = [label, answer].iter().find(|class| **class >= self.classes) {
            return Err(UnknownClass { class, classes: self.classes });
        }
        self.counts[label * self.classes + answer] += 1;
        Ok(())
    }

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How often each answer was given for images of class `label`; empty where there is no such
    /// class.
    pub fn row(&self, label: usize) -> &[u32] {
        self.counts.get(label * self.classes..(label + 1) * self.classes).unwrap_or_default()
    }

    /// The counts, classes x classes: a row a true class, a column an answer.
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// All images counted.
    pub fn total(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// The images that were recognised: the diagonal.
    pub fn correct(&self) -> u32 {
        self.counts.iter().step_by(self.classes + 1).sum()
    }

    /// Each class's figures, in the order of the classes.
    pub fn per_class(&self) -> Vec<ClassFigures> {
        let ratio = |part: u32, whole: u32| if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) };
        (0..self.classes)
            .map(|class| {
                let row = &self.counts[class * self.classes..][..self.classes];
                let (support, right) = (row.iter().sum(), row[class]);
                let answered: u32 = self.counts.iter().skip(class).step_by(self.classes).sum();
                ClassFigures {
                    precision: ratio(right, answered),
                    recall: ratio(right, support),
                    f1: ratio(2 * right, answered + support),
                    support,
                }
            })
            .collect()
    }
}

/// Bins of a reliability diagram.
const BINS: usize = 10;

/// The answers of about the same confidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Answers counted.
    pub answers: u32,
    /// Those that were right.
    pub correct: u32,
    /// Sum of their confidences, each from 0 to 1.
    confidence: f64,
}

impl Bin {
    /// Mean confidence, from 0 to 1; `None` where nothing was counted.
    pub fn confidence(&self) -> Option<f64> {
        (self.answers > 0).then(|| self.confidence / f64::from(self.answers))
    }

    /// Share of right answers; `None` where nothing was counted.
    pub fn accuracy(&self) -> Option<f64> {
        (self.answers > 0).then(|| f64::from(self.correct) / f64::from(self.answers))
    }
}

/// Whether a head is right as often as it claims to be: its answers by their confidence, in ten
/// equal steps from 0 to 1. The upper bound belongs to a step (Guo et al. 2017, section 3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    bins: [Bin; BINS],
}

impl Reliability {
    /// Counts an answer of this confidence (0 to 1).
    pub fn add(&mut self, confidence: f64, right: bool) {
        let above = |step: &usize| confidence > *step as f64 / BINS as f64;
        let bin = &mut self.bins[(1..BINS).filter(above).count()];
        bin.answers += 1;
        bin.correct += u32::from(right);
        bin.confidence += confidence;
    }

    /// The steps, from the least confident answers to the most.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// The expected calibration error, from 0 to 1: how far confidence and accuracy are apart,
    /// the mean over all answers (Guo et al. 2017, equation 3). 0 where nothing was counted.
    pub fn calibration_error(&self) -> f64 {
        let total: u32 = self.bins.iter().map(|bin| bin.answers).sum();
        let gaps = self.bins.iter().map(|bin| (f64::from(bin.correct) - bin.confidence).abs());
        gaps.sum::<f64>() / f64::from(total.max(1))
    }
}
