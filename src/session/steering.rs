//! How the person steers what runs: the one place where commands come in.
//!
//! A session carries out one command after the other. While a long job runs, [`Steering`] sorts what comes:
//! it ends the job, pauses it, is [brief](Command::is_brief), or waits for the job's end. Commands never overtake
//! each other, but for those that steer.

use std::collections::VecDeque;

use futures::channel::mpsc::UnboundedReceiver;
use futures::future::pending;
use futures::stream::FusedStream;
use futures::{FutureExt, StreamExt, pin_mut, select_biased};

use crate::protocol::{Command, MapCommand};

/// A long job, by what ends it besides [`Command::Cancel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// Nothing else.
    Work,
    /// [`Command::Open`], which asks for another backbone.
    Backbone,
    /// [`Command::StopTraining`].
    Training,
    /// [`MapCommand::Stop`].
    Map,
    /// [`Command::EndTrial`] with this number, and whatever takes long. [`Command::Cancel`] ends something else.
    Trial(u32),
}

/// What a command means to a job.
#[derive(Debug, PartialEq)]
pub(super) enum Word {
    /// It ends.
    End,
    /// It pauses.
    Pause,
    /// It goes on.
    Resume,
    /// This can be carried out beside it, now.
    Brief(Command),
    /// Another command waits for its end.
    Waits,
}

/// The commands that come in, and those that wait.
pub(super) struct Steering {
    commands: UnboundedReceiver<Command>,
    /// Those that came while a job ran, in their order.
    later: VecDeque<Command>,
}

impl Steering {
    pub(super) fn new(commands: UnboundedReceiver<Command>) -> Self {
        Self { commands, later: VecDeque::new() }
    }

    /// The next command, where one is there.
    pub(super) fn waiting(&mut self) -> Option<Command> {
        self.later.pop_front().or_else(|| self.commands.try_recv().ok())
    }

    /// The next command, once it is there; `None` where the page is gone.
    pub(super) async fn next(&mut self) -> Option<Command> {
        match self.later.pop_front() {
            Some(command) => Some(command),
            None => self.commands.next().await,
        }
    }

    /// Whether a command waits.
    pub(super) fn is_waited_for(&self) -> bool {
        !self.later.is_empty()
    }

    /// Whether the last command that waits asks for another backbone.
    pub(super) fn opens_another(&self) -> bool {
        matches!(self.later.back(), Some(Command::Open { .. }))
    }

    /// What the next command means to `job`, once it comes. Dropped before that, nothing is lost.
    pub(super) async fn heard(&mut self, job: Job) -> Word {
        loop {
            if self.commands.is_terminated() {
                pending::<()>().await;
            }
            // A page that goes away ends the job, once.
            let Some(command) = self.commands.next().await else { return Word::End };
            if let Some(word) = self.word(command, job) {
                return word;
            }
        }
    }

    /// What the next command means to `job`, where one is there that means anything to it.
    pub(super) fn said(&mut self, job: Job) -> Option<Word> {
        while let Ok(command) = self.commands.try_recv() {
            let word = self.word(command, job);
            if word.is_some() {
                return word;
            }
        }
        None
    }

    /// Whether the person has ended `job`; whatever else has come waits for its end.
    pub(super) fn is_ended(&mut self, job: Job) -> bool {
        let mut ended = false;
        while let Some(word) = self.said(job) {
            match word {
                Word::End => ended = true,
                Word::Brief(command) => self.later.push_back(command),
                Word::Pause | Word::Resume | Word::Waits => {}
            }
        }
        ended
    }

    /// Runs `work` to its end; `None` where the person ends `job`. Other commands wait.
    pub(super) async fn unless_ended<T>(&mut self, job: Job, work: impl Future<Output = T>) -> Option<T> {
        let work = work.fuse();
        pin_mut!(work);
        loop {
            select_biased! {
                result = work => return Some(result),
                word = self.heard(job).fuse() => match word {
                    Word::End => return None,
                    Word::Brief(command) => self.later.push_back(command),
                    Word::Pause | Word::Resume | Word::Waits => {}
                },
            }
        }
    }

    /// What `command` means to `job`; `None` for one that steers something else.
    fn word(&mut self, command: Command, job: Job) -> Option<Word> {
        let ends = match (&command, job) {
            (Command::Cancel, Job::Trial(_)) => return None,
            (Command::Cancel, _)
            | (Command::StopTraining, Job::Training)
            | (Command::Map(MapCommand::Stop), Job::Map) => return Some(Word::End),
            (Command::EndTrial(ended), Job::Trial(trial)) if *ended == trial => return Some(Word::End),
            (Command::Pause, _) => return Some(Word::Pause),
            (Command::Resume, _) => return Some(Word::Resume),
            (Command::StopTraining | Command::EndTrial(_), _) => return None,
            (Command::Open { .. }, Job::Backbone | Job::Trial(_)) => true,
            // A trial holds nothing up that takes long and can be cancelled at once.
            (
                Command::Extract | Command::Train(_) | Command::TrainLeaky | Command::LearningCurve(_),
                Job::Trial(_),
            ) => true,
            _ => false,
        };
        // The page shows a training of what is in use now, and takes no edit before its end.
        let disturbs = job == Job::Training && command.is_edit();
        if !ends && !disturbs && self.later.is_empty() && command.is_brief() {
            return Some(Word::Brief(command));
        }
        self.later.push_back(command);
        Some(if ends { Word::End } else { Word::Waits })
    }
}
