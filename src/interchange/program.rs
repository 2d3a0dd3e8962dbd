//! Python programs that load what was exported, and classify with it. The page offers each beside its
//! file: whoever has the file sees how it is used.
//!
//! Names come from people. Each stands in a program as a string literal in which nothing can end
//! the literal, and nowhere else.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::backbone::FeatureShape;
use crate::head::{NORM_EPSILON, Preset, Settings, VOTERS};
use crate::pixels::{LARGEST_SIDE, MOST_FRAMES};

/// What the names of files begin with whose head learnt from features that came from files.
pub const FOREIGN: &str = "imported";

/// What a program loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A whole classifier as ONNX file, [`super::onnx::classifier`].
    Classifier,
    /// A head as ONNX file, [`super::onnx::head`].
    Onnx,
    /// A head as safetensors, [`crate::head::Head::to_bytes`].
    Safetensors,
    /// A head's weights for Keras 3, [`super::keras::weights`].
    Keras,
}

impl Kind {
    /// All kinds, the one that asks least of its user first.
    pub const ALL: [Self; 4] = [Self::Classifier, Self::Onnx, Self::Safetensors, Self::Keras];

    /// Whether a head of this preset can leave so: nothing in Keras votes as nearest neighbours do.
    pub fn suits(self, preset: Preset) -> bool {
        self != Self::Keras || preset.has_epochs()
    }

    /// Names for the file and its program: which backbone (by its [`super::stem`]), which head.
    pub fn names(self, stem: &str, preset: Preset) -> [String; 2] {
        let (file, program) = match self {
            Self::Classifier => ("classifier.onnx", "classifier.py"),
            Self::Onnx => ("head.onnx", "head_onnx.py"),
            Self::Safetensors => ("head.safetensors", "head_safetensors.py"),
            Self::Keras => ("head.weights.h5", "head_keras.py"),
        };
        [file, program].map(|name| format!("{stem}_{}_{name}", preset.name()))
    }
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
    /// Shape of the features that the head takes.
    pub shape: FeatureShape,
    /// Height and width of a classifier's input.
    pub input_size: u32,
    /// What the head was trained with: Keras' model has dropout layers, too.
    pub settings: &'a Settings,
    /// The classes' names, in the head's order.
    pub classes: &'a [String],
    /// The file's name.
    pub file: &'a str,
    /// The name of the file with the features of the test images, for heads.
    pub features: &'a str,
}

/// The program, for Python 3.9 and later. A classifier's takes image files as its arguments; a head's
/// takes an `.npz` file of features, that of the test images where it is given none. Both
/// print what they find, and leave `probabilities`, an array of float32, N x classes. There is
/// nothing in Keras for [`Preset::Nearest`]: its program is that of the safetensors.
pub fn program(about: &About) -> String {
    let (shape, preset) = (about.shape, about.settings.preset);
    let values = |name: &str| match name {
        "CLASSES" => list(about.classes),
        "COUNT" => about.classes.len().to_string(),
        "FILE" => quoted(about.file),
        "SIZE" => about.input_size.to_string(),
        "HEIGHT" => shape.height.to_string(),
        "WIDTH" => shape.width.to_string(),
        "CHANNELS" => shape.channels.to_string(),
        "FEATURES" => quoted(about.features),
        "EPSILON" => NORM_EPSILON.to_string(),
        "VOTERS" => VOTERS.to_string(),
        "LAYERS" => layers(about.settings),
        "KEPT" => LARGEST_SIDE.to_string(),
        "FRAMES" => MOST_FRAMES.to_string(),
        _ => String::new(),
    };
    let template = match about.kind {
        Kind::Onnx => include_str!("program/head_onnx.py"),
        Kind::Classifier => include_str!("program/classifier.py"),
        Kind::Keras if preset.has_epochs() => include_str!("program/head_keras.py"),
        Kind::Keras | Kind::Safetensors => include_str!("program/head_safetensors.py"),
    };
    // First the parts, which have places of their own; then the values, which are not looked into.
    let whole = filled(template, |name| match name {
        "INPUT" => include_str!("program/features.py").trim_end().to_owned(),
        "OUTPUT" => include_str!("program/answers.py").trim_end().to_owned(),
        "PICTURE" => include_str!("program/picture.py").trim_end().to_owned(),
        "FORWARD" => forward(preset).trim_end().to_owned(),
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
fn layers(settings: &Settings) -> String {
    let filters = settings.filters;
    let drop = |share: f32| format!("Dropout({share})");
    let (map, pooled) = (drop(settings.dropout_map), drop(settings.dropout_pooled));
    let (mean, norm) = ("GlobalAveragePooling2D()".to_owned(), "BatchNormalization()".to_owned());
    let layers = match settings.preset {
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
