//! Heads against finite differences, and against themselves.

use bottleneck::backbone::FeatureShape;
use std::convert::Infallible;

use bottleneck::head::{
    Best, EpochReport, Head, HeadError, InMemory, LocalTeam, Preset, Settings, Step, TrainError, Trainer,
    Weights, loss_and_gradient, most_probable,
};
use bottleneck::random::Random;
use futures::executor::block_on;
use half::f16;

pub const SMALL: FeatureShape = FeatureShape { height: 3, width: 3, channels: 5 };

/// Features in [-1, 1) and labels that a head can learn: the class brightens one channel.
pub fn examples(images: usize, shape: FeatureShape, classes: usize, seed: u64) -> (Vec<f16>, Vec<u16>) {
    let mut random = Random::new(seed);
    let labels: Vec<u16> = (0..images).map(|_| random.below(classes as u32) as u16).collect();
    let features = labels.iter().flat_map(|&label| {
        let places = (0..shape.len()).map(|at| (at % shape.channels == usize::from(label)) as u8);
        places.map(|bright| f16::from_f32(random.between(-1.0, 1.0) + f32::from(bright))).collect::<Vec<_>>()
    });
    (features.collect(), labels)
}

/// A training of features in memory.
pub struct Training {
    pub trainer: Trainer,
    pub blocks: InMemory,
    pub team: LocalTeam,
}

impl Training {
    pub fn new(
        features: Vec<f16>,
        labels: Vec<u16>,
        shape: FeatureShape,
        classes: usize,
        settings: Settings,
    ) -> Result<Self, HeadError> {
        Trainer::new(labels, shape, classes, settings).map(|trainer| Self::of(trainer, features, shape))
    }

    pub fn of(trainer: Trainer, features: Vec<f16>, shape: FeatureShape) -> Self {
        Self { trainer, blocks: InMemory::new(features, shape.len()), team: LocalTeam::new(1) }
    }

    pub fn step(&mut self) -> Result<Step, TrainError<Infallible>> {
        block_on(self.trainer.step(&mut self.blocks, &mut self.team))
    }

    /// Trains to the end.
    pub fn run(&mut self) -> Result<Vec<EpochReport>, TrainError<Infallible>> {
        let mut reports = Vec::new();
        loop {
            match self.step()? {
                Step::Batch { done, total } => assert!(done <= total),
                Step::Epoch(report) => reports.push(report),
                Step::Done => return Ok(reports),
            }
        }
    }

    pub fn best(&mut self) -> Best {
        block_on(self.trainer.best(&mut self.blocks)).unwrap().unwrap()
    }
}

/// An untrained head of so many filters.
pub fn fresh(preset: Preset, shape: FeatureShape, classes: usize, filters: usize) -> Head {
    Head::new(shape, classes, &Settings { filters, ..Settings::of(preset) }, &mut Random::new(2)).unwrap()
}

/// The mean cross-entropy and its gradient, with the same dropout masks at every call.
fn mean_loss_and_gradient(head: &Head, features: &[f16], labels: &[u16]) -> (f64, Weights) {
    let settings = Settings { dropout_map: 0.4, dropout_pooled: 0.3, seed: 7, ..Settings::of(head.preset()) };
    let (score, gradient) = loss_and_gradient(head, features, labels, &settings, 3).unwrap();
    (score.loss / labels.len() as f64, gradient)
}

/// The loss is computed in float32: a step of 1e-2 keeps both its rounding (1e-7 / 1e-2) and the
/// third-order term of the central difference (1e-4 / 6 of its third derivative) below 1e-4.
fn check_gradients(head: &Head, step: f32, tolerance: f64) {
    const NAMES: [&str; 6] = ["kernel", "bias", "dense kernel", "dense bias", "gamma", "beta"];
    let (features, labels) = examples(6, SMALL, 3, 1);
    let (_, gradient) = mean_loss_and_gradient(head, &features, &labels);
    for (part, name) in NAMES.into_iter().enumerate() {
        assert_eq!(gradient.parts()[part].len(), head.weights.parts()[part].len());
        for (at, analytic) in gradient.parts()[part].iter().enumerate() {
            let loss_at = |by: f32| {
                let mut moved = head.clone();
                moved.weights.parts_mut()[part][at] += by;
                mean_loss_and_gradient(&moved, &features, &labels).0
            };
            let difference = (loss_at(step) - loss_at(-step)) / (2.0 * f64::from(step));
            let wrong = (difference - f64::from(*analytic)).abs();
            assert!(wrong < tolerance, "{:?} {name} {at}: {difference} and {analytic}", head.preset());
        }
    }
}

