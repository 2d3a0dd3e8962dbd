//! The session worker.

#[cfg(target_arch = "wasm32")]
fn main() {
    bottleneck::browser::session_worker::run();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
