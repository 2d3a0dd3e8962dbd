//! The charts of a training, as the text that the page shows.

use bottleneck::protocol::Epoch;
use bottleneck::ui::chart::{Measure, draw};

fn epoch(number: u32, loss: f32, val_loss: f32, best: bool) -> Epoch {
    let (accuracy, val_accuracy) = (1.0 - loss / 4.0, 1.0 - val_loss / 4.0);
    Epoch { epoch: number, loss, accuracy, val_loss, val_accuracy, best, seconds: 1.0 }
}

fn chart(epochs: &[Epoch], measure: Measure) -> String {
    draw(epochs, measure, &|value| format!("<{value:.1}>"), &|count| format!("n{count}")).unwrap()
}

/// The values of attribute `name` in every element of class `class`.
fn of_class(svg: &str, class: &str, name: &str) -> Vec<String> {
    let tags = svg.split('<').filter(|tag| tag.contains(&format!("class=\"{class}\"")));
    let value = |tag: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        Some(rest.split_once('"')?.0.trim().to_owned())
    };
    tags.filter_map(value).collect()
}

fn points(text: &str) -> Vec<(i32, i32)> {
    let pair = |pair: &str| {
        let (x, y) = pair.split_once(',').unwrap();
        (x.parse().unwrap(), y.parse().unwrap())
    };
    text.split(' ').map(pair).collect()
}

#[test]
fn the_curves_follow_the_figures_and_the_best_epoch_is_marked() {
    let epochs = [epoch(1, 2.0, 1.5, true), epoch(2, 1.0, 0.5, true), epoch(3, 0.5, 1.0, false)];
    for (measure, falls) in [(Measure::Loss, true), (Measure::Accuracy, false)] {
        let svg = chart(&epochs, measure);
        let train = of_class(&svg, "train", "points");
        let validation = of_class(&svg, "validation", "points");
        assert_eq!((train.len(), validation.len()), (1, 1), "{svg}");
        let (train, validation) = (points(&train[0]), points(&validation[0]));
        assert_eq!((train.len(), validation.len()), (3, 3));
        // Down the drawing, y grows.
        assert_eq!(train[0].1 < train[1].1 && train[1].1 < train[2].1, falls, "{train:?}");
        assert!(train[1].0 - train[0].0 > 50 && (train[2].0 + train[0].0 - 2 * train[1].0).abs() <= 1);
        // In the second epoch the validation is as far as the training in the third.
        assert_eq!(validation[1].1, train[2].1);
        let mark = |name| of_class(&svg, "best", name)[0].parse::<i32>().unwrap();
        assert_eq!((mark("cx"), mark("cy")), validation[1]);
    }
}

#[test]
fn colours_are_left_to_the_style_sheet_and_figures_are_escaped() {
    let svg = chart(&[epoch(1, 2.0, 1.5, true), epoch(2, 1.0, 0.5, true)], Measure::Loss);
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg}");
    assert!(!svg.contains('#') && !svg.contains("style"), "{svg}");
    assert!(svg.contains("&lt;1.0&gt;") && !svg.contains("<1.0>"), "{svg}");
    assert!(svg.contains("n1") && svg.contains("n2"), "{svg}");
    for class in ["grid", "figure", "train", "validation", "best"] {
        assert!(svg.contains(&format!("class=\"{class}\"")), "{class} in {svg}");
    }
}

#[test]
fn no_epoch_one_epoch_and_very_many() {
    assert_eq!(chart(&[], Measure::Loss), "");
    let one = chart(&[epoch(1, 2.0, 1.5, true)], Measure::Accuracy);
    assert_eq!(of_class(&one, "train", "cx").len(), 1, "{one}");
    let many: Vec<Epoch> = (1..=1_000).map(|n| epoch(n, 2.0 / n as f32, 1.0, n == 1)).collect();
    for measure in [Measure::Loss, Measure::Accuracy] {
        let svg = chart(&many, measure);
        assert!(of_class(&svg, "figure", "x").len() <= 16, "few figures on a long axis");
        assert_eq!(points(&of_class(&svg, "train", "points")[0]).len(), 1_000);
    }
}

#[test]
fn figures_at_the_edge_of_their_range_are_drawn() {
    // Nothing learnt and nothing left to learn; and what a broken event might carry.
    for (loss, val_loss) in [(4.0, 4.0), (0.0, 0.0), (f32::NAN, f32::INFINITY), (f32::MAX, 1e-30)] {
        let epochs = [epoch(1, loss, val_loss, true), epoch(2, loss, val_loss, false)];
        for measure in [Measure::Loss, Measure::Accuracy] {
            assert!(chart(&epochs, measure).contains("</svg>"), "{loss} {val_loss}");
        }
    }
}

#[test]
fn a_learning_curve_shows_each_point_with_its_interval() {
    use bottleneck::learning_curve::Point;
    use bottleneck::ui::chart::draw_curve;
    let point = |images: u32, correct: u32| Point { share: 0.5, images, test: 100, correct };
    let draw = |points: &[Point]| {
        draw_curve(points, &|value| format!("<{value:.1}>"), &|images| format!("n{images}")).unwrap()
    };
    assert_eq!(draw(&[]), "");
    let curve = [point(10, 60), point(20, 80), point(100, 95)];
    let svg = draw(&curve);
    let accuracies = of_class(&svg, "validation", "points");
    assert_eq!(accuracies.len(), 1, "{svg}");
    let line = points(&accuracies[0]);
    assert_eq!(line.len(), 3);
    assert!(line.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 > two[1].1), "it rises to the right");
    // Each interval is a line with two ends, around its point.
    let intervals: Vec<_> = of_class(&svg, "train", "points").iter().map(|text| points(text)).collect();
    assert_eq!(intervals.len(), 9);
    for (interval, place) in intervals.iter().step_by(3).zip(&line) {
        let (low, high) = (interval[0], interval[1]);
        assert!(low.0 == place.0 && low.1 > place.1 && place.1 > high.1, "{interval:?} around {place:?}");
    }
    assert_eq!(of_class(&svg, "validation", "cx").len(), 3);
    assert!(!svg.contains("#0000"), "no colour reaches the page");
    // A single point, one of nothing, and one of no test images can be drawn too.
    for odd in [point(1, 100), point(0, 0), Point { share: 1.0, images: 5, test: 0, correct: 0 }] {
        assert!(draw(&[odd]).contains("validation"));
    }
}
