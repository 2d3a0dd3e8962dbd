//! The camera's parts of the page: when it runs, how fast its pictures may come, what is said of
//! them, and where pasted ones go.

use bottleneck::backbone::{FeatureShape, Purpose};
use bottleneck::pixels::RgbImage;
use bottleneck::project::Project;
use bottleneck::protocol::*;
use bottleneck::ui::i18n::{Language, Texts, keys};
use bottleneck::ui::state::{
    Action, Announcement, Camera, CameraChange, CameraChoice, CameraError, CameraWish, Classification,
    Device, Frame, Herald, Meter, Notice, Pace, Paste, Stand, State, Wait,
};

fn picture() -> RgbImage {
    RgbImage::from_fn(4, 4, |_, _| [1, 2, 3])
}

/// A page with an open project of two classes.
fn open(project: &Project) -> State {
    let mut state = State::new(true, Limits::default(), Vec::new());
    let info = BackboneInfo {
        address: String::new(),
        sha256: String::new(),
        name: String::new(),
        source: String::new(),
        licence: String::new(),
        purpose: Purpose::ImageNet,
        bytes: 1,
        input_size: 139,
        features: FeatureShape { height: 3, width: 3, channels: 2048 },
    };
    state.apply(Event::Backbone(info, BackboneReason::Named));
    show(&mut state, 1, project);
    state
}

fn show(state: &mut State, id: u32, project: &Project) {
    let project = project.clone();
    let info = ProjectInfo { id, project, takes: vec![0, 0], can_undo: false, notices: Vec::new() };
    state.apply(Event::Project(Some(info)));
}

fn project() -> Project {
    Project::new("fruit", ["apple", "pear"]).unwrap()
}

fn trained() -> Event {
    Event::Trained(Box::new(Trained {
        options: TrainingOptions::notebook(),
        classes: vec!["apple".to_owned(), "pear".to_owned()],
        source: bottleneck::dataset::Source::Project,
        train: 9,
        exam: Exam {
            confusion: bottleneck::metrics::ConfusionMatrix::new(2),
            reliability: Default::default(),
            mistakes: Vec::new(),
            judged: Vec::new(),
        },
        thresholds: Thresholds::default(),
        epochs: Vec::new(),
        best_epoch: 1,
        restored: false,
    }))
}

fn answer(live: bool) -> Event {
    Event::Classified(Classified {
        name: String::new(),
        image: picture(),
        classes: vec!["apple".to_owned(), "pear".to_owned()],
        probabilities: vec![0.25, 0.75],
        scores: vec![0.0, 1.0],
        distance: 0.0,
        contributions: Vec::new(),
        milliseconds: 40.0,
        stages: Stages::default(),
        live,
        place: None,
    })
}

fn problem(kind: ProblemKind) -> Event {
    Event::Problem(Problem::new(kind, ""))
}

#[test]
fn every_exception_of_a_camera_has_its_sentence() {
    let cases = [
        ("NotAllowedError", CameraError::Refused),
        ("NotFoundError", CameraError::Missing),
        ("OverconstrainedError", CameraError::Missing),
        ("NotReadableError", CameraError::Busy),
        ("AbortError", CameraError::Busy),
        ("SecurityError", CameraError::Insecure),
        ("TypeError", CameraError::Insecure),
        ("", CameraError::Busy),
    ];
    for (name, error) in cases {
        assert_eq!(CameraError::named(name), error, "{name}");
    }
    for language in Language::ALL {
        let texts = Texts::new(language);
        for error in CameraError::ALL {
            let key = keys::camera_error(error);
            assert!(texts.find(key, &[]).is_some(), "{key} in {language:?}");
            assert!(texts.find(&format!("{key}-next"), &[]).is_some(), "{key}-next in {language:?}");
        }
    }
}

