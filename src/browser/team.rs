//! A team of training workers seen from the session worker.

use futures::channel::mpsc;
use futures::{StreamExt, future, pin_mut};
use gloo::timers::future::TimeoutFuture;
use half::slice::HalfFloatSliceExt;
use js_sys::{SharedArrayBuffer, Uint16Array};
use wasm_bindgen::JsValue;

use super::now;
use super::thread::{Thread, ThreadError};
use crate::head::{Division, LocalTeam, Sliced, Team, TeamError, TeamMessage, TeamReply};

/// Where the workers' program stands.
const SCRIPT: &str = "./trainer_loader.js";
/// Milliseconds for an answer: six times what the largest batch (1,024 images, 4,096 filters) would take
/// at the pace of the notebook's (50 images, 100 filters, 34 ms alone: docs/benchmarks.md).
const DEADLINE: u32 = 180_000;
/// Milliseconds for a worker's start; its program has 0.1 MB.
const START_DEADLINE: u32 = 30_000;
/// Batches after which the members' times say something.
const TIMED: u32 = 16;

/// Training workers, or this thread alone where there are none.
pub enum BrowserTeam {
    /// This thread.
    Alone(LocalTeam),
    /// Workers, one a member.
    Together(Together),
}

/// A team of workers.
pub struct Together {
    /// In the members' order.
    colleagues: Vec<Colleague>,
    division: Division,
    /// Where they all find the features, in a page that may share memory. A message with features is
    /// answered before the next one goes out, so that nobody reads what that one overwrites.
    shared: Option<Uint16Array>,
    /// When the members got the derivative of the last batch: from then to the sums of the next one they work.
    since: Option<f64>,
    /// That of the sums they are asked for.
    asked: Option<f64>,
    /// Batches that were timed.
    timed: u32,
}

/// A member in a worker of its own; dropping it ends the worker.
struct Colleague {
    thread: Thread,
    /// Each with the time at which it came.
    replies: mpsc::UnboundedReceiver<(f64, Result<TeamReply, String>)>,
    /// Milliseconds it worked on the batches that were timed.
    worked: f64,
}

impl BrowserTeam {
    /// A team of so many, a number that [`crate::head::most_members`] allows, or of those workers that the
    /// browser could start. A single one would do no more than this thread, which is the team then.
    pub async fn start(members: usize) -> Self {
        let mut colleagues: Vec<Colleague> = Vec::new();
        if members > 1 {
            colleagues.extend((0..members).filter_map(|_| Colleague::start().ok()));
            let listening = colleagues.iter_mut().map(|colleague| colleague.thread.listens(START_DEADLINE));
            let mut listening = future::join_all(listening).await.into_iter();
            colleagues.retain(|_| listening.next() == Some(true));
        }
        if colleagues.len() < 2 {
            return Self::Alone(LocalTeam::new(1));
        }
        Self::Together(Together {
            colleagues,
            division: Division::default(),
            shared: shared(0),
            since: None,
            asked: None,
            timed: 0,
        })
    }
}

impl Colleague {
    fn start() -> Result<Self, String> {
        let (sender, replies) = mpsc::unbounded();
        let thread = Thread::start(SCRIPT, move |reply: Result<(TeamReply, _), ThreadError>| {
            // Nobody waits for the replies of a team that was dropped.
            let _ = sender
                .unbounded_send((now(), reply.map(|(reply, _)| reply).map_err(|error| error.to_string())));
        })?;
        Ok(Self { thread, replies, worked: 0.0 })
    }

    /// Its next reply, and when it came.
    async fn reply(&mut self) -> Result<(f64, TeamReply), TeamError> {
        let (reply, deadline) = (self.replies.next(), TimeoutFuture::new(DEADLINE));
        pin_mut!(reply);
        match future::select(reply, deadline).await {
            future::Either::Left((Some((came, reply)), _)) => Ok((came, reply.map_err(TeamError)?)),
            future::Either::Left((None, _)) => Err(TeamError("a worker is gone".to_owned())),
            future::Either::Right(_) => Err(TeamError("a worker did not answer in time".to_owned())),
        }
    }
}

