//! The check of a device: how it goes on, and what its findings mean.

use std::collections::BTreeSet;

use bottleneck::backbone::pieces::Download;
use bottleneck::protocol::{Engine, Event, Trial};
use bottleneck::ui::device_check::{
    Cameras, Check, CheckChange, Finding, Part, Permission, Row, Stand, Verdict, report,
};
use bottleneck::ui::i18n::{Language, Texts};
use bottleneck::ui::phrase::Value;
use bottleneck::ui::state::{Action, CameraError, Site};
use fluent_bundle::FluentValue;

use crate::page_events::after;

const GB: u64 = 1_000_000_000;
const HERE: Download = Download { done: 10, kept: 10, total: 10, running: false };
const MISSING: Download = Download { done: 4, kept: 4, total: 10, running: false };

fn begun() -> Check {
    Check::default().after(CheckChange::Begun { busy: false })
}

fn works(images_per_second: f32) -> Trial {
    Trial::Works { images_per_second, workers: 2, probe_error: 1e-6 }
}

fn cameras(there: Option<u32>, permission: Permission, opened: Option<Result<(), CameraError>>) -> Finding {
    Finding::Camera(Cameras { there, permission, opened })
}

/// A check that has found this and nothing else.
fn found(finding: Finding) -> Check {
    let check = begun();
    match finding {
        Finding::Engine(engine, outcome) => {
            let check = check.after(CheckChange::Trying(engine));
            let trial = check.trial;
            check.after(CheckChange::Tried { trial, engine, outcome })
        }
        finding => check.after(CheckChange::Found(check.number, finding)),
    }
}

/// The verdict and the keys of both sentences of what was found.
fn told(finding: Finding, network: Option<Download>) -> (Verdict, String, String) {
    let part = finding.part();
    let lines = found(finding).lines(network);
    let line = lines.into_iter().find(|line| line.part == part).unwrap();
    (line.verdict, line.result.key, line.advice.key)
}

/// Findings of every kind.
fn findings() -> Vec<Finding> {
    let trials = [
        works(30.0),
        works(0.5),
        works(0.0),
        Trial::NoAdapter,
        Trial::SilentAdapter,
        Trial::SoftwareAdapter,
        Trial::Failed("cause".to_owned()),
        Trial::Ended,
    ];
    let engines =
        trials.into_iter().flat_map(|trial| Engine::ALL.map(|engine| Finding::Engine(engine, trial.clone())));
    let errors = CameraError::ALL.map(|error| cameras(Some(1), Permission::Unknown, Some(Err(error))));
    let others = [
        cameras(Some(1), Permission::Granted, Some(Ok(()))),
        cameras(Some(2), Permission::Unknown, None),
        cameras(Some(1), Permission::Denied, None),
        cameras(Some(0), Permission::Unknown, None),
        cameras(None, Permission::Unknown, None),
        Finding::Storage { written: false, room: Some(GB) },
        Finding::Storage { written: true, room: None },
        Finding::Storage { written: true, room: Some(2 * GB) },
        Finding::Storage { written: true, room: Some(GB / 2) },
        Finding::Storage { written: true, room: Some(GB / 100) },
        Finding::Persistence(Some(true)),
        Finding::Persistence(Some(false)),
        Finding::Persistence(None),
        Finding::Offline { worker: true, site: Site::Kept },
        Finding::Offline { worker: false, site: Site::Kept },
        Finding::Offline { worker: true, site: Site::Failed },
        Finding::Offline { worker: false, site: Site::Unsupported },
        Finding::Threads { shared: true, cores: 8, memory: Some(8.0) },
        Finding::Threads { shared: true, cores: 2, memory: None },
        Finding::Threads { shared: false, cores: 8, memory: Some(0.5) },
    ];
    engines.chain(errors).chain(others).collect()
}

