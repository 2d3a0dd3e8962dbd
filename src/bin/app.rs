//! The page.

#[cfg(target_arch = "wasm32")]
fn main() {
    bottleneck::ui::app::run();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
