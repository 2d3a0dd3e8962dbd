//! The CPU engine's worker.

#[cfg(target_arch = "wasm32")]
fn main() {
    use bottleneck::backbone::rten::RtenNetwork;
    bottleneck::browser::engine::serve(async |onnx, manifest| RtenNetwork::load(onnx, manifest));
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