#[test]
fn every_finding_has_its_words_in_both_languages() {
    let mut checks: Vec<Check> = findings().into_iter().map(found).collect();
    checks.push(begun().after(CheckChange::Stopped));
    checks.push(Check::default().after(CheckChange::Begun { busy: true }));
    let silent = begun().after(CheckChange::Trying(Engine::Cpu));
    checks.push(Part::ALL.iter().fold(silent, |check, part| check.after(CheckChange::Silent(1, *part))));
    let mut verdicts = BTreeSet::new();
    for line in checks.iter().flat_map(|check| [HERE, MISSING].map(|here| check.lines(Some(here)))).flatten()
    {
        verdicts.insert(line.verdict.name());
        for texts in Language::ALL.map(Texts::new) {
            for key in [line.part.key(), line.verdict.key()] {
                assert!(texts.find(key, &[]).is_some(), "{key}");
            }
            for phrase in [&line.result, &line.advice] {
                let value = |value: &Value| match value {
                    Value::Count(count) => FluentValue::from(*count),
                    _ => "VALUE".into(),
                };
                let mut values: Vec<_> =
                    phrase.values.iter().map(|(name, given)| (*name, value(given))).collect();
                values.push(("shown", "7".into()));
                let text = texts.find(&phrase.key, &values).unwrap_or_else(|| panic!("{}", phrase.key));
                assert!(!text.contains('{'), "{}: {text} lacks a value", phrase.key);
                assert!(text.split_whitespace().count() <= 25, "{text}");
            }
        }
    }
    assert_eq!(verdicts, Verdict::ALL.map(Verdict::name).into_iter().collect());
    let signs: BTreeSet<_> = Verdict::ALL.map(Verdict::sign).into_iter().collect();
    assert_eq!(signs.len(), Verdict::ALL.len(), "a sign tells as much as a colour");
}

#[test]
fn the_verdicts_follow_from_what_was_found() {
    let engine = |engine, trial| told(Finding::Engine(engine, trial), Some(HERE)).0;
    assert_eq!(engine(Engine::Cpu, works(30.0)), Verdict::Good);
    assert_eq!(engine(Engine::Cpu, works(0.5)), Verdict::Fair);
    assert_eq!(engine(Engine::Cpu, Trial::Failed(String::new())), Verdict::Bad);
    // Without it the processor computes.
    for trial in
        [Trial::NoAdapter, Trial::SilentAdapter, Trial::SoftwareAdapter, Trial::Failed(String::new())]
    {
        assert_eq!(engine(Engine::WebGpu, trial), Verdict::Spare);
    }
    let camera = |there, permission, opened| told(cameras(there, permission, opened), None);
    assert_eq!(camera(Some(1), Permission::Granted, Some(Ok(()))).0, Verdict::Good);
    assert_eq!(camera(Some(1), Permission::Unknown, None).0, Verdict::Untried);
    assert_eq!(camera(Some(1), Permission::Denied, None).1, "camera-refused");
    assert_eq!(camera(Some(0), Permission::Unknown, None).1, "camera-none");
    assert_eq!(camera(None, Permission::Unknown, None).1, "camera-insecure");
    assert_eq!(camera(Some(1), Permission::Granted, Some(Err(CameraError::Busy))).1, "camera-busy");
    let room = |written, room| told(Finding::Storage { written, room }, None).0;
    assert_eq!(
        [Some(2 * GB), Some(GB / 2), Some(GB / 100), None].map(|bytes| room(true, bytes)),
        [Verdict::Good, Verdict::Fair, Verdict::Bad, Verdict::Good]
    );
    assert_eq!(room(false, Some(2 * GB)), Verdict::Bad);
    let offline = |worker, site, network| told(Finding::Offline { worker, site }, network);
    assert_eq!(offline(true, Site::Kept, Some(HERE)).0, Verdict::Good);
    assert_eq!(offline(true, Site::Kept, Some(MISSING)).1, "check-offline-network");
    assert_eq!(offline(false, Site::Kept, Some(HERE)).1, "check-offline-site");
    assert_eq!(offline(false, Site::Unsupported, Some(HERE)).1, "check-offline-unsupported");
}

#[test]
fn a_hundred_pictures_take_as_long_as_the_speed_says() {
    let lines = found(Finding::Engine(Engine::Cpu, works(4.0))).lines(Some(HERE));
    assert_eq!(lines[0].advice.values, [("time", Value::Seconds(25.0))]);
    assert_eq!(lines[0].result.values, [("speed", Value::Number(4.0, 1))]);
}

