//! The WebGPU engine's worker: wonnx behind the trait `Network`.

#[cfg(target_arch = "wasm32")]
mod network;
#[cfg(target_arch = "wasm32")]
mod shaders;

#[cfg(target_arch = "wasm32")]
fn main() {
    // Without WebGPU the engine says so when it loads.
    let _ = shaders::replace_shaders();
    bottleneck::browser::engine::serve(network::WonnxNetwork::load);
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
