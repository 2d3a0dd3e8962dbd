//! Words and numbers in the page's language.

use std::rc::Rc;

use fluent_bundle::FluentValue;
use js_sys::{Array, Function, Intl, Object, Reflect};
use wasm_bindgen::JsValue;
use yew::prelude::*;

use super::i18n::{Language, Texts};
use super::phrase::{Phrase, Value};

/// Most digits after the decimal point that the page shows.
const MOST_DIGITS: usize = 6;

/// Writes words and numbers in one language. Equal where the language is.
#[derive(Clone)]
pub struct Locale {
    texts: Rc<Texts>,
    /// `Intl.NumberFormat.format`, one for each number of digits after the decimal point.
    formats: Rc<Vec<Function>>,
}

impl PartialEq for Locale {
    fn eq(&self, other: &Self) -> bool {
        self.language() == other.language()
    }
}

impl Locale {
    /// The locale of `language`.
    pub fn new(language: Language) -> Self {
        let formats = (0..=MOST_DIGITS).map(|digits| number_format(language, digits)).collect();
        Self { texts: Rc::new(Texts::new(language)), formats: Rc::new(formats) }
    }

    /// The language.
    pub fn language(&self) -> Language {
        self.texts.language
    }

    /// A text.
    pub fn text(&self, key: &str) -> String {
        self.texts.text(key)
    }

    /// A text with values filled in, where there is one.
    pub fn find(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> Option<String> {
        self.texts.find(key, values)
    }

    /// A text with values filled in.
    pub fn fill(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        self.texts.fill(key, values)
    }

    /// A sentence.
    pub fn say(&self, phrase: &Phrase) -> String {
        let mut values: Vec<(&str, FluentValue<'_>)> = Vec::new();
        for (name, value) in &phrase.values {
            let value = match value {
                Value::Count(count) => {
                    values.push(("shown", self.integer(*count).into()));
                    (*count).into()
                }
                Value::Number(number, digits) => self.decimal(*number, *digits).into(),
                Value::Share(share, digits) => self.percent(*share, *digits).into(),
                Value::Bytes(bytes) => self.size(*bytes).into(),
                Value::Seconds(seconds) => self.duration(*seconds).into(),
                Value::Text(text) => text.clone().into(),
                Value::Classes(names) => {
                    let names: Vec<String> = names.iter().map(|name| self.class(name)).collect();
                    names.join(", ").into()
                }
                Value::Key(key) => self.text(key).into(),
            };
            values.push((*name, value));
        }
        self.fill(&phrase.key, &values)
    }

    /// A class's name.
    pub fn class(&self, name: &str) -> String {
        self.texts.class(name)
    }

    /// A number with so many digits after the decimal point, at most six.
    pub fn decimal(&self, value: f64, digits: usize) -> String {
        let formatted = self
            .formats
            .get(digits.min(MOST_DIGITS))
            .and_then(|format| format.call1(&JsValue::UNDEFINED, &value.into()).ok())
            .and_then(|text| text.as_string());
        formatted.unwrap_or_else(|| value.to_string())
    }

    /// A whole number.
    pub fn integer(&self, value: impl Into<f64>) -> String {
        self.decimal(value.into(), 0)
    }

    /// A share from 0 to 1 as a percentage with so many digits.
    pub fn percent(&self, share: f64, digits: usize) -> String {
        self.fill("percent", &[("value", self.decimal(share * 100.0, digits).into())])
    }

    /// A number of bytes, in millions of them.
    pub fn megabytes(&self, bytes: u64) -> String {
        self.fill("megabytes", &[("value", self.decimal(bytes as f64 / 1e6, 1).into())])
    }

    /// A number of bytes, in billions where there are so many, else in millions.
    pub fn size(&self, bytes: u64) -> String {
        match bytes {
            1_000_000_000.. => {
                self.fill("gigabytes", &[("value", self.decimal(bytes as f64 / 1e9, 1).into())])
            }
            _ => self.megabytes(bytes),
        }
    }

    /// A day and a time of day, in milliseconds since 1970, as it is where the person is.
    pub fn date(&self, milliseconds: f64) -> String {
        let options = Object::new();
        for name in ["dateStyle", "timeStyle"] {
            // Setting a property of a fresh object cannot fail.
            let _ = Reflect::set(&options, &name.into(), &"short".into());
        }
        let date = js_sys::Date::new(&milliseconds.into());
        date.to_locale_string(self.language().code(), &options).into()
    }

    /// A stretch of time, in the two largest units that say something.
    pub fn duration(&self, seconds: f64) -> String {
        let whole = seconds.max(0.0).round() as u64;
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
        let values = [("hours", hours.into()), ("minutes", minutes.into()), ("seconds", rest.into())];
        match (hours, minutes) {
            (0, 0) => self.fill("duration-seconds", &values),
            (0, _) => self.fill("duration-minutes", &values),
            _ => self.fill("duration-hours", &values),
        }
    }
}

/// The browser's own number formatting.
fn number_format(language: Language, digits: usize) -> Function {
    let options = Object::new();
    let digits = JsValue::from(digits as u32);
    for name in ["minimumFractionDigits", "maximumFractionDigits"] {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&options, &name.into(), &digits);
    }
    Intl::NumberFormat::new(&Array::of1(&language.code().into()), &options).format()
}

/// The locale of the page around the component.
#[hook]
pub fn use_locale() -> Locale {
    use_context().unwrap_or_else(|| Locale::new(Language::Spanish))
}
