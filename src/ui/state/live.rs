//! Classification of the camera's pictures: one on its way at a time, its speed, and when it is
//! worth saying aloud.

use std::collections::VecDeque;

/// Answers that the speed is measured over are at most so many milliseconds old.
const WINDOW: f64 = 3_000.0;
/// Milliseconds between two announcements, at least.
const QUIET: f64 = 4_000.0;

/// What became of the camera's last picture. The next one is sent after that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Frame {
    /// None was sent.
    #[default]
    Unsent,
    /// It is on its way.
    Waiting,
    /// It was answered.
    Answered,
    /// It was not.
    Failed,
}

/// Measures answers per second.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    times: VecDeque<f64>,
}

impl Meter {
    /// An answer came at `now`, in milliseconds.
    pub fn answered(&mut self, now: f64) {
        self.times.push_back(now);
        while self.times.front().is_some_and(|first| now - first > WINDOW) && self.times.len() > 2 {
            self.times.pop_front();
        }
    }

    /// Answers per second over the last while; `None` before the second one.
    pub fn per_second(&self) -> Option<f64> {
        let (first, last) = (self.times.front()?, self.times.back()?);
        (last > first).then(|| (self.times.len() - 1) as f64 * 1000.0 / (last - first))
    }

    /// What was measured before a break says nothing.
    pub fn reset(&mut self) {
        self.times.clear();
    }
}

/// Says which answers are worth saying aloud.
#[derive(Clone, Debug, Default)]
pub struct Herald {
    said: Option<(Option<usize>, f64)>,
}

impl Herald {
    /// Whether to say that the answer is now `class`, or `None` where it is withheld: another one than
    /// was said last, and not too soon after that. `now` in milliseconds.
    pub fn says(&mut self, class: Option<usize>, now: f64) -> bool {
        let says = self.said.is_none_or(|(said, when)| said != class && now - when >= QUIET);
        if says {
            self.said = Some((class, now));
        }
        says
    }
}