#[test]
fn gradients_equal_finite_differences() {
    check_gradients(&fresh(Preset::Notebook, SMALL, 3, 4), 1e-2, 1e-4);
    let mut quick = fresh(Preset::Quick, SMALL, 3, 4);
    shake(&mut quick);
    check_gradients(&quick, 1e-2, 1e-4);
    // Of 96 outputs in front of a ReLU some are close to its corner, where no difference is right:
    // small steps pass few of them, and each weighs a 24th or less.
    let mut strong = fresh(Preset::Strong, SMALL, 3, 4);
    shake(&mut strong);
    check_gradients(&strong, 5e-4, 2e-4);
}

pub fn check_close(name: &str, ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() < tolerance, "{name} {ours} and {theirs}");
    }
}

/// Gives batch norm something to do: factors, summands and statistics that are no defaults.
pub fn shake(head: &mut Head) {
    let mut random = Random::new(9);
    for (part, low) in [
        (&mut head.weights.gamma, 0.5),
        (&mut head.weights.beta, -0.5),
        (&mut head.statistics.mean, -0.5),
        (&mut head.statistics.variance, 0.1),
        (&mut head.weights.bias, -0.3),
        (&mut head.weights.dense_bias, -0.3),
    ] {
        part.iter_mut().for_each(|value| *value = random.between(low, low + 1.0));
    }
}

#[test]
fn one_seed_gives_the_same_bits_and_another_does_not() {
    for preset in [Preset::Notebook, Preset::Quick, Preset::Strong] {
        let train = |seed| {
            let (features, labels) = examples(90, SMALL, 3, 1);
            let settings = Settings { epochs: 4, batch: 16, filters: 8, seed, ..Settings::of(preset) };
            let mut training = Training::new(features, labels, SMALL, 3, settings).unwrap();
            training.run().unwrap();
            training.best()
        };
        assert_eq!(train(5), train(5));
        assert_ne!(train(5).head, train(6).head);
    }
}

