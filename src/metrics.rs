//! How good a trained head is.

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    /// classes x classes, row by row.
    counts: Vec<u32>,
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
