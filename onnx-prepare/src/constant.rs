//! The values of a network's constants.

use half::f16;

use crate::Error;
use crate::proto::{FLOAT, FLOAT16, Tensor};
use crate::shapes::LONGEST;

/// A float32 constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Its shape; empty for a single number.
    pub dims: Vec<usize>,
    /// Its values, as many as the product of the sides, the last side fastest.
    pub values: Vec<f32>,
}

impl Constant {
    /// The constant that `tensor` holds, float32 or float16. One of another type has no values.
    ///
    /// # Errors
    /// Where its values do not fit its shape, or a side is longer than any that is computed with.
    pub fn of(tensor: &Tensor) -> Result<Self, Error> {
        let fail = |why: String| Error::Constant { name: tensor.name.clone(), why };
        let dims = dims(tensor)?;
        let values: Vec<f32> = match (tensor.data_type, tensor.raw_data.is_empty()) {
            (FLOAT, true) => tensor.float_data.clone(),
            (FLOAT, false) => tensor
                .raw_data
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect(),
            (FLOAT16, _) => {
                tensor.raw_data.chunks_exact(2).map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
            }
            // Other types serve as shapes and settings; nodes that need them are refused.
            _ => return Ok(Self { dims, values: Vec::new() }),
        };
        let expected = dims.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
        if expected != Some(values.len()) {
            return Err(fail(format!("has {} values for shape {dims:?}", values.len())));
        }
        Ok(Self { dims, values })
    }
}

/// A constant's shape.
pub(crate) fn dims(tensor: &Tensor) -> Result<Vec<usize>, Error> {
    let side = |&side: &i64| usize::try_from(side).ok().filter(|side| *side <= LONGEST);
    let dims: Option<Vec<usize>> = tensor.dims.iter().map(side).collect();
    let why = || format!("has shape {:?}", tensor.dims);
    dims.ok_or_else(|| Error::Constant { name: tensor.name.clone(), why: why() })
}
