//! Both languages say the same things, and nothing on the page is without words.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use bottleneck::dataset::Source;
use bottleneck::dataset::notices::NoticeKind;
use bottleneck::protocol::{self, BackboneReason, Engine, EngineReason, Preset, ProblemKind};
use bottleneck::ui::i18n::{Language, Texts, keys};
use bottleneck::ui::query::QueryError;
use bottleneck::ui::state::Field;
use fluent_bundle::FluentResource;
use fluent_syntax::ast;
use serde::de::DeserializeOwned;

/// The keys of a language with the variables that each text uses.
fn keys_of(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in language.source().lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '}'])) {
            key.clone_into(&mut current);
            assert!(found.insert(current.clone(), BTreeSet::new()).is_none(), "{current} stands there twice");
        }
        for part in line.split('$').skip(1) {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(part.len());
            found.entry(current.clone()).or_default().insert(part[..end].to_owned());
        }
    }
    found
}

/// Everything in quotes that looks like a key, in all sources of the page.
fn words_in_code(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            words_in_code(&path, found);
        } else {
            let code = fs::read_to_string(&path).unwrap();
            found.extend(code.split('"').skip(1).step_by(2).map(str::to_owned));
        }
    }
}

/// All values of an enum without fields, found by the numbers that stand for them.
fn all<T: DeserializeOwned>() -> Vec<T> {
    (0..).map_while(|number: u8| protocol::decode(&[number]).ok()).collect()
}

fn check_key(key: &str) {
    for language in Language::ALL {
        assert!(Texts::new(language).find(key, &[]).is_some(), "{key} is missing in {language:?}");
    }
}

fn check_term(term: &str) {
    for language in Language::ALL {
        assert!(language.source().contains(&format!("{{ -{term} }}")), "no text uses {term} in {language:?}");
    }
}

#[test]
fn both_files_are_whole_and_have_the_same_keys_and_variables() {
    for language in Language::ALL {
        assert!(FluentResource::try_new(language.source().to_owned()).is_ok(), "{language:?}");
    }
    assert_eq!(keys_of(Language::Spanish), keys_of(Language::English));
    for key in keys_of(Language::Spanish).keys() {
        match key.strip_prefix('-') {
            // A term: it stands in other texts.
            Some(term) => check_term(term),
            None => check_key(key),
        }
    }
}

#[test]
fn every_text_is_used_and_every_key_has_its_text() {
    let mut words = BTreeSet::new();
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui");
    words_in_code(&ui, &mut words);
    let keys = keys_of(Language::Spanish);
    for key in keys.keys().filter(|key| !key.starts_with("class-") && !key.starts_with('-')) {
        // What is told next, and what goes beyond it, are found by these endings.
        let said = key.strip_suffix("-more").unwrap_or(key);
        let base = said.strip_suffix("-next").unwrap_or(said);
        assert!([key, said, base].iter().any(|key| words.contains(*key)), "no code uses {key}");
    }
    // Whatever is handed to `text` or `fill` must be there.
    let mut asked = BTreeSet::new();
    asked_in(&ui, &mut asked);
    assert!(asked.len() > 50, "the search for keys found only {}", asked.len());
    for key in asked {
        assert!(keys.contains_key(&key), "{key} has no text");
    }
}

/// What each of a message's variants says, one where it has none; a value that is filled in is a word.
fn variants(pattern: &ast::Pattern<&str>) -> Vec<String> {
    pattern.elements.iter().fold(vec![String::new()], |said, element| {
        let parts = match element {
            ast::PatternElement::TextElement { value } => vec![(*value).to_owned()],
            ast::PatternElement::Placeable { expression } => match expression {
                ast::Expression::Select { variants: all, .. } => {
                    all.iter().flat_map(|variant| variants(&variant.value)).collect()
                }
                // A space that does not break is none between words.
                ast::Expression::Inline(ast::InlineExpression::StringLiteral { value }) => {
                    vec![value.replace("\\u00A0", "\u{a0}")]
                }
                ast::Expression::Inline(_) => vec!["VALUE".to_owned()],
            },
        };
        said.iter().flat_map(|said| parts.iter().map(move |part| format!("{said}{part}"))).collect()
    })
}

#[test]
fn no_text_at_first_sight_is_longer_than_25_words() {
    for language in Language::ALL {
        let resource = fluent_syntax::parser::parse(language.source()).unwrap();
        let messages = resource.body.iter().filter_map(|entry| match entry {
            ast::Entry::Message(message) => Some((message.id.name, message.value.as_ref()?)),
            _ => None,
        });
        let (mut seen, mut longest) = (0, 0);
        for (key, pattern) in messages {
            for text in variants(pattern) {
                seen += 1;
                let words = text.split([' ', '\n']).filter(|word| !word.is_empty()).count();
                assert!(key.ends_with("-more") || words <= 25, "{language:?}, {key}: {words} words: {text}");
                longest = longest.max(words);
            }
        }
        assert!(seen > 500 && longest > 25, "{language:?}: {seen} texts, of {longest} words at most");
    }
}

