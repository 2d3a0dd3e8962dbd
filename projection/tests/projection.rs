//! Maps beside scikit-learn's, and at the edges.
#![allow(clippy::unwrap_used, missing_docs)]

use head::random::Random;
use projection::{MapError, Pca, Reduction, Settings, Tsne, nearest, pca, place};
use serde::Deserialize;

/// What tests/fixtures/make_projection_sklearn.py wrote.
#[derive(Deserialize)]
struct Sklearn {
    digits: Vec<String>,
    labels: String,
    fitted: usize,
    explained: Vec<f64>,
    coordinates: Vec<Vec<f64>>,
    trustworthiness_pca: f64,
    trustworthiness_tsne: f64,
}

/// Values of a digit.
const PIXELS: usize = 64;

impl Sklearn {
    fn read() -> Self {
        serde_json::from_str(include_str!("../../tests/fixtures/projection_sklearn.json")).unwrap()
    }

    fn points(&self) -> Vec<f32> {
        self.digits.iter().flat_map(|digit| digit.chars()).map(|c| c.to_digit(17).unwrap() as f32).collect()
    }

    fn components(&self, count: usize) -> Pca {
        pca(&self.points(), self.digits.len(), PIXELS, count, 1).unwrap()
    }
}

/// How far a map's neighbours are neighbours too in what it is a map of, 1 at best (J. Venna and S. Kaski,
/// Neighborhood preservation in nonlinear projection methods, 2001), as scikit-learn's `trustworthiness`.
fn trustworthiness(high: &[f32], low: &[f32], n: usize, neighbours: usize) -> f64 {
    let order = |points: &[f32], point: usize| -> Vec<usize> {
        let width = points.len() / n;
        let asked = &points[point * width..][..width];
        let found = nearest(points, width, asked, n).unwrap();
        found.into_iter().map(|(other, _)| other).filter(|other| *other != point).collect()
    };
    let mut sum = 0;
    for point in 0..n {
        let mut ranks = vec![0; n];
        for (rank, other) in (1..).zip(order(high, point)) {
            ranks[other] = rank;
        }
        let others = order(low, point).into_iter().take(neighbours);
        sum += others.map(|other| ranks[other].max(neighbours) - neighbours).sum::<usize>();
    }
    let (n, k) = (n as f64, neighbours as f64);
    1.0 - sum as f64 * 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0))
}

/// The map after all steps.
fn finished(points: &[f32], width: usize, settings: Settings) -> Vec<f32> {
    let mut tsne = Tsne::new(points, points.len() / width, width, settings).unwrap();
    while tsne.step() {}
    let (done, total) = tsne.progress();
    assert_eq!(done, total);
    assert!(tsne.positions().iter().all(|value| value.is_finite()));
    tsne.positions().to_vec()
}

fn noise(count: usize, seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..count).map(|_| random.between(-1.0, 1.0)).collect()
}

#[test]
fn components_are_scikit_learn_s() {
    let sklearn = Sklearn::read();
    let (points, count) = (sklearn.points(), sklearn.explained.len());
    let ours = pca(&points[..sklearn.fitted * PIXELS], sklearn.fitted, PIXELS, count, 1).unwrap();
    for (ours, theirs) in ours.explained.iter().zip(&sklearn.explained) {
        assert!((f64::from(*ours) - theirs).abs() < 1e-4 * theirs, "{ours} and {theirs}");
    }
    let further = points.chunks(PIXELS).skip(sklearn.fitted).map(|row| ours.project(row).unwrap());
    let coordinates: Vec<f32> = ours.coordinates.iter().copied().chain(further.flatten()).collect();
    let largest = sklearn.coordinates.iter().flatten().fold(0.0_f64, |most, value| most.max(value.abs()));
    let mut compared = 0;
    for (ours, theirs) in coordinates.iter().zip(sklearn.coordinates.iter().flatten()) {
        assert!((f64::from(*ours) - theirs).abs() < 1e-4 * largest, "{ours} and {theirs}");
        compared += 1;
    }
    assert_eq!(compared, sklearn.digits.len() * count);
}

#[test]
fn axes_are_orthonormal_and_give_the_coordinates() {
    let (n, d, count) = (300, 40, 7);
    let rows = noise(n * d, 3);
    let pca = pca(&rows, n, d, count, 5).unwrap();
    let axes: Vec<&[f32]> = pca.axes.chunks(d).collect();
    for (place, one) in axes.iter().enumerate() {
        for (other, two) in axes.iter().enumerate() {
            let product: f32 = one.iter().zip(*two).map(|(a, b)| a * b).sum();
            assert!((product - f32::from(u8::from(place == other))).abs() < 1e-5);
        }
        let largest = one.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap();
        assert!(largest > 0.0);
    }
    for (row, coordinates) in rows.chunks(d).zip(pca.coordinates.chunks(count)) {
        for (ours, wanted) in pca.project(row).unwrap().iter().zip(coordinates) {
            assert!((ours - wanted).abs() < 1e-5);
        }
    }
    assert!(pca.explained.is_sorted_by(|a, b| a >= b));
}

