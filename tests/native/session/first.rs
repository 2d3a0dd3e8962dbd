//! Which backbone a page opens with where its link names none, and why it says it did.

use bottleneck::backbone::choose::{self, Candidate};
use bottleneck::backbone::{LIGHT, NOTEBOOK, OFFERED, Purpose};
use bottleneck::protocol::BackboneReason::{
    Brought, Development, Kept, Missing, Named, NoneReal, Notebook, Project,
};

use super::*;

const OPEN: Command = Command::Open { backbone: None, engine: EngineRequest::Cpu };

impl Visit {
    /// A page of a site with these backbones, opened where `prepare` has been at the world.
    fn first(site: &[(&'static str, Purpose)], prepare: impl FnOnce(&Visit)) -> Self {
        let mut visit = Self::new(&SharedStore::default());
        visit.world.site.borrow_mut().extend(site.iter().copied());
        prepare(&visit);
        visit.send(OPEN);
        visit
    }

    /// The backbone in use, and why it is.
    fn opened(&self) -> Option<(String, BackboneReason)> {
        self.last(|event| match event {
            Event::Backbone(info, reason) => Some((info.address.clone(), *reason)),
            _ => None,
        })
    }

    fn offers(&self) -> Vec<String> {
        let others = self.last(|event| match event {
            Event::OtherBackbones(others) => Some(others.clone()),
            _ => None,
        });
        others.into_iter().flatten().map(|other| other.address).collect()
    }
}

fn is(address: &str, reason: BackboneReason) -> Option<(String, BackboneReason)> {
    Some((address.to_owned(), reason))
}

#[test]
fn development_weights_are_never_the_default_where_there_are_real_ones() {
    let cases: [(&[(&'static str, Purpose)], _); 8] = [
        (&[(NOTEBOOK, Purpose::ImageNet), (LIGHT, Purpose::ImageNet)], is(NOTEBOOK, Notebook)),
        (&[(NOTEBOOK, Purpose::Custom), (LIGHT, Purpose::ImageNet)], is(NOTEBOOK, Brought)),
        (&[(NOTEBOOK, Purpose::Development), (LIGHT, Purpose::ImageNet)], is(LIGHT, Development)),
        (&[(NOTEBOOK, Purpose::Development), (LIGHT, Purpose::Custom)], is(LIGHT, Development)),
        (&[(NOTEBOOK, Purpose::Development)], is(NOTEBOOK, NoneReal)),
        (&[(NOTEBOOK, Purpose::Development), (LIGHT, Purpose::Development)], is(NOTEBOOK, NoneReal)),
        // One that is damaged reads like one that is not there.
        (&[(LIGHT, Purpose::ImageNet)], is(LIGHT, Missing)),
        (&[(NOTEBOOK, Purpose::ImageNet)], is(NOTEBOOK, Notebook)),
    ];
    for (site, expected) in cases {
        let visit = Visit::first(site, |_| ());
        assert_eq!((visit.opened(), visit.problem()), (expected, None), "{site:?}");
        let (opened, _) = visit.opened().expect("one is open");
        let others = site.iter().map(|(address, _)| *address).filter(|address| *address != opened);
        assert_eq!(visit.offers(), others.collect::<Vec<_>>(), "the others are one click away");
    }
}

#[test]
fn a_site_without_any_backbone_says_so() {
    let mut visit = Visit::first(&[], |_| ());
    assert_eq!((visit.opened(), visit.problem()), (None, Some(ProblemKind::Backbone)));
    // The session lives, and takes what is named.
    visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    assert_eq!(visit.opened(), is(FAKE, Named));
}

#[test]
fn without_a_server_what_is_kept_is_opened() {
    type Two = [(&'static str, Purpose); 2];
    const REAL: Two = [(NOTEBOOK, Purpose::ImageNet), (LIGHT, Purpose::ImageNet)];
    const MADE_HERE: Two = [(NOTEBOOK, Purpose::Development), (LIGHT, Purpose::ImageNet)];
    let cases: [(Two, &[&'static str], _); 8] = [
        (REAL, &[NOTEBOOK, LIGHT], is(NOTEBOOK, Notebook)),
        (REAL, &[NOTEBOOK], is(NOTEBOOK, Notebook)),
        (REAL, &[LIGHT], is(LIGHT, Kept)),
        // Nothing can be computed, but a trained head can be looked at.
        (REAL, &[], is(NOTEBOOK, Notebook)),
        (MADE_HERE, &[NOTEBOOK, LIGHT], is(LIGHT, Development)),
        (MADE_HERE, &[LIGHT], is(LIGHT, Development)),
        (MADE_HERE, &[NOTEBOOK], is(NOTEBOOK, Kept)),
        (MADE_HERE, &[], is(LIGHT, Development)),
    ];
    // Browsers do not always know that nobody will answer.
    let silences: [fn(&Visit); 2] =
        [|visit| visit.world.offline.set(true), |visit| visit.world.silent.set(true)];
    for (site, kept, expected) in cases {
        for silence in silences {
            let visit = Visit::first(&site, |visit| {
                visit.world.kept.borrow_mut().extend(kept);
                silence(visit);
            });
            assert_eq!(visit.opened(), expected, "{site:?} {kept:?}");
        }
    }
}

#[test]
fn one_click_opens_the_notebook_s_and_keeps_what_is_in_use() {
    let site = [(NOTEBOOK, Purpose::Development), (LIGHT, Purpose::ImageNet)];
    let mut visit = Visit::first(&site, |_| ());
    visit.send(Command::Limit(Limits { train: Some(100), test: Some(30) }));
    visit.send(Command::UseSample);
    visit.send(Command::Open { backbone: Some(NOTEBOOK.into()), engine: EngineRequest::Cpu });
    assert_eq!(visit.opened(), is(NOTEBOOK, Named));
    assert_eq!((visit.extraction().done, visit.extraction().total), (0, 130));
    assert_eq!(visit.offers(), [LIGHT]);
}

#[test]
fn a_project_changes_nothing_where_the_light_one_is_open_already() {
    let create = || {
        let classes = ["red".to_owned(), "green".to_owned()];
        Command::Project(ProjectCommand::Create { name: "Colours".into(), classes })
    };
    let site = [(NOTEBOOK, Purpose::Development), (LIGHT, Purpose::ImageNet)];
    let mut visit = Visit::first(&site, |_| ());
    visit.send(Command::UseSample);
    visit.send(Command::Extract);
    visit.send(create());
    let opened = visit.all(|event| matches!(event, Event::Backbone(..)).then_some(()));
    assert_eq!((opened.len(), visit.opened()), (1, is(LIGHT, Development)));
    assert_eq!(visit.world.launched.borrow().len(), 2, "its engine goes on");
    // Who has asked for the notebook's stays with it.
    visit.send(Command::Open { backbone: Some(NOTEBOOK.into()), engine: EngineRequest::Cpu });
    visit.send(create());
    assert_eq!(visit.opened(), is(NOTEBOOK, Named));
    // Who has not comes to the light one.
    let mut visit = Visit::first(&[(NOTEBOOK, Purpose::ImageNet), (LIGHT, Purpose::ImageNet)], |_| ());
    visit.send(create());
    assert_eq!(visit.opened(), is(LIGHT, Project));
}

#[test]
fn a_wait_for_a_silent_site_can_be_cancelled() {
    let site = [(NOTEBOOK, Purpose::ImageNet), (LIGHT, Purpose::ImageNet)];
    let mut visit = Visit::first(&site, |visit| visit.world.mute.set(true));
    visit.send(Command::UseSample);
    let heard = |visit: &Visit| visit.all(|event| matches!(event, Event::Dataset(_)).then_some(())).len();
    assert_eq!((heard(&visit), visit.problem()), (0, None), "it waits");
    visit.send(Command::Cancel);
    assert_eq!(visit.problem(), Some(ProblemKind::ServerSilent));
    assert_eq!(heard(&visit), 1, "what was asked for meanwhile is done");
    visit.world.mute.set(false);
    visit.send(Command::Open { backbone: Some(LIGHT.into()), engine: EngineRequest::Cpu });
    assert_eq!(visit.opened(), is(LIGHT, Named));

    // Another one is asked for in vain: the one before stays. One more ends the wait, too.
    let problems = |visit: &Visit| visit.all(|event| matches!(event, Event::Problem(_)).then_some(())).len();
    let before = problems(&visit);
    visit.world.mute.set(true);
    visit.send(Command::Open { backbone: Some(NOTEBOOK.into()), engine: EngineRequest::Cpu });
    visit.send(Command::Cancel);
    assert_eq!((visit.opened(), problems(&visit)), (is(LIGHT, Named), before));
    visit.send(Command::Open { backbone: Some(FAKE.into()), engine: EngineRequest::Cpu });
    visit.world.mute.set(false);
    visit.send(Command::Open { backbone: Some(NOTEBOOK.into()), engine: EngineRequest::Cpu });
    assert_eq!((visit.opened(), problems(&visit)), (is(NOTEBOOK, Named), before));
}

#[test]
fn of_many_the_first_that_will_do_is_opened() {
    assert_eq!(OFFERED[0], NOTEBOOK, "the reasons are about the first");
    assert_eq!(choose::backbone(&[]), None);
    let one = |address, purpose, at_hand| Candidate { address, purpose, at_hand };
    let candidates = [
        one(NOTEBOOK, Purpose::Development, true),
        one("models/a.json", Purpose::ImageNet, false),
        one("models/b.json", Purpose::ImageNet, true),
        one(LIGHT, Purpose::ImageNet, true),
    ];
    assert_eq!(choose::backbone(&candidates), Some((2, Development)));
    assert_eq!(choose::backbone(&candidates[1..]), Some((1, Missing)));
    assert_eq!(choose::backbone(&candidates[..2]), Some((0, Kept)));
    assert_eq!(choose::backbone(&candidates[1..2]), Some((0, Missing)));
}
