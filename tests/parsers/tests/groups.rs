//! wonnx reads networks with protobuf 2.28. Of protobuf before 3.7.2 it is said that groups within groups, which
//! it skips, end the stack (RUSTSEC-2024-0437). wonnx gets none of a file's own bytes: `packed::pack` parses the
//! file, whose parser has a limit, and writes what wonnx gets anew, of nothing but the fields that are known here.

#![allow(clippy::unwrap_used)]

use onnx_prepare::Error;
use onnx_prepare::packed::pack;
use parsers::Parser;

/// The first and the last byte of a group of the field 15, which no message of ONNX has.
const GROUP: [u8; 2] = [15 << 3 | 3, 15 << 3 | 4];
/// Groups within groups: more than a stack of 1 MB, such as WebAssembly's, has bytes for.
const DEEP: usize = 1_000_000;

/// A network as it is stored, which the WebGPU engine packs.
fn stored() -> Vec<u8> {
    (Parser::named("onnx").seeds)().into_iter().rfind(|seed| pack(seed.clone()).is_ok()).unwrap()
}

fn groups(depth: usize) -> Vec<u8> {
    [vec![GROUP[0]; depth], vec![GROUP[1]; depth]].concat()
}

/// The field 7 of a model, its graph, of these bytes: one that stands twice is put together.
fn graph(bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![7 << 3 | 2];
    let mut length = bytes.len();
    while length >= 128 {
        field.push(length as u8 | 128);
        length >>= 7;
    }
    field.push(length as u8);
    [field, bytes.to_vec()].concat()
}

#[test]
fn groups_within_groups_are_refused_before_wonnx() {
    for bytes in [groups(DEEP), graph(&groups(DEEP)), vec![GROUP[0]; DEEP], graph(&vec![GROUP[0]; DEEP])] {
        let refused = pack([stored(), bytes].concat()).unwrap_err();
        assert!(matches!(refused, Error::NotOnnx(_)), "{refused}");
    }
}

#[test]
fn wonnx_gets_no_group_and_no_field_that_is_unknown() {
    let known = pack(stored()).unwrap();
    for bytes in [groups(1), groups(50), graph(&groups(50)), vec![15 << 3 | 2, 3, 1, 2, 3]] {
        assert!(pack([stored(), bytes].concat()).unwrap() == known);
    }
}
