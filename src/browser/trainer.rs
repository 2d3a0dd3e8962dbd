//! The training workers' side: one member of a team, until it is ended.

use half::f16;
use half::vec::HalfBitsVecExt;
use js_sys::Uint16Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::MessageEvent;

use super::port;
use crate::head::{Member, TeamMessage, TeamReply};
use crate::protocol::ProtocolError;

/// Serves as a member of a team. Messages are [`TeamMessage`]s, with the features of its channels as float16 in
/// a `Uint16Array` beside them.
///
/// A panic becomes an answer too, so that nobody waits for a dead thread.
pub fn serve() {
    std::panic::set_hook(Box::new(|panic| port::reply(&TeamReply::Failed(panic.to_string()))));
    let mut member = Member::default();
    port::listen(move |event| match answer(&mut member, &event) {
        Ok(Some(reply)) => port::reply(&reply),
        Ok(None) => {}
        Err(error) => port::reply(&TeamReply::Failed(error.to_string())),
    });
}

fn answer(member: &mut Member, event: &MessageEvent) -> Result<Option<TeamReply>, ProtocolError> {
    let (message, features): (TeamMessage, JsValue) = port::unpack(event)?;
    let features = features.dyn_ref::<Uint16Array>().map(Uint16Array::to_vec).unwrap_or_default();
    let features: Vec<f16> = features.reinterpret_into();
    Ok(member.answer(&message, &features))
}
