//! A worker that trains some of a convolution's filters.

#[cfg(target_arch = "wasm32")]
fn main() {
    bottleneck::browser::trainer::serve();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
