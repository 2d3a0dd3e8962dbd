//! What every answer says besides its bytes.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

/// For a page that has no policy for itself.
const STRICT: &str = "default-src 'self' 'wasm-unsafe-eval'";

/// The headers of every answer.
///
/// Cross-origin isolation, files that are asked for anew each time (with a short answer where
/// they have not changed), no address but the page's own, and of the device's senses the camera
/// only.
pub struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    /// The headers for the page whose `index.html` this is.
    pub fn new(index: &str) -> Self {
        // Who may frame the page can be said in a header only.
        let policy = format!("{}; frame-ancestors 'self'", policy(index).unwrap_or(STRICT));
        let fixed = [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-embedder-policy", "require-corp"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            (
                "permissions-policy",
                "camera=(self), microphone=(), display-capture=(), geolocation=(), payment=(), usb=()",
            ),
        ];
        let mut headers: Vec<_> = fixed
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .into();
        headers.push((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")));
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.push((header::CONTENT_SECURITY_POLICY, policy));
        }
        Self(headers)
    }

    /// Adds them to the answer to a request for `path`, and completes what the answer says of itself.
    pub fn add(&self, path: &str, response: &mut Response) {
        let headers = response.headers_mut();
        for (name, value) in &self.0 {
            headers.insert(name.clone(), value.clone());
        }
        if let Some(kind) = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) {
            let kind = if path.ends_with(".ftl") { "text/plain" } else { kind };
            if kind.starts_with("text/")
                && !kind.contains("charset")
                && let Ok(kind) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
            {
                headers.insert(header::CONTENT_TYPE, kind);
            }
        }
    }
}

/// The policy that the page has for itself.
fn policy(index: &str) -> Option<&str> {
    let (_, rest) = index.split_once("http-equiv=\"Content-Security-Policy\"")?;
    let (_, rest) = rest.split_once("content=\"")?;
    Some(rest.split_once('"')?.0)
}