fn asked_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            asked_in(&path, found);
            continue;
        }
        let code: String = fs::read_to_string(&path).unwrap().split_whitespace().collect();
        for call in [".text(\"", ".fill(\""] {
            let calls = code.split(call).skip(1);
            found.extend(calls.filter_map(|rest| rest.split_once('"')).map(|(key, _)| key.to_owned()));
        }
    }
}

#[test]
fn what_stands_there_before_the_page_is_in_both_languages() {
    let www = Path::new(env!("CARGO_MANIFEST_DIR")).join("www");
    let page = fs::read_to_string(www.join("index.html")).unwrap();
    let script = fs::read_to_string(www.join("start.js")).unwrap();
    let said: BTreeSet<&str> = script
        .split("say(\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(what, _)| what)
        .collect();
    assert_eq!(said.len(), 5, "{said:?}");
    let sections =
        said.iter().map(|what| format!("<section id=\"start-{what}\"")).chain(["<noscript>".to_owned()]);
    for section in sections {
        let (_, rest) = page.split_once(&section).unwrap_or_else(|| panic!("no {section}"));
        let (text, _) = rest.split_once("</section>").unwrap();
        for language in Language::ALL {
            let part = format!("<div lang=\"{}\">", language.code());
            assert_eq!(text.matches(&part).count(), 1, "{part} in {section}");
        }
        assert_eq!(text.matches("<h1>").count(), 2, "{section}");
    }
    assert!(page.contains("<html lang=\"es\" translate=\"no\">") && page.contains("content=\"notranslate\""));
}

#[test]
fn every_problem_has_a_sentence_and_what_to_do() {
    let kinds: Vec<ProblemKind> = all();
    assert!(kinds.len() >= 15);
    for kind in kinds {
        check_key(keys::problem(kind));
        check_key(&format!("{}-next", keys::problem(kind)));
    }
    let text = String::new;
    let errors = [
        QueryError::Backbone(text()),
        QueryError::Engine(text()),
        QueryError::Number { name: "train", value: text() },
    ];
    for error in errors {
        check_key(keys::query_error(&error));
        check_key(&format!("{}-next", keys::query_error(&error)));
    }
}

#[test]
fn every_notice_about_a_dataset_has_its_sentence() {
    let kinds: Vec<NoticeKind> = all();
    assert!(kinds.len() >= 20);
    let format = NoticeKind::Format(bottleneck::pixels::Format::Heic);
    kinds.into_iter().chain([format]).for_each(|kind| check_key(keys::data_notice(kind)));
}

#[test]
fn every_engine_reason_and_source_has_its_words() {
    let reasons: Vec<EngineReason> = all();
    assert_eq!(reasons.len(), 7);
    reasons.into_iter().for_each(|reason| check_key(keys::reason(reason)));
    all::<Engine>().into_iter().for_each(|engine| check_key(keys::engine(engine)));
    let silent = all::<BackboneReason>().into_iter().map(keys::backbone_reason);
    let silent = silent.inspect(|key| key.iter().for_each(|key| check_key(key))).filter(Option::is_none);
    assert_eq!(silent.count(), 2, "where the person or a project asked for it");
    for preset in all::<Preset>() {
        check_key(keys::preset(preset));
        check_key(keys::preset_note(preset));
    }
    for field in Field::ALL {
        keys::field(field)[1..].iter().for_each(|key| check_key(key));
    }
    all::<Source>().into_iter().for_each(|source| check_key(keys::source(source)));
}

#[test]
fn classes_are_translated_and_unknown_ones_shown_as_they_are() {
    let [spanish, english] = Language::ALL.map(Texts::new);
    let cifar = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
    for name in cifar {
        assert_eq!(english.class(name), name);
        assert_ne!(spanish.class(name), name);
    }
    assert_eq!(spanish.class("truck"), "camión");
    for odd in ["zebra", "Gatos y perros", "a.b", ""] {
        assert_eq!(spanish.class(odd), odd);
    }
}

#[test]
fn values_are_filled_in_and_counted() {
    let [spanish, english] = Language::ALL.map(Texts::new);
    assert_eq!(spanish.fill("percent", &[("value", "82,46".into())]), "82,46\u{a0}%");
    assert_eq!(english.fill("percent", &[("value", "82.46".into())]), "82.46\u{a0}%");
    let workers = |count: u32| {
        english.fill("engine-ready-cpu", &[("workers", count.into()), ("shown", count.to_string().into())])
    };
    assert_eq!(workers(1), "Ready on the CPU, with 1 worker.");
    assert_eq!(workers(4), "Ready on the CPU, with 4 workers.");
}
