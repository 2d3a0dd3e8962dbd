//! ONNX's messages, as far as convolutional networks use them. Numbers of fields and types are
//! those of `onnx.proto3`; fields that are not here are dropped when a file is read.

use half::f16;
use prost::Message;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use crate::Error;

/// An ONNX file.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Model {
    /// Version of the format.
    #[prost(int64, tag = "1")]
    pub ir_version: i64,
    /// The program that wrote it.
    #[prost(string, tag = "2")]
    pub producer_name: String,
    /// The network.
    #[prost(message, optional, tag = "7")]
    pub graph: Option<Graph>,
    /// Versions of the operators' meaning.
    #[prost(message, repeated, tag = "8")]
    pub opset_import: Vec<OperatorSet>,
    /// What else is said about the network.
    #[prost(message, repeated, tag = "14")]
    pub metadata_props: Vec<Entry>,
}

/// One thing that is said about a network.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Entry {
    /// What it is about.
    #[prost(string, tag = "1")]
    pub key: String,
    /// What is said.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// Version of a set of operators; the standard set's domain is empty.
#[derive(Clone, PartialEq, prost::Message)]
pub struct OperatorSet {
    /// Name of the set.
    #[prost(string, tag = "1")]
    pub domain: String,
    /// Its version.
    #[prost(int64, tag = "2")]
    pub version: i64,
}

/// A network: nodes in an order in which they can be computed.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Graph {
    /// The operations.
    #[prost(message, repeated, tag = "1")]
    pub node: Vec<Node>,
    /// Name of the network.
    #[prost(string, tag = "2")]
    pub name: String,
    /// The weights.
    #[prost(message, repeated, tag = "5")]
    pub initializer: Vec<Tensor>,
    /// What goes in; older files name the weights here too.
    #[prost(message, repeated, tag = "11")]
    pub input: Vec<ValueInfo>,
    /// What comes out.
    #[prost(message, repeated, tag = "12")]
    pub output: Vec<ValueInfo>,
    /// Shapes of what is in between.
    #[prost(message, repeated, tag = "13")]
    pub value_info: Vec<ValueInfo>,
}

/// One operation.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Node {
    /// Names of its inputs; an empty name is an input left out.
    #[prost(string, repeated, tag = "1")]
    pub input: Vec<String>,
    /// Names of its outputs.
    #[prost(string, repeated, tag = "2")]
    pub output: Vec<String>,
    /// Its own name.
    #[prost(string, tag = "3")]
    pub name: String,
    /// The operator, such as `Conv`.
    #[prost(string, tag = "4")]
    pub op_type: String,
    /// Its settings.
    #[prost(message, repeated, tag = "5")]
    pub attribute: Vec<Attribute>,
}

/// A setting of a node.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Attribute {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// A number.
    #[prost(float, tag = "2")]
    pub f: f32,
    /// An integer.
    #[prost(int64, tag = "3")]
    pub i: i64,
    /// A text.
    #[prost(bytes = "vec", tag = "4")]
    pub s: Vec<u8>,
    /// A constant.
    #[prost(message, optional, tag = "5")]
    pub t: Option<Tensor>,
    /// Integers.
    #[prost(int64, repeated, packed = "false", tag = "8")]
    pub ints: Vec<i64>,
    /// Which of the fields counts: 1 `f`, 2 `i`, 3 `s`, 4 `t`, 7 `ints`.
    #[prost(int32, tag = "20")]
    pub kind: i32,
}

/// `Attribute::kind` of a number.
pub const KIND_FLOAT: i32 = 1;
/// `Attribute::kind` of an integer.
pub const KIND_INT: i32 = 2;
/// `Attribute::kind` of a list of integers.
pub const KIND_INTS: i32 = 7;

/// A constant.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Tensor {
    /// Its shape.
    #[prost(int64, repeated, packed = "false", tag = "1")]
    pub dims: Vec<i64>,
    /// Its type: [`FLOAT`], [`FLOAT16`], [`INT64`] or one of those not used here.
    #[prost(int32, tag = "2")]
    pub data_type: i32,
    /// Its values, where it is float32 and they are not in `raw_data`.
    #[prost(float, repeated, tag = "4")]
    pub float_data: Vec<f32>,
    /// Its name.
    #[prost(string, tag = "8")]
    pub name: String,
    /// Its values, little endian.
    #[prost(bytes = "vec", tag = "9")]
    pub raw_data: Vec<u8>,
    /// Where its values are, if not here: `location`, `offset` and `length` in bytes.
    #[prost(message, repeated, tag = "13")]
    pub external_data: Vec<Entry>,
    /// 0 for values that are here, [`EXTERNAL`] for those that are not.
    #[prost(int32, tag = "14")]
    pub data_location: i32,
}

