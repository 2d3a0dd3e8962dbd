//! What the page says about working without the internet.

use bottleneck::backbone::pieces::Download;
use bottleneck::backbone::{FeatureShape, Purpose};
use bottleneck::protocol::{
    BackboneInfo, BackboneReason, Command, Event, FileRef, Limits, Problem, ProblemKind,
};
use bottleneck::ui::state::{Classification, Notice, Offline, Site, State, may_keep, missing};

const NOTHING: Download = Download { done: 0, kept: 0, total: 40, running: false };
const COMING: Download = Download { done: 20, kept: 10, total: 40, running: true };
/// Here for this visit: there was no room to keep it.
const UNKEPT: Download = Download { done: 40, kept: 30, total: 40, running: false };
const KEPT: Download = Download { done: 40, kept: 40, total: 40, running: false };

#[test]
fn it_says_ready_when_nothing_is_missing_and_never_before() {
    let coming = Site::Coming { done: 3, total: 7 };
    let update = Site::Update { others: 2 };
    // The site, the backbone; the state's name, what is missing, whether keeping is offered.
    let cases = [
        (Site::default(), None, "preparing", 0, false),
        (Site::default(), Some(NOTHING), "preparing", 40, true),
        (coming, Some(KEPT), "preparing", 4, false),
        (coming, Some(NOTHING), "preparing", 44, true),
        (Site::Kept, None, "preparing", 0, false),
        (Site::Kept, Some(NOTHING), "preparing", 40, true),
        (Site::Kept, Some(COMING), "preparing", 30, false),
        (Site::Kept, Some(UNKEPT), "preparing", 10, true),
        (Site::Kept, Some(KEPT), "ready", 0, false),
        (update, Some(KEPT), "update", 0, false),
        (update, Some(NOTHING), "update", 40, true),
        (Site::Failed, Some(KEPT), "failed", 0, true),
        (Site::Failed, None, "failed", 0, true),
        (Site::Failed, Some(COMING), "failed", 30, false),
        (Site::Unsupported, Some(NOTHING), "unsupported", 40, false),
    ];
    for (site, backbone, name, bytes, offered) in cases {
        let case = format!("{site:?} {backbone:?}");
        assert_eq!(Offline::of(site, backbone).name(), name, "{case}");
        assert_eq!(missing(site, backbone), bytes, "{case}");
        assert_eq!(may_keep(site, backbone), offered, "{case}");
    }
    assert_eq!(Offline::of(Site::Kept, Some(UNKEPT)), Offline::Missing { missing: 10 });
    assert_eq!(Offline::of(update, None), Offline::Update { others: 2 });
}

#[test]
fn keeping_goes_on_beside_other_work_in_success_and_failure() {
    let mut state = State::new(true, Limits::default(), Vec::new());
    let info = BackboneInfo {
        address: String::new(),
        sha256: String::new(),
        name: String::new(),
        source: String::new(),
        licence: String::new(),
        purpose: Purpose::Custom,
        bytes: 40,
        input_size: 32,
        features: FeatureShape { height: 1, width: 1, channels: 1 },
    };
    state.apply(Event::Backbone(info, BackboneReason::Named));
    state.apply(Event::Download(NOTHING));
    state.sent(&Command::UseSample);
    state.sent(&Command::Classify(FileRef { id: 0, name: "a.png".into(), size: 1 }));
    let before = state.clone();
    state.sent(&Command::Keep);
    state.apply(Event::Download(COMING));
    assert_eq!(state.download, Some(COMING));
    let problem = Problem::new(ProblemKind::NotKept, "it broke");
    state.apply(Event::Problem(problem.clone()));
    assert_eq!(state.phase, before.phase, "the work that was running is still running");
    assert_eq!(state.classification, Classification::Waiting("a.png".into()));
    assert_eq!(state.notices, [Notice::Problem(problem)]);
    // Who tries again has read it.
    state.sent(&Command::Keep);
    assert_eq!(state.notices, []);
}
