//! How fast each backbone was on this device, as the browser remembers it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backbone::pieces::is_sha256;
use crate::protocol::{BackboneInfo, Engine, Speed};

/// No device computes more images per second.
const FASTEST: f64 = 1e6;

/// Images per second by backbone and engine, those of trials apart. What is read of it may be anything:
/// values that are no speed of a backbone are left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Value>")]
pub struct Speeds(BTreeMap<String, f32>);

impl From<BTreeMap<String, Value>> for Speeds {
    fn from(read: BTreeMap<String, Value>) -> Self {
        let speeds = read.into_iter().filter_map(|(key, value)| {
            let (backbone, ..) = parts(&key)?;
            let speed = value.as_f64().filter(|speed| *speed > 0.0 && *speed <= FASTEST)?;
            is_sha256(backbone).then_some((key, speed as f32))
        });
        Self(speeds.collect())
    }
}

impl Speeds {
    /// Takes in what was measured, in place of an earlier measure.
    pub fn measured(&mut self, speed: &Speed) {
        self.0.insert(key(&speed.backbone, speed.engine, speed.trial), speed.images_per_second);
    }

    /// All that is known.
    pub fn all(&self) -> Vec<Speed> {
        let speed = |(key, &images_per_second): (&String, &f32)| {
            let (backbone, engine, trial) = parts(key)?;
            Some(Speed { backbone: backbone.to_owned(), engine, trial, images_per_second })
        };
        self.0.iter().filter_map(speed).collect()
    }

    /// What is known of `backbone`, each engine that was measured with its images per second: those of both
    /// trials, which compare the engines, and without them those of an extraction.
    pub fn of(&self, backbone: &BackboneInfo) -> Vec<(Engine, f32)> {
        let speeds = |trial| {
            let known = |engine| Some((engine, *self.0.get(&key(&backbone.sha256, engine, trial))?));
            Engine::ALL.into_iter().filter_map(known).collect::<Vec<_>>()
        };
        let tried = speeds(true);
        if tried.len() == Engine::ALL.len() { tried } else { speeds(false) }
    }
}

/// What stands after the engine's name in the key of a trial's speed.
const TRIAL: &str = " trial";

fn key(backbone: &str, engine: Engine, trial: bool) -> String {
    format!("{backbone} {}{}", engine.name(), if trial { TRIAL } else { "" })
}

/// The backbone, the engine and whether it was a trial.
fn parts(key: &str) -> Option<(&str, Engine, bool)> {
    let (backbone, rest) = key.split_once(' ')?;
    let name = rest.strip_suffix(TRIAL);
    let engine = Engine::ALL.into_iter().find(|engine| engine.name() == name.unwrap_or(rest))?;
    Some((backbone, engine, name.is_some()))
}