#[test]
fn a_camera_starts_runs_fails_and_starts_again() {
    let after = |changes: &[CameraChange]| {
        changes.iter().cloned().fold(Camera::default(), |camera, change| camera.reduce(change))
    };
    let started = || CameraChange::Started(None);
    let opened = |away| CameraChange::Opened { device: Some("a".to_owned()), away, instead: false };
    let failed = CameraChange::Failed(CameraError::Gone);

    assert_eq!((Camera::default().stand, Camera::default().is_on()), (Stand::Off, false));
    assert_eq!(after(&[started()]).stand, Stand::Starting);
    let running = after(&[started(), opened(false), CameraChange::Seen]);
    assert_eq!((running.stand, running.device.as_deref()), (Stand::Running, Some("a")));
    assert_eq!((running.away, after(&[started(), opened(true)]).away), (false, true));

    let gone = running.reduce(failed.clone());
    assert_eq!((gone.stand, gone.device.as_deref()), (Stand::Failed(CameraError::Gone), Some("a")));
    assert_eq!(gone.reduce(started()).stand, Stand::Starting);
    // Another one than was chosen, until the next start.
    let instead = CameraChange::Opened { device: Some("b".to_owned()), away: false, instead: true };
    let instead = after(&[CameraChange::Started(Some("a".to_owned())), instead]);
    assert_eq!((instead.instead, instead.device.as_deref()), (true, Some("b")));
    assert!(!instead.reduce(started()).instead);
    // Who stops it does not care that it ended.
    let stopped = running.reduce(CameraChange::Stopped);
    for late in [failed, opened(true), CameraChange::Seen] {
        assert_eq!(stopped.reduce(late), stopped);
    }
    assert_eq!(gone.reduce(CameraChange::Stopped), gone, "what went wrong stays to be read");
    let devices = vec![Device { id: "a".to_owned(), label: String::new() }];
    assert_eq!(*stopped.reduce(CameraChange::Listed(devices.clone())).devices, devices);
}

fn device(id: &str, label: &str) -> Device {
    Device { id: id.to_owned(), label: label.to_owned() }
}

#[test]
fn the_chosen_camera_and_its_mirroring_are_kept_for_the_whole_page() {
    let after = |wishes: &[CameraWish]| {
        let page = State::new(true, Limits::default(), Vec::new());
        wishes.iter().cloned().fold(page, |page, wish| page.reduce(Action::Camera(wish))).camera
    };
    let given = |id: &str, label: &str, away| CameraWish::Given { device: device(id, label), away };
    assert_eq!(after(&[]), CameraChoice::default());
    // What the browser gave first is kept: where it asks the person, they chose it there.
    let first = after(&[given("a", "Front", false)]);
    assert_eq!((&first.device, first.away), (&Some(device("a", "Front")), Some(false)));
    let chosen = CameraWish::Chosen(device("b", "Back"));
    let second = after(&[given("a", "Front", false), chosen.clone(), given("b", "Back", true)]);
    assert_eq!((&second.device, second.away), (&Some(device("b", "Back")), Some(true)));
    // It is gone, and the browser gave another one: it is still the chosen one.
    assert_eq!(after(&[chosen.clone(), given("b", "Back", true), given("a", "Front", false)]), second);
    // It came back by another id.
    let renamed = after(&[chosen.clone(), given("c", "Back", true)]);
    assert_eq!(renamed.device, Some(device("c", "Back")));

    // A camera that looks at the person is a mirror; the person may want it otherwise.
    assert_eq!([false, true].map(|away| second.is_mirrored(away)), [true, false]);
    let plain = after(&[CameraWish::Mirrored(false), chosen]);
    assert_eq!([false, true].map(|away| plain.is_mirrored(away)), [false, false]);

    // By its id, else by its label; cameras without a label are told apart by their ids.
    let devices = [device("a", "Front"), device("b", "Back"), device("c", "Back"), device("d", "")];
    let found = |id: &str, label: &str| {
        let choice = after(&[CameraWish::Chosen(device(id, label))]);
        choice.among(&devices).map(|device| device.id.clone())
    };
    assert_eq!(found("c", "Back").as_deref(), Some("c"));
    assert_eq!(found("z", "Back").as_deref(), Some("b"));
    assert_eq!(found("z", "Desk"), None);
    assert_eq!(found("z", ""), None);
    assert_eq!(CameraChoice::default().among(&devices), None);
}