/// `Tensor::data_location` of values that are not in the file.
pub const EXTERNAL: i32 = 1;

/// `Tensor::data_type` of float32.
pub const FLOAT: i32 = 1;
/// `Tensor::data_type` of unsigned bytes.
pub const UINT8: i32 = 2;
/// `Tensor::data_type` of 64-bit integers.
pub const INT64: i32 = 7;
/// `Tensor::data_type` of float16.
pub const FLOAT16: i32 = 10;

/// Name, type and shape of a value.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ValueInfo {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its type.
    #[prost(message, optional, tag = "2")]
    pub r#type: Option<Type>,
}

/// A value's type; tensors only.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Type {
    /// Type and shape of a tensor.
    #[prost(message, optional, tag = "1")]
    pub tensor_type: Option<TensorType>,
}

/// Type and shape of a tensor.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TensorType {
    /// Type of its values, as `Tensor::data_type`.
    #[prost(int32, tag = "1")]
    pub elem_type: i32,
    /// Its shape.
    #[prost(message, optional, tag = "2")]
    pub shape: Option<Shape>,
}

/// A shape.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Shape {
    /// Its sides.
    #[prost(message, repeated, tag = "1")]
    pub dim: Vec<Dimension>,
}

/// A side of a shape.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Dimension {
    /// Its length, where it is fixed.
    #[prost(int64, optional, tag = "1")]
    pub dim_value: Option<i64>,
    /// Its name, where it is not.
    #[prost(string, optional, tag = "2")]
    pub dim_param: Option<String>,
}

/// Fields of a file at the most, and for so many bytes one more; InceptionV3 has 20,000.
const MOST_PARTS: usize = 100_000;
const BYTES_A_PART: usize = 64;

/// Which of a message's fields are messages, and what those hold. Lists of numbers count by the byte.
type Layout = &'static [(u32, Inside)];

#[derive(Clone, Copy)]
enum Inside {
    Message(Layout),
    Numbers,
}
use Inside::{Message as In, Numbers};

const MODEL: Layout = &[(7, In(GRAPH)), (8, In(&[])), (14, In(&[]))];
const GRAPH: Layout = &[(1, In(NODE)), (5, In(TENSOR)), (11, In(VALUE)), (12, In(VALUE)), (13, In(VALUE))];
const NODE: Layout = &[(5, In(&[(5, In(TENSOR)), (8, Numbers)]))];
const TENSOR: Layout = &[(1, Numbers)];
const VALUE: Layout = &[(2, In(&[(1, In(&[(2, In(&[(1, In(&[]))]))]))]))];

/// Takes the fields of a message off `parts`; `None` where there are too many or it is no message.
fn count(mut bytes: &[u8], layout: Layout, parts: &mut usize) -> Option<()> {
    while !bytes.is_empty() {
        *parts = parts.checked_sub(1)?;
        let (tag, wire) = decode_key(&mut bytes).ok()?;
        let inside = layout.iter().find(|(field, _)| *field == tag).map(|(_, inside)| *inside);
        match (wire, inside) {
            (WireType::LengthDelimited, Some(inside)) => {
                let length = usize::try_from(decode_varint(&mut bytes).ok()?).ok()?;
                let (message, rest) = bytes.split_at_checked(length)?;
                match inside {
                    In(layout) => count(message, layout, parts)?,
                    Numbers => *parts = parts.checked_sub(message.len())?,
                }
                bytes = rest;
            }
            _ => skip_field(wire, tag, &mut bytes, DecodeContext::default()).ok()?,
        }
    }
    Some(())
}

/// Version of the operators that is written: the newest whose operators wonnx knows.
const OPSET: i64 = 13;
/// Version of the file format that goes with it.
const IR_VERSION: i64 = 7;

