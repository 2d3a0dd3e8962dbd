//! Heads on features that `benches/head_keras.py --save` has written: how good is each kind, how much
//! does it answer where it may say that it does not know, how far do the notebook's runs scatter, does
//! the order of the images matter, and does it matter how many are mixed at a time?
//!
//! ```text
//! cargo bench --bench head_runs -- FEATURES.npz [RUNS] [heads|order|mixing]
//! ```
#![allow(missing_docs, clippy::unwrap_used)]

use std::env;
use std::fs::File;

use bottleneck::backbone::FeatureShape;
use bottleneck::head::{Best, InMemory, LocalTeam, Preset, Settings, Step, Tally, Thresholds, Trainer};
use bottleneck::random::Random;
use futures::executor::block_on;
use half::f16;
use zip::ZipArchive;

/// The best epoch of 50 is among the first ten.
const EPOCHS: u32 = 12;
const CLASSES: usize = 10;

/// The share of the images in the buffer where the notebook's 40,000 are trained on: 5,461 of them.
const BUFFERED: f64 = 5_461.0 / 40_000.0;

/// Images and their labels.
struct Examples {
    shape: FeatureShape,
    features: Vec<f16>,
    labels: Vec<u16>,
}

/// An array of an `.npz` file, with its shape.
fn array(npz: &mut ZipArchive<File>, name: &str) -> (Vec<u64>, Vec<u16>) {
    let array = npyz::NpyFile::new(npz.by_name(&format!("{name}.npy")).unwrap()).unwrap();
    (array.shape().to_vec(), array.into_vec().unwrap())
}

fn read(file: &str, features: &str, labels: &str) -> Examples {
    let mut npz = ZipArchive::new(File::open(file).unwrap()).unwrap();
    let (shape, bits) = array(&mut npz, features);
    let [_, height, width, channels] = *shape else { panic!("{shape:?}") };
    let [height, width, channels] = [height, width, channels].map(|side| side as usize);
    Examples {
        shape: FeatureShape { height, width, channels },
        features: bits.into_iter().map(f16::from_bits).collect(),
        labels: array(&mut npz, labels).1,
    }
}

/// The same images in another order.
fn ordered(examples: &Examples, order: &[usize]) -> Examples {
    let row = examples.shape.len();
    Examples {
        shape: examples.shape,
        features: order.iter().flat_map(|at| &examples.features[at * row..(at + 1) * row]).copied().collect(),
        labels: order.iter().map(|&at| examples.labels[at]).collect(),
    }
}

/// The numbers of all images, and how many of them, the first ones, are trained on.
fn numbers(examples: &Examples, settings: &Settings) -> (Vec<usize>, usize) {
    let images = examples.labels.len();
    ((0..images).collect(), (images as f64 * (1.0 - settings.validation_share)) as usize)
}

/// The same images, those that are trained on in an order drawn once.
fn drawn_once(examples: &Examples, settings: &Settings) -> Examples {
    let (mut order, train) = numbers(examples, settings);
    Random::new(1_000 + settings.seed).shuffle(&mut order[..train]);
    ordered(examples, &order)
}

/// Trains a head and lets it take the exam: its accuracy, the best epoch, and what is left of its
/// answers where it may say that it does not know.
fn run(train: &Examples, test: &Examples, settings: Settings) -> (f64, Best, Tally) {
    let train = drawn_once(train, &settings);
    let mixed = train.labels.len();
    run_mixing(train, test, settings, mixed)
}

