//! Heads against Keras: three epochs without chance.

use std::collections::HashMap;

use bottleneck::backbone::FeatureShape;
use bottleneck::head::{EpochReport, Head, Preset, Settings, Trainer};
use half::f16;
use serde::Deserialize;

use crate::head::{Training, check_close, fresh};

/// What tests/fixtures/make_head_keras.py wrote of the notebook's head.
#[derive(Deserialize)]
struct Keras {
    #[serde(flatten)]
    curves: Curves,
    dense_bias: Vec<f32>,
    kernel_sum_of_squares: f64,
}

/// What it wrote of another.
#[derive(Deserialize)]
struct Keras3 {
    #[serde(flatten)]
    curves: Curves,
    gamma: Vec<f32>,
    beta: Vec<f32>,
    moving_mean: Vec<f32>,
    moving_variance: Vec<f32>,
    /// Of the first three images.
    probabilities: Vec<f32>,
}

/// Every epoch's figures.
#[derive(Deserialize)]
struct Curves {
    loss: Vec<f32>,
    accuracy: Vec<f32>,
    val_loss: Vec<f32>,
    val_accuracy: Vec<f32>,
}

/// The formula that the script and this test share: fractions of multiples of an odd number.
fn weyl(index: usize, salt: u32) -> f32 {
    let bits = (index as u32).wrapping_add(salt).wrapping_mul(2_654_435_769);
    let mixed = (bits ^ bits >> 15).wrapping_mul(2_246_822_519);
    ((mixed ^ mixed >> 13) >> 8) as f32 / (1 << 23) as f32 - 1.0
}

const KERAS_SHAPE: FeatureShape = FeatureShape { height: 3, width: 3, channels: 64 };
const KERAS_CLASSES: usize = 10;

/// The script's features, labels and first weights.
fn keras_start(preset: Preset, filters: usize) -> (Vec<f16>, Vec<u16>, Head) {
    let (shape, classes) = (KERAS_SHAPE, KERAS_CLASSES);
    let labels: Vec<u16> = (0..400).map(|i| (i * 7 % classes) as u16).collect();
    let features: Vec<f16> = (0..labels.len() * shape.len())
        .map(|at| {
            let (image, channel) = (at / shape.len(), at % shape.channels);
            let bright = if channel % classes == usize::from(labels[image]) { 0.25 } else { 0.0 };
            f16::from_f32(weyl(at, 1) + bright)
        })
        .collect();
    let mut head = fresh(preset, shape, classes, filters);
    // Keras keeps the kernel as 2 x 2 x channels x filters.
    let window = 4 * shape.channels;
    for (place, weight) in head.weights.kernel.iter_mut().enumerate() {
        *weight = weyl(place % window * filters + place / window, 2) * 0.05;
    }
    head.weights.dense_kernel.iter_mut().enumerate().for_each(|(at, weight)| *weight = weyl(at, 3) * 0.2);
    (features, labels, head)
}

/// Three epochs without chance.
fn keras_epochs(preset: Preset, filters: usize) -> (Vec<EpochReport>, Head) {
    let (features, labels, head) = keras_start(preset, filters);
    let calm =
        Settings { epochs: 3, batch: 50, dropout_map: 0.0, dropout_pooled: 0.0, ..Settings::of(preset) };
    let settings = Settings { shuffle: false, filters, ..calm };
    let trainer = Trainer::from_head(labels, head, settings).unwrap();
    let mut training = Training::of(trainer, features, KERAS_SHAPE);
    (training.run().unwrap(), training.trainer.progress().head.clone())
}

fn check_epochs(reports: &[EpochReport], keras: &Curves) {
    assert_eq!(reports.len(), keras.loss.len());
    for (epoch, report) in reports.iter().enumerate() {
        for (name, ours, theirs) in
            [("loss", report.loss, keras.loss[epoch]), ("val_loss", report.val_loss, keras.val_loss[epoch])]
        {
            assert!((ours - theirs).abs() <= 1e-4 * theirs, "{name} of epoch {epoch}: {ours} and {theirs}");
        }
        assert!((report.accuracy - keras.accuracy[epoch]).abs() < 1e-6, "accuracy of epoch {epoch}");
        assert!(
            (report.val_accuracy - keras.val_accuracy[epoch]).abs() < 1e-6,
            "val_accuracy of epoch {epoch}"
        );
    }
}

#[test]
fn three_epochs_equal_keras() {
    let keras: Keras = serde_json::from_str(include_str!("../fixtures/head_keras.json")).unwrap();
    let (reports, head) = keras_epochs(Preset::Notebook, 100);
    check_epochs(&reports, &keras.curves);
    let weights = &head.weights;
    check_close("dense bias", &weights.dense_bias, &keras.dense_bias, 1e-4);
    let squares: f64 = weights.kernel.iter().map(|weight| f64::from(*weight).powi(2)).sum();
    assert!((squares / keras.kernel_sum_of_squares - 1.0).abs() < 1e-4);
}

#[test]
fn three_epochs_with_batch_norm_and_adam_equal_keras_3() {
    let keras: HashMap<String, Keras3> =
        serde_json::from_str(include_str!("../fixtures/head_keras3.json")).unwrap();
    for (preset, filters) in [(Preset::Quick, 100), (Preset::Strong, 32)] {
        let keras = &keras[preset.name()];
        let (reports, head) = keras_epochs(preset, filters);
        check_epochs(&reports, &keras.curves);
        check_close("gamma", &head.weights.gamma, &keras.gamma, 1e-4);
        check_close("beta", &head.weights.beta, &keras.beta, 1e-4);
        check_close("moving mean", &head.statistics.mean, &keras.moving_mean, 1e-5);
        check_close("moving variance", &head.statistics.variance, &keras.moving_variance, 1e-5);
        let (features, ..) = keras_start(preset, filters);
        let probabilities = head.probabilities(&features[..3 * KERAS_SHAPE.len()]).unwrap();
        check_close("probability", &probabilities, &keras.probabilities, 1e-4);
    }
}
