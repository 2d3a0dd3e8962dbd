//! Numbers in messages and records as they lie in memory, which is little-endian: one by one they would take
//! longer to write than to compute. For serde's `with`.

use bytemuck::Pod;
use serde::{Deserialize, Deserializer, Serializer, de::Error};
use serde_bytes::Bytes;

#[cfg(target_endian = "big")]
compile_error!("numbers are sent and kept as they lie in memory, which is little-endian");

/// Writes `values` as bytes.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<T: Pod, S: Serializer>(values: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytemuck::cast_slice(values))
}

/// What [`serialize`] wrote, of a format that lends its bytes.
///
/// # Errors
/// Those of the deserializer, and where the bytes are not those of whole numbers.
pub fn deserialize<'de, T: Pod, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let bytes = <&Bytes>::deserialize(deserializer)?;
    let whole = bytes.len().is_multiple_of(size_of::<T>());
    whole.then(|| bytemuck::pod_collect_to_vec(bytes)).ok_or_else(|| D::Error::custom("a number is cut off"))
}
