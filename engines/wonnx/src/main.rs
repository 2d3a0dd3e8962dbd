//! The WebGPU engine's worker: wonnx behind the trait `Network`.

#[cfg(target_arch = "wasm32")]
mod network;
#[cfg(target_arch = "wasm32")]
mod share;

#[cfg(target_arch = "wasm32")]
fn main() {
    // Without WebGPU the engine says so when it loads.
    let _ = share::share_equal_shaders();
    bottleneck::browser::engine::serve(network::WonnxNetwork::load);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
