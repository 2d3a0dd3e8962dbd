//! What went wrong, and what of the state it ends.

use std::rc::Rc;

use super::{Classification, Frame, MapProgress, Phase, RunAll, State, Wait, Work};
use crate::protocol::{Problem, ProblemKind, TrainingOptions};
use crate::ui::query::QueryError;

/// Something to tell the person until they dismiss it.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// From the session.
    Problem(Problem),
    /// The loss of a training with these options is no number any more.
    Diverged(TrainingOptions),
    /// A link that cannot be followed.
    Link(QueryError),
    /// A pasted picture that has no place, and what to wait for.
    Paste(Wait),
    /// Dropped files that cannot be taken now, and what to wait for.
    Drop(Wait),
}

impl State {
    /// Whatever was running has ended; only a full disk holds an extraction instead.
    pub(super) fn fail(&mut self, problem: Problem) {
        // Neither of these ends a classification.
        let beside = matches!(
            problem.kind,
            ProblemKind::NotKept | ProblemKind::PicturesSmall | ProblemKind::TrainingsDamaged
        );
        let goes_on = beside || problem.kind == ProblemKind::DiskFull;
        if self.frame == Frame::Waiting && !goes_on {
            self.frame = Frame::Failed;
        }
        self.in_memory |= problem.kind == ProblemKind::StoreUnavailable;
        if !beside {
            self.run_all = RunAll::Off;
        }
        if problem.kind == ProblemKind::ExamChanged {
            self.corrections.clear();
        }
        match problem.kind {
            ProblemKind::SessionLost | ProblemKind::OtherBuild => {
                self.phase = Phase::Closed;
                self.exchange = None;
                self.map.progress = MapProgress::Idle;
            }
            ProblemKind::Backbone | ProblemKind::ServerSilent if self.phase == Phase::Opening => {
                self.phase = Phase::Closed;
            }
            ProblemKind::DiskFull | ProblemKind::NoExam | ProblemKind::ExamChanged => {}
            _ if beside => {}
            _ => self.change_work(Work::rested),
        }
        // Keeping the backbone goes on beside everything else.
        if !beside {
            // What was damaged is computed again, and a curve goes on then.
            if problem.kind != ProblemKind::StoreMended {
                Rc::make_mut(&mut self.curve).running = false;
            }
            self.projects.adding = None;
            self.projects.creating = false;
        }
        if !beside && matches!(self.classification, Classification::Waiting(_)) {
            self.classification = Classification::None;
        }
        self.notice(match self.tried {
            Some(options) if problem.kind == ProblemKind::Diverged => Notice::Diverged(options),
            _ => Notice::Problem(problem),
        });
    }

    /// The same thing is told once, as the newest.
    pub(super) fn notice(&mut self, notice: Notice) {
        self.notices.retain(|other| *other != notice);
        self.notices.push(notice);
    }
}
