//! The engine workers' side: loads one network and answers with features, until it is ended.

use futures::StreamExt;
use futures::channel::mpsc;
use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::Blob;

use super::{describe, port};
use crate::backbone::local::Local;
use crate::backbone::{Backbone, BackboneError, Manifest, Network};
use crate::protocol::{EngineMessage, EngineReply};

/// Serves as an engine worker. `load` makes a network of the `.onnx` file's bytes.
///
/// A panic becomes an answer too, so that nobody waits for a dead thread.
pub fn serve<N, L>(load: L)
where
    N: Network + 'static,
    L: AsyncFn(Vec<u8>, &Manifest) -> Result<N, BackboneError> + 'static,
{
    std::panic::set_hook(Box::new(|panic| {
        port::reply(&EngineReply::Failed(BackboneError::Run(panic.to_string())));
    }));
    let (sender, mut messages) = mpsc::unbounded();
    port::listen(move |event| {
        // The receiver lives as long as the worker.
        let _ = sender.unbounded_send(event);
    });
    spawn_local(async move {
        let mut backbone = None;
        while let Some(event) = messages.next().await {
            let reply = match port::unpack(&event) {
                Ok((EngineMessage::Load(manifest), file)) => {
                    match load_backbone(&load, &manifest, file).await {
                        Ok((loaded, probe_error)) => {
                            backbone = Some(loaded);
                            EngineReply::Loaded { probe_error }
                        }
                        Err(error) => EngineReply::Failed(error),
                    }
                }
                Ok((EngineMessage::Extract { id, images }, _)) => match &backbone {
                    Some(backbone) => match backbone.extract(&images).await {
                        Ok(features) => EngineReply::Extracted { id, features },
                        Err(error) => EngineReply::Failed(error),
                    },
                    None => EngineReply::Failed(BackboneError::Run("no network is loaded".to_owned())),
                },
                Err(error) => EngineReply::Failed(BackboneError::Run(error.to_string())),
            };
            port::reply(&reply);
        }
    });
}

async fn load_backbone<N: Network>(
    load: &impl AsyncFn(Vec<u8>, &Manifest) -> Result<N, BackboneError>,
    manifest: &Manifest,
    file: JsValue,
) -> Result<(Local<N>, f32), BackboneError> {
    let file = file.dyn_into::<Blob>().map_err(|_| BackboneError::File("none was sent".to_owned()))?;
    // Called by name: the web-sys of the WebGPU engine types this method differently.
    let method = js_sys::Reflect::get(&file, &"arrayBuffer".into());
    let promise = method.and_then(|method| method.unchecked_into::<js_sys::Function>().call0(&file));
    let buffer = match promise {
        Ok(promise) => JsFuture::from(promise.unchecked_into::<Promise>()).await,
        Err(error) => Err(error),
    };
    let buffer = buffer.map_err(|error| BackboneError::File(describe(&error)))?;
    let bytes = Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec();
    drop(buffer);
    Local::new(load(bytes, manifest).await?, manifest).await
}
