//! NumPy's arrays in pickles, in the three ways that its versions write them.

use std::rc::Rc;

use super::{PickleError, Value};

/// An array; without a shape it is not built yet.
#[derive(Clone, Debug, Default)]
pub struct Array {
    /// The sides.
    pub shape: Vec<u64>,
    /// The values' type, such as `u1`.
    pub kind: String,
    /// The values in C order.
    pub data: Rc<Vec<u8>>,
}

/// What the function `name` makes of `arguments`.
pub fn call(name: &str, arguments: &[Value]) -> Result<Value, PickleError> {
    match (name, arguments) {
        // An array that a state completes, and a type of values.
        ("numpy.core.multiarray._reconstruct" | "numpy._core.multiarray._reconstruct", _) => {
            Ok(Value::Array(Rc::default()))
        }
        ("numpy.dtype", [kind, ..]) => {
            Ok(Value::Kind(kind.text().ok_or(PickleError::Damaged("a type has no name"))?.into()))
        }
        // Python 3 writes bytes so where Python 2 shall read them.
        ("_codecs.encode", [Value::Text(text), encoding]) if encoding.text() == Some("latin1") => {
            let bytes: Option<Vec<u8>> = text.chars().map(|letter| u8::try_from(letter).ok()).collect();
            Ok(Value::Bytes(bytes.ok_or(PickleError::Damaged("bytes are no bytes"))?.into()))
        }
        // Protocol 5: everything at once.
        (
            "numpy.core.numeric._frombuffer" | "numpy._core.numeric._frombuffer",
            [Value::Bytes(data), kind, shape, order],
        ) => array(shape, kind, order.text() != Some("C"), data),
        _ => Err(PickleError::Call(name.chars().take(100).collect())),
    }
}

/// `object` completed by `state`.
pub fn build(object: Value, state: &Value) -> Result<Value, PickleError> {
    match (&object, state) {
        // The order of a value's bytes, which bytes do not have.
        (Value::Kind(_), _) => Ok(object),
        (Value::Array(_), Value::Tuple(state)) => match state.values() {
            [_, shape, kind, Value::Bool(fortran), Value::Bytes(data)] => array(shape, kind, *fortran, data),
            _ => Err(PickleError::Damaged("an array is of another form")),
        },
        _ => Err(PickleError::Damaged("it builds what is no array")),
    }
}

fn array(shape: &Value, kind: &Value, fortran: bool, data: &Rc<Vec<u8>>) -> Result<Value, PickleError> {
    let (Value::Tuple(sides), Value::Kind(kind), false) = (shape, kind, fortran) else {
        return Err(PickleError::Damaged("an array is of another form"));
    };
    let side = |side: &Value| match side {
        Value::Int(side) => u64::try_from(*side).ok(),
        _ => None,
    };
    let shape: Option<Vec<u64>> = sides.values().iter().map(side).collect();
    let shape = shape.ok_or(PickleError::Damaged("an array has no shape"))?;
    Ok(Value::Array(Rc::new(Array { shape, kind: kind.to_string(), data: data.clone() })))
}
