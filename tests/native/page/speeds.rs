//! What the browser remembers of speeds: told again as it was measured, and nothing else believed.

use bottleneck::backbone::{FeatureShape, NOTEBOOK, Purpose};
use bottleneck::protocol::{BackboneInfo, Engine, Event, Limits, Speed};
use bottleneck::ui::state::{Speeds, State};

fn backbone(digit: char) -> BackboneInfo {
    BackboneInfo {
        address: NOTEBOOK.to_owned(),
        sha256: digit.to_string().repeat(64),
        name: String::new(),
        source: String::new(),
        licence: String::new(),
        purpose: Purpose::ImageNet,
        bytes: 1,
        input_size: 139,
        features: FeatureShape { height: 3, width: 3, channels: 2048 },
    }
}

fn speed(digit: char, engine: Engine, images_per_second: f32) -> Speed {
    Speed { backbone: backbone(digit).sha256, engine, trial: false, images_per_second }
}

fn trial(digit: char, engine: Engine, images_per_second: f32) -> Speed {
    Speed { trial: true, ..speed(digit, engine, images_per_second) }
}

#[test]
fn the_last_measure_of_each_backbone_and_engine_is_kept() {
    let mut state = State::new(true, Limits::default(), Vec::new());
    for measured in [
        speed('a', Engine::WebGpu, 40.0),
        speed('a', Engine::Cpu, 5.0),
        speed('b', Engine::Cpu, 30.5),
        speed('a', Engine::Cpu, 6.25),
    ] {
        state.apply(Event::Speed(measured));
    }
    let stored = serde_json::to_string(&*state.speeds).unwrap();
    let read: Speeds = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, *state.speeds);
    assert_eq!(read.of(&backbone('a')), [(Engine::Cpu, 6.25), (Engine::WebGpu, 40.0)]);
    assert_eq!(read.of(&backbone('b')), [(Engine::Cpu, 30.5)]);
    assert_eq!(read.of(&backbone('c')), []);
}

#[test]
fn trials_of_both_engines_are_told_and_no_extraction_takes_their_place() {
    let mut speeds = Speeds::default();
    speeds.measured(&trial('a', Engine::Cpu, 20.0));
    speeds.measured(&speed('a', Engine::WebGpu, 3.0));
    assert_eq!(speeds.of(&backbone('a')), [(Engine::WebGpu, 3.0)], "one trial compares nothing");
    speeds.measured(&trial('a', Engine::WebGpu, 60.0));
    speeds.measured(&speed('a', Engine::WebGpu, 4.0));
    assert_eq!(speeds.of(&backbone('a')), [(Engine::Cpu, 20.0), (Engine::WebGpu, 60.0)]);
    let stored = serde_json::to_string(&speeds).unwrap();
    let read: Speeds = serde_json::from_str(&stored).unwrap();
    let told =
        [trial('a', Engine::Cpu, 20.0), speed('a', Engine::WebGpu, 4.0), trial('a', Engine::WebGpu, 60.0)];
    assert_eq!(read.all(), told);
}

#[test]
fn what_is_no_speed_counts_as_not_measured() {
    let sum = backbone('a').sha256;
    for value in ["0", "-1", "1e300", "null", "\"7\"", "[7]", "{}", "true"] {
        let text = format!("{{\"{sum} cpu\": {value}, \"{sum} webgpu\": 7}}");
        let read: Speeds = serde_json::from_str(&text).unwrap();
        assert_eq!(read.of(&backbone('a')), [(Engine::WebGpu, 7.0)], "{value}");
    }
    let wrong =
        [" tpu", "  cpu", " cpu trials", " trial", " cpu trial trial"].map(|end| format!("{sum}{end}"));
    for key in ["", "cpu", "abc cpu", &sum].into_iter().chain(wrong.iter().map(String::as_str)) {
        let text = format!("{{\"{key}\": 7}}");
        assert_eq!(serde_json::from_str::<Speeds>(&text).unwrap(), Speeds::default(), "{key}");
    }
    for text in ["", "7", "[]", "\"text\"", "{", "{\"a\": NaN}", "null"] {
        let read = serde_json::from_str::<Speeds>(text).unwrap_or_default();
        assert_eq!(read, Speeds::default(), "{text}");
    }
}
