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
