//! A trained head, or a whole classifier, as an ONNX file for any runtime that reads operators of
//! version 13, such as ONNX Runtime.
//!
//! Any number of images, N, goes through at once. What the page does not know by the head alone, when
//! an answer is withheld, is not in these files.

use onnx_prepare::embed::embed;
use onnx_prepare::proto::{
    Attribute, Entry, FLOAT, FLOAT16, Graph, Model, Node, OperatorSet, Tensor, UINT8, ValueInfo,
};

use super::InterchangeError;
use crate::backbone::{FeatureShape, Manifest};
use crate::head::{Head, Preset};

mod layers;

/// Version of the operators' meaning, that of the prepared backbones.
const OPSET: i64 = 13;
/// Version of the file format that goes with it.
const IR_VERSION: i64 = 7;
/// Name of the number of images.
const IMAGES: &str = "N";
/// The names of what goes in and comes out.
pub const FEATURES: &str = "features";
/// The classifier's input.
pub const IMAGE: &str = "image";
/// The output of both.
pub const PROBABILITIES: &str = "probabilities";
/// What the names of a backbone's values begin with.
const BACKBONE: &str = "backbone/";
/// From channels last to channels first.
const CHANNELS_FIRST: [i64; 4] = [0, 3, 1, 2];

/// The head as an ONNX file: `features`, float32 N x height x width x channels, become
/// `probabilities`, float32 N x classes, each image's summing to 1. Its metadata hold the kind of
/// head, the shape of the input and the classes' names (a JSON list, in the order of the output).
///
/// # Errors
/// [`InterchangeError::Classes`] where there are more or fewer names than classes,
/// [`InterchangeError::Untrained`] for nearest neighbours without any.
pub fn head(head: &Head, classes: &[String]) -> Result<Vec<u8>, InterchangeError> {
    check_head(head, classes)?;
    let FeatureShape { height, width, channels } = head.shape();
    let mut graph = Graph { name: "head".to_owned(), ..Graph::default() };
    graph.input.push(ValueInfo::batch(FEATURES, FLOAT, IMAGES, &[height, width, channels]));
    let first = Attribute::ints("perm", &CHANNELS_FIRST);
    graph.node.push(Node::new("Transpose", &[FEATURES], "channels_first", vec![first]));
    layers::add(head, "channels_first", PROBABILITIES, &mut graph);
    let input = format!("{IMAGES} x {height} x {width} x {channels}");
    Ok(write(graph, head, classes, vec![entry("input", input)]))
}

/// The whole classifier as an ONNX file: `image`, uint8 N x size x size x 3 (RGB, resized as
/// `manifest` says), becomes `probabilities`, float32 N x classes. `backbone` is the file that
/// `manifest` describes; its weights stay float16, so that this file is about as large. Features are
/// rounded to float16 on their way, as they are where the head was trained. Metadata as those of
/// [`head()`], and the backbone's name, licence, source and SHA-256.
///
/// # Errors
/// Those of [`head()`]; [`InterchangeError::Backbone`] where the file is
/// none, is not the one that the manifest describes, or does not fit the head.
pub fn classifier(
    backbone: impl AsRef<[u8]>,
    manifest: &Manifest,
    head: &Head,
    classes: &[String],
) -> Result<Vec<u8>, InterchangeError> {
    check_head(head, classes)?;
    let part = Model::from_bytes(backbone.as_ref()).map_err(unfit)?;
    // The weights are in the graph now, and would be there twice.
    drop(backbone);
    let part = part.graph.ok_or_else(|| unfit("there is no graph"))?;
    check_backbone(&part, manifest, head)?;
    let size = manifest.input_size as usize;
    let mut graph = Graph { name: "classifier".to_owned(), ..Graph::default() };
    graph.input.push(ValueInfo::batch(IMAGE, UINT8, IMAGES, &[size, size, 3]));
    let (input, output) = (format!("{BACKBONE}{}", manifest.input), format!("{BACKBONE}{}", manifest.output));
    scale(manifest, &input, &mut graph);
    let mut part = embed(part, BACKBONE).map_err(unfit)?;
    graph.node.append(&mut part.node);
    graph.initializer.append(&mut part.initializer);
    graph.node.push(cast(&output, "half", FLOAT16));
    graph.node.push(cast("half", FEATURES, FLOAT));
    layers::add(head, FEATURES, PROBABILITIES, &mut graph);
    let said = vec![
        entry("input", format!("{IMAGES} x {size} x {size} x 3, RGB, 0 to 255")),
        entry("backbone", &manifest.name),
        entry("backbone_licence", &manifest.licence),
        entry("backbone_source", &manifest.source),
        entry("backbone_sha256", &manifest.sha256),
    ];
    Ok(write(graph, head, classes, said))
}

