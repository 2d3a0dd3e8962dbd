//! Trained heads in other programs: the exported files and the programs that the page offers beside
//! them, run by the real ONNX Runtime, safetensors, NumPy and Keras.

use std::fs;
use std::path::Path;

use bottleneck::backbone::{FeatureShape, NOTEBOOK};
use bottleneck::head::{Head, Preset, Settings};
use bottleneck::interchange::features::{FeatureWriter, Part};
use bottleneck::interchange::program::{About, Kind, Language, program, quoted};
use bottleneck::interchange::{InterchangeError, keras, onnx};
use half::f16;
use tempfile::tempdir;

use crate::head::{Training, check_close, examples, fresh, shake};
use crate::python;

/// Wider than high, so that no two sides can be mistaken for each other.
const WIDE: FeatureShape = FeatureShape { height: 2, width: 4, channels: 6 };
const HIGH: FeatureShape = FeatureShape { height: 5, width: 3, channels: 7 };

/// Names as people may write them: quotes, ends of lines, what turns the direction of writing, what a
/// template takes for a value's place, and code.
pub fn names() -> Vec<String> {
    let names =
        ["perro \"grande\" ñ 漢 🐶", "it's\\\r\n@FILE@ \u{202e}\u{2028}", "\"]); raise SystemExit(1)  #"];
    names.map(str::to_owned).into()
}

/// A head that has learnt, with numbers that are no defaults.
pub fn trained(preset: Preset, shape: FeatureShape) -> (Head, Settings) {
    let (features, labels) = examples(60, shape, 3, 1);
    let settings = Settings { epochs: 3, batch: 16, filters: 4, ..Settings::of(preset) };
    let mut training = Training::new(features, labels, shape, 3, settings).unwrap();
    training.run().unwrap();
    let mut head = training.best().head;
    shake(&mut head);
    (head, settings)
}

/// Every program in a folder, as `python NAME.py ARGUMENTS` would run it, one after the other; each
/// one's probabilities go to NAME.f32.
const RUN_ALL: &str = r#"
import glob, os, runpy, sys
import numpy as np
# They are to say this themselves.
del os.environ["ORT_DISABLE_TELEMETRY"]
arguments = sys.argv[1:]
for path in sorted(glob.glob("*.py")):
    sys.argv = [path, *arguments]
    probabilities = runpy.run_path(path, run_name="__main__")["probabilities"]
    assert probabilities.dtype == np.float32, probabilities.dtype
    probabilities.tofile(path[:-3] + ".f32")
"#;

pub fn run_programs(folder: &Path, arguments: &[&str]) -> String {
    let printed = python::run(RUN_ALL, folder, arguments);
    python::check_silent(folder);
    printed
}

pub fn probabilities(folder: &Path, name: &str) -> Vec<f32> {
    let bytes = fs::read(folder.join(name).with_extension("f32")).unwrap();
    bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}

fn write_features(folder: &Path, shape: FeatureShape, features: &[f16]) {
    let images = (features.len() / shape.len()) as u64;
    let mut writer = FeatureWriter::new(Part::Test, images, shape).unwrap();
    let mut bytes = writer.push(features).unwrap();
    bytes.extend(writer.finish().unwrap());
    fs::write(folder.join(Part::Test.file_name(NOTEBOOK)), bytes).unwrap();
}

