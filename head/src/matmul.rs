//! Matrix products of row-major float32 slices, by rten-gemm: in WebAssembly it reaches 40
//! GFLOP/s on one thread where the crate `gemm` reaches 11 (docs/benchmarks.md).
//!
//! Each function takes the sizes `[m, k, n]` of an m x k by k x n product. The slices' lengths
//! are those sizes' by construction of the head, so that the crate has nothing to refuse.

use rten_gemm::{GemmExecutor, GemmInputA, GemmInputB, GemmOptions};
use rten_tensor::{Matrix, NdTensorView};

/// `out = a b`
pub fn a_b(a: &[f32], b: &[f32], out: &mut [f32], [m, k, n]: [usize; 3]) {
    product(NdTensorView::from_data([m, k], a), NdTensorView::from_data([k, n], b), out, 0.0);
}

/// `out = a bᵀ`, where `b` lies as n x k.
pub fn a_bt(a: &[f32], b: &[f32], out: &mut [f32], sizes: [usize; 3]) {
    a_bt_and(0.0, a, b, out, sizes);
}

/// `out = a bᵀ + kept out`, where `b` lies as n x k.
pub fn a_bt_and(kept: f32, a: &[f32], b: &[f32], out: &mut [f32], [m, k, n]: [usize; 3]) {
    product(NdTensorView::from_data([m, k], a), NdTensorView::from_data([n, k], b).transposed(), out, kept);
}

/// `out = aᵀ b`, where `a` lies as k x m.
pub fn at_b(a: &[f32], b: &[f32], out: &mut [f32], sizes: [usize; 3]) {
    at_b_and(0.0, a, b, out, sizes);
}

/// `out = aᵀ b + kept out`, where `a` lies as k x m.
pub fn at_b_and(kept: f32, a: &[f32], b: &[f32], out: &mut [f32], [m, k, n]: [usize; 3]) {
    product(NdTensorView::from_data([k, m], a).transposed(), NdTensorView::from_data([k, n], b), out, kept);
}

fn product(a: Matrix, b: Matrix, out: &mut [f32], kept: f32) {
    let executor: GemmExecutor = GemmExecutor::default();
    let (a, b) = (GemmInputA::Unpacked(a), GemmInputB::Unpacked(b));
    let outcome = executor.gemm(out, a, b, GemmOptions { beta: kept, ..GemmOptions::default() });
    debug_assert!(outcome.is_ok(), "{outcome:?}");
}
