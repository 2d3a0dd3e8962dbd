//! Learning curves: which images each point learns from, what a curve says, and how long it takes.

use bottleneck::backbone::FeatureShape;
use bottleneck::head::{InMemory, LocalTeam, Preset, Settings, Step, Trainer};
use bottleneck::learning_curve::{Images, Plan, Point, SHARES, Trend, estimate, plan, trend};
use bottleneck::trainings::Summary;
use futures::executor::block_on;
use half::f16;
use serde::Deserialize;

/// What tests/fixtures/make_learning_curve_sklearn.py wrote.
#[derive(Deserialize)]
struct Sklearn {
    train: Vec<Vec<f32>>,
    train_labels: Vec<u16>,
    validation: usize,
    test: Vec<Vec<f32>>,
    test_labels: Vec<u16>,
    seed: u64,
    /// The training images, so that each share is the first of them.
    order: Vec<usize>,
    sizes: Vec<usize>,
    accuracies: Vec<f64>,
}

fn sklearn() -> Sklearn {
    serde_json::from_str(include_str!("../fixtures/learning_curve_sklearn.json")).unwrap()
}

/// The same values at each of four places, so that their mean is them.
fn features(rows: impl Iterator<Item = impl AsRef<[f32]>>) -> Vec<f16> {
    rows.flat_map(|row| row.as_ref().repeat(4)).map(f16::from_f32).collect()
}

/// The accuracy of nearest neighbours that learnt from these images.
fn accuracy(of: &Sklearn, images: &[usize]) -> f64 {
    let shape = FeatureShape { height: 2, width: 2, channels: of.train[0].len() };
    let labels = images.iter().map(|image| of.train_labels[*image]).collect();
    let settings = Settings::of(Preset::Nearest);
    let mut trainer = Trainer::new(labels, shape, 3, settings).unwrap();
    let mut blocks = InMemory::new(features(images.iter().map(|image| &of.train[*image])), shape.len());
    let mut team = LocalTeam::new(1);
    while block_on(trainer.step(&mut blocks, &mut team)).unwrap() != Step::Done {}
    let best = block_on(trainer.best(&mut blocks)).unwrap().expect("a head");
    let judged = best.head.judge(&features(of.test.iter()), &of.test_labels).unwrap();
    judged.iter().filter(|judged| judged.right).count() as f64 / of.test.len() as f64
}

#[test]
fn sizes_and_accuracies_equal_scikit_learn_s() {
    let sklearn = sklearn();
    let images = Images { labels: &sklearn.train_labels, groups: &[], validation: sklearn.validation };
    let Plan { subsets, left_out } = plan(images, sklearn.seed);
    assert_eq!((subsets.len(), left_out), (SHARES.len(), vec![]));
    for (subset, (size, expected)) in subsets.iter().zip(sklearn.sizes.iter().zip(&sklearn.accuracies)) {
        let mut first = sklearn.order[..*size].to_vec();
        first.sort_unstable();
        assert_eq!(subset.images, first, "{}", subset.share);
        let got = accuracy(&sklearn, &subset.images);
        assert!((got - expected).abs() < 1e-12, "{}: {got} and {expected}", subset.share);
    }
}

/// Labels of classes with so many images each, mixed.
fn labels(counts: &[usize]) -> Vec<u16> {
    let each = |round: usize| {
        (0_u16..).zip(counts).filter(move |(_, count)| round < **count).map(|(class, _)| class)
    };
    (0..counts.iter().copied().max().unwrap_or(0)).flat_map(each).collect()
}

fn has(all: &[usize], some: &[usize]) -> bool {
    some.iter().all(|image| all.contains(image))
}

#[test]
fn each_subset_holds_the_one_before_and_every_class() {
    for counts in [&[50, 50][..], &[200, 3, 1], &[7, 100, 9, 1], &[10; 20]] {
        let labels = labels(counts);
        let validation = labels.len() / 5;
        let images = Images { labels: &labels, groups: &[], validation };
        let made = plan(images, 1);
        assert_eq!(made, plan(images, 1), "one seed, the same subsets");
        if counts[0] > 20 {
            assert_ne!(made, plan(images, 2));
        }
        let last = made.subsets.last().expect("all of them");
        assert_eq!((last.share, last.images.len(), last.validation), (1.0, labels.len(), validation));
        for two in made.subsets.windows(2) {
            assert!(two[0].images.len() < two[1].images.len() && has(&two[1].images, &two[0].images));
        }
        for subset in &made.subsets {
            assert!(subset.images.is_sorted());
            let learnt = labels.len() - validation;
            assert_eq!(subset.images.iter().filter(|image| **image >= learnt).count(), subset.validation);
            for class in 0..counts.len() as u16 {
                let of_class = |all: &[usize]| all.iter().filter(|image| labels[**image] == class).count();
                let (some, all) = (of_class(&subset.images), counts[usize::from(class)]);
                // Rounded for those that are learnt from and those that validate, and one at the least of each.
                let wanted = subset.share * all as f64;
                assert!(some >= 1 && (some as f64 - wanted).abs() <= 2.0, "{some} of {all}");
            }
        }
        let shares: Vec<f64> = made.subsets.iter().map(|subset| subset.share).collect();
        let mut all: Vec<f64> = shares.iter().chain(&made.left_out).copied().collect();
        all.sort_by(f64::total_cmp);
        assert_eq!(all, SHARES);
    }
}

