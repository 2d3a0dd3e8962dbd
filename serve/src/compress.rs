//! Which answers are compressed on their way.

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};

/// What decides: an answer's status, version, headers and extensions.
type Decides = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// Compresses what gets smaller and is not tiny.
pub fn layer() -> CompressionLayer<And<SizeAbove, Decides>> {
    CompressionLayer::new().compress_when(SizeAbove::default().and(shrinks as Decides))
}

/// Whether an answer of this kind gets much smaller: text and programs, not weights (float16
/// values of a trained network have few patterns), archives and pictures.
fn shrinks(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    let programs = ["application/javascript", "application/json", "application/wasm", "image/svg+xml"];
    kind.starts_with("text/") || kind.ends_with("+json") || programs.contains(&kind)
}