#[test]
fn a_reduction_counts_its_steps() {
    let rows = noise(1000 * 9, 1);
    let mut reduction = Reduction::new(&rows, 1000, 9, 2, 1).unwrap();
    let (mut steps, total) = (0, reduction.progress().1);
    while reduction.step() {
        steps += 1;
        assert_eq!(reduction.progress(), (steps, total));
    }
    assert_eq!(reduction.progress(), (total, total));
    assert_eq!(reduction.finish(), pca(&rows, 1000, 9, 2, 1).unwrap());
}

#[test]
fn components_that_are_not_there_are_zeros() {
    for (n, d) in [(0, 3), (1, 3), (2, 3), (3, 1), (5, 3)] {
        let pca = pca(&noise(n * d, 1), n, d, 6, 1).unwrap();
        assert_eq!([pca.coordinates.len(), pca.axes.len()], [n * 6, 6 * d]);
        assert_eq!([pca.explained.len(), pca.mean.len()], [6, d]);
        assert!(pca.coordinates.iter().all(|value| value.is_finite()));
        assert_eq!(pca.explained.last(), Some(&0.0));
        let sum: f32 = pca.explained.iter().sum();
        assert!((sum - f32::from(u8::from(n > 1))).abs() < 1e-5, "{n} x {d}: {sum}");
    }
    let equal = pca(&[0.1; 50 * 4], 50, 4, 2, 1).unwrap();
    assert_eq!((equal.coordinates, equal.explained), (vec![0.0; 100], vec![0.0; 2]));
}

#[test]
fn the_unit_of_the_values_does_not_matter() {
    let rows = noise(200 * 30, 1);
    let wanted = pca(&rows, 200, 30, 3, 1).unwrap();
    for unit in [2.0_f32.powi(39), 2.0_f32.powi(-100)] {
        let rows: Vec<f32> = rows.iter().map(|value| value * unit).collect();
        let found = pca(&rows, 200, 30, 3, 1).unwrap();
        assert_eq!((&found.axes, &found.explained), (&wanted.axes, &wanted.explained));
        let coordinates = found.coordinates.iter().map(|value| value / unit);
        assert!(coordinates.eq(wanted.coordinates.iter().copied()));
        finished(&found.coordinates, 3, Settings { iterations: 20, ..Settings::default() });
    }
}

#[test]
fn what_is_no_point_is_refused() {
    let mut rows = noise(12, 1);
    assert_eq!(pca(&rows, 4, 4, 2, 1), Err(MapError::Length { found: 12, expected: 16 }));
    assert_eq!(
        pca(&rows, usize::MAX, 4, 2, 1).map(drop).unwrap_err(),
        MapError::Length { found: 12, expected: usize::MAX }
    );
    assert_eq!(pca(&rows, 3, 4, 0, 1), Err(MapError::Setting("components")));
    assert_eq!(pca(&[], 3, 0, 1, 1), Err(MapError::Setting("width")));
    let found = pca(&rows, 3, 4, 2, 1).unwrap();
    assert_eq!(found.project(&rows[..3]), Err(MapError::Length { found: 3, expected: 4 }));
    for perplexity in [0.0, f32::NAN, f32::INFINITY] {
        let settings = Settings { perplexity, ..Settings::default() };
        assert_eq!(Tsne::new(&rows, 3, 4, settings).err(), Some(MapError::Setting("perplexity")));
    }
    assert_eq!(place(&[], 4, &[], &rows[..4]), Err(MapError::Empty));
    assert_eq!(place(&rows, 4, &[], &rows[..4]), Err(MapError::Length { found: 0, expected: 6 }));
    assert_eq!(nearest(&rows, 5, &rows[..5], 1), Err(MapError::Length { found: 12, expected: 10 }));
    for value in [f32::NAN, f32::INFINITY, -2e12] {
        rows[6] = value;
        assert_eq!(pca(&rows, 3, 4, 2, 1), Err(MapError::Value(1)));
        assert_eq!(found.project(&rows[4..8]), Err(MapError::Value(0)));
    }
    rows[6] = 2e15;
    assert_eq!(Tsne::new(&rows, 3, 4, Settings::default()).err(), Some(MapError::Value(1)));
    rows[6] = f32::NAN;
    assert_eq!(Tsne::new(&rows, 3, 4, Settings::default()).err(), Some(MapError::Value(1)));
    assert_eq!(nearest(&rows[..4], 4, &rows[4..8], 1), Err(MapError::Value(0)));
}

#[test]
fn maps_are_as_trustworthy_as_scikit_learn_s() {
    let sklearn = Sklearn::read();
    let (points, n) = (sklearn.points(), sklearn.digits.len());
    let theirs: Vec<f32> =
        sklearn.coordinates.iter().flat_map(|row| [row[0] as f32, row[1] as f32]).collect();
    let again = trustworthiness(&points, &theirs, n, 5);
    assert!(
        (again - sklearn.trustworthiness_pca).abs() < 1e-3,
        "{again} and {}",
        sklearn.trustworthiness_pca
    );
    let pca = sklearn.components(50);
    let map = finished(&pca.coordinates, 50, Settings::default());
    let ours = trustworthiness(&points, &map, n, 5);
    println!("trustworthiness {ours:.4}, scikit-learn's {:.4}", sklearn.trustworthiness_tsne);
    assert!(ours >= sklearn.trustworthiness_tsne - 0.02, "{ours} and {}", sklearn.trustworthiness_tsne);
}

