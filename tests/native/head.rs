//! The head against finite differences, against Keras, and against itself.

use bottleneck::backbone::FeatureShape;
use bottleneck::head::{
    Batch, Dropout, EpochReport, Gradient, Head, HeadError, Settings, Step, Trainer, Workspace, most_probable,
};
use bottleneck::random::Random;
use half::f16;
use serde::Deserialize;

const SMALL: FeatureShape = FeatureShape { height: 3, width: 3, channels: 5 };

/// Features in [-1, 1) and labels that a head can learn: the class brightens one channel.
fn examples(images: usize, shape: FeatureShape, classes: usize, seed: u64) -> (Vec<f16>, Vec<u16>) {
    let mut random = Random::new(seed);
    let labels: Vec<u16> = (0..images).map(|_| random.below(classes as u32) as u16).collect();
    let features = labels.iter().flat_map(|&label| {
        let places = (0..shape.len()).map(|at| (at % shape.channels == usize::from(label)) as u8);
        places.map(|bright| f16::from_f32(random.between(-1.0, 1.0) + f32::from(bright))).collect::<Vec<_>>()
    });
    (features.collect(), labels)
}

fn run(trainer: &mut Trainer) -> Result<Vec<EpochReport>, HeadError> {
    let mut reports = Vec::new();
    loop {
        match trainer.step()? {
            Step::Batch { done, total } => assert!(done <= total),
            Step::Epoch(report) => reports.push(report),
            Step::Done => return Ok(reports),
        }
    }
}

/// The mean cross-entropy and its gradient, with the same dropout masks at every call.
fn loss_and_gradient(head: &Head, features: &[f16], labels: &[u16]) -> (f64, Gradient) {
    let images: Vec<u32> = (0..labels.len() as u32).collect();
    let mut random = Random::new(7);
    let dropout = Dropout { map: 0.4, pooled: 0.3, random: &mut random };
    let mut workspace = Workspace::new(head, images.len());
    let (loss, _) = workspace.run(head, &Batch { features, labels, images: &images }, dropout);
    (loss / labels.len() as f64, workspace.gradient)
}

