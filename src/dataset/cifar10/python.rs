//! CIFAR-10's files for Python (`cifar-10-python.tar.gz`): each batch is the pickle of a dictionary, with
//! the pixels as an array under `data` and the labels as a list under `labels`.

use std::io::{self, BufReader, Read};

use super::pickle::{self, PickleError, Value};
use super::{Batches, PIXELS, Part, planes};
use crate::dataset::{Around, DatasetError};

/// Bytes of a pickle at the most; a batch of 10,000 images has 31 million.
const LONGEST: u64 = 36_000_000;

/// First bytes of a pickle of protocol 2 to 5.
pub fn is_pickle(header: &[u8]) -> bool {
    matches!(header, [0x80, 2..=5, ..])
}

/// The classes' names in `batches.meta`.
pub fn read_classes(name: &str, file: impl Read) -> Result<Vec<String>, DatasetError> {
    let meta = read(name, file)?;
    let Some(Value::List(names)) = meta.get("label_names") else { return Err(damaged(name, NO_BATCH)) };
    Ok(names.values().iter().filter_map(Value::text).map(str::to_owned).collect())
}

/// Adds a batch's images to `batches`.
pub async fn read_batch<A: Around>(
    batches: &mut Batches<'_, A>,
    name: &str,
    part: Part,
    file: impl Read,
) -> Result<(), DatasetError> {
    let batch = read(name, file)?;
    let (Some(Value::Array(pixels)), Some(Value::List(labels))) = (batch.get("data"), batch.get("labels"))
    else {
        return Err(damaged(name, NO_BATCH));
    };
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
        batches.push(name, part, *label, planes(pixels)).await?;
    }
    Ok(())
}

const NO_BATCH: &str = "it is no batch of CIFAR-10";

fn read(name: &str, file: impl Read) -> Result<Value, DatasetError> {
    pickle::read(BufReader::new(file.take(LONGEST))).map_err(|error| match error {
        PickleError::Read(error) => error.into(),
        other => damaged(name, other),
    })
}

fn damaged(name: &str, why: impl ToString) -> DatasetError {
    io::Error::new(io::ErrorKind::InvalidData, format!("`{name}`: {}", why.to_string())).into()
}