#[test]
fn only_a_camera_that_the_person_chose_is_remembered_and_believed_where_it_can_be() {
    let given = CameraWish::Given { device: device("a", "Front"), away: true };
    let none = CameraChoice::default();
    assert_eq!(none.clone().remembered_after(given.clone()), none);
    let chosen = none.clone().remembered_after(CameraWish::Chosen(device("a", "Front")));
    let kept = chosen.remembered_after(given).remembered_after(CameraWish::Mirrored(true));
    assert_eq!((kept.away, kept.mirror), (Some(true), Some(true)));
    let read = |text: &str| serde_json::from_str::<CameraChoice>(text);
    assert_eq!(read(&serde_json::to_string(&kept).unwrap()).unwrap(), kept);

    assert_eq!(read("{}").unwrap(), none);
    let long = "x".repeat(257);
    for (id, label) in [("", "Front"), (&long, "Front"), ("a", &long)] {
        let text = serde_json::json!({ "device": { "id": id, "label": label }, "mirror": false }).to_string();
        assert_eq!(read(&text).unwrap(), CameraChoice { mirror: Some(false), ..none.clone() }, "{text}");
    }
    for text in ["7", "\"a\"", r#"{"device":"a"}"#, r#"{"mirror":1}"#, r#"{"device":{"id":"a"}}"#] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn a_recording_is_never_far_ahead_of_the_store() {
    let mut project = project();
    let class = project.classes[0].id;
    let old = project.add_pictures(class, None, 5).unwrap();
    let mut state = open(&project);
    let mut pace = Pace::default();
    let take_all = |pace: &mut Pace, state: &State| {
        let mut taken = 0;
        while taken < 100 && pace.may_take(state) {
            pace.taken();
            taken += 1;
        }
        taken
    };
    assert_eq!(take_all(&mut pace, &state), 3);
    assert_eq!(take_all(&mut pace, &state), 0, "nothing was stored meanwhile");
    project.add_pictures(class, None, 2).unwrap();
    show(&mut state, 1, &project);
    assert_eq!(take_all(&mut pace, &state), 2);
    // Deleting others makes no difference.
    project.delete_pictures(&old.iter().map(|picture| picture.id).collect::<Vec<_>>());
    show(&mut state, 1, &project);
    assert_eq!(take_all(&mut pace, &state), 0);
    project.add_pictures(class, None, 30).unwrap();
    show(&mut state, 1, &project);
    assert_eq!(take_all(&mut pace, &state), 3, "files came in too: still no more than three");
    // Pictures that were lost are waited for no longer.
    pace.forget();
    assert_eq!(take_all(&mut pace, &state), 3);
    // Another project, none at all, and one that is being trained on.
    show(&mut state, 2, &project);
    assert!(pace.may_take(&state));
    state.apply(Event::Project(None));
    assert!(!pace.may_take(&state));
}

#[test]
fn one_picture_is_classified_at_a_time_and_the_last_answer_stays() {
    let mut state = open(&project());
    state.apply(trained());
    assert_eq!(state.frame, Frame::Unsent);
    let frame = || Command::ClassifyFrame(picture());
    state.apply(problem(ProblemKind::EmptyFile));
    let notices = state.notices.len();
    state.sent(&frame());
    assert_eq!((state.frame, state.notices.len()), (Frame::Waiting, notices));
    state.apply(answer(true));
    assert_eq!((state.frame, state.frames), (Frame::Answered, 1));
    let shown = state.classification.clone();
    assert!(matches!(shown, Classification::Done(_)));
    // No flash: the answer stays until the next one is there.
    state.sent(&frame());
    assert_eq!((&state.classification, state.can_classify()), (&shown, Ok(())));
    // It is for the camera's own part to say, now and then.
    assert_eq!(state.announcement(), Announcement::Silence);

    // A page that is drawn only now sees that it was another one.
    state.apply(answer(true));
    assert_eq!((state.frame, state.frames), (Frame::Answered, 2));
    state.sent(&frame());

    // What goes wrong beside it does not end it, what concerns it does.
    state.apply(problem(ProblemKind::NotKept));
    state.apply(problem(ProblemKind::DiskFull));
    assert_eq!(state.frame, Frame::Waiting);
    state.apply(problem(ProblemKind::Engine));
    assert_eq!(state.frame, Frame::Failed);
    state.sent(&frame());
    // The engine's start was ended.
    state.apply(Event::Engine(EngineStatus::Idle));
    assert_eq!(state.frame, Frame::Failed);

    // A file's answer is no answer to a frame.
    state.sent(&frame());
    state.apply(answer(false));
    assert_eq!(state.frame, Frame::Waiting);
    assert!(matches!(state.announcement(), Announcement::Classified(_)));
}

#[test]
fn the_speed_is_that_of_the_last_seconds() {
    let mut meter = Meter::default();
    assert_eq!(meter.per_second(), None);
    meter.answered(1_000.0);
    assert_eq!(meter.per_second(), None);
    (1..=100).for_each(|number| meter.answered(1_000.0 + f64::from(number) * 100.0));
    assert!((meter.per_second().unwrap() - 10.0).abs() < 1e-9);
    // Slower now: the fast ones are forgotten.
    (1..=20).for_each(|number| meter.answered(11_000.0 + f64::from(number) * 500.0));
    assert!((meter.per_second().unwrap() - 2.0).abs() < 1e-9);
    // Slower than the window, there is still a figure.
    meter.answered(41_000.0);
    meter.answered(61_000.0);
    assert!((meter.per_second().unwrap() - 0.05).abs() < 1e-9);
    meter.reset();
    assert_eq!(meter.per_second(), None);
}

#[test]
fn only_another_winner_is_said_and_not_too_often() {
    let mut herald = Herald::default();
    let said =
        [(0, 0.0), (0, 9_000.0), (1, 9_100.0), (0, 9_200.0), (1, 13_000.0), (1, 13_200.0), (0, 17_300.0)]
            .map(|(class, now)| herald.says(Some(class), now));
    assert_eq!(said, [true, false, true, false, false, false, true]);
    // That it does not know is said as a class is.
    assert!(herald.says(None, 30_000.0));
    assert!(!herald.says(None, 40_000.0));
}

#[test]
fn a_pasted_picture_goes_where_the_person_is() {
    let mut project = project();
    let [apple, pear] = [0, 1].map(|place| project.classes[place].id);
    let state = open(&project);
    assert_eq!(state.paste(Some(pear)), Ok(Paste::Class(pear)));
    assert_eq!(state.paste(None), Err(Wait::Head));
    let mut ready = state.clone();
    ready.apply(trained());
    assert_eq!((ready.paste(Some(apple)), ready.paste(None)), (Ok(Paste::Class(apple)), Ok(Paste::Classify)));
    // A class that is gone is no place.
    project.delete_class(pear).unwrap();
    show(&mut ready, 1, &project);
    assert_eq!(ready.paste(Some(pear)), Ok(Paste::Classify));
    ready.sent(&Command::Classify(FileRef { id: 0, name: String::new(), size: 1 }));
    assert_eq!(ready.paste(None), Err(Wait::Classifying));
    let closed = State::new(false, Limits::default(), Vec::new());
    assert_eq!(closed.paste(None), Err(Wait::Closed));

    // It is told, once, and can be put away.
    let state = state.reduce(Action::NotPasted(Wait::Head)).reduce(Action::NotPasted(Wait::Head));
    assert_eq!(state.notices, [Notice::Paste(Wait::Head)]);
    assert_eq!(state.reduce(Action::Dismissed(0)).notices, []);
}