#[test]
fn the_seed_decides_every_bit() {
    let sklearn = Sklearn::read();
    let coordinates = sklearn.components(20).coordinates;
    assert_eq!(coordinates, sklearn.components(20).coordinates);
    let of = |seed| {
        finished(&coordinates, 20, Settings { seed, iterations: 60, early: 30, ..Settings::default() })
    };
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
    let rows = noise(200 * 100, 1);
    assert_ne!(pca(&rows, 200, 100, 2, 1).unwrap(), pca(&rows, 200, 100, 2, 2).unwrap());
}

#[test]
fn any_number_of_points_makes_a_map() {
    for n in 0..12 {
        let map = finished(&noise(n * 3, 1), 3, Settings::default());
        assert_eq!(map.len(), n * 2);
        let far = map.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        assert!(n < 3 || (0.05..1e3).contains(&far), "{n} points: {far}");
        let parted = |one: &[f32], other: &[f32]| (one[0] - other[0]).hypot(one[1] - other[1]) > 0.05 * far;
        let positions: Vec<&[f32]> = map.chunks(2).collect();
        for (place, one) in positions.iter().enumerate() {
            assert!(positions[..place].iter().all(|other| parted(one, other)), "{map:?}");
        }
    }
    // A single value each, or values at the end of what is taken.
    finished(&noise(40, 1), 1, Settings::default());
    finished(&noise(120, 1).iter().map(|value| value * 1e15).collect::<Vec<_>>(), 3, Settings::default());
    finished(&noise(120, 1).iter().map(|value| value * 1e-30).collect::<Vec<_>>(), 3, Settings::default());
}

#[test]
fn points_without_structure_spread_too() {
    // Each point looks to all others, and the exaggeration draws them together for long.
    let settings = Settings { perplexity: 33.0, iterations: 2000, early: 1500, seed: 1 };
    let map = finished(&noise(100 * 20, 1), 20, settings);
    let far = map.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    assert!((1.0..100.0).contains(&far), "{far}");
}

#[test]
fn equal_points_come_to_lie_beside_each_other() {
    finished(&[0.25; 300], 3, Settings::default());
    // A pair of each point: another one lies ten times further from it than its twin.
    let mut points = noise(100 * 10, 1);
    points.extend_from_within(..);
    let map = finished(&points, 10, Settings { perplexity: 5.0, ..Settings::default() });
    let point = |number: usize| [map[number * 2], map[number * 2 + 1]];
    let distance = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let size = map.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    for number in 0..100 {
        let twins = distance(point(number), point(number + 100));
        assert!(twins < 0.1 * size, "{twins} of {size}");
    }
}

#[test]
fn who_stops_has_the_map_so_far() {
    let points = noise(300 * 10, 1);
    let mut tsne = Tsne::new(&points, 300, 10, Settings::default()).unwrap();
    let (_, total) = tsne.progress();
    let begin = tsne.positions().to_vec();
    for done in 1..=20 {
        assert!(tsne.step());
        assert_eq!(tsne.progress(), (done, total));
    }
    assert_ne!(tsne.positions(), begin);
    assert_eq!(tsne.points(), points);
}

#[test]
fn a_further_point_is_placed_among_its_like() {
    let sklearn = Sklearn::read();
    let (points, fitted) = (sklearn.points(), sklearn.fitted);
    let labels = sklearn.labels.as_bytes();
    let pca = pca(&points[..fitted * PIXELS], fitted, PIXELS, 50, 1).unwrap();
    let map = finished(&pca.coordinates, 50, Settings::default());
    let mut right = 0;
    for further in fitted..sklearn.digits.len() {
        let asked = pca.project(&points[further * PIXELS..][..PIXELS]).unwrap();
        let at = place(&pca.coordinates, 50, &map, &asked).unwrap();
        let beside = nearest(&map, 2, &at, 5).unwrap();
        let same = beside.iter().filter(|(other, _)| labels[*other] == labels[further]).count();
        right += usize::from(same >= 3);
    }
    println!("{right} of {} further digits lie among their like", sklearn.digits.len() - fitted);
    assert!(right >= 8);
}

#[test]
fn the_nearest_come_first() {
    let points = [0.0, 0.0, 3.0, 4.0, 0.0, 1.0, 0.0, -1.0];
    let found = nearest(&points, 2, &[0.0, 0.0], 9).unwrap();
    assert_eq!(found, [(0, 0.0), (2, 1.0), (3, 1.0), (1, 5.0)]);
    assert_eq!(nearest(&points, 2, &[0.0, 0.0], 2).unwrap(), found[..2]);
    assert_eq!(nearest(&points, 2, &[0.0, 0.0], 0).unwrap(), []);
    assert_eq!(nearest(&[], 2, &[0.0, 0.0], 2).unwrap(), []);
}
