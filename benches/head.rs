//! How long a training takes: `cargo bench --bench head [-- CHANNELS]`, one thread.
//!
//! Times the steps of a training on 3 x 3 x CHANNELS features (2048, those of the notebook's
//! backbone, where none is given) with the notebook's settings, and reports what an epoch of
//! CIFAR-10 would take. A batch's floating-point operations are those of the convolution and
//! of its kernel's gradient; everything else is less than a hundredth of them.

use std::time::{Duration, Instant};

use bottleneck::backbone::FeatureShape;
use bottleneck::head::{InMemory, LocalTeam, Settings, Step, TrainError, Trainer};
use bottleneck::random::Random;
use futures::executor::block_on;
use half::f16;

const CLASSES: usize = 10;
/// 400 of them are trained on, 100 validate: 8 batches and one part of the validation.
const IMAGES: usize = 500;
const VALIDATION: usize = IMAGES / 5;
/// CIFAR-10's training images: 40,000 to train on, 10,000 to validate.
const CIFAR10: usize = 50_000;

fn main() -> Result<(), TrainError<std::convert::Infallible>> {
    let channels = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(2048);
    let shape = FeatureShape { height: 3, width: 3, channels };
    let mut random = Random::new(1);
    let features: Vec<f16> = (0..IMAGES * shape.len()).map(|_| f16::from_f32(random.unit())).collect();
    let labels: Vec<u16> = (0..IMAGES).map(|_| random.below(CLASSES as u32) as u16).collect();
    let settings = Settings { epochs: 6, ..Settings::notebook() };
    let mut trainer = Trainer::new(labels, shape, CLASSES, settings)?;
    let (mut blocks, mut team) = (InMemory::new(features, shape.len()), LocalTeam::new(1));

    let (mut batches, mut validations) = (Vec::new(), Vec::new());
    loop {
        let begun = Instant::now();
        let step = block_on(trainer.step(&mut blocks, &mut team))?;
        match step {
            Step::Batch { .. } => batches.push(begun.elapsed()),
            Step::Epoch(_) => validations.push(begun.elapsed()),
            Step::Done => break,
        }
    }
    let images = settings.batch as usize;
    let (batch, validation) = (median(&mut batches), median(&mut validations));
    let places = (shape.height - 1) * (shape.width - 1);
    let multiplications = images * places * 4 * channels * settings.filters;
    // A multiplication and an addition each, once forward and once for the gradient.
    let operations = 4.0 * multiplications as f64;
    let trained = CIFAR10 - CIFAR10 / 5;
    let epoch = batch * (trained / images) as u32 + validation * (CIFAR10 / 5 / VALIDATION) as u32;
    println!("features 3 x 3 x {channels}, {} filters, batches of {}", settings.filters, images);
    println!(
        "one batch      {:7.2} ms  {:5.1} GFLOP/s",
        1e3 * batch.as_secs_f64(),
        operations / batch.as_secs_f64() / 1e9
    );
    println!("{VALIDATION} validated  {:7.2} ms", 1e3 * validation.as_secs_f64());
    println!("CIFAR-10 epoch {:7.2} s", epoch.as_secs_f64());
    Ok(())
}

/// The middle one: a first slow step, or one that another program disturbed, does not count.
fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
