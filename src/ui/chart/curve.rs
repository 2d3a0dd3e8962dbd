//! A learning curve as SVG text.

use plotters::prelude::*;

use super::{Canvas, ChartError, DOT, Drawn, FIGURES, FONT, LABELS, MARGIN, Role, SIZE, with_classes};
use crate::learning_curve::Point;

/// Half the width of an interval's ends, as a share of the axis.
const END: f64 = 0.012;

/// The points' accuracies over their images, each with its interval, as an `<svg>`. Empty where there are none.
/// `figure` writes an accuracy, `count` a number of images.
///
/// The text is safe to put into a page: it holds shapes, classes and escaped figures only.
///
/// # Errors
/// [`ChartError`] where `plotters` refuses to draw.
pub fn draw_curve(
    points: &[Point],
    figure: &dyn Fn(f64) -> String,
    count: &dyn Fn(u32) -> String,
) -> Result<String, ChartError> {
    let mut text = String::new();
    if !points.is_empty() {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        draw_on(&area, points, figure, count).map_err(|error| ChartError(error.to_string()))?;
    }
    Ok(with_classes(text))
}

fn draw_on(
    area: &Canvas,
    points: &[Point],
    figure: &dyn Fn(f64) -> String,
    count: &dyn Fn(u32) -> String,
) -> Drawn {
    let most = points.iter().map(|point| point.images).max().unwrap_or(1).max(1);
    let lowest = points.iter().map(|point| point.interval().0).fold(0.9, f64::min);
    let lowest = ((lowest * 10.0).floor() / 10.0).max(0.0);
    // The interval of all images stands inside.
    let end = f64::from(most) * (1.0 + 2.0 * END);
    let mut chart = ChartBuilder::on(area)
        .margin(MARGIN)
        .x_label_area_size(LABELS.1)
        .y_label_area_size(LABELS.0)
        .build_cartesian_2d(0.0..end, lowest..1.0)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(Role::Grid.color())
        .axis_style(Role::Grid.color())
        .label_style(FONT.into_font().color(&Role::Figure.color()))
        .x_labels(FIGURES.0)
        .y_labels(FIGURES.1)
        .x_label_formatter(&|images| count(*images as u32))
        .y_label_formatter(&|value| figure(*value))
        .draw()?;
    let at = |point: &Point| f64::from(point.images);
    let width = f64::from(most) * END;
    for point in points {
        let (low, high) = point.interval();
        let lines = [
            [(at(point), low), (at(point), high)],
            [(at(point) - width, low), (at(point) + width, low)],
            [(at(point) - width, high), (at(point) + width, high)],
        ];
        for line in lines {
            chart.draw_series(LineSeries::new(line, Role::Train.color()))?;
        }
    }
    let places = || points.iter().map(|point| (at(point), point.accuracy()));
    chart.draw_series(LineSeries::new(places(), Role::Validation.color()))?;
    chart.draw_series(places().map(|place| Circle::new(place, DOT, Role::Validation.color().filled())))?;
    area.present()?;
    Ok(())
}