impl Team for BrowserTeam {
    fn members(&self) -> usize {
        match self {
            Self::Alone(team) => team.members(),
            Self::Together(team) => team.colleagues.len(),
        }
    }

    fn division(&self) -> &Division {
        match self {
            Self::Alone(team) => team.division(),
            Self::Together(team) => &team.division,
        }
    }

    fn divide(&mut self, division: Division) {
        match self {
            Self::Alone(team) => team.divide(division),
            Self::Together(team) => team.division = division,
        }
    }

    fn times(&mut self) -> Option<Vec<f64>> {
        match self {
            Self::Alone(team) => team.times(),
            Self::Together(team) => team.times(),
        }
    }

    fn send(&mut self, member: usize, message: &TeamMessage) -> Result<(), TeamError> {
        match self {
            Self::Alone(team) => team.send(member, message),
            Self::Together(team) => {
                // What else is to be done now is no batch, and neither is the answer to it.
                (team.since, team.asked) = (None, None);
                let thread = &team.colleagues[member].thread;
                thread.send(message, &JsValue::UNDEFINED).map_err(TeamError)
            }
        }
    }

    fn tell(&mut self, message: &TeamMessage, features: &Sliced) -> Result<(), TeamError> {
        match self {
            Self::Alone(team) => team.tell(message, features),
            Self::Together(team) => team.tell(message, features),
        }
    }

    async fn answer(&mut self, member: usize) -> Result<TeamReply, TeamError> {
        match self {
            Self::Alone(team) => team.answer(member).await,
            Self::Together(team) => {
                let colleague = &mut team.colleagues[member];
                let (came, reply) = colleague.reply().await?;
                colleague.worked += team.asked.map_or(0.0, |asked| came - asked);
                Ok(reply)
            }
        }
    }
}

impl Together {
    fn tell(&mut self, message: &TeamMessage, features: &Sliced) -> Result<(), TeamError> {
        let values = features.values().reinterpret_cast();
        share_memory(&mut self.shared, values);
        for (member, colleague) in self.colleagues[..self.division.members()].iter().enumerate() {
            let own = features.of_slices(&self.division.of_member(member));
            let attachment = match &self.shared {
                _ if own.is_empty() => JsValue::UNDEFINED,
                Some(memory) => memory.subarray(own.start as u32, own.end as u32).into(),
                None => Uint16Array::from(&values[own]).into(),
            };
            colleague.thread.send(message, &attachment).map_err(TeamError)?;
        }
        let since = self.since.take();
        self.asked = since.filter(|_| matches!(message, TeamMessage::Forward(_)));
        self.since = matches!(message, TeamMessage::Backward(_)).then(now);
        self.timed += u32::from(self.asked.is_some());
        Ok(())
    }

    fn times(&mut self) -> Option<Vec<f64>> {
        if self.timed < TIMED {
            return None;
        }
        self.timed = 0;
        let worked = |colleague: &mut Colleague| std::mem::take(&mut colleague.worked);
        let times: Vec<f64> = self.colleagues.iter_mut().map(worked).collect();
        Some(times[..self.division.members()].to_vec())
    }
}

/// Shared memory for so many values; `None` where the page is not isolated from other origins, or the
/// browser has none, as WebKit on Linux.
fn shared(values: u32) -> Option<Uint16Array> {
    let global = |name: &str| js_sys::Reflect::get(&js_sys::global(), &name.into()).ok();
    let bytes = values.checked_mul(size_of::<u16>() as u32)?;
    (global("crossOriginIsolated")?.is_truthy() && global("SharedArrayBuffer")?.is_function())
        .then(|| Uint16Array::new(&SharedArrayBuffer::new(bytes)))
}

/// Puts features where all workers find them, where memory may be shared.
fn share_memory(memory: &mut Option<Uint16Array>, values: &[u16]) {
    let count = values.len() as u32;
    if memory.as_ref().is_some_and(|memory| memory.length() < count) {
        *memory = shared(count);
    }
    if let Some(memory) = memory {
        memory.subarray(0, count).copy_from(values);
    }
}