#[test]
fn subsets_that_would_be_the_same_are_left_out() {
    // Two images of each class to learn from, one to validate with: below all of them there is only one of each.
    let labels = [0, 1, 0, 1, 0, 1];
    let made = plan(Images { labels: &labels, groups: &[], validation: 2 }, 1);
    let sizes: Vec<usize> = made.subsets.iter().map(|subset| subset.images.len()).collect();
    assert_eq!((sizes, made.left_out), (vec![4, 6], vec![0.1, 0.2, 0.4]));
    let made = plan(Images { labels: &[0, 1], groups: &[], validation: 0 }, 1);
    assert_eq!((made.subsets.len(), made.left_out), (1, vec![0.1, 0.2, 0.4, 0.7]));
    assert!(plan(Images { labels: &[], groups: &[], validation: 0 }, 1).subsets[0].images.is_empty());
}

#[test]
fn takes_stay_whole() {
    // Eight takes of five pictures each of two classes; the last take of each class validates.
    let labels: Vec<u16> = (0..80).map(|at| (at / 5 % 2) as u16).collect();
    let groups: Vec<u32> = (0..80).map(|at| at / 5).collect();
    let made = plan(Images { labels: &labels, groups: &groups, validation: 10 }, 3);
    for subset in &made.subsets {
        for take in 0..16 {
            let inside = subset.images.iter().filter(|image| groups[**image] == take).count();
            assert!(inside == 0 || inside == 5, "{inside} of take {take}");
        }
        assert_eq!(subset.validation, 10);
    }
    let sizes: Vec<usize> = made.subsets.iter().map(|subset| subset.images.len()).collect();
    assert_eq!(sizes, [20, 30, 40, 60, 80]);
    assert!(made.left_out.is_empty());
}

fn point(images: u32, correct: u32, test: u32) -> Point {
    Point { share: 0.0, images, correct, test }
}

#[test]
fn a_curve_says_what_its_intervals_allow() {
    let curve = |correct: [u32; 5], test: u32| {
        let images = [10, 20, 40, 70, 100];
        images
            .into_iter()
            .zip(correct)
            .map(|(images, correct)| point(images, correct, test))
            .collect::<Vec<_>>()
    };
    assert_eq!(trend(&curve([500, 600, 700, 800, 900], 1_000)), Some(Trend::Rising));
    assert_eq!(trend(&curve([9_000, 9_500, 9_600, 9_610, 9_620], 10_000)), Some(Trend::Flat));
    assert_eq!(trend(&curve([900, 950, 960, 960, 900], 1_000)), Some(Trend::Flat), "it even falls");
    assert_eq!(trend(&curve([5, 6, 7, 8, 9], 10)), Some(Trend::Unsure));
    // It rose early and is as good with 40 % as with all: that is what counts.
    assert_eq!(trend(&curve([1_000, 2_000, 9_000, 9_050, 9_060], 10_000)), Some(Trend::Flat));
    assert_eq!(trend(&[point(10, 5, 10)]), None);
    assert_eq!(trend(&[]), None);
    assert_eq!(trend(&[point(90, 100, 1_000), point(100, 900, 1_000)]), Some(Trend::Rising));
    assert_eq!(trend(&[point(5, 0, 0), point(10, 0, 0)]), Some(Trend::Unsure), "nothing was measured");
}

fn row(id: u32, preset: Preset, train: u32, seconds: f64) -> Summary {
    Summary {
        id,
        name: String::new(),
        network: String::new(),
        settings: Settings::of(preset),
        train,
        test: 10,
        correct: 5,
        seconds,
        made: f64::from(id),
    }
}

#[test]
fn the_time_is_worked_out_from_the_newest_training_of_the_same_head() {
    let quick = Settings::of(Preset::Quick);
    assert_eq!(estimate(&[], &quick, 100), None);
    let rows = [
        row(1, Preset::Quick, 100, 6.0),
        row(2, Preset::Quick, 200, 24.0),
        row(3, Preset::Strong, 200, 500.0),
    ];
    let found = estimate(&rows, &quick, 400).expect("an estimate");
    assert_eq!((found.from, found.same_head), (2, true));
    // 0.12 s an image, of 2.4 times 400.
    assert!((found.seconds - 0.12 * 2.4 * 400.0).abs() < 1e-9, "{}", found.seconds);
    let half = Settings { epochs: quick.epochs / 2, ..quick };
    assert!((estimate(&rows, &half, 400).expect("one").seconds - found.seconds / 2.0).abs() < 1e-9);
    let other = estimate(&rows, &Settings::of(Preset::Nearest), 400).expect("a guess");
    assert_eq!((other.from, other.same_head), (3, false));
    assert_eq!(estimate(&[row(1, Preset::Quick, 0, 1.0)], &quick, 100), None);
}