impl Model {
    /// The file of a network.
    pub fn of(graph: Graph) -> Self {
        Self {
            ir_version: IR_VERSION,
            producer_name: "onnx-prepare".to_owned(),
            graph: Some(graph),
            opset_import: vec![OperatorSet { domain: String::new(), version: OPSET }],
            ..Self::default()
        }
    }

    /// The network in the ONNX file `bytes`.
    ///
    /// # Errors
    /// [`Error::NotOnnx`] where they are no such file, or one of more parts than a network has: an empty
    /// node is two bytes, and sixty times as much when it is decoded.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut parts = MOST_PARTS + bytes.len() / BYTES_A_PART;
        count(bytes, MODEL, &mut parts)
            .ok_or_else(|| Error::NotOnnx("too many parts, or none".to_owned()))?;
        Self::decode(bytes).map_err(|error| Error::NotOnnx(error.to_string()))
    }

    /// The ONNX file.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }
}

impl ValueInfo {
    /// A float32 tensor of fixed shape.
    pub fn float(name: &str, shape: &[usize]) -> Self {
        Self::of(name, FLOAT, shape.iter().map(fixed).collect())
    }

    /// A tensor of any number of things, named `symbol`, each of a fixed shape. `kind` is the type of
    /// its values, as `Tensor::data_type`.
    pub fn batch(name: &str, kind: i32, symbol: &str, shape: &[usize]) -> Self {
        let open = Dimension { dim_value: None, dim_param: Some(symbol.to_owned()) };
        Self::of(name, kind, std::iter::once(open).chain(shape.iter().map(fixed)).collect())
    }

    fn of(name: &str, elem_type: i32, dim: Vec<Dimension>) -> Self {
        let tensor_type = TensorType { elem_type, shape: Some(Shape { dim }) };
        Self { name: name.to_owned(), r#type: Some(Type { tensor_type: Some(tensor_type) }) }
    }

    /// The lengths of the sides; `None` where one is not fixed.
    pub fn dims(&self) -> Vec<Option<i64>> {
        let tensor = self.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref());
        let shape = tensor.and_then(|tensor| tensor.shape.as_ref());
        shape.map_or(Vec::new(), |shape| shape.dim.iter().map(|dim| dim.dim_value).collect())
    }
}

/// A side of a fixed length.
fn fixed(length: &usize) -> Dimension {
    Dimension { dim_value: Some(*length as i64), dim_param: None }
}

impl Node {
    /// A node named after its output.
    pub fn new(op: &str, input: &[&str], output: &str, attribute: Vec<Attribute>) -> Self {
        Self {
            input: input.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            name: output.to_owned(),
            op_type: op.to_owned(),
            attribute,
        }
    }

    /// The setting `name`.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attribute.iter().find(|attribute| attribute.name == name)
    }

    /// The setting `name` as integers.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }
}

impl Attribute {
    /// A list of integers.
    pub fn ints(name: &str, ints: &[i64]) -> Self {
        Self { name: name.to_owned(), ints: ints.to_vec(), kind: KIND_INTS, ..Self::default() }
    }

    /// An integer.
    pub fn int(name: &str, i: i64) -> Self {
        Self { name: name.to_owned(), i, kind: KIND_INT, ..Self::default() }
    }

    /// A number.
    pub fn float(name: &str, f: f32) -> Self {
        Self { name: name.to_owned(), f, kind: KIND_FLOAT, ..Self::default() }
    }
}

impl Tensor {
    /// A float32 constant.
    pub fn float(name: &str, dims: &[usize], values: &[f32]) -> Self {
        Self::of(name, FLOAT, dims, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    /// A float16 constant.
    pub fn half(name: &str, dims: &[usize], values: &[f16]) -> Self {
        Self::of(name, FLOAT16, dims, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    /// A constant of 64-bit integers; without any side it is a single one.
    pub fn int64(name: &str, dims: &[usize], values: &[i64]) -> Self {
        Self::of(name, INT64, dims, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    fn of(name: &str, data_type: i32, dims: &[usize], raw_data: Vec<u8>) -> Self {
        let dims = dims.iter().map(|&side| side as i64).collect();
        Self { dims, data_type, name: name.to_owned(), raw_data, ..Self::default() }
    }
}
