//! When a long work tells how far it is, and when it lets commands come in.

/// Milliseconds of work after which commands are looked at.
const BREATHE_EVERY: f64 = 50.0;
/// Milliseconds between two reports of progress.
const REPORT_EVERY: f64 = 200.0;

/// The times of a long work, in milliseconds.
pub(super) struct Ticker {
    begun: f64,
    breathed: f64,
    reported: f64,
}

impl Ticker {
    /// Of a work that begins now.
    pub(super) fn new(now: f64) -> Self {
        Self { begun: now, breathed: now, reported: now }
    }

    /// Whether it is time to tell how far it is; then it is told.
    pub(super) fn reports(&mut self, now: f64) -> bool {
        let due = now - self.reported > REPORT_EVERY;
        if due {
            self.reported = now;
        }
        due
    }

    /// Whether it is time to let commands come in.
    pub(super) fn is_breathless(&self, now: f64) -> bool {
        now - self.breathed > BREATHE_EVERY
    }

    /// Commands have come in.
    pub(super) fn breathed(&mut self, now: f64) {
        self.breathed = now;
    }

    /// How long it will take where it goes on as before; `None` where nothing is known yet.
    pub(super) fn seconds_left(&self, now: f64, done: u64, total: u64) -> Option<f32> {
        let left = total.saturating_sub(done) as f64;
        (done > 0 && total > 0).then(|| ((now - self.begun) / 1000.0 * left / done as f64) as f32)
    }
}