#[test]
fn the_engines_come_one_after_the_other() {
    let check = begun();
    assert_eq!((check.next_engine(), check.trying()), (Some(Engine::Cpu), None));
    let check = check.after(CheckChange::Trying(Engine::Cpu));
    assert_eq!((check.next_engine(), check.trying()), (None, Some((1, Engine::Cpu))));
    let outcome = works(3.0);
    let check = check.after(CheckChange::Tried { trial: 1, engine: Engine::Cpu, outcome });
    assert_eq!((check.next_engine(), check.trying()), (Some(Engine::WebGpu), None));
    let check = check.after(CheckChange::Trying(Engine::WebGpu));
    assert_eq!(check.trying(), Some((2, Engine::WebGpu)));
    // The answer of the trial before says nothing of this one.
    let late = CheckChange::Tried { trial: 1, engine: Engine::WebGpu, outcome: Trial::Ended };
    assert_eq!(check.after(late), check);
    let skipped = check.after(CheckChange::Skipped(Part::WebGpu));
    assert_eq!((skipped.stand(Part::WebGpu), skipped.trying()), (Some(&Stand::Skipped), None));
    let busy = Check::default().after(CheckChange::Begun { busy: true });
    assert_eq!((busy.next_engine(), busy.stand(Part::Cpu)), (None, Some(&Stand::Busy)));
}

#[test]
fn what_comes_late_changes_nothing() {
    let check = begun().after(CheckChange::Silent(1, Part::Storage));
    assert_eq!(check.stand(Part::Storage), Some(&Stand::Silent));
    let late = CheckChange::Found(1, Finding::Storage { written: true, room: None });
    assert_eq!(check.after(late), check, "it was told as silent");
    let second = check.after(CheckChange::Begun { busy: false });
    let late = CheckChange::Found(1, Finding::Storage { written: true, room: None });
    assert_eq!(second.after(late), second, "it belongs to the check before");
    let stopped = second.after(CheckChange::Stopped);
    assert!(second.is_running() && !stopped.is_running() && stopped.has_begun());
    assert!(Check::default().lines(None).is_empty());
}

#[test]
fn the_person_is_asked_for_the_camera_where_that_can_help() {
    let may = |finding| found(finding).may_ask_for_camera();
    assert!(may(cameras(Some(1), Permission::Unknown, None)));
    assert!(may(cameras(Some(1), Permission::Unknown, Some(Err(CameraError::Busy)))));
    assert!(!may(cameras(Some(1), Permission::Denied, None)));
    assert!(!may(cameras(Some(0), Permission::Unknown, None)));
    assert!(!may(cameras(Some(1), Permission::Granted, Some(Ok(())))));
    assert!(!begun().may_ask_for_camera());
    let asked = found(cameras(Some(1), Permission::Unknown, None)).after(CheckChange::Asking);
    assert_eq!(asked.stand(Part::Camera), Some(&Stand::Running));
}

#[test]
fn a_network_that_is_still_to_come_explains_the_silence() {
    let silent = begun().after(CheckChange::Trying(Engine::Cpu)).after(CheckChange::Silent(1, Part::Cpu));
    let key = |network| silent.lines(network)[0].result.key.clone();
    assert_eq!((key(Some(MISSING)), key(Some(HERE))), ("check-no-network".into(), "check-no-answer".into()));
    let other = begun().after(CheckChange::Silent(1, Part::Persistence));
    assert_eq!(other.lines(Some(MISSING))[4].result.key, "check-no-answer");
}

#[test]
fn the_session_s_answer_reaches_the_page() {
    let state = after([]).reduce(Action::Check(CheckChange::Begun { busy: false }));
    let state = state.reduce(Action::Check(CheckChange::Trying(Engine::Cpu)));
    let outcome = works(3.0);
    let state = state.reduce(Action::Said(Event::EngineTried { trial: 1, engine: Engine::Cpu, outcome }));
    assert_eq!(state.check.lines(None)[0].verdict, Verdict::Good);
}

#[test]
fn the_file_holds_the_table_s_lines() {
    let row = |what: &str, result: &str| Row {
        what: what.to_owned(),
        word: "Good".to_owned(),
        result: result.to_owned(),
        advice: "Nothing to do.".to_owned(),
    };
    let about = [("Browser".to_owned(), "Name\nwith two lines".to_owned())];
    let text = report("Title", &about, &[row("Camera", "It gives pictures."), row("Storage", "a\nb")]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "Title",
            "Browser: Name with two lines",
            "",
            "Camera: Good. It gives pictures. Nothing to do.",
            "Storage: Good. a b Nothing to do.",
        ]
    );
}

#[test]
fn the_whole_takes_ten_seconds_at_the_most() {
    let engines = Part::Cpu.limit() + Part::WebGpu.limit();
    let others = Part::ALL.iter().map(|part| part.limit()).max().unwrap();
    assert!(engines.max(others) <= 10_000);
}