/// The same with the images as they come, so many of them `mixed` at a time.
fn run_mixing(train: Examples, test: &Examples, settings: Settings, mixed: usize) -> (f64, Best, Tally) {
    let Examples { shape, features, labels } = train;
    let mut trainer = Trainer::new(labels, shape, CLASSES, settings).unwrap().mixing(mixed);
    let (mut blocks, mut team) = (InMemory::new(features, shape.len()), LocalTeam::new(1));
    while block_on(trainer.step(&mut blocks, &mut team)).unwrap() != Step::Done {}
    let best = block_on(trainer.best(&mut blocks)).unwrap().unwrap();
    let (row, thresholds) = (shape.len(), Thresholds::calibrated(&best.judged));
    let (mut right, mut tally) = (0, Tally::default());
    for (features, labels) in test.features.chunks(200 * row).zip(test.labels.chunks(200)) {
        let judged = best.head.judge(features, labels).unwrap();
        right += judged.iter().filter(|judged| judged.right).count();
        let Tally { answered, right } = thresholds.tally(&judged);
        tally = Tally { answered: tally.answered + answered, right: tally.right + right };
    }
    (right as f64 / test.labels.len() as f64, best, tally)
}

fn main() {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(file) = arguments.next() else {
        println!("names no file of features: nothing measured");
        return;
    };
    let runs: u64 = arguments.next().map_or(8, |runs| runs.parse().unwrap());
    let part = arguments.next();
    let wanted = |name: &str| part.as_deref().is_none_or(|part| part == name);
    let (train, test) = (read(&file, "x", "y"), read(&file, "x_test", "y_test"));
    if wanted("heads") {
        heads(&train, &test, runs.min(2));
    }
    if wanted("order") {
        orders(&train, &test, runs);
    }
    if wanted("mixing") {
        mixing(&train, &test, runs);
    }
}

/// How good is each kind of head, and how much does it answer?
fn heads(train: &Examples, test: &Examples, runs: u64) {
    for preset in Preset::ALL {
        for seed in 1..=runs {
            let epochs = Settings::of(preset).epochs.min(EPOCHS);
            let settings = Settings { epochs, seed, ..Settings::of(preset) };
            let (accuracy, best, tally) = run(train, test, settings);
            let thresholds = Thresholds::calibrated(&best.judged);
            let answered = f64::from(tally.answered) / test.labels.len() as f64;
            let right = f64::from(tally.right) / f64::from(tally.answered.max(1));
            println!(
                "{} seed {seed}: {accuracy:.4}, epoch {}; {thresholds:?}: answers {answered:.4}, right {right:.4}",
                preset.name(),
                best.epoch
            );
        }
    }
}

/// How far do the notebook's runs scatter, with a new order each epoch and with one for all?
fn orders(train: &Examples, test: &Examples, runs: u64) {
    for shuffle in [true, false] {
        let mut accuracies = Vec::new();
        for seed in 1..=runs {
            let settings = Settings { epochs: EPOCHS, seed, shuffle, ..Settings::notebook() };
            let (accuracy, best, _) = run(train, test, settings);
            println!("seed {seed}: test accuracy {accuracy:.4}, epoch {}", best.epoch);
            accuracies.push(accuracy);
        }
        let mean = accuracies.iter().sum::<f64>() / runs as f64;
        let order = if shuffle { "a new order each epoch" } else { "one order for all epochs" };
        println!("{order}: mean {mean:.4} of {runs} runs");
    }
}

/// Does it matter how many images are mixed at a time?
fn mixing(train: &Examples, test: &Examples, runs: u64) {
    for (order, by_class) in [("in the files' order", false), ("sorted by class", true)] {
        for share in [1.0, BUFFERED] {
            let mut accuracies = Vec::new();
            for seed in 1..=runs {
                let settings = Settings { epochs: EPOCHS, seed, ..Settings::notebook() };
                let (mut order, trained) = numbers(train, &settings);
                if by_class {
                    order[..trained].sort_by_key(|&at| train.labels[at]);
                }
                let mixed = (trained as f64 * share) as usize;
                accuracies.push(run_mixing(ordered(train, &order), test, settings, mixed).0);
            }
            let mean = accuracies.iter().sum::<f64>() / runs as f64;
            accuracies.sort_by(f64::total_cmp);
            let (least, most) = (accuracies[0], accuracies[accuracies.len() - 1]);
            println!("{order}, {share:.3} mixed: mean {mean:.4}, {least:.4} to {most:.4}, of {runs} runs");
        }
    }
}