/// The share of new images that a trained head gets right.
fn right_after(head: &Head, classes: usize) -> usize {
    let (test, labels) = examples(200, SMALL, classes, 2);
    let probabilities = head.probabilities(&test).unwrap();
    for row in probabilities.chunks(classes) {
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
    let answers = probabilities.chunks(classes).map(most_probable);
    answers.zip(&labels).filter(|(answer, label)| *answer == usize::from(**label)).count()
}

#[test]
fn a_learnable_task_is_learnt_and_the_best_epoch_kept() {
    for (preset, enough) in [(Preset::Notebook, 195), (Preset::Quick, 195), (Preset::Strong, 195)] {
        let (features, labels) = examples(400, SMALL, 4, 1);
        let settings = Settings { epochs: 30, batch: 50, filters: 16, ..Settings::of(preset) };
        let rate = if preset == Preset::Notebook { settings.learning_rate } else { 0.02 };
        let settings = Settings { learning_rate: rate, ..settings };
        let mut training = Training::new(features, labels, SMALL, 4, settings).unwrap();
        let reports = training.run().unwrap();
        let lowest = reports.iter().map(|report| report.val_loss).fold(f32::INFINITY, f32::min);
        let best = training.best();
        assert_eq!(reports[best.epoch as usize - 1].val_loss, lowest);
        let right = right_after(&best.head, 4);
        assert!(right >= enough, "{preset:?}: {right} of 200");
    }
}

#[test]
fn neighbours_vote_with_their_similarity() {
    let (features, labels) = examples(400, SMALL, 4, 1);
    let settings = Settings::of(Preset::Nearest);
    let mut training = Training::new(features.clone(), labels.clone(), SMALL, 4, settings).unwrap();
    assert_eq!(training.run(), Ok(Vec::new()));
    let best = training.best();
    assert_eq!(best.epoch, 0);
    let right = right_after(&best.head, 4);
    assert!(right >= 180, "{right} of 200");

    // The same vote, written out with 64 bits and a sort.
    let unit = |image: &[f16]| -> Vec<f64> {
        let mean = |channel: usize| image[channel..].iter().step_by(5).map(|value| f64::from(*value)).sum();
        let means: Vec<f64> = (0..5).map(mean).collect();
        let length = means.iter().map(|mean| mean * mean).sum::<f64>().sqrt();
        means.iter().map(|mean| mean / length).collect()
    };
    let remembered: Vec<Vec<f64>> = features.chunks(SMALL.len()).map(unit).collect();
    let (asked, _) = examples(20, SMALL, 4, 3);
    let probabilities = best.head.probabilities(&asked).unwrap();
    for (image, probabilities) in asked.chunks(SMALL.len()).zip(probabilities.chunks(4)) {
        let image = unit(image);
        let product = |other: &Vec<f64>| image.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
        let mut all: Vec<(f64, u16)> = remembered.iter().map(product).zip(labels.iter().copied()).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut votes = [0.25; 4];
        all[..5].iter().for_each(|(similarity, label)| votes[usize::from(*label)] += similarity.max(0.0));
        let sum: f64 = votes.iter().sum();
        for (ours, theirs) in probabilities.iter().zip(votes) {
            assert!((f64::from(*ours) - theirs / sum).abs() < 1e-3, "{ours} and {}", theirs / sum);
        }
    }
}

#[test]
fn one_image_and_an_image_of_zeros_can_vote() {
    let new = |features: Vec<f16>, labels: Vec<u16>| {
        let mut training = Training::new(features, labels, SMALL, 2, Settings::of(Preset::Nearest)).unwrap();
        training.run().unwrap();
        training.best().head
    };
    let (features, _) = examples(1, SMALL, 2, 1);
    let probabilities = new(features.clone(), vec![1]).probabilities(&features).unwrap();
    // One vote for class 1, one split in two.
    check_close("probability", &probabilities, &[0.25, 0.75], 1e-3);
    let zeros = vec![f16::ZERO; SMALL.len()];
    let probabilities = new(zeros.clone(), vec![1]).probabilities(&zeros).unwrap();
    check_close("probability", &probabilities, &[0.5, 0.5], 1e-6);
}

#[test]
fn contributions_and_bias_make_the_score() {
    let shapes = [SMALL, FeatureShape { height: 2, width: 4, channels: 7 }];
    for (shape, preset) in shapes.into_iter().flat_map(|shape| Preset::ALL.map(|preset| (shape, preset))) {
        let mut head = fresh(preset, shape, 3, 6);
        shake(&mut head);
        for seed in 0..20 {
            let (features, _) = examples(1, shape, 3, seed);
            for class in 0..3 {
                let found = head.contributions(&features, class).unwrap();
                if preset == Preset::Nearest {
                    assert_eq!(found, None);
                    continue;
                }
                let found = found.expect("places");
                let less = usize::from(preset == Preset::Strong);
                assert_eq!((found.height, found.width), (shape.height - less, shape.width - less));
                assert_eq!(found.values.len(), found.height * found.width);
                let sum = found.values.iter().sum::<f32>() + found.bias;
                let scale = found.values.iter().map(|value| value.abs()).sum::<f32>() + found.bias.abs();
                let score = head.logits(&features).unwrap()[usize::from(class)];
                assert!((sum - score).abs() <= 1e-4 * scale, "{preset:?} {shape:?}: {sum} and {score}");
            }
        }
        let (features, _) = examples(2, shape, 3, 1);
        assert!(matches!(head.contributions(&features, 0), Err(HeadError::Length { .. })));
        assert_eq!(head.contributions(&features[..shape.len()], 3), Err(HeadError::Label(3)));
    }
}

#[test]
fn a_change_in_one_place_changes_the_contributions_it_is_seen_by() {
    let (features, _) = examples(1, SMALL, 3, 4);
    let mut other = features.clone();
    // The bottom right place.
    other[8 * 5..].iter_mut().for_each(|value| *value = f16::from_f32(3.0));
    for (preset, changed) in [(Preset::Notebook, 8), (Preset::Quick, 8), (Preset::Strong, 3)] {
        let mut head = fresh(preset, SMALL, 3, 16);
        shake(&mut head);
        let before = head.contributions(&features, 1).unwrap().unwrap();
        let after = head.contributions(&other, 1).unwrap().unwrap();
        let places: Vec<usize> =
            (0..before.values.len()).filter(|at| before.values[*at] != after.values[*at]).collect();
        assert_eq!(places, [changed], "{preset:?}");
        assert_eq!(before.bias, after.bias);
    }
}

#[test]
fn patience_ends_a_training_that_gets_no_better() {
    // Labels that say nothing about the validation images: their loss soon rises.
    let (features, mut labels) = examples(100, SMALL, 2, 1);
    labels.iter_mut().enumerate().for_each(|(at, label)| *label = u16::from(at >= 80));
    let train = |patience| {
        let settings = Settings { epochs: 30, filters: 4, patience, ..Settings::notebook() };
        let mut training = Training::new(features.clone(), labels.clone(), SMALL, 2, settings).unwrap();
        let reports = training.run().unwrap();
        (reports, training.best().epoch)
    };
    let (all, best) = train(None);
    assert_eq!((all.len(), best), (30, 1));
    for patience in [1, 3] {
        let (some, best) = train(Some(patience));
        assert_eq!((some.len() as u32, best), (1 + patience, 1));
        assert_eq!(some, all[..some.len()]);
    }
}

#[test]
fn the_last_fifth_validates() {
    // The last fifth has another class than all others: a split after shuffling would mix it in.
    let (features, mut labels) = examples(100, SMALL, 2, 1);
    labels.iter_mut().enumerate().for_each(|(at, label)| *label = u16::from(at >= 80));
    let settings =
        Settings { epochs: 20, filters: 4, dropout_map: 0.0, dropout_pooled: 0.0, ..Settings::notebook() };
    let mut training = Training::new(features, labels, SMALL, 2, settings).unwrap();
    let last = training.run().unwrap().pop().unwrap();
    assert!(last.accuracy > 0.95 && last.val_accuracy < 0.05, "{last:?}");
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let settings = Settings { filters: 4, ..Settings::notebook() };
    let new = |images: usize, settings| {
        let (features, labels) = examples(images, SMALL, 2, 1);
        Training::new(features, labels, SMALL, 2, settings).err()
    };
    assert_eq!(new(0, settings), Some(HeadError::TooFew { train: 0, validation: 0 }));
    assert_eq!(new(1, settings), Some(HeadError::TooFew { train: 0, validation: 1 }));
    assert_eq!(new(2, settings), None);
    /// A setting's name, and what puts it out of range.
    type Case<'a> = (&'a str, &'a dyn Fn(&mut Settings));
    let refused: [Case; 12] = [
        ("epochs", &|settings| settings.epochs = 0),
        ("epochs", &|settings| settings.epochs = u32::MAX),
        ("batch", &|settings| settings.batch = 0),
        ("batch", &|settings| settings.batch = u32::MAX),
        ("learning_rate", &|settings| settings.learning_rate = f32::NAN),
        ("learning_rate", &|settings| settings.learning_rate = 0.0),
        ("validation_share", &|settings| settings.validation_share = 1.0),
        ("dropout_map", &|settings| settings.dropout_map = 1.0),
        ("dropout_pooled", &|settings| settings.dropout_pooled = -0.1),
        ("filters", &|settings| settings.filters = usize::MAX),
        ("patience", &|settings| settings.patience = Some(0)),
        ("patience", &|settings| settings.patience = Some(u32::MAX)),
    ];
    for (name, change) in refused {
        let mut changed = settings;
        change(&mut changed);
        assert_eq!(new(9, changed), Some(HeadError::Setting(name)));
    }
    let (_, labels) = examples(9, SMALL, 2, 1);
    let other = Settings { preset: Preset::Quick, ..settings };
    let head = fresh(Preset::Notebook, SMALL, 2, 4);
    let mixed = Trainer::from_head(labels, head, other).err();
    assert_eq!(mixed, Some(HeadError::Setting("preset")));
    let nearest = Settings::of(Preset::Nearest);
    assert_eq!(new(0, nearest), Some(HeadError::TooFew { train: 0, validation: 0 }));
    assert_eq!(new(1, nearest), None);
    let (features, labels) = examples(9, SMALL, 2, 1);
    let classes = Trainer::new(labels.clone(), SMALL, 1, settings).err();
    assert_eq!(classes, Some(HeadError::Label(1)));
    let mut short = Training::new(features[1..].to_vec(), labels, SMALL, 2, settings).unwrap();
    assert_eq!(short.run(), Err(TrainError::Short(0)));
    let flat = FeatureShape { height: 1, width: 3, channels: 5 };
    assert!(matches!(Head::new(flat, 2, &settings, &mut Random::new(1)), Err(HeadError::Shape(..))));
}

#[test]
fn a_loss_that_explodes_is_an_error() {
    let (features, labels) = examples(50, SMALL, 2, 1);
    let settings = Settings { learning_rate: 1e30, filters: 4, ..Settings::notebook() };
    let mut training = Training::new(features, labels, SMALL, 2, settings).unwrap();
    assert!(matches!(training.run(), Err(TrainError::Head(HeadError::Diverged(_)))));
}

#[test]
fn an_image_has_the_same_probabilities_in_any_company() {
    let shape = FeatureShape { height: 3, width: 3, channels: 320 };
    let (features, _) = examples(67, shape, 10, 1);
    for preset in Preset::ALL {
        let mut head = fresh(preset, shape, 10, 100);
        if preset == Preset::Nearest {
            let (features, labels) = examples(1_500, shape, 10, 4);
            let mut training = Training::new(features, labels, shape, 10, Settings::of(preset)).unwrap();
            training.run().unwrap();
            head = training.best().head;
        }
        shake(&mut head);
        let bits = |images: usize| -> Vec<u32> {
            let parts = features.chunks(images * shape.len());
            parts.flat_map(|part| head.probabilities(part).unwrap()).map(f32::to_bits).collect()
        };
        let together = bits(67);
        for images in [1, 2, 3, 8, 13, 66] {
            assert!(bits(images) == together, "{preset:?}: {images} at once");
        }
        assert_eq!(head.probabilities(&[]), Ok(Vec::new()));
    }
}
