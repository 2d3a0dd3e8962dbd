//! TensorFlow.js layers models inside JavaScript modules, as npm's `nsfwjs` ships one.
//!
//! The modules are read as text and nothing of them is run: the list of weights is a literal
//! that JSON5 covers, the weights are base64 strings of 8-bit values, each quantised between a
//! minimum and a maximum: `value = min + scale * byte`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::Error;
use crate::inception_v3::{CONVOLUTIONS, ConvWeights, in_order, layer_number};

/// Letters of the list of weights at the most; InceptionV3's has 60,000.
const LONGEST: usize = 1 << 20;
/// How deep it may be nested; a shape or a quantisation stands four deep.
const DEEPEST: usize = 16;

/// One entry of a layers model's `weightsManifest`.
#[derive(Deserialize)]
struct Group {
    weights: Vec<Weight>,
}

#[derive(Deserialize)]
struct Weight {
    name: String,
    shape: Vec<usize>,
    quantization: Quantization,
}

#[derive(Deserialize)]
struct Quantization {
    min: f64,
    scale: f64,
    dtype: String,
}

/// InceptionV3's weights from the module with the topology and the modules with the shards, in
/// their order.
///
/// # Errors
/// Where the modules are not of that form, or hold another network.
pub fn inception_v3(model: &str, shards: &[String]) -> Result<Vec<ConvWeights>, Error> {
    let manifest = literal(model, "weightsManifest:")?;
    let groups: Vec<Group> =
        json5::from_str(manifest).map_err(|error| Error::Weights(format!("weightsManifest: {error}")))?;
    let mut bytes = Vec::new();
    for shard in shards {
        let text = string(shard, "exports=\"")?;
        STANDARD.decode_vec(text, &mut bytes).map_err(|error| Error::Weights(format!("base64: {error}")))?;
    }
    let (mut convs, mut norms) = (BTreeMap::new(), BTreeMap::<usize, [Vec<f32>; 3]>::new());
    let mut rest = bytes.as_slice();
    for weight in groups.iter().flat_map(|group| &group.weights) {
        if weight.quantization.dtype != "uint8" {
            return Err(Error::Weights(format!("{} is of {}", weight.name, weight.quantization.dtype)));
        }
        let count = weight.shape.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
        let piece = count.and_then(|count| rest.split_at_checked(count));
        let Some((piece, after)) = piece else {
            return Err(Error::Weights(format!("the shards end before {}", weight.name)));
        };
        rest = after;
        let Quantization { min, scale, .. } = weight.quantization;
        let values: Vec<f32> = piece.iter().map(|&byte| (min + scale * f64::from(byte)) as f32).collect();
        let (layer, part) = weight.name.split_once('/').unwrap_or((&weight.name, ""));
        if let Some(number) = layer_number(layer, "conv2d") {
            convs.insert(number, (weight.shape.clone(), values));
        } else if let Some(number) = layer_number(layer, "batch_normalization") {
            let norm = norms.entry(number).or_default();
            match part {
                "beta" => norm[0] = values,
                "moving_mean" => norm[1] = values,
                "moving_variance" => norm[2] = values,
                _ => return Err(Error::Weights(format!("an unknown weight {}", weight.name))),
            }
        }
    }
    let weights = in_order(convs, norms)?;
    match weights.len() {
        CONVOLUTIONS => Ok(weights),
        other => Err(Error::Weights(format!("{other} convolutions instead of {CONVOLUTIONS}"))),
    }
}

/// The array literal after `key`, up to its closing bracket. The parser goes as deep as it is told to, and
/// takes many times the memory: what is nested deeply or too long is not given to it.
fn literal<'a>(text: &'a str, key: &str) -> Result<&'a str, Error> {
    let missing = || Error::Weights(format!("no {key} in the module"));
    let start = text.find(key).ok_or_else(missing)? + key.len();
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, letter) in text[start..].char_indices().take(LONGEST) {
        match (quote, letter) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(mark), _) if mark == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[' | '{') if depth < DEEPEST => depth += 1,
            (None, ']' | '}') if depth > 0 => depth -= 1,
            // A slash begins a comment, which minified modules do not have.
            (None, '[' | '{' | ']' | '}' | '/') => return Err(missing()),
            (None, _) => {}
        }
        if depth == 0 {
            return Ok(&text[start..start + at + letter.len_utf8()]);
        }
    }
    Err(missing())
}

/// The string literal after `key`, up to its closing quote.
fn string<'a>(text: &'a str, key: &str) -> Result<&'a str, Error> {
    let after = text.split_once(key).map(|(_, after)| after);
    let inside = after.and_then(|after| after.split_once('"')).map(|(inside, _)| inside);
    inside.ok_or_else(|| Error::Weights("no string in the shard".to_owned()))
}
