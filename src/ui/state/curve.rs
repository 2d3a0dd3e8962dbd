//! The learning curve of what is in use, as the page shows it.

use std::rc::Rc;

use super::State;
use crate::learning_curve::Point;
use crate::protocol::{CurveEvent, DatasetInfo, TrainingOptions};

/// A learning curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Whether it is being measured.
    pub running: bool,
    /// How its heads are trained; `None` where there is no curve.
    pub settings: Option<TrainingOptions>,
    /// How many images each point learns from, once that is known.
    pub sizes: Vec<u32>,
    /// The points that are measured.
    pub points: Vec<Point>,
    /// Shares of the images for which there is no point.
    pub left_out: Vec<f64>,
}

impl Curve {
    /// One that the person has asked for.
    pub(super) fn begun(settings: TrainingOptions) -> Self {
        Self { running: true, settings: Some(settings), ..Self::default() }
    }

    /// Whether all of its points are measured.
    pub fn is_whole(&self) -> bool {
        !self.running && !self.points.is_empty() && self.points.len() == self.sizes.len()
    }

    /// Takes in what the session said of it.
    pub(super) fn apply(&mut self, said: CurveEvent) {
        match said {
            CurveEvent::Begun { sizes, left_out } => (self.sizes, self.left_out) = (sizes, left_out),
            CurveEvent::Measured(point) => self.points.push(point),
            CurveEvent::LeftOut(share) => {
                let at = self.points.len();
                if at < self.sizes.len() {
                    self.sizes.remove(at);
                }
                self.left_out.push(share);
            }
            CurveEvent::Over => self.running = false,
        }
    }
}

impl State {
    /// These images are in use now: what was said of others goes, but for the curve that runs.
    pub(super) fn data_changed(&mut self, data: &DatasetInfo) {
        let counts =
            |data: &DatasetInfo| (data.source, data.foreign, [data.train, data.test], data.per_class.clone());
        // A class that has another name changes nothing of what was measured.
        let same = self.data().is_some_and(|before| counts(before) == counts(data));
        if !same && !self.curve.running {
            self.curve = Rc::default();
        }
        self.map.in_use(data);
        self.epoch_images = None;
    }
}
