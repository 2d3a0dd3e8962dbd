//! The page's languages: which one to take, and its texts from `www/locales`.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

pub mod keys;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Spanish, the original notebook's language.
    Spanish,
    /// English.
    English,
}

impl Language {
    /// All languages, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::Spanish, Self::English];

    /// The code for `?lang=` and the `lang` attribute.
    pub fn code(self) -> &'static str {
        match self {
            Self::Spanish => "es",
            Self::English => "en",
        }
    }

    /// The language of a tag such as `es` or `en-GB`, where the page speaks it.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(primary))
    }

    /// What the link asks for, else the first of the browser's languages that the page
    /// speaks, else Spanish.
    pub fn choose<T: AsRef<str>>(asked: Option<&str>, preferred: impl IntoIterator<Item = T>) -> Self {
        asked
            .and_then(Self::from_tag)
            .or_else(|| preferred.into_iter().find_map(|tag| Self::from_tag(tag.as_ref())))
            .unwrap_or(Self::Spanish)
    }

    /// The language's texts in Fluent's format.
    pub fn source(self) -> &'static str {
        match self {
            Self::Spanish => include_str!("../../www/locales/es.ftl"),
            Self::English => include_str!("../../www/locales/en.ftl"),
        }
    }
}

/// One language's texts.
pub struct Texts {
    /// The language.
    pub language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The texts of `language`.
    pub fn new(language: Language) -> Self {
        let locale: LanguageIdentifier = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new(vec![locale]);
        // Both languages run from left to right: no marks around inserted values.
        bundle.set_use_isolating(false);
        // A damaged line loses its text only; the tests see to it that there is none.
        let resource = match FluentResource::try_new(language.source().to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    /// The text of `key` with `values` filled in, where there is such a text.
    pub fn find(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let args: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned())
    }

    /// The text of `key` with `values` filled in; the key itself where there is none.
    pub fn fill(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        self.find(key, values).unwrap_or_else(|| key.to_owned())
    }

    /// The text of `key`; the key itself where there is none.
    pub fn text(&self, key: &str) -> String {
        self.fill(key, &[])
    }

    /// A class's name in this language; a class that the page does not know is shown as it is.
    pub fn class(&self, name: &str) -> String {
        self.find(&format!("class-{name}"), &[]).unwrap_or_else(|| name.to_owned())
    }
}
