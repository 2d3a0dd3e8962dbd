//! When an answer is withheld: calibration, and distances from what was learnt.

use bottleneck::backbone::FeatureShape;
use bottleneck::head::{Doubt, Judged, Preset, Settings, Tally, Thresholds};
use bottleneck::random::Random;
use half::f16;

use crate::head::{Training, examples, fresh};

const SHAPE: FeatureShape = FeatureShape { height: 3, width: 3, channels: 8 };

fn judged(confidence: f32, distance: f32, right: bool) -> Judged {
    Judged { answer: 0, confidence, distance, right }
}

#[test]
fn the_confidence_is_the_lowest_from_which_nine_of_ten_are_right() {
    // Below 0.6 half of the answers are right, from there on nineteen of twenty.
    let mut answers: Vec<Judged> =
        (0..40).map(|at| judged(0.4 + at as f32 * 0.005, 0.1, at % 2 == 0)).collect();
    answers.extend((0..40).map(|at| judged(0.6 + at as f32 * 0.01, 0.1, at % 20 != 7)));
    let found = Thresholds::calibrated(&answers);
    let share = |confidence: f32| {
        let Tally { answered, right } = Thresholds { confidence, distance: 2.0 }.tally(&answers);
        right as f32 / answered as f32
    };
    assert!(share(found.confidence) >= 0.9, "{found:?}");
    assert!(share(found.confidence - 0.01) < 0.9, "{found:?}");
    // A head that is always right always answers.
    let right = [judged(0.3, 0.0, true), judged(0.9, 0.0, true)];
    assert_eq!(Thresholds::calibrated(&right).confidence, 0.0);
    // Where nine of ten are never right, the best there is: here the last answer alone.
    let wrong = [judged(0.3, 0.0, false), judged(0.8, 0.0, false), judged(0.5, 0.0, true)];
    let found = Thresholds::calibrated(&wrong);
    assert!(found.confidence > 0.3 && found.confidence <= 0.5, "{found:?}");
}

#[test]
fn all_but_one_in_a_hundred_validation_images_are_near_enough() {
    let answers: Vec<Judged> = (1..=200).map(|at| judged(0.9, at as f32 / 1_000.0, true)).collect();
    let found = Thresholds::calibrated(&answers);
    // The 198th of 200 lies at 0.198; the limit is a whole hundredth.
    assert!((found.distance - 0.2).abs() < 1e-6, "{found:?}");
    assert_eq!(found.tally(&answers).answered, 200);
    let few = [judged(0.9, 0.314, true)];
    assert!((Thresholds::calibrated(&few).distance - 0.32).abs() < 1e-6);
    assert_eq!(Thresholds::calibrated(&[]), Thresholds::default());
    assert_eq!(Thresholds::default().doubt(0.0, 2.0), None);
}

#[test]
fn higher_thresholds_answer_less() {
    let mut random = Random::new(4);
    let answers: Vec<Judged> = (0..300)
        .map(|_| judged(random.between(0.1, 1.0), random.between(0.0, 0.8), random.below(3) > 0))
        .collect();
    let mut before = Thresholds::default().tally(&answers);
    assert_eq!(before.answered, 300);
    for step in 1..=20 {
        let by = step as f32 / 20.0;
        let now = Thresholds { confidence: by, distance: 2.0 - 2.0 * by }.tally(&answers);
        assert!(now.answered <= before.answered && now.right <= before.right && now.right <= now.answered);
        before = now;
    }
    assert_eq!(before, Tally::default());
    let strict = Thresholds { confidence: 0.5, distance: 0.3 };
    assert_eq!(strict.doubt(0.5, 0.3), None);
    assert_eq!(strict.doubt(0.49, 0.3), Some(Doubt::Unsure));
    assert_eq!(strict.doubt(0.99, 0.31), Some(Doubt::Unfamiliar));
}

#[test]
fn a_trained_head_knows_what_is_like_its_training_images() {
    let (features, labels) = examples(100, SHAPE, 3, 1);
    // Everything is positive, as behind a ReLU.
    let features: Vec<f16> =
        features.into_iter().map(|value| f16::from_f32(value.to_f32().max(0.0))).collect();
    for preset in Preset::ALL {
        let settings = Settings { epochs: 2, filters: 4, ..Settings::of(preset) };
        let mut training = Training::new(features.clone(), labels.clone(), SHAPE, 3, settings).unwrap();
        training.run().unwrap();
        let best = training.best();
        assert_eq!(best.judged.len(), 20, "{preset:?}: the last fifth");
        assert!(best.judged.iter().all(|judged| (0.0..=1.0).contains(&judged.confidence)));
        let distances = best.head.distances(&features).unwrap();
        // float16 keeps three digits.
        assert!(distances[..80].iter().all(|distance| *distance < 1e-3), "{preset:?}: {distances:?}");
        let validation: Vec<f32> = best.judged.iter().map(|judged| judged.distance).collect();
        assert_eq!(distances[80..], validation);
        assert!(validation.iter().all(|distance| *distance > 1e-3), "{preset:?}: remembered {validation:?}");
        // An image that is bright where no other is, and dark where they are bright.
        let strange: Vec<f16> =
            (0..SHAPE.len()).map(|at| f16::from_f32((at % 8 == 7) as u8 as f32)).collect();
        let far = best.head.distances(&strange).unwrap()[0];
        let thresholds = Thresholds::calibrated(&best.judged);
        assert!(far > thresholds.distance, "{preset:?}: {far} and {thresholds:?}");
        assert_eq!(best.head.distances(&vec![f16::ZERO; SHAPE.len()]).unwrap(), [1.0]);
        assert!(best.head.distances(&features[1..]).is_err());
    }
}

#[test]
fn a_head_that_knows_nothing_of_its_training_is_surprised_by_nothing() {
    let (features, _) = examples(3, SHAPE, 3, 2);
    assert_eq!(fresh(Preset::Notebook, SHAPE, 3, 4).distances(&features), Ok(vec![0.0; 3]));
}

#[test]
fn of_many_training_images_some_stand_for_all() {
    let (features, labels) = examples(4_000, SHAPE, 3, 1);
    let settings = Settings::of(Preset::Nearest);
    let mut training = Training::new(features.clone(), labels, SHAPE, 3, settings).unwrap();
    training.run().unwrap();
    let head = training.best().head;
    let near = head.distances(&features).unwrap().iter().filter(|distance| **distance < 1e-3).count();
    assert!((1_000..1_100).contains(&near), "{near} are remembered");
}