/// What is between the image and the backbone's input: the same operations in the same order as
/// [`crate::pixels::network_input`].
fn scale(manifest: &Manifest, input: &str, graph: &mut Graph) {
    graph.initializer.push(Tensor::float("scale", &[], &[manifest.scaling.scale]));
    graph.initializer.push(Tensor::float("offset", &[], &[manifest.scaling.offset]));
    let first = Attribute::ints("perm", &CHANNELS_FIRST);
    graph.node.extend([
        cast(IMAGE, "pixels", FLOAT),
        Node::new("Mul", &["pixels", "scale"], "scaled", Vec::new()),
        Node::new("Add", &["scaled", "offset"], "shifted", Vec::new()),
        Node::new("Transpose", &["shifted"], input, vec![first]),
    ]);
}

fn check_backbone(graph: &Graph, manifest: &Manifest, head: &Head) -> Result<(), InterchangeError> {
    let FeatureShape { height, width, channels } = manifest.features;
    if manifest.features != head.shape() {
        let (found, expected) = (manifest.features, head.shape());
        return Err(unfit(format!("it makes features of {found:?}, the head takes {expected:?}")));
    }
    let ([input], [output]) = (graph.input.as_slice(), graph.output.as_slice()) else {
        return Err(unfit("it has not one input and one output"));
    };
    let size = manifest.input_size as usize;
    for (value, name, shape) in [
        (input, &manifest.input, [1, 3, size, size]),
        (output, &manifest.output, [1, channels, height, width]),
    ] {
        if value.name != *name || value.dims() != shape.map(|side| Some(side as i64)) {
            let why = format!("`{}` of {:?} instead of `{name}` of {shape:?}", value.name, value.dims());
            return Err(unfit(why));
        }
    }
    Ok(())
}

fn check_head(head: &Head, classes: &[String]) -> Result<(), InterchangeError> {
    if classes.len() != head.classes() {
        return Err(InterchangeError::Classes { names: classes.len(), classes: head.classes() });
    }
    let (_, labels) = head.remembered();
    match head.preset() == Preset::Nearest && labels.is_empty() {
        true => Err(InterchangeError::Untrained),
        false => Ok(()),
    }
}

fn unfit(cause: impl ToString) -> InterchangeError {
    InterchangeError::Backbone(cause.to_string())
}

fn cast(input: &str, output: &str, to: i32) -> Node {
    Node::new("Cast", &[input], output, vec![Attribute::int("to", i64::from(to))])
}

fn entry(key: &str, value: impl Into<String>) -> Entry {
    Entry { key: key.to_owned(), value: value.into() }
}

/// The file of a network that ends in probabilities. The same network gives the same bytes.
fn write(mut graph: Graph, head: &Head, classes: &[String], mut said: Vec<Entry>) -> Vec<u8> {
    graph.output.push(ValueInfo::batch(PROBABILITIES, FLOAT, IMAGES, &[classes.len()]));
    said.push(entry("head", head.preset().name()));
    said.push(entry("classes", serde_json::Value::from(classes).to_string()));
    Model {
        ir_version: IR_VERSION,
        producer_name: "bottleneck".to_owned(),
        graph: Some(graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPSET }],
        metadata_props: said,
    }
    .to_bytes()
}
