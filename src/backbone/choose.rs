//! Which backbone to open where nobody named one, and which engine to take.

use super::{NOTEBOOK, Purpose};
use crate::protocol::{BackboneReason, Engine, EngineReason, EngineRequest};

/// A backbone that could be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// Address of its manifest.
    pub address: &'a str,
    /// What its weights are good for.
    pub purpose: Purpose,
    /// Whether its file is kept on this device or can come in.
    pub at_hand: bool,
}

impl Candidate<'_> {
    /// Whether it is at hand and its weights are real ones: then none after it is better.
    pub fn will_do(&self) -> bool {
        self.at_hand && self.purpose.is_real()
    }
}

/// The place of the backbone to open among `candidates`, the preferred ones first, and why it is that one;
/// `None` where there are none. What is at hand goes before what has real weights, for an image must be
/// computed at all.
pub fn backbone(candidates: &[Candidate<'_>]) -> Option<(usize, BackboneReason)> {
    let rank = |candidate: &Candidate<'_>| (candidate.at_hand, candidate.purpose.is_real());
    // Of equals `max_by_key` takes the last one, which is the preferred one here.
    let (at, best) = candidates.iter().enumerate().rev().max_by_key(|(_, candidate)| rank(candidate))?;
    let notebook = candidates.iter().find(|candidate| candidate.address == NOTEBOOK);
    let any_real = candidates.iter().any(|candidate| candidate.purpose.is_real());
    let reason = match (best.purpose, notebook) {
        (Purpose::Development, _) if any_real => BackboneReason::Kept,
        (Purpose::Development, _) => BackboneReason::NoneReal,
        (Purpose::ImageNet, _) if best.address == NOTEBOOK => BackboneReason::Notebook,
        (Purpose::Custom, _) if best.address == NOTEBOOK => BackboneReason::Brought,
        (_, None) => BackboneReason::Missing,
        (_, Some(notebook)) if notebook.purpose.is_real() => BackboneReason::Kept,
        (_, Some(_)) => BackboneReason::Development,
    };
    Some((at, reason))
}

/// What the browser's WebGPU offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapter {
    /// No WebGPU, or no adapter.
    None,
    /// WebGPU is there, and gives no answer.
    Silent,
    /// An adapter that computes on the CPU: about 50 times slower than the CPU engine.
    Software,
    /// A graphics processor.
    Hardware,
}

/// The engine to try first, and why; `None` where both have to be timed first. `speeds` are the images per
/// second of the CPU and of WebGPU, as far as they were measured on this device.
pub fn choose(
    request: EngineRequest,
    adapter: Adapter,
    speeds: [Option<f32>; 2],
) -> Option<(Engine, EngineReason)> {
    Some(match (request, adapter) {
        (EngineRequest::Cpu, _) => (Engine::Cpu, EngineReason::Asked),
        // wonnx panics without an adapter, so not even a person's wish starts it then.
        (_, Adapter::None) => (Engine::Cpu, EngineReason::NoWebGpu),
        (_, Adapter::Silent) => (Engine::Cpu, EngineReason::SilentWebGpu),
        (EngineRequest::WebGpu, _) => (Engine::WebGpu, EngineReason::Asked),
        (EngineRequest::Auto, Adapter::Software) => (Engine::Cpu, EngineReason::SoftwareAdapter),
        (EngineRequest::Auto, Adapter::Hardware) => {
            let [cpu, webgpu] = speeds;
            (faster(cpu?, webgpu?), EngineReason::Faster)
        }
    })
}

/// The engine that computes more images per second; of equals WebGPU, which leaves the processor free.
pub fn faster(cpu: f32, webgpu: f32) -> Engine {
    if cpu > webgpu { Engine::Cpu } else { Engine::WebGpu }
}

/// The engine to try after `failed` did not start or broke down; `None` where there is no other.
pub fn instead_of(failed: Engine, adapter: Adapter) -> Option<(Engine, EngineReason)> {
    match failed {
        Engine::WebGpu => Some((Engine::Cpu, EngineReason::WebGpuFailed)),
        Engine::Cpu => match adapter {
            Adapter::None | Adapter::Silent => None,
            Adapter::Software | Adapter::Hardware => Some((Engine::WebGpu, EngineReason::CpuFailed)),
        },
    }
}

/// Memory that a worker needs beside its network, in MiB: its program, and the maps of the images in work.
const WORKER_MEMORY: f64 = 64.0;
/// How many times its file a network needs, whose weights are float16 there: the file once more while it is
/// read, and the weights widened to float32. InceptionV3 (44 MB) then needs 189 MiB; its WebAssembly memory was
/// measured at 141 MB, and while it loads the file lies beside it (docs/benchmarks.md).
const NETWORK_MEMORY: f64 = 3.0;
/// GiB of memory that are assumed where the browser does not tell.
const USUAL_MEMORY: f64 = 4.0;
/// The part of the device's memory that workers may have.
const SHARE: f64 = 0.25;
/// The most workers on a tablet or a phone that does not tell its memory: iOS ends a tab near 1.5 GB, and
/// InceptionV3's then have 0.6 of it.
const TABLET_WORKERS: u32 = 3;

/// How many workers to start, each with a network whose file has so many bytes: one a core, at most 8, and at
/// most a quarter of the memory.
///
/// `cores` is `navigator.hardwareConcurrency`; `memory` is `navigator.deviceMemory` in GiB, which is told by
/// Chromium only, up to 8.
pub fn cpu_workers(cores: u32, memory: Option<f64>, network: u64) -> u32 {
    let worker = WORKER_MEMORY + NETWORK_MEMORY * network as f64 / 1024.0 / 1024.0;
    let affordable = memory.unwrap_or(USUAL_MEMORY) * 1024.0 * SHARE / worker;
    cores.min(affordable as u32).clamp(1, 8)
}

/// How many workers of a kind a device can have at the most, where its memory is not known; `touched` says
/// whether it is used by fingers first of all.
pub fn most_workers(memory: Option<f64>, touched: bool) -> Option<u32> {
    (memory.is_none() && touched).then_some(TABLET_WORKERS)
}
