//! Wilson's interval against SciPy 1.17: `binomtest(correct, total).proportion_ci(0.95, "wilson")`;
//! the confusion matrix against scikit-learn.

use bottleneck::metrics::{ClassFigures, ConfusionMatrix, Reliability, UnknownClass, wilson_interval};
use bottleneck::protocol::{decode, encode};
use serde::Deserialize;

#[test]
fn the_interval_equals_scipy_s() {
    let cases = [
        (0, 10, 0.0, 0.277_532_799_862_889),
        (10, 10, 0.722_467_200_137_111, 1.0),
        (5, 10, 0.236_593_090_512_564, 0.763_406_909_487_436),
        (158, 200, 0.728_353_831_400_975, 0.840_715_879_300_21),
        (8_246, 10_000, 0.817_021_826_138_976, 0.831_928_882_118_781),
    ];
    for (correct, total, low, high) in cases {
        let (got_low, got_high) = wilson_interval(correct, total);
        assert!((got_low - low).abs() < 1e-12, "{correct}/{total}: from {got_low}");
        assert!((got_high - high).abs() < 1e-12, "{correct}/{total}: to {got_high}");
    }
    assert_eq!(wilson_interval(0, 0), (0.0, 1.0));
}

/// What tests/fixtures/make_metrics_sklearn.py wrote.
#[derive(Deserialize)]
struct Sklearn {
    labels: Vec<usize>,
    answers: Vec<usize>,
    matrix: Vec<Vec<u32>>,
    accuracy: f64,
    precision: Vec<f64>,
    recall: Vec<f64>,
    f1: Vec<f64>,
    support: Vec<u32>,
    confidence: Vec<f64>,
    bin_accuracy: Vec<f64>,
    bin_confidence: Vec<f64>,
}

fn sklearn() -> Sklearn {
    serde_json::from_str(include_str!("../fixtures/metrics_sklearn.json")).unwrap()
}

#[test]
fn the_confusion_matrix_equals_scikit_learn_s() {
    let sklearn = sklearn();
    let mut matrix = ConfusionMatrix::new(sklearn.support.len());
    for (&label, &answer) in sklearn.labels.iter().zip(&sklearn.answers) {
        matrix.add(label, answer).unwrap();
    }
    assert_eq!(matrix.counts(), sklearn.matrix.concat());
    assert_eq!(matrix.total() as usize, sklearn.labels.len());
    assert_eq!(f64::from(matrix.correct()) / f64::from(matrix.total()), sklearn.accuracy);
    let figures = matrix.per_class();
    assert_eq!(figures.len(), sklearn.support.len());
    for (class, figures) in figures.iter().enumerate() {
        let expected = [sklearn.precision[class], sklearn.recall[class], sklearn.f1[class]];
        for (ours, theirs) in [figures.precision, figures.recall, figures.f1].iter().zip(expected) {
            assert!((ours - theirs).abs() < 1e-12, "class {class}: {ours} and {theirs}");
        }
        assert_eq!(figures.support, sklearn.support[class]);
    }
}

#[test]
fn a_class_that_does_not_exist_is_refused() {
    let mut matrix = ConfusionMatrix::new(2);
    assert_eq!(matrix.add(0, 2), Err(UnknownClass { class: 2, classes: 2 }));
    assert_eq!(matrix.add(5, 0), Err(UnknownClass { class: 5, classes: 2 }));
    assert_eq!((matrix.total(), matrix.correct()), (0, 0));
    assert_eq!(matrix.per_class(), [ClassFigures::default(); 2]);
    assert!(ConfusionMatrix::new(0).per_class().is_empty());
}

#[test]
fn the_reliability_diagram_equals_scikit_learn_s() {
    let sklearn = sklearn();
    let mut reliability = Reliability::default();
    for ((label, answer), &confidence) in sklearn.labels.iter().zip(&sklearn.answers).zip(&sklearn.confidence)
    {
        reliability.add(confidence, label == answer);
    }
    let filled =
        reliability.bins().iter().filter_map(|bin| Some((bin.accuracy()?, bin.confidence()?, bin.answers)));
    let filled: Vec<_> = filled.collect();
    assert_eq!(filled.len(), sklearn.bin_accuracy.len());
    let mut error = 0.0;
    for (at, &(accuracy, confidence, answers)) in filled.iter().enumerate() {
        assert!((accuracy - sklearn.bin_accuracy[at]).abs() < 1e-12, "bin {at}: {accuracy}");
        assert!((confidence - sklearn.bin_confidence[at]).abs() < 1e-12, "bin {at}: {confidence}");
        error += (accuracy - confidence).abs() * f64::from(answers) / sklearn.labels.len() as f64;
    }
    assert!((reliability.calibration_error() - error).abs() < 1e-12);
    assert_eq!(Reliability::default().calibration_error(), 0.0);
}

#[test]
fn a_matrix_whose_counts_do_not_fit_is_not_read() {
    let whole = encode(&ConfusionMatrix::new(2)).unwrap();
    assert_eq!(decode::<ConfusionMatrix>(&whole), Ok(ConfusionMatrix::new(2)));
    // The first byte is the number of classes.
    for classes in [0, 1, 3, 127] {
        let mut odd = whole.clone();
        odd[0] = classes;
        assert!(decode::<ConfusionMatrix>(&odd).is_err(), "{classes}");
    }
}

#[test]
fn of_a_class_that_the_exam_lacks_nothing_is_known() {
    let mut matrix = ConfusionMatrix::new(2);
    matrix.add(0, 1).unwrap();
    let [first, second] = matrix.per_class()[..] else { panic!("two classes") };
    // Never recognised, and never asked for.
    assert_eq!((first.known(first.recall), second.known(second.recall)), (Some(0.0), None));
}
