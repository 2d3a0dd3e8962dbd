//! Under which names the server answers.
//!
//! A page of the wide world can let its own name lead to this machine (DNS rebinding) and would then read what is in
//! `data/`, as if it were its own. Such a request names that page in its `Host` header, and gets no file.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

/// What a refused request is told.
const REFUSED: &str = "\
ES  Este servidor no responde a ese nombre. Abra la dirección que mostró al arrancar, o arránquelo con
    --allow-host NOMBRE.
EN  This server does not answer to that name. Open the address that it showed when it started, or start it with
    --allow-host NAME.
";

/// `app` for requests that name this machine itself (`localhost`, a loopback address) or one of `names`: host names
/// or addresses, without a port. Others get the status 421 and no file.
pub fn only(app: Router, names: impl IntoIterator<Item = String>) -> Router {
    let names: Arc<Vec<String>> = Arc::new(names.into_iter().map(|name| plain(&name)).collect());
    app.layer(from_fn_with_state(names, refuse_others))
}

async fn refuse_others(State(names): State<Arc<Vec<String>>>, request: Request, next: Next) -> Response {
    match named(&request).is_some_and(|name| is_own(&name) || names.contains(&name)) {
        true => next.run(request).await,
        false => (StatusCode::MISDIRECTED_REQUEST, REFUSED).into_response(),
    }
}

/// The host that a request names: in its address (HTTP/2), else in its one `Host` header.
fn named(request: &Request) -> Option<String> {
    if let Some(host) = request.uri().host() {
        return Some(plain(host));
    }
    let mut headers = request.headers().get_all(header::HOST).iter();
    let (header, None) = (headers.next()?, headers.next()) else { return None };
    let authority: Authority = header.to_str().ok()?.parse().ok()?;
    Some(plain(authority.host()))
}

/// A host's name as it is compared: in lower case, without an IPv6 address's brackets or the root's dot.
fn plain(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// Whether a name means this machine, wherever it is asked for (RFC 6761, 6.3).
fn is_own(name: &str) -> bool {
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
