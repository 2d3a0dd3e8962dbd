//! A team of training workers seen from the session worker.

use futures::channel::mpsc;
use futures::future::{self, join_all};
use futures::{StreamExt, pin_mut};
use gloo::timers::future::TimeoutFuture;
use half::slice::HalfFloatSliceExt;
use js_sys::{SharedArrayBuffer, Uint16Array};
use wasm_bindgen::JsValue;

use super::thread::Thread;
use crate::head::{LocalTeam, Sliced, Team, TeamError, TeamMessage, TeamReply};

/// Where the workers' program stands.
const SCRIPT: &str = "./trainer_loader.js";
/// Milliseconds for an answer: six times what the largest batch (1,024 images, 4,096 filters) would take
/// at the pace of the notebook's (50 images, 100 filters, 34 ms alone: docs/benchmarks.md).
const DEADLINE: u32 = 180_000;

/// Training workers, or this thread alone where there are none.
pub enum BrowserTeam {
    /// This thread.
    Alone(LocalTeam),
    /// Workers, one a member.
    Together {
        /// In the members' order.
        colleagues: Vec<Colleague>,
        /// Where they all find the features, in a page that may share memory. A message with features is
        /// answered before the next one goes out, so that nobody reads what that one overwrites.
        shared: Option<Uint16Array>,
    },
}

/// A member in a worker of its own; dropping it ends the worker.
pub struct Colleague {
    thread: Thread,
    replies: mpsc::UnboundedReceiver<Result<TeamReply, String>>,
}

impl BrowserTeam {
    /// A team of so many, a number that [`crate::head::most_members`] allows. Where the browser starts no
    /// workers it is this thread.
    pub fn start(members: usize) -> Self {
        if members < 2 {
            return Self::Alone(LocalTeam::new(1));
        }
        let colleagues = (0..members).map(|number| Colleague::start(number as u32, members as u32));
        match colleagues.collect() {
            Ok(colleagues) => Self::Together { colleagues, shared: shared(0) },
            Err(_) => Self::Alone(LocalTeam::new(1)),
        }
    }
}

impl Colleague {
    fn start(number: u32, members: u32) -> Result<Self, String> {
        let (sender, replies) = mpsc::unbounded();
        let thread = Thread::start(SCRIPT, move |reply: Result<(TeamReply, _), String>| {
            // Nobody waits for the replies of a team that was dropped.
            let _ = sender.unbounded_send(reply.map(|(reply, _)| reply));
        })?;
        thread.send(&(number, members), &JsValue::UNDEFINED)?;
        Ok(Self { thread, replies })
    }

    async fn reply(&mut self) -> Result<TeamReply, TeamError> {
        let (reply, deadline) = (self.replies.next(), TimeoutFuture::new(DEADLINE));
        pin_mut!(reply);
        match future::select(reply, deadline).await {
            future::Either::Left((Some(reply), _)) => reply.map_err(TeamError),
            future::Either::Left((None, _)) => Err(TeamError("a worker is gone".to_owned())),
            future::Either::Right(_) => Err(TeamError("a worker did not answer in time".to_owned())),
        }
    }
}

impl Team for BrowserTeam {
    fn tell(&mut self, message: &TeamMessage, features: &Sliced) -> Result<(), TeamError> {
        let (colleagues, memory) = match self {
            Self::Alone(team) => return team.tell(message, features),
            Self::Together { colleagues, shared } => (colleagues, shared),
        };
        let values = features.values().reinterpret_cast();
        share_memory(memory, values);
        for (number, colleague) in colleagues.iter().enumerate() {
            let own = features.of_member(number, colleagues.len());
            let attachment = match memory {
                _ if own.is_empty() => JsValue::UNDEFINED,
                Some(memory) => memory.subarray(own.start as u32, own.end as u32).into(),
                None => Uint16Array::from(&values[own]).into(),
            };
            colleague.thread.send(message, &attachment).map_err(TeamError)?;
        }
        Ok(())
    }

    async fn answers(&mut self) -> Result<Vec<TeamReply>, TeamError> {
        match self {
            Self::Alone(team) => team.answers().await,
            Self::Together { colleagues, .. } => {
                join_all(colleagues.iter_mut().map(Colleague::reply)).await.into_iter().collect()
            }
        }
    }
}

/// Shared memory for so many values; `None` where the page is not isolated from other origins.
fn shared(values: u32) -> Option<Uint16Array> {
    let isolated = js_sys::Reflect::get(&js_sys::global(), &"crossOriginIsolated".into()).ok()?;
    let bytes = values.checked_mul(size_of::<u16>() as u32)?;
    isolated.is_truthy().then(|| Uint16Array::new(&SharedArrayBuffer::new(bytes)))
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