#[test]
fn gradients_equal_finite_differences() {
    let (features, labels) = examples(6, SMALL, 3, 1);
    let head = Head::new(SMALL, 3, 4, &mut Random::new(2)).unwrap();
    let (_, gradient) = loss_and_gradient(&head, &features, &labels);
    type Pick = (&'static str, fn(&mut Head) -> &mut Vec<f32>, fn(&Gradient) -> &Vec<f32>);
    let parts: [Pick; 4] = [
        ("kernel", |head| &mut head.kernel, |gradient| &gradient.kernel),
        ("bias", |head| &mut head.bias, |gradient| &gradient.bias),
        ("dense kernel", |head| &mut head.dense_kernel, |gradient| &gradient.dense_kernel),
        ("dense bias", |head| &mut head.dense_bias, |gradient| &gradient.dense_bias),
    ];
    // The loss is computed in float32: a step of 1e-2 keeps both its rounding (1e-7 / 1e-2)
    // and the third-order term of the central difference (1e-4 / 6 of its third derivative)
    // below 1e-4.
    const STEP: f32 = 1e-2;
    for (name, of_head, of_gradient) in parts {
        for at in 0..of_gradient(&gradient).len() {
            let loss_at = |by: f32| {
                let mut moved = head.clone();
                of_head(&mut moved)[at] += by;
                loss_and_gradient(&moved, &features, &labels).0
            };
            let difference = (loss_at(STEP) - loss_at(-STEP)) / (2.0 * f64::from(STEP));
            let analytic = f64::from(of_gradient(&gradient)[at]);
            assert!((difference - analytic).abs() < 1e-4, "{name} {at}: {difference} and {analytic}");
        }
    }
}

/// What tests/fixtures/make_head_keras.py wrote.
#[derive(Deserialize)]
struct Keras {
    loss: Vec<f32>,
    accuracy: Vec<f32>,
    val_loss: Vec<f32>,
    val_accuracy: Vec<f32>,
    dense_bias: Vec<f32>,
    kernel_sum_of_squares: f64,
}

/// The formula that the script and this test share: fractions of multiples of an odd number.
fn weyl(index: usize, salt: u32) -> f32 {
    let bits = (index as u32).wrapping_add(salt).wrapping_mul(2_654_435_769);
    let mixed = (bits ^ bits >> 15).wrapping_mul(2_246_822_519);
    ((mixed ^ mixed >> 13) >> 8) as f32 / (1 << 23) as f32 - 1.0
}

#[test]
fn three_epochs_equal_keras() {
    let keras: Keras = serde_json::from_str(include_str!("../fixtures/head_keras.json")).unwrap();
    let shape = FeatureShape { height: 3, width: 3, channels: 64 };
    let (images, classes, filters) = (400, 10, 100);
    let labels: Vec<u16> = (0..images).map(|i| (i * 7 % classes) as u16).collect();
    let features: Vec<f16> = (0..images * shape.len())
        .map(|at| {
            let (image, channel) = (at / shape.len(), at % shape.channels);
            let bright = if channel % classes == usize::from(labels[image]) { 0.25 } else { 0.0 };
            f16::from_f32(weyl(at, 1) + bright)
        })
        .collect();
    let mut head = Head::new(shape, classes, filters, &mut Random::new(1)).unwrap();
    // Keras keeps the kernel as 2 x 2 x channels x filters.
    let window = 4 * shape.channels;
    for filter in 0..filters {
        for at in 0..window {
            head.kernel[filter * window + at] = weyl(at * filters + filter, 2) * 0.05;
        }
    }
    head.dense_kernel.iter_mut().enumerate().for_each(|(at, weight)| *weight = weyl(at, 3) * 0.2);

    let settings =
        Settings { epochs: 3, dropout_map: 0.0, dropout_pooled: 0.0, shuffle: false, ..Settings::notebook() };
    let mut trainer = Trainer::from_head(features, labels, head, Random::new(1), settings).unwrap();
    let reports = run(&mut trainer).unwrap();
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
    for (ours, theirs) in trainer.head().dense_bias.iter().zip(&keras.dense_bias) {
        assert!((ours - theirs).abs() < 1e-4, "dense bias {ours} and {theirs}");
    }
    let squares: f64 = trainer.head().kernel.iter().map(|weight| f64::from(*weight).powi(2)).sum();
    assert!((squares / keras.kernel_sum_of_squares - 1.0).abs() < 1e-4);
}

#[test]
fn one_seed_gives_the_same_bits_and_another_does_not() {
    let train = |seed| {
        let (features, labels) = examples(90, SMALL, 3, 1);
        let settings = Settings { epochs: 4, batch: 16, filters: 8, seed, ..Settings::notebook() };
        let mut trainer = Trainer::new(features, labels, SMALL, 3, settings).unwrap();
        run(&mut trainer).unwrap();
        trainer.into_best().unwrap()
    };
    assert_eq!(train(5), train(5));
    assert_ne!(train(5).head, train(6).head);
}

#[test]
fn a_learnable_task_is_learnt_and_the_best_epoch_kept() {
    let (features, labels) = examples(400, SMALL, 4, 1);
    let settings = Settings { epochs: 30, filters: 16, ..Settings::notebook() };
    let mut trainer = Trainer::new(features, labels, SMALL, 4, settings).unwrap();
    let reports = run(&mut trainer).unwrap();
    let lowest = reports.iter().map(|report| report.val_loss).fold(f32::INFINITY, f32::min);
    let best = trainer.into_best().unwrap();
    assert_eq!(best.val_loss, lowest);
    assert_eq!(reports[best.epoch as usize - 1].val_loss, lowest);
    let (test, test_labels) = examples(200, SMALL, 4, 2);
    let probabilities = best.head.probabilities(&test).unwrap();
    let answers = probabilities.chunks(4).map(most_probable);
    let right = answers.zip(&test_labels).filter(|(answer, label)| *answer == usize::from(**label)).count();
    assert!(right >= 195, "{right} of 200");
    for row in probabilities.chunks(4) {
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn the_last_fifth_validates() {
    // The last fifth has another class than all others: a split after shuffling would mix it in.
    let (features, mut labels) = examples(100, SMALL, 2, 1);
    labels.iter_mut().enumerate().for_each(|(at, label)| *label = u16::from(at >= 80));
    let settings =
        Settings { epochs: 20, filters: 4, dropout_map: 0.0, dropout_pooled: 0.0, ..Settings::notebook() };
    let mut trainer = Trainer::new(features, labels, SMALL, 2, settings).unwrap();
    let last = run(&mut trainer).unwrap().pop().unwrap();
    assert!(last.accuracy > 0.95 && last.val_accuracy < 0.05, "{last:?}");
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let settings = Settings { filters: 4, ..Settings::notebook() };
    let new = |images: usize, settings| {
        let (features, labels) = examples(images, SMALL, 2, 1);
        Trainer::new(features, labels, SMALL, 2, settings).err()
    };
    assert_eq!(new(0, settings), Some(HeadError::TooFew { train: 0, validation: 0 }));
    assert_eq!(new(1, settings), Some(HeadError::TooFew { train: 0, validation: 1 }));
    assert_eq!(new(2, settings), None);
    assert_eq!(new(9, Settings { epochs: 0, ..settings }), Some(HeadError::Setting("epochs")));
    assert_eq!(new(9, Settings { filters: usize::MAX, ..settings }), Some(HeadError::Setting("filters")));
    assert_eq!(
        new(9, Settings { learning_rate: f32::NAN, ..settings }),
        Some(HeadError::Setting("learning_rate"))
    );
    let (features, labels) = examples(9, SMALL, 2, 1);
    let classes = Trainer::new(features.clone(), labels.clone(), SMALL, 1, settings).err();
    assert_eq!(classes, Some(HeadError::Label(1)));
    let short = Trainer::new(features[1..].to_vec(), labels, SMALL, 2, settings).err();
    assert!(matches!(short, Some(HeadError::Length { .. })), "{short:?}");
    let flat = FeatureShape { height: 1, width: 3, channels: 5 };
    assert!(matches!(Head::new(flat, 2, 4, &mut Random::new(1)), Err(HeadError::Shape(..))));
}

#[test]
fn a_loss_that_explodes_is_an_error() {
    let (features, labels) = examples(50, SMALL, 2, 1);
    let settings = Settings { learning_rate: 1e30, filters: 4, ..Settings::notebook() };
    let mut trainer = Trainer::new(features, labels, SMALL, 2, settings).unwrap();
    assert!(matches!(run(&mut trainer), Err(HeadError::Diverged(_))));
}

#[test]
fn bytes_come_back_as_the_same_head_or_not_at_all() {
    let head = Head::new(SMALL, 3, 4, &mut Random::new(2)).unwrap();
    let bytes = head.to_bytes().unwrap();
    assert_eq!(Head::from_bytes(&bytes), Ok(head.clone()));
    for length in 0..bytes.len() {
        assert!(Head::from_bytes(&bytes[..length]).is_err(), "cut after {length} bytes");
    }
    let mut random = Random::new(3);
    for _ in 0..5_000 {
        let mut broken = bytes.clone();
        let at = random.below(broken.len() as u32) as usize;
        broken[at] = random.bits() as u8;
        // A changed weight is a head all the same; it must fit its shape and not panic.
        if let Ok(other) = Head::from_bytes(&broken) {
            assert_eq!(other.kernel.len(), other.filters() * 4 * other.shape().channels);
        }
    }
}

/// A head's bytes with sizes that fit its weights, whatever they are.
fn head_of(height: &str, width: &str, channels: usize) -> Vec<u8> {
    use safetensors::tensor::{Dtype, TensorView};
    let zeros = vec![0; 4 * 4 * channels.max(4)];
    let tensor = |shape: &[usize]| {
        let bytes = &zeros[..4 * shape.iter().product::<usize>()];
        TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap()
    };
    let tensors = [
        ("kernel", tensor(&[1, 4 * channels])),
        ("bias", tensor(&[1])),
        ("dense_kernel", tensor(&[1, 2])),
        ("dense_bias", tensor(&[2])),
    ];
    let metadata = [
        ("version", "1".to_owned()),
        ("height", height.to_owned()),
        ("width", width.to_owned()),
        ("channels", channels.to_string()),
    ];
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
    safetensors::serialize(tensors, Some(metadata)).unwrap()
}

#[test]
fn a_head_of_impossible_sizes_is_refused() {
    assert!(Head::from_bytes(&head_of("3", "3", 5)).is_ok());
    // Nothing at a place, no place for a window, and sizes whose product leaves 32 or 64 bits.
    let huge = usize::MAX.to_string();
    for (height, width, channels) in [
        ("3", "3", 0),
        ("1", "3", 5),
        ("3", "0", 5),
        ("65536", "65536", 1),
        (&huge, &huge, 1),
        ("-3", "3", 5),
        ("", "3", 5),
    ] {
        let head = Head::from_bytes(&head_of(height, width, channels));
        assert!(matches!(head, Err(HeadError::Unreadable(_))), "{height} x {width} x {channels}: {head:?}");
    }
}

#[test]
fn an_image_has_the_same_probabilities_in_any_company() {
    let shape = FeatureShape { height: 3, width: 3, channels: 320 };
    let (features, _) = examples(67, shape, 10, 1);
    let head = Head::new(shape, 10, 100, &mut Random::new(2)).unwrap();
    let bits = |images: usize| -> Vec<u32> {
        let parts = features.chunks(images * shape.len());
        parts.flat_map(|part| head.probabilities(part).unwrap()).map(f32::to_bits).collect()
    };
    let together = bits(67);
    for images in [1, 2, 3, 8, 13, 66] {
        assert!(bits(images) == together, "{images} at once");
    }
    assert_eq!(head.probabilities(&[]), Ok(Vec::new()));
}
