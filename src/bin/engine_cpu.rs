//! The CPU engine's worker.

#[cfg(target_arch = "wasm32")]
fn main() {
    use bottleneck::backbone::cpu::CpuNetwork;
    bottleneck::browser::engine::serve(async |onnx, manifest| CpuNetwork::load(onnx, manifest));
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
