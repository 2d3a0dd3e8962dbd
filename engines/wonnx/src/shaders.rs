//! One shader for convolutions, and equal shaders compiled once.
//!
//! wonnx asks for a shader module and a pipeline for each of its nodes. Its graphics device is given methods here
//! that answer with the product's kernel where the node is a packed convolution (`onnx_prepare::packed`), and
//! with what they gave before where they are asked for the same.

use js_sys::{Function, Map, Promise, Reflect};
use onnx_prepare::packed::MARK;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

type Answer = Result<JsValue, JsValue>;

/// The kernel of a packed convolution.
const CONVOLUTION: &str = include_str!("convolution.wgsl");

/// Makes every device that this thread asks for from now on use [`CONVOLUTION`], and share its shader modules and
/// compute pipelines.
///
/// # Errors
/// Where the browser has no WebGPU.
pub fn replace_shaders() -> Result<(), JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let gpu = Reflect::get(&navigator, &"gpu".into())?;
    then(&gpu, "requestAdapter", |adapter| then(adapter, "requestDevice", share))
}

/// Does something with what the promise of a method brings, before its caller has it.
fn then(object: &JsValue, method: &str, and: fn(&JsValue) -> Result<(), JsValue>) -> Result<(), JsValue> {
    replace(object, method, move |original, argument| {
        let promise: Promise = original(argument)?.dyn_into()?;
        Ok(future_to_promise(async move {
            let brought = JsFuture::from(promise).await?;
            if !brought.is_null() {
                and(&brought)?;
            }
            Ok(brought)
        })
        .into())
    })
}

/// Gives a device the kernel for marked convolutions, and lets it share what it makes.
fn share(device: &JsValue) -> Result<(), JsValue> {
    // As wonnx writes the dilation of a row and of a column into its shader.
    let mark = format!("i32(i) * {MARK}i");
    let modules = Map::new();
    replace(device, "createShaderModule", move |original, descriptor| {
        let asked = Reflect::get(descriptor, &"code".into())?;
        let marked = asked.as_string().is_some_and(|code| code.contains(&mark));
        let code = if marked { CONVOLUTION.into() } else { asked };
        once(&modules, &code, || {
            Reflect::set(descriptor, &"code".into(), &code)?;
            original(descriptor)
        })
    })?;
    let pipelines = Map::new();
    replace(device, "createComputePipeline", move |original, descriptor| {
        let stage = Reflect::get(descriptor, &"compute".into())?;
        let of_stage = |name: &str| Reflect::get(&stage, &name.into());
        // What a shader binds is then its own matter, and equal for equal ones. wonnx has one entry in each.
        let plain = Reflect::get(descriptor, &"layout".into())? == "auto"
            && of_stage("entryPoint")? == "main"
            && of_stage("constants")?.is_undefined();
        match plain {
            true => once(&pipelines, &of_stage("module")?, || original(descriptor)),
            false => original(descriptor),
        }
    })
}

/// What `known` has for `key`; else it is made and kept.
fn once(known: &Map, key: &JsValue, make: impl FnOnce() -> Answer) -> Answer {
    if !known.has(key) {
        known.set(key, &make()?);
    }
    Ok(known.get(key))
}

/// Gives an object a method of its own, of one argument, that may call the one that was there.
fn replace(
    object: &JsValue,
    method: &str,
    with: impl Fn(&dyn Fn(&JsValue) -> Answer, &JsValue) -> Answer + 'static,
) -> Result<(), JsValue> {
    let original: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    let this = object.clone();
    let call = move |argument: JsValue| with(&|argument| original.call1(&this, argument), &argument);
    let closure = Closure::<dyn Fn(JsValue) -> Answer>::new(call);
    // The object has it for as long as the thread lives.
    Reflect::set(object, &method.into(), &closure.into_js_value())?;
    Ok(())
}
