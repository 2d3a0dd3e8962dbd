//! A worker seen from the thread that started it.

use std::cell::RefCell;
use std::rc::Rc;

use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo::timers::future::TimeoutFuture;
use js_sys::Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{describe, port};

/// Why nothing more comes from a worker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThreadError {
    /// Its program is of another build than this one: the site was renewed meanwhile.
    #[error("its program is of another version of the page")]
    OtherBuild,
    /// It could not be started, or something went wrong in it, in words.
    #[error("{0}")]
    Failed(String),
}

/// A running worker; dropping it ends the worker at once, whatever it is doing.
pub struct Thread {
    worker: Worker,
    /// What waits until the worker listens; `None` from then on. A browser drops messages that
    /// come before a module worker has set its handler.
    waiting: Rc<RefCell<Option<Vec<Array>>>>,
    /// Comes true when it listens, and breaks where something goes wrong before.
    listening: Option<oneshot::Receiver<()>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Thread {
    /// Starts the worker whose program stands at `script`. `receive` gets its messages with what
    /// came attached to them, and what went wrong in it.
    ///
    /// # Errors
    /// In words, where the browser cannot start workers.
    pub fn start<T>(
        script: &str,
        receive: impl Fn(Result<(T, JsValue), ThreadError>) + 'static,
    ) -> Result<Self, String>
    where
        T: DeserializeOwned,
    {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(script, &options).map_err(|error| describe(&error))?;
        let receive = Rc::new(receive);
        let fail = Rc::clone(&receive);
        let (listens, listening) = oneshot::channel();
        let listens = Rc::new(RefCell::new(Some(listens)));
        let fails = Rc::clone(&listens);
        let waiting = Rc::new(RefCell::new(Some(Vec::<Array>::new())));
        let (queue, listener) = (Rc::clone(&waiting), worker.clone());
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let Some(messages) = queue.borrow_mut().take() else {
                return receive(port::unpack(&event).map_err(|error| ThreadError::Failed(error.to_string())));
            };
            let listens = listens.take();
            if !port::is_greeting(&event) {
                // What it says would be understood otherwise than it is meant.
                listener.terminate();
                return receive(Err(ThreadError::OtherBuild));
            }
            if let Some(listens) = listens {
                // Not everybody waits for it.
                let _ = listens.send(());
            }
            for message in messages {
                if let Err(error) = listener.post_message(&message) {
                    receive(Err(ThreadError::Failed(describe(&error))));
                }
            }
        });
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            fails.take();
            // A script that could not be fetched gives an event without a message.
            let message = js_sys::Reflect::get(&event, &"message".into()).ok();
            let message = message.and_then(|message| message.as_string());
            let message = message.unwrap_or_else(|| "its program could not be loaded".to_owned());
            fail(Err(ThreadError::Failed(message)));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let listening = Some(listening);
        Ok(Self { worker, waiting, listening, _on_message: on_message, _on_error: on_error })
    }

    /// Whether it listens within so many milliseconds: then its program is loaded and has memory.
    pub async fn listens(&mut self, milliseconds: u32) -> bool {
        let Some(listening) = self.listening.take() else { return true };
        let outcome = select(listening, TimeoutFuture::new(milliseconds)).await;
        matches!(outcome, Either::Left((Ok(()), _)))
    }

    /// Whether it has greeted, so that it hears messages.
    pub fn has_begun(&self) -> bool {
        self.waiting.borrow().is_none()
    }

    /// Ends the worker at once, whatever it is doing: nothing comes from it any more.
    pub fn end(&self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }

    /// Sends `message`, with what only the browser can carry.
    ///
    /// # Errors
    /// In words, where memory is exhausted.
    pub fn send<T: Serialize>(&self, message: &T, attachment: &JsValue) -> Result<(), String> {
        let packed = port::pack(message, attachment).map_err(|error| error.to_string())?;
        if let Some(waiting) = self.waiting.borrow_mut().as_mut() {
            waiting.push(packed);
            return Ok(());
        }
        self.worker.post_message(&packed).map_err(|error| describe(&error))
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.end();
    }
}
