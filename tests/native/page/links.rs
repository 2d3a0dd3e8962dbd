//! What a link may ask for.

use bottleneck::protocol::{EngineRequest, Limits};
use bottleneck::ui::i18n::Language;
use bottleneck::ui::query::{Query, QueryError, Wanted};

fn read(parameters: &[(&str, &str)]) -> (Query, Vec<QueryError>) {
    Query::read(|name| {
        parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn an_empty_link_asks_for_the_defaults() {
    let (query, errors) = read(&[]);
    assert_eq!(errors, []);
    assert_eq!(query.backbone, Wanted::Best);
    assert_eq!((query.engine, query.limits), (EngineRequest::Auto, Limits::default()));
}

#[test]
fn every_parameter_is_followed() {
    let link = [("backbone", "models/other.json"), ("engine", "webgpu"), ("train", "400"), ("test", "200")];
    let (query, errors) = read(&link);
    assert_eq!(errors, []);
    assert_eq!(query.backbone, Wanted::Named("models/other.json".to_owned()));
    assert_eq!(query.engine, EngineRequest::WebGpu);
    assert_eq!(query.limits, Limits { train: Some(400), test: Some(200) });
    assert_eq!(read(&[("engine", "cpu")]).0.engine, EngineRequest::Cpu);
}

#[test]
fn no_backbone_from_another_origin() {
    let refused = [
        "https://example.org/a.json",
        "//example.org/a.json",
        "/\\example.org/a.json",
        "\\\\example.org\\a.json",
        "/\t/example.org/a.json",
        "\n//example.org/a.json",
        " https://example.org",
        "data:application/json,{}",
        "blob:x",
        "a//b",
        "",
    ];
    for address in refused {
        let (query, errors) = read(&[("backbone", address)]);
        assert_eq!(query.backbone, Wanted::Refused, "{address:?}");
        assert_eq!(errors, [QueryError::Backbone(address.to_owned())]);
    }
    for address in ["models/a.json", "/models/a.json", "a.json", "../models/a-1_b.json"] {
        assert_eq!(read(&[("backbone", address)]).0.backbone, Wanted::Named(address.to_owned()));
    }
}

#[test]
fn what_cannot_be_followed_is_told_and_left_out() {
    for value in ["0", "-1", "1.5", "many", "", "99999999999"] {
        let (query, errors) = read(&[("train", value), ("test", "7")]);
        assert_eq!(query.limits, Limits { train: None, test: Some(7) }, "{value:?}");
        assert_eq!(errors, [QueryError::Number { name: "train", value: value.to_owned() }]);
    }
    let (query, errors) = read(&[("engine", "gpu")]);
    assert_eq!(query.engine, EngineRequest::Auto);
    assert_eq!(errors, [QueryError::Engine("gpu".to_owned())]);
}

#[test]
fn the_language_is_the_link_s_then_the_browser_s_then_spanish() {
    let cases: [(Option<&str>, &[&str], Language); 7] = [
        (Some("en"), &["es"], Language::English),
        (Some("es"), &["en"], Language::Spanish),
        (Some("fr"), &["en-GB"], Language::English),
        (None, &["fr-FR", "en-US", "es"], Language::English),
        (None, &["es-419", "en"], Language::Spanish),
        (None, &["fr", "de"], Language::Spanish),
        (None, &[], Language::Spanish),
    ];
    for (asked, preferred, expected) in cases {
        assert_eq!(Language::choose(asked, preferred), expected, "{asked:?} {preferred:?}");
    }
}
