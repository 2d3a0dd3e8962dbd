//! The files for Python (`cifar-10-python.tar.gz`): each batch is the pickle of a dictionary, with the pixels
//! as an array under `data` and the labels as a list under `labels`, in CIFAR-100 under `fine_labels`.

use std::io::{self, BufReader, Read};

use super::pickle::{self, PickleError, Value};
use super::{Batches, PIXELS, Part, Set, planes};
use crate::dataset::{Around, DatasetError};

/// Bytes of a pickle at the most; CIFAR-100's 50,000 images have 156 million.
const LONGEST: u64 = 180_000_000;

/// First bytes of a pickle of protocol 2 to 5.
pub fn is_pickle(header: &[u8]) -> bool {
    matches!(header, [0x80, 2..=5, ..])
}

/// The classes' names in `batches.meta`, or in CIFAR-100's `meta`.
pub fn read_classes(name: &str, file: impl Read) -> Result<Vec<String>, DatasetError> {
    let meta = read(name, file)?;
    let names = meta.get("label_names").or_else(|| meta.get("fine_label_names"));
    let Some(Value::List(names)) = names else { return Err(damaged(name, NO_BATCH)) };
    Ok(names.values().iter().filter_map(Value::text).map(str::to_owned).collect())
}

/// Adds a batch's images to `batches`. Which part it is it says itself, else its name.
pub async fn read_batch<A: Around>(
    batches: &mut Batches<'_, A>,
    name: &str,
    file: impl Read,
) -> Result<(), DatasetError> {
    let batch = read(name, file)?;
    let (set, labels) = match batch.get("fine_labels") {
        None => (Set::Ten, batch.get("labels")),
        fine => (Set::Hundred, fine),
    };
    let (Some(Value::Array(pixels)), Some(Value::List(labels))) = (batch.get("data"), labels) else {
        return Err(damaged(name, NO_BATCH));
    };
    let said = batch.get("batch_label").and_then(Value::text).map_or(Part::Unknown, Part::labelled);
    batches.begin(name, said.or(Part::of(name)), set)?;
    let labels = labels.values();
    if pixels.shape != [labels.len() as u64, PIXELS as u64] || !matches!(pixels.kind.as_str(), "u1" | "|u1") {
        let what = format!("pixels of {:?} {} for {} labels", pixels.shape, pixels.kind, labels.len());
        return Err(damaged(name, what));
    }
    if pixels.data.len() != labels.len() * PIXELS {
        return Err(damaged(name, format!("{} pixels for {} labels", pixels.data.len(), labels.len())));
    }
    for (pixels, label) in pixels.data.chunks_exact(PIXELS).zip(labels) {
        let Value::Int(label) = label else { return Err(damaged(name, "a label is no integer")) };
        batches.push(name, *label, planes(pixels)).await?;
    }
    Ok(())
}

const NO_BATCH: &str = "it is no batch of CIFAR-10 or CIFAR-100";

fn read(name: &str, file: impl Read) -> Result<Value, DatasetError> {
    pickle::read(BufReader::new(file.take(LONGEST))).map_err(|error| match error {
        PickleError::Read(error) => error.into(),
        other => damaged(name, other),
    })
}

fn damaged(name: &str, why: impl ToString) -> DatasetError {
    io::Error::new(io::ErrorKind::InvalidData, format!("`{name}`: {}", why.to_string())).into()
}
