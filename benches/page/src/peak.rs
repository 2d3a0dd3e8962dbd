//! How fast this machine multiplies and adds in WebAssembly, whatever it is that is computed.

use std::arch::wasm32::{f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_splat};
use std::hint::black_box;

/// Chains that do not wait for each other: enough to hide an addition's latency of four cycles at two a
/// cycle, and few enough for sixteen registers.
const CHAINS: usize = 12;
/// Steps between two looks at the clock.
const STEPS: u32 = 2_000_000;
/// The best of so many rounds counts: the others were disturbed.
const ROUNDS: u32 = 8;

/// Operations a second of a loop that touches no memory, in 10^9: a multiplication and an addition are
/// two. `now` gives milliseconds.
pub fn gflops(now: impl Fn() -> f64) -> f64 {
    let mut best = 0.0_f64;
    for _ in 0..ROUNDS {
        let (factor, begun) = (f32x4_splat(black_box(0.999_9)), now());
        let mut chains = [f32x4_splat(1.0); CHAINS];
        for _ in 0..STEPS {
            for chain in &mut chains {
                *chain = f32x4_add(f32x4_mul(*chain, factor), factor);
            }
        }
        let seconds = (now() - begun) / 1000.0;
        black_box(chains.map(|chain| f32x4_extract_lane::<0>(chain)));
        best = best.max(f64::from(STEPS) * CHAINS as f64 * 4.0 * 2.0 / seconds / 1e9);
    }
    best
}
