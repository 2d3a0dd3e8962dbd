//! What a model card says of a head.

use bottleneck::backbone::Purpose;
use bottleneck::dataset::Source;
use bottleneck::metrics::wilson_interval;
use bottleneck::protocol::{Event, ExtractionPhase, Preset};
use bottleneck::ui::i18n::{Language, Texts};
use bottleneck::ui::model_card::{Card, ClassLine, card};
use bottleneck::ui::phrase::{Phrase, Value};
use bottleneck::ui::state::State;
use fluent_bundle::FluentValue;

use crate::page_events::{after, backbone, complete, dataset, extraction, trained};

/// A page with a head that learnt from the data in use: 80 images, and 20 for the exam.
fn with_head(purpose: Purpose) -> State {
    let complete = extraction(ExtractionPhase::Complete, 100, 0);
    after([backbone(purpose), dataset(), complete, trained(Source::Drawn, 80, 20)])
}

fn keys(phrases: &[Phrase]) -> Vec<&str> {
    phrases.iter().map(|phrase| phrase.key.as_str()).collect()
}

fn value(phrase: &Phrase, name: &str) -> Value {
    phrase.values.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone()).unwrap()
}

/// Every sentence of a card.
fn sentences(card: &Card) -> Vec<Phrase> {
    [
        vec![card.source.clone(), card.result.clone()],
        card.split.clone(),
        card.made.clone(),
        card.limits.clone(),
    ]
    .concat()
}

#[test]
fn without_a_head_there_is_none() {
    assert_eq!(card(&complete()), None);
}

#[test]
fn it_holds_the_figures_of_the_result() {
    let card = card(&with_head(Purpose::ImageNet)).unwrap();
    assert_eq!((card.name.clone(), card.current), (Value::Key("data-source-drawn"), true));
    // Half of the first class's 20 exam images are right; the second has none.
    let line =
        |name: &str, train, test, right| ClassLine { name: name.into(), train: Some(train), test, right };
    assert_eq!(card.classes, [line("circle", 50, 20, 10), line("ring", 30, 0, 0)]);
    assert_eq!(card.classes[0].recall(), Some((0.5, wilson_interval(10, 20))));
    assert_eq!(card.classes[1].recall(), None);
    let (low, high) = wilson_interval(10, 20);
    assert_eq!(value(&card.result, "accuracy"), Value::Share(0.5, 2));
    assert_eq!(value(&card.result, "low"), Value::Share(low, 2));
    assert_eq!(value(&card.result, "high"), Value::Share(high, 2));
    assert_eq!(keys(&card.split), ["card-split-three", "card-split-plain"]);
    assert_eq!(value(&card.split[0], "learnt"), Value::Number(64.0, 0));
    assert_eq!(value(&card.split[0], "validation"), Value::Number(16.0, 0));
    assert_eq!(keys(&card.made), ["card-network", "card-head", "card-settings"]);
    assert_eq!(value(&card.made[0], "name"), Value::Text("InceptionV3".into()));
}

#[test]
fn its_limits_follow_from_the_exam() {
    let good = card(&with_head(Purpose::ImageNet)).unwrap();
    let expected = [
        "card-limit-classes",
        "card-limit-alike",
        "card-limit-few",
        "card-limit-untested",
        "card-limit-mixed",
        "card-limit-people",
    ];
    assert_eq!(keys(&good.limits), expected);
    let mixed = &good.limits[4];
    assert_eq!(value(mixed, "label"), Value::Classes(vec!["circle".into()]));
    assert_eq!(value(mixed, "answer"), Value::Classes(vec!["ring".into()]));
    assert_eq!((value(mixed, "count"), value(mixed, "of")), (Value::Number(10.0, 0), Value::Number(20.0, 0)));
    let poor = card(&with_head(Purpose::Development)).unwrap();
    assert!(keys(&poor.limits).contains(&"card-limit-development"));
    // Enough images leave no doubt to be told of, and nine say little of a class.
    let count = |test: u32| {
        let complete = extraction(ExtractionPhase::Complete, 100, 0);
        let events = [backbone(Purpose::ImageNet), dataset(), complete, trained(Source::Drawn, 80, test)];
        let card = card(&after(events)).unwrap();
        let has = |key: &str| keys(&card.limits).contains(&key);
        (has("card-limit-few"), has("card-limit-class-few"))
    };
    assert_eq!([count(9), count(10), count(400)], [(true, true), (true, false), (false, false)]);
}

#[test]
fn data_that_have_changed_since_are_not_taken_for_those_learnt_from() {
    let complete = extraction(ExtractionPhase::Complete, 100, 0);
    let changed = after([backbone(Purpose::ImageNet), dataset(), complete, trained(Source::Drawn, 60, 20)]);
    let card = card(&changed).unwrap();
    assert!(!card.current && card.notices.is_empty());
    assert_eq!(card.classes.iter().map(|class| class.train).collect::<Vec<_>>(), [None, None]);
}

#[test]
fn a_head_that_does_not_learn_has_no_validation_images() {
    let Event::Trained(mut head) = trained(Source::Drawn, 80, 20) else { panic!() };
    head.options.preset = Preset::Nearest;
    let complete = extraction(ExtractionPhase::Complete, 100, 0);
    let state = after([backbone(Purpose::ImageNet), dataset(), complete, Event::Trained(head)]);
    let card = card(&state).unwrap();
    assert_eq!(card.split[0].key, "card-split-two");
    assert_eq!(card.made[2].key, "card-settings-nearest");
}

#[test]
fn all_that_it_says_stands_in_both_languages() {
    let heads = [Purpose::ImageNet, Purpose::Development].map(|purpose| card(&with_head(purpose)).unwrap());
    for phrase in heads.iter().flat_map(sentences) {
        let mut values: Vec<_> =
            phrase.values.iter().map(|(name, _)| (*name, FluentValue::from("VALUE"))).collect();
        values.push(("shown", "7".into()));
        for texts in Language::ALL.map(Texts::new) {
            let text = texts.find(&phrase.key, &values).unwrap_or_else(|| panic!("{}", phrase.key));
            assert!(!text.contains('{'), "{}: {text} lacks a value", phrase.key);
        }
    }
}
