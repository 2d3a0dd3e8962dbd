//! Numbers in messages and records as they lie in memory, which is little-endian float32: one by one they would
//! take longer to write than to compute.

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use serde_bytes::Bytes;

#[cfg(target_endian = "big")]
compile_error!("numbers are sent and kept as they lie in memory, which is little-endian");

/// Writes `values` as bytes.
pub fn serialize<S: Serializer>(values: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytemuck::cast_slice(values))
}

/// What [`serialize`] wrote.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
    let bytes = <&Bytes>::deserialize(deserializer)?;
    let whole = bytes.len().is_multiple_of(size_of::<f32>());
    whole.then(|| bytemuck::pod_collect_to_vec(bytes)).ok_or_else(|| D::Error::custom("a number is cut off"))
}