/// Exports heads of `presets` with `kind`, runs the programs on 300 images, more than go through at
/// once, and compares what comes out.
fn check(kind: Kind, presets: &[Preset], export: impl Fn(&Head) -> (Vec<u8>, &'static str)) {
    for (shape, language) in [(WIDE, Language::Spanish), (HIGH, Language::English)] {
        let folder = tempdir().unwrap();
        let (features, _) = examples(300, shape, 3, 5);
        write_features(folder.path(), shape, &features);
        let heads: Vec<_> = presets.iter().map(|preset| (preset.name(), trained(*preset, shape))).collect();
        for (name, (head, settings)) in &heads {
            let (bytes, ending) = export(head);
            let file = format!("{name} \"1\"{ending}");
            fs::write(folder.path().join(&file), bytes).unwrap();
            let features = Part::Test.file_name(NOTEBOOK);
            let about = About {
                kind,
                language,
                shape,
                input_size: 0,
                settings,
                classes: &names(),
                file: &file,
                features: &features,
            };
            fs::write(folder.path().join(format!("{name}.py")), program(&about)).unwrap();
        }
        let printed = run_programs(folder.path(), &[]);
        assert_eq!(printed.lines().filter(|line| line.contains('%')).count(), 10 * heads.len(), "{printed}");
        for (name, (head, _)) in &heads {
            let ours = head.probabilities(&features).unwrap();
            check_close(name, &ours, &probabilities(folder.path(), name), 1e-5);
        }
    }
}

#[test]
fn onnx_runtime_classifies_with_every_head() {
    check(Kind::Onnx, &Preset::ALL, |head| (onnx::head(head, &names()).unwrap(), ".onnx"));
}

#[test]
fn numpy_classifies_with_the_safetensors_of_every_head() {
    check(Kind::Safetensors, &Preset::ALL, |head| (head.to_bytes().unwrap(), ".safetensors"));
}

#[test]
fn keras_classifies_with_the_weights_of_every_head_that_has_any() {
    let presets = [Preset::Notebook, Preset::Quick, Preset::Strong];
    check(Kind::Keras, &presets, |head| (keras::weights(head).unwrap(), keras::ENDING));
    let (head, _) = trained(Preset::Nearest, WIDE);
    assert!(matches!(keras::weights(&head), Err(InterchangeError::NoWeights)));
}

#[test]
fn an_onnx_head_says_what_it_is() {
    let folder = tempdir().unwrap();
    let (head, _) = trained(Preset::Notebook, WIDE);
    fs::write(folder.path().join("head.onnx"), onnx::head(&head, &names()).unwrap()).unwrap();
    let program = r#"
import json, sys
import numpy as np
import onnxruntime
session = onnxruntime.InferenceSession("head.onnx", providers=["CPUExecutionProvider"])
(given,), (made,) = session.get_inputs(), session.get_outputs()
assert (given.name, given.type, given.shape) == ("features", "tensor(float)", ["N", 2, 4, 6]), given
assert (made.name, made.type, made.shape) == ("probabilities", "tensor(float)", ["N", 3]), made
said = session.get_modelmeta().custom_metadata_map
assert said["head"] == "notebook" and said["input"] == "N x 2 x 4 x 6"
print(json.dumps(json.loads(said["classes"])))
one = np.linspace(-1, 1, 48, dtype=np.float32).reshape(1, 2, 4, 6)
many = np.repeat(one, 9, axis=0)
alone, together = (session.run(None, {"features": x})[0] for x in [one, many])
assert alone.shape == (1, 3) and together.shape == (9, 3)
assert np.abs(together - alone).max() < 1e-6
"#;
    let printed = python::run(program, folder.path(), &[]);
    assert_eq!(serde_json::from_str::<Vec<String>>(&printed).unwrap(), names());
}

#[test]
fn heads_that_do_not_fit_are_refused() {
    let (head, _) = trained(Preset::Quick, WIDE);
    let found = onnx::head(&head, &names()[..2]);
    assert!(matches!(found, Err(InterchangeError::Classes { names: 2, classes: 3 })), "{found:?}");
    let found = onnx::head(&fresh(Preset::Nearest, WIDE, 3, 1), &names());
    assert!(matches!(found, Err(InterchangeError::Untrained)), "{found:?}");
}

#[test]
fn python_reads_any_name_as_it_was_written() {
    let mut texts = names();
    texts.extend(
        ["", "\0", "'''", "\"\"\"", "{x}", "%s", "\\N{DASH}", "\u{feff}", "e\u{301}"].map(str::to_owned),
    );
    texts.push((0..0x300).filter_map(char::from_u32).collect());
    texts.push((0x1f000..0x20100).filter_map(char::from_u32).collect());
    let literals: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    assert!(literals.iter().all(|literal| literal.lines().count() == 1));
    let folder = tempdir().unwrap();
    let program = format!("import json\nprint(json.dumps([{}]))", literals.join(", "));
    fs::write(folder.path().join("names.py"), program).unwrap();
    let printed = python::run("exec(open('names.py', encoding='utf-8').read())", folder.path(), &[]);
    assert_eq!(serde_json::from_str::<Vec<String>>(&printed).unwrap(), texts);
}
