//! Line charts of a training as SVG text, drawn by the crate `plotters`.
//!
//! `plotters` knows colours only, and a page wants custom properties, so that a chart follows
//! light and dark. So each `Role` is drawn in a colour of its own that never reaches the
//! page: in the finished text a class stands in its place, and `www/style/output.css` does the rest.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::protocol::Epoch;

mod curve;

pub use curve::draw_curve;

/// Width and height in the drawing's own units; a page scales it to the room there is.
const SIZE: (u32, u32) = (340, 180);
/// Room for the figures left of the chart and below it.
const LABELS: (u32, u32) = (44, 22);
/// Room on the other sides: half of a figure stands out at an axis' end.
const MARGIN: u32 = 8;
/// Size of the figures.
const FONT: (&str, u32) = ("sans-serif", 14);
/// About so many figures stand at each axis.
const FIGURES: (usize, usize) = (6, 5);
/// Radius of the mark on the best epoch, and of a lone first epoch.
const DOT: u32 = 4;

/// What a stroke of the drawing stands for; its class in the style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Axes and the lines behind the curves.
    Grid,
    /// Figures at the axes.
    Figure,
    /// The training's curve.
    Train,
    /// The validation's curve.
    Validation,
    /// The best epoch.
    Best,
}

impl Role {
    const ALL: [Self; 5] = [Self::Grid, Self::Figure, Self::Train, Self::Validation, Self::Best];

    fn class(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Figure => "figure",
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Best => "best",
        }
    }

    /// The colour that stands for the role until the drawing is finished.
    fn color(self) -> RGBColor {
        RGBColor(0, 0, self as u8 + 1)
    }
}

/// What a chart shows of each epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Mean cross-entropy in nats; the axis begins at 0.
    Loss,
    /// Share of right answers; the axis ends at 1.
    Accuracy,
}

impl Measure {
    /// An epoch's figures in training and in validation.
    pub fn of(self, epoch: &Epoch) -> [f64; 2] {
        match self {
            Self::Loss => [epoch.loss, epoch.val_loss],
            Self::Accuracy => [epoch.accuracy, epoch.val_accuracy],
        }
        .map(f64::from)
    }

    /// What the axis spans: all figures, with a little room above losses, and accuracies from
    /// the tenth below the lowest. Losses that are next to nothing have an axis all the same.
    fn span(self, epochs: &[Epoch]) -> Range<f64> {
        let all = epochs.iter().flat_map(|epoch| self.of(epoch)).filter(|value| value.is_finite());
        match self {
            Self::Loss => 0.0..(all.fold(0.0, f64::max) * 1.05).max(0.01),
            Self::Accuracy => ((all.fold(0.9, f64::min) * 10.0).floor() / 10.0).max(0.0)..1.0,
        }
    }
}

/// A chart that could not be drawn; its cause comes from `plotters`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the chart cannot be drawn: {0}")]
pub struct ChartError(String);

/// Both curves of `measure` over `epochs` (oldest first), the best one marked, as an `<svg>`.
/// Empty where there are no epochs. `figure` writes a value of the vertical axis, `count` an
/// epoch's number.
///
/// The text is safe to put into a page: it holds shapes, classes and escaped figures only.
///
/// # Errors
/// [`ChartError`] where `plotters` refuses to draw.
pub fn draw(
    epochs: &[Epoch],
    measure: Measure,
    figure: &dyn Fn(f64) -> String,
    count: &dyn Fn(u32) -> String,
) -> Result<String, ChartError> {
    let mut text = String::new();
    if !epochs.is_empty() {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        draw_on(&area, epochs, measure, figure, count).map_err(|error| ChartError(error.to_string()))?;
    }
    Ok(with_classes(text))
}

/// A finished drawing with each role's class in the place of its colour.
fn with_classes(text: String) -> String {
    Role::ALL.iter().fold(text, |text, role| {
        let RGBColor(red, green, blue) = role.color();
        let color = format!("\"#{red:02X}{green:02X}{blue:02X}\"");
        let class = format!("class=\"{}\"", role.class());
        text.replace(&format!("stroke={color}"), &class).replace(&format!("fill={color}"), &class)
    })
}

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw_on(
    area: &Canvas,
    epochs: &[Epoch],
    measure: Measure,
    figure: &dyn Fn(f64) -> String,
    count: &dyn Fn(u32) -> String,
) -> Drawn {
    let first = epochs.first().map_or(1, |epoch| epoch.epoch);
    let last = epochs.last().map_or(first, |epoch| epoch.epoch);
    // An axis of a single epoch has no length.
    let span = measure.span(epochs);
    let mut chart = ChartBuilder::on(area)
        .margin(MARGIN)
        .x_label_area_size(LABELS.1)
        .y_label_area_size(LABELS.0)
        .build_cartesian_2d(first..last.max(first + 1), span.clone())?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(Role::Grid.color())
        .axis_style(Role::Grid.color())
        .label_style(FONT.into_font().color(&Role::Figure.color()))
        .x_labels(FIGURES.0)
        .y_labels(FIGURES.1)
        .x_label_formatter(&|epoch| count(*epoch))
        .y_label_formatter(&|value| figure(*value))
        .draw()?;

    // `plotters` counts places in 32 bits: a figure off the axis is drawn at its end.
    let point = |epoch: &Epoch, curve: usize| {
        let value = measure.of(epoch)[curve];
        (!value.is_nan()).then(|| (epoch.epoch, value.clamp(span.start, span.end)))
    };
    let best = epochs.iter().rev().find(|epoch| epoch.best);
    if let Some(best) = best {
        let line = [(best.epoch, span.start), (best.epoch, span.end)];
        chart.draw_series(LineSeries::new(line, Role::Best.color()))?;
    }
    for (curve, role) in [Role::Train, Role::Validation].into_iter().enumerate() {
        let points = || epochs.iter().filter_map(|epoch| point(epoch, curve));
        chart.draw_series(LineSeries::new(points(), role.color()))?;
        // One point makes no line yet.
        let lone = points().take(usize::from(epochs.len() == 1));
        chart.draw_series(lone.map(|point| Circle::new(point, DOT, role.color().filled())))?;
    }
    let best = best.and_then(|best| point(best, 1));
    chart.draw_series(best.map(|point| Circle::new(point, DOT, Role::Best.color().filled())))?;
    area.present()?;
    Ok(())
}
