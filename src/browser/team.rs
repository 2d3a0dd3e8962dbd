//! A team of training workers seen from the session worker.

use futures::channel::mpsc;
use futures::future::{self, join_all};
use futures::{StreamExt, pin_mut};
use gloo::timers::future::TimeoutFuture;
use half::f16;
use half::slice::HalfFloatSliceExt;
use js_sys::{SharedArrayBuffer, Uint16Array};
use wasm_bindgen::JsValue;

use super::thread::Thread;
use crate::head::{LocalTeam, Team, TeamError, TeamMessage, TeamReply};

/// Where the workers' program stands.
const SCRIPT: &str = "./trainer_loader.js";
/// Milliseconds for an answer: nine times what the largest batch (1,024 images, 4,096 filters) would take
/// at the pace of the notebook's (50 images, 100 filters, 23 ms alone: docs/benchmarks.md).
const DEADLINE: u32 = 180_000;

/// Training workers, or this thread alone where there are none.
pub enum BrowserTeam {
    /// This thread.
    Alone(LocalTeam),
    /// Workers, one a member.
    Together {
        /// In the members' order.
        colleagues: Vec<Colleague>,
        /// Where they all find the features, in a page that may share memory. There is one question at a
        /// time, so that nobody reads what the next one overwrites.
        shared: Option<Uint16Array>,
    },
}

/// A member in a worker of its own; dropping it ends the worker.
pub struct Colleague {
    thread: Thread,
    replies: mpsc::UnboundedReceiver<Result<TeamReply, String>>,
}

impl BrowserTeam {
    /// A team of so many. Where the browser starts no workers it is this thread.
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
        let thread = Thread::start(SCRIPT, move |reply: Result<TeamReply, String>| {
            // Nobody waits for the replies of a team that was dropped.
            let _ = sender.unbounded_send(reply);
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
    async fn ask(&mut self, message: &TeamMessage, features: &[f16]) -> Result<Vec<TeamReply>, TeamError> {
        let (colleagues, shared) = match self {
            Self::Alone(team) => return team.ask(message, features).await,
            Self::Together { colleagues, shared } => (colleagues, shared),
        };
        let attachment = attachment(shared, features.reinterpret_cast());
        for colleague in colleagues.iter() {
            colleague.thread.send(message, &attachment).map_err(TeamError)?;
        }
        join_all(colleagues.iter_mut().map(Colleague::reply)).await.into_iter().collect()
    }
}

/// Shared memory for so many values; `None` where the page is not isolated from other origins.
fn shared(values: u32) -> Option<Uint16Array> {
    let isolated = js_sys::Reflect::get(&js_sys::global(), &"crossOriginIsolated".into()).ok()?;
    let bytes = values.checked_mul(size_of::<u16>() as u32)?;
    isolated.is_truthy().then(|| Uint16Array::new(&SharedArrayBuffer::new(bytes)))
}

/// Features as they go to workers: in shared memory, or to be copied for each.
fn attachment(memory: &mut Option<Uint16Array>, features: &[u16]) -> JsValue {
    if features.is_empty() {
        return JsValue::UNDEFINED;
    }
    let values = features.len() as u32;
    if memory.as_ref().is_some_and(|memory| memory.length() < values) {
        *memory = shared(values);
    }
    match memory {
        Some(memory) => {
            let memory = memory.subarray(0, values);
            memory.copy_from(features);
            memory.into()
        }
        None => Uint16Array::from(features).into(),
    }
}
