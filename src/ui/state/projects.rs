//! Projects of the visitor's own, as the page shows them.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{State, Thumbnails, Wait, Work};
use crate::pixels::RgbImage;
use crate::project::split::FEWEST_TAKES;
use crate::protocol::{Event, ProjectInfo, ProjectSummary};

/// What is known of the visitor's projects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projects {
    /// All of them, once they are known.
    pub list: Option<Rc<Vec<ProjectSummary>>>,
    /// The first pictures of those that were asked for, small.
    pub covers: Rc<BTreeMap<u32, Vec<RgbImage>>>,
    /// Whether one is being made or taken from a file, that comes into use then.
    pub creating: bool,
    /// The one that came so last.
    pub created: Option<u32>,
    /// The open one.
    pub open: Option<Rc<ProjectInfo>>,
    /// Some of its pictures, small.
    pub thumbnails: Rc<Thumbnails>,
    /// Pictures that are being read.
    pub adding: Option<Adding>,
    /// What a split that tears takes apart would have claimed: right answers, test images.
    pub leaky: Option<(u32, u32)>,
}

/// How far the adding of pictures is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adding {
    /// Files or pictures done.
    pub done: u32,
    /// In all.
    pub total: u32,
    /// How long it will take, where that is known.
    pub seconds_left: Option<f32>,
}

impl Projects {
    /// Writes into the list what the open project is called and has by now.
    fn list_open(&mut self) {
        let (Some(open), Some(list)) = (&self.open, &mut self.list) else { return };
        let pictures = open.project.pictures().count() as u32;
        let changed = |listed: &ProjectSummary| {
            listed.id == open.id && (&listed.name, listed.pictures) != (&open.project.name, pictures)
        };
        if let Some(place) = list.iter().position(changed) {
            let listed = &mut Rc::make_mut(list)[place];
            listed.name.clone_from(&open.project.name);
            listed.pictures = pictures;
        }
    }

    /// Takes in what the session said about projects.
    pub(super) fn apply(&mut self, event: Event) {
        match event {
            Event::Projects(list) => self.list = Some(Rc::new(list)),
            Event::Covers(covers) => Rc::make_mut(&mut self.covers).extend(covers),
            Event::Project(open) => {
                let id = |info: &Option<Rc<ProjectInfo>>| info.as_ref().map(|info| info.id);
                let open = open.map(Rc::new);
                if id(&open) != id(&self.open) {
                    self.leaky = None;
                    // Another project's pictures have the same numbers.
                    self.thumbnails = Rc::default();
                }
                if let Some(open) = open.as_ref().filter(|_| self.creating) {
                    self.created = Some(open.id);
                    self.creating = false;
                }
                self.open = open;
                self.list_open();
            }
            Event::Thumbnails(new) => Rc::make_mut(&mut self.thumbnails).extend(new),
            Event::Adding { done, total, seconds_left } => {
                self.adding = (done < total).then_some(Adding { done, total, seconds_left });
            }
            Event::Leaky { test, correct } => self.leaky = Some((correct, test)),
            _ => {}
        }
    }
}

impl State {
    /// Whether the open project may be changed.
    ///
    /// # Errors
    /// What to wait for first.
    pub fn can_edit(&self) -> Result<(), Wait> {
        match self.open_work()? {
            _ if self.exchange.is_some() => Err(Wait::Exchange),
            Work::Reading { .. } => Err(Wait::Reading),
            Work::Loading { .. } | Work::Training { .. } => Err(Wait::Training),
            Work::NoData | Work::Counting(_) | Work::Resting(_) | Work::Extracting(_) => Ok(()),
        }
    }

    /// Whether the open project, if there is one, has enough for an honest exam.
    ///
    /// # Errors
    /// What it lacks.
    pub(super) fn has_takes(&self) -> Result<(), Wait> {
        let Some(open) = &self.projects.open else { return Ok(()) };
        let enough = open.takes.iter().all(|takes| *takes as usize >= FEWEST_TAKES);
        if enough && open.takes.len() >= 2 { Ok(()) } else { Err(Wait::Takes) }
    }
}
