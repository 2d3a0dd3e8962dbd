//! Wilson's interval against SciPy 1.17: `binomtest(correct, total).proportion_ci(0.95, "wilson")`.

use bottleneck::metrics::wilson_interval;

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
