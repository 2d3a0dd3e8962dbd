//! Real data that is not part of this repository, and may not be there.

use std::fs::File;
use std::path::PathBuf;

use crate::skipped::skipped;

/// The file `name` of the shared folder; says so where it is not there.
pub fn file(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).join(name);
    if path.exists() {
        return Some(path);
    }
    skipped(&format!("{name} is not beside this checkout"));
    None
}

/// The array `name` of an `.npz` file, with its shape.
pub fn npz_array<T: npyz::Deserialize>(path: &PathBuf, name: &str) -> (Vec<u64>, Vec<T>) {
    let mut npz = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    let array = npyz::NpyFile::new(npz.by_name(&format!("{name}.npy")).unwrap()).unwrap();
    (array.shape().to_vec(), array.into_vec().unwrap())
}
