//! What a link may ask for after the `?`: the engine, the limits, the backbone, the workers.

use crate::protocol::{EngineRequest, Limits};

/// The backbone that a link asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// None in particular: the session opens the best one.
    Best,
    /// The one whose manifest has this address on the page's own origin.
    Named(String),
    /// One that may not be opened: then there is none.
    Refused,
}

/// What the link asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The backbone.
    pub backbone: Wanted,
    /// The engine.
    pub engine: EngineRequest,
    /// How many images to use.
    pub limits: Limits,
    /// How many workers of a kind to use at the most.
    pub workers: Option<u32>,
}

/// A part of the link that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The backbone's address might lead to another origin.
    #[error("backbone={0}")]
    Backbone(String),
    /// There is no such engine.
    #[error("engine={0}")]
    Engine(String),
    /// A limit that is not a whole number from 1.
    #[error("{name}={value}")]
    Number {
        /// The parameter's name.
        name: &'static str,
        /// What it was set to.
        value: String,
    },
}

impl Query {
    /// Reads a link; `get` gives a parameter's decoded value. What cannot be followed is
    /// told and left at its default, except for a refused backbone: then none is opened.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> (Self, Vec<QueryError>) {
        let mut errors = Vec::new();
        let backbone = match get("backbone") {
            None => Wanted::Best,
            Some(address) if is_own_path(&address) => Wanted::Named(address),
            Some(address) => {
                errors.push(QueryError::Backbone(address));
                Wanted::Refused
            }
        };
        let engine = match get("engine").as_deref() {
            None | Some("auto") => EngineRequest::Auto,
            Some("cpu") => EngineRequest::Cpu,
            Some("webgpu") => EngineRequest::WebGpu,
            Some(other) => {
                errors.push(QueryError::Engine(other.to_owned()));
                EngineRequest::Auto
            }
        };
        let mut limit = |name: &'static str| {
            let value = get(name)?;
            let number = value.parse().ok().filter(|&number: &u32| number > 0);
            if number.is_none() {
                errors.push(QueryError::Number { name, value });
            }
            number
        };
        let limits = Limits { train: limit("train"), test: limit("test") };
        let workers = limit("workers");
        (Self { backbone, engine, limits, workers }, errors)
    }
}

/// Whether `address` stays on the page's origin however a browser reads it: no scheme, no
/// `//host`, none of the characters that browsers drop or take for a slash.
fn is_own_path(address: &str) -> bool {
    let odd = |c: char| c == ':' || c == '\\' || c.is_control() || c.is_whitespace();
    !address.is_empty() && !address.contains("//") && !address.contains(odd)
}
