//! Python programs that load what was exported, and classify with it. The page offers each beside its
//! file: whoever has the file sees how it is used.
//!
//! Names come from people. Each stands in a program as a string literal in which nothing can end
//! the literal, and nowhere else.

use std::fmt::Write;

use super::features::Part;
use crate::head::{Head, NORM_EPSILON, Preset, Settings, VOTERS};

/// What a program loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A head as ONNX file, [`super::onnx::head`].
    Onnx,
    /// A head as safetensors, [`Head::to_bytes`].
    Safetensors,
    /// A head's weights for Keras 3, [`super::keras::weights`].
    Keras,
    /// A whole classifier as ONNX file, [`super::onnx::classifier`].
    Classifier {
        /// Height and width of its input.
        size: u32,
    },
}

/// The language of a program's comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Spanish.
    Spanish,
    /// English.
    English,
}

/// What a program is about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// What it loads.
    pub kind: Kind,
    /// The language of its comments.
    pub language: Language,
    /// The head in the file.
    pub head: &'a Head,
    /// What the head was trained with: Keras' model has dropout layers, too.
    pub settings: &'a Settings,
    /// The classes' names, in the head's order.
    pub classes: &'a [String],
    /// The file's name.
    pub file: &'a str,
}

/// The program, for Python 3.9 and later. A classifier's takes image files as its arguments; a head's
/// takes an `.npz` file of features, the notebook's of the test images where it is given none. Both
/// print what they find, and leave `probabilities`, an array of float32, N x classes. There is
/// nothing in Keras for [`Preset::Nearest`]: its program is that of the safetensors.
pub fn program(about: &About) -> String {
    let (head, shape) = (about.head, about.head.shape());
    let file = quoted(about.file);
    let size = if let Kind::Classifier { size } = about.kind { size } else { 0 };
    let values = |name: &str| match name {
        "CLASSES" => list(about.classes),
        "COUNT" => head.classes().to_string(),
        "FILE" => file.clone(),
        "SIZE" => size.to_string(),
        "HEIGHT" => shape.height.to_string(),
        "WIDTH" => shape.width.to_string(),
        "CHANNELS" => shape.channels.to_string(),
        "FEATURES" => quoted(Part::Test.file_name()),
        "EPSILON" => NORM_EPSILON.to_string(),
        "VOTERS" => VOTERS.to_string(),
        "LAYERS" => layers(head, about.settings),
        _ => String::new(),
    };
    let template = match about.kind {
        Kind::Onnx => include_str!("program/head_onnx.py"),
        Kind::Classifier { .. } => include_str!("program/classifier.py"),
        Kind::Keras if head.preset().has_epochs() => include_str!("program/head_keras.py"),
        Kind::Keras | Kind::Safetensors => include_str!("program/head_safetensors.py"),
    };
    // First the parts, which have places of their own; then the values, which are not looked into.
    let whole = filled(template, |name| match name {
        "INPUT" => include_str!("program/features.py").trim_end().to_owned(),
        "OUTPUT" => include_str!("program/answers.py").trim_end().to_owned(),
        "FORWARD" => forward(head.preset()).trim_end().to_owned(),
        other => format!("@{other}@"),
    });
    filled(&in_language(&whole, about.language), values)
}

/// The functions of a head of this kind.
fn forward(preset: Preset) -> String {
    let norm = include_str!("program/norm.py");
    let convolution = include_str!("program/convolution.py");
    let dense = include_str!("program/dense.py");
    match preset {
        Preset::Notebook => [convolution, dense, include_str!("program/notebook.py")].concat(),
        Preset::Quick => [norm, dense, include_str!("program/quick.py")].concat(),
        Preset::Strong => [norm, convolution, dense, include_str!("program/strong.py")].concat(),
        Preset::Nearest => include_str!("program/nearest.py").to_owned(),
    }
}

/// Keras' layers between the input and the dense one, a line each.
fn layers(head: &Head, settings: &Settings) -> String {
    let filters = head.weights.bias.len();
    let drop = |share: f32| format!("Dropout({share})");
    let (map, pooled) = (drop(settings.dropout_map), drop(settings.dropout_pooled));
    let (mean, norm) = ("GlobalAveragePooling2D()".to_owned(), "BatchNormalization()".to_owned());
    let layers = match head.preset() {
        Preset::Notebook => vec![format!("Conv2D({filters}, 2)"), map, mean, pooled],
        Preset::Quick => vec![mean, norm, pooled],
        Preset::Strong => {
            vec![norm, map, format!("Conv2D({filters}, 2, activation=\"relu\")"), mean, pooled]
        }
        Preset::Nearest => Vec::new(),
    };
    layers.iter().map(|layer| format!("    keras.layers.{layer},")).collect::<Vec<_>>().join("\n")
}

/// `template` with every `@NAME@` replaced by its value, which may hold anything.
fn filled(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut parts = template.split('@');
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut rest = parts.peekable();
    while let Some(part) = rest.next() {
        let is_name = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase());
        match rest.next_if(|_| is_name) {
            Some(after) => {
                text.push_str(&value(part));
                text.push_str(after);
            }
            // Python multiplies matrices with this sign.
            None => {
                text.push('@');
                text.push_str(part);
            }
        }
    }
    text
}

/// The lines of a template without the comments in other languages.
fn in_language(template: &str, language: Language) -> String {
    let (wanted, other) = match language {
        Language::Spanish => ("#es ", "#en "),
        Language::English => ("#en ", "#es "),
    };
    let lines = template.lines().filter(|line| !line.trim_start().starts_with(other));
    lines.map(|line| line.replacen(wanted, "# ", 1) + "\n").collect()
}

/// A Python list of strings.
fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    format!("[{}]", names.join(", "))
}

/// A Python string literal of `text`. What is neither a letter, a digit nor plain ASCII is escaped:
/// nothing ends the literal, moves the line, or turns the direction of writing.
pub fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => literal.extend(['\\', letter]),
            ' '..='~' => literal.push(letter),
            _ if letter.is_alphanumeric() => literal.push(letter),
            // Writing to a string never fails.
            _ => drop(write!(literal, "\\U{:08x}", u32::from(letter))),
        }
    }
    literal.push('"');
    literal
}
